"""Who pays for a discount: the maker, the platform, or both by stated percentages. Pure.

Worked example W16: 10.00 off one item, paid by the maker, half each or by the platform,
lowers what the maker earns by 10.00, 5.00 or nothing.

Amounts are in one currency; ``step`` is its rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .money import (
    HUNDRED,
    PricingError,
    from_steps,
    half_up,
    percentage,
    share_steps,
    to_steps,
)


class FundingError(PricingError):
    """The shares of a discount do not make a whole."""


@dataclass(frozen=True, slots=True)
class Funding:
    """The percentages of a discount that the maker and the platform pay.

    :raises FundingError: they do not sum to 100
    :raises PricingError: one of them is no percentage
    """

    maker: Decimal
    platform: Decimal

    def __post_init__(self):
        percentage("maker percent", self.maker)
        percentage("platform percent", self.platform)
        if self.maker + self.platform != HUNDRED:
            raise FundingError(
                "funding",
                f"{self.maker} + {self.platform}",
                "the maker's and the platform's percent must sum to 100",
            )


BY_MAKER = Funding(HUNDRED, Decimal(0))
BY_PLATFORM = Funding(Decimal(0), HUNDRED)


@dataclass(frozen=True, slots=True)
class Discount:
    """What one promotion takes off one line.

    :ivar promotion: key of the promotion
    :ivar line: key of the line
    :ivar maker: whose line it is; ``None`` for goods of the platform itself
    :ivar amount: what is taken off, with the sign of the line (negative on a return)
    :ivar funding: who pays for it
    :ivar tax_group: the taxes of the line, which its discount keeps
    """

    promotion: str
    line: str
    maker: str | None
    amount: Decimal
    funding: Funding
    tax_group: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Who bears how much of one promotion on one line; the two amounts sum to the discount."""

    promotion: str
    line: str
    maker: str | None
    by_maker: Decimal
    by_platform: Decimal


def borne(discounts: Iterable[Discount], step: Decimal) -> tuple[Share, ...]:
    """Who bears each discount, to the step.

    A maker's share of a promotion is rounded once over all of that maker's lines, and then
    shared out to them: rounding line by line would charge 0.33 for half of 33 times 0.01. No
    maker's figures depend on those of another. The platform bears what is left, and all of
    it on its own goods.

    :return: one share for each discount, in the order of ``discounts``
    :raises PricingError: an amount finer than ``step``
    """
    discounts = tuple(discounts)
    groups: dict[tuple, list[int]] = {}
    for index, discount in enumerate(discounts):
        group = (
            discount.promotion,
            discount.maker,
            discount.funding,
            discount.amount < 0,
        )
        groups.setdefault(group, []).append(index)
    by_maker = [Decimal(0)] * len(discounts)
    for (_promotion, maker, funding, _sign), indexes in groups.items():
        if maker is None:
            continue
        parts = _makers_part([discounts[index] for index in indexes], funding, step)
        for index, part in zip(indexes, parts, strict=True):
            by_maker[index] = part
    return tuple(
        Share(
            discount.promotion,
            discount.line,
            discount.maker,
            part,
            discount.amount - part,
        )
        for discount, part in zip(discounts, by_maker, strict=True)
    )


def _makers_part(
    discounts: list[Discount], funding: Funding, step: Decimal
) -> list[Decimal]:
    """The maker's share of discounts that have one promotion, maker and sign."""
    counts = [to_steps("discount", each.amount, step) for each in discounts]
    whole = half_up(sum(counts) * Fraction(funding.maker) / 100)
    keys = [each.line for each in discounts]
    parts = share_steps(whole, keys, [abs(count) for count in counts])
    return [from_steps(part, step) for part in parts]
