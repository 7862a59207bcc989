from odoo.fields import Command

from .common import MarketplaceCommon


class TestAutoInvoice(MarketplaceCommon):
    """The company's trigger for ordinary sale orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("marketplace_invoicing.ir_cron_invoice_sale_order")

    def _create_sale(self, product=None, **kwargs):
        return self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": (product or self.bowl).id, "price_unit": 10.0}
                    )
                ],
                **kwargs,
            }
        )

    def _run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def test_manual_companies_are_left_alone(self):
        sale = self._create_sale()
        sale.action_confirm()
        self._run_cron()
        self.assertFalse(sale.invoice_ids)

    def test_confirmed_order_is_invoiced_and_posted(self):
        self.company.sale_auto_invoice_trigger = "order"
        confirmed, quotation = self._create_sale(), self._create_sale()
        confirmed.action_confirm()
        self._run_cron()
        self.assertEqual(confirmed.invoice_ids.state, "posted")
        self.assertFalse(quotation.invoice_ids)

    def test_delivered_order_is_invoiced_once_everything_is_delivered(self):
        self.company.sale_auto_invoice_trigger = "delivered"
        goods = self._create_article(
            "JAR", "Jar", invoice_policy="delivery", type="consu"
        )
        sale = self._create_sale(goods)
        sale.action_confirm()
        self._run_cron()
        self.assertFalse(sale.invoice_ids)
        sale.order_line.qty_delivered = 1.0
        self._run_cron()
        self.assertEqual(sale.invoice_ids.state, "posted")

    def test_old_orders_are_left_alone_when_switched_on(self):
        sale = self._create_sale()
        sale.action_confirm()
        sale.date_order = "2020-01-01"
        self.company.sale_auto_invoice_trigger = "order"
        self._run_cron()
        self.assertFalse(sale.invoice_ids)

    def test_failure_becomes_an_activity_and_stops_no_other(self):
        self.company.sale_auto_invoice_trigger = "order"
        bad, good = self._create_sale(self.spoon), self._create_sale()
        (bad | good).action_confirm()
        broken = self.env["account.account"].create(
            {
                "name": "Retired",
                "code": "RETIRED2",
                "account_type": "income",
                "active": False,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.spoon.property_account_income_id = broken
        self._run_cron()
        self.assertEqual(good.invoice_ids.state, "posted")
        self.assertFalse(bad.invoice_ids)
        self.assertEqual(bad.activity_ids.summary, "Automatic invoice failed")

    def test_marketplace_orders_follow_their_channel(self):
        self.company.sale_auto_invoice_trigger = "order"
        self.channel.invoice_trigger = "manual"
        order = self._import_one()
        self._run_cron()
        self.assertFalse(order.invoice_ids)
        order.action_invoice_now()
        self.assertEqual(order.invoice_id.state, "posted")
