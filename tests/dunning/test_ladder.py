"""The ladder: strict order, days and gaps, by tables and by properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import ladder

DUE = date(2026, 6, 1)
LEVELS = (
    ladder.Level(key=1, days=7, min_gap_days=3),
    ladder.Level(key=2, days=14, min_gap_days=7),
    ladder.Level(key=3, days=30, min_gap_days=10),
    ladder.Level(key=4, days=45, min_gap_days=10, is_escalation=True),
)
COURTESY = ladder.Level(key=9, days=-3)


def day(number):
    return DUE + timedelta(days=number)


@pytest.mark.parametrize(
    ("on", "last_days", "last_on", "key", "reason", "next_on"),
    [
        (0, None, None, 1, ladder.NOT_DUE, 7),
        (6, None, None, 1, ladder.NOT_DUE, 7),
        (7, None, None, 1, None, 7),
        (8, 7, 7, 2, ladder.NOT_DUE, 14),
        (14, 7, 7, 2, None, 14),
        # Sent late: the next level keeps its gap.
        (14, 7, 12, 2, ladder.LEVEL_GAP, 19),
        (19, 7, 12, 2, None, 19),
        # Long outage: one level after the other.
        (200, None, None, 1, None, 200),
        (201, 7, 200, 2, ladder.LEVEL_GAP, 207),
        (45, 30, 30, 4, None, 45),
        (300, 45, 45, None, ladder.LADDER_DONE, None),
        # The clock was set back: nothing comes early.
        (7, 7, 100, 2, ladder.NOT_DUE, 14),
    ],
)
def test_next_step(on, last_days, last_on, key, reason, next_on):
    last_date = None if last_on is None else day(last_on)
    step = ladder.next_step(LEVELS, DUE, day(on), last_days, last_date)
    assert (step.level and step.level.key, step.reason) == (key, reason)
    assert step.on == (None if next_on is None else day(next_on))


@pytest.mark.parametrize(
    ("on", "key", "reason"),
    [
        (-4, 9, ladder.NOT_DUE),
        (-3, 9, None),
        (0, 9, None),
        (1, 1, ladder.NOT_DUE),
        (7, 1, None),
    ],
)
def test_courtesy_comes_before_the_due_date_only(on, key, reason):
    step = ladder.next_step((COURTESY, *LEVELS), DUE, day(on))
    assert (step.level.key, step.reason) == (key, reason)


def test_debt_without_due_date_says_so():
    assert ladder.next_step(LEVELS, None, DUE).reason == ladder.NO_DUE_DATE


def test_no_levels_says_so():
    assert ladder.next_step((), DUE, day(10)).reason == ladder.NO_LEVELS


def test_day_of_the_due_date_is_not_overdue():
    assert ladder.days_overdue(DUE, DUE) == 0


ladders = st.lists(
    st.tuples(st.integers(1, 120), st.integers(0, 30)),
    min_size=1,
    max_size=6,
    unique_by=lambda level: level[0],
).map(
    lambda levels: tuple(
        ladder.Level(key=number, days=days, min_gap_days=gap)
        for number, (days, gap) in enumerate(sorted(levels))
    )
)


@given(ladders, st.sets(st.integers(0, 400)))
def test_levels_come_once_in_order_and_never_early(levels, days):
    """Whatever days the runs happen on."""
    last_days = last_date = None
    sent = []
    for number in sorted(days):
        step = ladder.next_step(levels, DUE, day(number), last_days, last_date)
        if step.level is None or step.reason:
            continue
        assert number >= step.level.days
        if last_date:
            assert day(number) - last_date >= timedelta(days=step.level.min_gap_days)
        sent.append(step.level)
        last_days, last_date = step.level.days, day(number)
    assert sent == list(levels[: len(sent)])


@given(ladders, st.integers(0, 400))
def test_next_date_is_the_first_day_on_which_the_level_comes(levels, number):
    step = ladder.next_step(levels, DUE, day(number))
    if step.reason == ladder.NOT_DUE:
        assert ladder.next_step(levels, DUE, step.on).reason is None
        before = step.on - timedelta(days=1)
        assert ladder.next_step(levels, DUE, before).reason == ladder.NOT_DUE
