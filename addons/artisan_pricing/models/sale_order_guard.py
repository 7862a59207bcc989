from odoo import api, models
from odoo.exceptions import AccessError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`: where a payment term comes from is not given by hand."""
        if not self.env.su:
            defaults = self.env["ir.default"]._get_model_defaults(self._name)
            self._check_origin_kept(
                "terms_origin" in defaults
                or "default_terms_origin" in self.env.context
                or any("terms_origin" in vals for vals in vals_list)
            )
        return super().create(vals_list)

    def write(self, vals):
        """Override of `sale`: where a payment term comes from is not changed by hand."""
        if not self.env.su:
            self._check_origin_kept("terms_origin" in vals)
        return super().write(vals)

    @api.model
    def _check_origin_kept(self, is_given):
        """
        :raise AccessError: it is given
        """
        if is_given:
            raise AccessError(
                self.env._(
                    "Whether a payment term was earned follows from the order: choose "
                    "another payment term instead."
                )
            )

    def _write_vals_from_reward_vals(self, reward_vals, old_lines, delete=True):
        """Override of `sale_loyalty`: whoever adds a reward does not say who pays it."""
        percents = {
            vals["reward_id"]: vals["maker_percent"]
            for vals in reward_vals
            if "maker_percent" in vals
        }
        reward_vals = [
            {name: value for name, value in vals.items() if name != "maker_percent"}
            for vals in reward_vals
        ]
        res = super()._write_vals_from_reward_vals(reward_vals, old_lines, delete)
        for line in self.sudo().order_line if percents else ():
            percent = percents.get(line.reward_id.id, line.maker_percent)
            if line.maker_percent != percent:
                line.maker_percent = percent
        return res
