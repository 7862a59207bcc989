from odoo import fields, models


class DunningMinimum(models.Model):
    """Smallest amount worth a notice, for one currency."""

    _name = "dunning.minimum"
    _description = "Dunning Minimum Amount"
    _order = "policy_id, currency_id"

    policy_id = fields.Many2one(
        "dunning.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(
        required=True,
        help="Customers who owe less than this in this currency get no notice.",
    )

    _currency_uniq = models.Constraint(
        "UNIQUE(policy_id, currency_id)",
        "There is a minimum for this currency already.",
    )
    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "A minimum amount cannot be negative."
    )
