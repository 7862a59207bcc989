from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    artisan_commission_scheme_id = fields.Many2one(
        related="company_id.artisan_commission_scheme_id", readonly=False
    )
    artisan_payout_journal_id = fields.Many2one(
        related="company_id.artisan_payout_journal_id", readonly=False
    )
    artisan_statement_period = fields.Selection(
        related="company_id.artisan_statement_period", readonly=False
    )
