"""Interest for late payment: the figures of laws, authorities and published examples.

The amounts come from the pages named beside them, not from this code. Where a page rounds
in a way that is not ours, the comment says what it prints.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import interest
from odoo.addons.dunning_tiers.engine.interest import (
    Band,
    InterestError,
    MissingRateError,
    Payment,
    Terms,
    allowed_fee,
    compensation,
    interest_schedule,
    statutory_due_date,
)

D = Decimal


def half_years(first_year: int, *rates: str) -> dict[date, Decimal]:
    days = (
        date(first_year + number // 2, 1 if number % 2 == 0 else 7, 1)
        for number in range(len(rates))
    )
    return {day: D(rate) for day, rate in zip(days, rates, strict=True)}


# ECB main refinancing rate on 1 January and 1 July (enterprise.gov.ie table).
ECB = half_years(2023, "2.50", "4.00", "4.50", "4.25", "3.15", "2.15", "2.15", "2.40")
# Bank Rate on the 31 December or 30 June before (Bank of England).
BOE = half_years(2023, "3.50", "5.00", "5.25", "5.25", "4.75", "4.25", "3.75", "3.75")
# Base rate of BGB § 247 (Bundesbank).
BASE = half_years(2023, "1.62", "3.12", "3.62", "3.37", "2.27", "1.27", "1.27", "1.52")

UK = Terms(interest.FIXED_AT_START, D(8), BOE)
IE = Terms(interest.FIXED_AT_START, D(8), ECB)
EU = Terms(interest.FLOATING, D(8), ECB)
DE = Terms(interest.FLOATING, D(9), BASE)
DE_CONSUMER = Terms(interest.FLOATING, D(5), BASE)

EUR_40 = (Band(None, True, D(40)),)
UK_BANDS = (
    Band(D(1000), False, D(40)),
    Band(D(10000), False, D(70)),
    Band(None, True, D(100)),
)
IE_BANDS = (
    Band(D(1000), True, D(40)),
    Band(D(10000), True, D(70)),
    Band(None, True, D(100)),
)


def contract(rate: str, **options) -> Terms:
    return Terms(interest.CONTRACT, contract_rate=D(rate), **options)


def after(due: date, days: int) -> date:
    return due + timedelta(days=days)


# Rates


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (EU, "10.5 12 12.5 12.25 11.15 10.15 10.15 10.4"),
        (UK, "11.5 13 13.25 13.25 12.75 12.25 11.75 11.75"),
        (DE, "10.62 12.12 12.62 12.37 11.27 10.27 10.27 10.52"),
        (DE_CONSUMER, "6.62 8.12 8.62 8.37 7.27 6.27 6.27 6.52"),
    ],
)
def test_rate_of_each_half_year_is_reference_plus_margin(terms, expected):
    rates = [terms.rate_for(half_year) for half_year in sorted(ECB)]
    assert rates == [D(rate) for rate in expected.split()]


def test_rate_of_half_years_without_ecb_interest_is_the_margin():
    # 2016H2 to 2022H2: ECB 0 -> 8.0 % (enterprise.gov.ie).
    terms = Terms(interest.FLOATING, D(8), {date(2022, 1, 1): D(0)})
    assert terms.rate_for(date(2022, 1, 1)) == 8


def test_negative_rate_charges_nothing():
    terms = Terms(interest.FLOATING, D("0.5"), {date(2022, 1, 1): D("-0.88")})
    schedule = interest_schedule(
        D(1000), date(2022, 1, 1), date(2022, 3, 1), terms=terms
    )
    assert schedule.total == 0


def test_half_year_without_rate_is_an_error_that_names_it():
    with pytest.raises(MissingRateError) as error:
        interest_schedule(D(1000), date(2026, 12, 1), date(2027, 1, 1), DE)
    assert error.value.half_year == date(2027, 1, 1)
    # A fixed rate needs only the half-year interest starts in.
    assert (
        interest_schedule(D(1000), date(2026, 12, 1), date(2027, 1, 1), UK).days == 31
    )


# Worked figures


def test_gov_uk_example_depends_on_rounding():
    # GOV.UK: £1,000 at 8.5 % is £85 a year, 23p a day: 50 days are £11.50 rounded by day,
    # £11.64 rounded at the end.
    due = date(2016, 2, 1)
    bank_rate = {date(2016, 1, 1): D("0.5")}
    by_day = Terms(interest.FIXED_AT_START, D(8), bank_rate, rounding="daily")
    at_end = Terms(interest.FIXED_AT_START, D(8), bank_rate)
    assert interest_schedule(D(1000), due, after(due, 50), by_day).total == D("11.50")
    assert interest_schedule(D(1000), due, after(due, 50), at_end).total == D("11.64")


@pytest.mark.parametrize(
    ("principal", "due", "until", "days", "rate", "total"),
    [
        ("2400", date(2026, 8, 15), date(2026, 10, 8), 54, "11.75", "41.72"),
        # Across 30 June: the rate of the start stays.
        ("1000", date(2025, 5, 31), date(2025, 8, 31), 92, "12.75", "32.14"),
        # Interest starts on 1 July, so the rate of 30 June governs ...
        ("10000", date(2025, 6, 30), date(2025, 7, 30), 30, "12.25", "100.68"),
        # ... and a day earlier the one of 31 December.
        ("10000", date(2025, 6, 29), date(2025, 7, 29), 30, "12.75", "104.79"),
        # A page prints 32.66, from a factor rounded before it is used.
        ("2000", date(2024, 2, 1), date(2024, 3, 17), 45, "13.25", "32.67"),
        # Paidnice prints 169.68: the amount of a day rounded first (see below).
        ("5000", date(2025, 7, 31), date(2025, 11, 9), 101, "12.25", "169.49"),
    ],
)
def test_uk_figures(principal, due, until, days, rate, total):
    schedule = interest_schedule(D(principal), due, until, UK)
    (period,) = schedule.periods
    assert (period.days, period.rate) == (days, D(rate))
    assert period.date_from == due + timedelta(days=1)
    assert period.date_to == until
    assert schedule.total == D(total)


def test_paidnice_figure_is_the_daily_rounding():
    terms = Terms(interest.FIXED_AT_START, D(8), BOE, rounding="daily")
    due = date(2025, 7, 31)
    assert interest_schedule(D(5000), due, after(due, 101), terms).total == D("169.68")


def test_irish_department_example():
    schedule = interest_schedule(D(1000), date(2026, 7, 10), date(2026, 8, 4), IE)
    assert (schedule.days, schedule.total) == (25, D("7.12"))


def test_debt_across_a_half_year_fixed_or_split():
    due, until = date(2026, 5, 31), date(2026, 8, 31)
    fixed = interest_schedule(D(5000), due, until, IE)
    assert (fixed.days, fixed.total) == (92, D("127.92"))
    split = interest_schedule(D(5000), due, until, EU)
    assert [(line.days, line.amount) for line in split.periods] == [
        (30, D("41.71")),
        (62, D("88.33")),
    ]
    assert split.total == D("130.04")


def test_debt_across_three_half_years():
    schedule = interest_schedule(D(2000), date(2024, 12, 15), date(2025, 8, 10), EU)
    lines = [
        (line.date_from, line.date_to, line.days, line.rate, line.amount)
        for line in schedule.periods
    ]
    assert lines == [
        (date(2024, 12, 16), date(2024, 12, 31), 16, D("12.25"), D("10.74")),
        (date(2025, 1, 1), date(2025, 6, 30), 181, D("11.15"), D("110.58")),
        (date(2025, 7, 1), date(2025, 8, 10), 41, D("10.15"), D("22.80")),
    ]
    assert schedule.total == D("144.12")


@pytest.mark.parametrize(
    ("principal", "rate", "days", "day_count", "total"),
    [
        ("1000", "5.12", 25, "act_365", "3.51"),  # anleiter.de
        ("1000", "5", 30, "act_365", "4.11"),  # forderungsmanagement24
        ("10000", "12.62", 30, "act_365", "103.73"),
        ("10000", "12.62", 30, "act_360", "105.17"),
    ],
)
def test_german_figures_with_a_given_rate(principal, rate, days, day_count, total):
    due = date(2025, 3, 1)
    terms = contract(rate, day_count=day_count)
    schedule = interest_schedule(D(principal), due, after(due, days), terms)
    assert schedule.total == D(total)


def test_months_of_thirty_days():
    # p-konto.de: €10,000, 6 %, 210 days of 30/360 are 350.00.
    terms = contract("6", day_count="30_360")
    schedule = interest_schedule(D(10000), date(2025, 1, 30), date(2025, 8, 30), terms)
    assert (schedule.days, schedule.total) == (210, D("350.00"))


def test_german_debt_is_split_by_half_year():
    schedule = interest_schedule(D(10000), date(2025, 5, 31), date(2025, 8, 31), DE)
    lines = [(line.days, line.rate, line.amount) for line in schedule.periods]
    assert lines == [
        (30, D("11.27"), D("92.63")),
        (62, D("10.27"), D("174.45")),
    ]
    assert schedule.total == D("267.08")


def test_half_years_of_equal_rate_are_one_line():
    # German base rate 1.27 in both halves around 1 January 2026.
    schedule = interest_schedule(D(1000), date(2025, 11, 30), date(2026, 2, 28), DE)
    assert [line.days for line in schedule.periods] == [90]


def test_leap_year_days_count_less_when_counted_actual():
    # One leap year and one other: a year's interest each, whatever their days.
    terms = contract("10", day_count="act_act")
    schedule = interest_schedule(D(1000), date(2023, 12, 31), date(2025, 12, 31), terms)
    assert (schedule.days, schedule.total) == (731, D("200.00"))


@pytest.mark.parametrize(
    ("receipt_counts", "due"), [(True, date(2026, 3, 30)), (False, date(2026, 3, 31))]
)
def test_due_date_when_none_was_agreed(receipt_counts, due):
    # UK s. 4(2H) counts the day of receipt, the Irish regulation does not.
    found = statutory_due_date(date(2026, 3, 1), receipt_counts=receipt_counts)
    assert found == due


# Compensation and fees


@pytest.mark.parametrize(
    ("bands", "debt", "expected"),
    [
        (UK_BANDS, "0.01", 40),
        (UK_BANDS, "999.99", 40),
        (UK_BANDS, "1000", 70),
        (UK_BANDS, "2400", 70),
        (UK_BANDS, "9999.99", 70),
        (UK_BANDS, "10000", 100),
        (IE_BANDS, "1000", 40),
        (IE_BANDS, "1000.01", 70),
        (IE_BANDS, "10000", 70),
        (IE_BANDS, "10000.01", 100),
        (EUR_40, "0.01", 40),
        (EUR_40, "1000000", 40),
        (EUR_40, "0", 0),
        (EUR_40, "-5", 0),
        ((), "100", 0),
    ],
)
def test_compensation_bands_and_their_edges(bands, debt, expected):
    assert compensation(D(debt), bands) == expected
    assert compensation(D(debt), tuple(reversed(bands))) == expected


def test_uk_claim_is_interest_plus_compensation():
    due, until = date(2026, 8, 15), date(2026, 10, 8)
    schedule = interest_schedule(D(2400), due, until, UK)
    assert schedule.total + compensation(D(2400), UK_BANDS) == D("111.72")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"is_consumer": False, "first_level": True}, "5.00"),
        ({"is_consumer": True, "first_level": True}, "0"),
        ({"is_consumer": True, "first_level": False}, "5.00"),
        (
            {
                "is_consumer": True,
                "first_level": True,
                "first_level_consumer_fee": True,
            },
            "5.00",
        ),
        (
            {
                "is_consumer": True,
                "first_level": False,
                "consumer_maximum": D("1.20"),
            },
            "1.20",
        ),
        (
            {
                "is_consumer": False,
                "first_level": False,
                "consumer_maximum": D("1.20"),
            },
            "5.00",
        ),
    ],
)
def test_fee_that_may_be_asked(options, expected):
    assert allowed_fee(D("5.00"), **options) == D(expected)


def test_negative_fee_is_no_fee():
    assert allowed_fee(D(-5), is_consumer=False, first_level=False) == 0


# Payments


def test_interest_follows_the_dates_of_payment():
    # 10 days on 1,000 and 20 days on 400, at 7.3 % (0.02 % a day): 2.00 + 1.60.
    due = date(2025, 3, 1)
    schedule = interest_schedule(
        D(1000), due, after(due, 30), contract("7.3"), [Payment(after(due, 10), D(600))]
    )
    assert [(p.days, p.principal, p.amount) for p in schedule.periods] == [
        (10, D(1000), D("2.00")),
        (20, D(400), D("1.60")),
    ]


def test_payment_in_time_counts_from_the_start():
    due = date(2025, 3, 1)
    schedule = interest_schedule(
        D(1000), due, after(due, 10), contract("7.3"), [Payment(due, D(500))]
    )
    assert [(p.days, p.principal) for p in schedule.periods] == [(10, D(500))]


def test_interest_ends_with_the_day_of_the_last_payment():
    due = date(2025, 3, 1)
    payments = [Payment(after(due, 20), D(900)), Payment(after(due, 5), D(100))]
    schedule = interest_schedule(
        D(1000), due, after(due, 90), contract("7.3"), payments
    )
    assert schedule.periods[-1].date_to == after(due, 20)
    assert schedule.total == D("1.00") + D("2.70")


def test_charged_days_are_not_listed_again_and_keep_the_rate():
    due = date(2025, 5, 31)
    schedule = interest_schedule(
        D(1000), due, date(2025, 8, 31), UK, charged_until=date(2025, 7, 10)
    )
    (period,) = schedule.periods
    assert (period.date_from, period.rate) == (date(2025, 7, 11), D("12.75"))


# Bad input


@pytest.mark.parametrize("principal", ["0", "-1", "-0.01"])
def test_nothing_owed_gives_nothing(principal):
    due = date(2025, 3, 1)
    assert not interest_schedule(D(principal), due, after(due, 30), DE).periods


@pytest.mark.parametrize("days", [0, -1, -400])
def test_nothing_late_gives_nothing(days):
    due = date(2025, 3, 1)
    assert interest_schedule(D(100), due, after(due, days), DE).total == 0


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "sometimes"},
        {"mode": "floating", "day_count": "act_364"},
        {"mode": "floating", "rounding": "never"},
        {"mode": "floating", "quantum": D(0)},
        {"mode": "contract"},
        {"mode": "contract", "contract_rate": D(-1)},
    ],
)
def test_terms_without_meaning_are_refused(options):
    with pytest.raises(InterestError):
        Terms(**options)


def test_payment_that_is_not_positive_is_refused():
    due = date(2025, 3, 1)
    with pytest.raises(InterestError):
        interest_schedule(D(100), due, after(due, 9), DE, [Payment(due, D(0))])


def test_currency_without_cents_and_steps_of_five():
    due = date(2025, 3, 1)
    yen = contract("5", quantum=D(1))
    francs = contract("5", quantum=D("0.05"))
    # 123,456 x 5 % x 30 / 365 = 507.35; 1,000 x 5 % x 30 / 365 = 4.1096.
    assert interest_schedule(D(123456), due, after(due, 30), yen).total == 507
    assert interest_schedule(D(1000), due, after(due, 30), francs).total == D("4.10")


# Properties

amounts = st.decimals("0.01", "1000000", places=2)
dues = st.dates(date(2023, 1, 1), date(2024, 3, 31))  # rates are known for 1,000 days
spans = st.integers(0, 500)
modes = st.sampled_from([UK, EU, DE, contract("9.5")])
day_counts = st.sampled_from(interest.DAY_COUNTS)


def variant(terms: Terms, **changes) -> Terms:
    fields = {name: getattr(terms, name) for name in Terms.__slots__}
    return Terms(**{**fields, **changes})


@given(amounts, dues, spans, spans, modes, day_counts)
def test_two_parts_of_a_span_are_the_whole(amount, due, one, two, terms, day_count):
    middle, end = after(due, one), after(due, one + two)
    # Whole amounts of a day add up exactly; else each line is off by half a cent at most.
    for rounding in interest.ROUNDINGS:
        terms = variant(terms, day_count=day_count, rounding=rounding)
        first = interest_schedule(amount, due, middle, terms)
        rest = interest_schedule(amount, due, end, terms, charged_until=middle)
        whole = interest_schedule(amount, due, end, terms)
        assert first.days + rest.days == whole.days
        lines = sum(len(part.periods) for part in (first, rest, whole))
        margin = 0 if rounding == "daily" else D("0.005") * lines
        assert abs(first.total + rest.total - whole.total) <= margin


@given(amounts, dues, spans, modes, day_counts)
def test_a_day_more_never_costs_less(amount, due, days, terms, day_count):
    terms = variant(terms, day_count=day_count)
    today = interest_schedule(amount, due, after(due, days), terms)
    tomorrow = interest_schedule(amount, due, after(due, days + 1), terms)
    assert tomorrow.total >= today.total


@given(amounts, amounts, dues, spans, spans, modes)
def test_paying_a_part_splits_the_debt_in_two(one, two, due, paid, days, terms):
    """Interest is that of the unpaid part, and of the paid part until it was paid."""
    terms = variant(terms, quantum=D("1e-9"))
    day, end = after(due, paid), after(due, days)
    whole = interest_schedule(one + two, due, end, terms, [Payment(day, one)])
    unpaid = interest_schedule(two, due, end, terms)
    until_paid = interest_schedule(one, due, min(day, end), terms)
    assert abs(whole.total - unpaid.total - until_paid.total) < D("1e-7")


@given(amounts, dues, st.lists(st.tuples(spans, amounts), max_size=5), spans, modes)
def test_schedule_has_no_gap_no_overlap_and_no_negative(
    amount, due, payments, days, terms
):
    payments = [Payment(after(due, offset), paid) for offset, paid in payments]
    end = after(due, days)
    schedule = interest_schedule(amount, due, end, terms, payments)
    expected_start = due + timedelta(days=1)
    for period in schedule.periods:
        assert period.date_from == expected_start
        assert period.date_to >= period.date_from
        assert period.principal > 0 and period.amount >= 0
        expected_start = period.date_to + timedelta(days=1)
    assert expected_start <= end + timedelta(days=1)
    unpaid = interest_schedule(amount, due, end, terms)
    assert schedule.days <= unpaid.days
