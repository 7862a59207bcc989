from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    artisan_entry_ids = fields.One2many(
        "artisan.payout.entry",
        "move_id",
        "Entries of Makers",
        groups="account.group_account_invoice,account.group_account_readonly,"
        "artisan_pricing.group_artisan_user",
        readonly=True,
        copy=False,
    )
