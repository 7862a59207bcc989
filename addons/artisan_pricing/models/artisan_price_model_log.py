from odoo import models


class ArtisanPriceModel(models.Model):
    _inherit = "artisan.price.model"

    def write(self, vals):
        """Override to log the prices that change."""
        res = super().write(vals)
        self.sudo().item_ids._log_prices()
        return res
