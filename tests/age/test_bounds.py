"""Birth bounds. The vectors are those of the project's own analysis of the laws named."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import bounds
from odoo.addons.age_verification.engine.bounds import Requirement

US_21 = Requirement(bounds.AGE, 21)
OVER_18 = Requirement(bounds.AGE, 18)
KR_19 = Requirement(bounds.CALENDAR_YEAR, 19)
#: Tobacco and Vapes Act 2026 c.18 s.1
GB_TOBACCO = Requirement(bounds.COHORT, born_before=date(2009, 1, 1))
PROHIBITED = Requirement(bounds.PROHIBITED)

days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
requirements = st.one_of(
    st.builds(Requirement, st.just(bounds.AGE), st.integers(0, 30)),
    st.builds(Requirement, st.just(bounds.CALENDAR_YEAR), st.integers(0, 30)),
    st.builds(
        Requirement, st.just(bounds.COHORT), st.none(), st.dates(date(1990, 1, 1))
    ),
    st.just(PROHIBITED),
)


@pytest.mark.parametrize(
    ("requirement", "day", "bound"),
    [
        (US_21, "2026-11-22", "2005-11-22"),
        (KR_19, "2026-11-22", "2007-12-31"),
        (GB_TOBACCO, "2027-01-01", "2008-12-31"),
        (GB_TOBACCO, "2099-06-01", "2008-12-31"),
        # Nobody was born before the first day there is.
        (Requirement(bounds.COHORT, born_before=date.min), "2026-06-15", "0001-01-01"),
        (OVER_18, "2026-02-28", "2008-02-28"),
        (OVER_18, "2026-03-01", "2008-03-01"),
    ],
)
def test_law_asks_for_the_bound_of_its_day(requirement, day, bound):
    assert requirement.bound_on(date.fromisoformat(day)) == date.fromisoformat(bound)


def test_who_is_born_on_a_leap_day_comes_of_age_on_the_first_of_march():
    born = date(2008, 2, 29)
    assert not bounds.is_met(born, OVER_18.bound_on(date(2026, 2, 28)))
    assert bounds.is_met(born, OVER_18.bound_on(date(2026, 3, 1)))
    assert OVER_18.met_from(born) == date(2026, 3, 1)


def test_calendar_year_counts_from_its_first_day():
    born = date(2008, 12, 31)
    assert not bounds.is_met(born, KR_19.bound_on(date(2026, 12, 31)))
    assert bounds.is_met(born, KR_19.bound_on(date(2027, 1, 1)))
    assert KR_19.met_from(born) == date(2027, 1, 1)


def test_proof_of_18_ripens_into_one_of_21():
    bound = bounds.bound_of_age(18, date(2026, 11, 22))
    assert bound == date(2008, 11, 22)
    assert bounds.is_met(bound, OVER_18.bound_on(date(2026, 11, 22)))
    assert not bounds.is_met(bound, US_21.bound_on(date(2029, 11, 21)))
    assert bounds.is_met(bound, US_21.bound_on(date(2029, 11, 22)))
    assert US_21.met_from(bound) == date(2029, 11, 22)


def test_proof_made_after_the_cohort_was_closed_asks_for_a_higher_age():
    day = date(2027, 6, 1)
    required = GB_TOBACCO.bound_on(day)
    assert bounds.is_met(bounds.bound_of_age(18, date(2026, 11, 22)), required)
    assert not bounds.is_met(bounds.bound_of_age(18, day), required)
    assert bounds.age_to_ask(required, day) == 19
    assert bounds.bound_of_age(19, day) == date(2008, 6, 1)
    assert GB_TOBACCO.met_from(date(2009, 6, 1)) is None


def test_nobody_meets_a_prohibition():
    required = PROHIBITED.bound_on(date(2026, 11, 22))
    assert not bounds.is_met(date(1900, 1, 1), required)
    assert bounds.age_to_ask(required, date(2026, 11, 22)) is None
    assert PROHIBITED.met_from(date(1900, 1, 1)) is None


def test_without_proof_nothing_is_met():
    assert not bounds.is_met(None, date.max)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "age"},
        {"kind": "age", "age": -1},
        {"kind": "calendar_year", "age": 130},
        {"kind": "cohort"},
        {"kind": "adult", "age": 18},
    ],
)
def test_requirement_without_what_it_needs_is_refused(values):
    with pytest.raises(ValueError, match=r"."):
        Requirement(**values)


def test_proof_of_an_impossible_age_is_refused():
    with pytest.raises(ValueError, match="150"):
        bounds.bound_of_age(150, date(2026, 11, 22))


@given(st.integers(0, 99), days)
def test_bound_of_an_age_is_the_last_birthday_of_that_age(age, day):
    bound = bounds.bound_of_age(age, day)
    assert _full_years(bound, day) == age
    assert _full_years(bound + timedelta(days=1), day) == age - 1


def _full_years(born, day):
    """Age as laws count it: a leap day's birthday is 1 March in common years."""
    years = day.year - born.year
    return years - ((day.month, day.day) < (born.month, born.day))


@given(requirements, days, st.integers(0, 40000))
def test_required_bound_never_moves_back(requirement, day, later):
    later = day + relativedelta(days=min(later, (date(2200, 1, 1) - day).days))
    assert requirement.bound_on(day) <= requirement.bound_on(later)


@given(requirements, days, days)
def test_bound_is_met_from_the_day_that_is_told_and_not_before(requirement, bound, day):
    first = requirement.met_from(bound)
    met = bounds.is_met(bound, requirement.bound_on(day))
    assert met == (first is not None and day >= first)


@given(st.integers(1, 60), days)
def test_age_to_ask_is_the_lowest_that_proves_the_bound(age, day):
    required = Requirement(bounds.AGE, age).bound_on(day)
    asked = bounds.age_to_ask(required, day)
    assert bounds.bound_of_age(asked, day) <= required
    assert bounds.bound_of_age(asked - 1, day) > required
