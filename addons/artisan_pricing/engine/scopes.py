"""What lines cost that count together: of one template, category or maker. Pure.

The quantities of a scope are added up, its total is computed once and split over the lines
by largest remainder. The split follows what each line costs at the tiers reached; with
percents that is quantity x list price, and with a fixed price each unit costs the same, as
in core. Nothing depends on the order of the lines: ties are resolved by their keys.

* A locked line (price typed by hand, invoiced) keeps its price and has no part in the
  split; its quantity counts where the model says so.
* Returns (negative quantities) count among themselves, mirrored: sending something back
  does not take the tier from what is bought beside it.
* ``capped``: what is missing to the larger quantity is filled up with the cheapest product
  of the scope. Only so can no line be removed that made the others cheaper.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from .money import (
    ZERO,
    PricingError,
    finite,
    not_negative,
    positive,
    round_to,
    share_out,
)
from .tiers import EXACT, ONE, UNIT_PRICE, Ladder, Tier, bills


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order.

    :param key: tells the lines apart, sortable; of equal lines the smaller one gets the cent
    :param quantity: of either sign, in the unit of measure of the tiers
    :param list_price: of one unit, in the currency of the order, above zero
    :param locked: whether it keeps the price it has
    :param counts: whether the quantity of a locked line counts for the others
    """

    key: Hashable
    quantity: Decimal
    list_price: Decimal
    locked: bool = False
    counts: bool = True

    def __post_init__(self):
        finite("quantity", self.quantity)
        positive("list_price", self.list_price)


