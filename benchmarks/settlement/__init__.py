"""Payouts into the books: `marketplace_invoicing` against core, order by order."""

from __future__ import annotations

import os

from .. import contest
from ..results import Lap, Row, best, make_row
from . import ledger, sides

NAMES = ("settlement",)
#: Lines of one payout.
SIZES = (1000, 3000, 10_000)


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time a payout's way from the file to the entry that has paid its orders.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with `marketplace_invoicing` and no order
    :param sizes: numbers of lines, a sale and a fee of each order
    """
    rows, smallest = [], None
    for size in sizes or SIZES:
        ours, theirs = _contest(template, size, rounds, limit)
        _check_same_work(size, ours, theirs)
        whole = [_add(laps) for laps in zip(*ours.values(), strict=True)]
        smallest = smallest or best(whole)
        rows.append(
            make_row(
                "settlement",
                size,
                whole,
                sides.CoreLoop.name,
                theirs["second"] or theirs["first"],
                "; ".join([_describe(ours, smallest), *_linearity(theirs)]),
            )
        )
    return [row for row in rows if row.bench in names]


def _add(laps: tuple[Lap, ...]) -> Lap:
    """One turn as a whole: import and posting."""
    return Lap(
        seconds=sum(lap.seconds for lap in laps),
        cpu_seconds=sum(lap.cpu_seconds for lap in laps),
        queries=sum(lap.queries for lap in laps),
        inserts=sum(lap.inserts for lap in laps),
        peak_mb=max(lap.peak_mb for lap in laps),
        records=laps[-1].records,
    )


def _contest(template, size, rounds, limit):
    contest.say(f"settlement: a payout of {size} lines")
    name = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, name) as database:
        with contest.environment(database) as env:
            ledger.build(env, size // ledger.LINES_EACH)
        contest.analyze(database)
        pair = (sides.Settlement, sides.CoreLoop)
        return contest.contest(database, pair, rounds, limit)


def _check_same_work(size, ours, theirs):
    """Both must have paid the orders they were to pay."""
    orders = size // ledger.LINES_EACH
    expected = [(size, ours["stage"]), (size, ours["post"])]
    expected += [
        (min(count, orders // 2) * ledger.LINES_EACH, theirs[step])
        for step, count in sides.CoreLoop.slices.items()
    ]
    for count, laps in expected:
        found = {lap.records for lap in laps if not lap.stopped}
        if found - {count}:
            raise contest.BenchmarkError(f"{count} lines expected, {found} found")


def _describe(ours, smallest):
    """What each step takes, and how the time of a line changes with the size."""
    steps = {step: best(laps) for step, laps in ours.items()}
    parts = [
        f"{name} {lap.seconds:.2f} s, {lap.queries} queries"
        for name, lap in steps.items()
    ]
    each = sum(lap.seconds for lap in steps.values()) / steps["post"].records
    growth = each / (smallest.seconds / smallest.records)
    parts.append(
        f"{1000 * each:.2f} ms a line, {growth:.2f} times that at {smallest.records}"
    )
    return "; ".join(parts)


def _linearity(theirs):
    """How the rival was timed: on slices, as its time for an order stays the same."""
    first, second = best(theirs["first"]), best(theirs["second"])
    if not first or not second or second.stopped:
        return []
    times = [1000 * lap.seconds / lap.records for lap in (first, second)]
    return [
        f"rival timed on {first.records} lines ({times[0]:.1f} ms each), then on "
        f"{second.records} ({times[1]:.1f} ms each)"
    ]
