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

    def _get_payout_counterpart(self, account):
        """Return the item that a payout can be matched with, empty where there is none.

        What nobody has booked yet, else what somebody booked on the clearing account.

        :param account: the clearing account
        """
        self.ensure_one()
        _liquidity, suspense, other = self._seek_for_lines()
        if len(suspense) == 1 and not other:
            return suspense
        booked = not suspense and other.filtered(
            lambda item: item.account_id == account and not item.reconciled
        )
        return booked if booked and len(other) == 1 else suspense.browse()

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
