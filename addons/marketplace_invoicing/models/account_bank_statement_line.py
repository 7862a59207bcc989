import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class AccountBankStatementLine(models.Model):
    """Deposits of marketplaces find their payout by themselves."""

    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: match what a channel's payout is waiting for.

        What goes wrong there never keeps a bank statement out; it stays for a person.
        """
        bank_lines = super().create(vals_list)
        channels = self.env["marketplace.channel"].sudo()
        if not channels.search_count(
            [("payout_journal_id", "in", bank_lines.journal_id.ids)], limit=1
        ):
            return bank_lines
        # Whoever imports a bank statement need not be one who reviews settlements.
        settlements = self.env["marketplace.settlement"].sudo()
        message = self.env["marketplace.order"]._try_in_savepoint(
            lambda: settlements._match_bank_lines(bank_lines.sudo())
        )
        if message:
            _logger.info("Deposits %s are not matched: %s", bank_lines.ids, message)
        return bank_lines

    def action_undo_reconciliation(self):
        """Override of `account`: the payout is open again."""
        settlements = self._get_settlements()
        result = super().action_undo_reconciliation()
        settlements._update_banked()
        return result

    def unlink(self):
        """Override of `account`: the payout is open again."""
        settlements = self._get_settlements()
        result = super().unlink()
        settlements._update_banked()
        return result

    def _get_settlements(self):
        """Return the settlements whose payouts these transactions are matched with."""
        items = self.sudo().line_ids._all_reconciled_lines()
        payouts = items.filtered(lambda item: item.marketplace_role == "payout")
        return payouts.move_id.marketplace_settlement_id

    def _is_open_for_payout(self):
        """Tell whether nobody has booked this transaction yet."""
        self.ensure_one()
        _liquidity, suspense, other = self._seek_for_lines()
        return len(suspense) == 1 and not other

    def _get_payout_amount(self):
        """Return currency and amount as the sender saw them."""
        self.ensure_one()
        if self.foreign_currency_id:
            return self.foreign_currency_id, self.amount_currency
        return self.currency_id, self.amount

    def _get_payout_text(self):
        """Return everything the bank wrote, for comparison."""
        self.ensure_one()
        parts = (
            self.payment_ref,
            self.ref,
            self.narration,
            self.partner_name,
        )
        return " ".join(str(part) for part in parts if part).casefold()
