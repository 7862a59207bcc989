from odoo import fields, models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    dunning_watch = fields.Boolean(
        "Customers pay here",
        default=True,
        help="No reminder is sent while the statements of this account are out of date.",
    )
