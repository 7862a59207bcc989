from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_trace_name(self):
        """What the price trace of a part calls its bundle."""
        self.ensure_one()
        return self.name
