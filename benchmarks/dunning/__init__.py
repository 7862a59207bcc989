"""Proposing and grouping overdue lines: `dunning_tiers` against `account_credit_control`."""

from __future__ import annotations

import os

from odoo import fields

from .. import contest
from ..results import Lap, Row, best, make_row
from . import ledger, sides

NAMES = tuple(f"dunning.{step}" for step in sides.STEPS)
SIZES = (200, 1000, 4200, 20000)


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time both steps at each size.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with both sides installed and no invoice
    :param sizes: numbers of overdue lines, rounded down to whole customers
    """
    rows, previous = [], None
    for wanted in sizes or SIZES:
        size = max(1, wanted // ledger.INVOICES_EACH) * ledger.INVOICES_EACH
        results = _contest(template, size, rounds, limit)
        _check_same_work(size, results)
        ours, theirs = results
        for step in sides.STEPS:
            rival = sides.AccountCreditControl.name
            note = _growth(size, best(ours[step]), previous, step)
            rows.append(
                make_row(f"dunning.{step}", size, ours[step], rival, theirs[step], note)
            )
        previous = size, {step: best(laps) for step, laps in ours.items()}
    return [row for row in rows if row.bench in names]


def _contest(template, size, rounds, limit):
    contest.say(f"dunning: {size} lines of {size // ledger.INVOICES_EACH} customers")
    name = f"{template}_{os.getpid()}_{size}"  # two may run at once
    with contest.copy_of(template, name) as database:
        with contest.environment(database) as env:
            ledger.build(env, size, fields.Date.today())
        contest.analyze(database)
        pair = (sides.DunningTiers, sides.AccountCreditControl)
        return contest.contest(database, pair, rounds, limit)


def _check_same_work(size, results):
    """Both must have dunned every line, with one notice for each customer."""
    expected = {"propose": size, "group": size // ledger.INVOICES_EACH}
    for laps in results:
        for step, count in expected.items():
            found = {lap.records for lap in laps[step] if not lap.stopped}
            if found - {count}:
                raise contest.BenchmarkError(f"{step}: {count} expected, {found} found")


def _growth(size: int, lap: Lap, previous, step: str) -> str:
    """Our time per line against the size before: 1.0 is exactly linear."""
    if previous is None:
        return ""
    smaller, laps = previous
    factor = (lap.seconds / size) / (laps[step].seconds / smaller)
    return f"our time per line is {factor:.2f} times that at {smaller}"
