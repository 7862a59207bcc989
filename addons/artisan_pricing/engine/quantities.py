"""What is wrong with the quantities of a basket, as codes with figures. Pure.

A maker asks for a minimum quantity of a product (all its variants together), for whole
cases of a variant, and for a minimum amount of an order, a higher one from a shop that
never ordered before (opening) than from one that did (reorder). Nothing is changed here:
the figures say what would do.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal, localcontext

from .money import ZERO, PricingError, finite, not_negative, positive
from .tiers import EXACT

#: Less of a product than its minimum.
BELOW_MINIMUM = "below_minimum"
#: Not a whole number of cases.
BROKEN_CASE = "broken_case"
#: The basket of a maker is below the minimum for a first order, or for a later one.
BELOW_OPENING = "below_opening"
BELOW_REORDER = "below_reorder"
CODES = (BELOW_MINIMUM, BROKEN_CASE, BELOW_OPENING, BELOW_REORDER)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a maker asks for of a product.

    :param minimum: quantity of the product in one order, all its lines together; zero: any
    :param case_pack: quantity in a case, which each line is a multiple of; None: any
    :raise PricingError: for a value that is no quantity
    """

    minimum: Decimal = ZERO
    case_pack: Decimal | None = None

    def __post_init__(self):
        not_negative("minimum", self.minimum)
        if self.case_pack is not None:
            positive("case_pack", self.case_pack)


@dataclass(frozen=True, slots=True)
class Minimums:
    """What a maker asks for of an order, in the currency of the order, before tax.

    :raise PricingError: a minimum that is negative, or a reorder minimum above the opening
    """

    opening: Decimal = ZERO
    reorder: Decimal = ZERO

    def __post_init__(self):
        not_negative("opening", self.opening)
        if not_negative("reorder", self.reorder) > self.opening:
            reason = f"is above the opening minimum of {self.opening}"
            raise PricingError("reorder", self.reorder, reason)


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line of the basket.

    :param key: of the line
    :param product: whose variants count together for the minimum
    :param quantity: negative for a return, which nothing is asked of
    :param amount: net of discounts and tax, in the currency of the order
    """

    key: Hashable
    product: Hashable
    maker: Hashable
    quantity: Decimal
    amount: Decimal

    def __post_init__(self):
        finite("quantity", self.quantity)
        finite("amount", self.amount)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    :ivar code: one of :data:`CODES`
    :ivar subject: product of a minimum, line of a case, maker of an amount
    :ivar lines: keys of the lines it is about, in the order of the basket
    :ivar have: quantity or amount in the basket
    :ivar need: the least that is asked; for a broken case the next whole number of cases
    :ivar less: for a broken case the whole number of cases below; zero: leave it out
    """

    code: str
    subject: Hashable
    lines: tuple[Hashable, ...]
    have: Decimal
    need: Decimal
    less: Decimal | None = None

    @property
    def missing(self) -> Decimal:
        """What would have to be added."""
        return self.need - self.have


def problems(
    basket: Iterable[BasketLine],
    terms: Mapping[Hashable, Terms],
    minimums: Mapping[Hashable, Minimums],
    known_to: Set[Hashable] = frozenset(),
) -> list[Problem]:
    """All that is wrong with a basket; empty: it can be ordered.

    Lines of no quantity and returns are left out: they buy nothing.

    :param terms: product -> terms; a product without any asks for nothing
    :param minimums: maker -> minimums; the same
    :param known_to: makers from whom the customer ordered before
    """
    lines = [line for line in basket if line.quantity > 0]
    with localcontext(EXACT):
        return [
            *_below_minimum(lines, terms),
            *_broken_cases(lines, terms),
            *_below_amount(lines, minimums, known_to),
        ]


def least_quantity(terms: Terms, wanted: Decimal = ZERO) -> Decimal:
    """The least quantity of one line that the terms allow and that is not below ``wanted``.

    :param wanted: zero or more
    """
    least = max(not_negative("wanted", wanted), terms.minimum)
    return _cases(least, terms.case_pack)[1] if terms.case_pack else least


# Helpers


def _below_minimum(
    lines: Iterable[BasketLine], terms: Mapping[Hashable, Terms]
) -> Iterator[Problem]:
    for product, group in _grouped(lines, "product").items():
        need = terms[product].minimum if product in terms else ZERO
        have = sum((line.quantity for line in group), ZERO)
        if have < need:
            yield Problem(BELOW_MINIMUM, product, _keys(group), have, need)


def _broken_cases(
    lines: Iterable[BasketLine], terms: Mapping[Hashable, Terms]
) -> Iterator[Problem]:
    for line in lines:
        case_pack = terms[line.product].case_pack if line.product in terms else None
        if case_pack and line.quantity % case_pack:
            less, more = _cases(line.quantity, case_pack)
            yield Problem(BROKEN_CASE, line.key, (line.key,), line.quantity, more, less)


def _below_amount(
    lines: Iterable[BasketLine],
    minimums: Mapping[Hashable, Minimums],
    known_to: Set[Hashable],
) -> Iterator[Problem]:
    for maker, group in _grouped(lines, "maker").items():
        if maker not in minimums:
            continue
        is_known = maker in known_to
        need = minimums[maker].reorder if is_known else minimums[maker].opening
        have = sum((line.amount for line in group), ZERO)
        if have < need:
            code = BELOW_REORDER if is_known else BELOW_OPENING
            yield Problem(code, maker, _keys(group), have, need)


def _cases(quantity: Decimal, case_pack: Decimal) -> tuple[Decimal, Decimal]:
    """The whole cases at most and at least as large as a quantity, as quantities."""
    count, rest = divmod(quantity, case_pack)
    return count * case_pack, (count + bool(rest)) * case_pack


def _grouped(
    lines: Iterable[BasketLine], field: str
) -> dict[Hashable, list[BasketLine]]:
    groups = {}
    for line in lines:
        groups.setdefault(getattr(line, field), []).append(line)
    return groups


def _keys(lines: Iterable[BasketLine]) -> tuple[Hashable, ...]:
    return tuple(line.key for line in lines)
