from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestPayoutReconciliation(PayoutCommon):
    def _reconcile(self, month=8, **kwargs):
        last = {8: 31, 9: 30}[month]
        wizard = self.env["artisan.reconciliation"].create(
            {
                "date_from": f"2026-{month:02d}-01",
                "date_to": f"2026-{month:02d}-{last}",
                **kwargs,
            }
        )
        self.assertEqual(wizard.difference, 0)
        return wizard

    def _make(self, month=8):
        last = {8: 31, 9: 30}[month]
        statements = self.env["artisan.statement"]._make_statements(
            self.company, f"2026-{month:02d}-01", f"2026-{month:02d}-{last}"
        )
        statements.action_confirm()
        return statements

    def test_every_cent_of_a_month_is_accounted_for(self):
        self._create_promotion(maker_percent=30, discount=7)
        order = self._create_order((self.d, 3), (self.e, 1), (self.product, 2))
        self._claim(order)
        invoice = self._invoice(order)
        self._reverse(invoice, D=1)
        self._create_direct_invoice((self.candle, 1, 33.33), (self.product, 1, 5))
        before = self._reconcile()
        self.assertRecordValues(before, [{"payouts": 0, "adjustments": 0}])
        self.assertGreater(before.carried, 0)
        statements = self._make()
        after = self._reconcile()
        self.assertAlmostEqual(after.payouts, sum(statements.mapped("payout")))
        self.assertRecordValues(
            after,
            [{"carried": 0, "net": before.net, "platform": before.platform}],
        )

    def test_money_of_two_months_is_carried_over(self):
        self.maker.maker_payout_minimum = 100
        invoice = self._create_direct_invoice((self.candle, 1, 100))
        self._make()
        self.assertRecordValues(
            self._reconcile(), [{"carried": 85, "payouts": 0, "commission": 15}]
        )
        self._create_direct_invoice((self.candle, 1, 100), invoice_date="2026-09-02")
        self._make(9)
        self.assertRecordValues(
            self._reconcile(9), [{"carried": -85, "payouts": 170, "commission": 15}]
        )
        with freeze_time("2026-09-20"):
            invoice.button_draft()
            invoice.invoice_line_ids.price_unit = 50
            invoice.action_post()
        self.assertRecordValues(
            self._reconcile(8), [{"net": 50, "corrections": -85, "commission": 7.5}]
        )
        self.assertRecordValues(self._reconcile(9), [{"net": 100, "corrections": 85}])

    def test_discounts_ahead_free_products_and_excess_leave_no_difference(self):
        self._create_promotion(maker_percent=50, discount=10)
        self._create_promotion(
            "Free",
            reward_type="product",
            reward_product_id=self.candle.id,
            reward_product_qty=1,
            maker_percent=0,
        )
        order = self._create_order((self.d, 3, {"price_unit": 33.33}), (self.e, 1))
        self._claim(order)
        first = self._invoice(order, D=1)
        self._invoice(order, D=1, E=1, date="2026-09-01")
        self._reverse(first)
        self._reverse(first)
        august = self._reconcile()
        self.assertTrue(august.ahead)
        self._reconcile(9)

    def test_taxes_included_in_prices_leave_no_difference(self):
        tax = self.tax_sale_a.copy(
            {"name": "20 %", "amount": 20, "price_include_override": "tax_included"}
        )
        (self.d | self.e).taxes_id = tax
        self._create_promotion(maker_percent=30, discount=7)
        order = self._create_order(
            (self.d, 3, {"price_unit": 33.33}), (self.e, 1, {"price_unit": 9.99})
        )
        self._claim(order)
        first = self._invoice(order, D=1)
        self.assertEqual(first.invoice_line_ids[0].price_subtotal, 27.78)
        self._invoice(order, D=1, E=1)
        self._invoice(order)
        self._reverse(first)
        customers = sum(order.invoice_ids.mapped("amount_untaxed_signed"))
        self.assertAlmostEqual(self._reconcile().net, customers)

    def test_adjustments_move_money_between_maker_and_platform(self):
        self._create_direct_invoice((self.candle, 1, 100))
        self.env["artisan.payout.entry"].create(
            {
                "name": "Damaged",
                "maker_id": self.maker.id,
                "amount": -5,
                "date": "2026-08-12",
            }
        )
        self.assertRecordValues(
            self._reconcile(), [{"adjustments": 5, "platform": 20, "carried": 80}]
        )

    def test_invoice_that_is_not_booked_is_the_difference_and_found(self):
        self.candle.maker_id = False
        invoice = self._create_direct_invoice((self.candle, 1, 100))
        self.candle.maker_id = self.maker
        wizard = self.env["artisan.reconciliation"].create(
            {"date_from": "2026-08-01", "date_to": "2026-08-31"}
        )
        self.assertRecordValues(wizard, [{"difference": 100, "not_booked_count": 1}])
        action = wizard.action_open_not_booked()
        self.assertEqual(self.env["account.move"].search(action["domain"]), invoice)

    def test_entry_that_contradicts_its_invoice_is_the_difference(self):
        invoice = self._create_direct_invoice((self.candle, 1, 100))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE artisan_payout_entry SET amount = 90 "
            "WHERE kind = 'sale' AND move_id = %s",
            [invoice.id],
        )
        self.env.invalidate_all()
        wizard = self.env["artisan.reconciliation"].create(
            {"date_from": "2026-08-01", "date_to": "2026-08-31"}
        )
        self.assertEqual(wizard.difference, 10)

    def test_down_payment_is_the_platforms_until_the_goods_are_invoiced(self):
        order = self._create_order((self.candle, 1))
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 50,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        advance = wizard._create_invoices(order)
        advance.invoice_date = "2026-08-02"
        advance.action_post()
        self.assertRecordValues(self._reconcile(), [{"own": 20, "carried": 0}])
        self._invoice(order)
        self.assertRecordValues(
            self._reconcile(), [{"own": 0, "carried": 34, "commission": 6}]
        )

    def test_ordinary_seller_sees_no_sums(self):
        user = new_test_user(
            self.env,
            "seller",
            "sales_team.group_sale_salesman",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.env["artisan.reconciliation"].with_user(user).create({})

    def test_user_of_pricing_sees_the_sums(self):
        self._create_direct_invoice((self.candle, 1, 100))
        user = new_test_user(
            self.env,
            "looker",
            "artisan_pricing.group_artisan_user",
            company_id=self.company.id,
        )
        wizard = self.env["artisan.reconciliation"].with_user(user)
        wizard = wizard.create({"date_from": "2026-08-01", "date_to": "2026-08-31"})
        self.assertRecordValues(wizard, [{"net": 100, "difference": 0}])
