from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    order_quantity_policy = fields.Selection(
        related="company_id.order_quantity_policy", readonly=False, required=True
    )
