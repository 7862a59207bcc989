"""Interest for late payment, fixed compensation and what a consumer may be charged.

Values in, values out: no clock, no database. Amounts are :class:`~decimal.Decimal` in the
currency of the debt, rates are percent a year, days are plain dates. Interest is simple
(never on interest) and runs from the day after the due date up to and including the last
day asked for.

Rules followed: EU Directive 2011/7/EU art. 2, 3 and 6; UK Late Payment of Commercial Debts
(Interest) Act 1998 s. 4 to 5A with SI 2002/1675 art. 4; DE BGB §§ 247, 286, 288; IE S.I.
580/2012. All of them set the reference rate for a calendar half-year at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)

FIXED_AT_START = "fixed_at_start"
FLOATING = "floating"
CONTRACT = "contract"
MODES = (FIXED_AT_START, FLOATING, CONTRACT)

ACT_365, ACT_360, THIRTY_360, ACT_ACT = "act_365", "act_360", "30_360", "act_act"
DAY_COUNTS = (ACT_365, ACT_360, THIRTY_360, ACT_ACT)

ROUND_END, ROUND_DAILY = "end", "daily"
ROUNDINGS = (ROUND_END, ROUND_DAILY)


class InterestError(ValueError):
    """What was asked for cannot be computed."""


class MissingRateError(InterestError):
    """No reference rate is known for a half-year the debt was open in.

    ``half_year`` is its first day. A rate is never carried over from another half-year:
    a charge that may be wrong is worse than one that is left out.
    """

    def __init__(self, half_year: date):
        super().__init__(f"no reference rate for the half-year from {half_year}")
        self.half_year = half_year


@dataclass(frozen=True, slots=True)
class Terms:
    """How interest of one debt is computed.

    :param mode: ``fixed_at_start`` keeps the rate of the half-year in which interest starts
        (UK), ``floating`` follows the reference half-year by half-year (DE),
        ``contract`` takes ``contract_rate`` for the whole time.
    :param margin: points added to the reference rate.
    :param reference_rates: first day of a half-year (1 January, 1 July) -> percent.
    :param contract_rate: the agreed percent a year, for ``contract`` only.
    :param day_count: ``act_365``, ``act_360``, ``30_360`` (30E/360) or ``act_act`` (days in
        a leap year count 1/366).
    :param rounding: ``end`` rounds each line of the schedule once, ``daily`` rounds the
        amount of one day and multiplies (GOV.UK's way).
    :param quantum: smallest amount of the currency, e.g. ``Decimal("0.01")``.
    :raise InterestError: for a word or number that has no meaning here.
    """

    mode: str
    margin: Decimal = ZERO
    reference_rates: Mapping[date, Decimal] | None = None
    contract_rate: Decimal | None = None
    day_count: str = ACT_365
    rounding: str = ROUND_END
    quantum: Decimal = Decimal("0.01")

    def __post_init__(self):
        for word, known in (
            (self.mode, MODES),
            (self.day_count, DAY_COUNTS),
            (self.rounding, ROUNDINGS),
        ):
            if word not in known:
                raise InterestError(f"{word!r} is none of {', '.join(known)}")
        if self.quantum <= 0:
            raise InterestError("the smallest amount must be positive")
        if self.mode == CONTRACT and (
            self.contract_rate is None or self.contract_rate < 0
        ):
            raise InterestError("a contract needs a rate of zero or more")

    def rate_for(self, half_year: date) -> Decimal:
        """Percent a year in the half-year that begins on ``half_year``; never below zero.

        :raise MissingRateError: when no reference rate is known for it.
        """
        if self.mode == CONTRACT:
            return self.contract_rate
        reference = (self.reference_rates or {}).get(half_year)
        if reference is None:
            raise MissingRateError(half_year)
        return max(ZERO, reference + self.margin)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that reduced the debt; interest on it stops at the end of ``day``."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Period:
    """One line of the schedule: both days included, rate in percent a year."""

    date_from: date
    date_to: date
    days: int
    principal: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """Interest line by line; the total is the sum of the rounded lines, as printed."""

    periods: tuple[Period, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((period.amount for period in self.periods), ZERO)

    @property
    def days(self) -> int:
        return sum(period.days for period in self.periods)


@dataclass(frozen=True, slots=True)
class Band:
    """Compensation for debts up to ``upper`` (``None``: any), which counts in if included."""

    upper: Decimal | None
    upper_included: bool
    amount: Decimal

    def covers(self, debt: Decimal) -> bool:
        if self.upper is None:
            return True
        return debt <= self.upper if self.upper_included else debt < self.upper


def half_year_start(day: date) -> date:
    """1 January or 1 July, whichever begins the half-year of ``day``."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def next_half_year(day: date) -> date:
    """First day of the half-year after the one of ``day``."""
    return date(day.year, 7, 1) if day.month <= 6 else date(day.year + 1, 1, 1)


def round_to(amount: Decimal, quantum: Decimal) -> Decimal:
    """``amount`` to the nearest multiple of ``quantum``, halves away from zero."""
    steps = (amount / quantum).quantize(Decimal(1), ROUND_HALF_UP)
    return steps * quantum


def interest_schedule(
    principal: Decimal,
    due: date,
    until: date,
    terms: Terms,
    payments: Iterable[Payment] = (),
    charged_until: date | None = None,
) -> Schedule:
    """Interest of one debt from the day after ``due`` up to and including ``until``.

    :param principal: what was owed on the due date, before any of ``payments``.
    :param payments: in any order; each lowers the principal from the day after it was
        made, so interest follows the dates of payment.
    :param charged_until: last day for which interest was charged before; only later days
        are listed. It changes no rate: ``fixed_at_start`` still looks at the due date.
    :return: empty when nothing is owed, or nothing is late yet.
    :raise MissingRateError: when a half-year that counts has no reference rate.
    :raise InterestError: for a payment that is not positive.
    """
    payments = sorted(payments, key=lambda payment: payment.day)
    if any(payment.amount <= 0 for payment in payments):
        raise InterestError("a payment must be positive")
    first = due + ONE_DAY
    start = max(first, charged_until + ONE_DAY) if charged_until else first
    if principal <= 0 or until < start:
        return Schedule()
    spans = _merged(_spans(principal, first, start, until, terms, payments))
    periods = (_period(*span, terms) for span in spans)
    # In 30/360 the 31st is no day of its own: a line of it alone would say nothing.
    return Schedule(tuple(period for period in periods if period.days))


def day_count_parts(
    day_count: str, date_from: date, date_to: date
) -> list[tuple[int, int]]:
    """Days of a span with the days of the year they are divided by, both ends included."""
    if day_count == THIRTY_360:
        return [(_days_30e(date_to) - _days_30e(date_from - ONE_DAY), 360)]
    if day_count == ACT_ACT:
        return list(_parts_by_year(date_from, date_to))
    basis = 360 if day_count == ACT_360 else 365
    return [((date_to - date_from).days + 1, basis)]


def compensation(debt: Decimal, bands: Iterable[Band]) -> Decimal:
    """The fixed sum for a debt of this size, in the currency of the bands; zero if none.

    EU: art. 6 (at least EUR 40). UK: s. 5A (below 1,000, below 10,000, above). IE: S.I.
    580/2012 (up to and with 1,000, up to and with 10,000, above).
    """
    if debt <= 0:
        return ZERO
    for band in sorted(bands, key=_band_order):
        if band.covers(debt):
            return band.amount
    return ZERO


def allowed_fee(
    fee: Decimal,
    *,
    is_consumer: bool,
    first_level: bool,
    first_level_consumer_fee: bool = False,
    consumer_maximum: Decimal | None = None,
) -> Decimal:
    """What of a reminder fee may be asked.

    The reminder that puts a consumer in default may cost nothing in Germany (BGB § 286),
    and later ones no more than paper, envelope and postage (BGH VIII ZR 95/18).

    :param first_level: whether the customer gets the first reminder after the due date.
    :param first_level_consumer_fee: whether the law lets a consumer pay for that one.
    :param consumer_maximum: most that a consumer pays for a later one; ``None``: no limit.
    :return: never negative, never more than ``fee``.
    """
    fee = max(ZERO, fee)
    if not is_consumer:
        return fee
    if first_level and not first_level_consumer_fee:
        return ZERO
    return fee if consumer_maximum is None else min(fee, consumer_maximum)


def statutory_due_date(receipt: date, days: int = 30, *, receipt_counts: bool) -> date:
    """Last day for payment when none was agreed.

    :param receipt: day on which the customer had the invoice (or the goods, if later).
    :param receipt_counts: whether that day is the first of the period (UK s. 4(2H)) or the
        day before it (IE, EU directive art. 3).
    """
    return receipt + timedelta(days=days - 1 if receipt_counts else days)


# Helpers: a span is (first day, last day, principal, rate).


def _spans(
    principal: Decimal,
    first: date,
    start: date,
    until: date,
    terms: Terms,
    payments: Sequence[Payment],
) -> Iterator[tuple[date, date, Decimal, Decimal]]:
    """Cut the time at every payment and, when the rate floats, at every half-year."""
    cuts = _cuts(start, until, terms, payments)
    for begin, end in zip(cuts, [*cuts[1:], until + ONE_DAY], strict=True):
        paid = sum((pay.amount for pay in payments if pay.day < begin), ZERO)
        owed = principal - paid
        if owed <= 0:
            return  # payments only lower it: nothing can follow
        reference_day = begin if terms.mode == FLOATING else first
        rate = terms.rate_for(half_year_start(reference_day))
        yield begin, end - ONE_DAY, owed, rate


def _cuts(
    start: date, until: date, terms: Terms, payments: Iterable[Payment]
) -> list[date]:
    """First days of the spans, in order."""
    days = {payment.day + ONE_DAY for payment in payments}
    if terms.mode == FLOATING:
        half_year = next_half_year(start)
        while half_year <= until:
            days.add(half_year)
            half_year = next_half_year(half_year)
    return [start, *sorted(day for day in days if start < day <= until)]


def _merged(
    spans: Iterable[tuple[date, date, Decimal, Decimal]],
) -> list[tuple[date, date, Decimal, Decimal]]:
    """Join neighbours with the same principal and rate: one line, rounded once."""
    merged = []
    for begin, end, owed, rate in spans:
        if merged and merged[-1][2:] == (owed, rate):
            begin = merged.pop()[0]
        merged.append((begin, end, owed, rate))
    return merged


def _period(
    date_from: date, date_to: date, principal: Decimal, rate: Decimal, terms: Terms
) -> Period:
    parts = day_count_parts(terms.day_count, date_from, date_to)
    yearly = principal * rate / 100
    if terms.rounding == ROUND_DAILY:
        amount = sum(
            (days * round_to(yearly / basis, terms.quantum) for days, basis in parts),
            ZERO,
        )
    else:
        # Multiply before dividing, or a half cent may be lost on the way.
        exact = sum((yearly * days / basis for days, basis in parts), ZERO)
        amount = round_to(exact, terms.quantum)
    days = sum(days for days, _basis in parts)
    return Period(date_from, date_to, days, principal, rate, amount)


def _days_30e(day: date) -> int:
    """Days since year 0 if every month had 30: 30E/360, the 31st counts as the 30th."""
    return day.year * 360 + day.month * 30 + min(day.day, 30)


def _parts_by_year(date_from: date, date_to: date) -> Iterator[tuple[int, int]]:
    begin = date_from
    while begin <= date_to:
        end = min(date_to, date(begin.year, 12, 31))
        basis = (date(begin.year, 12, 31) - date(begin.year - 1, 12, 31)).days
        yield (end - begin).days + 1, basis
        begin = end + ONE_DAY


def _band_order(band: Band):
    """Lowest limit first; at one limit, the band that leaves the limit out goes first."""
    if band.upper is None:
        return (1, ZERO, True)
    return (0, band.upper, band.upper_included)
