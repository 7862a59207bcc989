"""Key figures of receivables: plain values in, exact ``Decimal`` out, no Odoo.

Amounts of one call are in one currency, gross of tax on both sides (a receivable holds the tax,
so the sales it is compared with must hold it too). Days are calendar days, rates are percent.
Nothing is rounded: the caller does that for display. A figure whose divisor is zero or negative
has no meaning and is ``None``, never 0.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)
HUNDRED = Decimal(100)

#: Ageing buckets by days past due, in order. Their codes sort in that order, because a pivot
#: sorts by code.
AgeingBucket = Literal["0_not_due", "1_1_30", "2_31_60", "3_61_90", "4_91_up"]
AGEING_BUCKETS: tuple[AgeingBucket, ...] = (
    "0_not_due",
    "1_1_30",
    "2_31_60",
    "3_61_90",
    "4_91_up",
)
#: Last day past due of each bucket; the bucket after the last is open-ended.
AGEING_LIMITS = (0, 30, 60, 90)

PayerGrade = Literal["A", "B", "C", "D"]
# Upflow's customer rating: the limits belong to the better grade.
_GRADE_LIMITS: tuple[tuple[int, PayerGrade], ...] = ((30, "A"), (60, "B"), (90, "C"))


def _ratio(
    numerator: Decimal, denominator: Decimal, times: Decimal | int
) -> Decimal | None:
    # Multiplying first keeps figures such as 150 of 300 days exact.
    return numerator * times / denominator if denominator > 0 else None


def ageing_bucket(days_overdue: int) -> AgeingBucket:
    """Return the bucket of something that is so many days past due.

    Not due is 0 and less (what is due today is not overdue), then 1-30, 31-60, 61-90 and 91 or
    more days.
    """
    for limit, bucket in zip(AGEING_LIMITS, AGEING_BUCKETS, strict=False):
        if days_overdue <= limit:
            return bucket
    return AGEING_BUCKETS[-1]


def age(
    items: Iterable[tuple[Decimal, date]], today: date
) -> dict[AgeingBucket, Decimal]:
    """Sum open amounts by bucket; every bucket is there.

    :param items: (amount, due date); credits are negative
    :param today: the day to which days past due are counted
    """
    totals = dict.fromkeys(AGEING_BUCKETS, ZERO)
    for amount, due in items:
        totals[ageing_bucket((today - due).days)] += amount
    return totals


def days_sales_outstanding(
    receivable: Decimal, sales: Decimal, days: int
) -> Decimal | None:
    """Return the simple DSO: receivable / credit sales x days.

    Given only the receivable that is not yet due, this is the best possible DSO (Gaviti,
    Apruve; Oracle JDE calls it days credit granted).

    :param receivable: open at the end of the period
    :param sales: credit sales of the period, gross, less credit notes
    :param days: length of the period
    """
    return _ratio(receivable, sales, days)


def count_back_dso(
    receivable: Decimal, periods: Iterable[tuple[Decimal, int]]
) -> Decimal:
    """Return the count-back (exhaustion) DSO: how many days of latest sales are still unpaid.

    Each period counts with all its days while the receivable covers its sales, the last one in
    proportion. Counting stops where sales are zero or negative, as it does at the end of the
    periods: the result is then the least the DSO can be.

    :param receivable: open at the end of the newest period
    :param periods: (credit sales, days) of each period, newest first
    """
    counted, left = ZERO, receivable
    for sales, days in periods:
        if left <= 0 or sales <= 0:
            break
        if left < sales:
            return counted + left * days / sales
        counted += days
        left -= sales
    return counted


def average_days_delinquent(
    dso: Decimal | None, best_possible_dso: Decimal | None
) -> Decimal | None:
    """Return ADD, the days of the DSO that are lateness: DSO - best possible DSO."""
    if dso is None or best_possible_dso is None:
        return None
    return dso - best_possible_dso


def collection_effectiveness(
    opening: Decimal, sales: Decimal, closing: Decimal, closing_current: Decimal
) -> Decimal | None:
    """Return the collection effectiveness index (CEI) in percent; 100 is everything due.

    (opening + sales - closing) / (opening + sales - closing not yet due). The sales are the
    *total* of the period (Gaviti); some pages put the average month there and get another
    figure for the same books.

    :param opening: receivable at the start of the period
    :param closing: receivable at its end
    :param closing_current: the part of ``closing`` that is not yet due
    """
    collectable = opening + sales - closing_current
    return _ratio(opening + sales - closing, collectable, HUNDRED)


def weighted_payment_delay(items: Iterable[tuple[Decimal, int]]) -> Decimal | None:
    """Return the days between due date and payment, weighted by amount (Upflow).

    :param items: (amount, days from due date to payment, or to today while unpaid); negative
        days are early payments
    """
    total = weighted = ZERO
    for amount, days in items:
        total += amount
        weighted += amount * days
    return _ratio(weighted, total, 1)


def payer_grade(delay: Decimal) -> PayerGrade:
    """Return Upflow's grade of a weighted delay in days: A to 30, B to 60, C to 90, else D."""
    return next((grade for limit, grade in _GRADE_LIMITS if delay <= limit), "D")


def at_risk_share(receivable: Decimal, over_90: Decimal) -> Decimal | None:
    """Return the percentage of the open receivable that is more than 90 days past due.

    This is the last ageing bucket, one of the measures of the Credit Research Foundation.
    """
    return _ratio(over_90, receivable, HUNDRED)


def promise_kept_rate(kept: int, broken: int) -> Decimal | None:
    """Return kept promises in percent of those that were decided, kept or broken."""
    return _ratio(Decimal(kept), Decimal(kept + broken), HUNDRED)


def wrong_reminder_rate(wrong: int, sent: int) -> Decimal | None:
    """Return the reminders shown wrong later in percent of those sent."""
    return _ratio(Decimal(wrong), Decimal(sent), HUNDRED)


@dataclass(frozen=True, slots=True)
class DaysToPay:
    """How fast a group of invoices was paid.

    ``mean`` is over the paid ones. ``median`` is over all, unpaid ones being slower than any
    paid one, so it is ``None`` until half are paid: invoices that are still open cannot make
    a group look fast.
    """

    count: int
    paid: int
    mean: Decimal | None
    median: Decimal | None

    @property
    def paid_share(self) -> Decimal | None:
        """Paid ones in percent of all."""
        return _ratio(Decimal(self.paid), Decimal(self.count), HUNDRED)


def days_to_pay(samples: Iterable[int | None]) -> DaysToPay:
    """Summarise days until payment.

    :param samples: one value an invoice: days from the notice (or, for the hold-out share,
        from the day it would have been sent) to payment, ``None`` while unpaid
    """
    values = list(samples)
    paid = sorted(days for days in values if days is not None)
    mean = Decimal(sum(paid)) / len(paid) if paid else None
    return DaysToPay(len(values), len(paid), mean, _median(paid, len(values)))


def _median(paid: list[int], count: int) -> Decimal | None:
    # The unpaid stand behind the paid; both middle places must be taken by paid ones.
    if not count or count // 2 >= len(paid):
        return None
    middle = paid[(count - 1) // 2 : count // 2 + 1]
    return statistics.mean(Decimal(days) for days in middle)


def days_gained(reminded: DaysToPay, held_out: DaysToPay) -> Decimal | None:
    """Return by how many days reminding made the median payment earlier.

    Negative when those left alone paid sooner; ``None`` while either median is unknown.
    """
    if reminded.median is None or held_out.median is None:
        return None
    return held_out.median - reminded.median
