"""How the price of a bundle is split over the makers of its parts."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .bundle_common import BundleCommon


@tagged("post_install", "-at_install")
class TestBundles(BundleCommon):
    def _take_off(self, percent):
        self.pricelist.item_ids = [
            Command.create({"compute_price": "percentage", "percent_price": percent})
        ]

    # The worked examples

    def test_w06_parts_add_up_to_the_price(self):
        order = self._create_bundle_order(self.bundle)
        self.assertEqual(self._part_amounts(order), [34, 21.25, 12.75])
        self.assertEqual(order.amount_untaxed, 68)

    def test_w07_pricelist_takes_its_percent_off_the_bundle(self):
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        self.assertEqual(self._part_amounts(order), [30.6, 19.13, 11.47])
        self.assertEqual(order.amount_untaxed, 61.2)

    def test_w07_percent_that_is_shown_makes_the_same(self):
        self._enable_discounts()
        self._take_off(10)
        for method in ("round_per_line", "round_globally"):
            self.env.company.tax_calculation_rounding_method = method
            order = self._create_bundle_order(self.bundle)
            parts = order.order_line.filtered("combo_item_id")
            self.assertEqual(parts.mapped("discount"), [10, 10, 10])
            self.assertEqual(self._part_amounts(order), [30.6, 19.13, 11.47])
            self.assertEqual(order.amount_untaxed, 61.2)

    def test_prices_with_a_discount_have_as_few_digits_as_do(self):
        self._enable_discounts()
        self._take_off(10)
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        order = self._create_bundle_order(self.bundle)
        parts = order.order_line.filtered("combo_item_id")
        self.assertEqual(parts.mapped("price_unit"), [34, 21.25, 12.74])

    def test_least_amount_of_a_maker_is_not_asked_for_parts_of_bundles(self):
        self.maker.opening_minimum = 200
        self._create_price_model((1000, "percent", 10), scope="line")
        order = self._create_bundle_order(self.bundle)
        self.assertFalse(order.quantity_problems)
        order.order_line = [Command.create(self._line_vals(self.candle, 1))]
        # What the part brings counts: 34 and 40.
        [problem] = order._get_quantity_problems()[order]
        self.assertEqual((problem.code, problem.have), ("below_opening", 74))

    def test_w08_three_equal_parts(self):
        equal = [self._create_craft(f"Equal {n}", 50) for n in range(3)]
        bundle = self._create_bundle("Trio", 100, *equal)
        order = self._create_bundle_order(bundle)
        self.assertEqual(self._part_amounts(order), [33.33, 33.33, 33.34])
        order = self._create_bundle_order(bundle, 3)
        self.assertEqual(self._part_amounts(order), [99.99, 99.99, 100.02])

    # More of it

    def test_any_number_of_bundles_costs_that_number_times_the_price(self):
        self._enable_discounts()
        company = self.env.company
        for method in ("round_per_line", "round_globally"):
            company.tax_calculation_rounding_method = method
            for percent in (10, 7.5, 33.333):
                self.pricelist.item_ids.unlink()
                self._take_off(percent)
                net = company.currency_id.round(68 * (100 - percent) / 100)
                for count in (1, 3, 7, 144):
                    order = self._create_bundle_order(self.bundle, count)
                    self.assertAlmostEqual(order.amount_untaxed, count * net, 6)
                    parts = self._part_amounts(order)
                    self.assertAlmostEqual(sum(parts), count * net, 6)

    def test_changed_number_splits_again(self):
        self._enable_discounts()
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        order.order_line.product_uom_qty = 10
        self.assertEqual(order.amount_untaxed, 612)
        self.assertEqual(self._part_amounts(order), [306, 191.3, 114.7])

    def test_extra_price_of_a_choice_comes_on_top(self):
        item = self.bundle.combo_ids[1].combo_item_ids
        item.extra_price = 5
        order = self._create_bundle_order(self.bundle)
        self.assertEqual(self._part_amounts(order), [34, 26.25, 12.75])

    def test_bundle_without_makers_is_left_to_core(self):
        self.parts.maker_id = False
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        self._enable_discounts()
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        self.assertEqual(self._part_amounts(order), [30.6, 19.13, 11.48])

    def test_yen_have_no_cents(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", yen.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "rate": 1, "name": "2020-01-01"}
        )
        abroad = self._create_pricelist(name="Abroad", currency_id=yen.id)
        order = self._create_bundle_order(self.bundle, 3, pricelist_id=abroad.id)
        self.assertEqual(self._part_amounts(order), [102, 63, 39])

    def test_what_a_part_costs_on_its_own_is_kept_for_refunds(self):
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        self.candle.list_price = 100
        parts = order.order_line.filtered("combo_item_id")
        self.assertEqual(parts.mapped("bundle_list_price"), [36, 22.5, 13.5])

    # Bad input

    def test_parts_without_any_price_are_refused(self):
        free = [self._create_craft(f"Free {n}", 0) for n in range(2)]
        with self.assertRaisesRegex(ValidationError, "none of its parts has a price"):
            self._create_bundle("Nothing", 10, *free)
        self._create_bundle("Gift", 0, *free)

    def test_parts_that_lose_their_price_later_share_alike(self):
        self.parts.list_price = 0
        order = self._create_bundle_order(self.bundle)
        self.assertEqual(self._part_amounts(order), [22.66, 22.67, 22.67])

    def test_free_bundle_is_free(self):
        self.bundle.list_price = 0
        order = self._create_bundle_order(self.bundle, 2)
        self.assertEqual(self._part_amounts(order), [0, 0, 0])

    def test_bundle_in_a_bundle_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be part of a bundle"):
            self.candle.product_tmpl_id.write(
                {"type": "combo", "combo_ids": [Command.set(self.bundle.combo_ids.ids)]}
            )
        with self.assertRaisesRegex(ValidationError, "combo"):
            self._create_bundle("Twice", 99, self.bundle, self.mug)
