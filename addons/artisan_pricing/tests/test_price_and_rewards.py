from odoo import Command
from odoo.tests import tagged

from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS


@tagged("post_install", "-at_install")
class TestPriceAndRewards(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.model = cls._create_price_model(*CANDLE_TIERS, scope="maker")

    def _claim(self, order):
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards, coupon)

    def _create_promotion(self, **reward):
        return self.env["loyalty.program"].create(
            {
                "name": "Promotion",
                "program_type": "promotion",
                "trigger": "auto",
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [Command.create(reward)],
            }
        )

    def test_w14_promotion_takes_its_percent_off_the_tier(self):
        self._create_promotion(
            reward_type="discount", discount=10, discount_applicability="order"
        )
        order = self._create_order((self.candle, 20), (self.candle, 5))
        self._claim(order)
        self.assertEqual(order.amount_untaxed, 720)
        self.assertEqual(order.order_line[0].price_unit, 32)

    def test_free_product_does_not_count_for_the_tier(self):
        self._create_promotion(
            reward_type="product",
            reward_product_id=self.candle.id,
            reward_product_qty=1,
        )
        order = self._create_order((self.candle, 9))
        self._claim(order)
        self.assertEqual(len(order.order_line), 2)
        self.assertEqual(order.amount_untaxed, 360)
        order.order_line[0].product_uom_qty = 10
        self.assertEqual(order.order_line[0].price_unit, 36)

    def test_bundle_keeps_its_price_and_does_not_count(self):
        soap = self._create_craft("Soap", 20)
        combos = self.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for product in self.candle | soap
            ]
        )
        bundle = self._create_craft(
            "Bundle", 54, type="combo", combo_ids=[Command.set(combos.ids)]
        )
        order = self._create_order((bundle, 10), (self.candle, 5))
        parent = order.order_line[0]
        order.order_line = [
            Command.create(
                self._line_vals(
                    combo.combo_item_ids.product_id,
                    10,
                    {
                        "combo_item_id": combo.combo_item_ids.id,
                        "linked_line_id": parent.id,
                    },
                )
            )
            for combo in combos
        ]
        # The bundle itself is 10 of the maker's products, bought alone.
        self.assertEqual(
            order.order_line.sorted("id").mapped("price_subtotal"), [0, 200, 324, 162]
        )
