"""What a replay is given and what it gives, see :mod:`simulation`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from . import ladder

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money or a credit note that settled a part of a debt.

    :param value_date: day on which the money moved; date of the credit note
    :param known_date: first day on which the ledger showed it
    :param amount: positive, in the currency of the debt; 0 for an exchange difference
    :param balance: the same in the company's currency; by default the amount
    :param matched_date: day from which the debt is that much lower; by default the day
        on which it was known. In between it is a :class:`Credit`.
    """

    value_date: date
    known_date: date
    amount: Decimal
    balance: Decimal | None = None
    matched_date: date | None = None
    is_credit_note: bool = False

    @property
    def settles_on(self) -> date:
        return self.matched_date or self.known_date

    @property
    def worth(self) -> Decimal:
        return self.amount if self.balance is None else self.balance

    def delayed(self, days: int) -> Payment:
        """The payment as if bank data came so many days after the money.

        Our own credit notes are known, and matched, on their date.
        """
        wait = timedelta(days=0 if self.is_credit_note else days)
        return replace(
            self, known_date=self.value_date + wait, matched_date=self.value_date + wait
        )


@dataclass(frozen=True, slots=True)
class Credit:
    """A payment or credit note of a customer while it is not matched with a debt.

    :param amount: positive, in its own currency
    :param value_date: as for :class:`Payment`
    :param known_date: first day on which the ledger showed it
    :param matched_date: first day on which it was matched, or None when it never was
    """

    customer: Hashable
    currency: Hashable
    amount: Decimal
    balance: Decimal
    value_date: date
    known_date: date
    matched_date: date | None = None
    is_credit_note: bool = False

    def is_open(self, day: date) -> bool:
        return self.known_date <= day and (
            self.matched_date is None or day < self.matched_date
        )

    def is_hidden(self, day: date) -> bool:
        """Money that had moved by then, unknown, and that no debt's payments hold."""
        return self.matched_date is None and self.value_date <= day < self.known_date

    def delayed(self, days: int) -> Credit | None:
        """As :meth:`Payment.delayed`; None when it is matched as soon as it is known."""
        if self.matched_date is not None:
            return None
        wait = timedelta(days=0 if self.is_credit_note else days)
        return replace(self, known_date=self.value_date + wait)


@dataclass(frozen=True, slots=True)
class Debt:
    """One receivable item: an invoice, or one instalment of it.

    :param amount: positive, at the time of the invoice
    :param balance: the same in the company's currency
    :param due: due date, or None
    :param issued: first day on which the ledger showed the debt
    """

    key: Hashable
    customer: Hashable
    currency: Hashable
    amount: Decimal
    balance: Decimal
    due: date | None
    issued: date
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a policy decides on what day which notice goes.

    :param levels: :class:`ladder.Level` in ascending order of their days
    :param customer_gap_days: days between two notices to a customer in one currency
    :param minimum: smallest worth of a notice, in the company's currency
    :param minimums: smallest amount by currency, instead of ``minimum``
    :param highest_only: a notice holds only the debts on the highest level in it
    :param waits_for_matching: open credits worth the minimum or more stop all notices to
        the customer; otherwise only credits as high as what is asked do
    """

    levels: tuple[ladder.Level, ...]
    customer_gap_days: int = 0
    minimum: Decimal = ZERO
    minimums: Mapping[Hashable, Decimal] = field(default_factory=dict)
    highest_only: bool = False
    waits_for_matching: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """What would have gone to a customer, or to a person when the level escalates.

    :param level: the highest level of its items
    :param items: (key of the debt, level of the debt)
    :param amount: what is asked for, in the currency
    :param balance: the same in the company's currency
    :param wrong_balance: how much of it had been paid or credited by that day, though the
        ledger showed it only later
    """

    day: date
    customer: Hashable
    currency: Hashable
    level: ladder.Level
    items: tuple[tuple[Hashable, ladder.Level], ...]
    amount: Decimal
    balance: Decimal
    wrong_balance: Decimal = ZERO

    @property
    def is_wrong(self) -> bool:
        return self.wrong_balance > 0

    @property
    def is_reminder(self) -> bool:
        """Whether the customer gets it; an escalation goes to a person."""
        return not self.level.is_escalation


def total(name: str, values: Iterable) -> Decimal:
    """Sum of one amount of each of the values."""
    return sum(map(attrgetter(name), values), ZERO)
