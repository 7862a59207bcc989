"""The prior price: published examples of art. 6a, and what holds for any log.

The dress is the example of a German law firm (gleisslutz.com, new price indication
ordinance of 28 May 2022); the bananas are those of ECJ C-330/23.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import D

from odoo.addons.artisan_pricing.engine import prior_price as engine
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.prior_price import (
    LogEntry,
    prior_price,
    reduction,
)

CUT = datetime(2026, 11, 22, 8, 0)


def before(days, price, tier=""):
    return LogEntry(CUT - timedelta(days=days), price and D(price), tier)


def prior(*entries, cut=CUT, **options):
    return prior_price(entries, cut, **options)


# Published examples


def test_a_dress_dearer_for_two_weeks_was_at_its_old_price():
    found = prior(before(200, 100), before(14, 150), LogEntry(CUT, D(75)))
    assert (found.price, found.code) == (100, engine.FULL)
    said = reduction(found, D(75))
    assert (said.was, said.saved, said.percent) == (100, 25, 25)


def test_a_dress_dearer_for_eight_weeks_was_at_its_new_price():
    found = prior(before(200, 100), before(56, 150), LogEntry(CUT, D(75)))
    assert found.price == 150
    assert reduction(found, D(75)).percent == 50


def test_cuts_that_grow_are_those_of_the_price_before_the_first():
    log = (before(200, 100), before(28, 90), before(14, 70), LogEntry(CUT, D(50)))
    first = CUT - timedelta(days=28)
    assert prior(*log, first_cut_began=first).price == 100
    # Where the law has no such rule the lowest of the 30 days counts.
    assert prior(*log).price == 70


def test_bananas_at_the_lowest_price_of_30_days_are_not_cheaper_c_330_23():
    # Announced as 23 % less than 1.69; the lowest price of the 30 days was 1.29.
    found = prior(before(60, "1.29"), before(10, "1.69"), LogEntry(CUT, D("1.29")))
    assert found.price == D("1.29")
    assert reduction(found, D("1.29")) is None


# The time before the cut


def test_the_price_in_force_when_the_time_begins_counts():
    found = prior(before(90, 80), before(29, 100))
    assert found.price == 80
    assert found.since == CUT - timedelta(days=90)


def test_a_price_that_ended_when_the_time_began_does_not_count():
    assert prior(before(90, 80), before(30, 100)).price == 100


def test_a_price_of_a_day_long_ago_does_not_count():
    assert prior(before(90, 100), before(60, 10), before(59, 100)).price == 100


def test_a_price_of_an_hour_counts():
    entries = (before(90, 100), before(5, 60), before(5 - 1 / 24, 100))
    assert prior(*entries).price == 60


def test_the_cut_itself_and_what_follows_are_not_before_it():
    log = (before(90, 100), LogEntry(CUT, D(60)), before(-3, 50))
    assert prior(*log).price == 100


def test_of_two_prices_of_one_moment_the_last_counts():
    assert prior(before(90, 100), before(9, 1), before(9, 90)).price == 90


def test_the_order_of_the_log_does_not_matter():
    assert prior(before(10, 90), before(90, 100)).price == 90


# Off the market, new on the market


def test_a_product_younger_than_30_days_may_not_be_announced():
    found = prior(before(20, 100), LogEntry(CUT, D(50)))
    assert (found.price, found.code) == (100, engine.TOO_YOUNG)
    assert reduction(found, D(50)) is None


def test_a_product_younger_than_30_days_may_be_where_the_law_allows_it():
    log = (before(20, 100), before(10, 90), LogEntry(CUT, D(45)))
    found = prior(*log, shortest_days=14)
    assert (found.price, found.code) == (90, engine.YOUNG)
    assert reduction(found, D(45)).percent == 50
    assert prior(*log, shortest_days=20).code == engine.YOUNG
    assert prior(*log, shortest_days=21).code == engine.TOO_YOUNG
    assert prior(*log, shortest_days=0).code == engine.YOUNG
    assert prior(*log, shortest_days=30).code == engine.TOO_YOUNG


def test_30_days_on_the_market_are_enough():
    assert prior(before(30, 100)).code == engine.FULL


def test_days_off_the_market_ask_for_nothing():
    log = (before(90, 100), before(80, None), before(10, 120))
    found = prior(*log)
    assert (found.price, found.code) == (120, engine.FULL)


def test_what_was_not_on_sale_in_the_time_has_no_prior_price():
    found = prior(before(90, 100), before(31, None))
    assert (found.price, found.code) == (None, engine.NOT_ON_SALE)
    assert reduction(found, D(1)) is None


def test_what_was_never_on_sale_has_no_prior_price():
    assert prior().code == engine.NO_RECORD
    assert prior(before(90, None)).code == engine.NO_RECORD
    assert prior(before(-1, 5)).code == engine.NO_RECORD


def test_a_buyer_sees_the_prices_of_the_own_tier_only():
    log = (before(90, 100, "retail"), before(90, 60, "wholesale"))
    assert prior(*log, tier="wholesale").price == 60
    assert prior(*log, tier="retail").price == 100
    assert prior(*log, tier="gold").code == engine.NO_RECORD


# Cuts that grow


@pytest.mark.parametrize(
    ("between", "is_uninterrupted"),
    [
        ((before(14, 70),), True),
        ((before(14, 90),), True),
        ((before(14, 95),), False),
        ((before(14, None), before(10, 70)), False),
        ((before(14, 70), before(2, 100)), False),
    ],
)
def test_cuts_grow_only_while_the_price_never_rises_or_ends(between, is_uninterrupted):
    log = (before(200, 100), before(28, 90), *between, LogEntry(CUT, D(50)))
    found = prior(*log, first_cut_began=CUT - timedelta(days=28))
    assert (found.price == 100 and found.cut_began < CUT) == is_uninterrupted


def test_a_step_up_is_no_cut_that_grows():
    log = (before(200, 100), before(28, 70), LogEntry(CUT, D(80)))
    found = prior(*log, first_cut_began=CUT - timedelta(days=28))
    assert found.price == 70
    assert reduction(found, D(80)) is None


def test_a_first_cut_that_raised_the_price_is_none():
    log = (before(200, 80), before(28, 100), before(14, 70), LogEntry(CUT, D(50)))
    found = prior(*log, first_cut_began=CUT - timedelta(days=28))
    assert found.cut_began == CUT
    assert found.price == 70


def test_what_came_on_the_market_with_the_first_cut_was_no_dearer_before():
    log = (before(28, 90), before(14, 70), LogEntry(CUT, D(50)))
    first = CUT - timedelta(days=28)
    assert prior(*log, first_cut_began=first, shortest_days=14).price == 70


def test_the_first_cut_is_one_that_grows_from_itself():
    log = (before(200, 100), before(14, 90), LogEntry(CUT, D(50)))
    assert prior(*log, first_cut_began=CUT) == prior(*log)


def test_the_last_of_two_prices_of_one_moment_is_the_cut():
    cuts = (LogEntry(CUT, D(95)), LogEntry(CUT, D(50)))
    log = (before(200, 100), before(28, 90), *cuts)
    assert prior(*log, first_cut_began=CUT - timedelta(days=28)).price == 100


def test_cuts_that_grow_for_too_long_are_ordinary_cuts():
    log = (before(200, 100), before(61, 90), LogEntry(CUT, D(80)))
    options = {"first_cut_began": CUT - timedelta(days=61)}
    assert prior(*log, **options).price == 100
    assert prior(*log, **options, longest_progress_days=61).price == 100
    assert prior(*log, **options, longest_progress_days=60).price == 90


# What is said


def test_a_percent_never_says_too_much():
    found = prior(before(90, "1.69"))
    assert reduction(found, D("1.29")).percent == 23  # 23.67
    assert reduction(found, D("1.29"), digits=1).percent == D("23.6")


def test_a_dearer_price_is_no_cut():
    assert reduction(prior(before(90, 50)), D(60)) is None


# Moments


def test_days_are_24_hours_also_when_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    cut = datetime(2026, 11, 10, 8, 0, tzinfo=berlin)
    begin = (cut.astimezone(timezone.utc) - timedelta(days=30)).astimezone(berlin)
    assert begin.hour == 9
    log = (
        LogEntry(datetime(2026, 1, 1, tzinfo=timezone.utc), D(80)),
        LogEntry(begin.replace(hour=8, minute=30), D(100)),
    )
    assert prior_price(log, cut).price == 100


def test_moments_with_and_without_a_time_zone_are_not_mixed():
    log = (LogEntry(datetime(2026, 1, 1, tzinfo=timezone.utc), D(80)),)
    with pytest.raises(PricingError, match="moment: 2026-01-01"):
        prior_price(log, CUT)


# The log


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("price", lambda: LogEntry(CUT, D(0))),
        ("price", lambda: LogEntry(CUT, D(-1))),
        ("price", lambda: reduction(prior(before(90, 5)), D(0))),
        ("shortest_days", lambda: prior(shortest_days=31)),
        ("shortest_days", lambda: prior(shortest_days=-1)),
        ("first_cut_began", lambda: prior(first_cut_began=CUT + timedelta(1))),
    ],
)
def test_a_value_without_meaning_is_refused_by_name(field, build):
    with pytest.raises(PricingError) as refused:
        build()
    assert refused.value.field == field


# What holds for any log


@given(
    st.lists(
        st.tuples(st.integers(-100, 2000), st.none() | st.integers(1, 500)),
        max_size=12,
        unique_by=lambda entry: entry[0],
    )
)
def test_prior_price_is_the_lowest_of_every_hour_of_the_30_days(rows):
    """Entries lie on full hours: what counted is read hour by hour."""
    entries = [before(hours / 24, price) for hours, price in rows]
    by_hour = {
        round((CUT - entry.moment) / timedelta(hours=1)): entry.price
        for entry in entries
    }
    seen = []
    for hour in range(1, 30 * 24 + 1):
        starts = [start for start in by_hour if start >= hour]
        if starts and by_hour[min(starts)] is not None:
            seen.append(by_hour[min(starts)])
    assert prior(*entries).price == min(seen, default=None)
