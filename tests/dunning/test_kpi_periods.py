"""Months of a period, and the key figures of each from sums of a ledger.

The figures of a quarter are those of creditguru's and Gaviti's examples (see test_kpi).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import kpi_periods
from odoo.addons.dunning_tiers.engine.kpi_periods import LedgerFacts, Period

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
QUARTER = [
    Period(JANUARY, date(2026, 1, 31)),
    Period(FEBRUARY, date(2026, 2, 28)),
    Period(MARCH, date(2026, 3, 31)),
]


def quarter_facts() -> LedgerFacts:
    """creditguru's quarter: 6,200 opening, sales 10,890, 6,340 closing, 3,590 not due."""
    return LedgerFacts(
        open_at={
            date(2025, 12, 31): {"0_not_due": Decimal(6_200)},
            date(2026, 1, 31): {"0_not_due": Decimal(4_000), "4_91_up": Decimal(1_000)},
            date(2026, 3, 31): {
                "0_not_due": Decimal(3_590),
                "1_1_30": Decimal(2_433),
                "4_91_up": Decimal(317),
            },
        },
        sales={
            JANUARY: Decimal(3_000),
            FEBRUARY: Decimal(2_890),
            MARCH: Decimal(5_000),
        },
        earlier_sales={date(2025, 12, 1): Decimal(2_000)},
        delays={
            JANUARY: [(Decimal(140), 7), (Decimal(85), 55)],
            MARCH: [(Decimal(214), 10)],
        },
    )


def test_quarter_gives_the_published_figures():
    figures = kpi_periods.period_figures(quarter_facts(), QUARTER)
    assert (figures["date_from"], figures["date_to"]) == (JANUARY, date(2026, 3, 31))
    assert (figures["days"], figures["sales"]) == (90, 10_890)
    shown = {
        name: str(round(figures[name], 2))
        for name in ("dso", "dso_best_possible", "days_delinquent", "at_risk")
    }
    assert shown == {
        "dso": "52.40",
        "dso_best_possible": "29.67",
        "days_delinquent": "22.73",
        "at_risk": "5.00",
    }
    assert round(figures["collection_effectiveness"], 1) == Decimal("79.6")
    assert round(figures["weighted_delay"], 1) == Decimal("17.8")
    assert figures["amount_due"] == 439


def test_count_back_goes_on_before_the_period():
    # 6,340: March's 5,000 (31 days), then 1,340 of February's 2,890 in 28 days.
    figures = kpi_periods.period_figures(quarter_facts(), QUARTER)
    expected = 31 + Decimal(1_340) * 28 / 2_890
    assert abs(figures["dso_count_back"] - expected) < Decimal("0.000001")
    # 5,000 at the end of January: all of January and of December, then no sales are known.
    january = kpi_periods.period_figures(quarter_facts(), QUARTER[:1])
    assert january["dso_count_back"] == 31 + 31


def test_month_cut_off_by_the_period_counts_its_sales_of_before_for_count_back_only():
    middle = date(2026, 1, 16)
    facts = LedgerFacts(
        open_at={date(2026, 1, 31): {"0_not_due": Decimal(300)}},
        sales={JANUARY: Decimal(400)},
        earlier_sales={JANUARY: Decimal(200)},
    )
    figures = kpi_periods.period_figures(facts, [Period(middle, date(2026, 1, 31))])
    assert figures["sales"] == 400
    assert figures["dso"] == 12  # 300 / 400 x 16
    assert figures["dso_count_back"] == Decimal("15.5")  # 300 / 600 x 31


def test_ledger_without_entries_has_amounts_of_zero_and_no_figures():
    figures = kpi_periods.period_figures(LedgerFacts(), QUARTER)
    unknown = {name for name, value in figures.items() if value is None}
    assert unknown == {
        "at_risk",
        "collection_effectiveness",
        "days_delinquent",
        "dso",
        "dso_best_possible",
        "weighted_delay",
    }
    assert (figures["receivable"], figures["dso_count_back"]) == (0, 0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), []),
        (FEBRUARY, FEBRUARY, [(FEBRUARY, FEBRUARY)]),
        (
            date(2023, 12, 15),
            date(2024, 2, 29),
            [
                (date(2023, 12, 15), date(2023, 12, 31)),
                (date(2024, 1, 1), date(2024, 1, 31)),
                (date(2024, 2, 1), date(2024, 2, 29)),
            ],
        ),
    ],
)
def test_split_months(start, end, expected):
    months = kpi_periods.split_months(start, end)
    assert [(month.start, month.end) for month in months] == expected


days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@given(days, st.integers(0, 1500))
def test_months_follow_each_other_and_cover_the_period(start, length):
    end = start + timedelta(days=length)
    months = kpi_periods.split_months(start, end)
    assert sum(month.days for month in months) == length + 1
    assert (months[0].start, months[-1].end) == (start, end)
    for before, after in zip(months, months[1:], strict=False):
        assert after.opening_day == before.end
        assert after.start.day == 1
