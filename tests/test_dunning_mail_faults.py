"""A mail server that is down, refuses somebody, hangs up, or brings a mail back."""

from __future__ import annotations

from dunning_support import (
    ALL_EMAILS,
    CUSTOMERS,
    SEND,
    WAIT_FOR_RETRY,
    email,
    received,
    send,
)
from flow_support import run_script

#: Some time later: what is due then, as (e-mail, verdict, main reason) lines.
PROPOSE_LATER = """
from datetime import timedelta
company = env.company
day = company._get_dunning_today() + timedelta(days={days})
for debt in env["dunning.run"]._forecast(company, day):
    customer = env["res.partner"].browse(debt.partner_id)
    level = env["dunning.level"].browse(debt.level.key)
    verdict = env["dunning.gate"]._prepare_verdict(debt.reasons)
    print("item", customer.email, verdict["verdict"], verdict["reason"], level.name, sep="|")
env.cr.rollback()
"""

TASKS = """
    SELECT partner.email
      FROM mail_activity activity JOIN res_partner partner ON partner.id = activity.res_id
     WHERE activity.res_model = 'res.partner' AND activity.active
"""

#: What a mail server writes to the sender when a mailbox does not exist any more.
BOUNCE = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {bounce_to}
Subject: Undelivered Mail Returned to Sender
Date: Mon, 2 Nov 2026 10:00:00 +0000
Message-ID: <bounce-{number}@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

--frontier
Content-Type: text/plain; charset=us-ascii

The mail system: <{recipient}>: mailbox unknown

--frontier
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--frontier
Content-Type: message/rfc822

Message-ID: {message_id}
From: office@example.com
To: {recipient}
Subject: Reminder

--frontier--
"""

ROUTE_IN = """
env["mail.thread"].message_process(None, {content!r})
env.cr.commit()
"""


def later(debtors, days):
    """Return (verdict, reason, level) of each customer in a proposal so many days on."""
    outcome = run_script(debtors.name, PROPOSE_LATER.format(days=days))
    lines = [line.split("|") for line in outcome.stdout.splitlines()]
    return {line[1]: tuple(line[2:]) for line in lines if line[0] == "item"}


def assert_one_failed_and_the_others_went_on(debtors, failed):
    """The failed notice does not count, a person is asked for an address, no escalation."""
    assert debtors.notice_states() == {"sent": CUSTOMERS - 1, "failed": 1}
    assert debtors.states_by_email()[failed] == "failed"
    assert set(debtors.levels_by_email()) == set(ALL_EMAILS) - {failed}
    assert debtors.rows(TASKS) == [(failed,)]
    # A month on the others are at the second level, this one still at the first.
    verdicts = later(debtors, 30)
    assert verdicts[failed] == ("blocked", "bounced", "Friendly reminder")
    assert verdicts[email(1)] == ("send", "False", "Second reminder")


def test_server_down_puts_everything_off_and_loses_nothing(approved, mail):
    approved.use_mail_server(1)
    send(approved)
    assert mail.recipients() == {}
    assert approved.notice_states() == {"approved": CUSTOMERS}
    assert approved.levels_by_email() == {}
    waiting = """
        SELECT count(*) FROM dunning_notice
         WHERE send_after > now() AT TIME ZONE 'UTC' AND error_text IS NOT NULL
    """
    # Each try would wait for a server that does not answer, so the first is the last.
    assert approved.value(waiting) == 1
    # Nobody is at fault, so nobody is asked for another address.
    assert approved.rows(TASKS) == []
    approved.use_mail_server(mail.port)
    # The one that was tried goes when its retry is due, the others at once.
    send(approved)
    assert sum(received(mail).values()) == len(received(mail)) == CUSTOMERS - 1
    run_script(approved.name, WAIT_FOR_RETRY + SEND)
    assert received(mail) == ALL_EMAILS
    assert approved.notice_states() == {"sent": CUSTOMERS}


def test_refused_recipient_fails_alone_and_is_reached_at_a_new_address(approved, mail):
    mail.refused.add(email(3))
    send(approved)
    assert_one_failed_and_the_others_went_on(approved, email(3))
    assert set(received(mail)) == set(ALL_EMAILS) - {email(3)}
    mend = f"""
env["res.partner"].search([("email", "=", {email(3)!r})]).email = "new@example.com"
env["dunning.notice"].search([("state", "=", "failed")]).action_send_again()
"""
    run_script(approved.name, mend + SEND)
    assert mail.recipients()["new@example.com"] == 1
    assert approved.notice_states() == {"sent": CUSTOMERS}
    assert approved.states_by_email()["new@example.com"] == "sent"


def test_server_that_hangs_up_after_taking_the_message_sends_nobody_two(approved, mail):
    """The connection is lost before the answer: the mail may have left, so a person asks."""
    mail.at["stored"] = lambda stored: stored == 5
    send(approved)
    assert received(mail) == ALL_EMAILS
    run_script(approved.name, WAIT_FOR_RETRY + SEND)
    assert received(mail) == ALL_EMAILS
    assert approved.notice_states() == {"sent": CUSTOMERS - 1, "uncertain": 1}


def route_bounce_in(debtors, mail, address, number):
    """Give the mail gateway what a customer's mail server writes back to the sender."""
    (message,) = [one for one in mail.messages() if address in str(one["To"])]
    bounce = BOUNCE.format(
        bounce_to=message["X-MailFrom"],
        recipient=address,
        message_id=message["Message-ID"],
        number=number,
    )
    run_script(debtors.name, ROUTE_IN.format(content=bounce))


def test_bounce_takes_the_level_back_and_stops_the_next_one(approved, mail):
    send(approved)
    assert received(mail) == ALL_EMAILS
    assert email(3) in approved.levels_by_email()
    # A mail server that says so twice changes nothing.
    route_bounce_in(approved, mail, email(3), number=1)
    route_bounce_in(approved, mail, email(3), number=2)
    assert_one_failed_and_the_others_went_on(approved, email(3))
