"""Why a line costs what it costs: list -> tier -> grade -> bundle -> promotion. Pure.

Between them may stand why a line costs something else than its rules make: a price that was
agreed or typed, one kept from an earlier day, the tax in it, a cent of rounding.

A trace keeps for each step the rule, its version and the figures that made the amount, so
that it can be computed again when the rule has changed or is gone. It keeps no words: what
a step is called is said in the language of the reader, when it is read. Amounts are those
of the line, in its currency; they are rounded only where the step says so, and at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from .money import (
    HUNDRED,
    ZERO,
    PricingError,
    finite,
    from_steps,
    positive,
    round_to,
    to_steps,
)
from .scopes import PricedLine
from .tiers import EXACT, ONE, UNIT_PRICE, PricedQuantity, one_of

LIST, TIER, GRADE, BUNDLE, PROMOTION = "list", "tier", "grade", "bundle", "promotion"
#: The price came with the order; somebody typed it; the rules were others when it was made.
AGREED, MANUAL, KEPT = "agreed", "manual", "kept"
#: A cent between exact figures and printed ones; the tax that is in the price.
ROUNDING, TAX = "rounding", "tax"
#: Stages in their order; within one, but the first, steps come as they are applied.
_STAGES = (
    (LIST,),
    (TIER, GRADE),
    (BUNDLE,),
    (AGREED, MANUAL, KEPT, ROUNDING, TAX),
    (PROMOTION,),
)
CODES = tuple(code for stage in _STAGES for code in stage)
_STAGE_OF = {code: place for place, stage in enumerate(_STAGES) for code in stage}

#: Quantities times unit prices: the list price, or the parts of a ladder.
PARTS = "parts"
#: A percent off what the line cost before.
PERCENT = "percent"
#: An amount off what the line cost before.
AMOUNT = "amount"
#: A share of an amount that several lines have together.
SHARE = "share"

#: Why a trace does not hold.
WRONG_ORDER = "wrong_order"
WRONG_BEFORE = "wrong_before"
WRONG_AFTER = "wrong_after"
WRONG_TOTAL = "wrong_total"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace.

    :ivar code: one of :data:`CODES`
    :ivar kind: ``parts``, ``percent``, ``amount`` or ``share``: what the figures are
    :ivar figures: name -> number, for ``parts`` quantity, price, quantity, price, ...
    :ivar before: amount of the line before the step
    :ivar after: and after it
    :ivar rule: what the caller knows the rule by
    :ivar version: day on which the rule was last changed
    :ivar is_rounded: whether ``after`` is rounded to the currency
    """

    code: str
    kind: str
    figures: tuple[tuple[str, Decimal], ...]
    before: Decimal
    after: Decimal
    rule: int | str | None = None
    version: date | None = None
    is_rounded: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of one line.

    :param currency: ISO code
    :param step: the currency's rounding
    :param quantity: of the line
    :ivar total: what the line costs, rounded
    """

    currency: str
    step: Decimal
    quantity: Decimal
    steps: tuple[Step, ...] = ()
    total: Decimal = ZERO

    def __post_init__(self):
        positive("step", self.step)
        finite("quantity", self.quantity)

    @property
    def unit_price(self) -> Decimal | None:
        """What one unit costs in the end; None for a line of nothing."""
        return UNIT_PRICE.divide(self.total, self.quantity) if self.quantity else None

    def listed(self, list_price: Decimal, **of_rule) -> Trace:
        """Begin with the list price.

        :param of_rule: ``rule`` and ``version``, as for all steps
        """
        return self.add(LIST, PARTS, _parts([(self.quantity, list_price)]), **of_rule)

    def tiered(self, priced: PricedQuantity, **of_rule) -> Trace:
        """Go on with what the quantity costs on a ladder."""
        sign = -1 if self.quantity < 0 else 1
        parts = _parts((sign * part.quantity, part.unit_price) for part in priced.parts)
        return self.add(TIER, PARTS, parts, is_rounded=True, **of_rule)

    def scoped(self, line: PricedLine, **of_rule) -> Trace:
        """Go on with what the line costs together with the others of its scope."""
        share = line.share
        figures = _share(share.total, share.weight, share.whole, line.total, self.step)
        return self.add(TIER, SHARE, figures, **of_rule)

    def shared(
        self,
        price: Decimal,
        weight: Decimal,
        whole: Decimal,
        part: Decimal,
        count: Decimal,
        **of_rule,
    ) -> Trace:
        """Go on with ``count`` times a part of the price of a bundle.

        :param part: of one bundle, rounded, however it was rounded
        """
        figures = _share(price, weight, whole, part, self.step, count)
        return self.add(BUNDLE, SHARE, figures, **of_rule)

    def priced(self, code: str, unit_price: Decimal, **of_step) -> Trace:
        """Go on with a price of one unit that is not derived from what was before.

        :param of_step: ``rule``, ``version`` and ``is_rounded``
        """
        return self.add(code, PARTS, _parts([(self.quantity, unit_price)]), **of_step)

    def percent_off(self, code: str, percent: Decimal, **of_step) -> Trace:
        """Go on with a percent off.

        :param of_step: ``rule``, ``version`` and ``is_rounded``
        """
        return self.add(code, PERCENT, (("percent", percent),), **of_step)

    def amount_off(self, code: str, amount: Decimal, **of_rule) -> Trace:
        """Go on with an amount off the line."""
        return self.add(code, AMOUNT, (("amount", amount),), **of_rule)

    def add(
        self,
        code: str,
        kind: str,
        figures: tuple[tuple[str, Decimal], ...],
        rule: int | str | None = None,
        version: date | None = None,
        is_rounded: bool = False,
    ) -> Trace:
        """The trace with one more step.

        :raise PricingError: a step that may not follow, or a word that has no meaning here
        """
        one_of("code", code, CODES)
        one_of("kind", kind, tuple(_COMPUTE))
        if not _may_follow(self.steps, code):
            raise PricingError("code", code, "does not come after what was applied")
        before = self.steps[-1].after if self.steps else ZERO
        step = Step(code, kind, figures, before, ZERO, rule, version, is_rounded)
        step = replace(step, after=_after(step, before, self.step))
        total = round_to(step.after, self.step)
        return replace(self, steps=(*self.steps, step), total=total)


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of computing a trace again.

    :ivar holds: whether every amount is what its figures make
    :ivar total: what the figures make in the end
    :ivar reason: why it does not hold; None when it does
    :ivar place: index of the first step that is wrong; None for the total
    """

    holds: bool
    total: Decimal
    reason: str | None = None
    place: int | None = None


