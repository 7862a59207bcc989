"""What makers ask of quantities, and what becomes of a quotation that has less."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ArtisanCommon


class QuantitiesCommon(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.candle.product_tmpl_id

    def _give_tiers(self, pricelist=None):
        """Least amounts are asked of customers who get a maker's tiers."""
        return self._create_price_model((1000, "percent", 10), pricelist=pricelist)

    def _codes(self, order):
        return [problem.code for problem in order._get_quantity_problems()[order]]


@tagged("post_install", "-at_install")
class TestQuantities(QuantitiesCommon):
    # What is wrong

    def test_minimum_counts_all_lines_of_a_product(self):
        self.template.minimum_quantity = 10
        order = self._create_order((self.candle, 4), (self.candle, 5))
        self.assertEqual(self._codes(order), ["below_minimum"])
        self.assertIn("please add 1.", order.quantity_problems)
        order.order_line[0].product_uom_qty = 5
        self.assertFalse(order.quantity_problems)

    def test_case_is_asked_of_each_line(self):
        self.template.case_pack = 6
        order = self._create_order((self.candle, 4), (self.candle, 8))
        self.assertEqual(self._codes(order), ["broken_case"] * 2)
        self.assertIn("6 instead of 4", order.quantity_problems)
        self.assertIn("6 or 12 instead of 8", order.quantity_problems)

    def test_minimum_and_case_are_said_at_once(self):
        self.template.write({"minimum_quantity": 10, "case_pack": 6})
        order = self._create_order((self.candle, 4))
        self.assertEqual(self._codes(order), ["below_minimum", "broken_case"])
        self.assertEqual(
            order.quantity_problems,
            "Candle: the minimum is 10, in whole cases of 6, instead of 4.",
        )

    def test_quantities_are_in_the_products_unit(self):
        self.template.write({"minimum_quantity": 24, "case_pack": 8})
        dozen = {"product_uom_id": self.env.ref("uom.product_uom_dozen").id}
        order = self._create_order((self.candle, 2, dozen))
        self.assertFalse(order.quantity_problems)
        order.order_line.product_uom_qty = 1
        self.assertEqual(self._codes(order), ["below_minimum", "broken_case"])
        order.action_round_up_quantities()
        self.assertEqual(order.order_line.product_uom_qty, 2)

    def test_price_model_asks_for_its_own_quantities(self):
        self.template.write({"minimum_quantity": 2, "case_pack": 2})
        model = self._create_price_model((10, "percent", 10), minimum_quantity=12)
        order = self._create_order((self.candle, 10))
        self.assertEqual(self._codes(order), ["below_minimum"])
        model.case_pack = 5
        self.assertEqual(self._codes(order), ["below_minimum"])
        retail = self._create_pricelist(name="Retail")
        order.pricelist_id = retail
        self.assertFalse(order.quantity_problems)

    def test_first_order_comes_to_more_than_later_ones(self):
        self._give_tiers()
        self.maker.write({"opening_minimum": 200, "reorder_minimum": 80})
        order = self._create_order((self.candle, 4))
        self.assertEqual(self._codes(order), ["below_opening"])
        order.order_line.product_uom_qty = 5
        order.action_confirm()
        buyer = self.partner.create({"name": "Buyer", "parent_id": self.partner.id})
        later = self._create_order((self.candle, 1), partner_id=buyer.id)
        self.assertEqual(self._codes(later), ["below_reorder"])
        later.order_line.product_uom_qty = 2
        self.assertFalse(later.quantity_problems)
        order._action_cancel()
        later.invalidate_recordset(["quantity_problems"])
        self.assertEqual(self._codes(later), ["below_opening"])

    def test_orders_from_other_makers_do_not_make_a_customer_known(self):
        self._give_tiers()
        self.maker.opening_minimum = 80
        mug = self._create_craft("Mug", 10, maker_id=self._create_maker("Potter").id)
        self._create_order((mug, 1)).action_confirm()
        order = self._create_order((self.candle, 1), (mug, 9))
        self.assertEqual(self._codes(order), ["below_opening"])
        self.assertIn("Candle Maker", order.quantity_problems)

    def test_minimum_amount_is_in_the_currency_of_the_order(self):
        company = self.env.company.currency_id
        other = self.env.ref("base.EUR" if company.name != "EUR" else "base.USD")
        other.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", other.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 2, "name": "2020-01-01"}
        )
        self.maker.opening_minimum = 50
        abroad = self._create_pricelist(name="Abroad", currency_id=other.id)
        self._give_tiers(abroad)
        order = self._create_order((self.candle, 1), pricelist_id=abroad.id)
        # 80 of the other currency are 40, and 100 are 50.
        [problem] = order._get_quantity_problems()[order]
        self.assertEqual((problem.have, problem.need), (80, 100))

    def test_least_amount_is_not_asked_of_who_gets_no_tiers_of_the_maker(self):
        self.maker.opening_minimum = 200
        order = self._create_order((self.candle, 1))
        self.assertFalse(order.quantity_problems)
        model = self._give_tiers()
        order.invalidate_recordset(["quantity_problems"])
        self.assertEqual(self._codes(order), ["below_opening"])
        gold = self._create_pricelist(
            name="Gold",
            item_ids=[
                Command.create(
                    {
                        "compute_price": "percentage",
                        "percent_price": 5,
                        "base": "pricelist",
                        "base_pricelist_id": self.pricelist.id,
                    }
                )
            ],
        )
        based = self._create_order((self.candle, 1), pricelist_id=gold.id)
        self.assertEqual(self._codes(based), ["below_opening"])
        retail = self._create_pricelist(name="Retail")
        order.pricelist_id = retail
        self.assertFalse(order.quantity_problems)
        model.date_end = "2020-01-01"
        self.assertFalse(self._codes(based))

    def test_returns_rewards_and_gifts_are_not_asked(self):
        self.template.write({"minimum_quantity": 10, "case_pack": 10})
        self.assertFalse(self._create_order((self.candle, -1)).quantity_problems)
        order = self._create_order((self.candle, 10), (self.candle, -3))
        self.assertFalse(order.quantity_problems)

    def test_products_without_a_maker_are_not_asked(self):
        self.template.write({"minimum_quantity": 10, "maker_id": False})
        self.assertFalse(self._create_order((self.candle, 1)).quantity_problems)

    # What becomes of it

    def test_quotation_is_refused_or_only_warned_about(self):
        self.template.minimum_quantity = 10
        order = self._create_order((self.candle, 4))
        with self.assertRaisesRegex(UserError, "the minimum is 10, please add 6"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.env.company.order_quantity_policy = "warn"
        self.assertTrue(order.quantity_problems)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.quantity_problems)

    def test_order_that_is_not_bound_is_confirmed(self):
        self.template.minimum_quantity = 10
        self.patch(
            self.registry["sale.order"], "_is_bound_by_quantities", lambda order: False
        )
        order = self._create_order((self.candle, 4))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_rounding_up_takes_the_least_that_is_sold(self):
        self.template.write({"minimum_quantity": 20, "case_pack": 6})
        order = self._create_order((self.candle, 4), (self.candle, 8))
        order.action_round_up_quantities()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [6, 18])
        self.assertFalse(order.quantity_problems)
        order.action_round_up_quantities()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [6, 18])

    def test_confirmed_order_is_not_rounded_up(self):
        order = self._create_order((self.candle, 4))
        order.action_confirm()
        self.template.case_pack = 6
        with self.assertRaisesRegex(UserError, "agreed on"):
            order.action_round_up_quantities()

    def test_form_shows_what_is_wrong_before_it_is_saved(self):
        self.template.case_pack = 6
        with Form(self._create_order((self.candle, 6))) as form:
            self.assertFalse(form.quantity_problems)
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 7
            self.assertIn("6 or 12 instead of 7", form.quantity_problems)
            self.assertTrue(form.can_round_up_quantities)

    def test_queries_do_not_grow_with_lines(self):
        self.template.write({"minimum_quantity": 1000, "case_pack": 6})
        self.maker.opening_minimum = 10**6
        self._create_price_model((10, "percent", 10), scope="maker")

        def queries(count):
            crafts = [self._create_craft(f"Craft {n}", 3) for n in range(count)]
            order = self._create_order(*((craft, 1) for craft in crafts))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order._get_quantity_problems()
            return self.cr.sql_log_count - before

        queries(1)  # warms caches of the registry up
        self.assertEqual(queries(40), queries(3))

    # Bad input and people

    def test_bad_quantities_and_amounts_are_refused(self):
        for vals in ({"minimum_quantity": -1}, {"case_pack": -6}):
            with self.assertRaisesRegex(ValidationError, "can be negative"):
                self.template.write(vals)
        for vals in (
            {"opening_minimum": -1},
            {"opening_minimum": 10, "reorder_minimum": -1},
            {"opening_minimum": 100, "reorder_minimum": 101},
        ):
            with self.assertRaisesRegex(ValidationError, "larger than the first"):
                self.maker.write(vals)
        model = self._create_price_model((10, "percent", 10))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            model.case_pack = -1
            model.flush_recordset()

    def test_no_case_is_any_quantity(self):
        self.template.case_pack = 0
        self.assertFalse(self._create_order((self.candle, 7)).quantity_problems)

    def test_seller_is_told_though_others_sold_before_and_cannot_change_terms(self):
        self._give_tiers()
        self.maker.write({"opening_minimum": 200, "reorder_minimum": 80})
        self._create_order((self.candle, 5)).action_confirm()
        seller = new_test_user(
            self.env, "seller_of_minimums", "sales_team.group_sale_salesman"
        )
        order = self._create_order((self.candle, 1), user_id=seller.id)
        order = order.with_user(seller)
        self.assertEqual(self._codes(order), ["below_reorder"])
        self.assertIn("40.00", order.quantity_problems)
        with self.assertRaises(AccessError):
            self.template.with_user(seller).minimum_quantity = 0

    def test_minimums_are_those_of_the_company(self):
        self.maker.opening_minimum = 200
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.maker.with_company(other).opening_minimum)


@tagged("post_install", "-at_install")
class TestQuantitiesPortal(QuantitiesCommon, HttpCase):
    def _accept(self, order):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Buyer",
                "signature": "R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs=",
            },
        )

    def test_customer_reads_what_to_change_and_cannot_sign(self):
        self.template.minimum_quantity = 10
        order = self._create_order(
            (self.candle, 4),
            state="sent",
            require_signature=True,
            require_payment=False,
        )
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("One thing before you order", page)
        self.assertNotIn('modalaccept" href', page)
        self.assertIn("please add 6", self._accept(order)["error"])
        self.assertEqual(order.state, "sent")
        order.order_line.product_uom_qty = 10
        page = self.url_open(order.get_portal_url()).text
        self.assertNotIn("One thing before you order", page)
        self.assertNotIn("error", self._accept(order))
        self.assertEqual(order.state, "sale")

    def test_what_is_paid_is_confirmed(self):
        self.template.minimum_quantity = 10
        order = self._create_order((self.candle, 4), state="sent")
        self.patch(
            type(order), "amount_paid", property(lambda order: order.amount_total)
        )
        self.assertFalse(order._get_quantity_refusal())
