"""Split an amount over lines so that the parts add up to it, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

# More digits than an amount (12 before the point, 12 after) and its unit can need.
_PRECISION = 60


def allocate(
    total: Decimal, weights: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """Return one part of ``total`` per weight, by largest remainder.

    Each part is its proportional share rounded down to ``unit``; the units left over go, one
    each, to the parts that lost most (the first of equals). What of ``total`` is finer than
    ``unit`` goes to the part with the largest weight. Negative weights count as 0; when no
    weight counts, all count the same.

    :param total: the amount to split, of either sign
    :param weights: what the split follows, usually the amounts of the lines
    :param unit: the smallest amount of the currency, ``Decimal("0.01")``
    :raises ValueError: nothing to put an amount on, or a unit that is not positive
    """
    if unit <= 0:
        raise ValueError("the unit of an allocation is positive")
    if not weights:
        if total:
            raise ValueError("an amount cannot be split over no lines")
        return []
    shares = [max(Fraction(weight), Fraction(0)) for weight in weights]
    if not any(shares):
        shares = [Fraction(1)] * len(shares)
    with localcontext() as context:
        context.prec = _PRECISION
        units, rest = divmod(abs(total), unit)
        parts = [count * unit for count in _whole_units(int(units), shares)]
        parts[shares.index(max(shares))] += rest
        return [-part if total < 0 else part for part in parts]


def _whole_units(units: int, shares: Sequence[Fraction]) -> list[int]:
    whole = sum(shares)
    exact = [units * share / whole for share in shares]
    counts = [share.numerator // share.denominator for share in exact]
    by_loss = sorted(range(len(exact)), key=lambda index: counts[index] - exact[index])
    for index in by_loss[: units - sum(counts)]:
        counts[index] += 1
    return counts
