from odoo import fields, models

from ..channels import intake
from ..channels.base import GATEWAYS, ChannelParseError


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

    # === FILES ===

    def _read_stream(self, stream, name, platform=None, fallbacks=()):
        """Return (format, iterator of records) of a file of this channel, or of any.

        A payment provider's file is read as what it is, also in a channel of mapped files.

        :param stream: seekable binary stream
        :param platform: only where the content fits several; the channel's is the default
        :param fallbacks: `channels.profiles.Profile` to try on a file of no known format
        :raises ChannelParseError: refused, of an unknown format, or with nothing to import
        """
        profile = self._get_profile() if self else None
        if profile and self._is_of_gateway(stream, name):
            profile = None
        return intake.read(
            stream,
            name,
            platform=platform or self.platform or None,
            profile=profile,
            fallbacks=fallbacks,
        )

    def _is_of_gateway(self, stream, name):
        try:
            sample = intake.sample(intake.open_document(stream, name))
            file_format = intake.detect(sample, intake.all_formats())
        except ChannelParseError:
            return False
        return file_format.platform in GATEWAYS

    # === OVERVIEW ===

    def action_open_settlements(self):
        """Open this channel's settlements; the context may name a default filter."""
        self.ensure_one()
        action = self.env["marketplace.settlement"]._get_action()
        action["domain"] = [("channel_id", "=", self.id)]
        filter_name = self.env.context.get("settlement_filter")
        action["context"] = {f"search_default_{filter_name}": 1} if filter_name else {}
        return action
