"""From facts of a ledger to the key figures of its months, no Odoo.

The facts come from a few grouped queries and are sums already, so their number does not depend
on the number of journal items.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from . import kpi

DAY = timedelta(days=1)
Figures = dict[str, Decimal | date | int | None]


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def month(self) -> date:
        """First day of the calendar month in which the period begins."""
        return self.start.replace(day=1)

    @property
    def opening_day(self) -> date:
        """The day whose closing amounts are this period's opening amounts."""
        return self.start - DAY


def split_months(start: date, end: date) -> list[Period]:
    """Return the calendar months between two days, the first and last cut off by them.

    Empty when ``end`` is before ``start``.
    """
    periods = []
    while start <= end:
        last = start.replace(day=monthrange(start.year, start.month)[1])
        periods.append(Period(start, min(last, end)))
        start = last + DAY
    return periods


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Sums of one company's receivables, in its currency.

    :ivar open_at: day -> bucket -> amount open at the end of that day; for each opening and
        closing day of the periods
    :ivar sales: first day of a month -> gross credit sales of the period's part of it
    :ivar earlier_sales: the same for the days before the period, as far back as there are any
    :ivar delays: first day of a month -> (amount, days from due date to payment) of what fell
        due in the period's part of it
    """

    open_at: Mapping[date, Mapping[str, Decimal]] = field(default_factory=dict)
    sales: Mapping[date, Decimal] = field(default_factory=dict)
    earlier_sales: Mapping[date, Decimal] = field(default_factory=dict)
    delays: Mapping[date, Sequence[tuple[Decimal, int]]] = field(default_factory=dict)

    def receivable(self, day: date) -> Decimal:
        """All that was open at the end of the day."""
        return sum(self.open_at.get(day, {}).values(), kpi.ZERO)

    def in_bucket(self, day: date, bucket: kpi.AgeingBucket) -> Decimal:
        """What was open at the end of the day and so many days past due."""
        return self.open_at.get(day, {}).get(bucket, kpi.ZERO)

    def months_back(self, end: date) -> Iterator[tuple[Decimal, int]]:
        """Yield (sales, days) of calendar months, newest first, the first one up to ``end``."""
        first = min([*self.sales, *self.earlier_sales], default=end)
        while end >= first:
            month = end.replace(day=1)
            earlier = self.earlier_sales.get(month, kpi.ZERO)
            yield self.sales.get(month, kpi.ZERO) + earlier, end.day
            end = month - DAY


def period_figures(facts: LedgerFacts, months: Sequence[Period]) -> Figures:
    """Return the key figures over one or more months that follow each other.

    :param months: of :func:`split_months`; at least one
    :return: amounts in the currency of the facts, days, and percentages by name; ``None``
        where a figure has no meaning
    """
    period = Period(months[0].start, months[-1].end)
    sales = sum((facts.sales.get(month.month, kpi.ZERO) for month in months), kpi.ZERO)
    delays = [item for month in months for item in facts.delays.get(month.month, ())]
    return {
        "date_from": period.start,
        "date_to": period.end,
        "days": period.days,
        "sales": sales,
        "amount_due": sum((amount for amount, _days in delays), kpi.ZERO),
        "weighted_delay": kpi.weighted_payment_delay(delays),
        **_closing_figures(facts, period, sales),
    }


def _closing_figures(facts: LedgerFacts, period: Period, sales: Decimal) -> Figures:
    """Figures that compare what is open at the ends of the period with its sales."""
    opening = facts.receivable(period.opening_day)
    closing = facts.receivable(period.end)
    current = facts.in_bucket(period.end, kpi.AGEING_BUCKETS[0])
    over_90 = facts.in_bucket(period.end, kpi.AGEING_BUCKETS[-1])
    dso = kpi.days_sales_outstanding(closing, sales, period.days)
    best = kpi.days_sales_outstanding(current, sales, period.days)
    return {
        "receivable_opening": opening,
        "receivable": closing,
        "receivable_not_due": current,
        "receivable_over_90": over_90,
        "dso": dso,
        "dso_count_back": kpi.count_back_dso(closing, facts.months_back(period.end)),
        "dso_best_possible": best,
        "days_delinquent": kpi.average_days_delinquent(dso, best),
        "collection_effectiveness": kpi.collection_effectiveness(
            opening, sales, closing, current
        ),
        "at_risk": kpi.at_risk_share(closing, over_90),
    }
