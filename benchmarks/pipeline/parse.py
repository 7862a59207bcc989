"""Reading files alone: no database, no Odoo; orders per second and memory of each format."""

from __future__ import annotations

import multiprocessing
import time
from io import BytesIO

from .. import contest
from ..results import Row
from . import files, shop

ORDERS = 5000


def run(bench: str, code: str, orders: int, rounds: int) -> Row:
    """Read a file of so many orders, each time in a process of its own; the best counts.

    :param bench: name of the row
    :param code: the format, a key of ``files.FILES``
    """
    content = files.FILES[code](orders)
    turns = [_run_apart(code, content, orders) for _turn in range(rounds)]
    seconds = min(turn[0] for turn in turns)
    contest.say(f"{bench}: {orders} orders in {seconds:.2f} s")
    size = len(content) / 2**20
    return Row(
        bench=bench,
        size=orders,
        ours_seconds=round(seconds, 3),
        rival="",
        rival_seconds=None,
        ratio=None,
        queries=0,
        peak_mb=round(max(turn[1] for turn in turns)),
        note=f"{orders / seconds:,.0f} orders of {shop.LINES_EACH} lines and "
        f"{size / seconds:.1f} MB a second",
    )


def _run_apart(code, content, orders):
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(code, content, sender))
    process.start()
    sender.close()
    try:
        found, count, seconds, peak = receiver.recv()
    except EOFError as err:
        raise contest.BenchmarkError(f"{code} cannot be read") from err
    finally:
        process.join()
    if (found, count) != (code, orders):
        raise contest.BenchmarkError(f"{count} orders of {found} in a file of {code}")
    return seconds, peak


def _read(code, content, sender):
    # Where the addons lie is known only once the command line is read.
    from odoo.addons.marketplace_invoicing.channels import intake
    from odoo.addons.marketplace_invoicing.channels.base import ParsedOrder

    contest.reset_peak()
    started = time.perf_counter()
    fmt, records = intake.read(BytesIO(content), "orders", platform=code.split(".")[0])
    count = sum(isinstance(record, ParsedOrder) for record in records)
    sender.send((fmt.code, count, time.perf_counter() - started, contest.peak_mb()))
    sender.close()
