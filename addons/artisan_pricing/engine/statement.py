"""What a maker is paid for a period, line by line, and whether the whole adds up. Pure.

A statement lists sales and refunds at the price before promotions, the discounts that the
maker bears, commission by part, adjustments and what the period before left over. Its figures
follow from its entries alone. A negative balance, or one below the payout minimum, is carried
forward.

Amounts are in the statement's currency, without tax, with the sign in which they change what
the maker is owed; ``step`` is the currency's rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .earning import Earning
from .money import ZERO, PricingError, not_negative, to_steps

CARRIED, SALE, REFUND = "carried", "sale", "refund"
DISCOUNT, COMMISSION, ADJUSTMENT = "discount", "commission", "adjustment"
#: In the order in which they stand under one document.
KINDS = (CARRIED, SALE, REFUND, DISCOUNT, COMMISSION, ADJUSTMENT)


class StatementError(PricingError):
    """Entries that do not belong on the statement, or a statement that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement.

    :ivar day: when it was booked
    :ivar document: invoice, credit note or adjustment; empty for what is carried forward
    :ivar line: key of the sold line in the document, if it is about one
    :ivar code: the promotion of a discount, or the part of a commission
    :ivar amount: what it adds to what the maker is owed
    """

    kind: str
    day: date
    document: str
    line: str
    code: str
    amount: Decimal

    def __post_init__(self):
        if self.kind not in KINDS:
            raise StatementError("kind", self.kind, f"is none of {', '.join(KINDS)}")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What may stand on statements only once."""
        return self.document, self.line, self.kind, self.code


@dataclass(frozen=True, slots=True)
class Statement:
    """A maker's statement of a period, both days included; made by :func:`make_statement`.

    :ivar payout_minimum: the least that is paid out
    :ivar balance: what the maker is owed; the sum of the entries
    :ivar payout: what is paid out of it now
    :ivar carried_forward: what stays for the next period; negative when the maker owes
    """

    maker: str
    currency: str
    date_from: date
    date_to: date
    step: Decimal
    payout_minimum: Decimal
    entries: tuple[Entry, ...]
    balance: Decimal
    payout: Decimal
    carried_forward: Decimal

    def totals(self) -> dict[str, Decimal]:
        """Kind of entry -> sum, for all kinds, in the order of :data:`KINDS`."""
        totals = dict.fromkeys(KINDS, ZERO)
        for entry in self.entries:
            totals[entry.kind] += entry.amount
        return totals

    def differences(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Figure -> (as it stands, as it follows from the entries), where the two differ."""
        again = _figures(self.entries, self.payout_minimum)
        stands = (self.balance, self.payout, self.carried_forward)
        names = ("balance", "payout", "carried_forward")
        return {
            name: (old, new)
            for name, old, new in zip(names, stands, again, strict=True)
            if old != new
        }

    def next(self, date_to: date, entries: Iterable[Entry]) -> Statement:
        """The statement of the period after this one, with what this one carries forward.

        :param date_to: its last day
        :raises StatementError: as :func:`make_statement`
        """
        return make_statement(
            self.maker,
            self.currency,
            self.date_to + timedelta(days=1),
            date_to,
            entries,
            step=self.step,
            payout_minimum=self.payout_minimum,
            carried=self.carried_forward,
        )


def make_statement(
    maker: str,
    currency: str,
    date_from: date,
    date_to: date,
    entries: Iterable[Entry],
    *,
    step: Decimal,
    payout_minimum: Decimal = ZERO,
    carried: Decimal = ZERO,
) -> Statement:
    """The statement of a maker for a period, the same in whatever order the entries come.

    :param entries: of this maker and currency, booked from ``date_from`` to ``date_to``
    :param carried: what the period before left over, of either sign
    :raises StatementError: a day outside the period, an entry twice, a period that ends
        before it begins
    :raises PricingError: an amount finer than ``step``
    """
    if date_to < date_from:
        raise StatementError("date_to", date_to, f"is before {date_from}")
    not_negative("payout minimum", payout_minimum)
    entries = tuple(entries)
    if carried:
        entries += (Entry(CARRIED, date_from, "", "", "", carried),)
    _check_entries(entries, date_from, date_to, step)
    entries = tuple(sorted(entries, key=_rank))
    figures = _figures(entries, payout_minimum)
    return Statement(
        maker, currency, date_from, date_to, step, payout_minimum, entries, *figures
    )


def rows_of(earning: Earning) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    """What a sold or refunded line puts on its maker's account: (kind, code, by maker, by
    platform).

    A sale or refund of nothing is one as well, so that a refund finds its quantity; of the
    others, zeros are left out.
    """
    line = earning.line
    # A line given away for nothing is a sale as well, so the sign of the others counts.
    # Commission on a sale is below zero where it settles what others took.
    others = min(line.by_maker, earning.commission_total)
    yield REFUND if (line.gross or others) < 0 else SALE, "", line.gross, ZERO
    for each in line.discounts:
        if each.by_maker or each.by_platform:
            yield DISCOUNT, each.promotion, -each.by_maker, -each.by_platform
    for code, amount in earning.commission:
        if amount:
            yield COMMISSION, code, -amount, ZERO


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Where the customers' money of a period went.

    :ivar net: what customers paid, without tax, refunds taken off
    :ivar payouts: what makers are paid
    :ivar carried: by how much more (or less) is owed to makers than before the period
    :ivar platform: what the platform keeps
    """

    net: Decimal
    payouts: Decimal
    carried: Decimal
    platform: Decimal

    @property
    def difference(self) -> Decimal:
        """Zero when every cent is accounted for."""
        return self.net - self.payouts - self.carried - self.platform


