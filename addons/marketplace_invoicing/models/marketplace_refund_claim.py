from odoo import models

#: Platforms that decide a claim before its money is in a settlement: what a settlement says is
#: taken stays taken. A won appeal is an amount of its own.
FINAL_PLATFORMS = ("amazon",)


class MarketplaceSettlementLine(models.Model):
    """Claims of buyers whose money is gone for good."""

    _inherit = "marketplace.settlement.line"

    def _is_final(self):
        """Tell whether nobody decides any more about the money of this line."""
        self.ensure_one()
        if not self.is_dispute:
            return True
        settlement = self.settlement_id
        platform = (settlement.format or "").partition(".")[0]
        return platform in FINAL_PLATFORMS and not settlement.is_open_account


class MarketplaceRefund(models.Model):
    """What a claim took is credited when a person says so."""

    _inherit = "marketplace.refund"

    def _needs_approval(self):
        """Override: the seller may have delivered all the same, or appeal."""
        return super()._needs_approval() or bool(self._get_claimed_lines())

    def _get_claimed_lines(self):
        """Return the lines of payouts that say a claim took this refund's money."""
        self.ensure_one()
        claimed = self.order_id.settlement_line_ids.filtered("is_dispute")
        return claimed.filtered(
            lambda line: (
                self.payout_ref and line._get_refund_key()[1] == self.payout_ref
            )
        )
