from odoo import api, models


class ArtisanPriceTier(models.Model):
    _inherit = "artisan.price.tier"

    @api.model_create_multi
    def create(self, vals_list):
        """Override to log the prices that change."""
        tiers = super().create(vals_list)
        tiers.price_model_id.sudo().item_ids._log_prices()
        return tiers

    def write(self, vals):
        """Override to log the prices that change."""
        models_before = self.price_model_id
        res = super().write(vals)
        (models_before | self.price_model_id).sudo().item_ids._log_prices()
        return res

    def unlink(self):
        """Override to log the prices that change."""
        self.price_model_id.sudo().item_ids._log_prices()
        return super().unlink()
