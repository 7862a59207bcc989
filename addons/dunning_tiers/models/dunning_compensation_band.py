from decimal import Decimal

from odoo import fields, models

from ..engine import interest


class DunningCompensationBand(models.Model):
    """Fixed sum that the law gives the creditor for a debt of a certain size."""

    _name = "dunning.compensation.band"
    _description = "Dunning Compensation Band"
    _order = "rule_id, amount, id"

    rule_id = fields.Many2one(
        "dunning.interest.rule", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    currency_id = fields.Many2one(related="rule_id.compensation_currency_id")
    amount_to = fields.Monetary(
        "Debts up to", help="Size of the debt, taxes included. 0: any size."
    )
    amount_to_included = fields.Boolean(
        "Limit included",
        help="Whether a debt of exactly the limit belongs here (Ireland) or to the next "
        "band (United Kingdom).",
    )
    amount = fields.Monetary("Compensation", required=True)

    _limit_uniq = models.UniqueIndex(
        "(rule_id, COALESCE(amount_to, 0))",
        "The rule has a band with this limit already.",
    )
    _amounts_positive = models.Constraint(
        "CHECK(amount_to >= 0 AND amount >= 0)", "Amounts cannot be negative."
    )

    def _to_bands(self):
        """The bands as the engine wants them."""
        return tuple(
            interest.Band(
                Decimal(str(band.amount_to)) if band.amount_to else None,
                band.amount_to_included,
                Decimal(str(band.amount)),
            )
            for band in self
        )
