import itertools
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from .reward_common import RewardCommon


@tagged("post_install", "-at_install")
class TestPromotions(RewardCommon):
    """Scope and order of promotions; amounts are core's."""

    def test_w12_maker_s_promotion_applies_before_the_platform_s(self):
        platform, maker = self._create_w12()
        for programs in itertools.permutations((platform, maker)):
            with self.subTest(first=programs[0].name):
                order = self._create_order((self.d, 1), (self.e, 1))
                for program in programs:
                    self._claim(order, program)
                self.assertEqual(order.amount_untaxed, 162)
                amounts = {
                    line.reward_id: line.price_subtotal
                    for line in order.order_line.filtered("reward_id")
                }
                self.assertEqual(
                    amounts, {maker.reward_ids: -20, platform.reward_ids: -18}
                )
                self.assertEqual(
                    order.order_line.sorted()[-2:].reward_id.ids,
                    (maker.reward_ids + platform.reward_ids).ids,
                )

    def test_w12_platform_s_that_takes_all_leaves_the_maker_s_its_part(self):
        platform, maker = self._create_w12()
        platform.reward_ids.discount = 100
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order, platform)
        self.assertEqual(order.amount_untaxed, 0)
        self._enter(order, maker)
        self.assertEqual(
            order.order_line.filtered("reward_id").sorted().mapped("price_subtotal"),
            [-20, -180],
        )

    def _enter(self, order, program):
        coupon = order.coupon_point_ids.coupon_id.filtered(
            lambda card: card.program_id == program
        )
        self.assertFalse(order._apply_program_reward(program.reward_ids, coupon))

    def test_w12_first_entered_platform_s_is_right_without_an_update(self):
        platform, maker = self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1))
        order._update_programs_and_rewards()
        for program in (platform, maker):
            self._enter(order, program)
        self.assertEqual(
            {
                line.reward_id.program_id: line.price_subtotal
                for line in order.order_line.filtered("reward_id")
            },
            {maker: -20, platform: -18},
        )

    def test_w14_maker_s_percent_is_taken_off_the_tier(self):
        self._create_price_model((10, "percent", 10), (25, "percent", 20))
        self._create_promotion(program={"maker_id": self.maker.id})
        order = self._create_order((self.candle, 25), (self.e, 1))
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 720 + 100)

    def test_maker_s_promotion_leaves_others_alone(self):
        for applicability in ("order", "specific", "cheapest"):
            with self.subTest(applicability=applicability):
                program = self._create_promotion(
                    program={"maker_id": self.maker.id},
                    discount_applicability=applicability,
                )
                cheaper = self._create_craft("E2", 50, maker_id=self.other_maker.id)
                order = self._create_order((self.d, 1), (self.e, 1), (cheaper, 1))
                self._claim(order)
                self.assertEqual(
                    self._get_shared(order), {("D", program.reward_ids): (10, 0)}
                )
                self.assertEqual(order.amount_untaxed, 240)
                program.active = False

    def test_maker_s_promotion_is_earned_with_the_maker_s_products(self):
        program = self._create_promotion(program={"maker_id": self.maker.id})
        program.rule_ids.minimum_amount = 150
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertFalse(order.order_line.reward_id)
        order.order_line[0].product_uom_qty = 2
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 280)

    def test_promotion_after_a_maker_s_takes_its_percent_of_what_is_left(self):
        self._create_promotion("All of D's maker", program={"maker_id": self.maker.id})
        self._create_promotion(
            "On E",
            discount_applicability="specific",
            discount_product_ids=self.e.ids,
            discount=50,
        )
        self._create_promotion(
            "On D",
            discount_applicability="specific",
            discount_product_ids=self.d.ids,
            discount=50,
        )
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        # D 100 - 10 - 45, E 100 - 50.
        self.assertEqual(order.amount_untaxed, 95)
        nets = {product: line.net for product, line in self._get_sold(order).items()}
        self.assertEqual(nets, {self.d: 45, self.e: 50})

    def test_maker_s_discount_of_prices_with_included_tax_of_two_rates(self):
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"{amount} % included",
                    "amount": amount,
                    "type_tax_use": "sale",
                    "price_include_override": "tax_included",
                }
                for amount in (20, 5.5)
            ]
        )
        second = self._create_craft("D2", 100)
        (self.d | self.e).taxes_id, second.taxes_id = taxes
        self._create_promotion(program={"maker_id": self.maker.id}, discount=20)
        order = self._create_order((self.d, 1), (second, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(order.amount_total, 260)
        self.assertEqual(
            sorted(order.order_line.filtered("reward_id").mapped("price_total")),
            [-20, -20],
        )
        self._get_sold(order)

    def test_maker_s_fixed_amount_is_at_most_what_its_goods_cost(self):
        self._create_promotion(
            program={"maker_id": self.maker.id},
            discount=150,
            discount_mode="per_order",
        )
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 100)
        self.assertEqual(self._get_sold(order)[self.d].net, 0)

    def test_wallet_comes_last_whatever_the_order_of_entry(self):
        card = self._create_wallet(50)
        platform, maker = self._create_w12()
        for programs in itertools.permutations((card.program_id, platform, maker)):
            with self.subTest(programs=programs):
                order = self._create_order((self.d, 1), (self.e, 1))
                for program in programs:
                    self._claim(order, program)
                self.assertEqual(order.amount_untaxed, 112)
                lines = order.order_line.filtered("reward_id").sorted()
                self.assertEqual(lines.mapped("price_subtotal"), [-20, -18, -50])

    def test_applying_and_cancelling_all_rewards_restores_the_first_total(self):
        self._create_w12()
        self._create_promotion(
            "Gift", reward_type="product", reward_product_id=self.e.id
        )
        order = self._create_order((self.d, 3), (self.e, 1), (self.candle, 7))
        before = order.amount_untaxed
        self._claim(order)
        self.assertLess(order.amount_untaxed, before)
        order.order_line.filtered("reward_id").unlink()
        self.assertEqual(order.amount_untaxed, before)
        self.assertFalse(any(line.discounts for line in self._get_sold(order).values()))

    def test_cancelling_one_reward_leaves_the_others_as_if_it_had_never_been(self):
        platform, maker = self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        order.order_line.filtered(
            lambda line: line.reward_id == maker.reward_ids
        ).unlink()
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_untaxed, 180)

    def test_shuffled_lines_give_the_same_total_and_the_same_shares(self):
        self._create_w12()
        self._create_promotion(
            "Fixed", discount=10, discount_mode="per_order", maker_percent=50
        ).is_stackable = True
        third = self._create_craft("F", 33.33, maker_id=False)
        lines = [(self.d, 1), (self.e, 1), (third, 3), (self.candle, 7)]
        results = set()
        for shuffled in itertools.permutations(lines):
            order = self._create_order(*shuffled)
            self._claim(order)
            shared = frozenset(self._get_shared(order).items())
            results.add((order.amount_untaxed, shared))
        self.assertEqual(len(results), 1)

    def test_archived_program_leaves_the_order_alone_until_it_is_updated(self):
        platform, maker = self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        maker.active = False
        order.order_line[0].name = "Candle of the year"
        self.assertEqual(order.amount_untaxed, 162)
        self._get_sold(order)
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_untaxed, 180)
        self.assertIn("Maker is not on offer", order.message_ids[0].body)

    def test_without_makers_core_s_order_of_entry_stays(self):
        """Ordinary core: 20.00 and then 10 % of what is left."""
        fixed = self._create_promotion(
            "Fixed",
            discount=20,
            discount_mode="per_order",
            discount_applicability="specific",
            discount_product_ids=self.product.ids,
        )
        percent = self._create_promotion("Percent")
        order = self._create_order((self.product, 10))
        self._claim(order, fixed)
        self._claim(order, percent)
        self.assertEqual(order.amount_untaxed, 162)

    def test_reward_over_several_taxes_is_rounded_once(self):
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"{amount} % included",
                    "amount": amount,
                    "type_tax_use": "sale",
                    "price_include_override": "tax_included",
                }
                for amount in (20, 10, 5.5)
            ]
        )
        self.d.taxes_id, self.e.taxes_id, self.candle.taxes_id = taxes
        self.candle.list_price = 100
        self._create_promotion(discount=20, discount_mode="per_order")
        order = self._create_order((self.d, 1), (self.e, 1), (self.candle, 1))
        self._claim(order)
        self.assertEqual(
            sorted(order.order_line.filtered("reward_id").mapped("price_total")),
            [-6.67, -6.67, -6.66],
        )
        self.assertEqual(order.amount_total, 280)

    def test_customer_reads_whose_products_are_discounted(self):
        maker = self._create_promotion(
            program={"maker_id": self.maker.id}, discount=20, discount_max_amount=50
        )
        self.assertEqual(
            maker.reward_ids.description,
            "20% (at most $\xa050.00) on products of Candle Maker",
        )
        order = self._create_order((self.d, 1))
        self._claim(order)
        line = order.order_line.filtered("reward_id")
        self.assertEqual(line.name, maker.reward_ids.description)

    def test_salesperson_applies_maker_s_promotions(self):
        self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1), user_id=self.sale_user.id)
        self._claim(order.with_user(self.sale_user))
        self.assertEqual(order.amount_untaxed, 162)
        self.assertEqual(
            self._get_sold(order.with_user(self.sale_user))[self.d].by_maker,
            Decimal(20),
        )

    def test_cheapest_product_never_falls_below_zero(self):
        self._create_promotion(program={"maker_id": self.maker.id}, discount=60)
        self._create_promotion(
            "Cheapest free", discount=100, discount_applicability="cheapest"
        )
        order = self._create_order((self.d, 1), (self.e, 3))
        order.order_line[1].price_unit = 500
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 1500)
        self.assertEqual(self._get_sold(order)[self.d].net, 0)

    def test_total_does_not_fall_a_cent_below_zero(self):
        """12.5 % of 36.12 and of 41.28 are 9.675, on lines of 4.52 and 5.16."""
        for maker in (self.maker, self.other_maker):
            self._create_promotion(program={"maker_id": maker.id}, discount=12.5)
        self._create_promotion("All", discount=100)
        self.d.list_price, self.e.list_price = 36.12, 41.28
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(order.amount_total, 0)
        self._get_sold(order)

    def test_total_does_not_fall_below_zero_by_rounded_taxes(self):
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        self.d.taxes_id = self.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        self.d.list_price, self.e.list_price = 2.46, 2.8
        self._create_promotion("Maker", program={"maker_id": self.maker.id})
        self._create_promotion(
            "Platform", discount=400, discount_mode="per_order"
        ).is_stackable = True
        for quantity in range(1, 12):
            order = self._create_order((self.d, quantity), (self.e, 7))
            self._claim(order)
            self.assertIn(order.amount_total, (0, 0.01))
            self._get_sold(order)

    def test_fixed_amount_takes_no_more_than_a_maker_s_left_on_its_lines(self):
        """5 off two candles leave 97.50 of each; core would see all of one left."""
        second = self._create_craft("D2", 100)
        self._create_promotion(
            "Maker",
            program={"maker_id": self.maker.id},
            discount=5,
            discount_mode="per_order",
            discount_applicability="specific",
        )
        self._create_promotion(
            "Platform",
            discount=150,
            discount_mode="per_order",
            discount_applicability="specific",
            discount_product_ids=second.ids,
        )
        order = self._create_order((self.d, 1), (second, 1))
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 97.5)
        self.assertEqual(self._get_sold(order)[second].net, 0)

    def test_imported_price_is_discounted_like_any_other(self):
        self._create_w12()
        order = self._create_order(
            (self.d, 1, {"price_unit": 50}), (self.e, 1, {"price_unit": 50})
        )
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 81)

    def test_free_product_keeps_its_price_when_rewards_are_computed_again(self):
        self._create_promotion(
            "Gift", reward_type="product", reward_product_id=self.e.id
        )
        self._create_w12()
        order = self._create_order((self.d, 1), (self.product, 1))
        order.order_line = [Command.create(self._line_vals(self.candle, 1))]
        self._claim(order)
        self.assertEqual(self._get_sold(order)[self.e].gross, 100)
