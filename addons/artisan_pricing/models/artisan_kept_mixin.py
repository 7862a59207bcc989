from odoo import api, models

from ..registry_cache import forget


class ArtisanKeptMixin(models.AbstractModel):
    """Of what is kept in the registry's cache: each change has it read anew."""

    _name = "artisan.kept.mixin"
    _description = "Kept in the Registry's Cache"

    @api.model_create_multi
    def create(self, vals_list):
        """Override to forget what was kept."""
        created = super().create(vals_list)
        forget(self.env)
        return created

    def write(self, vals):
        """Override to forget what was kept."""
        res = super().write(vals)
        forget(self.env)
        return res

    def unlink(self):
        """Override to forget what was kept."""
        res = super().unlink()
        forget(self.env)
        return res
