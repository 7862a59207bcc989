from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

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

    # Overview
    count_payouts_to_approve = fields.Integer(compute="_compute_payout_counts")
    count_payouts_not_banked = fields.Integer(compute="_compute_payout_counts")
    count_refunds_to_approve = fields.Integer(compute="_compute_payout_counts")

    _settlement_limits = models.Constraint(
        "CHECK(unsettled_after_days >= 0 AND fee_drift_percent >= 0)",
        "Days and percentages cannot be negative.",
    )

    # === CRUD ===

    def write(self, vals):
        """Override: the clearing account stays while something on it is open.

        :raises ValidationError: what is open there would be in no list, and never matched
        """
        if "clearing_account_id" in vals:
            account = self.env["account.account"].browse(vals["clearing_account_id"])
            leaving = self.filtered(lambda c: c.clearing_account_id != account)
            leaving._assert_cleared()
        return super().write(vals)

    def _assert_cleared(self):
        """Refuse to leave a clearing account on which something of these channels is open."""
        for channel in self.filtered("clearing_account_id"):
            open_items = channel._get_open_clearing_domain()
            item = self.env["account.move.line"].sudo().search(open_items, limit=1)
            if item:
                raise ValidationError(
                    self.env._(
                        "The clearing account %(account)s of %(channel)s still has open "
                        "items, such as %(item)s in %(entry)s. Clearing control explains "
                        "them: match or book them, then choose another account.",
                        account=channel.clearing_account_id.display_name,
                        channel=channel.name,
                        item=item.name or item.display_name,
                        entry=item.move_id.display_name,
                    )
                )

    def _get_open_clearing_domain(self):
        """Return what is open on the clearing account; of a shared one, this channel's only."""
        self.ensure_one()
        domain = Domain("account_id", "=", self.clearing_account_id.id)
        domain &= Domain("company_id", "child_of", self.company_id.id)
        domain &= Domain("parent_state", "=", "posted")
        domain &= Domain("reconciled", "=", False) & Domain("balance", "!=", 0.0)
        others = self.sudo().with_context(active_test=False)
        if others.search_count(
            [
                ("clearing_account_id", "=", self.clearing_account_id.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        ):
            domain &= Domain("marketplace_order_id.channel_id", "=", self.id) | Domain(
                "move_id.marketplace_settlement_id.channel_id", "=", self.id
            )
        return domain

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

    def _compute_payout_counts(self):
        to_approve = self._to_approve_domain()
        # A settlement that paid nothing out waits for no bank.
        posted = [
            ("state", "=", "posted"),
            ("is_open_account", "=", False),
            ("amount_payout", "!=", 0),
        ]
        counts = {
            "count_payouts_to_approve": self._count(
                "marketplace.settlement", to_approve
            ),
            "count_payouts_not_banked": self._count("marketplace.settlement", posted),
            "count_refunds_to_approve": self._count("marketplace.refund", to_approve),
        }
        for channel in self:
            for name, per_channel in counts.items():
                channel[name] = per_channel.get(channel, 0)

    def _count_to_review(self):
        """Override: payouts and refunds wait for somebody, too."""
        counts = super()._count_to_review()
        for name in ("marketplace.settlement", "marketplace.refund"):
            for channel, count in self._count(
                name, [("state", "=", "exception")]
            ).items():
                counts[channel] = counts.get(channel, 0) + count
        return counts

    def action_open_refunds(self):
        """Open this channel's refunds that wait for approval."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_refund_action"
        )
        action["domain"] = [("channel_id", "=", self.id)]
        action["context"] = {"search_default_to_approve": 1}
        return action

    def action_open_settlements(self):
        """Open this channel's settlements; the context may name a default filter."""
        self.ensure_one()
        action = self.env["marketplace.settlement"]._get_action()
        action["domain"] = [("channel_id", "=", self.id)]
        filter_name = self.env.context.get("settlement_filter")
        action["context"] = {f"search_default_{filter_name}": 1} if filter_name else {}
        return action
