"""Tiers that count what the customer bought in the 12 months before the order."""

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from ..history import HistoryBook
from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS

DAY = "2026-06-15"


@tagged("post_install", "-at_install")
class TestPriceHistory(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls._create_price_model(*CANDLE_TIERS, counts_history=True)
        cls.env.company.partner_id.tz = "UTC"

    def _bought(self, quantity, date="2026-03-01 10:00:00", product=None, **kwargs):
        order = self._create_order((product or self.candle, quantity), **kwargs)
        order.action_confirm()
        order.date_order = date
        return order

    def _price_of(self, quantity, product=None, date=f"{DAY} 12:00:00", **kwargs):
        order = self._create_order(
            (product or self.candle, quantity), date_order=date, **kwargs
        )
        return order.order_line.price_unit

    # What it makes of prices

    def test_volume_tier_is_that_of_all_that_was_bought(self):
        self._bought(5)
        self.assertEqual(self._price_of(4), 40)
        self.assertEqual(self._price_of(5), 36)
        self._bought(15, "2026-04-01 10:00:00")
        self.assertEqual(self._price_of(5), 32)

    def test_graduated_units_begin_where_the_last_order_ended(self):
        self.model.mode = "graduated"
        self._bought(8)
        order = self._create_order((self.candle, 4), date_order=f"{DAY} 12:00:00")
        self.assertEqual(order.amount_untaxed, 40 + 3 * 36)

    def test_capped_fills_up_what_is_missing_to_the_next_tier(self):
        self.model.mode = "capped"
        self._bought(20)
        # Four for 36.00 are 144; with a fifth they would cost 160.
        self.assertEqual(self._price_of(4), 36)
        # With 24 bought, the next one reaches the tier.
        self._bought(4, "2026-04-01 10:00:00")
        self.assertEqual(self._price_of(1), 32)

    def test_without_the_option_nothing_counts(self):
        self.model.counts_history = False
        self._bought(100)
        self.assertEqual(self._price_of(1), 40)

    def test_lines_of_the_order_count_on_top_together(self):
        self._bought(5)
        order = self._create_order(
            (self.candle, 2), (self.candle, 3), date_order=f"{DAY} 12:00:00"
        )
        self.assertEqual(order.order_line.mapped("price_unit"), [36, 36])

    # What counts

    def test_quotations_cancelled_orders_and_returns_do_not_count(self):
        self._create_order((self.candle, 50), date_order="2026-03-01 10:00:00")
        self._bought(50)._action_cancel()
        self._bought(10)
        self._bought(-6)
        self.assertEqual(self._price_of(5), 40)
        self.assertEqual(self._price_of(6), 36)

    def test_credit_note_takes_back_what_counted(self):
        self.candle.invoice_policy = "order"
        order = self._bought(20)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(self._price_of(5), 32)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        credit = wizard.create({"journal_id": invoice.journal_id.id})
        credit = self.env["account.move"].browse(credit.refund_moves()["res_id"])
        self.assertEqual(self._price_of(5), 32)
        credit.invoice_line_ids.quantity = 16
        credit.action_post()
        self.assertEqual(self._price_of(5), 40)
        self.assertEqual(self._price_of(6), 36)

    def test_year_begins_with_the_day_in_the_companys_time_zone(self):
        self._bought(10, "2025-06-14 23:59:59")
        self.assertEqual(self._price_of(1), 40)
        self.env.company.partner_id.tz = "Europe/Paris"  # there it is 01:59 on the 15th
        self.assertEqual(self._price_of(1), 36)
        self._bought(90, f"{DAY} 12:00:00")  # not before the order
        self.assertEqual(self._price_of(1), 36)

    def test_all_contacts_of_a_company_are_one_customer(self):
        company = self.partner.create({"name": "Shop", "is_company": True})
        one, two = self.partner.create(
            [{"name": name, "parent_id": company.id} for name in ("One", "Two")]
        )
        self._bought(10, partner_id=one.id)
        self.assertEqual(self._price_of(1, partner_id=two.id), 36)
        self.assertEqual(self._price_of(1), 40)

    def test_other_companies_sales_do_not_count(self):
        order = self._bought(10)
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute(
            "UPDATE sale_order_line SET company_id = %s WHERE order_id = %s",
            (other.id, order.id),
        )
        self.assertEqual(self._price_of(1), 40)

    def test_dozens_count_as_units_and_archived_products_too(self):
        model = self.model
        model.scope = "maker"
        soap = self._create_craft("Soap", 10)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._create_order((soap, 2, {"product_uom_id": dozen.id}))
        order.action_confirm()
        order.date_order = "2026-03-01 10:00:00"
        soap.action_archive()
        self.assertEqual(self._price_of(1), 32)

    def test_scope_says_what_counts(self):
        wax = self.env["product.category"].create({"name": "Wax"})
        scented = wax.create({"name": "Scented", "parent_id": wax.id})
        other = self._create_craft("Scented candle", 20, categ_id=scented.id)
        self.candle.categ_id = wax
        soap = self._create_craft("Soap", 10)
        foreign = self._create_craft(
            "Mug", 10, maker_id=self._create_maker("Potter").id, categ_id=wax.id
        )
        for product in (other, soap, foreign):
            self._bought(10, product=product)
        self.model.scope = "line"
        self.assertEqual(self._price_of(1), 40)
        self.model.scope = "template"
        self.assertEqual(self._price_of(1), 40)
        self.model.scope = "category"
        self.assertEqual(self._price_of(1), 40)
        self.model.item_ids.write(
            {"applied_on": "2_product_category", "categ_id": wax.id}
        )
        self.assertEqual(self._price_of(1), 36)
        self.model.scope = "maker"
        self.model.item_ids.write({"applied_on": "3_global", "categ_id": False})
        self.assertEqual(self._price_of(5), 32)

    def test_bundles_and_rewards_do_not_count(self):
        order = self._bought(10)
        self.assertEqual(self._price_of(1), 36)
        self.env.cr.execute(
            "UPDATE sale_order_line SET is_downpayment = true WHERE order_id = %s",
            (order.id,),
        )
        self.assertEqual(self._price_of(1), 40)

    # Again and by others

    def test_confirmed_order_computed_again_counts_neither_itself_nor_later_ones(self):
        order = self._bought(9)
        self._bought(50, f"{DAY} 10:00:00")
        order.order_line.product_uom_qty = 8
        self.assertEqual(order.order_line.price_unit, 40)
        order.order_line.product_uom_qty = 10
        self.assertEqual(order.order_line.price_unit, 36)

    def test_form_counts_it_before_it_is_saved_and_offers_new_prices(self):
        self._bought(9)
        order = self._create_order(date_order=f"{DAY} 12:00:00")
        with Form(order) as form:
            with form.order_line.new() as line:
                line.product_id = self.candle
                self.assertEqual(line.price_unit, 36)
            form.partner_id = self.partner.create({"name": "Somebody new"})
            self.assertTrue(form.show_update_pricelist)
        order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 40)

    def test_prices_do_not_depend_on_the_orders_that_the_seller_may_see(self):
        self._bought(10)
        seller = new_test_user(
            self.env, "seller_of_history", "sales_team.group_sale_salesman"
        )
        order = self._create_order(date_order=f"{DAY} 12:00:00", user_id=seller.id)
        order.with_user(seller).order_line = [
            Command.create(self._line_vals(self.candle, 1))
        ]
        self.assertEqual(order.order_line.price_unit, 36)

    def test_orders_of_a_batch_count_what_others_bought_and_not_their_own(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self._bought(10)
        self._bought(25, partner_id=other.id)
        vals = {
            "pricelist_id": self.pricelist.id,
            "date_order": f"{DAY} 12:00:00",
            "order_line": [Command.create(self._line_vals(self.candle, 1))],
        }
        customers = (self.partner, other, self.env["res.partner"].create({"name": "C"}))
        orders = self.env["sale.order"].create(
            [vals | {"partner_id": customer.id} for customer in customers]
        )
        self.assertEqual(orders.order_line.mapped("price_unit"), [36, 32, 40])
        # Each leaves out its own and counts what the customer's other orders bought.
        mine = self._create_order((self.candle, 5), date_order=f"{DAY} 12:00:00")
        mine |= self._create_order((self.candle, 20), date_order=f"{DAY} 12:00:00")
        mine.action_confirm()
        mine.date_order = f"{DAY} 13:00:00"
        book = HistoryBook(mine.order_line)
        bought = [book.get_bought(order, mine[0].date_order) for order in mine]
        self.assertEqual([each[self.candle] for each in bought], [10, 10])
        mine[0].date_order = f"{DAY} 12:30:00"
        book = HistoryBook(mine.order_line)
        bought = [book.get_bought(order, order.date_order) for order in mine]
        self.assertEqual([each[self.candle] for each in bought], [10, 15])

    def test_history_is_looked_up_once_for_a_batch_of_orders(self):
        def count(orders):
            customers = self.env["res.partner"].create(
                [{"name": f"Customer {number}"} for number in range(orders)]
            )
            vals = [
                {
                    "partner_id": customer.id,
                    "pricelist_id": self.pricelist.id,
                    "date_order": f"{DAY} 12:00:00",
                    "order_line": [Command.create(self._line_vals(self.candle, 1))],
                }
                for customer in customers
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["sale.order"].create(vals)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def count_both(counts_history):
            self.model.counts_history = counts_history
            self.cr.cache.clear()  # as in a transaction of its own
            for size in (2, 12):
                count(size)  # fills the caches of the registry
            return count(2), count(12)

        without, with_history = count_both(False), count_both(True)
        # One query; core may read a record more or less for other reasons.
        self.assertLessEqual(with_history[0] - without[0], 3)
        self.assertLessEqual(with_history[1] - without[1], 3)

    def test_queries_do_not_grow_with_lines(self):
        self.model.scope = "maker"

        def queries(count):
            crafts = [self._create_craft(f"Craft {n}", 3) for n in range(count)]
            for craft in crafts:
                self._bought(1, product=craft)
            order = self._create_order(
                *((craft, 1) for craft in crafts), date_order=f"{DAY} 12:00:00"
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order.order_line._compute_price_unit()
            return self.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(20), queries(3))
