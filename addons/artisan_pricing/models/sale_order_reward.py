from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from ..decimals import to_decimal
from ..engine.money import ZERO, round_to, share_out
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

    def _action_confirm(self):
        """Override of `sale` to keep what rewards are for, before anything is invoiced."""
        # Who confirms, maybe the customer, need not be let into programs.
        self.order_line.filtered("reward_scope").sudo().reward_scope = False
        self._keep_reward_scopes()
        return super()._action_confirm()

    def action_view_reward_shares(self):
        """Which rewards were taken off which line, and who bears them."""
        self.ensure_one()
        Share = self.env["artisan.reward.share"]
        shares = Share.create(Share._prepare_shares(self))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_reward_share_action"
        )
        return action | {"domain": [("id", "in", shares.ids)]}

    def _update_programs_and_rewards(self):
        """Override of `sale_loyalty` to compute rewards in the fixed order."""
        self.ensure_one()
        ended = self._get_ended_programs()
        self._sort_reward_lines()
        res = super()._update_programs_and_rewards()
        self._return_cents_too_many()
        self._keep_reward_scopes()
        for program in ended - self.order_line.reward_id.program_id:
            self._message_log(
                body=self.env._(
                    "The promotion %s is not on offer any more: its rewards were taken "
                    "off.",
                    program.name,
                )
            )
        return res

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty`: the fixed order counts, not that of entry."""
        rank = reward._get_rank()
        later = self.order_line.filtered(
            lambda line: line.coupon_id and line.reward_id._get_rank() > rank
        )
        if not later or not self._has_fixed_reward_order(reward):
            res = super()._apply_program_reward(reward, coupon, **kwargs)
            self._return_cents_too_many()
            self._keep_reward_scopes()
            return res
        with self.env.cr.savepoint() as savepoint:
            # It starts from what is there before them.
            later._reset_loyalty()
            res = super()._apply_program_reward(reward, coupon, **kwargs)
            if "error" in res:
                savepoint.rollback()
            else:
                self._reprice_rewards()
                self._keep_reward_scopes()
        return res

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty` to keep who pays, as it is now, and the order."""
        values = super()._get_reward_line_values(reward, coupon, **kwargs)
        percent = self._get_maker_percent(reward)
        values = [vals | {"maker_percent": percent} for vals in values]
        if not self._has_fixed_reward_order(reward):
            return values
        rank = reward._get_rank()
        before = [r for r in self.order_line.reward_id if r._get_rank() < rank]
        for vals in values:
            vals["sequence"] = vals.get("sequence", 10) + len(before)
        return self._round_reward_prices(values)

    def _write_vals_from_reward_vals(self, reward_vals, old_lines, delete=True):
        """Override of `sale_loyalty`: what is computed anew is for what the reward is for
        now."""
        res = super()._write_vals_from_reward_vals(reward_vals, old_lines, delete)
        anew = {vals["reward_id"] for vals in reward_vals if "reward_id" in vals}
        for line in self.sudo().order_line if anew else ():
            if line.reward_scope and line.reward_id.id in anew:
                line.reward_scope = False
        return res

    def _discountable_order(self, reward):
        """Override of `sale_loyalty`: a maker's promotion on the order is on what is left of
        that maker's goods."""
        if not reward.program_id.maker_id:
            return super()._discountable_order(reward)
        return self._discountable_lines(reward._get_covered_lines(self))

    def _discountable_specific(self, reward):
        """Override of `sale_loyalty`: beside makers' promotions, what these have left of each
        line. Core takes one on the order for one on all lines, and a fixed amount off those
        lines first that the next reward does not want."""
        if not self.order_line.reward_id.program_id.maker_id:
            return super()._discountable_specific(reward)
        return self._discountable_lines(self._get_specific_discountable_lines(reward))

    def _discountable_cheapest(self, reward):
        """Override of `sale_loyalty`: no more than rewards before it have left of a unit."""
        discountable, per_tax = super()._discountable_cheapest(reward)
        if not discountable or not self._has_fixed_reward_order(reward):
            return discountable, per_tax
        shares = RewardShares(self.sudo())
        lines = self._cheapest_line(reward)
        unit = sum(
            float(shares.get_gross().get(line, 0)) / line.product_uom_qty
            for line in lines
        )
        left = float(sum(shares.get_nets().get(line, 0) for line in lines))
        part = min(1, left / unit) if unit > 0 else 1
        return discountable * part, {
            taxes: amount * part for taxes, amount in per_tax.items()
        }

    # Helpers

    def _keep_reward_scopes(self):
        """Keep on the lines of rewards of confirmed orders what they are for, where it is not
        kept yet."""
        for order in self.filtered(lambda order: order.state == "sale").sudo():
            lines = order.order_line.filtered(
                lambda line: line.reward_id and not line.reward_scope
            )
            shares = RewardShares(order) if lines else None
            for line in lines:
                line.reward_scope = shares.get_scope(line)

    def _get_maker_percent(self, reward):
        """What makers bear of a reward: on a confirmed order as it was."""
        before = self.order_line.filtered(lambda line: line.reward_id == reward)
        if self.state == "sale" and before:
            return before[0].sudo().maker_percent
        return reward.maker_percent

    def _round_reward_prices(self, values):
        """Core's discounts have any number of digits, their lines do not: what comes after
        them would start from another amount than the customer sees. Rounded once, the lines
        of several taxes sum to the reward."""
        step = to_decimal(self.currency_id.rounding)
        prices = {
            place: to_decimal(vals["price_unit"])
            for place, vals in enumerate(values)
            if vals.get("price_unit")
        }
        if all(price < 0 for price in prices.values()):
            total = round_to(sum(prices.values(), ZERO), step)
            for place, price in share_out(total, prices, step).items():
                values[place]["price_unit"] = float(price)
        return values

    def _get_ended_programs(self):
        programs = self.order_line.reward_id.program_id
        if not programs:
            return programs
        return programs - programs.filtered_domain(self._get_program_domain())

    def _has_fixed_reward_order(self, joining=None):
        """Whether rewards apply in the fixed order: where makers sell or promotions say how
        they go together. Elsewhere core's order of entry stays.

        :param joining: a reward that is being computed, maybe not on the order yet
        """
        self.ensure_one()
        rewards = self.order_line.reward_id | (joining or self.env["loyalty.reward"])
        programs = rewards.program_id
        return bool(
            self.order_line.product_id.maker_id
            or programs.maker_id
            or programs.stack_group_id
            or any(programs.mapped("is_stackable"))
        )

    def _sort_reward_lines(self):
        """Have core meet the lines of rewards in the fixed order."""
        lines = self.order_line.filtered("reward_id")
        if len(lines.reward_id) < 2 or not self._has_fixed_reward_order():
            return
        wanted = lines.sorted(lambda line: (line.reward_id._get_rank(), line.id))
        if wanted.ids == lines.ids:
            return
        sequence = max((self.order_line - lines).mapped("sequence"), default=10)
        for place, line in enumerate(wanted, start=1):
            line.sequence = sequence + place
        self.invalidate_recordset(["order_line"])

    def _reprice_rewards(self):
        """Have core compute all rewards again, one after the other in the fixed order.

        Programs, points and what is on offer stay as they are.
        """
        if not self._has_fixed_reward_order():
            return
        self._sort_reward_lines()
        lines = self.order_line.filtered(lambda line: line.reward_id and line.coupon_id)
        rewards = {
            line.reward_identifier_code: (
                line.reward_id,
                line.coupon_id,
                line.product_id,
            )
            for line in lines
        }
        pool = lines._reset_loyalty()
        for reward, coupon, product in rewards.values():
            try:
                values = self._get_reward_line_values(reward, coupon, product=product)
            except UserError:  # those before it have taken all
                values = []
            pool = self._write_vals_from_reward_vals(values, pool, delete=False)
        pool.unlink()
        self._return_cents_too_many()

    def _return_cents_too_many(self):
        """Where taxes are rounded on each line, rewards that take all may take a cent more
        than all. The last one gives it back."""
        lines = self.order_line.filtered("reward_id")
        if not lines or self.currency_id.compare_amounts(self.amount_total, 0) >= 0:
            return
        without = sum((self.order_line - lines).mapped("price_total"))
        if without < 0 or not self._has_fixed_reward_order():
            return
        last = lines.filtered("price_total").sorted(
            lambda line: (line.reward_id._get_rank(), line.id)
        )[-1:]
        price = self.currency_id.round(last.price_unit - self.amount_total)
        last.write({"price_unit": price, "technical_price_unit": price})

    def _discountable_lines(self, lines):
        """What is left of lines after the rewards that are written already.

        :return: (amount with the taxes that are discounted, {these taxes: amount at the
            lines' prices}), as core's methods for orders and products
        """
        shares = RewardShares(self.sudo())
        gross, nets = shares.get_gross(), shares.get_nets()
        sells = any(amount > 0 for amount in gross.values())
        discountable, per_tax = 0.0, defaultdict(float)
        lines = lines.filtered(
            lambda line: gross.get(line) and (gross[line] > 0 or not sells)
        )
        for line, taxes, with_tax, at_price in lines._get_discounted_amounts():
            left = float(nets[line] / gross[line])
            discountable += with_tax * left
            per_tax[taxes] += at_price * left
        return discountable, per_tax
