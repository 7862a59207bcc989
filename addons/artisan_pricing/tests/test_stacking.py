import itertools

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .reward_common import RewardCommon


@tagged("post_install", "-at_install")
class TestStacking(RewardCommon):
    """Which promotions stand together on an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["artisan.stack.group"].create({"name": "Candles"})

    def _create_fixed(self, amount, code=None, program=None, **reward):
        reward = {"discount": amount, "discount_mode": "per_order"} | reward
        return self._create_promotion(f"{amount} off", code, program, **reward)

    def _create_grouped(self, name, discount, stackable=False, **reward):
        """A maker's promotion of the stack group, on D unless said otherwise."""
        program = {
            "maker_id": self.maker.id,
            "stack_group_id": self.group.id,
            "is_stackable": stackable,
        }
        reward = {
            "discount": discount,
            "discount_applicability": "specific",
            "discount_product_ids": self.d.ids,
        } | reward
        return self._create_promotion(name, name, program, **reward)

    def _get_programs(self, order):
        return set(order.order_line.reward_id.program_id.mapped("name"))

    def _get_notes(self, order):
        return " ".join(order.message_ids.mapped("body"))

    def test_w10_one_discount_on_the_order_is_the_default(self):
        self._create_promotion()
        self._create_fixed(20, code="20-OFF")
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertIn("not compatible", self._enter_code(order, "20-OFF")["error"])
        self.assertEqual(order.amount_untaxed, 180)

    def test_w10_stackable_discounts_stand_together_percent_first(self):
        percent = self._create_promotion(code="PERCENT", program={"is_stackable": True})
        fixed = self._create_fixed(20, code="20-OFF", program={"is_stackable": True})
        for codes in itertools.permutations(("PERCENT", "20-OFF")):
            with self.subTest(codes=codes):
                order = self._create_order((self.d, 1), (self.e, 1))
                for code in codes:
                    self.assertNotIn("error", self._enter_code(order, code))
                self.assertEqual(order.amount_untaxed, 160)
                rewards = order.order_line.filtered("reward_id").sorted().reward_id
                self.assertEqual(
                    rewards.ids, [*percent.reward_ids.ids, *fixed.reward_ids.ids]
                )
                order.action_confirm()
                self.assertEqual(order.amount_untaxed, 160)

    def test_w10_only_one_of_them_stackable_is_not_enough(self):
        self._create_promotion(program={"is_stackable": True})
        self._create_fixed(20, code="20-OFF")
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertIn("error", self._enter_code(order, "20-OFF"))
        self.assertEqual(order.amount_untaxed, 180)

    def test_w11_better_code_replaces_the_discount(self):
        self._create_promotion()
        self._create_fixed(30, code="30-OFF")
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertNotIn("error", self._enter_code(order, "30-OFF"))
        self.assertEqual(order.amount_untaxed, 170)

    def test_what_stands_together_is_replaced_by_what_takes_off_more_only(self):
        self._create_promotion(program={"is_stackable": True})
        self._create_fixed(20, code="20-OFF", program={"is_stackable": True})
        self._create_fixed(30, code="30-OFF")
        self._create_fixed(50, code="50-OFF")
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self._enter_code(order, "20-OFF")
        # 20 + 20 are more than 30.
        error = self._enter_code(order, "30-OFF")["error"]
        self.assertIn("30 off does not go together with Promotion, 20 off", error)
        self.assertEqual(order.amount_untaxed, 160)
        self.assertNotIn("error", self._enter_code(order, "50-OFF"))
        self.assertEqual(order.amount_untaxed, 150)

    def test_maker_s_discount_on_the_order_stands_beside_the_platform_s(self):
        self._create_promotion()
        self._create_fixed(20, code="20-OFF", program={"maker_id": self.maker.id})
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertNotIn("error", self._enter_code(order, "20-OFF"))
        self.assertEqual(order.amount_untaxed, 162)

    def test_worse_promotion_of_a_group_is_refused(self):
        self._create_grouped("Spring", 20)
        self._create_grouped("Members", 15)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._enter_code(order, "Spring")
        self.assertEqual(
            self._enter_code(order, "Members")["error"],
            "Members does not go together with Spring, which takes off more. "
            "Remove that to apply this one.",
        )
        self.assertEqual(order.amount_untaxed, 180)

    def test_better_promotion_of_a_group_replaces_with_a_note(self):
        self._create_grouped("Spring", 20)
        self._create_grouped("Members", 15, discount_mode="per_order")
        order = self._create_order((self.d, 1), (self.e, 1))
        self._enter_code(order, "Members")
        self.assertEqual(order.amount_untaxed, 185)
        self.assertNotIn("error", self._enter_code(order, "Spring"))
        self.assertEqual(order.amount_untaxed, 180)
        self.assertIn(
            "Members was taken off: it does not go together with Spring",
            self._get_notes(order),
        )
        self.assertEqual(self._get_programs(order), {"Spring"})

    def test_stackable_promotions_of_a_group_stand_together_percent_first(self):
        self._create_grouped("Spring", 20, stackable=True)
        self._create_grouped("Members", 15, stackable=True, discount_mode="per_order")
        for codes in itertools.permutations(("Spring", "Members")):
            order = self._create_order((self.d, 1))
            for code in codes:
                self._enter_code(order, code)
            self.assertEqual(order.amount_untaxed, 65)

    def test_better_set_stays_not_the_best_one(self):
        self._create_grouped("Alone", 25)
        self._create_grouped("One", 15, stackable=True)
        self._create_grouped("Two", 15, stackable=True)
        order = self._create_order((self.d, 1))
        self._enter_code(order, "One")
        self._enter_code(order, "Alone")
        self.assertEqual(self._get_programs(order), {"Alone"})
        order = self._create_order((self.d, 1))
        for code in ("One", "Two"):
            self._enter_code(order, code)
        self.assertEqual(order.amount_untaxed, 72.25)
        self.assertIn("One, Two", self._enter_code(order, "Alone")["error"])

    def test_promotions_that_do_not_meet_stand_until_they_do(self):
        platform = {"maker_id": False}
        for name, product, discount in (("D", self.d, 20), ("E", self.e, 30)):
            self._create_grouped(
                name, discount, discount_product_ids=(product + self.candle).ids
            ).write(platform)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._enter_code(order, "D")
        self._enter_code(order, "E")
        self.assertEqual(order.amount_untaxed, 150)
        order.order_line = [
            (0, 0, self._line_vals(self.candle, 1)),
        ]
        order._update_programs_and_rewards()
        self.assertEqual(self._get_programs(order), {"E"})
        self.assertEqual(order.amount_untaxed, 240 - 42)
        self.assertIn("D was taken off", self._get_notes(order))

    def test_groups_and_stages_do_not_exclude_each_other(self):
        self._create_grouped("Maker", 20)
        self._create_grouped("Platform", 10).maker_id = False
        other = self._create_grouped("Other", 5)
        other.stack_group_id = self.group.copy()
        order = self._create_order((self.d, 1))
        for code in ("Maker", "Platform", "Other"):
            self._enter_code(order, code)
        self.assertEqual(self._get_programs(order), {"Maker", "Platform", "Other"})
        self.assertEqual(order.amount_untaxed, 68.4)

    def test_gift_excludes_a_discount_on_the_same_goods(self):
        self._create_grouped("Percent", 20)
        self._create_grouped(
            "Gift", 10, reward_type="product", reward_product_id=self.d.id
        )
        order = self._create_order((self.d, 2), (self.e, 1))
        self._enter_code(order, "Percent")
        self.assertEqual(order.amount_untaxed, 260)
        # A gift of 100 is more than 20 % of 200.
        self._enter_code(order, "Gift")
        self.assertEqual(self._get_programs(order), {"Gift"})
        self.assertEqual(order.amount_untaxed, 300)

    def test_nothing_falls_below_zero(self):
        for name in "ABC":
            self._create_grouped(name, 60, stackable=True, discount_mode="per_order")
        self._create_fixed(500, code="500-OFF", program={"is_stackable": True})
        order = self._create_order((self.d, 1), (self.e, 1))
        for code in "AB":
            self._enter_code(order, code)
        with self.assertRaisesRegex(UserError, "nothing to discount"):
            self._enter_code(order, "C")
        self.assertEqual(order.amount_untaxed, 100)
        self._enter_code(order, "500-OFF")
        self.assertEqual(order.amount_untaxed, 0)
        self.assertEqual({line.net for line in self._get_sold(order).values()}, {0})

    def test_promotion_refused_is_not_offered(self):
        self._create_grouped("Spring", 20)
        automatic = self._create_promotion(
            "Automatic",
            program={"maker_id": self.maker.id, "stack_group_id": self.group.id},
            discount=5,
        )
        order = self._create_order((self.d, 1))
        self._enter_code(order, "Spring")
        order._update_programs_and_rewards()
        self.assertNotIn(
            automatic,
            [card.program_id for card in order._get_claimable_rewards()],
        )

    def test_cards_with_points_are_compared_by_what_they_take_off(self):
        wallet = self._create_wallet(30)
        wallet.program_id.write(
            {"program_type": "loyalty", "applies_on": "both", "name": "Card"}
        )
        wallet.program_id.reward_ids.write(
            {"discount_mode": "per_point", "discount": 1, "required_points": 1}
        )
        spring = self._create_grouped("Spring", 20)
        (spring | wallet.program_id).write(
            {"maker_id": False, "stack_group_id": self.group.id}
        )
        order = self._create_order((self.d, 1))
        self._enter_code(order, "Spring")
        self._claim(order)
        self.assertEqual(self._get_programs(order), {"Card"})
        self.assertEqual(order.amount_untaxed, 70)

    def test_percentage_over_100_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "more than the price"):
            self._create_promotion(discount=100.5)

    def test_salesperson_sees_stack_groups_and_managers_set_them_up(self):
        salesperson = new_test_user(
            self.env, "artisan-seller", groups="sales_team.group_sale_salesman"
        )
        group = self.group.with_user(salesperson)
        self.assertEqual(group.name, "Candles")
        for operation in ("write", "create", "unlink"):
            self.assertFalse(group.has_access(operation))
        manager = new_test_user(
            self.env,
            "artisan-manager",
            groups="artisan_pricing.group_artisan_manager",
        )
        self.group.with_user(manager).name = "Candles and soap"

    def test_stack_group_of_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(
            self.env,
            "artisan-manager",
            groups="artisan_pricing.group_artisan_manager",
        )
        self.group.company_id = company
        found = self.env["artisan.stack.group"].with_user(manager).search([])
        self.assertNotIn(self.group, found)

    def test_promotion_and_stack_group_are_of_one_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        program = self._create_grouped("Spring", 20)
        with self.assertRaisesRegex(UserError, "Spring"):
            self.group.company_id = company
            program.company_id = self.env.company
