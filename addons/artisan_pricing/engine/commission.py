"""What the platform keeps of a sale, and what it gives back of it on a refund. Pure.

The base is the net of a line without tax and delivery, less the discounts that the maker
pays and before those that the platform pays (worked examples W13 and W16). A scheme has one
or several parts: a percentage, a fixed amount, or a percentage by sections. Sections are half
open, ``[start, end)``, and leave no gap: closed ones find no commission for 1000.50 between
"0 to 1000" and "1001 to 5000" (W19).

Amounts are in one currency; ``step`` is its rounding. Returns mirror sales.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .earning import Earning, SoldLine
from .money import (
    HUNDRED,
    ZERO,
    PricingError,
    finite,
    not_negative,
    percentage,
    positive,
    round_to,
    share_out,
)

PERCENT, FIXED, SECTIONS = "percent", "fixed", "sections"
KINDS = (PERCENT, FIXED, SECTIONS)

LINE, ORDER = "line", "order"
UNITS = (LINE, ORDER)

WHOLE, MARGINAL = "whole", "marginal"
MODES = (WHOLE, MARGINAL)

#: Names of what the bounds of a scheme add or take away; no part may have them.
MINIMUM, MAXIMUM = "minimum", "maximum"


class CommissionError(PricingError):
    """A scheme without meaning, or lines that it cannot be used on."""


@dataclass(frozen=True, slots=True)
class Section:
    """``rate`` percent of a base from ``start`` up to, not including, ``end``.

    :ivar end: ``None`` for the last section, which has no end
    """

    start: Decimal
    end: Decimal | None
    rate: Decimal

    def __post_init__(self):
        not_negative("section start", self.start)
        percentage("section rate", self.rate)
        if self.end is not None and finite("section end", self.end) <= self.start:
            raise CommissionError(
                "section end", self.end, f"must be above its start {self.start}"
            )

    def holds(self, base: Decimal) -> bool:
        return self.start <= base and (self.end is None or base < self.end)

    def part_of(self, base: Decimal) -> Decimal:
        """How much of the base lies in this section."""
        upper = base if self.end is None else min(base, self.end)
        return max(ZERO, upper - self.start)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a scheme.

    :ivar code: names the part on the statement; unique in its scheme
    :ivar unit: what it is computed on, each line or the maker's lines of an order together
    :ivar value: percent for ``percent``, amount for ``fixed``
    :ivar sections: for ``sections``, from 0 upwards, without gap or overlap
    :ivar mode: ``whole``: the rate of the section in which the base lies, on all of it;
        ``marginal``: each section's rate on what lies in it
    :ivar minimum: the least for each unit, also when its base is small; may exceed the base
    :ivar maximum: the most for each unit; bounds are rounded like the commission
    :raises CommissionError: words or numbers without meaning, sections with gap or overlap
    """

    code: str
    kind: str
    value: Decimal = ZERO
    unit: str = LINE
    sections: tuple[Section, ...] = ()
    mode: str = WHOLE
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self):
        for field, word, known in (
            ("kind", self.kind, KINDS),
            ("unit", self.unit, UNITS),
            ("mode", self.mode, MODES),
        ):
            if word not in known:
                raise CommissionError(field, word, f"is none of {', '.join(known)}")
        not_negative("value", self.value)
        if self.kind == PERCENT and self.value > HUNDRED:
            raise CommissionError("value", self.value, "must not be over 100 percent")
        _check_bounds(self.minimum, self.maximum)
        if (self.kind == SECTIONS) != bool(self.sections):
            raise CommissionError(
                "sections",
                self.kind,
                "a percent by sections has sections, anything else has none",
            )
        if self.sections:
            _check_sections(self.sections)

    def amount(self, base: Decimal, step: Decimal) -> Decimal:
        """The commission on one base, with the base's sign; nothing on a base of zero.

        :param base: in the currency of the amounts; negative for a return
        """
        if not base:
            return ZERO
        amount = _within(self._exact(abs(base)), self.minimum, self.maximum)
        amount = round_to(amount, step)
        return amount if base > 0 else -amount

    def _exact(self, base: Decimal) -> Fraction:
        if self.kind == FIXED:
            return Fraction(self.value)
        if self.kind == PERCENT:
            return Fraction(base) * Fraction(self.value) / 100
        sections = self.sections
        if self.mode == WHOLE:
            rate = next(each.rate for each in sections if each.holds(base))
            return Fraction(base) * Fraction(rate) / 100
        return sum(
            Fraction(each.part_of(base)) * Fraction(each.rate) / 100
            for each in sections
        )


