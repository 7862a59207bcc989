from lxml import html

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import MarketplaceCommon


@tagged("post_install", "-at_install")
class TestInvoiceReport(MarketplaceCommon):
    """The printed invoice says where the order came from and how it was paid."""

    def _print(self, invoice, user=None):
        """Return the text of the printed invoice, as the user sees it."""
        Report = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, _type = Report._render_qweb_html(
            "account.account_invoices", invoice.ids
        )
        return " ".join(html.fromstring(content).text_content().split())

    def test_invoice_names_channel_order_shipping_and_payment(self):
        shipping = {
            "id": 9,
            "method_title": "Express parcel",
            "method_id": "flat_rate",
            "total": "0.00",
            "total_tax": "0.00",
            "taxes": [],
        }
        order = self._import_one(number=77, shipping_lines=[shipping])
        self.assertEqual(order.state, "invoiced")
        text = self._print(order.invoice_id)
        self.assertIn("Sold on Web shop", text)
        self.assertIn("Order Number 77", text)
        self.assertIn("Shipping Express parcel", text)
        self.assertIn("Payment Paid", text)
        self.assertNotIn("Reference 77", text, "the number is not printed twice")

    def test_unpaid_invoice_says_so(self):
        order = self._import_one(
            number=78,
            date_paid_gmt=None,
            payment_method="cod",
            payment_method_title="Cash on delivery",
        )
        order.action_invoice_now()
        self.assertEqual(order.invoice_payment_state, "not_paid")
        text = self._print(order.invoice_id)
        self.assertIn("Payment To be paid", text)

    def test_delivery_address_is_printed_without_the_setting_of_core(self):
        values = self._woo_order(79)
        values["shipping"] = {**values["shipping"], "address_1": "7 Harbour Road"}
        invoice = self._import([values]).order_ids.invoice_id
        self.assertNotEqual(invoice.partner_shipping_id, invoice.partner_id)
        group = self.env.ref("account.group_delivery_invoice_address")
        for active in (False, True):
            self.env.user.group_ids = [
                (Command.link if active else Command.unlink)(group.id)
            ]
            text = self._print(invoice)
            self.assertEqual(
                text.count("7 Harbour Road"), 1, f"setting of core: {active}"
            )

    def test_accountant_without_marketplace_rights_prints_the_invoice(self):
        order = self._import_one(number=80)
        clerk = new_test_user(
            self.env,
            "invoice_clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertFalse(order.with_user(clerk).has_access("read"))
        self.assertIn("Order Number 80", self._print(order.invoice_id, clerk))

    def test_ordinary_invoice_is_printed_as_before(self):
        invoice = self.init_invoice("out_invoice", products=self.bowl, post=True)
        self.assertNotIn("Sold on", self._print(invoice))
