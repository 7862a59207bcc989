"""What is odd about a ladder of tiers, as codes with figures. Pure.

Unlike :class:`.tiers.Ladder` it takes any tiers, also those that a ladder refuses: it is
what a maker, or whoever keeps a price list, is shown before a customer finds out. Where
tiers overlap the one that begins later counts, as in core; in a gap the list price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise, zip_longest

from .money import positive, round_to
from .tiers import (
    EXACT,
    GAP,
    LINE,
    MODES,
    ONE,
    OVERLAP,
    ROUNDINGS,
    UNIT,
    VOLUME,
    Tier,
    faults,
    in_order,
    one_of,
    tier_end,
)

#: Buying more costs less.
CLIFF = "cliff"
#: A unit costs more than in the tier before, or than on the list.
DEARER = "dearer"
#: Nothing is left of the list price.
NO_PRICE = "no_price"
CODES = (CLIFF, GAP, OVERLAP, DEARER, NO_PRICE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity, for the quantities from ``first`` to ``last``, both included.

    :ivar code: one of :data:`CODES`
    :ivar key: of the tier it is about; for a gap or an overlap of the first of the two
    :ivar last: None: without end
    :ivar unit_price: what a unit costs there; None for a gap, an overlap, or no price
    :ivar better_quantity: a larger quantity that costs less, for a cliff
    :ivar better_total: what it costs, exact
    :ivar price_before: what a unit costs just below ``first``, for a dearer tier
    """

    code: str
    key: int | str | None
    first: Decimal
    last: Decimal | None
    unit_price: Decimal | None = None
    better_quantity: Decimal | None = None
    better_total: Decimal | None = None
    price_before: Decimal | None = None


def findings(
    tiers: Iterable[Tier],
    list_price: Decimal,
    step: Decimal,
    mode: str = VOLUME,
    rounding: str = LINE,
    quantity_step: Decimal = ONE,
) -> list[Finding]:
    """All that is odd about the tiers, by the quantity it begins with.

    :param list_price: of one unit, above zero, in the currency of the tiers
    :param step: the currency's rounding
    :param mode: cliffs are those of ``volume``; the other modes have none of that kind
    :param quantity_step: the smallest quantity that can be bought; ranges are multiples
    :raise PricingError: for a word or number that has no meaning here
    """
    one_of("mode", mode, MODES)
    one_of("rounding", rounding, ROUNDINGS)
    positive("list_price", list_price)
    positive("step", step)
    positive("quantity_step", quantity_step)
    tiers = in_order(tiers)
    found = [
        *_faults(tiers, quantity_step),
        *(
            Finding(NO_PRICE, tier.key, tier.min_quantity, None)
            for tier in tiers
            if not tier.can_price(list_price)
        ),
    ]
    price_step = step if rounding == UNIT else None
    with localcontext(EXACT):
        stretches = list(_stretches(tiers, list_price, price_step))
        found += _dearer(stretches, quantity_step)
        if mode == VOLUME:
            found += _cliffs(stretches, quantity_step)
    return sorted(found, key=lambda finding: (finding.first, CODES.index(finding.code)))


# Helpers


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Quantities from ``begin`` to below ``end`` (None: any) with one price of a unit."""

    begin: Decimal
    end: Decimal | None
    unit_price: Decimal
    key: int | str | None


def _faults(tiers: Sequence[Tier], quantity_step: Decimal) -> Iterator[Finding]:
    for code, tier, first, end in faults(tiers):
        yield Finding(code, tier.key, first, _last(end, quantity_step))


def _stretches(
    tiers: Sequence[Tier], list_price: Decimal, price_step: Decimal | None
) -> Iterator[_Stretch]:
    priced = [tier for tier in tiers if tier.can_price(list_price)]
    spans = [(tier.min_quantity, tier_end(tier, priced), tier) for tier in priced]
    marks = {Decimal(0)}
    marks.update(mark for begin, end, _tier in spans for mark in (begin, end))
    marks = sorted(mark for mark in marks if mark is not None)
    for begin, following in zip_longest(marks, marks[1:]):
        # Of those that begin together the last one counts, as of those that overlap.
        counting = [tier for first, end, tier in spans if _covers(first, end, begin)]
        tier = counting[-1] if counting else None
        unit_price = tier.unit_price(list_price) if tier else list_price
        if price_step:
            unit_price = round_to(unit_price, price_step)
        yield _Stretch(begin, following, unit_price, tier.key if tier else None)


def _covers(first: Decimal, end: Decimal | None, quantity: Decimal) -> bool:
    return first <= quantity and (end is None or quantity < end)


def _dearer(stretches: Sequence[_Stretch], quantity_step: Decimal) -> Iterator[Finding]:
    for before, stretch in pairwise(stretches):
        if stretch.unit_price > before.unit_price:
            yield Finding(
                DEARER,
                stretch.key,
                stretch.begin,
                _last(stretch.end, quantity_step),
                stretch.unit_price,
                price_before=before.unit_price,
            )


def _cliffs(stretches: Sequence[_Stretch], quantity_step: Decimal) -> Iterator[Finding]:
    for index, stretch in enumerate(stretches[:-1]):
        later = stretches[index + 1 :]
        total, quantity = min((s.begin * s.unit_price, s.begin) for s in later)
        if not stretch.unit_price:
            continue
        first = _first_above(stretch, total, quantity_step)
        last = _last(stretch.end, quantity_step)
        if first <= last:
            yield Finding(
                CLIFF, stretch.key, first, last, stretch.unit_price, quantity, total
            )


def _first_above(stretch: _Stretch, total: Decimal, quantity_step: Decimal) -> Decimal:
    """The first quantity of the stretch that costs more than the total."""
    count = total // (stretch.unit_price * quantity_step) + 1
    return max(count, _ceil(stretch.begin, quantity_step)) * quantity_step


def _last(end: Decimal | None, quantity_step: Decimal) -> Decimal | None:
    """The last quantity before an end; None: without end."""
    return None if end is None else (_ceil(end, quantity_step) - 1) * quantity_step


def _ceil(quantity: Decimal, quantity_step: Decimal) -> Decimal:
    """How many steps reach a quantity."""
    count, rest = divmod(quantity, quantity_step)
    return count + 1 if rest else count
