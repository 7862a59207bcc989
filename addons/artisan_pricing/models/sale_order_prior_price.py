from odoo import models

from ..prior_prices import PriorPrices


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _action_confirm(self):
        """Override of `sale` to keep what is printed of cuts, before anybody is told."""
        moments = self.env.context.get("artisan_confirmed_prices") or {}
        for order in self:
            # A customer who pays confirms too, and may not read the log.
            reductions = PriorPrices(
                order.sudo(), moments.get(order.id)
            ).get_reductions()
            for line, cut in reductions.items():
                line.write(line._prepare_prior_price_vals(cut))
        return super()._action_confirm()

    def _get_prior_price_vals(self):
        """What may be printed of cuts: as kept at confirmation, or as of now.

        :return: {id of a line: values of its fields}
        """
        self.ensure_one()
        order = self.sudo()
        if self.state == "sale":
            return {
                line.id: {
                    "prior_price": line.prior_price,
                    "prior_price_percent": line.prior_price_percent,
                }
                for line in order.order_line
                if line.prior_price
            }
        return {
            line.id: line._prepare_prior_price_vals(cut)
            for line, cut in PriorPrices(order).get_reductions().items()
        }

    def _get_prior_price_texts(self):
        """:return: {id of a line: what is printed below its name}"""
        self.ensure_one()
        vals = self._get_prior_price_vals()
        return {
            line.id: line._format_prior_price(vals[line.id])
            for line in self.order_line
            if line.id in vals
        }
