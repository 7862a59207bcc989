from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestTours(DunningCommon, HttpCase):
    """What an accountant does each day, in a real browser, as an ordinary user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant.write(
            {
                "company_ids": [Command.set(cls.company.ids)],
                "email": "accountant@example.com",
            }
        )
        # The browser's clock cannot be stopped, so the day is today's, at any hour.
        cls.policy.write(
            {
                "mode": "review",
                "send_from": 0,
                "send_to": 24,
                "send_weekends": True,
                "respect_holidays": False,
            }
        )
        cls.invoice = cls._create_late_invoice(100, cls.customer)
        cls._create_late_invoice(70, cls._create_customer("Silent Mill"))
        cls._create_late_invoice(
            4, cls._create_customer("Cherry Lane", email="cherry@example.com")
        )

    @classmethod
    def _create_late_invoice(cls, amount, partner):
        due = fields.Date.today() - timedelta(days=8)
        return cls._create_invoice_one_line(
            price_unit=amount,
            partner_id=partner,
            invoice_date=due,
            invoice_date_due=due,
            invoice_payment_term_id=None,
            tax_ids=[],
            post=True,
        )

    def _trigger_send(self):
        """Override: an HTTP test is in test mode already."""
        cron = self.env.ref("dunning_tiers.ir_cron_send_dunning_notice")
        cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_accountant_reviews_a_proposal_and_its_notice_is_delivered(self):
        self.start_tour(
            "/odoo/dunning-proposals",
            "dunning_review_and_send",
            login=self.accountant.login,
        )
        notice = self.env["dunning.notice"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertRecordValues(
            notice,
            [
                {
                    "partner_id": self.customer.id,
                    "state": "approved",
                    "approved_by_id": self.accountant.id,
                }
            ],
        )
        with self.mock_mail_gateway():
            self._trigger_send()
        self.assertEqual(len(self._mails), 1)
        mail = self._mails[0]
        self.assertEqual(mail["email_to"], ['"Walnut & Sons" <walnut@example.com>'])
        self.assertIn("accountant@example.com", mail["reply_to"])
        self.assertIn(self.invoice.name, mail["body"])
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)

    def test_accountant_finds_what_was_sent_from_notice_and_invoice(self):
        run = self._propose(fields.Date.today())
        run.action_approve_all()
        self._send(run)
        self.start_tour(
            "/odoo/dunning-notices", "dunning_sent_notice", login=self.accountant.login
        )
        self.assertEqual(self.invoice.dunning_notice_count, 1)
