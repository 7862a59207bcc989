"""Which promotions count on a basket, and what each takes off each line. Pure.

The order is fixed, whatever the order in which promotions were entered (worked examples W10
and W12): tier, bundle, maker's promotion, platform's promotion, wallet. Within a stage a free
product goes first (no percent is taken of what costs nothing), then percentages, then fixed
amounts; equals go by their key.

Two promotions of one stage and group that meet on a line both count only if both are
stackable. Of those that exclude each other the set that takes off most counts, of equal sets
the one whose keys come first.

Amounts are in one currency and of one kind, without tax or with it; ``step`` is the
currency's rounding. No line and no basket falls below zero. A basket of returns mirrors the
sale. In a basket of both only what is sold takes part: what was taken off the returned goods
is known from their sale.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .funding import BY_PLATFORM, Discount, Funding, Share, borne
from .money import (
    HUNDRED,
    ZERO,
    PricingError,
    finite,
    from_steps,
    half_up,
    positive,
    share_steps,
    to_steps,
)
from .stacking import best_set

TIER, BUNDLE, MAKER, PLATFORM, WALLET = "tier", "bundle", "maker", "platform", "wallet"
#: In the order in which they apply.
STAGES = (TIER, BUNDLE, MAKER, PLATFORM, WALLET)

FREE_PRODUCT, PERCENT, FIXED = "free_product", "percent", "fixed"
#: In the order in which they apply within a stage.
KINDS = (FREE_PRODUCT, PERCENT, FIXED)

# Why a promotion does not count.
NOTHING_TO_TAKE = "nothing_to_take"
EXCLUDED = "excluded"


class PromotionError(PricingError):
    """A promotion or a basket that cannot be priced."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket, tiers priced in.

    :ivar key: unique in the basket and stable, for instance the id of an order line
    :ivar amount: price of the whole line; negative on a return, as ``quantity``
    :ivar maker: whose goods; ``None`` for those of the platform itself
    :ivar tax_group: key of the line's taxes
    :ivar is_delivery: takes part in promotions that name its product, and in wallets, only
    :raises PromotionError: amount and quantity have different signs: a negative price
    """

    key: str
    amount: Decimal
    product: str = ""
    maker: str | None = None
    quantity: Decimal = Decimal(1)
    tax_group: str = ""
    is_delivery: bool = False

    def __post_init__(self):
        finite("amount", self.amount)
        finite("quantity", self.quantity)
        if self.amount and self.amount * self.quantity <= 0:
            raise PromotionError(
                f"amount of line {self.key}",
                self.amount,
                f"needs the sign of its quantity {self.quantity}",
            )


@dataclass(frozen=True, slots=True)
class Promotion:
    """A rule that takes something off.

    :ivar kind: ``percent`` of what is left in the scope, ``fixed`` amount over the scope, or
        ``free_product``: the value of the cheapest ``value`` units in the scope
    :ivar value: percent, amount or number of units; above zero
    :ivar funding: who pays for it
    :ivar makers: only lines of these makers; ``None``: of all. Both scopes must hold.
    :ivar products: only lines with these products; ``None``: with all
    :ivar group: stack group; promotions of different groups do not exclude each other
    :ivar stackable: whether it goes together with stackable ones of its group
    :ivar maximum: the most it takes off a basket
    :raises PricingError: a value that has no meaning
    """

    key: str
    stage: str
    kind: str
    value: Decimal
    funding: Funding
    makers: frozenset[str] | None = None
    products: frozenset[str] | None = None
    group: str = ""
    stackable: bool = False
    maximum: Decimal | None = None

    def __post_init__(self):
        for field, word, known in (
            ("stage", self.stage, STAGES),
            ("kind", self.kind, KINDS),
        ):
            if word not in known:
                raise PromotionError(field, word, f"is none of {', '.join(known)}")
        positive("value", self.value)
        if self.kind == PERCENT and self.value > HUNDRED:
            raise PromotionError("value", self.value, "must not be over 100 percent")
        if self.maximum is not None:
            positive("maximum", self.maximum)
        self._check_scope()

    def _check_scope(self):
        for field, scope in (("makers", self.makers), ("products", self.products)):
            if scope is not None and not scope:
                raise PromotionError(field, self.key, "an empty scope takes nothing")
        if self.stage == MAKER and self.makers is None:
            raise PromotionError("makers", self.key, "a maker's promotion names makers")
        if self.stage == WALLET and (self.kind != FIXED or self.funding != BY_PLATFORM):
            # The platform holds the money that the customer paid before.
            raise PromotionError(
                "wallet", self.key, "is a fixed amount, paid by the platform"
            )

    def covers(self, line: Line) -> bool:
        """Whether the line is in the scope."""
        if line.is_delivery and self.stage != WALLET and self.products is None:
            return False
        return (self.makers is None or line.maker in self.makers) and (
            self.products is None or line.product in self.products
        )

    def excludes(self, other: Promotion) -> bool:
        """Whether the two do not go together where they meet; money always does."""
        return (
            self.stage == other.stage != WALLET
            and self.group == other.group
            and not (self.stackable and other.stackable)
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A promotion that does not count: the reason, and the keys of those that exclude it."""

    promotion: str
    reason: str
    excluded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A basket with its promotions. What was given is kept, so that all can be undone."""

    lines: tuple[Line, ...]
    promotions: tuple[Promotion, ...]
    step: Decimal
    discounts: tuple[Discount, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def total(self) -> Decimal:
        """What the basket costs after all discounts."""
        return sum(self.nets().values(), ZERO)

    def nets(self) -> dict[str, Decimal]:
        """Key of a line -> its amount after all discounts."""
        nets = {line.key: line.amount for line in self.lines}
        for discount in self.discounts:
            nets[discount.line] -= discount.amount
        return nets

    def by_promotion(self) -> dict[str, Decimal]:
        """Key of a promotion that counts -> what it takes off, in the order applied."""
        return _summed((each.promotion, each.amount) for each in self.discounts)

    def shares(self) -> tuple[Share, ...]:
        """Who bears each discount, in the order of :attr:`discounts`."""
        return borne(self.discounts, self.step)

    def cancel(self, *keys: str) -> Applied:
        """The basket without these promotions, as if they had never been offered.

        :raises PromotionError: one of them was not offered
        """
        unknown = set(keys) - {each.key for each in self.promotions}
        if unknown:
            raise PromotionError("promotion", min(unknown), "is not on this basket")
        kept = (each for each in self.promotions if each.key not in keys)
        return apply(self.lines, kept, self.step)


def apply(
    lines: Iterable[Line], promotions: Iterable[Promotion], step: Decimal
) -> Applied:
    """Price a basket with all that is offered on it, in the fixed order.

    The result is the same in whatever order lines and promotions come.

    :raises PromotionError: a key that occurs twice
    :raises PricingError: an amount finer than ``step``
    """
    lines, promotions = tuple(lines), tuple(sorted(promotions, key=_rank))
    _check_unique("line", lines)
    _check_unique("promotion", promotions)
    basket = _Basket.of(lines, step)
    discounts: list[Discount] = []
    left_out: list[LeftOut] = []
    for stage in STAGES:
        offered = [each for each in promotions if each.stage == stage]
        chosen, refused = _choose(offered, basket)
        left_out += refused
        for promotion in chosen:
            taken = basket.taken_by(promotion)
            basket = basket.less(taken)
            discounts += basket.discounts(promotion, taken)
            if not taken:  # those before it took all
                left_out.append(LeftOut(promotion.key, NOTHING_TO_TAKE))
    return Applied(lines, promotions, step, tuple(discounts), tuple(left_out))


# Helpers: amounts below are whole steps without sign; ``taken`` is line key -> steps.


@dataclass(frozen=True, slots=True)
class _Basket:
    """What is left of the lines that take part."""

    lines: Mapping[str, Line]
    left: Mapping[str, int]
    sign: int
    #: What lines of the other sign are worth: the basket must not fall below zero with them.
    against: int
    step: Decimal

    @classmethod
    def of(cls, lines: tuple[Line, ...], step: Decimal) -> _Basket:
        counts = {
            line.key: to_steps(f"amount of line {line.key}", line.amount, step)
            for line in lines
        }
        sign = 1 if any(count > 0 for count in counts.values()) else -1
        left = {key: sign * count for key, count in counts.items() if sign * count > 0}
        against = sum(-sign * counts[key] for key in counts if key not in left)
        by_key = {line.key: line for line in lines if line.key in left}
        return cls(by_key, left, sign, against, step)

    def scope(self, promotion: Promotion) -> list[str]:
        """Keys of the lines from which the promotion can take something, in order."""
        return sorted(
            key
            for key, line in self.lines.items()
            if self.left[key] and promotion.covers(line)
        )

    def worth(self, promotion: Promotion) -> int:
        """What the promotion takes off now."""
        return self._shares(promotion)[0]

    def taken_by(self, promotion: Promotion) -> dict[str, int]:
        """What the promotion takes off now, line by line."""
        wanted, weights = self._shares(promotion)
        parts = share_steps(wanted, list(weights), list(weights.values()))
        return {key: part for key, part in zip(weights, parts, strict=True) if part}

    def less(self, taken: Mapping[str, int]) -> _Basket:
        left = {key: count - taken.get(key, 0) for key, count in self.left.items()}
        return _Basket(self.lines, left, self.sign, self.against, self.step)

    def discounts(
        self, promotion: Promotion, taken: Mapping[str, int]
    ) -> Iterator[Discount]:
        for key, count in taken.items():
            line = self.lines[key]
            yield Discount(
                promotion.key,
                key,
                line.maker,
                from_steps(self.sign * count, self.step),
                promotion.funding,
                line.tax_group,
            )

    def _shares(self, promotion: Promotion) -> tuple[int, dict[str, int]]:
        """What is taken off in all, and by which weights of the lines."""
        keys = self.scope(promotion)
        if promotion.kind == FREE_PRODUCT:
            weights = self._free_units(keys, Fraction(promotion.value))
        else:
            weights = {key: self.left[key] for key in keys}
        most = min(sum(weights.values()), self._room())
        if promotion.maximum is not None:
            most = min(most, to_steps("maximum", promotion.maximum, self.step))
        wanted = most
        if promotion.kind == PERCENT:
            exact = sum(weights.values()) * Fraction(promotion.value) / 100
            wanted = half_up(exact)
        elif promotion.kind == FIXED:
            wanted = to_steps("value", promotion.value, self.step)
        return min(most, wanted), weights

    def _room(self) -> int:
        return max(0, sum(self.left.values()) - self.against)

    def _free_units(self, keys: list[str], units: Fraction) -> dict[str, int]:
        """What so many units cost, the cheapest first; one amount for each key."""
        quantities = {key: abs(Fraction(self.lines[key].quantity)) for key in keys}
        value = dict.fromkeys(keys, 0)
        for key in sorted(
            keys, key=lambda key: (self.left[key] / quantities[key], key)
        ):
            free = min(units, quantities[key])
            value[key] = half_up(self.left[key] * free / quantities[key])
            units -= free
        return value


def _choose(
    offered: list[Promotion], basket: _Basket
) -> tuple[list[Promotion], list[LeftOut]]:
    """The promotions of one stage that count, in their order, and those that do not."""
    worth = {each.key: basket.worth(each) for each in offered}
    live = [each for each in offered if worth[each.key]]
    rivals = _rivals(live, basket)

    def value(keys: frozenset[str]) -> int:
        return _value([each for each in live if each.key in keys], basket)

    best = best_set(rivals, worth, value)
    refused = [
        LeftOut(each.key, EXCLUDED, tuple(sorted(rivals[each.key] & best)))
        if worth[each.key]
        else LeftOut(each.key, NOTHING_TO_TAKE)
        for each in offered
        if each.key not in best
    ]
    return [each for each in live if each.key in best], refused


def _rivals(live: list[Promotion], basket: _Basket) -> dict[str, set[str]]:
    """Key of a promotion -> keys of those that it excludes."""
    rivals = {each.key: set() for each in live}
    scopes = {each.key: set(basket.scope(each)) for each in live}
    for one, two in itertools.combinations(live, 2):
        if one.excludes(two) and scopes[one.key] & scopes[two.key]:
            rivals[one.key].add(two.key)
            rivals[two.key].add(one.key)
    return rivals


def _value(promotions: list[Promotion], basket: _Basket) -> int:
    """What promotions take off together, in their order."""
    value = 0
    for promotion in promotions:
        taken = basket.taken_by(promotion)
        value += sum(taken.values())
        basket = basket.less(taken)
    return value


def _rank(promotion: Promotion):
    return STAGES.index(promotion.stage), KINDS.index(promotion.kind), promotion.key


def _check_unique(field: str, things: Iterable[Line | Promotion]):
    seen: set[str] = set()
    for thing in things:
        if thing.key in seen:
            raise PromotionError(f"key of {field}", thing.key, "occurs twice")
        seen.add(thing.key)


def _summed(pairs: Iterable[tuple]) -> dict:
    sums: dict = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, ZERO) + amount
    return sums
