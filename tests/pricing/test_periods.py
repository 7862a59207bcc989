"""Periods of statements: their days, and that they follow each other without gap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.periods import (
    PERIODS,
    period_before,
    period_of,
)


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("month", date(2028, 2, 11), date(2028, 2, 1), date(2028, 2, 29)),
        ("half_month", date(2026, 2, 15), date(2026, 2, 1), date(2026, 2, 15)),
        ("half_month", date(2026, 2, 16), date(2026, 2, 16), date(2026, 2, 28)),
        ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_day_lies_in_its_period(kind, day, first, last):
    assert period_of(kind, day) == (first, last)


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("month", date(2025, 12, 31)),
        ("half_month", date(2025, 12, 31)),
        ("week", date(2025, 12, 28)),
    ],
)
def test_the_period_before_the_first_of_january_is_over(kind, last):
    assert period_before(kind, date(2026, 1, 1))[1] == last


@given(kind=st.sampled_from(PERIODS), day=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_periods_follow_each_other_without_gap(kind, day):
    first, last = period_of(kind, day)
    assert first <= day <= last
    assert period_of(kind, first) == period_of(kind, last) == (first, last)
    assert period_before(kind, day)[1] == first - timedelta(days=1)


def test_an_unknown_period_is_refused():
    with pytest.raises(PricingError, match="is none of"):
        period_of("year", date(2026, 1, 1))
