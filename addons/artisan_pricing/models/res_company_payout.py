from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    artisan_commission_scheme_id = fields.Many2one(
        "artisan.commission.scheme",
        "Commission of Makers",
        domain="[('company_id', 'in', (id, False))]",
        ondelete="restrict",
        help="For makers without a scheme of their own.",
    )
    artisan_payout_journal_id = fields.Many2one(
        "account.journal",
        "Payout Journal",
        domain="[('type', '=', 'purchase'), ('is_self_billing', '=', True), "
        "('company_id', '=', id)]",
        help="Where the bills are made that makers are paid by.",
    )
    artisan_statement_period = fields.Selection(
        [
            ("month", "Each month"),
            ("half_month", "Each half month"),
            ("week", "Each week"),
        ],
        "Statements of Makers",
        help="How often drafts of statements are made; empty: by hand only.",
    )
