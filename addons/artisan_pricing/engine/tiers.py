"""What a quantity costs on a ladder of tiers. Pure.

Prices are in one currency, quantities in one unit of measure. Three modes:

* ``volume``: the tier that the whole quantity reaches prices every unit (core's way);
* ``graduated``: each unit is priced by the tier that it is in itself;
* ``capped``: as volume, but never more than a larger quantity would cost.

Below the first tier the list price counts. The net price is the truth and is never derived
from a percent; a percent is only shown. Money is rounded once: the amount of the line, or
the price of one unit where the maker chose that. A return (negative quantity) mirrors what
the same quantity costs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext

from .money import (
    HUNDRED,
    ZERO,
    PricingError,
    finite,
    not_negative,
    positive,
    round_to,
)

ONE = Decimal(1)

#: How a tier says its price.
FIXED, PERCENT, AMOUNT = "fixed", "percent", "amount"
KINDS = (FIXED, PERCENT, AMOUNT)

VOLUME, GRADUATED, CAPPED = "volume", "graduated", "capped"
MODES = (VOLUME, GRADUATED, CAPPED)

#: What is rounded to the currency.
LINE, UNIT = "line", "unit"
ROUNDINGS = (LINE, UNIT)

GAP, OVERLAP = "gap", "overlap"

#: A product of a quantity, a price and a percent loses no digit in it.
EXACT = Context(prec=100)
#: The digits of a unit price that is no exact decimal: 100 / 3.
UNIT_PRICE = Context(prec=28)


class TierError(PricingError):
    """Tiers that leave a gap or overlap: it is not clear which price a quantity has."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The price from a quantity on.

    :param min_quantity: the first quantity it counts for, zero or more
    :param kind: ``fixed`` price of a unit, ``percent`` off the list price, ``amount`` off
        the list price of a unit
    :param value: a price above zero, a percent from 0 to under 100, an amount from 0
    :param below: the first quantity it counts for no more; None: until the next tier begins
    :param key: what the caller knows the rule by
    :raise PricingError: for a value that makes no price
    """

    min_quantity: Decimal
    kind: str
    value: Decimal
    below: Decimal | None = None
    key: int | str | None = None

    def __post_init__(self):
        one_of("kind", self.kind, KINDS)
        not_negative("min_quantity", self.min_quantity)
        if self.below is not None and self.below <= self.min_quantity:
            raise PricingError("below", self.below, "a tier ends after it begins")
        if self.kind == FIXED:
            positive("value", self.value)
        elif not_negative("value", self.value) >= HUNDRED and self.kind == PERCENT:
            raise PricingError("value", self.value, "a percent off is under 100")

    def can_price(self, list_price: Decimal) -> bool:
        """Whether something is left of a list price."""
        return self.kind != AMOUNT or self.value < list_price

    def unit_price(self, list_price: Decimal) -> Decimal:
        """The exact price of one unit, not rounded.

        :raise PricingError: when nothing is left of the list price
        """
        with localcontext(EXACT):
            if self.kind == FIXED:
                return self.value
            if self.kind == PERCENT:
                return list_price * (HUNDRED - self.value) / HUNDRED
            if not self.can_price(list_price):
                reason = f"is not less than the list price of {list_price}"
                raise PricingError("value", self.value, reason)
            return list_price - self.value


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers of a price model, in any order, and how they are applied.

    :param mode: ``volume``, ``graduated`` or ``capped``
    :param rounding: ``line`` rounds the amount of a line, ``unit`` the price of one unit
    :param quantity_step: the smallest quantity that can be bought: with 1 the tier from 10
        on prices the tenth unit of a graduated ladder, with 0.001 what is above 9.999
    :raise TierError: tiers that overlap or leave a gap
    :raise PricingError: for a word or number that has no meaning here
    """

    tiers: tuple[Tier, ...]
    mode: str = VOLUME
    rounding: str = LINE
    quantity_step: Decimal = ONE

    def __post_init__(self):
        one_of("mode", self.mode, MODES)
        one_of("rounding", self.rounding, ROUNDINGS)
        positive("quantity_step", self.quantity_step)
        tiers = in_order(self.tiers)
        for code, tier, first, last in faults(tiers):
            until = f"up to {last}" if last is not None else "without end"
            raise TierError("tiers", tier.min_quantity, f"{code} from {first} {until}")
        object.__setattr__(self, "tiers", tiers)

    def tier_for(self, quantity: Decimal) -> Tier | None:
        """The tier that a quantity reaches; None below the first."""
        reached = bisect_right(self.tiers, quantity, key=lambda tier: tier.min_quantity)
        return self.tiers[reached - 1] if reached else None

    def in_currency(self, rate: Decimal) -> Ladder:
        """The ladder in another currency: prices change exactly, quantities do not.

        :param rate: units of the other currency for one of this one
        :raise PricingError: without a rate
        """
        positive("rate", rate)
        with localcontext(EXACT):
            tiers = tuple(
                tier if tier.kind == PERCENT else replace(tier, value=tier.value * rate)
                for tier in self.tiers
            )
        return replace(self, tiers=tiers)

    def unit_price(self, tier: Tier | None, list_price: Decimal, step: Decimal):
        """Price of one unit at a tier (None: list price), rounded if the maker says so."""
        price = tier.unit_price(list_price) if tier else list_price
        return round_to(price, step) if self.rounding == UNIT else price


