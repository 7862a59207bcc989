"""Key figures of receivables against published worked examples, and what must always hold.

Sources: [equisettle], [trymesha], [benjipays], [Gaviti], [creditguru], [Oracle JDE] as listed in
the project's dunning notes; [Upflow] docs.upflow.io, "Your customer's average payment delay".
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import kpi

DAY = date(2026, 6, 15)
amounts = st.decimals(0, 10**9, places=2)
positive_amounts = st.decimals("0.01", 10**9, places=2)
day_counts = st.integers(1, 366)


def rounded(value: Decimal, places: str) -> Decimal:
    return value.quantize(Decimal(places))


@pytest.mark.parametrize(
    ("receivable", "sales", "days", "expected"),
    [
        pytest.param(200_000, 2_000_000, 365, "36.5", id="equisettle"),
        pytest.param(150_000, 1_800_000, 365, "30.4", id="trymesha"),
        pytest.param(10_869, 5_538 + 4_566 + 7_570, 90, "55.35", id="jde"),
        pytest.param(6_340, 10_890, 90, "52.40", id="creditguru quarter"),
        pytest.param(3_590, 10_890, 90, "29.67", id="creditguru best possible"),
    ],
)
def test_simple_dso_is_receivable_over_sales_times_days(
    receivable, sales, days, expected
):
    dso = kpi.days_sales_outstanding(Decimal(receivable), Decimal(sales), days)
    assert rounded(dso, expected) == Decimal(expected)


def test_days_delinquent_are_what_best_possible_dso_leaves():
    dso = kpi.days_sales_outstanding(Decimal(6_340), Decimal(10_890), 90)
    best = kpi.days_sales_outstanding(Decimal(3_590), Decimal(10_890), 90)
    assert rounded(kpi.average_days_delinquent(dso, best), "0.01") == Decimal("22.73")


def test_count_back_dso_takes_newest_months_first():
    sales = [(Decimal(100_000), 30), (Decimal(80_000), 30), (Decimal(70_000), 30)]
    dso = kpi.count_back_dso(Decimal(212_000), sales)
    assert rounded(dso, "0.1") == Decimal("73.7")  # 30 + 30 + 32/70 x 30


@pytest.mark.parametrize(
    ("receivable", "periods", "expected"),
    [
        pytest.param(0, [(100, 30)], 0, id="nothing open"),
        pytest.param(-5, [(100, 30)], 0, id="customers have credit"),
        pytest.param(100, [], 0, id="no sales known"),
        pytest.param(100, [(100, 30), (50, 31)], 30, id="covers a month exactly"),
        pytest.param(500, [(100, 30), (0, 31), (900, 30)], 30, id="stops at no sales"),
        pytest.param(500, [(100, 30), (-9, 31), (9, 30)], 30, id="stops at refunds"),
        pytest.param(500, [(100, 30), (100, 31)], 61, id="more than all sales"),
        pytest.param(50, [(100, 30)], 15, id="part of the newest month"),
    ],
)
def test_count_back_dso_at_its_edges(receivable, periods, expected):
    periods = [(Decimal(sales), days) for sales, days in periods]
    assert kpi.count_back_dso(Decimal(receivable), periods) == expected


@pytest.mark.parametrize(
    ("opening", "sales", "closing", "current", "expected"),
    [
        pytest.param(100_000, 1_000_000, 120_000, 100_000, "98.0", id="gaviti"),
        # 55.9 needs the average month, 3,630; ours is the total of the period.
        pytest.param(6_200, 10_890, 6_340, 3_590, "79.6", id="creditguru, total sales"),
        pytest.param(6_200, 3_630, 6_340, 3_590, "55.9", id="creditguru, a month"),
    ],
)
def test_collection_effectiveness(opening, sales, closing, current, expected):
    values = map(Decimal, (opening, sales, closing, current))
    index = kpi.collection_effectiveness(*values)
    assert rounded(index, expected) == Decimal(expected)


def test_weighted_delay_counts_unpaid_until_today():
    invoices = [(Decimal(140), 7), (Decimal(85), 55), (Decimal(214), 10)]
    delay = kpi.weighted_payment_delay(invoices)
    assert rounded(delay, "0.1") == Decimal("17.8")  # [Upflow]
    assert kpi.payer_grade(delay) == "A"


@pytest.mark.parametrize(
    ("delay", "grade"),
    [("-4", "A"), ("30", "A"), ("30.1", "B"), ("60", "B"), ("90", "C"), ("91", "D")],
)
def test_payer_grade_limits_belong_to_the_better_grade(delay, grade):
    assert kpi.payer_grade(Decimal(delay)) == grade


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-400, "0_not_due"),
        (0, "0_not_due"),
        (1, "1_1_30"),
        (30, "1_1_30"),
        (31, "2_31_60"),
        (60, "2_31_60"),
        (61, "3_61_90"),
        (90, "3_61_90"),
        (91, "4_91_up"),
        (4000, "4_91_up"),
    ],
)
def test_ageing_bucket_by_days_past_due(days, bucket):
    assert kpi.ageing_bucket(days) == bucket


def test_due_today_is_not_overdue_and_credits_reduce_their_bucket():
    table = kpi.age(
        [
            (Decimal("100"), DAY),
            (Decimal("40"), DAY - timedelta(1)),
            (Decimal("-15"), DAY - timedelta(30)),
            (Decimal("7"), DAY - timedelta(91)),
        ],
        DAY,
    )
    assert table == {
        "0_not_due": 100,
        "1_1_30": 25,
        "2_31_60": 0,
        "3_61_90": 0,
        "4_91_up": 7,
    }


def test_at_risk_is_share_of_receivable():
    assert kpi.at_risk_share(Decimal(400), Decimal(30)) == Decimal("7.5")


def test_rates_of_counts():
    assert kpi.promise_kept_rate(3, 1) == 75
    assert kpi.wrong_reminder_rate(1, 8) == Decimal("12.5")


@pytest.mark.parametrize(
    ("samples", "count", "paid", "mean", "median"),
    [
        ([], 0, 0, None, None),
        ([None], 1, 0, None, None),
        ([4], 1, 1, 4, 4),
        ([1, 2, 9], 3, 3, 4, 2),
        ([1, 2, 3, 9], 4, 4, "3.75", "2.5"),
        ([1, None], 2, 1, 1, None),
        ([1, 5, None], 3, 2, 3, 5),
        ([1, 5, None, None], 4, 2, 3, None),
        ([-2, 5, 7, None], 4, 3, Decimal(10) / 3, 6),
    ],
)
def test_days_to_pay_place_unpaid_behind_paid(samples, count, paid, mean, median):
    result = kpi.days_to_pay(samples)
    assert (result.count, result.paid) == (count, paid)
    assert result.mean == (None if mean is None else Decimal(mean))
    assert result.median == (None if median is None else Decimal(median))


def test_days_gained_against_those_left_alone():
    reminded, alone = kpi.days_to_pay([3, 5, 9]), kpi.days_to_pay([8, 12, None])
    assert kpi.days_gained(reminded, alone) == 7
    assert kpi.days_gained(reminded, kpi.days_to_pay([8, None])) is None
    assert (reminded.paid_share, kpi.days_to_pay([]).paid_share) == (100, None)


def test_figures_without_a_divisor_are_unknown_not_zero():
    nought = Decimal(0)
    assert kpi.days_sales_outstanding(Decimal(5), nought, 30) is None
    assert kpi.days_sales_outstanding(Decimal(5), Decimal(-1), 30) is None
    assert kpi.average_days_delinquent(None, Decimal(1)) is None
    assert kpi.collection_effectiveness(nought, nought, nought, nought) is None
    assert kpi.weighted_payment_delay([]) is None
    assert kpi.at_risk_share(nought, nought) is None
    assert kpi.promise_kept_rate(0, 0) is None
    assert kpi.wrong_reminder_rate(0, 0) is None


@given(amounts, positive_amounts, day_counts)
def test_days_delinquent_are_dso_of_what_is_overdue(receivable, sales, days):
    current = receivable / 2
    late = kpi.average_days_delinquent(
        kpi.days_sales_outstanding(receivable, sales, days),
        kpi.days_sales_outstanding(current, sales, days),
    )
    overdue = kpi.days_sales_outstanding(receivable - current, sales, days)
    assert abs(late - overdue) < Decimal("0.000001")


@given(
    amounts,
    amounts,
    st.lists(st.tuples(positive_amounts, day_counts), max_size=24),
)
def test_count_back_grows_with_receivable_and_ends_with_the_periods(
    receivable, more, periods
):
    dso = kpi.count_back_dso(receivable, periods)
    assert 0 <= dso <= sum(days for _sales, days in periods)
    assert kpi.count_back_dso(receivable + more, periods) >= dso


@given(positive_amounts, st.lists(day_counts, min_size=1, max_size=12), st.data())
def test_count_back_is_simple_dso_while_sales_are_even(sales, lengths, data):
    share = data.draw(st.decimals(0, 1, places=4))
    days = lengths[0]
    counted = kpi.count_back_dso(sales * share, [(sales, days)])
    simple = kpi.days_sales_outstanding(sales * share, sales, days)
    assert abs(counted - simple) < Decimal("0.000001")


@given(amounts, amounts, st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_collection_effectiveness_is_100_only_when_nothing_is_overdue(
    opening, sales, open_share, current_share
):
    closing = (opening + sales) * open_share
    current = closing * current_share
    index = kpi.collection_effectiveness(opening, sales, closing, current)
    if index is not None:
        assert 0 <= index <= 100
        assert (index == 100) == (closing == current)


@given(st.lists(st.tuples(amounts, st.integers(-500, 500)), max_size=30))
def test_ageing_buckets_lose_nothing(items):
    dated = [(amount, DAY + timedelta(days)) for amount, days in items]
    table = kpi.age(dated, DAY)
    assert sum(table.values()) == sum(amount for amount, _days in items)
    assert tuple(table) == tuple(sorted(table)) == kpi.AGEING_BUCKETS


@given(
    st.lists(st.tuples(positive_amounts, st.integers(-90, 400)), min_size=1),
    st.integers(2, 9),
)
def test_weighted_delay_lies_between_extremes_whatever_the_unit(items, factor):
    delay = kpi.weighted_payment_delay(items)
    days = [days for _amount, days in items]
    assert min(days) - 1 < delay < max(days) + 1
    scaled = kpi.weighted_payment_delay([(a * factor, days) for a, days in items])
    assert abs(delay - scaled) < Decimal("0.000001")


@given(st.lists(st.one_of(st.none(), st.integers(-30, 400)), max_size=40))
def test_one_more_unpaid_invoice_never_makes_a_group_faster(samples):
    before, after = kpi.days_to_pay(samples), kpi.days_to_pay([*samples, None])
    assert after.mean == before.mean
    assert after.median is None or (
        before.median is not None and after.median >= before.median
    )
