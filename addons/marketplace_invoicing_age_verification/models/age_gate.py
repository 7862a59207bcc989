from odoo import api, models


class AgeGate(models.AbstractModel):
    _inherit = "age.gate"

    @api.model
    def _cron_release(self):
        """Override: orders of marketplaces wait for proofs as well."""
        result = super()._cron_release()
        self.env["marketplace.order"]._age_requeue()
        return result