def replay(trace: Trace) -> Replay:
    """Compute the end price again from the figures alone, and say whether it holds."""
    amount, wrong = ZERO, []
    for place, step in enumerate(trace.steps):
        if not _may_follow(trace.steps[:place], step.code):
            wrong.append((WRONG_ORDER, place))
        if step.before != amount:
            wrong.append((WRONG_BEFORE, place))
        amount = _after(step, amount, trace.step)
        if step.after != amount:
            wrong.append((WRONG_AFTER, place))
    total = round_to(amount, trace.step)
    if total != trace.total:
        wrong.append((WRONG_TOTAL, None))
    return Replay(not wrong, total, *(wrong[0] if wrong else ()))


# Helpers: what a step makes of the amount before it


def _after(step: Step, before: Decimal, rounding: Decimal) -> Decimal:
    with localcontext(EXACT):
        after = _COMPUTE[step.kind](step.figures, before, rounding)
        return round_to(after, rounding) if step.is_rounded else after


def _after_parts(figures, _before: Decimal, _rounding: Decimal) -> Decimal:
    numbers = [number for _name, number in figures]
    return sum(
        (count * each for count, each in zip(numbers[::2], numbers[1::2], strict=True)),
        ZERO,
    )


def _after_percent(figures, before: Decimal, _rounding: Decimal) -> Decimal:
    return before * (HUNDRED - dict(figures)["percent"]) / HUNDRED


def _after_amount(figures, before: Decimal, _rounding: Decimal) -> Decimal:
    return before - dict(figures)["amount"]


def _after_share(figures, _before: Decimal, rounding: Decimal) -> Decimal:
    share = dict(figures)
    whole = _floor_share(share["total"], share["weight"], share["whole"], rounding)
    sign = -1 if share["total"] < 0 else 1
    return share["count"] * (whole + sign * share["extra"] * rounding)


_COMPUTE: dict[str, Callable[..., Decimal]] = {
    PARTS: _after_parts,
    PERCENT: _after_percent,
    AMOUNT: _after_amount,
    SHARE: _after_share,
}
#: What the figures of a kind are called; those of ``parts`` are repeated.
NAMES = {
    PARTS: ("quantity", "price"),
    PERCENT: ("percent",),
    AMOUNT: ("amount",),
    SHARE: ("total", "weight", "whole", "extra", "count"),
}


def _parts(
    parts: Iterable[tuple[Decimal, Decimal]],
) -> tuple[tuple[str, Decimal], ...]:
    return tuple(
        figure for part in parts for figure in zip(NAMES[PARTS], part, strict=True)
    )


def _share(
    total: Decimal,
    weight: Decimal,
    whole: Decimal,
    part: Decimal,
    rounding: Decimal,
    count: Decimal = ONE,
) -> tuple[tuple[str, Decimal], ...]:
    """Figures of a part; ``extra`` are the steps left over that it got: mostly 0 or 1."""
    floor = _floor_share(total, weight, whole, rounding)
    sign = -1 if total < 0 else 1
    extra = sign * to_steps("part", part - floor, rounding)
    values = (total, weight, whole, Decimal(extra), count)
    return tuple(zip(NAMES[SHARE], values, strict=True))


def _floor_share(
    total: Decimal, weight: Decimal, whole: Decimal, rounding: Decimal
) -> Decimal:
    """A share rounded towards zero; nothing of a whole that is nothing."""
    if not whole:
        return ZERO
    exact = abs(Fraction(total)) * Fraction(weight) / Fraction(whole)
    units = int(exact / Fraction(rounding))
    return from_steps(-units if total < 0 else units, rounding)


def _may_follow(steps: tuple[Step, ...], code: str) -> bool:
    """Steps come in the order of their stages; the list price is the first and only one."""
    if not steps:
        return code == LIST
    last = steps[-1].code
    if last not in _STAGE_OF or code not in _STAGE_OF or code == LIST:
        return False
    return _STAGE_OF[code] >= _STAGE_OF[last]
