from decimal import Decimal

from pytz import timezone, utc

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_repr, format_date

from ..settlement_plan import PlanLine, UnbalancedSettlement, plan_settlement

#: Types whose amounts belong to an order, unless a fee mapping names an account.
ORDER_TYPES = ("sale", "refund", "tax_withheld")


class MarketplaceSettlement(models.Model):
    """From a settlement that is ready to posted entries, and back."""

    _inherit = "marketplace.settlement"

    # === POSTING ===

    def _post_entries(self):
        """Book ready settlements: one posted entry each and accounting month.

        All are created and posted in one go; other states are left alone. The items of
        orders are reconciled, the payout waits for the bank.

        :raises UserError: lines that do not explain the payout, a fee without an account;
            then none is booked
        """
        due = self.sudo().filtered(lambda settlement: settlement.state == "ready")
        due = due._hold_told_meanwhile()
        due._assert_not_booked()
        due._match_orders()
        mappings = due._get_fee_mappings()
        residuals = due.line_ids.order_id._get_clearing_residuals()
        prepared = []
        for settlement in due:
            for month in settlement._get_plan(mappings):
                prepared.append(settlement._prepare_entry(month, residuals))
        moves = (
            self.env["account.move"].sudo().create([vals for vals, _refs in prepared])
        )
        moves._post(soft=False)
        due._link_entry_lines(moves, [refs for _vals, refs in prepared])
        due._update_state(("ready",), "posted")
        due._reconcile_entries()
        due._match_deposits()

    def _assert_not_booked(self):
        """Refuse where an entry stands for one of these already; our own would be second.

        :raises UserError: names the entry
        """
        moves = self.env["account.move"].search(
            [
                ("marketplace_settlement_id", "in", self.ids),
                ("marketplace_is_reversed", "=", False),
                ("state", "!=", "cancel"),
            ],
            limit=1,
        )
        if moves:
            raise UserError(
                self.env._(
                    "%(entry)s stands for %(settlement)s already. Cancel or delete that "
                    "entry, then check again.",
                    entry=moves.ref or moves.display_name,
                    settlement=moves.marketplace_settlement_id.display_name,
                )
            )

    def _link_entry_lines(self, moves, refs_list):
        """Say of each line which journal item it is part of.

        :param refs_list: per entry and item, in the order they were created: the lines
        """
        Line = self.env["marketplace.settlement.line"]
        for move, refs_of_items in zip(moves, refs_list, strict=True):
            items = move.line_ids.sorted("id")
            for item, ids in zip(items, refs_of_items, strict=True):
                if ids:
                    Line.browse(ids).entry_line_id = item

    # === PLAN ===

    def _get_fee_mappings(self):
        """Return {(channel, code): mapping} of everything these settlements name."""
        mappings = self.env["marketplace.fee.mapping"].search(
            [("channel_id", "in", self.channel_id.ids)]
        )
        return {(mapping.channel_id, mapping.code): mapping for mapping in mappings}

    def _get_plan(self, mappings):
        """Return what to book, a list of `settlement_plan.PlanMonth`.

        :param mappings: see :meth:`_get_fee_mappings`
        :raises UserError: the lines do not explain the payout, or where to book is unknown
        """
        self.ensure_one()
        amount = self._to_decimal
        try:
            return plan_settlement(
                [self._prepare_plan_line(line, mappings) for line in self.line_ids],
                payout=amount(self.amount_total) if self.total_stated else None,
                opening=amount(self.opening_balance),
                closing=amount(self.closing_balance),
                last_day=self._get_fallback_day(),
            )
        except UnbalancedSettlement as error:
            raise UserError(
                self.env._(
                    "The lines of %(settlement)s do not explain the payout: %(difference)s "
                    "are missing.",
                    settlement=self.display_name,
                    difference=self.currency_id.format(float(error.difference)),
                )
            ) from error

    def _to_decimal(self, amount):
        self.ensure_one()
        return Decimal(float_repr(amount, self.currency_id.decimal_places))

    def _prepare_plan_line(self, line, mappings):
        self.ensure_one()
        kind, key = self._get_plan_target(line, mappings)
        original = None
        if line.original_currency and line.original_amount:
            original = (line.original_currency, Decimal(str(line.original_amount)))
        return PlanLine(
            ref=line.id,
            kind=kind,
            key=key,
            amount=self._to_decimal(line.amount),
            day=self._get_line_day(line),
            original=original,
        )

    def _get_plan_target(self, line, mappings):
        """Return kind and key of the journal item that a line goes into.

        Keys: (order, its reference); (account, taxes, analytic) by id; (account, code);
        (line, payout that came back).
        """
        mapping = mappings.get((line.channel_id, line.code or ""))
        account = mapping.account_id if mapping else self.env["account.account"]
        if line.type == "transfer":
            return "transfer", None
        if line.type == "payout_return":
            return "return", (line.id, line.reference or line.code or "")
        if line.type == "reserve":
            account = account or self.channel_id.reserve_account_id
            self._assert_account(account, line)
            return "reserve", (account.id, line.code)
        if line.type in ORDER_TYPES and not account:
            if line.order_id:
                return "order", (line.order_id.id, line.order_id.external_ref)
            return "order", (False, line.order_ref or line.reference or line.code)
        self._assert_account(account, line)
        analytic = tuple(sorted((mapping.analytic_distribution or {}).items()))
        return "account", (account.id, tuple(mapping.tax_ids.ids), analytic)

    def _assert_account(self, account, line):
        if not account:
            raise UserError(
                self.env._(
                    "There is no account for %(code)s of %(settlement)s.",
                    code=line.code or line.type,
                    settlement=self.display_name,
                )
            )

    # === DATES ===

    def _to_local_date(self, moment):
        """Return the day of a stored moment in the channel's time zone, today at the latest."""
        self.ensure_one()
        zone = timezone(self.channel_id.timezone or "UTC")
        moment = min(moment, fields.Datetime.now())
        return utc.localize(moment).astimezone(zone).date()

    def _get_line_day(self, line):
        if line.posted_date:
            return self._to_local_date(line.posted_date)
        return self._get_fallback_day()

    def _get_fallback_day(self):
        """Return the day of what has none: the period's end, else the day of the deposit."""
        self.ensure_one()
        moment = self.period_end or self.deposited_date or self.period_start
        return self._to_local_date(moment or self.create_date)

    def _get_entry_date(self, day, has_tax):
        """Return the day, or the first open one where it is closed."""
        self.ensure_one()
        return self.company_id._get_first_open_day(
            day, self.channel_id.clearing_journal_id, has_tax
        )

    # === WORDS ===

    def _get_entry_ref(self, month):
        self.ensure_one()
        return self.env._(
            "%(channel)s: settlement %(settlement)s, %(month)s",
            channel=self.channel_id.name,
            settlement=self.name,
            month=format_date(self.env, month, date_format="MMMM y"),
        )

    def _prepare_entry(self, month, residuals):
        """Return the values of one entry, and per journal item the ids of its lines.

        :param month: `settlement_plan.PlanMonth`
        :param residuals: see `marketplace.order._get_clearing_residuals`; what the entry
            takes is taken off
        """
        self.ensure_one()
        has_tax = any(i.kind == "account" and i.key[1] for i in month.items)
        date = self._get_entry_date(month.day, has_tax)
        items = self._prepare_items(month.items, date, residuals)
        values = {
            "move_type": "entry",
            "journal_id": self.channel_id.clearing_journal_id.id,
            "company_id": self.company_id.id,
            "date": date,
            "ref": self._get_entry_ref(month.month),
            "marketplace_settlement_id": self.id,
            "marketplace_settlement_month": month.month,
            "line_ids": [Command.create(item) for item, _refs in items],
        }
        return values, [refs for _item, refs in items]
