from odoo import fields, models


class ArtisanChangeRefusal(models.TransientModel):
    _name = "artisan.change.refusal"
    _description = "Refuse Changes of Makers"

    request_ids = fields.Many2many("artisan.change.request", required=True)
    reason = fields.Char(required=True, help="The maker reads it.")

    def action_refuse(self):
        """Refuse the requests with the reason."""
        self.ensure_one()
        self.request_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
