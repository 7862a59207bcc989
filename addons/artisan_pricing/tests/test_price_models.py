"""Price models in orders. The worked examples (W) and their totals are those of the
project's analysis; W1 was read off Odoo 19's own pricelists."""

import random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ArtisanCommon

CANDLE_TIERS = (10, "percent", 10), (25, "percent", 20), (50, "fixed", 28)


@tagged("post_install", "-at_install")
class TestPriceModels(ArtisanCommon):
    def _totals(self, *quantities):
        return [
            self._create_order((self.candle, quantity)).amount_untaxed
            for quantity in quantities
        ]

    def _create_dyed_candles(self, *colors):
        dye = self.env["product.attribute"].create({"name": "Dye"})
        values = self.env["product.attribute.value"].create(
            [{"name": color, "attribute_id": dye.id} for color in colors]
        )
        line = {"attribute_id": dye.id, "value_ids": [Command.set(values.ids)]}
        template = self.env["product.template"].create(
            {
                "name": "Dyed candle",
                "list_price": 40,
                "maker_id": self.maker.id,
                "taxes_id": [Command.clear()],
                "attribute_line_ids": [Command.create(line)],
            }
        )
        return template.product_variant_ids

    # The worked examples

    def test_w01_volume(self):
        self._create_price_model(*CANDLE_TIERS, mode="volume")
        totals = self._totals(9, 10, 24, 25, 49, 50)
        self.assertEqual(totals, [360, 360, 864, 800, 1568, 1400])

    def test_w02_graduated(self):
        self._create_price_model(*CANDLE_TIERS, mode="graduated")
        totals = self._totals(9, 10, 24, 25, 49, 50)
        self.assertEqual(totals, [360, 396, 900, 932, 1700, 1728])

    def test_w03_capped(self):
        self._create_price_model(*CANDLE_TIERS, mode="capped")
        totals = self._totals(9, 10, 24, 25, 49, 50)
        self.assertEqual(totals, [360, 360, 800, 800, 1400, 1400])

    def test_w04_variants_of_one_template_count_together(self):
        model = self._create_price_model(*CANDLE_TIERS, scope="template")
        red, blue = self._create_dyed_candles("red", "blue")
        self.assertEqual(self._create_order((red, 5), (blue, 5)).amount_untaxed, 360)
        self.assertEqual(self._create_order((red, 5), (red, 5)).amount_untaxed, 360)
        model.scope = "line"
        self.assertEqual(self._create_order((red, 5), (blue, 5)).amount_untaxed, 400)

    def test_w05_grade_is_a_further_discount_on_the_tier(self):
        self._create_price_model(*CANDLE_TIERS)
        gold = self._create_pricelist(
            name="Gold",
            item_ids=[
                Command.create(
                    {
                        "compute_price": "percentage",
                        "base": "pricelist",
                        "base_pricelist_id": self.pricelist.id,
                        "percent_price": 5,
                    }
                )
            ],
        )
        totals = [
            self._create_order((self.candle, qty), pricelist_id=gold.id).amount_untaxed
            for qty in (25, 9, 50)
        ]
        self.assertEqual(totals, [760, 342, 1330])
        two_lines = self._create_order(
            (self.candle, 20), (self.candle, 5), pricelist_id=gold.id
        )
        self.assertEqual(two_lines.amount_untaxed, 760)

    def test_w17_net_price_is_not_derived_from_a_rounded_percent(self):
        self._create_price_model((1, "percent", 33.333))
        plate = self._create_craft("Plate", 180)
        self.assertEqual(self._create_order((plate, 1)).amount_untaxed, 120)

    def test_w18_maker_chooses_what_is_rounded(self):
        model = self._create_price_model((1, "percent", 15))
        card = self._create_craft("Card", 9.99)
        self.assertEqual(self._create_order((card, 100)).amount_untaxed, 849.15)
        model.rounding = "unit"
        self.assertEqual(self._create_order((card, 100)).amount_untaxed, 849)

    # Lines that count together

    def test_adding_changing_and_removing_a_line_prices_the_others_again(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 5))
        self.assertEqual(order.amount_untaxed, 200)
        order.order_line = [Command.create(self._line_vals(self.candle, 5))]
        self.assertEqual(order.amount_untaxed, 360)
        first, second = order.order_line
        second.product_uom_qty = 20
        self.assertEqual(order.amount_untaxed, 800)
        self.assertEqual(first.price_subtotal, 160)
        second.product_id = self._create_product(
            name="Not the maker's", list_price=1, taxes_id=[Command.clear()]
        )
        self.assertEqual(first.price_subtotal, 200)
        second.product_id = self.candle
        self.assertEqual(order.amount_untaxed, 800)
        second.unlink()
        self.assertEqual(order.amount_untaxed, 200)

    def test_form_shows_the_prices_of_the_other_lines_before_it_is_saved(self):
        self._create_price_model(*CANDLE_TIERS)
        with Form(self._create_order((self.candle, 5))) as form:
            with form.order_line.new() as line:
                line.product_id = self.candle
                line.product_uom_qty = 5
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 36)
            with form.order_line.edit(1) as line:
                line.product_uom_qty = 20
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 32)
            form.order_line.remove(1)
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 40)
            with form.order_line.new() as line:
                line.product_id = self.candle
                line.product_uom_qty = 10
        self.assertEqual(form.record.amount_untaxed, 540)

    def test_category_counts_with_those_below_and_maker_with_all(self):
        above = self.env["product.category"].create({"name": "Wax"})
        below = above.create({"name": "Scented", "parent_id": above.id})
        self.candle.categ_id = above
        scented = self._create_craft("Scented candle", 20, categ_id=below.id)
        soap = self._create_craft("Soap", 10)
        model = self._create_price_model(*CANDLE_TIERS[:2], scope="category")
        model.item_ids.write({"applied_on": "2_product_category", "categ_id": above.id})
        basket = (self.candle, 5), (scented, 5), (soap, 15)
        self.assertEqual(self._create_order(*basket).amount_untaxed, 180 + 90 + 150)
        model.scope = "maker"
        model.item_ids.write({"applied_on": "3_global"})
        self.assertEqual(self._create_order(*basket).amount_untaxed, 160 + 80 + 120)

    def test_two_rules_of_one_price_model_count_together(self):
        model = self._create_price_model(*CANDLE_TIERS, scope="maker")
        soap = self._create_craft("Soap", 10)
        model.item_ids.product_tmpl_id = self.candle.product_tmpl_id
        model.item_ids.applied_on = "1_product"
        model.item_ids.copy({"product_tmpl_id": soap.product_tmpl_id.id})
        order = self._create_order((self.candle, 5), (soap, 5))
        self.assertEqual(order.amount_untaxed, 180 + 45)

    def test_products_of_another_maker_neither_count_nor_change(self):
        self._create_price_model(*CANDLE_TIERS, scope="maker")
        other = self._create_maker("Potter")
        mug = self._create_craft("Mug", 10, maker_id=other.id)
        self.assertEqual(
            self._create_order((self.candle, 5), (mug, 5)).amount_untaxed, 250
        )

    def test_lines_in_any_order_make_the_same_total(self):
        self._create_price_model(
            (3, "percent", 7.77), (10, "amount", 1.11), mode="graduated", scope="maker"
        )
        crafts = [self._create_craft(f"Craft {n}", 3.33 + 1.07 * n) for n in range(7)]
        lines = [(craft, 1 + place % 4) for place, craft in enumerate(crafts * 2)]
        totals = set()
        dice = random.Random(5)
        for _turn in range(5):
            dice.shuffle(lines)
            order = self._create_order(*lines)
            totals.add(order.amount_untaxed)
            one_by_one = self._create_order()
            for line in lines:
                one_by_one.order_line = [Command.create(self._line_vals(*line))]
            totals.add(one_by_one.amount_untaxed)
        self.assertEqual(len(totals), 1, totals)

    def test_capped_total_is_the_same_however_few_products_are_looked_at(self):
        """5, 10 and 20 are an eighth, a quarter and a half of the candle's 40.00."""
        self._create_price_model(
            (10, "percent", 10), (25, "percent", 50), mode="capped", scope="maker"
        )
        self._create_craft("Match", 3)
        self._create_craft("Tea light", 12)
        candidates = type(self.env["artisan.price.model"])._get_cheapest_candidates
        asked = []

        def get_all(model, line, category, below=None):
            asked.append(below)
            return candidates(model, line, category)

        for quantity in range(1, 25):
            total = self._create_order((self.candle, quantity)).amount_untaxed
            with patch.object(
                type(self.env["artisan.price.model"]),
                "_get_cheapest_candidates",
                get_all,
            ):
                order = self._create_order((self.candle, quantity))
            self.assertEqual(order.amount_untaxed, total, quantity)
        self.assertIn(5, asked)
        self.assertIn(None, asked)

    def test_capped_looks_at_variants_cheaper_than_their_list_price(self):
        self._create_price_model((10, "percent", 50), mode="capped", scope="maker")
        variant = self._create_dyed_candles("red")
        variant.product_template_attribute_value_ids.price_extra = -39.5
        order = self._create_order((self.candle, 6))
        # 6 candles and 4 variants at 0.50 cost 242.00, half of that is less than 240.00
        self.assertEqual(order.amount_untaxed, 121)

    def test_capped_total_does_not_rise_when_the_cheapest_line_is_removed(self):
        self._create_price_model((10, "percent", 50), mode="capped", scope="maker")
        sticker = self._create_craft("Sticker", 1)
        order = self._create_order((self.candle, 9), (sticker, 1))
        self.assertEqual(order.amount_untaxed, 9 * 20 + 0.5)
        order.order_line[1].unlink()
        # A tenth piece, the sticker, would cost 0.50.
        self.assertEqual(order.amount_untaxed, 180.5)
        order.order_line.product_uom_qty = 4
        self.assertEqual(order.amount_untaxed, 80 + 6 * 0.5)

    def test_changed_line_prices_those_of_its_scope_and_no_others(self):
        self._create_price_model(*CANDLE_TIERS)
        bowl = self._create_craft("Bowl", 100)
        order = self._create_order((self.candle, 5), (self.candle, 5), (bowl, 5))
        bowl.list_price = 120
        order.order_line[0].product_uom_qty = 20
        self.assertEqual(order.order_line.mapped("price_unit"), [32, 32, 100])
        order.order_line[2].product_uom_qty = 10
        self.assertEqual(order.order_line[2].price_unit, 108)

    def test_line_that_counts_in_the_pricelist_below_prices_those_above(self):
        """Wholesale counts all of the maker's, the pricelist based on it each product."""
        self._create_price_model((10, "percent", 10), scope="maker")
        above = self._create_pricelist(name="Club")
        model = self._create_price_model((2, "amount", 1), pricelist=above)
        model.item_ids.write(
            {"base": "pricelist", "base_pricelist_id": self.pricelist.id}
        )
        bowl = self._create_craft("Bowl", 100)
        order = self._create_order(
            (self.candle, 1), (self.candle, 1), (bowl, 1), pricelist_id=above.id
        )
        self.assertEqual(order.order_line.mapped("price_unit"), [39, 39, 100])
        order.order_line[2].product_uom_qty = 8
        self.assertEqual(order.order_line.mapped("price_unit"), [35, 35, 89])
        order.order_line[2].unlink()
        self.assertEqual(order.order_line.mapped("price_unit"), [39, 39])

    def test_changed_tiers_price_the_next_order(self):
        model = self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 25))
        self.assertEqual(order.order_line.price_unit, 32)
        for change, price in (
            (lambda: model.tier_ids[1].write({"value": 30}), 28),
            (lambda: model.tier_ids[1].unlink(), 36),
            (lambda: model.write({"mode": "graduated"}), 37.44),
            (lambda: model.write({"active": False}), 40),
        ):
            change()
            order = self._create_order((self.candle, 25))
            self.assertAlmostEqual(order.order_line.price_unit, price)

    def test_tiers_that_were_taken_back_price_no_order(self):
        model = self._create_price_model(*CANDLE_TIERS)
        self.env.cr.cache.clear()  # as in a transaction of its own
        with self.assertRaises(UserError), self.env.cr.savepoint():
            model.tier_ids[0].value = 50
            order = self._create_order((self.candle, 10))
            self.assertEqual(order.order_line.price_unit, 20)
            raise UserError(model.name)
        order = self._create_order((self.candle, 10))
        self.assertEqual(order.order_line.price_unit, 36)

    def test_copied_order_is_priced_as_the_first(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 5), (self.candle, 5))
        copy = order.copy()
        self.assertEqual(copy.amount_untaxed, 360)
        copy.order_line[0].product_uom_qty = 20
        self.assertEqual(copy.amount_untaxed, 800)

    def test_cancelled_order_keeps_its_prices(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 5), (self.candle, 5))
        order._action_cancel()
        order.order_line[1].product_uom_qty = 1
        self.assertEqual(order.order_line[0].price_unit, 36)

    def test_dozen_counts_as_twelve(self):
        self._create_price_model(*CANDLE_TIERS)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._create_order(
            (self.candle, 2, {"product_uom_id": dozen.id}), (self.candle, 1)
        )
        self.assertEqual(order.amount_untaxed, 800)

    def test_return_does_not_take_the_tier_from_what_is_bought(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 10), (self.candle, -1))
        self.assertEqual(order.order_line.mapped("price_subtotal"), [360, -40])

    # Prices that stay

    def test_price_typed_by_hand_stays_and_its_quantity_counts(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 5), (self.candle, 1))
        first, second = order.order_line
        second.price_unit = 39
        second.product_uom_qty = 5
        self.assertEqual(order.order_line.mapped("price_unit"), [36, 39])
        first.product_uom_qty = 20
        self.assertEqual(order.order_line.mapped("price_unit"), [32, 39])

    def test_price_given_with_the_order_stays_until_new_prices_are_asked_for(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order(
            (self.candle, 5, {"price_unit": 30}), (self.candle, 5)
        )
        self.assertEqual(order.order_line.mapped("price_unit"), [30, 36])
        order.order_line[0].product_uom_qty = 20
        self.assertEqual(order.order_line.mapped("price_unit"), [30, 32])
        order.action_update_prices()
        self.assertEqual(order.order_line.mapped("price_unit"), [32, 32])

    def test_invoiced_line_keeps_its_price_and_its_quantity_counts(self):
        self._create_price_model(*CANDLE_TIERS)
        self.candle.invoice_policy = "order"
        order = self._create_order((self.candle, 5))
        order.action_confirm()
        order._create_invoices().action_post()
        order.order_line = [Command.create(self._line_vals(self.candle, 5))]
        self.assertEqual(order.order_line.mapped("price_unit"), [40, 36])

    def test_invoice_of_a_part_keeps_the_agreed_tier(self):
        self._create_price_model(*CANDLE_TIERS, mode="capped")
        self.candle.invoice_policy = "delivery"
        order = self._create_order((self.candle, 24))
        order.action_confirm()
        order.order_line.qty_delivered = 12
        self.assertEqual(order._create_invoices().amount_untaxed, 400)

    # Work

    def test_seller_who_may_not_see_price_models_gets_their_prices(self):
        self._create_price_model(*CANDLE_TIERS)
        seller = new_test_user(
            self.env, "seller_of_candles", "sales_team.group_sale_salesman"
        )
        self.assertFalse(
            self.env["artisan.price.model"].with_user(seller).has_access("read")
        )
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create(
                {
                    "partner_id": self.partner.id,
                    "pricelist_id": self.pricelist.id,
                    "order_line": [
                        Command.create(self._line_vals(self.candle, quantity))
                        for quantity in (5, 5)
                    ],
                }
            )
        )
        self.assertEqual(order.amount_untaxed, 360)
        with Form(order) as form:
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 20
        self.assertEqual(order.amount_untaxed, 800)

    def _count_queries(self, work):
        """What it takes to price; the ORM's writes, in batches of 100, come later."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work().mapped("order_line.price_total")
        return self.env.cr.sql_log_count - before

    def test_two_hundred_lines_take_as_many_queries_as_twenty(self):
        self._create_price_model(*CANDLE_TIERS, scope="maker")
        crafts = [self._create_craft(f"Craft {n}", 2 + n) for n in range(20)]
        few = self._create_order(*[(craft, 2) for craft in crafts])
        many = self._create_order(*[(craft, 2) for craft in crafts * 10])
        few._recompute_prices()  # what is read once for all

        def price_anew(order):
            order._recompute_prices()
            return order

        def change_one(order):
            order.order_line[0].product_uom_qty += 7
            return order

        for work in (price_anew, change_one):
            with self.subTest(work=work.__name__):
                counts = [
                    self._count_queries(lambda work=work, order=order: work(order))
                    for order in (few, many)
                ]
                self.assertEqual(counts[0], counts[1])

    def test_order_takes_fewer_queries_than_with_an_ordinary_pricelist(self):
        crafts = [self._create_craft(f"Craft {n}", 2 + n) for n in range(20)]
        lines = [(craft, 2) for craft in crafts * 3]
        self._create_order(*lines)  # what is read once for all
        ordinary = self._count_queries(lambda: self._create_order(*lines))
        self._create_price_model(*CANDLE_TIERS, scope="maker")
        tiered = self._count_queries(lambda: self._create_order(*lines))
        self.assertLess(tiered, ordinary)
