from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    logs_list_prices = fields.Boolean(
        related="company_id.logs_list_prices", readonly=False
    )
    prior_price_shortest_days = fields.Integer(
        related="company_id.prior_price_shortest_days", readonly=False
    )
    prior_price_growing = fields.Boolean(
        related="company_id.prior_price_growing", readonly=False
    )
    prior_price_growing_days = fields.Integer(
        related="company_id.prior_price_growing_days", readonly=False
    )
