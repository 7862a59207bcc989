import re
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models

from ..const import PLATFORMS
from .marketplace_order_settlement import SETTLED_STATES

#: Platforms of settlements that are none of orders, as banks write them.
GATEWAY_NAMES = {"stripe": "Stripe", "paypal": "PayPal"}


class MarketplaceSettlement(models.Model):
    """What settlements tell about orders and bank transactions, by reference."""

    _inherit = "marketplace.settlement"

    # === ORDERS ===

    def _match_orders(self):
        """Find the orders of these settlements' lines; reconcile what is booked already."""
        self.sudo().line_ids._match_to_orders()
        booked = self.filtered(lambda settlement: settlement.state in SETTLED_STATES)
        booked.sudo().line_ids.order_id._reconcile_clearing()

    def _reconcile_entries(self):
        """Reconcile the entries among themselves, with orders and with their neighbours."""
        plan = []
        for settlement in self:
            carried = settlement._get_clearing_items("carry").sorted(
                lambda item: (item.move_id.marketplace_settlement_month, item.id)
            )
            # Out of one month and into the next, in turn; a month in between has its
            # "in" before its "out" as the plan lists them.
            plan += [carried[n : n + 2] for n in range(0, len(carried), 2)]
        plan += self._get_continued_balances()
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
        self.line_ids.order_id._reconcile_clearing()

    def _get_clearing_items(self, role):
        """Return the items of one role in the entries that stand."""
        return self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.marketplace_is_reversed
        ).line_ids.filtered(lambda item: item.marketplace_role == role)

    def _get_continued_balances(self):
        """Return pairs of a closing balance and the opening balance that takes it up."""
        if not any(s.opening_balance or s.closing_balance for s in self):
            return []
        items = self.env["account.move.line"].search(
            [
                ("marketplace_role", "in", ("opening", "closing")),
                ("account_id", "in", self.channel_id.clearing_account_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="date, id",
        )
        waiting, pairs = {}, []
        for item in items:
            settlement = item.move_id.marketplace_settlement_id
            amount = item.amount_residual_currency
            if item.marketplace_role == "closing":
                key = (settlement.channel_id, item.currency_id, amount)
                waiting.setdefault(key, []).append(item)
                continue
            key = (settlement.channel_id, item.currency_id, -amount)
            earlier = [
                closing
                for closing in waiting.get(key, [])
                if closing.move_id.marketplace_settlement_id != settlement
            ]
            if earlier:
                waiting[key].remove(earlier[-1])
                pairs.append(earlier[-1] | item)
        return pairs

    # === BANK ===

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
        payouts = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("marketplace_role", "=", "payout"),
                    ("account_id", "in", channels.clearing_account_id.ids),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_currency", "in", list(amounts)),
                    (
                        "move_id.marketplace_settlement_id.channel_id",
                        "in",
                        channels.ids,
                    ),
                ]
            )
        )
        self._match_payouts(payouts)

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

    @api.model
    def _get_bank_candidates(self, payouts):
        """Return {payout: open bank transactions of its amount, currency and days}."""
        journals = (
            payouts.move_id.marketplace_settlement_id.channel_id.payout_journal_id
        )
        amounts = payouts.mapped("amount_currency")
        if not journals:
            return {}
        bank_lines = self.env["account.bank.statement.line"].search(
            [
                ("journal_id", "in", journals.ids),
                ("is_reconciled", "=", False),
                "|",
                ("amount", "in", amounts),
                ("amount_currency", "in", amounts),
            ]
        )
        open_lines = bank_lines.filtered(lambda line: line._is_open_for_payout())
        return {
            payout: open_lines.filtered(lambda line, p=payout: self._fits(p, line))
            for payout in payouts
        }

    @api.model
    def _fits(self, payout, bank_line):
        settlement = payout.move_id.marketplace_settlement_id
        channel = settlement.channel_id
        currency, amount = bank_line._get_payout_amount()
        day = payout.date
        if settlement.deposited_date:
            day = settlement._to_local_date(settlement.deposited_date)
        window = timedelta(days=channel.deposit_window_days)
        return (
            bank_line.journal_id == channel.payout_journal_id
            and currency == payout.currency_id
            and not currency.compare_amounts(amount, payout.amount_currency)
            and day - window <= bank_line.date <= day + window
        )

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

    @api.model
    def _reconcile_deposits(self, pairs):
        """Move the bank's counterparts to the clearing accounts and reconcile them.

        :param pairs: [(payout's journal item, bank transaction)]
        """
        plan = []
        for payout, bank_line in pairs:
            _liquidity, suspense, _other = bank_line._seek_for_lines()
            suspense.write({"account_id": payout.account_id.id, "name": payout.name})
            payout.move_id.marketplace_settlement_id.bank_line_id = bank_line
            plan.append(payout | suspense)
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
        settlements = self.union(
            *(payout.move_id.marketplace_settlement_id for payout, _line in pairs)
        )
        settlements._update_banked()

    def _update_banked(self):
        """Say which settlements the bank has, all their payouts, and which it has not."""
        for settlement in self:
            payouts = settlement._get_clearing_items("payout")
            if payouts and all(payouts.mapped("reconciled")):
                settlement._update_state(("posted",), "banked")
            else:
                settlement._update_state(("banked",), "posted")
            if not any(payouts.mapped("reconciled")):
                settlement.bank_line_id = False

    def _undo_deposits(self):
        """Give bank transactions of these payouts back to the suspense account."""
        payouts = self._get_clearing_items("payout")
        matched = payouts._all_reconciled_lines() - payouts
        matched.statement_line_id.action_undo_reconciliation()

    # === ACTIONS ===

    def action_match(self):
        """Look again for orders and bank transactions of these settlements."""
        self.check_access("write")
        self._match_orders()
        self._match_deposits()

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
