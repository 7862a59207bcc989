"""The grade that a customer earns by turnover, by paying in time and without dispute. Pure.

The score is 100 points for a stated turnover of the last 12 months (fewer for less, no more
for more), less points for each day that invoices were late on average, weighted by amount,
and for each dispute. The highest grade whose points are reached is the one that is earned.

A grade is lost at once and won slowly: each invoice that gets too late costs one grade, a
score that falls costs those it no longer reaches; one grade at a time is won back, after a
stated time without any lateness (worked example W20: Gold becomes Silver).

All amounts are in one currency, days are calendar days. What happened after the day that is
asked for is not looked at, so that an old judgement can be repeated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from .money import (
    HUNDRED,
    ZERO,
    PricingError,
    finite,
    not_negative,
    positive,
    round_to,
)

# Why a customer has a grade.
FIRST, KEPT, EARNED = "first_grade", "grade_kept", "grade_earned"
LATE, SCORE_FELL, WAITING = "invoice_late", "score_fell", "waiting"
SCORE = "score"

TENTH = Decimal("0.1")
ONE_YEAR = relativedelta(years=1)


class TermsError(PricingError):
    """A policy, history or basket from which no term follows."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a customer of a grade is granted.

    :ivar min_score: points from which it is earned, 0 to 100
    :ivar days: days to pay
    :ivar credit_limit: what may be owed at a time; ``None``: without limit
    """

    key: str
    min_score: Decimal
    days: int
    credit_limit: Decimal | None = None

    def __post_init__(self):
        if not_negative("min score", self.min_score) > HUNDRED:
            raise TermsError("min score", self.min_score, "is out of reach above 100")
        not_negative("days", self.days)
        if self.credit_limit is not None:
            not_negative("credit limit", self.credit_limit)


@dataclass(frozen=True, slots=True)
class Policy:
    """How terms are earned.

    :ivar grades: lowest first; the lowest needs no points
    :ivar full_turnover: turnover of 12 months, without tax, that gives 100 points
    :ivar points_per_day: points lost for each day that invoices were late on average
    :ivar points_per_dispute: points lost for each dispute of the last 12 months
    :ivar late_after_days: an invoice later than this many days costs a grade
    :ivar clean_days: days without lateness after which a grade is won
    :raises TermsError: grades in the wrong order, or the higher one with the shorter term
    """

    grades: tuple[Grade, ...]
    full_turnover: Decimal
    points_per_day: Decimal = Decimal(1)
    points_per_dispute: Decimal = Decimal(10)
    late_after_days: int = 15
    clean_days: int = 180

    def __post_init__(self):
        positive("full turnover", self.full_turnover)
        for field in (
            "points_per_day",
            "points_per_dispute",
            "late_after_days",
            "clean_days",
        ):
            not_negative(field.replace("_", " "), getattr(self, field))
        _check_grades(self.grades)

    def rank(self, key: str) -> int:
        """Place of a grade, 0 for the lowest.

        :raises TermsError: there is no such grade
        """
        for rank, grade in enumerate(self.grades):
            if grade.key == key:
                return rank
        raise TermsError("grade", key, "is not in the policy")

    def earned_rank(self, points: Decimal) -> int:
        """Place of the highest grade that so many points reach."""
        return sum(grade.min_score <= points for grade in self.grades) - 1


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note (negative) of the customer.

    :ivar amount: without tax
    :ivar paid: the day it was paid in full; ``None`` while it is open
    :ivar disputed: the day on which the customer was found to dispute it without cause
    """

    key: str
    issued: date
    due: date
    amount: Decimal
    paid: date | None = None
    disputed: date | None = None

    def __post_init__(self):
        finite("amount", self.amount)

    def end(self, day: date) -> date:
        """Until when it was open, as far as was known on ``day``."""
        return min(self.paid or day, day)

    def days_late(self, day: date) -> int:
        """Days past due when it was paid, or on ``day``; a credit note is never late."""
        return max(0, (self.end(day) - self.due).days) if self.amount > 0 else 0

    def too_late_on(self, policy: Policy, day: date) -> date | None:
        """The day on which it got too late; ``None``: it was not, up to ``day``."""
        if self.days_late(day) <= policy.late_after_days:
            return None
        return self.due + timedelta(days=policy.late_after_days + 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """The grade that a customer has: since when, and when it was judged last."""

    grade: str
    since: date
    judged_on: date


@dataclass(frozen=True, slots=True)
class Score:
    """Points from 0 to 100 in tenths, and the figures they follow from."""

    turnover: Decimal
    days_late: Decimal
    disputes: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of this module and its figures, as (name, value); words are the caller's."""

    code: str
    figures: tuple[tuple[str, object], ...] = ()

    def __str__(self):
        figures = ", ".join(f"{name} {value}" for name, value in self.figures)
        return f"{self.code}: {figures}" if figures else self.code


@dataclass(frozen=True, slots=True)
class Judgement:
    """The grade of a customer on a day.

    :ivar standing: what to keep until the next judgement
    """

    grade: Grade
    standing: Standing
    score: Score
    reasons: tuple[Reason, ...]


def score(policy: Policy, invoices: Iterable[Invoice], day: date) -> Score:
    """The points of a customer on a day.

    Turnover is that of invoices issued in the 12 months up to ``day``; lateness counts these
    and whatever older ones are open; disputes are those of the 12 months.
    """
    known = [each for each in invoices if each.issued <= day]
    start = day - ONE_YEAR
    recent = [each for each in known if each.issued > start]
    open_or_recent = [
        each
        for each in known
        if each.issued > start or each.paid is None or each.paid > day
    ]
    turnover = sum((each.amount for each in recent), ZERO)
    days_late = _mean_days_late(open_or_recent, day)
    disputes = sum(start < each.disputed <= day for each in known if each.disputed)
    points = min(
        Fraction(100), 100 * Fraction(turnover) / Fraction(policy.full_turnover)
    )
    points -= days_late * Fraction(policy.points_per_day)
    points -= disputes * Fraction(policy.points_per_dispute)
    return Score(
        turnover,
        round_to(days_late, TENTH),
        disputes,
        round_to(max(Fraction(0), points), TENTH),
    )


def judge(
    policy: Policy,
    invoices: Iterable[Invoice],
    day: date,
    standing: Standing | None = None,
) -> Judgement:
    """The grade of a customer on a day.

    :param invoices: all of the customer's; later ones are not looked at
    :param standing: what the last judgement said. Without one the grade that is earned
        counts at once, less one for each invoice that got too late in the last 12 months.
    :raises TermsError: ``standing`` is of a later day, or of a grade that is gone
    """
    invoices = [each for each in invoices if each.issued <= day]
    points = score(policy, invoices, day)
    earned = policy.earned_rank(points.points)
    if standing is None:
        too_late = _too_late(policy, invoices, day - ONE_YEAR, day)
        rank, reasons = max(0, earned - len(too_late)), [Reason(FIRST), *too_late]
    else:
        if standing.judged_on > day:
            raise TermsError("day", day, f"was judged on {standing.judged_on} already")
        rank, reasons = _next_rank(policy, invoices, day, standing, earned)
    grade = policy.grades[rank]
    same = standing is not None and standing.grade == grade.key
    since = standing.since if same else day
    reasons = (_score_reason(points), *reasons)
    return Judgement(grade, Standing(grade.key, since, day), points, reasons)


def _next_rank(
    policy: Policy,
    invoices: Sequence[Invoice],
    day: date,
    standing: Standing,
    earned: int,
) -> tuple[int, list[Reason]]:
    """The place of the next grade, and why."""
    now = policy.rank(standing.grade)
    too_late = _too_late(policy, invoices, standing.judged_on, day)
    rank, reasons = max(0, now - len(too_late)), list(too_late)
    if earned < rank:
        fell = Reason(SCORE_FELL, (("earned", policy.grades[earned].key),))
        return earned, [*reasons, fell]
    if too_late or earned == now:
        return rank, reasons or [Reason(KEPT)]
    free_on = _clean_since(invoices, day, standing) + timedelta(days=policy.clean_days)
    if day < free_on:
        figures = (("earned", policy.grades[earned].key), ("until", free_on))
        return now, [Reason(WAITING, figures)]
    return now + 1, [Reason(EARNED, (("clean days", policy.clean_days),))]


def _too_late(
    policy: Policy, invoices: Iterable[Invoice], after: date, day: date
) -> list[Reason]:
    """A reason for each invoice that got too late after one day, up to another."""
    return [
        Reason(LATE, (("invoice", each.key), ("days", each.days_late(day))))
        for each in sorted(invoices, key=lambda each: (each.due, each.key))
        if (crossed := each.too_late_on(policy, day)) and after < crossed <= day
    ]


def _clean_since(invoices: Iterable[Invoice], day: date, standing: Standing) -> date:
    """The last day on which an invoice was late or the grade changed."""
    late = (each.end(day) for each in invoices if each.days_late(day))
    return max([standing.since, *late])


def _mean_days_late(invoices: Iterable[Invoice], day: date) -> Fraction:
    """Weighted by amount: many small invoices in time do not hide a large one."""
    counted = [each for each in invoices if each.amount > 0]
    whole = sum((Fraction(each.amount) for each in counted), Fraction(0))
    if not whole:
        return Fraction(0)
    late = sum(Fraction(each.amount) * each.days_late(day) for each in counted)
    return late / whole


def _score_reason(points: Score) -> Reason:
    return Reason(
        SCORE,
        (
            ("points", points.points),
            ("turnover", points.turnover),
            ("days late", points.days_late),
            ("disputes", points.disputes),
        ),
    )


def _check_grades(grades: Sequence[Grade]):
    if not grades or grades[0].min_score:
        raise TermsError("grades", "first", "needs no points, so that all have a grade")
    for lower, higher in itertools.pairwise(grades):
        if higher.min_score <= lower.min_score:
            raise TermsError(
                f"min score of {higher.key}",
                higher.min_score,
                f"must be above the {lower.min_score} of {lower.key}",
            )
        if higher.days < lower.days:
            raise TermsError(
                f"days of {higher.key}",
                higher.days,
                f"must not be below the {lower.days} of {lower.key}",
            )
    keys = [grade.key for grade in grades]
    if len(set(keys)) < len(keys):
        raise TermsError("grades", ", ".join(keys), "one key occurs twice")