@dataclass(frozen=True, slots=True)
class Scheme:
    """The commission that is agreed with a maker; without parts, none.

    :ivar minimum: the least of all parts together for an order
    :ivar maximum: the most of all parts together for an order
    :raises CommissionError: a code that is taken, or a minimum above the maximum
    """

    parts: tuple[Part, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self):
        codes = [part.code for part in self.parts]
        for code in codes:
            if codes.count(code) > 1 or code in (MINIMUM, MAXIMUM):
                raise CommissionError("part", code, "is taken")
        _check_bounds(self.minimum, self.maximum)


def commission(
    lines: Iterable[SoldLine], scheme: Scheme, step: Decimal
) -> tuple[Earning, ...]:
    """What each line of one maker in one order brings, commission taken.

    What is computed on the order is shared out to its lines by their base, to the step. What
    the scheme's minimum adds, or its maximum takes away, is a part of its own with that name.
    Returned lines in the order mirror an order of their own. Goods of the platform itself and
    deliveries have no base and bear nothing.

    :return: one for each line, in the order of ``lines``
    :raises CommissionError: lines of several makers, or one key twice
    """
    lines = tuple(lines)
    _check_lines(lines)
    taken: dict[str, list[tuple[str, Decimal]]] = {line.key: [] for line in lines}
    for sign in (1, -1):
        bases = {line.key: line.base for line in lines if line.base * sign > 0}
        for code, amounts in _columns(bases, scheme, step):
            for key, amount in amounts.items():
                taken[key].append((code, amount))
    return tuple(Earning(line, tuple(taken[line.key])) for line in lines)


# Helpers: ``bases`` is line key -> base, all of one sign.


def _columns(
    bases: Mapping[str, Decimal], scheme: Scheme, step: Decimal
) -> list[tuple[str, dict[str, Decimal]]]:
    """(code of a part, line key -> what the part takes)."""
    if not bases:
        return []
    columns = []
    for part in scheme.parts:
        if part.unit == LINE:
            amounts = {key: part.amount(base, step) for key, base in bases.items()}
        else:
            total = part.amount(sum(bases.values(), ZERO), step)
            amounts = share_out(total, bases, step)
        columns.append((part.code, amounts))
    return columns + _bound(columns, bases, scheme, step)


def _bound(columns, bases, scheme: Scheme, step: Decimal):
    """The part that keeps the order within the scheme's bounds, when one is needed."""
    by_line = dict.fromkeys(bases, ZERO)
    for _code, amounts in columns:
        for key, amount in amounts.items():
            by_line[key] += amount
    total = sum(by_line.values(), ZERO)
    size = abs(total)
    bounded = _within(Fraction(size), scheme.minimum, scheme.maximum)
    change = round_to(bounded, step) - size
    if not change:
        return []
    signed = change if next(iter(bases.values())) > 0 else -change
    if change > 0:
        return [(MINIMUM, share_out(signed, bases, step))]
    return [(MAXIMUM, share_out(signed, by_line, step))]


def _within(
    amount: Fraction, minimum: Decimal | None, maximum: Decimal | None
) -> Fraction:
    if minimum is not None:
        amount = max(amount, Fraction(minimum))
    return amount if maximum is None else min(amount, Fraction(maximum))


def _check_bounds(minimum: Decimal | None, maximum: Decimal | None):
    if minimum is not None:
        not_negative("minimum", minimum)
    if maximum is not None:
        positive("maximum", maximum)
    if None not in (minimum, maximum) and minimum > maximum:
        raise CommissionError("minimum", minimum, f"is above the maximum {maximum}")


def _check_sections(sections: Sequence[Section]):
    """From 0 to no end, each beginning where the one before ends."""
    if sections[0].start:
        raise CommissionError("section start", sections[0].start, "leaves a gap from 0")
    for before, after in itertools.pairwise(sections):
        if before.end is None or after.start < before.end:
            raise CommissionError(
                "section start", after.start, "overlaps the section before"
            )
        if after.start > before.end:
            raise CommissionError(
                "section start", after.start, f"leaves a gap from {before.end}"
            )
    if sections[-1].end is not None:
        raise CommissionError(
            "section end", sections[-1].end, "leaves a gap above; the last has no end"
        )


def _check_lines(lines: Sequence[SoldLine]):
    if len({line.maker for line in lines}) > 1:
        makers = sorted(str(line.maker) for line in lines)
        raise CommissionError("maker", ", ".join(makers), "one at a time")
    seen: set[str] = set()
    for line in lines:
        if line.key in seen:
            raise CommissionError("key of line", line.key, "occurs twice")
        seen.add(line.key)
