"""Killed with SIGKILL while reminding: nobody gets two notices, nobody is forgotten."""

from __future__ import annotations

import pytest
from dunning_support import (
    ALL_EMAILS,
    CUSTOMERS,
    PROPOSE_AND_APPROVE,
    SEND,
    received,
    send,
)
from flow_support import kill, run_script, start_script, wait_until

#: Messages that the mail server has stored when the process is killed.
BEFORE_KILL = 5

PROPOSE_NOTHING = """
run = env["dunning.run"].create({})
run.action_propose()
assert not run.notice_ids, run.notice_ids
assert set(run.item_ids.mapped("verdict")) == {"wait"}, run.item_ids.mapped("reason")
env.cr.commit()
"""

#: Everything is written, and nothing of it committed.
PROPOSE_AND_STOP = """
import pathlib, time
run = env["dunning.run"].create({{}})
run.action_propose()
env.flush_all()
assert run.notice_ids
pathlib.Path({mark!r}).touch()
time.sleep(600)
"""


def killed_at(step, debtors, mail, script=SEND):
    """Kill the sending process when a message has come to that step."""
    process = start_script(debtors, script)
    killed = []

    def strike(stored):
        if stored >= BEFORE_KILL and not killed:
            killed.append(True)
            kill(process)

    mail.at[step] = strike
    process.wait(300)
    mail.at.clear()
    assert killed, process.communicate()
    debtors.wait_until_alone()


def open_tasks(debtors):
    """Return whose notices a person is asked to look at."""
    return {
        email
        for (email,) in debtors.rows(
            """
            SELECT partner.email
              FROM mail_activity activity
              JOIN dunning_notice notice ON notice.id = activity.res_id
              JOIN res_partner partner ON partner.id = notice.contact_id
             WHERE activity.res_model = 'dunning.notice' AND activity.active
            """
        )
    }


def assert_nobody_twice_nobody_forgotten(debtors, mail):
    """Each customer has one mail and a sent notice, or a notice that a person looks at."""
    mails = received(mail)
    assert set(mails) <= set(ALL_EMAILS)
    assert set(mails.values()) == {1}
    states = debtors.states_by_email()
    assert set(states) == set(ALL_EMAILS)
    assert set(states.values()) <= {"sent", "uncertain"}
    sent = {email for email, state in states.items() if state == "sent"}
    uncertain = set(states) - sent
    assert sent <= set(mails)
    assert uncertain == open_tasks(debtors)
    assert set(debtors.levels_by_email()) == sent
    return uncertain


@pytest.mark.parametrize(
    "step",
    [
        # The mail server heard a recipient's name, and no message.
        "rcpt",
        # It has stored the message, and nobody is left to hear so.
        "stored",
    ],
)
def test_kill_in_the_middle_of_a_message(approved, mail, step):
    killed_at(step, approved, mail)
    assert len(mail.messages()) == BEFORE_KILL
    send(approved)
    uncertain = assert_nobody_twice_nobody_forgotten(approved, mail)
    assert len(uncertain) == 1
    reached = set(received(mail))
    assert len(reached) == (CUSTOMERS if step == "stored" else CUSTOMERS - 1)
    assert (uncertain <= reached) == (step == "stored")


def test_message_that_did_not_leave_is_sent_once_when_a_person_says_so(approved, mail):
    killed_at("rcpt", approved, mail)
    send(approved)
    assert_nobody_twice_nobody_forgotten(approved, mail)
    again = 'notices = env["dunning.notice"].search([("state", "=", "uncertain")])\n'
    run_script(approved.name, again + "notices.action_send_again()\n" + SEND)
    assert received(mail) == ALL_EMAILS
    assert approved.notice_states() == {"sent": CUSTOMERS}


def test_message_that_did_leave_counts_when_a_person_says_so(approved, mail):
    killed_at("stored", approved, mail)
    send(approved)
    arrived = 'notices = env["dunning.notice"].search([("state", "=", "uncertain")])\n'
    run_script(approved.name, arrived + "notices.action_mark_arrived()\n" + SEND)
    assert received(mail) == ALL_EMAILS
    assert approved.notice_states() == {"sent": CUSTOMERS}
    assert set(approved.levels_by_email()) == set(ALL_EMAILS)


def test_kill_between_messages(approved, mail):
    """Three kills, each after some more messages, at whatever the process does then."""
    for count in (3, 7, 12):
        process = start_script(approved, SEND)
        wait_until(lambda count=count: len(mail.mailbox.numbers()) >= count, process)
        kill(process)
        approved.wait_until_alone()
    send(approved)
    assert_nobody_twice_nobody_forgotten(approved, mail)


def test_sending_again_after_all_is_sent_sends_nothing(approved, mail):
    send(approved)
    assert received(mail) == ALL_EMAILS
    send(approved)
    run_script(approved.name, PROPOSE_NOTHING + SEND)
    assert received(mail) == ALL_EMAILS


def test_kill_while_proposing_leaves_no_half_proposal(debtors, mail, tmp_path):
    """Proposing is one transaction: the next try finds nothing of it."""
    mark = tmp_path / "proposed"
    process = start_script(debtors, PROPOSE_AND_STOP.format(mark=str(mark)))
    wait_until(mark.exists, process)
    kill(process)
    debtors.wait_until_alone()
    for table in ("dunning_run", "dunning_item", "dunning_notice"):
        assert debtors.value(f"SELECT count(*) FROM {table}") == 0
    run_script(debtors.name, PROPOSE_AND_APPROVE + SEND)
    assert received(mail) == ALL_EMAILS
