from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.mail.tests.common import MockEmail

from .ledger_common import TODAY, LedgerCommon

BODY = """<div>
<p>Dear <t t-out="object.contact_id.name"/>,</p>
<t t-call="dunning_tiers.notice_items_table"/>
<t t-call="dunning_tiers.notice_payment"/>
<p>If you see it differently, answer to <t t-out="object._get_reply_email()"/>,
<t t-out="object.company_id.name"/>.</p>
</div>"""


class DunningCommon(LedgerCommon, MockEmail):
    """A company with a policy in automatic mode without spot checks, and its mail."""

    @classmethod
    def get_default_groups(cls):
        manager = cls.quick_ref("dunning_tiers.group_dunning_manager")
        return super().get_default_groups() | manager

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"
        cls.bank_account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "DE89 3704 0044 0532 0130 00",
                "partner_id": cls.company.partner_id.id,
            }
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Reminder",
                "model_id": cls.env["ir.model"]._get_id("dunning.notice"),
                "subject": "Reminder {{ object.name }}",
                "body_html": BODY,
            }
        )
        cls.policy = cls._create_policy()
        cls.company.dunning_policy_id = cls.policy
        cls.customer.write({"email": "walnut@example.com", "tz": "UTC"})
        cls.friendly, cls.firm, cls.final, cls.escalation = cls.policy.level_ids

    @classmethod
    def _create_customer(cls, name, **kwargs):
        return super()._create_customer(name, **{"tz": "UTC", **kwargs})

    @classmethod
    def _create_policy(cls, **kwargs):
        policy = cls.env["dunning.policy"].create(
            {
                "name": "Standard",
                "company_id": cls.company.id,
                "user_id": cls.accountant.id,
                "mode": "automatic",
                "spot_check_percent": 0,
                **kwargs,
            }
        )
        notices = policy.level_ids.filtered(lambda level: level.kind == "notice")
        notices.write({"mail_template_id": cls.template.id, "attach_invoices": False})
        return policy

    @classmethod
    def _create_bank_line(cls, text, amount, date=TODAY, **kwargs):
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.company_data["default_journal_bank"].id,
                "date": date,
                "payment_ref": text,
                "amount": amount,
                **kwargs,
            }
        )

    @classmethod
    def _propose(cls, date=TODAY, **kwargs):
        """Propose and group on a day, or today for a day that is past."""
        day = fields.Date.to_date(date)
        vals = {
            "company_id": cls.company.id,
            "date": day,
            "user_id": cls.accountant.id,
            **kwargs,
        }
        with freeze_time(f"{max(day, fields.Date.today())} 12:00:00"):
            run = cls.env["dunning.run"].create(vals)
            run.action_propose()
        return run

    def _send(self, run):
        """Send what is approved, and return the mails that left."""
        run._send()
        with self.mock_mail_gateway():
            self._trigger_send()
        return self._mails

    def _trigger_send(self):
        """Send through the cron, as the scheduler does."""
        cron = self.env.ref("dunning_tiers.ir_cron_send_dunning_notice")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def _mail_server_refuses(self, *addresses, reply="550 5.1.1 User unknown"):
        """A mail server that accepts all recipients but these."""
        with self.mock_mail_gateway():
            deliver = self.send_email_mocked.side_effect

            def send_email(model, message, *args, **kwargs):
                if any(address in message["To"] for address in addresses):
                    raise MailDeliveryException(reply)
                return deliver(model, message, *args, **kwargs)

            self.send_email_mocked.side_effect = send_email
            yield

    @contextmanager
    def _mail_server_down(self):
        refused = ConnectionRefusedError("Connection refused")
        with (
            self.mock_mail_gateway(),
            patch("smtplib.SMTP", side_effect=refused) as connect,
        ):
            yield connect

    def _propose_and_send(self, date=TODAY):
        run = self._propose(date)
        self._send(run)
        return run

    def _codes(self, item):
        """Codes of the reasons of an item."""
        return [reason["code"] for reason in item.reasons or ()]

    def _assert_reason(self, move, code, run=None):
        """A proposal leaves the invoice out for this reason first, and mails nobody."""
        run = run or self._propose()
        item = run.item_ids.filtered(lambda item: item.move_id == move)
        self.assertEqual(item.mapped("reason"), [code], self._codes(item))
        self.assertFalse(run.notice_ids.filtered(lambda n: move in n.item_ids.move_id))
