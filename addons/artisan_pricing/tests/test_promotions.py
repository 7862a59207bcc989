import itertools
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .reward_common import RewardCommon


@tagged("post_install", "-at_install")
class TestPromotions(RewardCommon):
    """Scope, order and funding of promotions; amounts are core's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.sale_user

    def _create_w12(self):
        platform = self._create_promotion("Platform")
        maker = self._create_promotion(
            "Maker", program={"maker_id": self.maker.id}, discount=20
        )
        return platform, maker

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

    def test_w12_first_entered_platform_s_is_right_without_an_update(self):
        platform, maker = self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1))
        order._update_programs_and_rewards()
        for program in (platform, maker):
            for coupon, rewards in order._get_claimable_rewards().items():
                if coupon.program_id == program:
                    order._apply_program_reward(rewards, coupon)
        self.assertEqual(
            {
                line.reward_id.program_id: line.price_subtotal
                for line in order.order_line.filtered("reward_id")
            },
            {maker: -20, platform: -18},
        )

    def test_w13_each_side_bears_its_own(self):
        platform, maker = self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(
            self._get_shared(order),
            {
                ("D", maker.reward_ids): (20, 0),
                ("D", platform.reward_ids): (0, 8),
                ("E", platform.reward_ids): (0, 10),
            },
        )
        sold = self._get_sold(order)
        # Commission of 15 % leaves 68.00 and 85.00.
        self.assertEqual([sold[self.d].base, sold[self.e].base], [80, 100])

    def test_w14_maker_s_percent_is_taken_off_the_tier(self):
        self._create_price_model((10, "percent", 10), (25, "percent", 20))
        self._create_promotion(program={"maker_id": self.maker.id})
        order = self._create_order((self.candle, 25), (self.e, 1))
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 720 + 100)

    def test_w16_base_of_commission_follows_who_pays(self):
        for percent, base in ((100, 90), (50, 95), (0, 100)):
            with self.subTest(maker_percent=percent):
                program = self._create_promotion(maker_percent=percent)
                order = self._create_order((self.d, 1))
                self._claim(order, program)
                sold = self._get_sold(order)[self.d]
                self.assertEqual((sold.net, sold.base), (90, base))
                program.active = False

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

    def test_program_of_an_open_order_cannot_be_deleted(self):
        program = self._create_promotion()
        order = self._create_order((self.d, 1))
        self._claim(order)
        program.active = False
        with self.assertRaisesRegex(UserError, f"used on order {order.name}"):
            program.unlink()

    def test_confirmed_order_keeps_who_paid(self):
        program = self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1))
        self._claim(order)
        order.action_confirm()
        program.reward_ids.maker_percent = 0
        order._update_programs_and_rewards()
        self.assertEqual(self._get_shared(order), {("D", program.reward_ids): (10, 0)})

    def test_open_order_gets_new_funding_with_its_next_update(self):
        program = self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1))
        self._claim(order)
        program.reward_ids.maker_percent = 40
        self.assertEqual(self._get_shared(order), {("D", program.reward_ids): (10, 0)})
        order._update_programs_and_rewards()
        self.assertEqual(self._get_shared(order), {("D", program.reward_ids): (4, 6)})

    def test_each_maker_pays_for_the_own_lines(self):
        program = self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1), (self.e, 2), (self.product, 1))
        self._claim(order)
        reward = program.reward_ids
        self.assertEqual(
            self._get_shared(order),
            {
                ("D", reward): (5, 5),
                ("E", reward): (10, 10),
                ("Test Product", reward): (0, 2),
            },
        )

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

    def test_who_pays_lists_each_reward_on_each_line_with_totals(self):
        self._create_w12()
        user = new_test_user(
            self.env, "artisan-user", groups="artisan_pricing.group_artisan_user"
        )
        order = self._create_order((self.d, 1), (self.e, 1), user_id=user.id)
        self._claim(order)
        action = order.with_user(user).action_view_reward_shares()
        shares = self.env[action["res_model"]].with_user(user)
        self.assertEqual(
            [
                (
                    each.name,
                    each.product_id,
                    each.maker_id,
                    each.by_maker,
                    each.by_platform,
                )
                for each in shares.search(action["domain"])
            ],
            [
                ("Maker", self.d, self.maker, 20, 0),
                ("Platform", self.d, self.maker, 0, 8),
                ("Platform", self.e, self.other_maker, 0, 10),
            ],
        )

    def test_who_pays_shows_the_tax_that_a_wallet_paid(self):
        self.d.taxes_id = self.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        self._create_wallet(120)
        order = self._create_order((self.d, 1))
        self._claim(order)
        action = order.action_view_reward_shares()
        shares = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(shares.mapped("by_platform"), [100, 20])
        self.assertFalse(shares[1].product_id)

    # Bad input

    def test_funding_defaults_to_who_promotes(self):
        maker = self._create_promotion(program={"maker_id": self.maker.id}).reward_ids
        self.assertEqual((maker.maker_percent, maker.platform_percent), (100, 0))
        platform = self._create_promotion().reward_ids
        self.assertEqual((platform.maker_percent, platform.platform_percent), (0, 100))
        self.assertFalse(maker.is_global_discount)
        self.assertTrue(platform.is_global_discount)
        platform.maker_percent = 33.3
        self.assertEqual(platform.platform_percent, 66.7)

    def test_funding_that_makes_no_whole_is_refused(self):
        reward = self._create_promotion().reward_ids
        for maker, platform in ((60, 60), (101, -1), (-5, 105), (0, 99.999)):
            with (
                self.subTest(maker=maker),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "percent_(sum|range)"),
                self.cr.savepoint(),
            ):
                reward.write({"maker_percent": maker, "platform_percent": platform})
                reward.flush_recordset()

    def test_wallets_and_gift_cards_are_the_platform_s(self):
        program = self._create_wallet(10).program_id
        self.assertEqual(program.reward_ids.platform_percent, 100)
        with self.assertRaisesRegex(ValidationError, "borne by the platform"):
            program.reward_ids.maker_percent = 10
        with self.assertRaisesRegex(ValidationError, "cannot be a maker's"):
            program.maker_id = self.maker

    def test_maker_of_a_promotion_must_be_one(self):
        with self.assertRaisesRegex(ValidationError, "is no maker"):
            self._create_promotion(program={"maker_id": self.partner.id})

    def test_maker_gives_away_the_own_products_only(self):
        with self.assertRaisesRegex(ValidationError, "made by others"):
            self._create_promotion(
                program={"maker_id": self.maker.id},
                reward_type="product",
                reward_product_id=self.e.id,
            )

    def test_maker_s_gift_is_paid_by_the_maker(self):
        program = self._create_promotion(
            program={"maker_id": self.maker.id},
            reward_type="product",
            reward_product_id=self.candle.id,
        )
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(
            self._get_shared(order), {("Candle", program.reward_ids): (40, 0)}
        )
        self.assertEqual(order.amount_untaxed, 200)

    def test_salesperson_applies_maker_s_promotions(self):
        self._create_w12()
        order = self._create_order((self.d, 1), (self.e, 1), user_id=self.user.id)
        self._claim(order.with_user(self.user))
        self.assertEqual(order.amount_untaxed, 162)
        self.assertEqual(
            self._get_sold(order.with_user(self.user))[self.d].by_maker, Decimal(20)
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
