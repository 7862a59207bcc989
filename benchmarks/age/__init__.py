"""Posting invoices of restricted goods: core alone against core with `age_verification`."""

from __future__ import annotations

import os

from .. import contest
from ..results import Row, best, make_row
from . import shop, sides

NAMES = ("age.judge",)
SIZES = (200, 1000)


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time the posting at each size; the ratio below 1 is what the gate costs.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with `sale` and without any addon of ours
    :param sizes: numbers of invoices, each of an order with three lines
    """
    rows = []
    for size in sizes or SIZES:
        ours, theirs = _contest(template, size, rounds, limit)
        note = _overhead(size, best(ours["post"]), best(theirs["post"]))
        rows.append(
            make_row(
                "age.judge",
                size,
                ours["post"],
                sides.Core.name,
                theirs["post"],
                note,
            )
        )
    return [row for row in rows if row.bench in names]


def _contest(template, size, rounds, limit):
    contest.say(f"age: {size} orders of {size} buyers")
    plain = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, plain) as without:
        with contest.environment(without) as env:
            shop.build(env, size)
        with contest.copy_of(plain, f"{plain}_age") as with_addon:
            contest.install(with_addon, "age_verification")
            with contest.environment(with_addon) as env:
                shop.restrict(env)
            contest.analyze(without)
            contest.analyze(with_addon)
            pair = (sides.AgeVerification, sides.Core)
            return contest.contest((with_addon, without), pair, rounds, limit)


def _overhead(size, ours, theirs):
    if theirs is None or theirs.stopped:
        return ""
    share = ours.seconds / theirs.seconds - 1
    return (
        f"overhead {share:+.1%}; {1000 * ours.seconds / size:.2f} ms an order with the "
        f"addon, {1000 * theirs.seconds / size:.2f} without; "
        f"{ours.queries - theirs.queries} queries more"
    )
