import re
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models

from ..const import PLATFORMS, SETTLED_STATES

#: Platforms of settlements that are none of orders, as banks write them.
GATEWAY_NAMES = {"stripe": "Stripe", "paypal": "PayPal"}


class MarketplaceSettlement(models.Model):
    """Payouts and the bank transactions that bring them."""

    _inherit = "marketplace.settlement"

    is_deposit_undone = fields.Boolean(
        readonly=True,
        copy=False,
        help="Somebody undid the match with the bank transaction: the scheduler does not "
        "make it again, but Match does.",
    )

    # === WHO WAITS FOR WHOM ===

    def _match_deposits(self):
        """Match the payouts of these settlements with bank transactions, where unambiguous."""
        settlements = self.sudo().filtered(lambda s: s.state == "posted")
        payouts = settlements._get_clearing_items("payout")
        self._match_payouts(payouts.filtered(lambda item: not item.reconciled))

    @api.model
    def _match_bank_lines(self, bank_lines):
        """Match new bank transactions with payouts that wait for them.

        :param bank_lines: `account.bank.statement.line` of any journals
        """
        channels = (
            self.env["marketplace.channel"]
            .sudo()
            .search([("payout_journal_id", "in", bank_lines.journal_id.ids)])
        )
        if not channels:
            return
        amounts = {*bank_lines.mapped("amount"), *bank_lines.mapped("amount_currency")}
        self._match_payouts(
            self._get_open_payouts(channels, [("amount_currency", "in", list(amounts))])
        )

    @api.model
    def _get_open_payouts(self, channels, domain=()):
        """Return the items of payouts that no bank transaction was found for.

        :param domain: restricts the items
        """
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("marketplace_role", "=", "payout"),
                    ("account_id", "in", channels.clearing_account_id.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    (
                        "move_id.marketplace_settlement_id.channel_id",
                        "in",
                        channels.ids,
                    ),
                    *domain,
                ]
            )
        )

    @api.model
    def _match_payouts(self, payouts):
        """Pair payouts and bank transactions: by reference, then by amount, day and name.

        :param payouts: open journal items
        """
        candidates = self._get_bank_candidates(payouts)
        pairs = self._pair(candidates, self._names_payout)
        taken = {bank_line for _payout, bank_line in pairs}
        left = {
            payout: lines.filtered(lambda line: line not in taken)
            for payout, lines in candidates.items()
            if payout not in {matched for matched, _line in pairs}
        }
        pairs += self._pair(left, self._names_platform)
        self._reconcile_deposits(pairs)

    # === CANDIDATES ===

    @api.model
    def _get_bank_candidates(self, payouts):
        """Return {payout: open bank transactions of its amount, currency and days}."""
        channels = payouts.move_id.marketplace_settlement_id.channel_id
        if not channels.payout_journal_id:
            return {}
        bank_lines = self._search_bank_lines(channels.payout_journal_id, payouts)
        by_amount = bank_lines.grouped(lambda line: line._get_payout_amount())
        days = self._get_payout_days(payouts)
        return {
            payout: by_amount.get(
                (payout.currency_id, payout.amount_currency), bank_lines.browse()
            ).filtered(lambda line, p=payout: self._fits(p, days[p], line))
            for payout in payouts
        }

    @api.model
    def _search_bank_lines(self, journals, payouts, limit=None):
        """Return the open bank transactions of these payouts' amounts.

        :param payouts: journal items
        """
        amounts = payouts.mapped("amount_currency")
        channels = payouts.move_id.marketplace_settlement_id.channel_id
        return self.env["account.bank.statement.line"].search(
            [
                ("journal_id", "in", journals.ids),
                "|",
                ("is_reconciled", "=", False),
                ("id", "in", self._get_booked_bank_lines(channels).ids),
                "|",
                ("amount", "in", amounts),
                ("amount_currency", "in", amounts),
            ],
            limit=limit,
        )

    @api.model
    def _get_booked_bank_lines(self, channels):
        """Return the transactions that somebody booked on a clearing account by hand.

        So does who closes a month before the payout's file is there.
        """
        items = self.env["account.move.line"].search(
            [
                ("account_id", "in", channels.clearing_account_id.ids),
                ("statement_line_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        return items.statement_line_id

    @api.model
    def _get_payout_days(self, payouts):
        """Return {payout: the day around which the bank has it}.

        That of the deposit; of several transfers in one settlement, each has its own.
        """
        transfers = self.env["marketplace.settlement.line"].search(
            [
                ("entry_line_id", "in", payouts.ids),
                ("type", "=", "transfer"),
                ("posted_date", "!=", False),
            ],
            order="posted_date, id",
        )
        lines = transfers.grouped("entry_line_id")
        days = {}
        for payout in payouts:
            settlement = payout.move_id.marketplace_settlement_id
            moment = settlement.deposited_date
            line = lines.get(payout, transfers)[:1] if payout in lines else None
            if line and (not moment or self._has_several_transfers(settlement)):
                moment = line.posted_date
            days[payout] = settlement._to_local_date(moment) if moment else payout.date
        return days

    @api.model
    def _has_several_transfers(self, settlement):
        return len(settlement._get_clearing_items("payout")) > 1

    @api.model
    def _fits(self, payout, day, bank_line):
        """Tell whether a transaction of the payout's amount is of its bank and days."""
        channel = payout.move_id.marketplace_settlement_id.channel_id
        window = timedelta(days=channel.deposit_window_days)
        return (
            bank_line.journal_id == channel.payout_journal_id
            and day - window <= bank_line.date <= day + window
            and bool(bank_line._get_payout_counterpart(payout.account_id))
        )

    # === NAMES ===

    @api.model
    def _pair(self, candidates, is_named):
        """Return [(payout, bank transaction)] where either has only the other.

        :param is_named: function of settlement and transaction's text
        """
        found = {
            payout: lines.filtered(
                lambda line, p=payout: is_named(
                    p.move_id.marketplace_settlement_id, line._get_payout_text()
                )
            )
            for payout, lines in candidates.items()
        }
        wanted = Counter(line for lines in found.values() for line in lines)
        return [
            (payout, lines)
            for payout, lines in found.items()
            if len(lines) == 1 and wanted[lines] == 1
        ]

    @api.model
    def _names_payout(self, settlement, text):
        refs = (settlement.bank_ref, settlement.external_ref)
        return any(
            re.search(rf"(?<!\w){re.escape(ref.casefold())}(?!\w)", text)
            for ref in refs
            if ref
        )

    @api.model
    def _names_platform(self, settlement, text):
        platform = (settlement.format or "").partition(".")[0]
        names = {**dict(PLATFORMS), **GATEWAY_NAMES}
        words = {names.get(platform), settlement.channel_id.name}
        return any(word and word.casefold() in text for word in words)

    # === MATCHED ===

    @api.model
    def _reconcile_deposits(self, pairs):
        """Move the bank's counterparts to the clearing accounts and reconcile them.

        :param pairs: [(payout's journal item, bank transaction)]
        """
        plan = []
        for payout, bank_line in pairs:
            counterpart = bank_line._get_payout_counterpart(payout.account_id)
            if counterpart.account_id != payout.account_id:
                counterpart.write(
                    {"account_id": payout.account_id.id, "name": payout.name}
                )
            plan.append(payout | counterpart)
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)

    def _update_banked(self):
        """Say which settlements the bank has, all their payouts, and which it has not."""
        for settlement in self:
            payouts = settlement._get_clearing_items("payout")
            matched = payouts._get_matched_items()
            if payouts and all(payouts.mapped("reconciled")):
                closed = "returned" if settlement._is_returned(matched) else "banked"
                if settlement.state != closed:
                    settlement._update_state(SETTLED_STATES, closed)
                settlement.is_deposit_undone = False
            elif settlement.state in ("banked", "returned"):
                settlement._update_state(("banked", "returned"), "posted")
            bank_lines = matched.statement_line_id
            if settlement.bank_line_id not in bank_lines or not bank_lines:
                settlement.bank_line_id = bank_lines[:1]

    def _is_returned(self, matched):
        """Tell whether a later payout took this one back instead of the bank.

        :param matched: journal items that its payouts are matched with
        """
        return False

    def _get_deposits_to_undo(self):
        """Return the items of payouts whose match with the bank is taken back."""
        return self._get_clearing_items("payout")

    def _undo_deposits(self):
        """Give bank transactions of these payouts back to the suspense account.

        In a closed month the bank's entry stays as it is; only the match is undone.
        """
        payouts = self._get_deposits_to_undo()
        bank_lines = payouts._get_matched_items().statement_line_id
        kept = bank_lines.filtered(lambda line: line.move_id._is_marketplace_kept())
        (bank_lines - kept).action_undo_reconciliation()
        payouts.remove_move_reconcile()

    # === ACTIONS ===

    def action_undo_deposit(self):
        """Take the match with the bank transaction back."""
        self.check_access("write")
        self.sudo()._undo_deposits()


class MarketplaceChannel(models.Model):
    """How long a payout may take to the bank."""

    _inherit = "marketplace.channel"

    deposit_window_days = fields.Integer(
        string="Days to the Bank",
        default=7,
        help="A bank transaction is taken for a payout when it is at most so many days "
        "away from the day of the deposit.",
    )

    _deposit_window_positive = models.Constraint(
        "CHECK(deposit_window_days >= 0)", "Days cannot be negative."
    )
