"""The "was" that quotations and invoices name: directive 98/6/EC art. 6a, ECJ C-330/23."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import ArtisanCommon

#: The first entry of all logs here; days are counted from then.
BEGIN = datetime(2026, 1, 1)


@tagged("post_install", "-at_install")
class TestPriorPrices(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        with freeze_time(BEGIN):
            cls.wholesale = cls._create_pricelist(
                name="Wholesale",
                keeps_price_log=True,
                item_ids=[
                    Command.create({"compute_price": "percentage", "percent_price": 50})
                ],
            )
            cls.pricelist.keeps_price_log = True
            cls._log_all()

    @classmethod
    def _log_all(cls):
        cls.env.cr.flush()
        for task in cls.env["artisan.price.log.task"].search([]):
            while not task._log_next():
                pass

    @classmethod
    def _on_day(cls, day):
        return freeze_time(BEGIN + timedelta(days=day))

    def _set_price(self, day, price, product=None):
        with self._on_day(day):
            (product or self.candle).list_price = price
            self._log_all()

    def _cut(self, percent, first_day, last_day, **vals):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "compute_price": "percentage",
                "percent_price": percent,
                "product_tmpl_id": self.candle.product_tmpl_id.id,
                "date_start": BEGIN + timedelta(days=first_day),
                "date_end": BEGIN + timedelta(days=last_day),
                **vals,
            }
        )

    def _order(self, day, *lines, **kwargs):
        with self._on_day(day):
            return self._create_order(*(lines or [(self.candle, 1)]), **kwargs)

    def _was(self, day, *lines, **kwargs):
        """(was, percent) of the first line of an order made on a day; None: nothing."""
        order = self._order(day, *lines, **kwargs)
        vals = order._get_prior_price_vals().get(order.order_line[0].id)
        return vals and (vals["prior_price"], vals["prior_price_percent"])

    # The law

    def test_cut_names_the_lowest_price_of_30_days(self):
        self._set_price(60, 36)
        self.assertEqual(self._was(61), (40, 10))

    def test_c_330_23_percent_is_that_of_the_lowest_price(self):
        # 1.69, for some of the 30 days 1.29, then 1.69 again: 1.29 is no cut.
        banana = self.candle
        self._set_price(40, 1.69)
        self._set_price(80, 1.29)
        self._set_price(85, 1.69)
        self._set_price(95, 1.29)
        self.assertIsNone(self._was(96))
        self._set_price(97, 1.19, banana)
        self.assertEqual(self._was(97), (1.29, 7))

    def test_dated_rule_is_a_cut_while_it_lasts(self):
        self._cut(25, 60, 110)
        self.assertIsNone(self._was(59))
        self.assertEqual(self._was(61), (40, 25))
        # Longer than 30 days: announced as long as the rule says.
        self.assertEqual(self._was(105), (40, 25))
        self.assertIsNone(self._was(111))

    def test_dated_rule_of_a_price_model(self):
        self._create_price_model(
            (1, "percent", 25), date_start=BEGIN + timedelta(days=60)
        )
        self.assertIsNone(self._was(59))
        self.assertEqual(self._was(61), (40, 25))

    def test_dated_rule_after_a_rise_names_the_lower_price(self):
        self._set_price(50, 44)
        self._cut(10, 60, 70)
        # 39.60 is 1 % below 40, and no cut of 10 %.
        self.assertEqual(self._was(61), (40, 1))
        self._set_price(60, 40)
        self.assertEqual(self._was(61), (40, 10))

    def test_reduced_price_is_news_for_30_days(self):
        self._set_price(60, 36)
        self.assertEqual(self._was(89), (40, 10))
        self.assertIsNone(self._was(91))

    def test_rise_is_no_cut(self):
        self._set_price(60, 50)
        self.assertIsNone(self._was(61))

    def test_new_product_has_no_prior_price_unless_the_law_says_so(self):
        with self._on_day(50):
            soap = self._create_craft("Soap", 10)
            self._log_all()
        self._set_price(60, 8, soap)
        self.assertIsNone(self._was(61, (soap, 1)))
        self.env.company.prior_price_shortest_days = 10
        self.assertEqual(self._was(61, (soap, 1)), (10, 20))

    def test_growing_cuts_name_the_price_before_the_first_where_the_law_says_so(self):
        self._set_price(60, 36)
        self._set_price(70, 32)
        self.assertEqual(self._was(71), (36, 11))
        self.env.company.prior_price_growing = True
        self.assertEqual(self._was(71), (40, 20))
        self.env.company.prior_price_growing_days = 5
        self.assertEqual(self._was(71), (36, 11))

    # The buyer's own tier

    def test_wholesale_buyer_never_sees_the_retail_price(self):
        self._cut(25, 60, 110)
        self.assertEqual(self._was(61), (40, 25))
        self.assertIsNone(self._was(61, pricelist_id=self.wholesale.id))
        self._set_price(70, 36)
        self.assertEqual(self._was(71, pricelist_id=self.wholesale.id), (20, 10))

    def test_pricelist_without_a_log_says_nothing(self):
        self._set_price(60, 36)
        self.pricelist.keeps_price_log = False
        self.assertIsNone(self._was(61))

    def test_orders_without_a_pricelist_go_by_the_list_price(self):
        with self._on_day(1):
            self.env.company.logs_list_prices = True
            self._log_all()
        self._set_price(60, 36)
        order = self._order(61, pricelist_id=False)
        order.pricelist_id = False
        self.assertEqual(
            order._get_prior_price_vals()[order.order_line.id]["prior_price"], 40
        )

    # What was not cut

    def test_quantity_agreement_and_hand_are_no_cuts(self):
        self._set_price(60, 36)
        self.pricelist.item_ids = [
            Command.create(
                {"compute_price": "percentage", "percent_price": 10, "min_quantity": 10}
            )
        ]
        self.assertEqual(self._was(61), (40, 10))
        self.assertIsNone(self._was(61, (self.candle, 10)))
        self.assertIsNone(self._was(61, (self.candle, 1, {"price_unit": 30})))
        order = self._order(61)
        order.order_line.discount = 5
        self.assertFalse(order._get_prior_price_vals())

    def test_printed_percent_does_not_hide_the_cut(self):
        self._enable_discounts()
        self._cut(33.333, 60, 110)
        self.assertEqual(self._was(61), (40, 33))

    def _get_paper(self, order):
        report = self.env["ir.actions.report"]
        return report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode()

    def test_cut_after_a_raise_is_nowhere_printed_as_a_discount(self):
        """50 less 20 % is 40 again, the lowest of the 30 days: C-330/23."""
        self._enable_discounts()
        self._set_price(60, 50)
        self._cut(20, 64, 79)
        order = self._order(65)
        line = order.order_line
        self.assertEqual(
            (line.price_unit, line.discount, line.price_subtotal), (40, 0, 40)
        )
        self.assertEqual(order.amount_undiscounted, 40)
        self.assertFalse(order._get_prior_price_texts())
        self.assertNotIn("td_product_discount", self._get_paper(order))
        with self._on_day(65):
            order.action_confirm()
        invoice = order._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.mapped("discount"), [0])

    def test_cut_is_printed_with_the_percent_of_the_lowest_price_only(self):
        self._enable_discounts()
        self._set_price(60, 50)
        self._cut(40, 64, 79)
        order = self._order(65)
        self.assertEqual(
            (order.order_line.price_unit, order.order_line.discount), (30, 0)
        )
        paper = self._get_paper(order)
        self.assertIn("o_artisan_prior_price", paper)
        self.assertIn("25 %", paper)
        self.assertNotIn("td_product_discount", paper)

    def test_cut_of_the_pricelist_below_is_no_discount_either(self):
        self._enable_discounts()
        with self._on_day(1):
            upper = self._create_pricelist(
                name="Upper",
                keeps_price_log=True,
                item_ids=[
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 10,
                            "base": "pricelist",
                            "base_pricelist_id": self.pricelist.id,
                        }
                    )
                ],
            )
        order = self._order(2, pricelist_id=upper.id)
        self.assertEqual(
            (order.order_line.price_unit, order.order_line.discount), (40, 10)
        )
        self._cut(20, 60, 110)
        order = self._order(61, pricelist_id=upper.id)
        line = order.order_line
        self.assertEqual((line.price_subtotal, line.discount), (28.8, 0))

    def test_discounts_that_are_no_cuts_are_printed_as_ever(self):
        self._enable_discounts()
        order = self._order(61, pricelist_id=self.wholesale.id)
        self.assertEqual(
            (order.order_line.price_unit, order.order_line.discount), (40, 50)
        )
        self.pricelist.keeps_price_log = False
        self._cut(20, 60, 110)
        self.assertEqual(self._order(61).order_line.discount, 20)

    def test_price_of_a_dozen_is_named_for_a_dozen(self):
        self._set_price(60, 36)
        dozen = self.env.ref("uom.product_uom_dozen")
        was = self._was(61, (self.candle, 1, {"product_uom_id": dozen.id}))
        self.assertEqual(was, (480, 10))

    # On paper

    def test_confirmed_order_and_its_invoice_keep_what_they_said(self):
        self._cut(25, 60, 62)
        order = self._order(61)
        with self._on_day(61):
            order.action_confirm()
        self.assertEqual(order.order_line.prior_price, 40)
        self._set_price(90, 10)
        text = order._get_prior_price_texts()[order.order_line.id]
        self.assertIn("40.00", text)
        self.assertIn("25", text)
        invoice = order._create_invoices()
        line = invoice.invoice_line_ids
        self.assertEqual(line._get_prior_price_text(), text)
        invoice.action_post()
        html = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", invoice.ids
        )[0]
        self.assertIn("o_artisan_prior_price", html.decode())
        refund = invoice._reverse_moves()
        self.assertFalse(refund.invoice_line_ids._get_prior_price_text())
        line.price_unit = 20
        self.assertFalse(line._get_prior_price_text())

    def test_quotation_that_is_confirmed_later_keeps_the_cut_of_its_prices(self):
        self._cut(25, 60, 62)
        order = self._order(61)
        with self._on_day(65):
            order.action_confirm()
        self.assertEqual(order.order_line.prior_price, 40)

    def test_quotation_names_it_on_paper_and_in_the_portal(self):
        self._cut(25, 60, 110)
        order = self._order(61)
        customer = new_test_user(
            self.env, login="was_buyer", groups="base.group_portal"
        )
        order.partner_id = customer.partner_id
        order.pricelist_id = self.pricelist
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("sale.report_saleorder", order.ids)[0]
            .decode()
        )
        self.assertIn("o_artisan_prior_price", html)
        texts = order.with_user(customer)._get_prior_price_texts()
        self.assertIn("40.00", texts[order.order_line.id])

    def test_queries_do_not_grow_with_lines(self):
        with self._on_day(1):
            crafts = [self._create_craft(f"Craft {n}", 10 + n) for n in range(100)]
            self._log_all()
        self._cut(10, 60, 110, product_tmpl_id=False, applied_on="3_global")
        counts = []
        for size in (10, 100):
            order = self._order(61, *[(craft, 1) for craft in crafts[:size]])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(order._get_prior_price_vals()), size)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)
