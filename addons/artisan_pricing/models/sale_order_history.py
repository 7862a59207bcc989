from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.onchange("partner_id")
    def _onchange_partner_id_history(self):
        """Offer new prices: another customer bought other things before."""
        if not self.order_line or not self.pricelist_id.has_price_models:
            return
        # Who sells may not see price models.
        models_ = self.env["artisan.price.model"].sudo()
        if models_.search_count([("counts_history", "=", True)], limit=1):
            self.show_update_pricelist = True
