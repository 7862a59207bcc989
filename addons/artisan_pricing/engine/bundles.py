"""Bundles: who gets how much of the price, and what is given back for a part. Pure.

The price of a bundle is split over its parts in proportion to their list value, by largest
remainder: the parts add up to the price, to the last step of the currency. It is split for
one bundle and multiplied, so that each unit of a part has one price; a number of bundles
costs that number times the price.

Two refund policies:

* ``simple``: a part is worth its share of the price;
* ``reprice``: what is kept of a broken bundle is charged at the list prices of the sale,
  or like a whole bundle where that is less. No refund is negative or above the list price
  of what comes back. A bundle that was dearer than its parts is refunded as ``simple``.

Either way the refunds of all parts, in any order and in any number of returns, add up to
what was paid. Amounts are in one currency, rounded to its step.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
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
    to_steps,
)
from .tiers import EXACT, ONE, one_of

SIMPLE, REPRICE = "simple", "reprice"
POLICIES = (SIMPLE, REPRICE)


@dataclass(frozen=True, slots=True)
class Part:
    """What one bundle contains of a product.

    :param key: tells the parts of a bundle apart
    :param list_price: of one unit, zero for a gift
    :param quantity: units in one bundle, above zero
    :param maker: who is paid for it
    :raise PricingError: for a value that is no price or quantity
    """

    key: Hashable
    list_price: Decimal
    quantity: Decimal = ONE
    maker: Hashable = None

    def __post_init__(self):
        not_negative("list_price", self.list_price)
        positive("quantity", self.quantity)

    @property
    def value(self) -> Decimal:
        """List value of what one bundle contains."""
        with localcontext(EXACT):
            return self.list_price * self.quantity


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it is sold: the prices are those of the sale and do not change later.

    :param price: of one bundle, above zero, rounded to ``step``
    :param parts: in the order they are shown; of equal ones the last gets the cent, as in
        core
    :param step: the currency's rounding
    :raise PricingError: no parts, two with one key, none with a list price, or a price that
        is not rounded
    """

    price: Decimal
    parts: tuple[Part, ...]
    step: Decimal

    def __post_init__(self):
        positive("price", self.price)
        to_steps("price", self.price, self.step)
        keys = [part.key for part in self.parts]
        if not keys:
            raise PricingError("parts", self.parts, "a bundle has parts")
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise PricingError("parts", twice, "two parts have this key")
        if not self.list_value:
            raise PricingError("list_price", ZERO, "no part has a price to split by")

    @property
    def list_value(self) -> Decimal:
        """What the parts of one bundle cost on their own."""
        with localcontext(EXACT):
            return sum((part.value for part in self.parts), ZERO)

    def split(self, count: Decimal = ONE) -> dict[Hashable, Decimal]:
        """Part -> its amount in ``count`` bundles, a whole number of either sign."""
        _check_whole(count)
        weights = {part.key: part.value for part in self.parts}
        parts = _split(self.price, weights, self.step)
        with localcontext(EXACT):
            return {key: count * part for key, part in parts.items()}


@dataclass(frozen=True, slots=True)
class Refund:
    """What a return changes.

    :ivar total: to give back to the customer, zero or more
    :ivar changes: part -> what its line changes by; they add up to ``-total``. A part that
        comes back loses what it had; with ``reprice`` one that is kept may gain.
    """

    total: Decimal
    changes: dict[Hashable, Decimal]


def refund(
    bundle: Bundle,
    count: Decimal,
    returned: Mapping[Hashable, Decimal],
    before: Mapping[Hashable, Decimal] | None = None,
    policy: str = SIMPLE,
) -> Refund:
    """What is given back for parts of ``count`` bundles.

    :param count: bundles sold, a whole number above zero
    :param returned: part -> units that come back now
    :param before: part -> units that came back before
    :param policy: ``simple`` or ``reprice``, the one of the sale
    :raise PricingError: more comes back than was sold, a part the bundle does not have
    """
    one_of("policy", policy, POLICIES)
    positive("count", count)
    _check_whole(count)
    before = before or {}
    after = {
        part.key: before.get(part.key, ZERO) + returned.get(part.key, ZERO)
        for part in bundle.parts
    }
    _check_returned(bundle, count, returned, before, after)
    worth = _worth_simple if policy == SIMPLE else _worth_repriced
    with localcontext(EXACT):
        old, new = worth(bundle, count, before), worth(bundle, count, after)
        changes = {key: new[key] - old[key] for key in new}
        return Refund(-sum(changes.values(), ZERO), changes)


