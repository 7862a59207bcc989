from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`: another maker may be stricter."""
        lines = super().create(vals_list)
        lines.order_id._update_earned_terms()
        return lines

    def write(self, vals):
        """Override of `sale`: another maker may be stricter."""
        if not {"product_id", "order_id"} & set(vals):
            return super().write(vals)
        orders = self.order_id
        res = super().write(vals)
        (orders | self.order_id)._update_earned_terms()
        return res

    def unlink(self):
        """Override of `sale`: the strictest maker may be gone."""
        orders = self.order_id
        res = super().unlink()
        orders._update_earned_terms()
        return res

    def _counts_for_terms(self):
        """Whether it sells something: no reward, down payment, delivery or note."""
        self.ensure_one()
        return bool(
            self.product_id
            and not self.display_type
            and not self.is_downpayment
            and not self.is_reward_line
            and not self._is_delivery()
        )
