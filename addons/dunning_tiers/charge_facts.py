"""What the charges of some notices are worked out from, in a fixed number of queries."""

from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from .engine.interest import Payment
from .rate_book import RateBook


def to_decimal(amount, currency):
    """A ledger amount as the exact decimal that it stands for."""
    return Decimal(str(currency.round(amount)))


def credit_day(credit_line, date_due):
    """Since when a payment or credit note lowers a debt.

    A payment counts from its own date. What a credit note takes back was never owed, so
    it counts from the due date and bears no interest at all.
    """
    if credit_line.move_id.move_type == "out_refund":
        return date_due
    return credit_line.date


class ChargeFacts:
    """Payments, earlier charges, rules and rates for the notices, read when asked for."""

    def __init__(self, notices):
        self.env = notices.env
        self.notices = notices
        self._books = {}
        self._rules = {}
        # At once: each notice looks only at its own items later.
        notices.fetch(["company_id", "partner_id", "level_id", "policy_id"])
        notices.item_ids.move_id.fetch(["name"])

    @cached_property
    def lines(self):
        return self.notices.item_ids.move_line_id

    @cached_property
    def payments(self):
        """Move line id -> payments matched with it, in its currency."""
        partials = (
            self.env["account.partial.reconcile"]
            .sudo()
            .search_fetch(
                [("debit_move_id", "in", self.lines.ids)],
                ["debit_move_id", "credit_move_id", "debit_amount_currency"],
            )
        )
        payments = defaultdict(list)
        for partial in partials:
            line = partial.debit_move_id
            amount = to_decimal(partial.debit_amount_currency, line.currency_id)
            if amount > 0:  # exchange differences have none
                day = credit_day(partial.credit_move_id, line.date_maturity)
                payments[line.id].append(Payment(day, amount))
        return payments

    @cached_property
    def invoiced_charges(self):
        """Charges that earlier notices invoiced; printed ones may be asked again."""
        return (
            self.env["dunning.notice.charge"]
            .sudo()
            .search(
                [
                    ("move_line_id.move_id", "in", self.lines.move_id.ids),
                    ("notice_id.charge_move_id.state", "=", "posted"),
                    ("notice_id.charge_move_id.payment_state", "!=", "reversed"),
                    ("notice_id", "not in", self.notices.ids),
                ]
            )
        )

    @cached_property
    def charged_until(self):
        """Move line id -> last day whose interest was invoiced."""
        days = {}
        for charge in self.invoiced_charges:
            if charge.kind == "interest":
                key = charge.move_line_id.id
                days[key] = max(days.get(key, charge.date_to), charge.date_to)
        return days

    @cached_property
    def compensated_moves(self):
        """Invoices whose compensation was invoiced: it is due once."""
        charges = self.invoiced_charges.filtered(lambda c: c.kind == "compensation")
        return charges.move_line_id.move_id

    def get_book(self, notice):
        key = (notice.company_id, notice.date)
        if key not in self._books:
            self._books[key] = RateBook(*key)
        return self._books[key]

    def get_rule(self, notice, is_consumer):
        """The policy's rule, else that of the company's country."""
        if notice.policy_id.interest_rule_id:
            return notice.policy_id.interest_rule_id
        key = (notice.company_id, is_consumer)
        if key not in self._rules:
            rule = self.env["dunning.interest.rule"]
            self._rules[key] = rule._find_for(notice.company_id, notice.partner_id)
        return self._rules[key]