def reconcile(
    statements: Iterable[Statement], earnings: Iterable[Earning]
) -> Reconciliation:
    """Compare the statements of a period with what was sold and refunded in it.

    :param statements: of all makers, in one currency
    :param earnings: of all lines booked in the period, those of the platform itself included
    :raises StatementError: two currencies, or an entry that stands on two statements
    """
    statements, earnings = tuple(statements), tuple(earnings)
    currencies = sorted({each.currency for each in statements})
    if len(currencies) > 1:
        raise StatementError("currency", ", ".join(currencies), "one at a time")
    entries = [entry for each in statements for entry in each.entries]
    # One adjustment may concern several makers; a sold line belongs to one.
    _check_once(entry for entry in entries if entry.kind not in (CARRIED, ADJUSTMENT))

    def total(amounts: Iterable[Decimal]) -> Decimal:
        return sum(amounts, ZERO)

    carried_in = total(entry.amount for entry in entries if entry.kind == CARRIED)
    adjusted = total(entry.amount for entry in entries if entry.kind == ADJUSTMENT)
    return Reconciliation(
        net=total(each.line.net for each in earnings),
        payouts=total(each.payout for each in statements),
        carried=total(each.carried_forward for each in statements) - carried_in,
        platform=total(each.platform for each in earnings) - adjusted,
    )


def _figures(
    entries: Iterable[Entry], payout_minimum: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    """Balance, payout and what is carried forward."""
    balance = sum((entry.amount for entry in entries), ZERO)
    payout = balance if balance > 0 and balance >= payout_minimum else ZERO
    return balance, payout, balance - payout


def _rank(entry: Entry):
    return (
        entry.kind != CARRIED,
        entry.day,
        entry.document,
        entry.line,
        KINDS.index(entry.kind),
        entry.code,
    )


def _check_entries(
    entries: Iterable[Entry], date_from: date, date_to: date, step: Decimal
):
    for entry in entries:
        to_steps(f"amount of {entry.kind} {entry.document}", entry.amount, step)
        if not date_from <= entry.day <= date_to:
            raise StatementError(
                f"day of {entry.kind} {entry.document}",
                entry.day,
                f"is not from {date_from} to {date_to}",
            )
    _check_once(entries)


def _check_once(entries: Iterable[Entry]):
    seen: set[tuple] = set()
    for entry in entries:
        if entry.identity in seen:
            raise StatementError(
                "entry", " ".join(filter(None, entry.identity)), "occurs twice"
            )
        seen.add(entry.identity)
