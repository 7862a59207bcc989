from collections import Counter

from odoo import models

from ..offers import Offers


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _update_programs_and_rewards(self):
        """Override of `sale_loyalty`: what has come to exclude each other is settled."""
        res = super()._update_programs_and_rewards()
        if excluded := self._get_excluded_rewards():
            self._release_rewards(excluded).unlink()
            self._reprice_rewards()
        return res

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty`: of rewards that exclude each other the better stay."""
        excluded = self._get_excluded_rewards({reward: coupon})
        if reward in excluded:
            return {"error": self._get_exclusion_error(reward, excluded[reward])}
        order = self._with_joining(reward.program_id)
        if not excluded:
            return super(SaleOrder, order)._apply_program_reward(
                reward, coupon, **kwargs
            )
        with self.env.cr.savepoint() as savepoint:
            old_lines = kwargs.pop("old_lines", self.order_line.browse())
            old_lines |= self._release_rewards(excluded)
            result = super(SaleOrder, order)._apply_program_reward(
                reward, coupon, old_lines=old_lines, **kwargs
            )
            if "error" in result:
                savepoint.rollback()
                return result
        self._reprice_rewards()
        return result

    def _try_apply_program(self, program, coupon=None):
        """Override of `sale_loyalty`: say what a program does not go together with."""
        if program not in self._get_applied_programs():
            error = self._get_joining_error(program, coupon)
            if error:
                return {"error": error}
        order = self._with_joining(program)
        return super(SaleOrder, order)._try_apply_program(program, coupon=coupon)

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty` not to offer what would be refused."""
        claimable = super()._get_claimable_rewards(forced_coupons=forced_coupons)
        for coupon, rewards in list(claimable.items()):
            refused = rewards.filtered(
                lambda reward, coupon=coupon: (
                    reward in self._get_excluded_rewards({reward: coupon})
                )
            )
            claimable[coupon] -= refused
            if not claimable[coupon]:
                del claimable[coupon]
        return claimable

    def _get_applied_global_discount_lines(self):
        """Override of `sale_loyalty`: those that the one to be applied does not replace."""
        lines = super()._get_applied_global_discount_lines()
        joining = self.env.context.get("artisan_joining_program_id")
        if not joining:
            return lines
        program = self.env["loyalty.program"].browse(joining)
        return lines.filtered(
            lambda line: not line.reward_id.program_id._goes_with(program)
        )

    def _best_global_discount_already_applied(
        self, current_reward, new_reward, discountable=None
    ):
        """Override of `sale_loyalty`: several that go together are compared as one."""
        if new_reward in current_reward:
            return True
        rivals = current_reward.filtered(
            lambda reward: not reward.program_id._goes_with(new_reward.program_id)
        )
        if not rivals:
            return False
        if len(rivals) == 1:
            return super()._best_global_discount_already_applied(
                rivals, new_reward, discountable
            )
        if discountable is None:
            discountable = self._discountable_amount(rivals)
        taken = sum(self._get_discount_amount(each, discountable) for each in rivals)
        offered = self._get_discount_amount(new_reward, discountable)
        return self.currency_id.compare_amounts(min(taken, discountable), offered) >= 0

    # Helpers

    def _with_joining(self, program):
        """The order to which rewards of a program are added: those that go together with it
        stay."""
        if not program.is_stackable:
            return self
        return self.with_context(artisan_joining_program_id=program.id)

    def _get_excluded_rewards(self, joining=None):
        """Rewards that cannot stay with the others of their stack group.

        :param joining: reward -> card that might be added
        :return: {reward: rewards that exclude it}; empty where no stack group is used
        """
        self.ensure_one()
        offers = {line.reward_id: line.coupon_id for line in self.order_line}
        offers = {reward: card for reward, card in offers.items() if reward}
        offers |= joining or {}
        programs = [reward.program_id for reward in offers]
        groups = Counter(
            (program._get_stage(), program.stack_group_id)
            for program in programs
            if program.stack_group_id
        )
        if not any(count > 1 for count in groups.values()):
            return {}
        return Offers(self.sudo(), offers).get_excluded()

    def _get_joining_error(self, program, coupon):
        """Why none of a program's rewards can be added, as far as others exclude them."""
        rewards = program.reward_ids
        exclusions = [
            (reward, self._get_excluded_rewards({reward: coupon}).get(reward))
            for reward in rewards
        ]
        if exclusions and all(others for _reward, others in exclusions):
            return self._get_exclusion_error(*exclusions[0])
        rivals = self._with_joining(program)._get_applied_global_discount()
        discounts = rewards.filtered("is_global_discount")
        if len(rivals) > 1 and discounts:
            if all(
                self._best_global_discount_already_applied(rivals, discount)
                for discount in discounts
            ):
                return self._get_exclusion_error(discounts[:1], rivals)
        return None

    def _get_exclusion_error(self, reward, others):
        return self.env._(
            "%(promotion)s does not go together with %(others)s, which takes off more. "
            "Remove that to apply this one.",
            promotion=reward.program_id.name,
            others=", ".join(others.program_id.mapped("name")),
        )

    def _release_rewards(self, excluded):
        """Take rewards off, with a note; their lines are left without effect, to be used for
        other rewards or deleted."""
        for reward, others in excluded.items():
            self._message_log(
                body=self.env._(
                    "%(promotion)s was taken off: it does not go together with "
                    "%(others)s, which takes off more.",
                    promotion=reward.program_id.name,
                    others=", ".join(others.program_id.mapped("name")),
                )
            )
        lines = self.order_line.filtered(lambda line: line.reward_id in excluded)
        return lines._reset_loyalty(True)
