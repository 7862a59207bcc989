from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestStatementReport(PayoutCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["artisan.content"].create(
            {
                "name": "Story",
                "kind": "note",
                "maker_id": cls.maker.id,
                "text": "<p>Poured by hand in Lyon.</p>",
            }
        )
        cls.maker.email = "candles@example.com"

    def _make(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1))
        self._claim(order)
        self.invoice = self._invoice(order)
        statement = self.env["artisan.statement"]._make_statements(
            self.company, "2026-08-01", "2026-08-31", self.maker
        )
        statement.action_confirm()
        return statement

    def _render(self, statement):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "artisan_pricing.artisan_statement_report", statement.ids
        )
        return " ".join(html2plaintext(html.decode()).split())

    def test_paper_lists_orders_discounts_commission_and_the_story(self):
        statement = self._make()
        text = self._render(statement)
        order = statement.entry_ids.mapped("order_ref")[0]
        for part in (
            statement.name,
            f"{self.invoice.name} · Order {order}",
            "Discount: Promotion borne by us",
            "Commission (15 %)",
            "Commission 15 %",
            "To be paid",
            "80.75",
            "Poured by hand in Lyon.",
            "please tell us yours",
        ):
            self.assertIn(part, text)

    def test_draft_without_entries_is_printed(self):
        statement = (
            self.env["artisan.statement"]
            .sudo()
            .create(
                {
                    "maker_id": self.other_maker.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date_from": "2026-08-01",
                    "date_to": "2026-08-31",
                }
            )
        )
        text = self._render(statement)
        self.assertIn("Draft Statement", text)
        self.assertIn("Nothing was booked", text)

    def test_letter_to_the_maker_brings_the_statement(self):
        statement = self._make()
        action = statement.action_send()
        composer = Form(
            self.env["mail.compose.message"].with_context(**action["context"])
        ).save()
        self.assertIn(statement.name, composer.subject)
        self.assertEqual(composer.partner_ids, self.maker)
        self.assertEqual(len(composer.attachment_ids), 1)
        self.assertIn("80.75", composer.body)
