"""Rounding and sharing out money so that nothing is lost. Pure.

Amounts are :class:`~decimal.Decimal` in one currency. ``step`` is that currency's rounding:
``0.01`` for the euro, ``1`` for the yen, ``0.001`` for the Kuwaiti dinar. Halves are rounded
away from zero, as Odoo's currencies do.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

ZERO = Decimal(0)
HUNDRED = Decimal(100)

# More digits than an amount (15 before the point, 12 after) and its share can need.
_PRECISION = 60
_MAX_EXPONENT = 15


class PricingError(ValueError):
    """A price, rule or basket that cannot be computed with.

    :ivar field: name of what is wrong, as the caller knows it
    :ivar value: what was given
    """

    def __init__(self, field: str, value: object, reason: str):
        of_what = field if field == value else f"{field}: {value}"
        super().__init__(f"{of_what}: {reason}")
        self.field = field
        self.value = value
        self.reason = reason


def finite(field: str, value: Decimal) -> Decimal:
    """The value, if it is a number without error.

    :raises PricingError: a float (it has lost cents already), NaN, infinity, or more digits
        than money has
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise PricingError(field, value, "not a decimal number")
    if value.adjusted() > _MAX_EXPONENT or value.as_tuple().exponent < -_PRECISION:
        # 1E+999999 is short to write and takes minutes to compute with.
        raise PricingError(field, value, "has more digits than money has")
    return value


def positive(field: str, value: Decimal) -> Decimal:
    """The value, if it is above zero.

    :raises PricingError: it is not
    """
    if finite(field, value) <= 0:
        raise PricingError(field, value, "must be above zero")
    return value


def not_negative(field: str, value: Decimal) -> Decimal:
    """The value, if it is zero or above.

    :raises PricingError: it is not
    """
    if finite(field, value) < 0:
        raise PricingError(field, value, "must not be negative")
    return value


def percentage(field: str, value: Decimal) -> Decimal:
    """The value, if it is a percentage from 0 to 100.

    :raises PricingError: it is not
    """
    if not_negative(field, value) > HUNDRED:
        raise PricingError(field, value, "must not be over 100 percent")
    return value


def half_up(number: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return -whole if number < 0 else whole


def round_to(amount: Decimal | Fraction, step: Decimal) -> Decimal:
    """The nearest multiple of ``step``, halves away from zero.

    :raises PricingError: ``step`` is not above zero
    """
    return from_steps(
        half_up(Fraction(amount) / Fraction(positive("step", step))), step
    )


def to_steps(field: str, amount: Decimal, step: Decimal) -> int:
    """How many steps an amount is: 12.50 is 1250 steps of 0.01.

    Whole numbers add, compare and divide without a question of precision.

    :raises PricingError: the amount is finer than the step; it was never rounded
    """
    count = Fraction(finite(field, amount)) / Fraction(positive("step", step))
    if count.denominator != 1:
        raise PricingError(field, amount, f"is finer than the rounding of {step}")
    return count.numerator


def from_steps(count: int, step: Decimal) -> Decimal:
    """The amount of so many steps."""
    with localcontext() as context:
        context.prec = _PRECISION
        return count * step


def share_out(
    total: Decimal, weights: Mapping[Key, Decimal], step: Decimal
) -> dict[Key, Decimal]:
    """Parts of ``total`` in proportion to ``weights``, by largest remainder; they sum to it.

    Each part is its exact share rounded down to the step. The steps left over go, one each,
    to the largest remainders; of equal remainders to the larger weight, of equal weights to
    the smaller key. Negative amounts mirror positive ones, so that a return is the sale with
    the other sign. Weights are taken without their sign; when all are zero, all count alike.

    :param total: a multiple of ``step``, of either sign
    :param weights: sortable key -> what the split follows, usually the amount of a line
    :return: a part for each key, in the order of ``weights``
    :raises PricingError: nothing to put an amount on, or one that is finer than ``step``
    """
    count = to_steps("total", total, step)
    keys = list(weights)
    whole = [abs(Fraction(weight)) for weight in weights.values()]
    parts = share_steps(count, keys, whole)
    return {key: from_steps(part, step) for key, part in zip(keys, parts, strict=True)}


def share_steps(
    count: int, keys: Sequence[Key], weights: Sequence[int | Fraction]
) -> list[int]:
    """Whole parts of ``count`` as :func:`share_out` makes them; weights of zero or more."""
    if not keys:
        if count:
            raise PricingError("total", count, "cannot be shared out over nothing")
        return []
    if not any(weights):
        weights = [1] * len(keys)
    size, whole = abs(count), sum(weights)
    parts, remainders = zip(
        *(divmod(size * weight, whole) for weight in weights), strict=True
    )
    parts = [int(part) for part in parts]
    first = sorted(
        range(len(keys)),
        key=lambda index: (-remainders[index], -weights[index], keys[index]),
    )
    for index in first[: size - sum(parts)]:
        parts[index] += 1
    return [-part for part in parts] if count < 0 else parts
