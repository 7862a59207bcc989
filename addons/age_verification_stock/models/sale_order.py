from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _age_release(self):
        """Override of `age_verification`: what waited is picked now."""
        result = super()._age_release()
        if not self.age_held_since:
            self._age_launch_waiting()
        return result

    def _age_launch_waiting(self):
        """Begin the transfers of lines that need not wait any more."""
        self.ensure_one()
        waiting = self.order_line.filtered("is_age_waiting")
        if self.state == "sale" and waiting:
            waiting._action_launch_stock_rule()

    def _get_age_pickable(self, verdict):
        """The waiting lines that this verdict lets go.

        :param verdict: :class:`facts.Verdict` on the order
        """
        refused = {line.line for line in verdict.refused}
        return self.order_line.filtered(
            lambda line: line.is_age_waiting and line not in refused
        )
