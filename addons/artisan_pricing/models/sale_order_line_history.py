from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _reset_price_unit(self):
        """Override of `sale`, which also calls it outside of the computation when a product
        is chosen: what was bought before counts there too."""
        return super(SaleOrderLine, self._with_baskets())._reset_price_unit()
