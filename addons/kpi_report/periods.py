"""Spans of days and the calendar months in them; no Odoo."""

from __future__ import annotations

from datetime import date


def list_months(date_from: date, date_to: date) -> list[date]:
    """Return the first day of each calendar month that has a day in the span.

    Empty when ``date_to`` is before ``date_from``.
    """
    first = date_from.year * 12 + date_from.month - 1
    last = date_to.year * 12 + date_to.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(first, last + 1)]
