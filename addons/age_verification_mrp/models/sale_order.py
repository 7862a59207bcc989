from odoo import api, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model
    def _get_age_restricted_domain(self):
        """Override of `age_verification`: kits with something restricted in them."""
        kits = self.env["mrp.bom"]._get_age_restricted_kits()
        restricted = Domain("order_line.product_id.product_tmpl_id", "in", kits.ids)
        return super()._get_age_restricted_domain() | restricted