def by_maker(
    parts: Iterable[Part], amounts: Mapping[Hashable, Decimal]
) -> dict[Hashable, Decimal]:
    """Maker -> sum of the amounts of the maker's parts."""
    sums = {}
    with localcontext(EXACT):
        for part in parts:
            sums[part.maker] = sums.get(part.maker, ZERO) + amounts[part.key]
    return sums


# Helpers: what parts are worth, given how many units of each came back


def _split(
    total: Decimal, weights: Mapping[Hashable, Decimal], step: Decimal
) -> dict[Hashable, Decimal]:
    """Largest remainder; of equals the last part gets the step left over."""
    places = {-place: weight for place, weight in enumerate(weights.values())}
    return dict(zip(weights, share_out(total, places, step).values(), strict=True))


def _worth_simple(
    bundle: Bundle, count: Decimal, returned: Mapping[Hashable, Decimal]
) -> dict[Hashable, Decimal]:
    amounts = bundle.split(count)
    worth = {}
    for part in bundle.parts:
        gone = Fraction(returned.get(part.key, ZERO)) / Fraction(count * part.quantity)
        given_back = round_to(Fraction(amounts[part.key]) * gone, bundle.step)
        worth[part.key] = amounts[part.key] - given_back
    return worth


def _worth_repriced(
    bundle: Bundle, count: Decimal, returned: Mapping[Hashable, Decimal]
) -> dict[Hashable, Decimal]:
    """What is kept costs what the same things cost at best: as bundles or on their own.

    Whole bundles keep their split. A broken one is charged like a whole one where its
    parts on their own are dearer.
    """
    if bundle.price > bundle.list_value:
        # There is no discount to take back: the list would give back more than was paid.
        return _worth_simple(bundle, count, returned)
    kept = {
        part.key: count * part.quantity - returned.get(part.key, ZERO)
        for part in bundle.parts
    }
    whole = min(kept[part.key] // part.quantity for part in bundle.parts)
    loose = _list_values(bundle, kept, whole)
    charged = _lowest_price(bundle, kept) - whole * bundle.price
    extra = _split(charged, loose, bundle.step)
    return {key: amount + extra[key] for key, amount in bundle.split(whole).items()}


def _lowest_price(bundle: Bundle, kept: Mapping[Hashable, Decimal]) -> Decimal:
    """The least that covers what is kept: some bundles, and the rest from the list.

    More bundles cost more and leave less to pay from the list, so that the least lies where
    one of the parts runs out.
    """
    counts = {ZERO}
    for part in bundle.parts:
        full = kept[part.key] // part.quantity
        counts.update((full, full + 1))
    return min(
        bundles * bundle.price
        + round_to(sum(_list_values(bundle, kept, bundles).values()), bundle.step)
        for bundles in counts
    )


def _list_values(
    bundle: Bundle, kept: Mapping[Hashable, Decimal], bundles: Decimal
) -> dict[Hashable, Decimal]:
    """Part -> list value of what is kept of it beside so many bundles."""
    return {
        part.key: max(ZERO, kept[part.key] - bundles * part.quantity) * part.list_price
        for part in bundle.parts
    }


def _check_whole(count: Decimal) -> None:
    if finite("count", count) % 1:
        raise PricingError("count", count, "bundles are sold whole")


def _check_returned(
    bundle: Bundle,
    count: Decimal,
    returned: Mapping[Hashable, Decimal],
    before: Mapping[Hashable, Decimal],
    after: Mapping[Hashable, Decimal],
) -> None:
    for units in (returned, before):
        for key, value in units.items():
            if key not in after:
                raise PricingError("returned", key, "is no part of the bundle")
            not_negative("returned", value)
    for part in bundle.parts:
        sold = count * part.quantity
        if after[part.key] > sold:
            reason = f"only {sold} of {part.key} were sold"
            raise PricingError("returned", after[part.key], reason)
