"""Why a line costs what it does. Totals are those of the worked examples (W)."""

from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.artisan_pricing.engine import trace as codes
from odoo.addons.artisan_pricing.engine import trace_json

from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS


@tagged("post_install", "-at_install")
class TestPriceTrace(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.seller = new_test_user(
            cls.env, login="price_seller", groups="sales_team.group_sale_salesman"
        )

    def _trace(self, line):
        """The trace of a line, that must hold and end in what the line costs."""
        trace = line._get_price_trace()
        sold = line.order_id._get_sold_lines()[line.order_id][line]
        self.assertEqual(trace.total, sold.net)
        self.assertTrue(codes.replay(trace).holds)
        return trace

    def _codes(self, line):
        return [step.code for step in self._trace(line).steps]

    def _totals(self, *quantities):
        return [
            self._trace(self._create_order((self.candle, qty)).order_line).total
            for qty in quantities
        ]

    def _create_gold(self, **rule):
        vals = {
            "compute_price": "percentage",
            "base": "pricelist",
            "base_pricelist_id": self.pricelist.id,
            "percent_price": 5,
        }
        return self._create_pricelist(
            name="Gold", item_ids=[Command.create(vals | rule)]
        )

    def _create_promotion(self, **reward):
        return self.env["loyalty.program"].create(
            {
                "name": "Autumn",
                "program_type": "promotion",
                "trigger": "auto",
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [Command.create(reward)],
            }
        )

    def _claim(self, order):
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards, coupon)

    # The worked examples

    def test_w01_volume(self):
        self._create_price_model(*CANDLE_TIERS, mode="volume")
        self.assertEqual(
            self._totals(9, 10, 24, 25, 49, 50), [360, 360, 864, 800, 1568, 1400]
        )
        trace = self._trace(self._create_order((self.candle, 25)).order_line)
        self.assertEqual(
            trace.steps[1].figures, (("quantity", Decimal(25)), ("price", Decimal(32)))
        )

    def test_w02_graduated_names_the_quantities_of_each_price(self):
        self._create_price_model(*CANDLE_TIERS, mode="graduated")
        self.assertEqual(self._totals(9, 10, 24, 25), [360, 396, 900, 932])
        trace = self._trace(self._create_order((self.candle, 10)).order_line)
        self.assertEqual(
            [number for _, number in trace.steps[1].figures], [9, 40, 1, 36]
        )

    def test_w03_capped_says_the_larger_quantity(self):
        self._create_price_model(*CANDLE_TIERS, mode="capped")
        self.assertEqual(
            self._totals(9, 10, 24, 25, 49, 50), [360, 360, 800, 800, 1400, 1400]
        )
        order = self._create_order((self.candle, 24))
        self.assertEqual(
            [number for _, number in self._trace(order.order_line).steps[1].figures],
            [25, 32],
        )

    def test_w05_grade_comes_after_the_tier_below_it(self):
        self._create_price_model(*CANDLE_TIERS)
        gold = self._create_gold()
        order = self._create_order((self.candle, 25), pricelist_id=gold.id)
        trace = self._trace(order.order_line)
        self.assertEqual(
            [(step.code, step.before, step.after) for step in trace.steps],
            [("list", 0, 1000), ("tier", 1000, 800), ("grade", 800, 760)],
        )
        self.assertEqual(trace.unit_price, Decimal("30.4"))
        self.assertEqual(
            trace.steps[2].rule, f"product.pricelist.item,{gold.item_ids.id}"
        )

    def test_w05_with_the_discount_printed(self):
        self._enable_discounts()
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order(
            (self.candle, 25), pricelist_id=self._create_gold().id
        )
        self.assertEqual(self._codes(order.order_line), ["list", "tier", "grade"])
        self.assertEqual(order.amount_untaxed, 760)

    def test_w07_bundle_has_a_part_of_its_price(self):
        bundle, items = self._create_bundle(68, 40, 25, 15)
        order = self._create_order((bundle, 1))
        order.order_line = self._get_bundle_commands(order.order_line, items)
        lines = order.order_line - order.order_line[0]
        self.assertEqual(
            [self._codes(line) for line in lines], [["list", "bundle"]] * 3
        )
        self.assertEqual(
            [self._trace(line).total for line in lines], [34, 21.25, 12.75]
        )
        self.assertFalse(order.order_line[0]._get_price_trace().steps)

    def test_w07_discount_that_is_printed_is_in_the_share(self):
        self._enable_discounts()
        gold = self._create_gold(percent_price=10)
        bundle, items = self._create_bundle(68, 40, 25, 15)
        order = self._create_order((bundle, 1), pricelist_id=gold.id)
        order.order_line = self._get_bundle_commands(order.order_line, items)
        lines = order.order_line[1:]
        self.assertEqual(
            [self._codes(line) for line in lines], [["list", "bundle"]] * 3
        )
        self.assertEqual(
            sum(self._trace(line).total for line in lines), Decimal("61.20")
        )

    def test_w14_promotion_says_who_pays(self):
        self._create_price_model(*CANDLE_TIERS)
        program = self._create_promotion(
            reward_type="discount",
            discount=10,
            discount_applicability="order",
            maker_percent=25,
            platform_percent=75,
        )
        order = self._create_order((self.candle, 25))
        self._claim(order)
        line = order.order_line[0]
        trace = self._trace(line)
        self.assertEqual(
            [(step.code, step.after) for step in trace.steps],
            [("list", 1000), ("tier", 800), ("promotion", 720)],
        )
        [(_trace, names)] = line._get_price_traces().values()
        self.assertEqual(names[2]["by_maker"], "20.00")
        self.assertEqual(names[2]["by_platform"], "60.00")
        self.assertEqual(names[2]["maker"], self.maker.name)
        self.assertIn(program.name, names[2]["name"])
        self.assertFalse(order.order_line[1]._get_price_trace().steps)

    def test_free_product_is_sold_at_its_price_and_given_away(self):
        self._create_promotion(
            reward_type="product",
            reward_product_id=self.candle.id,
            reward_product_qty=1,
        )
        order = self._create_order((self.candle, 2))
        self._claim(order)
        free = order.order_line[1]
        self.assertEqual(self._codes(free), ["list", "promotion"])
        self.assertEqual(self._trace(free).total, 0)

    def test_w17_ends_in_the_net_price(self):
        self._create_price_model((1, "percent", 33.333))
        plate = self._create_craft("Plate", 180)
        order = self._create_order((plate, 1))
        self.assertEqual(self._trace(order.order_line).total, 120)
        self.assertEqual(self._codes(order.order_line), ["list", "tier"])

    def test_w17_cent_of_a_printed_percent_is_rounding(self):
        # Core prints 33.33 % and bills 120.01; the trace does not hide the cent.
        self._enable_discounts()
        self.pricelist.item_ids = [
            Command.create({"compute_price": "percentage", "percent_price": 33.333})
        ]
        plate = self._create_craft("Plate", 180)
        line = self._create_order((plate, 1)).order_line
        line.discount = 33.33
        self.assertEqual(self._trace(line).total, Decimal("120.01"))
        self.assertEqual(self._codes(line), ["list", "grade", "rounding"])

    def test_w18_says_what_was_rounded(self):
        model = self._create_price_model((1, "percent", 15))
        card = self._create_craft("Card", 9.99)
        line = self._create_order((card, 100)).order_line
        self.assertEqual(self._trace(line).total, Decimal("849.15"))
        model.rounding = "unit"
        line = self._create_order((card, 100)).order_line
        trace = self._trace(line)
        self.assertEqual(trace.total, 849)
        self.assertEqual(
            [number for _, number in trace.steps[1].figures], [100, Decimal("8.49")]
        )

    # Lines that count together

    def test_share_of_lines_that_count_together(self):
        self._create_price_model((3, "fixed", 33.33), mode="graduated", scope="maker")
        other = self._create_craft("Other", 35)
        order = self._create_order((self.candle, 2), (other, 5))
        for line in order.order_line:
            self.assertEqual(self._trace(line).steps[1].kind, codes.SHARE)

    def _explain(self, line):
        [(trace, names)] = line._get_price_traces().values()
        return line._explain_price(trace, names)

    def test_share_of_a_capped_price_names_the_larger_quantity(self):
        self._create_price_model(*CANDLE_TIERS, mode="capped", scope="maker")
        other = self._create_craft("Other", 40)
        order = self._create_order((self.candle, 20), (other, 4))
        self.assertEqual(order.amount_untaxed, 800)
        for line in order.order_line:
            self.assertEqual(self._trace(line).steps[1].kind, codes.SHARE)
            [_list, tier] = self._explain(line)["rows"]
            self.assertIn("800.00", tier["detail"])
            self.assertIn("no more than 25 would cost", tier["detail"])
        order.order_line[1].product_uom_qty = 5
        [_list, tier] = self._explain(order.order_line[0])["rows"]
        self.assertNotIn("no more than", tier["detail"])
        order.order_line[1].product_uom_qty = 4
        order.action_confirm()
        [_list, tier] = self._explain(order.order_line[0])["rows"]
        self.assertIn("no more than 25 would cost", tier["detail"])

    def test_bundle_lists_its_parts_and_its_price(self):
        bundle, items = self._create_bundle(68, 40, 25, 15)
        order = self._create_order((bundle, 2))
        order.order_line = self._get_bundle_commands(order.order_line, items)
        explained = self._explain(order.order_line[0].with_user(self.seller).sudo())
        self.assertIn("136.00", explained["total"])
        self.assertEqual(
            [(part["product"], part["quantity"]) for part in explained["parts"]],
            [("Part 40", "2"), ("Part 25", "2"), ("Part 15", "2")],
        )
        wizard = self.env["artisan.price.explanation"].create(
            {"line_id": order.order_line[0].id}
        )
        self.assertIn("The bundle, without tax", wizard.explanation)
        self.assertIn("42.50", wizard.explanation)

    # Prices of another origin

    def test_typed_price_says_so(self):
        self._create_price_model(*CANDLE_TIERS)
        line = self._create_order((self.candle, 25)).order_line
        line.price_unit = 30
        self.assertEqual(self._codes(line), ["list", "tier", "manual"])
        line.discount = 10
        self.assertEqual(self._codes(line), ["list", "tier", "manual", "manual"])
        self.assertEqual(self._trace(line).total, 675)

    def test_typed_discount_says_so(self):
        self._create_price_model(*CANDLE_TIERS)
        line = self._create_order((self.candle, 25)).order_line
        line.discount = 10
        self.assertEqual(self._codes(line), ["list", "tier", "manual"])
        self.assertEqual(self._trace(line).steps[2].kind, codes.PERCENT)

    def test_agreed_price_says_so(self):
        self._create_price_model(*CANDLE_TIERS)
        line = self._create_order((self.candle, 25, {"price_unit": 31})).order_line
        self.assertEqual(self._codes(line), ["list", "tier", "agreed"])

    def test_price_of_an_earlier_day_says_so(self):
        model = self._create_price_model(*CANDLE_TIERS)
        line = self._create_order((self.candle, 25)).order_line
        model.tier_ids[1].value = 30
        self.assertEqual(self._codes(line), ["list", "tier", "kept"])

    def test_tax_in_the_price_is_taken_out(self):
        tax = self.env["account.tax"].create(
            {"name": "21 in", "amount": 21, "price_include_override": "tax_included"}
        )
        cup = self._create_craft("Cup", 121)
        cup.taxes_id = tax
        order = self._create_order((cup, 3))
        self.assertEqual(self._codes(order.order_line), ["list", "tax"])
        self.assertEqual(self._trace(order.order_line).total, 300)

    def test_nobody_reads_the_cost(self):
        self.candle.standard_price = 11
        self.pricelist.item_ids = [
            Command.create(
                {
                    "compute_price": "formula",
                    "base": "standard_price",
                    "price_markup": 100,
                }
            )
        ]
        line = self._create_order((self.candle, 2)).order_line
        self.assertEqual(
            [(step.kind, step.after) for step in self._trace(line).steps],
            [(codes.PARTS, 80), (codes.PARTS, 44)],
        )

    # Kept at confirmation

    def test_confirmed_order_keeps_its_trace_when_rules_change_and_go(self):
        model = self._create_price_model(*CANDLE_TIERS)
        gold = self._create_gold()
        order = self._create_order((self.candle, 25), pricelist_id=gold.id)
        order.action_confirm()
        line = order.order_line
        before = self._trace(line)
        self.assertEqual(trace_json.from_json(line.price_trace), before)
        model.tier_ids[1].value = 50
        self.candle.list_price = 99
        gold.item_ids.unlink()
        self.assertEqual(self._trace(line), before)
        [(_trace, names)] = line._get_price_traces().values()
        self.assertEqual(
            [name["name"] for name in names],
            ["", f"{self.pricelist.name}: {model.name}", "Gold"],
        )
        found = line._check_price_again()
        self.assertTrue(found["holds"])
        self.assertTrue(found["was_kept"])
        self.assertFalse(found["is_same"])
        self.assertIn("99.00", found["today"])

    def test_rule_that_ended_before_confirmation_is_in_the_trace(self):
        rule = {"compute_price": "percentage", "percent_price": 10}
        self.pricelist.item_ids = [Command.create(rule | {"date_end": "2026-01-31"})]
        order = self._create_order((self.candle, 1), date_order="2026-01-30")
        self.assertEqual(order.amount_untaxed, 36)
        order.action_confirm()
        self.assertEqual(order.order_line._read_price_trace()[0].total, 36)
        self.assertEqual(self._codes(order.order_line), ["list", "grade"])

    def test_line_that_changes_after_confirmation_is_explained_anew(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 25))
        order.action_confirm()
        order.order_line.product_uom_qty = 50
        self.assertEqual(self._trace(order.order_line).total, 1400)

    def test_orders_without_makers_cost_nothing_and_are_explained_all_the_same(self):
        other = self._create_product(list_price=5, taxes_id=[Command.clear()])
        order = self._create_order((other, 3))
        order.action_confirm()
        self.assertFalse(order.order_line.price_trace)
        self.assertEqual(self._trace(order.order_line).total, 15)

    def test_copy_of_an_order_has_no_trace_yet(self):
        order = self._create_order((self.candle, 1))
        order.action_confirm()
        self.assertTrue(order.order_line.price_trace)
        self.assertFalse(order.copy().order_line.price_trace)

    def test_text_that_is_no_trace_is_not_believed(self):
        order = self._create_order((self.candle, 1))
        order.action_confirm()
        order.order_line.price_trace = '{"format": 2}'
        self.assertEqual(self._codes(order.order_line), ["list"])

    def test_queries_do_not_grow_with_lines(self):
        self._create_price_model(*CANDLE_TIERS, scope="maker")
        gold = self._create_gold()
        crafts = [self._create_craft(f"Craft {n}", 10 + n) for n in range(200)]
        counts = []
        for size in (20, 200):
            lines = [(craft, 2) for craft in crafts[:size]]
            order = self._create_order(*lines, pricelist_id=gold.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._store_price_traces()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    # The dialog

    def test_dialog_says_it_in_words(self):
        self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 25), user_id=self.seller.id)
        line = order.order_line.with_user(self.seller)
        action = line.action_explain_price()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.seller)
            .browse(action["res_id"])
        )
        for words in ("Candle", "List price", "25 × ", "32.00", "800.00", "Wholesale"):
            self.assertIn(words, dialog.explanation)
        dialog.action_check_again()
        self.assertIn("The rules of today make the same price", dialog.explanation)

    def test_nobody_reads_the_trace_of_an_order_that_is_not_theirs(self):
        order = self._create_order((self.candle, 1))
        order.user_id = self.env.ref("base.user_admin")
        line = order.order_line.with_user(self.seller)
        with self.assertRaises(AccessError):
            line.action_explain_price()
        dialog = self.env["artisan.price.explanation"].create({"line_id": line.id})
        with self.assertRaises(AccessError):
            dialog.with_user(self.seller).read(["explanation"])

    def test_customer_may_not_read_the_trace(self):
        customer = new_test_user(
            self.env, login="price_buyer", groups="base.group_portal"
        )
        order = self._create_order((self.candle, 1), partner_id=customer.partner_id.id)
        order.action_confirm()
        with self.assertRaises(AccessError):
            order.order_line.with_user(customer).read(["price_trace"])

    def test_printed_explanation_does_not_say_who_pays(self):
        self._create_promotion(
            reward_type="discount", discount=10, discount_applicability="order"
        )
        order = self._create_order((self.candle, 10))
        self._claim(order)
        html = str(
            self.env["ir.actions.report"]._render_qweb_html(
                "artisan_pricing.report_price_explanation", order.ids
            )[0]
        )
        self.assertIn("Autumn", html)
        self.assertIn("360.00", html)
        self.assertNotIn("pays", html)

    # Helpers

    def _get_bundle_commands(self, parent, items):
        return [
            Command.create(
                self._line_vals(
                    item.product_id,
                    parent.product_uom_qty,
                    {"combo_item_id": item.id, "linked_line_id": parent.id},
                )
            )
            for item in items
        ]

    def _create_bundle(self, price, *prices):
        combos = self.env["product.combo"].create(
            [
                {
                    "name": f"Part {each}",
                    "combo_item_ids": [
                        Command.create(
                            {"product_id": self._create_craft(f"Part {each}", each).id}
                        )
                    ],
                }
                for each in prices
            ]
        )
        bundle = self._create_craft(
            "Bundle", price, type="combo", combo_ids=[Command.set(combos.ids)]
        )
        return bundle, combos.combo_item_ids
