from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .reward_common import RewardCommon


@tagged("post_install", "-at_install")
class TestPromotionFunding(RewardCommon):
    """Who bears what promotions take off."""

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

    def test_w16_base_of_commission_follows_who_pays(self):
        for percent, base in ((100, 90), (50, 95), (0, 100)):
            with self.subTest(maker_percent=percent):
                program = self._create_promotion(maker_percent=percent)
                order = self._create_order((self.d, 1))
                self._claim(order, program)
                sold = self._get_sold(order)[self.d]
                self.assertEqual((sold.net, sold.base), (90, base))
                program.active = False

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

    def test_who_pays_is_for_who_may_read_the_order(self):
        self._create_promotion()
        groups = "artisan_pricing.group_artisan_user"
        user = new_test_user(self.env, "artisan-user", groups=groups)
        other = new_test_user(self.env, "artisan-other", groups=groups)
        order = self._create_order((self.d, 1), user_id=user.id)
        self._claim(order)
        action = order.with_user(user).action_view_reward_shares()
        shares = self.env[action["res_model"]].with_user(other)
        self.assertFalse(shares.search(action["domain"]))
        with self.assertRaises(AccessError):
            order.with_user(other).action_view_reward_shares()

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

    def test_form_fills_in_who_pays_from_the_maker(self):
        form = Form(
            self.env["loyalty.program"].with_context(default_program_type="promotion")
        )
        form.name = "Spring"
        form.maker_id = self.maker
        with form.reward_ids.new() as reward:
            reward.discount = 5
        with form.reward_ids.new() as reward:
            reward.maker_percent = 25
            self.assertEqual(reward.platform_percent, 75)
        program = form.save()
        self.assertEqual(program.reward_ids.mapped("maker_percent"), [100, 100, 25])
        self.assertEqual(program.reward_ids.mapped("platform_percent"), [0, 0, 75])
