from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    terms_limit_policy = fields.Selection(
        related="company_id.terms_limit_policy", readonly=False, required=True
    )
