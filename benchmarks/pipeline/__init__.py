"""Orders to paid invoices: `marketplace_invoicing` against core's way, order by order."""

from __future__ import annotations

import os

from .. import contest
from ..results import Row, best, make_row
from . import files, parse, shop, sides

PARSE = {f"parse.{code}": code for code in files.FILES}
NAMES = ("pipeline", "pipeline_workers", *PARSE)
SIZES = (200, 1000, 5000)
#: Orders of the comparison of workers; few would leave one of them without work.
WORKERS_SIZES = (2000,)


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time the way from the file to the paid invoice, two workers on it, and the reading alone.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with `marketplace_invoicing` and no order
    :param sizes: numbers of orders, each of three lines
    """
    rows = []
    if "pipeline" in names:
        rows += _run_pipeline(template, sizes or SIZES, rounds, limit)
    if "pipeline_workers" in names:
        rows += _run_workers(template, sizes or WORKERS_SIZES, rounds, limit)
    for bench, code in PARSE.items():
        if bench in names:
            rows += [
                parse.run(bench, code, size, rounds)
                for size in sizes or (parse.ORDERS,)
            ]
    return rows


def _run_pipeline(template, sizes, rounds, limit):
    rows, smallest = [], None
    for size in sizes:
        pair = (sides.Pipeline, sides.CoreLoop)
        ours, theirs = _contest(template, size, rounds, limit, pair)
        mine = best(ours["pipeline"])
        _check_same_work(size, mine, theirs)
        smallest = smallest or mine
        rows.append(
            make_row(
                "pipeline",
                size,
                ours["pipeline"],
                sides.CoreLoop.name,
                theirs["second"] or theirs["first"],
                "; ".join([_per_order(mine, smallest), *_linearity(theirs)]),
            )
        )
    return rows


def _run_workers(template, sizes, rounds, limit):
    rows = []
    for size in sizes:
        pair = (sides.TwoWorkers, sides.OneWorker)
        ours, theirs = _contest(template, size, rounds, limit, pair)
        laps = ours["pipeline"] + theirs["pipeline"]
        found = {lap.records for lap in laps if not lap.stopped}
        if found - {size}:
            raise contest.BenchmarkError(f"{size} invoices expected, {found} found")
        rows.append(
            make_row(
                "pipeline_workers",
                size,
                ours["pipeline"],
                sides.OneWorker.name,
                theirs["pipeline"],
                "queries, memory and CPU are those of the process that waits",
            )
        )
    return rows


def _contest(template, size, rounds, limit, pair):
    contest.say(f"{pair[0].name}: {size} orders of {shop.LINES_EACH} lines")
    name = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, name) as database:
        with contest.environment(database) as env:
            steps = sides.CoreLoop.steps
            counts = [sides.CoreLoop.get_count(step, size) for step in steps]
            shop.build(env, size, sum(counts))
        contest.analyze(database)
        return contest.contest(database, pair, rounds, limit)


def _check_same_work(size, mine, theirs):
    """Both must have come to posted and paid invoices."""
    expected = [(size, [mine])]
    for step in sides.CoreLoop.steps:
        expected.append((sides.CoreLoop.get_count(step, size), theirs[step]))
    for count, laps in expected:
        found = {lap.records for lap in laps if not lap.stopped}
        if found - {count}:
            raise contest.BenchmarkError(
                f"{count} paid invoices expected, {found} found"
            )


def _per_order(lap, smallest):
    """What an order of ours takes, and how that changes with the size."""
    growth = (lap.seconds / lap.records) / (smallest.seconds / smallest.records)
    return (
        f"{lap.records / lap.seconds:.1f} orders/s, "
        f"{1000 * lap.seconds / lap.records:.1f} ms and "
        f"{lap.queries / lap.records:.1f} queries an order, "
        f"{growth:.2f} times the time of one at {smallest.records}"
    )


def _linearity(theirs):
    """How the rival was timed: on a slice, as its time for an order stays the same."""
    first, second = best(theirs["first"]), best(theirs["second"])
    if not first or not second or second.stopped:
        return []
    times = [1000 * lap.seconds / lap.records for lap in (first, second)]
    return [
        f"rival timed on {first.records} orders ({times[0]:.0f} ms each), then on "
        f"{second.records} ({times[1]:.0f} ms each)"
    ]
