from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _reset_price_unit(self):
        """Override of `sale`, which also calls it outside of the computation when a product
        is chosen: what was bought before counts there too."""
        with self._baskets_at_hand():
            return super()._reset_price_unit()
