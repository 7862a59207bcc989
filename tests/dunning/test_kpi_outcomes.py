"""Counts of promises and notices become rates and days."""

from __future__ import annotations

from decimal import Decimal

from odoo.addons.dunning_tiers.engine import kpi_outcomes
from odoo.addons.dunning_tiers.engine.kpi_outcomes import OutcomeFacts


def test_rates_stand_beside_their_counts():
    facts = OutcomeFacts(
        promises_kept=3, promises_broken=1, reminders_sent=8, reminders_wrong=1
    )
    assert kpi_outcomes.rates(facts) == {
        "promises_kept": 3,
        "promises_broken": 1,
        "promise_kept_rate": 75,
        "reminders_sent": 8,
        "reminders_wrong": 1,
        "wrong_reminder_rate": Decimal("12.5"),
    }


def test_nothing_sent_and_nothing_promised_has_no_rates():
    rates = kpi_outcomes.rates(OutcomeFacts())
    assert (rates["promise_kept_rate"], rates["wrong_reminder_rate"]) == (None, None)
    assert (rates["reminders_sent"], rates["promises_broken"]) == (0, 0)


def test_reminded_are_compared_with_those_left_alone():
    facts = OutcomeFacts(
        reminded={7: {2: 2, 5: 1, None: 1}, 14: {1: 1}},
        held_out={7: {9: 2, 30: 1}},
    )
    assert kpi_outcomes.level_figures(facts, 7) == {
        "count": 4,
        "paid": 3,
        "mean": 3,
        "median": Decimal("3.5"),  # of 2, 2, 5 and one unpaid
        "held_out_count": 3,
        "held_out_paid": 3,
        "held_out_mean": 16,
        "held_out_median": 9,
        "days_gained": Decimal("5.5"),
    }


def test_level_without_a_comparison_group_says_so():
    facts = OutcomeFacts(reminded={14: {1: 1}})
    figures = kpi_outcomes.level_figures(facts, 14)
    assert (figures["median"], figures["held_out_count"]) == (1, 0)
    assert figures["held_out_median"] is figures["days_gained"] is None
