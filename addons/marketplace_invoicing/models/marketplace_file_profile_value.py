from typing import get_args

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..channels.settlement import SettlementLineType

MEANINGS = {
    "statuses": {"pending", "open", "shipped", "done", "cancelled"},
    "payment_statuses": {
        "unpaid",
        "partial",
        "paid",
        "partially_refunded",
        "refunded",
        "voided",
        "unknown",
    },
    "liabilities": {"seller", "marketplace", "unknown"},
    "line_types": set(get_args(SettlementLineType)),
}


class MarketplaceFileProfileValue(models.Model):
    """A word of a shop's files and what it means."""

    _name = "marketplace.file.profile.value"
    _description = "Marketplace File Profile Word"
    _order = "profile_id, subject, word"
    _rec_name = "word"

    profile_id = fields.Many2one(
        "marketplace.file.profile", required=True, index=True, ondelete="cascade"
    )
    subject = fields.Selection(
        [
            ("statuses", "State of the order"),
            ("payment_statuses", "State of the payment"),
            ("liabilities", "Who owes the tax"),
            ("countries", "Country"),
            ("line_types", "Row of a payout"),
        ],
        required=True,
        default="statuses",
    )
    word = fields.Char(required=True, help="As the file writes it.")
    meaning = fields.Char(
        required=True, help="For countries the two-letter code, else one of our states."
    )

    _word_uniq = models.Constraint(
        "UNIQUE(profile_id, subject, word)", "This word has a meaning already."
    )

    @api.constrains("subject", "meaning")
    def _check_meaning(self):
        for value in self:
            known = MEANINGS.get(value.subject)
            if known and value.meaning not in known:
                raise ValidationError(
                    self.env._(
                        "%(meaning)s is not one of %(known)s",
                        meaning=value.meaning,
                        known=", ".join(sorted(known)),
                    )
                )
