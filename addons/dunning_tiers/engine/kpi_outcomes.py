"""What became of promises and notices, from counts to key figures, no Odoo."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from . import kpi

#: Days until payment -> number of invoices paid after so many days; ``None``: unpaid.
DayCounts = Mapping[int | None, int]


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """Counts of one company in a period.

    :ivar promises_kept: promises whose day lies in the period and that were kept
    :ivar promises_broken: those that were broken
    :ivar reminders_sent: invoices reminded of, one for each notice and instalment
    :ivar reminders_wrong: those shown wrong later
    :ivar reminded: level -> days from the notice to the payment -> count
    :ivar held_out: the same of the comparison group, from the day a notice would have gone
    """

    promises_kept: int = 0
    promises_broken: int = 0
    reminders_sent: int = 0
    reminders_wrong: int = 0
    reminded: Mapping[Hashable, DayCounts] = field(default_factory=dict)
    held_out: Mapping[Hashable, DayCounts] = field(default_factory=dict)


def rates(facts: OutcomeFacts) -> dict:
    """Return the counts of promises and reminders with their rates in percent, by name."""
    return {
        "promises_kept": facts.promises_kept,
        "promises_broken": facts.promises_broken,
        "promise_kept_rate": kpi.promise_kept_rate(
            facts.promises_kept, facts.promises_broken
        ),
        "reminders_sent": facts.reminders_sent,
        "reminders_wrong": facts.reminders_wrong,
        "wrong_reminder_rate": kpi.wrong_reminder_rate(
            facts.reminders_wrong, facts.reminders_sent
        ),
    }


def level_figures(facts: OutcomeFacts, level: Hashable) -> dict:
    """Return how fast invoices were paid after a level, with and without its notice.

    ``count``, ``paid``, ``mean`` and ``median`` are of those reminded, the same names with
    ``held_out_`` before them of those left alone; ``days_gained`` compares the medians.
    """
    reminded = kpi.days_to_pay(_spread(facts.reminded.get(level, {})))
    held_out = kpi.days_to_pay(_spread(facts.held_out.get(level, {})))
    return {
        **_summary(reminded),
        **{f"held_out_{name}": value for name, value in _summary(held_out).items()},
        "days_gained": kpi.days_gained(reminded, held_out),
    }


def _summary(result: kpi.DaysToPay) -> dict:
    return {
        "count": result.count,
        "paid": result.paid,
        "mean": result.mean,
        "median": result.median,
    }


def _spread(counts: DayCounts):
    for days, count in counts.items():
        yield from (days,) * count
