from collections import Counter
from datetime import timedelta

from odoo import api, models


class MarketplaceSettlement(models.Model):
    """Deposits that an accountant booked on the clearing account before the payout was there."""

    _inherit = "marketplace.settlement"

    @api.model
    def _match_payouts(self, payouts):
        """Override: then what somebody booked on the clearing account, whatever its text.

        Whoever booked it there said whose money it is: account, amount and days are enough
        where either has only the other.
        """
        super()._match_payouts(payouts)
        payouts = payouts.filtered(lambda item: not item.reconciled)
        booked = self._get_booked_items(payouts)
        if not booked:
            return
        days = self._get_payout_days(payouts)
        found = {
            payout: booked.filtered(
                lambda item, p=payout: self._is_deposit(p, days[p], item)
            )
            for payout in payouts
        }
        wanted = Counter(item for items in found.values() for item in items)
        plan = [
            payout | items
            for payout, items in found.items()
            if len(items) == 1 and wanted[items] == 1
        ]
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)

    @api.model
    def _get_booked_items(self, payouts):
        """Return the open items of bank transactions on these payouts' accounts."""
        amounts = [-amount for amount in payouts.mapped("amount_residual_currency")]
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("account_id", "in", payouts.account_id.ids),
                    ("statement_line_id", "!=", False),
                    ("marketplace_role", "=", False),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual_currency", "in", amounts),
                ]
            )
        )

    @api.model
    def _is_deposit(self, payout, day, item):
        """Tell whether an item of a bank transaction may be the payout's deposit."""
        channel = payout.move_id.marketplace_settlement_id.channel_id
        window = timedelta(days=channel.deposit_window_days)
        return (
            item.account_id == payout.account_id
            and item.currency_id == payout.currency_id
            and item.currency_id.is_zero(
                item.amount_residual_currency + payout.amount_residual_currency
            )
            and day - window <= item.date <= day + window
        )
