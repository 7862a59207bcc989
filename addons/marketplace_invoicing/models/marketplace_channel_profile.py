from dataclasses import replace

from odoo import fields, models


class MarketplaceChannel(models.Model):
    """Files that are read as somebody has set up: orders, and payouts of any platform."""

    _inherit = "marketplace.channel"

    profile_id = fields.Many2one(domain="[('document', '=', 'orders')]")
    settlement_profile_id = fields.Many2one(
        "marketplace.file.profile",
        string="Payout Profile",
        check_company=True,
        domain="[('document', '=', 'settlement')]",
        help="Which column of a payout report holds what. Used for files that are not known "
        "otherwise; empty: only known reports are read.",
    )

    def _get_settlement_profiles(self):
        """Return the `channels.profiles.Profile` of payout reports, for the channel's platform."""
        return [
            replace(
                channel.settlement_profile_id._to_profile(), platform=channel.platform
            )
            for channel in self
            if channel.settlement_profile_id
        ]

    def _read_stream(self, stream, name, platform=None, fallbacks=()):
        """Try the payout profile of the channel on files of no known format."""
        return super()._read_stream(
            stream, name, platform, [*fallbacks, *self._get_settlement_profiles()]
        )
