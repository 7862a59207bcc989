"""What the flow tests of dunning share: companies that owe, and processes that remind them."""

from __future__ import annotations

from flow_support import Database, Outcome, finish, start, start_script

#: Customers that owe one invoice each, overdue by eight days; number n owes 100 + n.
CUSTOMERS = 16

#: Reminders may leave at any hour, as a test does not choose when it runs.
SHOP = f"""
from datetime import timedelta
company = env.company
company.email = "office@example.com"
company.alias_domain_id = env["mail.alias.domain"].create({{"name": "example.com"}})
# A notice must say where to pay to.
env["res.partner.bank"].create({{
    "acc_number": "4406 1107 2290", "partner_id": company.partner_id.id,
}})
policy = company.dunning_policy_id
policy.write({{
    "send_from": 0, "send_to": 24, "send_weekends": True, "respect_holidays": False,
}})
# Nobody wants to wait for the PDF of each invoice here.
policy.level_ids.attach_invoices = False
env.ref("base.user_admin").email = "clerk@example.com"
env["ir.mail_server"].create({{
    "name": "Test", "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_encryption": "none",
}})
customers = env["res.partner"].create([
    {{
        "name": f"Customer {{number}}", "is_company": True,
        "email": f"customer{{number}}@example.com",
        "street": "1 Main Street", "city": "Portland", "country_id": env.ref("base.us").id,
    }}
    for number in range(1, {CUSTOMERS} + 1)
])
today = company._get_dunning_today()
invoices = env["account.move"].create([
    {{
        "move_type": "out_invoice",
        "partner_id": customer.id,
        "invoice_date": today - timedelta(days=38),
        "invoice_payment_term_id": env.ref("account.account_payment_term_30days").id,
        "is_move_sent": True,
        "invoice_line_ids": [(0, 0, {{
            "name": "Walnut bowl", "quantity": 1, "price_unit": 100 + number,
            "tax_ids": [],
        }})],
    }}
    for number, customer in enumerate(customers, start=1)
])
invoices.action_post()
env.cr.commit()
"""

#: What a person does in the morning; the background job may begin.
PROPOSE_AND_APPROVE = """
run = env["dunning.run"].create({})
run.action_propose()
run.action_approve_all()
run.action_send()
env.cr.commit()
"""

#: What the scheduler does.
SEND = """
env["dunning.notice"]._cron_send()
env.cr.commit()
"""

#: As the scheduler later: what was put off because a server did not answer is due again.
WAIT_FOR_RETRY = """
env["dunning.notice"].search([("send_after", "!=", False)]).write({"send_after": False})
env.cr.commit()
"""


def email(number: int) -> str:
    return f"customer{number}@example.com"


#: What customers have received when each has one mail.
ALL_EMAILS = {email(number): 1 for number in range(1, CUSTOMERS + 1)}


def received(mail) -> dict[str, int]:
    """Return how many mails each customer got; the clerk's own mail is not counted."""
    return {
        address: count
        for address, count in mail.recipients().items()
        if address.startswith("customer")
    }


class Debtors(Database):
    """A database with customers that owe."""

    def use_mail_server(self, port: int) -> None:
        """Let Odoo hand its mail to this port."""
        self.execute("UPDATE ir_mail_server SET smtp_port = %s", port)

    def notice_states(self) -> dict[str, int]:
        sql = "SELECT state, count(*) FROM dunning_notice GROUP BY state"
        return self.pairs(sql)

    def states_by_email(self) -> dict[str, str]:
        """Return the state of each customer's notice that was not cancelled."""
        return self.pairs(
            """
            SELECT partner.email, notice.state
              FROM dunning_notice notice
              JOIN res_partner partner ON partner.id = notice.contact_id
             WHERE notice.state != 'cancelled'
            """
        )

    def levels_by_email(self) -> dict[str, str]:
        """Return the name of the level that counts for each customer, where one does."""
        return self.pairs(
            """
            SELECT partner.email, level.name ->> 'en_US'
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN dunning_level level ON level.id = line.dunning_level_id
            """
        )

    def wait_until_alone(self) -> None:
        """The server ends the transaction of a killed client only when it notices."""
        gone = """
            SELECT count(*) FROM pg_stat_activity
             WHERE datname = %s AND pid != pg_backend_pid()
        """
        while self.value(gone, self.name):
            pass


def send(database: Database) -> Outcome:
    """Send what is approved; what a mail server refuses may be in the log, no more."""
    outcome = finish(start_script(database, SEND))
    assert outcome.code == 0, outcome.stderr
    return outcome


def run_dunning(database: Database, *args: object) -> Outcome:
    """Run ``bin/odoo dunning_run``."""
    return finish(start("dunning_run", "-d", database.name, *args))