@dataclass(frozen=True, slots=True)
class Part:
    """A quantity at one price; ``tier`` is None at the list price.

    In ``capped`` mode the quantity may be larger than what is bought: that is what the
    larger quantity costs.
    """

    quantity: Decimal
    unit_price: Decimal
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class PricedQuantity:
    """What a quantity costs.

    :ivar total: rounded to the currency, negative for a return
    :ivar unit_price: with all its digits; times the quantity it rounds to ``total``
    :ivar parts: the quantities (without sign) and prices that make the total
    """

    total: Decimal
    unit_price: Decimal
    parts: tuple[Part, ...]


def price(
    ladder: Ladder,
    list_price: Decimal,
    quantity: Decimal,
    step: Decimal,
    before: Decimal = ZERO,
) -> PricedQuantity:
    """What ``quantity`` of one product costs on a ladder.

    :param list_price: of one unit, above zero
    :param quantity: of either sign; zero costs nothing
    :param step: the currency's rounding
    :param before: what was bought before and counts for the tiers (rolling 12 months)
    :raise PricingError: for a value that is no price, quantity or rounding
    """
    positive("list_price", list_price)
    positive("step", step)
    not_negative("before", before)
    size = abs(finite("quantity", quantity))
    with localcontext(EXACT):
        priced = [
            tuple(
                Part(count, ladder.unit_price(tier, list_price, step), tier)
                for count, tier in bill
            )
            for bill in bills(ladder, size, list_price, before)
        ]
        parts = min(priced, key=_exact_total)
        total = round_to(_exact_total(parts), step)
        if quantity < 0:
            total = -total
        return PricedQuantity(total, _unit_price(parts, total, quantity), parts)


def percent_off(list_price: Decimal, unit_price: Decimal, digits: int = 2) -> Decimal:
    """The discount to print beside a net price, in percent; never to compute with."""
    positive("list_price", list_price)
    with localcontext(EXACT):
        percent = HUNDRED - HUNDRED * unit_price / list_price
    return round_to(percent, ONE.scaleb(-digits))


# Shared with the pricing of several lines, and with the lint


def bills(
    ladder: Ladder, quantity: Decimal, list_price: Decimal, before: Decimal = ZERO
) -> Iterator[list[tuple[Decimal, Tier | None]]]:
    """What may be billed for a quantity: counts and their tiers; the cheapest counts.

    The first bill is the quantity itself. Others, of ``capped`` only, are for the larger
    quantity that a later tier begins with.
    """
    if ladder.mode == GRADUATED:
        yield list(_spans(ladder, before, before + quantity)) or [
            (quantity, ladder.tier_for(before))
        ]
        return
    yield [(quantity, ladder.tier_for(before + quantity))]
    if ladder.mode == CAPPED and quantity:
        for tier in ladder.tiers:
            is_larger = tier.min_quantity > before + quantity
            if is_larger and tier.can_price(list_price):
                yield [(tier.min_quantity - before, tier)]


def in_order(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    """By the quantity they begin with."""
    return tuple(sorted(tiers, key=lambda tier: tier.min_quantity))


def faults(
    tiers: Sequence[Tier],
) -> Iterator[tuple[str, Tier, Decimal, Decimal | None]]:
    """Gaps and overlaps of ordered tiers: code, the tier before, first quantity, end.

    The end is the first quantity that is right again, None when there is none.
    """
    reach = before = None
    for tier in tiers:
        first, end = tier.min_quantity, tier_end(tier, tiers)
        if before is not None and (reach is None or first < reach):
            ends = [last for last in (reach, end) if last is not None]
            yield OVERLAP, before, first, min(ends, default=None)
        elif before is not None and first > reach:
            yield GAP, before, reach, first
        if before is None or (reach is not None and (end is None or end > reach)):
            reach = end
        before = tier
    if reach is not None:
        yield GAP, before, reach, None


def tier_end(tier: Tier, tiers: Sequence[Tier]) -> Decimal | None:
    """The first quantity a tier of a ladder counts for no more; None: it has no end."""
    if tier.below is not None:
        return tier.below
    later = (t.min_quantity for t in tiers if t.min_quantity > tier.min_quantity)
    return min(later, default=None)


def one_of(field: str, word: str, known: Sequence[str]) -> str:
    """The word itself, if it is one of those known.

    :raise PricingError: otherwise
    """
    if word not in known:
        raise PricingError(field, word, f"is none of {', '.join(known)}")
    return word


# Helpers


def _spans(
    ladder: Ladder, begin: Decimal, end: Decimal
) -> Iterator[tuple[Decimal, Tier | None]]:
    """How much of what lies between two quantities is in each tier."""
    starts = [max(ZERO, t.min_quantity - ladder.quantity_step) for t in ladder.tiers]
    for tier, start, stop in zip(
        (None, *ladder.tiers), (ZERO, *starts), (*starts, end), strict=True
    ):
        count = min(stop, end) - max(start, begin)
        if count > 0:
            yield count, tier


def _exact_total(parts: Iterable[Part]) -> Decimal:
    return sum((part.quantity * part.unit_price for part in parts), ZERO)


def _unit_price(parts: Sequence[Part], total: Decimal, quantity: Decimal) -> Decimal:
    if len(parts) == 1 and parts[0].quantity == abs(quantity):
        return parts[0].unit_price
    return UNIT_PRICE.divide(total, quantity)
