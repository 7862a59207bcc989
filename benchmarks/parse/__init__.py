"""Reading files alone: no database, no Odoo; records per second and memory of each format."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

from .. import contest
from ..results import Row
from . import amazon, ebay, etsy, own, payments, shopify, woocommerce
from .files import File

#: A file of each format that the readers know, by the format's code.
FILES: Mapping[str, File] = {
    code: file
    for module in (amazon, ebay, etsy, shopify, woocommerce, payments, own)
    for code, file in module.FILES.items()
}
NAMES = tuple(f"parse.{code}" for code in FILES)
#: Orders of a file; a settlement has the lines of so many, a list of payouts so many payouts.
SIZES = (5000,)


def run(
    names: list[str],
    template: str | None,
    sizes: tuple[int, ...],
    rounds: int,
    limit: float,
) -> list[Row]:
    """Time the reading of a file of each format.

    :param names: those of ``NAMES`` to return
    :param template: no database is needed
    :param sizes: numbers of orders
    """
    return [
        _run_one(name.removeprefix("parse."), size, rounds)
        for name in names
        for size in sizes or SIZES
    ]


def _run_one(code, orders, rounds):
    """Read a file of so many orders, each time in a process of its own; the best counts."""
    file = FILES[code]
    content = file.build(orders)
    turns = [_run_apart(code, content, orders) for _turn in range(rounds)]
    seconds = min(turn[0] for turn in turns)
    contest.say(f"parse.{code}: {orders} orders in {seconds:.2f} s")
    return Row(
        bench=f"parse.{code}",
        size=orders,
        ours_seconds=round(seconds, 3),
        rival="",
        rival_seconds=None,
        ratio=None,
        queries=0,
        peak_mb=round(max(turn[1] for turn in turns)),
        note=_describe(file, orders, len(content) / 2**20, seconds),
    )


def _describe(file, orders, size, seconds):
    """What was read in a second."""
    count = orders * (file.lines_each if file.unit == "lines" else 1)
    what = file.unit
    if what in ("orders", "refunds"):
        what = f"{what} of {file.lines_each} lines"
    return (
        f"{count / seconds:,.0f} {what} and {size / seconds:.1f} MB a second "
        f"({count:,} in the file)"
    )


def _run_apart(code, content, orders):
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(code, content, sender))
    process.start()
    sender.close()
    try:
        found, counts, seconds, peak = receiver.recv()
    except EOFError as err:
        raise contest.BenchmarkError(f"{code} cannot be read") from err
    finally:
        process.join()
    _check(code, orders, found, counts)
    return seconds, peak


def _check(code, orders, found, counts):
    """A reader that read anything else than the whole file has no time to compare."""
    file = FILES[code]
    expected = {"lines": orders * file.lines_each, "failures": 0}
    if file.unit != "lines":
        expected["records"] = orders
    if found != code:
        raise contest.BenchmarkError(f"a file of {code} was read as {found}")
    if any(counts[name] != count for name, count in expected.items()):
        raise contest.BenchmarkError(
            f"{code}: {expected} expected, {dict(counts)} found"
        )


def opener(code: str) -> Callable[[bytes], tuple[Any, Iterator[Any]]]:
    """Return what gives the format and the records of a file's content, as an import does.

    :param code: a key of ``FILES``, whose profile it is read by where it has one
    """
    # Where the addons lie is known only once the command line is read.
    from odoo.addons.marketplace_invoicing.channels import intake, mapped

    options = FILES[code].profile
    profile = mapped.Profile(**options) if options else None
    platform = code.split(".")[0]
    return lambda content: intake.read(
        BytesIO(content), "file", platform=platform, profile=profile
    )


def _read(code, content, sender):
    from odoo.addons.marketplace_invoicing.channels.base import ParseFailure

    read = opener(code)
    counts = Counter()
    contest.reset_peak()
    started = time.perf_counter()
    fmt, records = read(content)
    for record in records:
        if isinstance(record, ParseFailure):
            counts["failures"] += 1
        else:
            counts["records"] += 1
            # A payment only links others; it has no lines.
            counts["lines"] += len(getattr(record, "lines", ()))
    seconds = time.perf_counter() - started
    sender.send((fmt.code, counts, seconds, contest.peak_mb()))
    sender.close()
