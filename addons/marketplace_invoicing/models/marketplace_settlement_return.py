from datetime import timedelta

from odoo import models
from odoo.fields import Domain

from .marketplace_order_settlement import SETTLED_STATES

#: Statuses of a payout that did not arrive.
LOST_STATUSES = ("failed", "cancelled")
#: Platforms that have no status for a payout: there a return takes back the payout of its amount
#: that is at most so many days older.
WITHOUT_STATUS = ("etsy",)
RETURN_DAYS = 30


class MarketplaceSettlement(models.Model):
    """Payouts that did not arrive: their money is part of a later payout.

    Both stay as they are in the books: what the first one consists of was earned then. Its
    payout waits on the clearing account until the return takes it back instead of the bank.
    """

    _inherit = "marketplace.settlement"

    # === PIPELINE ===

    def _process(self):
        """Override: a return that arrives lets the payout that failed be booked."""
        result = super()._process()
        lost = self._get_lost_payouts()
        if lost:
            lost._update_state(("exception", "cancelled"), "draft")
            super(MarketplaceSettlement, lost)._process()
        return result

    def _get_lost_payouts(self):
        """Return the payouts kept out of the books whose money these settlements brought back."""
        returns = self.env["marketplace.settlement.line"].search(
            [("settlement_id", "in", self.ids), ("type", "=", "payout_return")]
        )
        if not returns:
            return self.browse()
        lost = self.search(
            Domain("channel_id", "in", returns.channel_id.ids)
            & (
                Domain("state", "=", "exception") & Domain("status", "=", "failed")
                | Domain("state", "=", "cancelled") & Domain("status", "=", "cancelled")
            )
            & Domain("line_ids", "!=", False)
        )
        return lost._filter_returned()

    def _filter_returned(self):
        """Return those of these payouts whose money a line of the channel brings back."""
        if not self:
            return self
        returns = self.env["marketplace.settlement.line"].search(
            [
                ("channel_id", "in", self.channel_id.ids),
                ("stated_type", "=", "payout_return"),
                ("settlement_id.state", "!=", "cancelled"),
            ]
        )
        found = returns._find_returned_payouts() if returns else {}
        return self & self.browse().union(*found.values())

    # === POSTED ===

    def _note_failure(self):
        """Say of a payout in the books that it did not arrive, unless its money is back."""
        self.ensure_one()
        self._add_issue(
            "settlement_failed",
            self.env._(
                "The channel says this payout did not arrive: %(status)s",
                status=self.channel_status or self.status,
            ),
            severity="warning",
        )
        self._reconcile_returns()

    def _reconcile_entries(self):
        """Override: returns take back the payouts that did not arrive."""
        result = super()._reconcile_entries()
        self._reconcile_returns()
        return result

    def _match_deposits(self):
        """Override: a return may have come before the payout it takes back was booked."""
        self._reconcile_returns()
        return super()._match_deposits()

    def _is_returned(self, matched):
        """Override: the bank has none of it, and lines that bring money back stand for it.

        What the bank had first and then sent back itself was in the bank.
        """
        if not matched or matched.statement_line_id:
            return super()._is_returned(matched)
        returns = self.env["marketplace.settlement.line"].search(
            [("entry_line_id", "in", matched.ids), ("type", "=", "payout_return")]
        )
        return matched <= returns.entry_line_id

    def _reconcile_returns(self):
        """Reconcile what came back with the payouts that did not arrive, in one batch."""
        returns = (
            self.env["marketplace.settlement.line"]
            .sudo()
            .search(
                [
                    ("channel_id", "in", self.channel_id.ids),
                    ("type", "=", "payout_return"),
                    ("settlement_id.state", "in", SETTLED_STATES),
                ]
            )
        )
        if not returns:
            return
        plan, matched = [], self.browse()
        for line, payout in returns._find_returned_payouts().items():
            payout.issue_ids.filtered(lambda i: i.code == "settlement_failed")._close(
                "resolved"
            )
            items = line._pair_with_payout(payout)
            if items:
                plan.append(items)
                matched |= items.move_id.marketplace_settlement_id
        reversed_topups = returns._pair_topups()
        plan += reversed_topups
        for items in reversed_topups:
            matched |= items.move_id.marketplace_settlement_id
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
            matched._update_banked()


class MarketplaceSettlementLine(models.Model):
    """Lines that bring the money of an earlier payout back."""

    _inherit = "marketplace.settlement.line"

    def _find_returned_payouts(self):
        """Return {line: the payout that it brings back}, each payout once.

        By the payout's id where the line names one; else the only payout of that amount that
        failed or was cancelled, or, where the platform tells no status, that is a little older.
        """
        payouts = self._get_possible_payouts()
        named = {(payout.channel_id, payout.external_ref): payout for payout in payouts}
        found, left = {}, self.browse()
        for line in self.filtered(lambda line: line.amount > 0):
            payout = named.get((line.channel_id, line.reference))
            if payout and payout not in found.values():
                found[line] = payout
            elif not payout and "topup" not in (line.code or ""):
                left |= line
        for line in left:
            taken = set(found.values())
            fitting = payouts.filtered(
                lambda p, x=line, t=taken: p not in t and x._may_return(p)
            )
            if len(fitting) == 1:
                found[line] = fitting
        return found

    def _get_possible_payouts(self):
        """Return the payouts that these lines name, or that are of their amounts."""
        return self.env["marketplace.settlement"].search(
            Domain("channel_id", "in", self.channel_id.ids)
            & Domain("is_open_account", "=", False)
            & (
                Domain(
                    "external_ref", "in", self.filtered("reference").mapped("reference")
                )
                | Domain("amount_payout", "in", self.mapped("amount"))
            )
        )

    def _may_return(self, payout):
        """Tell whether a payout that this line does not name may be the one it brings back."""
        self.ensure_one()
        if (
            payout == self.settlement_id
            or payout.channel_id != self.channel_id
            or payout.currency_id != self.currency_id
            or self.currency_id.compare_amounts(payout.amount_payout, self.amount)
        ):
            return False
        if payout.status in LOST_STATUSES:
            return True
        sent, back = payout.deposited_date, self.posted_date
        return bool(
            (payout.format or "").startswith(WITHOUT_STATUS)
            and sent
            and back
            and timedelta() <= back - sent <= timedelta(days=RETURN_DAYS)
        )

    def _pair_with_payout(self, payout):
        """Return the open journal items of this line and of the payout that it takes back."""
        self.ensure_one()
        mine = self.entry_line_id.filtered(lambda item: not item.reconciled)
        theirs = payout._get_clearing_items("payout").filtered(
            lambda item: (
                not item.reconciled
                and mine
                and item.account_id == mine.account_id
                and item.currency_id == mine.currency_id
                and not item.currency_id.compare_amounts(
                    item.amount_residual_currency, -mine.amount_residual_currency
                )
            )
        )
        return mine | theirs[:1] if theirs else theirs

    def _pair_topups(self):
        """Return pairs of open journal items: a top-up and the line that reverses it."""
        pairs = []
        topups = self.filtered(lambda x: x.amount > 0 and x.reference)
        by_ref = {(x.channel_id, x.reference, -x.amount): x for x in topups}
        for line in self.filtered(lambda x: x.amount < 0):
            other = by_ref.get((line.channel_id, line.reference, line.amount))
            items = (
                (line | other).entry_line_id if other else line.browse().entry_line_id
            )
            if len(items) == 2 and not any(items.mapped("reconciled")):
                pairs.append(items)
        return pairs
