"""Periods that statements are made for: months, half months, weeks. Pure."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from .money import PricingError

MONTH, HALF_MONTH, WEEK = "month", "half_month", "week"
PERIODS = (MONTH, HALF_MONTH, WEEK)


def period_of(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the period that a day lies in; weeks begin on Monday.

    :raises PricingError: a kind that is none of :data:`PERIODS`
    """
    if kind == WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    last_of_month = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if kind == MONTH:
        return day.replace(day=1), last_of_month
    if kind == HALF_MONTH:
        if day.day > 15:
            return day.replace(day=16), last_of_month
        return day.replace(day=1), day.replace(day=15)
    raise PricingError("period", kind, f"is none of {', '.join(PERIODS)}")


def period_before(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the last period that was over before a day."""
    first, _last = period_of(kind, day)
    return period_of(kind, first - timedelta(days=1))
