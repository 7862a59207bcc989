from odoo import models

from ..rewards import RewardShares


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_sold_lines(self):
        """What each line of these orders was sold for, and who bore which reward on it.

        Amounts are without tax, in the order's currency and its step; those of an order sum
        to its untaxed amount. No sections, bundles (their parts are), down payments. Lines of
        rewards are shared out to the lines that they are for; only what cannot be (a cent of
        rounding, tax paid from a wallet) is there under the reward's line, with no maker: it
        is the platform's. A free product is sold at its price with a discount of all of it.

        :return: {order: {``sale.order.line``: ``engine.earning.SoldLine``}}; keys are ids of
            lines, makers of partners, promotions of rewards, all as str
        """
        # Who may read an order may know who bears its rewards, though accountants are not
        # let into the loyalty programs.
        self.check_access("read")
        return {
            order: {
                line.with_env(self.env): sold
                for line, sold in RewardShares(order.sudo()).get_sold_lines().items()
            }
            for order in self
        }

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty` to keep who pays, as it is now."""
        values = super()._get_reward_line_values(reward, coupon, **kwargs)
        percent = self._get_maker_percent(reward)
        return [{**vals, "maker_percent": percent} for vals in values]

    def _get_maker_percent(self, reward):
        """What makers bear of a reward: on a confirmed order as it was."""
        before = self.order_line.filtered(lambda line: line.reward_id == reward)
        if self.state == "sale" and before:
            return before[0].maker_percent
        return reward.maker_percent
