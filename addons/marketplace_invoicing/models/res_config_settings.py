from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sale_auto_invoice_trigger = fields.Selection(
        related="company_id.sale_auto_invoice_trigger", readonly=False
    )
    sale_auto_invoice_since = fields.Date(
        related="company_id.sale_auto_invoice_since", readonly=False
    )