@dataclass(frozen=True, slots=True)
class Share:
    """How a line's total came of the scope's: for the trace.

    :ivar total: of all lines of the scope that are not locked, rounded
    :ivar weight: of the line in the split
    :ivar whole: the sum of all weights
    """

    total: Decimal
    weight: Decimal
    whole: Decimal


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a line costs.

    :ivar total: rounded; the lines add up to the total of the scope
    :ivar unit_price: with all its digits; times the quantity it rounds to ``total``
    """

    key: Hashable
    total: Decimal
    unit_price: Decimal
    share: Share


@dataclass(frozen=True, slots=True)
class PricedScope:
    """What the lines of a scope cost.

    :ivar lines: key -> priced line, in the order of the keys; locked lines are left out
    :ivar total: of these lines
    :ivar bought: the counts and tiers of what is bought; see :func:`.tiers.bills`
    :ivar returned: the same of what is sent back, counts without sign
    """

    lines: dict[Hashable, PricedLine]
    total: Decimal
    bought: tuple[tuple[Decimal, Tier | None], ...] = ()
    returned: tuple[tuple[Decimal, Tier | None], ...] = ()


def price_lines(
    ladder: Ladder,
    lines: Iterable[Line],
    step: Decimal,
    before: Decimal = ZERO,
    lowest_list_price: Decimal | None = None,
) -> PricedScope:
    """Price the lines of one scope together.

    :param step: the currency's rounding
    :param before: what was bought before and counts for the tiers (rolling 12 months)
    :param lowest_list_price: of all products of the scope, for ``capped`` only. Without it
        the lowest of the lines is taken, and a removed line may raise the total where it
        was the cheapest.
    :raise PricingError: two lines with one key, or a value that is no price
    """
    positive("step", step)
    not_negative("before", before)
    lines = sorted(lines, key=lambda line: line.key)
    for line, following in zip(lines, lines[1:], strict=False):
        if line.key == following.key:
            raise PricingError("key", line.key, "two lines have it")
    bought = [line for line in lines if line.quantity >= 0]
    returned = [line for line in lines if line.quantity < 0]
    with localcontext(EXACT):
        sold, sold_bill = _price(ladder, bought, step, before, lowest_list_price)
        sent, sent_bill = _price(ladder, returned, step, before, lowest_list_price)
        priced = sold | sent
        total = sum((line.total for line in priced.values()), ZERO)
    return PricedScope(
        {line.key: priced[line.key] for line in lines if line.key in priced},
        total,
        tuple(sold_bill),
        tuple(sent_bill),
    )


# Helpers: the lines of one call have quantities of one sign


@dataclass(frozen=True, slots=True)
class _Bill:
    """Weights of the lines under one way to bill them; the total is exact / over.

    :ivar unit_prices: of each line, where the bill has no more than what the lines have
    """

    counts: list[tuple[Decimal, Tier | None]]
    weights: list[Decimal]
    exact: Decimal
    over: Decimal = ONE
    unit_prices: list[Decimal] | None = None

    @property
    def total(self) -> Fraction:
        return Fraction(self.exact) / Fraction(self.over)


def _price(
    ladder: Ladder,
    lines: Sequence[Line],
    step: Decimal,
    before: Decimal,
    lowest: Decimal | None,
) -> tuple[dict[Hashable, PricedLine], list[tuple[Decimal, Tier | None]]]:
    free = [line for line in lines if not line.locked]
    counted = [line for line in lines if not line.locked or line.counts]
    if not free:
        return {}, []
    filler = min(line.list_price for line in counted)
    filler = filler if lowest is None else min(filler, lowest)
    cheapest = min(line.list_price for line in free)
    quantity = sum((abs(line.quantity) for line in counted), ZERO)
    bill = min(
        (
            _bill(ladder, counts, free, quantity, filler, step)
            for counts in bills(ladder, quantity, cheapest, before)
        ),
        key=lambda bill: bill.total,
    )
    return _split(bill, free, step), bill.counts


def _bill(
    ladder: Ladder,
    counts: list[tuple[Decimal, Tier | None]],
    lines: Sequence[Line],
    quantity: Decimal,
    filler: Decimal,
    step: Decimal,
) -> _Bill:
    if len(counts) == 1:
        [(count, tier)] = counts
        price = _unit_prices(ladder, tier, step)
        prices = [price(line.list_price) for line in lines]
        weights = [
            abs(line.quantity) * unit for line, unit in zip(lines, prices, strict=True)
        ]
        if count == quantity:
            return _Bill(counts, weights, sum(weights, ZERO), unit_prices=prices)
        extra = (count - quantity) * _filler_price(tier, filler, price)
        return _Bill(counts, weights, sum(weights, extra))
    # Each line has its part of every span: none is "the first ten".
    spans = [(count, _unit_prices(ladder, tier, step)) for count, tier in counts]
    weights = [
        abs(line.quantity)
        * sum((count * price(line.list_price) for count, price in spans), ZERO)
        for line in lines
    ]
    return _Bill(counts, weights, sum(weights, ZERO), quantity or ONE)


def _unit_prices(
    ladder: Ladder, tier: Tier | None, step: Decimal
) -> Callable[[Decimal], Decimal]:
    """Unit price by list price: many lines of a scope have the same."""
    known = {}

    def price(list_price):
        if list_price not in known:
            known[list_price] = ladder.unit_price(tier, list_price, step)
        return known[list_price]

    return price


def _filler_price(
    tier: Tier, list_price: Decimal, price: Callable[[Decimal], Decimal]
) -> Decimal:
    """What a unit costs that nobody takes: at worst nothing, it must not stop the order."""
    return price(list_price) if tier.can_price(list_price) else ZERO


def _split(
    bill: _Bill, lines: Sequence[Line], step: Decimal
) -> dict[Hashable, PricedLine]:
    total = round_to(bill.total, step)
    keys = [line.key for line in lines]
    parts = share_out(total, dict(zip(keys, bill.weights, strict=True)), step)
    whole = sum(bill.weights, ZERO)
    priced = {}
    for index, line in enumerate(lines):
        sign = -1 if line.quantity < 0 else 1
        part, share = parts[line.key], Share(sign * total, bill.weights[index], whole)
        exact = bill.unit_prices[index] if bill.unit_prices else None
        unit_price = _unit_price(line, part, exact, step)
        priced[line.key] = PricedLine(line.key, sign * part, unit_price, share)
    return priced


def _unit_price(
    line: Line, part: Decimal, exact: Decimal | None, step: Decimal
) -> Decimal:
    """The price at the tier where it makes the line's part, else what makes it."""
    size = abs(line.quantity)
    if exact is not None and round_to(size * exact, step) == part:
        return exact
    return UNIT_PRICE.divide(part, size) if size else line.list_price
