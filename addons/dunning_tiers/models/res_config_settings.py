from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_policy_id = fields.Many2one(
        related="company_id.dunning_policy_id", readonly=False
    )
    dunning_automatic = fields.Boolean(
        related="company_id.dunning_automatic", readonly=False
    )
    dunning_hourly_limit = fields.Integer(
        related="company_id.dunning_hourly_limit", readonly=False
    )
