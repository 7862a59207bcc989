from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    terms_limit_policy = fields.Selection(
        [("warn", "Warn"), ("stop", "Stop the confirmation")],
        string="Orders over the Credit Limit",
        default="warn",
        help="What happens to an order that exceeds, with the open invoices of its customer, "
        "the credit limit of the grade.",
    )
