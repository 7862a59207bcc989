from odoo import Command

from ..decimals import to_decimal
from .common import ArtisanCommon


class RewardCommon(ArtisanCommon):
    """Promotions of makers and of the platform, and what is borne by whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.other_maker = cls._create_maker("Potter")
        cls.d = cls._create_craft("D", 100)
        cls.e = cls._create_craft("E", 100, maker_id=cls.other_maker.id)

    @classmethod
    def _create_promotion(cls, name="Promotion", code=None, program=None, **reward):
        """A promotion of 10 % on the order; `program` and `reward` say what differs."""
        rule = {"minimum_qty": 0, "minimum_amount": 0}
        if code:
            rule |= {"mode": "with_code", "code": code}
        return cls.env["loyalty.program"].create(
            {
                "name": name,
                "program_type": "promo_code" if code else "promotion",
                "trigger": "with_code" if code else "auto",
                "rule_ids": [Command.clear(), Command.create(rule)],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "discount_mode": "percent",
                            "discount_applicability": "order",
                            **reward,
                        }
                    ),
                ],
                **(program or {}),
            }
        )

    @classmethod
    def _create_wallet(cls, points):
        """An eWallet of the customer."""
        program = cls.env["loyalty.program"].create(
            {
                "name": "Wallet",
                "program_type": "ewallet",
                "trigger": "auto",
                "applies_on": "future",
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                            "required_points": 1,
                        }
                    ),
                ],
            }
        )
        return cls.env["loyalty.card"].create(
            {
                "program_id": program.id,
                "partner_id": cls.partner.id,
                "points": points,
            }
        )

    def _create_w12(self):
        """10 % on the order by the platform, 20 % by the maker of D."""
        platform = self._create_promotion("Platform")
        maker = self._create_promotion(
            "Maker", program={"maker_id": self.maker.id}, discount=20
        )
        return platform, maker

    def _claim(self, order, *programs):
        """Take the rewards that are on offer, of these programs if any are given."""
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            if not programs or coupon.program_id in programs:
                for reward in rewards:
                    order._apply_program_reward(reward, coupon)
        order._update_programs_and_rewards()

    def _enter_code(self, order, code):
        """What a salesperson does who types a code: the status, with its rewards claimed."""
        status = order._try_apply_code(code)
        if "error" not in status:
            for coupon, rewards in status.items():
                order._apply_program_reward(rewards[:1], coupon)
            order._update_programs_and_rewards()
        return status

    def _get_sold(self, order):
        """The order's sold lines by product; they always sum to what the customer pays."""
        sold = order._get_sold_lines()[order]
        self.assertEqual(
            sum(line.net for line in sold.values()), to_decimal(order.amount_untaxed)
        )
        return {line.product_id: sold_line for line, sold_line in sold.items()}

    def _get_shared(self, order):
        """{(product's name, reward): (by maker, by platform)}"""
        return {
            (product.name, self.env["loyalty.reward"].browse(int(each.promotion))): (
                each.by_maker,
                each.by_platform,
            )
            for product, line in self._get_sold(order).items()
            for each in line.discounts
        }
