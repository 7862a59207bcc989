from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    maker_sees_customer = fields.Boolean(
        related="company_id.maker_sees_customer", readonly=False
    )
