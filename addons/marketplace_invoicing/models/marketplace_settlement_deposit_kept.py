from odoo import models

from ..const import REVERSAL


class AccountMoveLine(models.Model):
    """Payouts that arrived in a month which is closed by now."""

    _inherit = "account.move.line"

    def _stays_in_bank(self):
        """Tell whether this payout of a closed month arrived in a closed month, too.

        Its match with the bank is part of what was closed. When the settlement is booked anew
        the reverse of the payout, and not the bank, is matched with the new one.
        """
        self.ensure_one()
        if self.marketplace_role != "payout" or not self.reconciled:
            return False
        bank_moves = self._get_matched_items().statement_line_id.move_id
        return (
            bool(bank_moves)
            and self.move_id._is_marketplace_kept()
            and all(move._is_marketplace_kept() for move in bank_moves)
        )

    def _get_matched_items(self):
        """Override: what is matched with the reverse of a payout is in that one's bank."""
        items = super()._get_matched_items()
        for item in items.filtered(lambda x: x.marketplace_role == "payout"):
            former = item.move_id.reversed_entry_id.line_ids.filtered(
                lambda x: x.marketplace_role == "payout"
            )
            if former and not former & self:
                items |= former._get_matched_items()
        return items

    def remove_move_reconcile(self):
        """Override: a settlement that is reversed leaves the bank of closed months alone."""
        items = self
        if self._is_marketplace_reversal():
            items = self.filtered(lambda item: not item._stays_in_bank())
        return super(AccountMoveLine, items).remove_move_reconcile()

    def _pair_with_successors(self, payouts):
        """Return pairs of reverse items and new payouts of the same amount.

        A single one of either takes the other also where the amount is another now: the rest
        stays open.
        """
        if len(self) == len(payouts) == 1:
            return [self | payouts] if self.account_id == payouts.account_id else []
        pairs, left = [], list(payouts)
        for item in self:
            for payout in left:
                if (
                    payout.account_id == item.account_id
                    and payout.currency_id == item.currency_id
                    and payout.currency_id.is_zero(
                        payout.amount_residual_currency + item.amount_residual_currency
                    )
                ):
                    left.remove(payout)
                    pairs.append(item | payout)
                    break
        return pairs


class MarketplaceSettlement(models.Model):
    """Deposits of a closed month, when the settlement is booked anew."""

    _inherit = "marketplace.settlement"

    def _get_deposits_to_undo(self):
        """Override: while it is reversed, not those of a closed month."""
        payouts = super()._get_deposits_to_undo()
        if self.env.context.get("marketplace_reverse_settlement") is not REVERSAL:
            return payouts
        return payouts.filtered(lambda item: not item._stays_in_bank())

    def _match_deposits(self):
        """Override: the new payout takes the deposit over from the reversed one."""
        self._take_over_deposits()
        return super()._match_deposits()

    def _take_over_deposits(self):
        """Match new payouts with the reverse of those whose deposit stays where it is."""
        reverses = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("marketplace_role", "=", "payout"),
                    ("reconciled", "=", False),
                    ("parent_state", "=", "posted"),
                    (
                        "move_id.reversed_entry_id.marketplace_settlement_id",
                        "in",
                        self.ids,
                    ),
                ]
            )
        )
        plan = []
        for settlement, items in reverses.grouped(
            lambda item: item.move_id.reversed_entry_id.marketplace_settlement_id
        ).items():
            payouts = settlement.sudo()._get_clearing_items("payout")
            payouts = payouts.filtered(lambda item: not item.reconciled)
            plan += items._pair_with_successors(payouts)
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
