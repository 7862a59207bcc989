"""What a payout becomes in the books, month by month: plain values, no Odoo.

Amounts of lines are the seller's, as in :mod:`.channels.settlement`: what raises the payout
is positive. Amounts of items are those of a journal: debit positive, credit negative.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

ZERO = Decimal()

#: ``order``: an order's share of the clearing account. ``account``: fees and adjustments of
#: one account, ``reserve``: money held back. ``payout``: what goes to the bank, or what came
#: back of an earlier payout (then with the key of its line). ``carry``:
#: the rest between two months of one settlement. ``opening``, ``closing``: what the
#: channel's account held before and after. All but ``account`` and ``reserve`` are items of
#: the clearing account.
ItemKind = Literal[
    "order", "account", "reserve", "payout", "carry", "opening", "closing"
]
CLEARING_KINDS = frozenset({"order", "payout", "carry", "opening", "closing"})


class UnbalancedSettlement(ValueError):
    """The lines do not explain payout and balances.

    :ivar difference: payout + closing - opening - lines, in the settlement's currency
    """

    def __init__(self, difference: Decimal) -> None:
        super().__init__(f"the lines lack {difference}")
        self.difference = difference


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One line of a settlement, as far as its booking goes."""

    #: Whatever the caller knows the line by.
    ref: Any
    #: ``return``: an earlier payout that did not arrive is part of this one.
    kind: Literal["order", "account", "reserve", "transfer", "return"]
    amount: Decimal
    day: date
    #: What goes into one journal item: the order, or account, taxes and analytic.
    key: Hashable = None
    #: What ``amount`` was converted from, and its currency; None: not said.
    original: tuple[Hashable, Decimal] | None = None


@dataclass(slots=True, kw_only=True)
class PlanItem:
    """One journal item to be, before taxes."""

    kind: ItemKind
    amount: Decimal
    key: Hashable = None
    refs: list[Any] = field(default_factory=list)
    #: Currency and amount before the channel converted it, debit positive, where all lines
    #: of the item state it in one currency.
    original: tuple[Hashable, Decimal] | None = None


@dataclass(slots=True, kw_only=True)
class PlanMonth:
    """One entry: its items add up to zero."""

    month: date
    #: Day of the month's last line.
    day: date
    items: list[PlanItem]


def plan_settlement(
    lines: Iterable[PlanLine],
    payout: Decimal | None = None,
    opening: Decimal = ZERO,
    closing: Decimal = ZERO,
    last_day: date | None = None,
) -> list[PlanMonth]:
    """Return the entries of a settlement, in the order of their months.

    A payout is one item at the end, or one per transfer where the lines have them and they
    come to the payout. Items that come to zero are left out, entries without items too.

    :param payout: as stated; None: the transfers among the lines
    :param opening: what the channel's account held before
    :param closing: what it holds after
    :param last_day: where lines are missing, the day of the payout
    :raises UnbalancedSettlement: the lines do not add up to payout and balances
    """
    money, transfers = [], []
    for line in lines:
        (transfers if line.kind == "transfer" else money).append(line)
    transferred = -sum((line.amount for line in transfers), ZERO)
    if payout is None:
        payout = transferred
    total = sum((line.amount for line in money), ZERO)
    difference = payout + closing - opening - total
    if difference:
        raise UnbalancedSettlement(difference)
    days = [line.day for line in money or transfers] or [last_day or date.min]
    last = max(days)
    payouts = _plan_payouts(transfers, transferred, payout, last)
    months = sorted({_first(day) for day in (*days, *(day for day, _item in payouts))})
    by_month = _by_month(months, money)
    entries = []
    rest = opening
    for month in months:
        items = _items(by_month[month])
        items += [item for day, item in payouts if _first(day) == month]
        carried = rest - sum((item.amount for item in items), ZERO)
        kind_in = "opening" if month == months[0] else "carry"
        kind_out = "closing" if month == months[-1] else "carry"
        items.append(PlanItem(kind=kind_in, amount=-rest))
        items.append(PlanItem(kind=kind_out, amount=carried))
        rest = carried
        kept = [item for item in items if item.amount]
        month_days = [line.day for line in by_month[month]]
        month_days += [day for day, _item in payouts if _first(day) == month]
        if kept:
            entries.append(PlanMonth(month=month, day=max(month_days), items=kept))
    return entries


def _first(day: date) -> date:
    return day.replace(day=1)


def _by_month(
    months: Sequence[date], lines: Iterable[PlanLine]
) -> dict[date, list[PlanLine]]:
    result: dict[date, list[PlanLine]] = {month: [] for month in months}
    for line in lines:
        result[_first(line.day)].append(line)
    return result


def _plan_payouts(
    transfers: Sequence[PlanLine], transferred: Decimal, payout: Decimal, last: date
) -> list[tuple[date, PlanItem]]:
    """Return day and item of what goes to the bank.

    A transfer that comes after the last amount it consists of is booked with that one: until
    the bank has it, the money is on its way.
    """
    if not transfers or transferred != payout:
        item = PlanItem(
            kind="payout", amount=payout, refs=[line.ref for line in transfers]
        )
        return [(last, item)]
    return [
        (
            min(line.day, last),
            PlanItem(kind="payout", amount=-line.amount, refs=[line.ref]),
        )
        for line in transfers
    ]


def _items(lines: Iterable[PlanLine]) -> list[PlanItem]:
    """Return one item per kind and key, in the order of the lines."""
    groups: dict[tuple[str, Hashable], list[PlanLine]] = {}
    for line in lines:
        groups.setdefault((line.kind, line.key), []).append(line)
    return [
        PlanItem(
            kind="payout" if kind == "return" else kind,  # type: ignore[arg-type]
            key=key,
            amount=-sum((line.amount for line in group), ZERO),
            refs=[line.ref for line in group],
            original=_original(group),
        )
        for (kind, key), group in groups.items()
    ]


def _original(group: Sequence[PlanLine]) -> tuple[Hashable, Decimal] | None:
    currencies = {line.original[0] if line.original else None for line in group}
    if len(currencies) != 1 or None in currencies:
        return None
    amount = -sum((line.original[1] for line in group if line.original), ZERO)
    return (currencies.pop(), amount) if amount else None
