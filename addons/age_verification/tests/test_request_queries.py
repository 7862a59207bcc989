from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCase

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRequestQueries(ProviderCommon, MailCase):
    """Asking many buyers costs as much for each as asking one, and not while they wait."""

    def _create_invoices(self, count):
        buyers = [self._create_buyer(f"Buyer{number}") for number in range(count)]
        return self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": buyer.id,
                    "company_id": self.company.id,
                    "invoice_line_ids": [Command.create({"product_id": self.gin.id})],
                }
                for buyer in buyers
            ]
        )

    def _count_queries(self, method, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        method(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _requests(self, invoices):
        requests = self.env["age.request"].sudo()
        return requests.search([("move_id", "in", invoices.ids)])

    def test_asking_many_buyers_costs_as_many_queries_as_few(self):
        self._create_invoices(1)._age_ask_buyer()  # access rules are read once
        counts = [
            self._count_queries(self._create_invoices(number)._age_ask_buyer)
            for number in (10, 40)
        ]
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 30)

    def test_asking_again_costs_as_many_queries_for_many_as_for_few(self):
        few, many = self._create_invoices(10), self._create_invoices(40)
        counts = []
        for invoices in (few | many, few, many):
            invoices._age_ask_buyer()
            self._requests(invoices).is_ask_due = False
            counts.append(self._count_queries(invoices._age_ask_buyer))
        self.assertEqual(counts[1], counts[2])

    def test_job_judges_many_requests_at_once(self):
        few, many = self._create_invoices(10), self._create_invoices(40)
        (few | many)._age_ask_buyer()
        counts = [
            self._count_queries(self._requests(invoices)._get_verdicts)
            for invoices in (few, few, many)
        ]
        self.assertEqual(counts[1], counts[2])

    def test_no_mail_is_written_while_an_invoice_is_held(self):
        invoices = self._create_invoices(3)
        with self.mock_mail_gateway():
            invoices.action_age_request()
            self.assertFalse(self._new_mails)
            self.assertEqual(self._requests(invoices).mapped("is_ask_due"), [True] * 3)
            self._run_jobs("ask")
        self.assertEqual(
            self._new_mails.recipient_ids.sorted("id"), invoices.partner_id.sorted("id")
        )
        self.assertFalse(any(self._requests(invoices).mapped("is_ask_due")))

    def test_one_mail_that_cannot_be_written_stops_no_other(self):
        invoices = self._create_invoices(3)
        template = self.env.ref("age_verification.mail_template_request")
        template.body_html = (
            '<t t-out=\'{"Buyer0": 1, "Buyer2": 2}[object.partner_id.name]\'/>'
        )
        invoices.action_age_request()
        with (
            self.mock_mail_gateway(),
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
        ):
            self._run_jobs("ask")
        asked = self._new_mails.filtered(lambda mail: mail.model == "age.request")
        self.assertEqual(asked.recipient_ids.mapped("name"), ["Buyer0", "Buyer2"])
        self.assertIn("cannot be written", invoices[1].activity_ids.summary)
        self.assertFalse(any(self._requests(invoices).mapped("is_ask_due")))

    def test_buyer_who_has_proved_before_the_job_runs_is_not_written_to(self):
        invoice = self._create_invoices(1)
        invoice.action_age_request()
        self._prove(18, buyer=invoice.partner_id)
        with self.mock_mail_gateway():
            self._run_jobs("ask")
        self.assertFalse(self._new_mails)

    def test_sale_without_a_buyer_is_held_and_asks_nobody(self):
        receipt = self._create_invoices(1)
        receipt.partner_id = False
        receipt.partner_shipping_id = False
        receipt._age_hold("invoice")
        self.assertTrue(receipt.age_held_since)
        self.assertFalse(self._requests(receipt))
