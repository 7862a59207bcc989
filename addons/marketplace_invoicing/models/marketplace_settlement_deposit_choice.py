from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

#: Transactions that a person chooses from.
MOST_CHOICES = 80


class MarketplaceSettlement(models.Model):
    """Bank transactions that a person names where the bank's text leads to none, or to two."""

    _inherit = "marketplace.settlement"

    def _get_deposit_choices(self):
        """Return [(payout's journal item, bank transaction)] that a person may pair.

        Of the payout's amount and currency, in any bank of the company and of any day: what
        differs by a cent is for an accountant to book.
        """
        payouts = self._get_clearing_items("payout").filtered(
            lambda item: not item.reconciled
        )
        bank_lines = self._search_bank_lines(
            self._get_bank_journals(), payouts, limit=MOST_CHOICES
        )
        choices = []
        for bank_line in bank_lines.sorted("date", reverse=True):
            amount = bank_line._get_payout_amount()
            payout = payouts.filtered(
                lambda item, a=amount: (item.currency_id, item.amount_currency) == a
            )[:1]
            if payout and bank_line._get_payout_counterpart(payout.account_id):
                choices.append((payout, bank_line))
        return choices

    def _get_bank_journals(self):
        return self.env["account.journal"].search(
            [
                ("type", "in", ("bank", "cash", "credit")),
                ("company_id", "in", self.company_id.ids),
            ]
        )

    def _choose_deposit(self, payout, bank_line):
        """Reconcile a payout with the bank transaction that a person chose.

        :raises UserError: one of them has been matched meanwhile
        """
        self.ensure_one()
        self.check_access("write")
        settlement = self.sudo()
        if (payout, bank_line) not in settlement._get_deposit_choices():
            raise UserError(
                self.env._("The bank transaction or the payout was matched meanwhile.")
            )
        settlement._reconcile_deposits([(payout, bank_line)])
        self._message_log(
            body=self.env._(
                "Bank transaction chosen: %(name)s of %(date)s",
                name=bank_line.payment_ref or bank_line.display_name,
                date=format_date(self.env, bank_line.date),
            )
        )

    # === ACTIONS ===

    def action_choose_deposit(self):
        """Ask which bank transaction brought this payout."""
        self.ensure_one()
        self.check_access("write")
        choice = self.env["marketplace.deposit.choice"].create(
            {"settlement_id": self.id}
        )
        choice._fill()
        return choice._get_records_action(
            name=self.env._("Choose Bank Transaction"), target="new"
        )

    def action_match(self):
        """Override: say what a person can do where one payout has no deposit yet."""
        result = super().action_match()
        if len(self) != 1 or self.state != "posted" or not self.amount_payout:
            return result
        message, kind = self.sudo()._describe_open_deposit()
        return self.env["marketplace.order"]._notify(message, kind)

    def _describe_open_deposit(self):
        """Return why no bank transaction is matched with this payout, and how grave it is."""
        self.ensure_one()
        choices = self._get_deposit_choices()
        values = {"count": len(choices), "amount": self._format(self.amount_payout)}
        if choices:
            return self.env._(
                "Open bank transactions of %(amount)s: %(count)s. None, or more than one, fits "
                "this payout by journal, day and text. Press Choose Bank Transaction.",
                **values,
            ), "warning"
        if not self.channel_id.payout_journal_id:
            return self.env._(
                "No open bank transaction of %(amount)s. Payouts find theirs by themselves "
                "once the channel has a bank journal for them, on its page Payments.",
                **values,
            ), "info"
        return self.env._(
            "No open bank transaction of %(amount)s yet. It is matched by itself as soon as "
            "the bank statement is there.",
            **values,
        ), "info"
