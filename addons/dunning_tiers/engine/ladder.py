"""Which step of a dunning ladder a debt has reached. Pure: no clock, no database.

The rules, in the order in which they apply:

* levels are ranked by the days past the due date at which they start; a debt climbs one
  level at a time and never skips one, however long nothing was sent;
* a level before the due date is a courtesy: once the debt is overdue it is passed over;
* a level is reached when its days have passed *and* its gap since the last notice that
  counts for this debt has passed;
* after the last level nothing more is sent.
"""

from dataclasses import dataclass
from datetime import date, timedelta

NOT_DUE = "not_due"
LEVEL_GAP = "level_gap"
LADDER_DONE = "ladder_done"
NO_DUE_DATE = "no_due_date"
NO_LEVELS = "no_levels"


@dataclass(frozen=True, slots=True)
class Level:
    """One level: ``days`` past due (negative: before), ``min_gap_days`` since the last."""

    key: int
    days: int
    min_gap_days: int = 0
    is_escalation: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The level that comes next, and why it does not come today.

    :param level: the next level, or None when there is none
    :param reason: a code of this module, or None when the level is reached
    :param on: the first day on which the level can be reached, when that is known
    """

    level: Level | None
    reason: str | None = None
    on: date | None = None


def days_overdue(due: date | None, day: date) -> int:
    """Days past the due date; 0 on the day itself and without a due date: not overdue."""
    return (day - due).days if due else 0


def next_level(levels, last_days, overdue):
    """The level after the last one that counts.

    :param levels: :class:`Level` in ascending order of their days
    :param last_days: ``days`` of the last level that counts, or None for a new debt
    :param overdue: days past due
    """
    for level in levels:
        if last_days is not None and level.days <= last_days:
            continue
        if level.days <= 0 < overdue:
            continue
        return level
    return None


def next_step(levels, due, day, last_days=None, last_date=None):
    """What the ladder says about one debt on one day.

    :param levels: :class:`Level` in ascending order of their days
    :param due: due date of the debt, or None
    :param day: the day to judge
    :param last_days: ``days`` of the last level that counts in this cycle, or None
    :param last_date: date of the notice that made it count, or None
    :rtype: Step
    """
    if not levels:
        return Step(None, NO_LEVELS)
    if due is None:
        return Step(None, NO_DUE_DATE)
    overdue = days_overdue(due, day)
    level = next_level(levels, last_days, overdue)
    if level is None:
        return Step(None, LADDER_DONE)
    reached_on = due + timedelta(days=level.days)
    if day < reached_on:
        return Step(level, NOT_DUE, reached_on)
    if last_date is not None:
        free_on = last_date + timedelta(days=level.min_gap_days)
        if day < free_on:
            return Step(level, LEVEL_GAP, free_on)
    return Step(level, None, day)
