"""Pricing orders: core with ordinary price rules against core with `artisan_pricing`."""

from __future__ import annotations

import os
from collections.abc import Callable

from .. import contest
from ..results import Lap, Row, best, make_row
from . import shop, sides

NAMES = (
    "pricing.order",
    "pricing.update",
    "pricing.change",
    "pricing.promote",
    "pricing.confirm",
    "pricing.create",
    "pricing.idle",
    "pricing.post",
)
#: Lines of one order; orders of three lines; invoices of three lines.
SIZES = {
    "pricing.order": (20, 200),
    "pricing.update": (20, 200),
    "pricing.change": (20, 200),
    "pricing.promote": (20, 200),
    "pricing.confirm": (20, 200),
    "pricing.create": (1000,),
    "pricing.idle": (1000,),
    "pricing.post": (300,),
}


def run(
    names: list[str], template: str, sizes: tuple[int, ...], rounds: int, limit: float
) -> list[Row]:
    """Time what orders cost; a ratio below 1 is what the addon costs.

    :param names: those of ``NAMES`` to return
    :param template: name of a database with `sale_loyalty` and without any addon of ours
    :param sizes: instead of ``SIZES``; lines of an order, or numbers of orders
    """
    rows = []
    for pair, build, enable in (
        ((sides.Order, sides.CoreOrder), shop.build_goods, shop.enable),
        ((sides.Create, sides.CoreCreate), shop.build_buyers, shop.enable),
        ((sides.Idle, sides.CoreIdle), shop.build_buyers, shop.leave_idle),
        ((sides.Post, sides.CorePost), shop.build_invoices, shop.enable),
    ):
        wanted = {step: bench for step, bench in pair[0].rows.items() if bench in names}
        for size in _get_sizes(wanted.values(), sizes):
            laps = _contest(template, size, rounds, limit, pair, build, enable)
            rows += [_row(bench, step, size, laps) for step, bench in wanted.items()]
    return rows


def _get_sizes(names, sizes) -> tuple[int, ...]:
    return next((sizes or SIZES[name] for name in names), ())


def _contest(template, size, rounds, limit, pair, build: Callable, enable: Callable):
    contest.say(f"pricing, {', '.join(pair[0].rows.values())}: {size}")
    plain = f"{template}_{os.getpid()}_{size}"
    with contest.copy_of(template, plain) as without:
        with contest.environment(without) as env:
            build(env, size)
        with contest.copy_of(plain, f"{plain}_pricing") as with_addon:
            contest.install(with_addon, "artisan_pricing")
            with contest.environment(with_addon) as env:
                enable(env)
            contest.analyze(without)
            contest.analyze(with_addon)
            return contest.contest((with_addon, without), pair, rounds, limit)


def _row(bench, step, size, laps: tuple[dict[str, list[Lap]], ...]) -> Row:
    ours, theirs = (side.get(step, []) for side in laps)
    note = _overhead(best(ours), best(theirs))
    return make_row(bench, size, ours, sides.RIVAL, theirs, note)


def _overhead(ours: Lap, theirs: Lap | None) -> str:
    if theirs is None or theirs.stopped:
        return ""
    return (
        f"{ours.seconds / theirs.seconds:.2f} times core's time; "
        f"{ours.queries - theirs.queries:+} queries"
    )
