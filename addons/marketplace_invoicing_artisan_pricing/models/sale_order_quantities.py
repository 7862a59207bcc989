from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _is_bound_by_quantities(self):
        """Override of `artisan_pricing`: the marketplace has sold it already."""
        return super()._is_bound_by_quantities() and not self.marketplace_order_id
