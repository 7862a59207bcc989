from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    artisan_commission_scheme_id = fields.Many2one(
        "artisan.commission.scheme",
        "Commission of Makers",
        domain="[('company_id', 'in', (id, False))]",
        help="For makers without a scheme of their own.",
    )
    artisan_payout_journal_id = fields.Many2one(
        "account.journal",
        "Payout Journal",
        domain="[('type', '=', 'purchase'), ('is_self_billing', '=', True), "
        "('company_id', '=', id)]",
        help="Where the bills are made that makers are paid by.",
    )
