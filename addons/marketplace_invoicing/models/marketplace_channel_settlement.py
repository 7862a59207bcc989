from odoo import fields, models


class MarketplaceChannel(models.Model):
    """How the payouts of a channel reach the books."""

    _inherit = "marketplace.channel"

    reserve_account_id = fields.Many2one(
        "account.account",
        tracking=True,
        check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
        help="Money that the marketplace holds back and releases later. Needed as soon as a "
        "settlement has reserves.",
    )
    payout_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        help="Bank journal in which the payouts arrive. Its statement lines are matched with "
        "the settlements; empty: you match them by hand.",
    )
    unsettled_after_days = fields.Integer(
        default=14,
        help="A paid order that is in no payout after so many days is listed as late.",
    )
    fee_drift_percent = fields.Float(
        default=20.0,
        help="A fee whose share of the sales differs from the usual by more than this is "
        "pointed out.",
    )

    _settlement_limits = models.Constraint(
        "CHECK(unsettled_after_days >= 0 AND fee_drift_percent >= 0)",
        "Days and percentages cannot be negative.",
    )
