"""When notices go out: hours of the customer, working days of the customer's country."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine.send_window import (
    SendWindow,
    business_days_between,
    is_business_day,
    zone_name,
)

OFFICE = SendWindow(9, 17)
BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


# --- working days ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "country", "state", "works"),
    [
        ("2026-11-20", "DE", None, True),  # Friday
        ("2026-11-21", "DE", None, False),
        ("2026-10-03", "DE", None, False),  # unification, here a Saturday as well
        ("2026-12-25", "DE", None, False),
        ("2026-01-06", "DE", None, True),  # Epiphany only in three of the Länder
        ("2026-01-06", "DE", "BY", False),
        ("2026-01-06", "DE", "no such state", True),
        ("2026-11-20", "EG", None, False),  # Friday is weekend in Egypt
        ("2026-11-22", "EG", None, True),  # and Sunday is not
        ("2026-11-20", "SA", None, False),
        ("2026-11-20", "AE", None, True),  # since 2022 Saturday and Sunday
        ("2021-11-26", "AE", None, False),  # before, Friday
        ("2025-05-02", "ES", "M", False),  # day of the Community of Madrid, a Friday
        ("2025-05-02", "ES", "B", True),  # not in Barcelona
        ("2021-12-31", "US", None, False),  # New Year of 2022, observed on Friday
        ("2026-08-31", "GB", None, False),  # summer bank holiday of England
        ("2026-08-31", "GB", "SCT", True),
        ("2026-08-01", "CH", "ZH-FR", False),  # canton written with its language
        ("2026-02-14", "CN", None, True),  # Saturday worked for Spring Festival
        ("2026-11-20", "XX", None, True),
        ("2026-11-22", "XX", None, False),
        ("2026-12-25", None, None, True),  # unknown country: no holidays
    ],
)
def test_working_days_follow_country_and_state(day, country, state, works):
    assert is_business_day(date.fromisoformat(day), country, state) is works


def test_weekends_and_holidays_can_be_opened():
    saturday, christmas = date(2026, 11, 21), date(2026, 12, 25)
    assert is_business_day(saturday, "DE", send_weekends=True)
    assert not is_business_day(christmas, "DE", send_weekends=True)
    assert is_business_day(christmas, "DE", respect_holidays=False)


@pytest.mark.parametrize(
    ("start", "end", "country", "days"),
    [
        ("2026-11-20", "2026-11-20", "DE", 0),
        ("2026-11-20", "2026-11-22", "DE", 0),  # Friday to Sunday
        ("2026-11-20", "2026-11-23", "DE", 1),  # Friday to Monday
        ("2026-11-23", "2026-11-20", "DE", 0),  # the wrong way round
        ("2026-12-24", "2026-12-28", "DE", 1),  # Christmas does not count
        ("2026-12-24", "2026-12-28", None, 2),
        ("2026-04-02", "2026-04-07", "DE", 1),  # over Easter, to Tuesday
        ("2026-11-19", "2026-11-22", "EG", 1),  # Thursday to Sunday
    ],
)
def test_business_days_between_counts_working_days(start, end, country, days):
    start, end = date.fromisoformat(start), date.fromisoformat(end)
    assert business_days_between(start, end, country) == days


# --- hours -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "zone", "opened"),
    [
        ("2026-11-20T07:59", BERLIN, False),  # 08:59 in Berlin, winter time
        ("2026-11-20T08:00", BERLIN, True),
        ("2026-11-20T15:59", BERLIN, True),
        ("2026-11-20T16:00", BERLIN, False),  # at 17:00 it is closed
        ("2026-07-17T07:00", BERLIN, True),  # 09:00, summer time
        ("2026-07-17T15:00", BERLIN, False),
        ("2026-11-20T14:00", "America/New_York", True),
        ("2026-11-20T08:00", "America/New_York", False),
        ("2026-11-20T09:00", None, True),  # no zone known: UTC
        ("2026-11-20T09:00", "Not/AZone", True),
        ("2026-11-22T23:00", "Australia/Sydney", True),  # there it is Monday 10:00
    ],
)
def test_hours_are_those_of_the_customer(at, zone, opened):
    assert OFFICE.is_open(utc(at), zone) is opened


def test_moment_without_zone_is_read_as_utc():
    assert OFFICE.is_open(datetime(2026, 11, 20, 8, 0), BERLIN)
    opening = OFFICE.next_open(datetime(2026, 11, 20, 20, 0), BERLIN)
    assert opening == datetime(2026, 11, 23, 8, 0)


def test_half_hours_and_midnight_bound_the_day():
    assert SendWindow(8.5, 24).is_open(utc("2026-11-20T08:30"), "UTC")
    assert not SendWindow(8.5, 24).is_open(utc("2026-11-20T08:29"), "UTC")
    assert SendWindow(8.5, 24).is_open(utc("2026-11-20T23:59"), "UTC")


@pytest.mark.parametrize(
    ("at", "country", "expected"),
    [
        ("2026-11-20T10:00", "DE", "2026-11-20T10:00"),  # open already
        ("2026-11-20T05:00", "DE", "2026-11-20T08:00"),  # later the same day
        ("2026-11-20T16:00", "DE", "2026-11-23T08:00"),  # over the weekend
        ("2026-12-24T16:30", "DE", "2026-12-28T08:00"),  # over Christmas
        ("2026-04-02T16:00", "DE", "2026-04-07T07:00"),  # Easter, in summer time
        ("2026-03-27T17:00", "DE", "2026-03-30T07:00"),  # clocks go forward
        ("2026-10-23T16:00", "DE", "2026-10-26T08:00"),  # clocks go back
    ],
)
def test_next_open_skips_nights_weekends_and_holidays(at, country, expected):
    assert OFFICE.next_open(utc(at), BERLIN, country) == utc(expected)


def test_hour_that_clocks_skip_opens_with_the_later_hour():
    night = SendWindow(2.5, 5, send_weekends=True)
    opening = night.next_open(utc("2026-03-28T22:00"), BERLIN)
    # 02:30 does not exist on 29 March 2026 in Berlin; 03:30 does.
    assert opening.astimezone(ZoneInfo(BERLIN)).hour == 3
    assert night.is_open(opening, BERLIN)


def test_hour_that_comes_twice_is_open_twice():
    night = SendWindow(2, 2.75, send_weekends=True)
    first, between = utc("2026-10-25T00:15"), utc("2026-10-25T00:50")
    assert night.is_open(first, BERLIN)
    assert night.next_open(between, BERLIN) == utc("2026-10-25T01:00")


@pytest.mark.parametrize("hours", [(17, 9), (9, 9), (-1, 5), (9, 25)])
def test_impossible_hours_are_refused(hours):
    with pytest.raises(ValueError, match="begin before they end"):
        SendWindow(*hours)


ZONES = [BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Gaza"]


@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)),
    zone=st.sampled_from(ZONES),
    country=st.sampled_from(["DE", "US", "EG", "CN", "IL", "ES", None]),
    start=st.integers(3, 14),
    length=st.integers(1, 8),
)
def test_next_open_is_open_and_nothing_before_it_is(at, zone, country, start, length):
    window = SendWindow(start, start + length)
    opening = window.next_open(at, zone, country)
    assert opening >= at
    assert window.is_open(opening, zone, country)
    earlier = (opening - timedelta(minutes=15 * n) for n in range(1, 96))
    assert not any(
        window.is_open(moment, zone, country) for moment in earlier if moment >= at
    )


@given(
    country=st.one_of(st.none(), st.text(max_size=4)),
    state=st.one_of(st.none(), st.text(max_size=5)),
    zone=st.one_of(st.none(), st.text(max_size=12)),
)
def test_unknown_addresses_never_raise(country, state, zone):
    opening = OFFICE.next_open(utc("2026-11-21T12:00"), zone, country, state)
    assert OFFICE.is_open(opening, zone, country, state)
    assert business_days_between(date(2026, 11, 20), date(2026, 12, 4), country) <= 14


# --- time zone of a customer --------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "country", "state", "name"),
    [
        ("Asia/Tokyo", "DE", None, "Asia/Tokyo"),
        (None, "DE", None, BERLIN),
        (None, "US", None, "America/New_York"),
        (None, "US", "CA", "America/Los_Angeles"),
        (None, "ES", "GC", "Atlantic/Canary"),
        (None, "ES", "M", "Europe/Madrid"),
        (None, "AU", None, "Australia/Sydney"),
        ("Not/AZone", "FR", None, "Europe/Paris"),
        (None, "XX", None, None),
        (None, None, None, None),
    ],
)
def test_zone_of_a_customer_comes_from_person_state_or_country(
    own, country, state, name
):
    assert zone_name(own, country, state) == name
