"""Orders to paid invoices: `marketplace_invoicing` against core's way, order by order."""

from __future__ import annotations

import os

from .. import contest
from ..results import Row, best, make_row
from . import shop, sides

NAMES = ("pipeline", "pipeline_workers", "pipeline_file")
SIZES = (200, 1000, 5000)
#: Orders of the comparison of workers; few would leave one of them without work.
WORKERS_SIZES = (2000,)
#: Orders of a long file, and how many of them become invoices unless sizes are asked for.
FILE_SIZES = (50_000,)
FILE_PROCESSED = 1000


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time the way from the file to the paid invoice, two workers on it, and a long file.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with `marketplace_invoicing` and no order
    :param sizes: numbers of orders, each of three lines
    """
    rows = []
    if "pipeline" in names:
        rows += _run_pipeline(template, sizes or SIZES, rounds, limit)
    if "pipeline_workers" in names:
        rows += _run_workers(template, sizes or WORKERS_SIZES, rounds, limit)
    if "pipeline_file" in names:
        rows += [_run_file(template, size, size) for size in sizes]
        if not sizes:
            rows += [_run_file(template, size, FILE_PROCESSED) for size in FILE_SIZES]
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


def _run_file(template, size, processed):
    """One turn: memory does not depend on what else the machine does."""
    contest.say(f"pipeline_file: {size} orders, {processed} of them processed")
    name = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, name) as database:
        with contest.environment(database) as env:
            shop.build(env, size, processed, processed)
        contest.analyze(database)
        laps = contest.run_turn(sides.LongFile, database, None)
    found = {step: lap.records for step, lap in laps.items()}
    if found != {"receive": 1, "stage": size, "process": processed}:
        raise contest.BenchmarkError(f"{size} and {processed} expected, {found} found")
    return Row(
        bench="pipeline_file",
        size=size,
        ours_seconds=round(sum(lap.seconds for lap in laps.values()), 3),
        rival="",
        rival_seconds=None,
        ratio=None,
        queries=sum(lap.queries for lap in laps.values()),
        peak_mb=round(max(lap.peak_mb for lap in laps.values())),
        note=_describe_file(laps),
    )


def _describe_file(laps):
    """What was done with the file, and the memory of each step."""
    words = {
        "receive": "file received",
        "stage": "orders read and staged",
        "process": "of them taken to paid invoices",
    }
    return "; ".join(
        f"{lap.records:,} {words[step]} in {lap.seconds:.1f} s (CPU {lap.cpu_seconds:.1f} s), "
        f"peak {lap.peak_mb:.0f} MB"
        for step, lap in laps.items()
    )


def _contest(template, size, rounds, limit, pair):
    contest.say(f"{pair[0].name}: {size} orders of {shop.LINES_EACH} lines")
    name = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, name) as database:
        with contest.environment(database) as env:
            steps = sides.CoreLoop.steps
            counts = [sides.CoreLoop.get_count(step, size) for step in steps]
            shop.build(env, size, max(size, sum(counts)))
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
