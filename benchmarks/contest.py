"""Two sides in turn, A B A B, each turn in a process and on a copy of the database of its own.

So every turn starts from the same rows, statistics and empty caches, whatever the other side
did, and may commit after each step as it would in production.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

from .results import Lap


class BenchmarkError(RuntimeError):
    """The two sides cannot be compared, or one of them failed."""


class Side(Protocol):
    """One side of a contest; made with an environment, then its steps run in order."""

    name: str
    #: Names of the steps in order, each a method.
    steps: tuple[str, ...]

    def __init__(self, env: api.Environment) -> None: ...

    def before(self, step: str) -> None:
        """Prepare a step; not timed."""

    def count(self, step: str) -> int:
        """How many records the step made; not timed."""


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


# -- databases ---------------------------------------------------------------------------


def _postgres(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def drop_database(name: str) -> None:
    sql_db.close_db(name)
    _postgres("dropdb", "--if-exists", "--force", name)
    shutil.rmtree(Path(config.filestore(name)), ignore_errors=True)


@contextmanager
def copy_of(template: str, name: str) -> Iterator[str]:
    """A database for as long as the block lasts; attachments are not copied."""
    drop_database(name)
    sql_db.close_db(template)
    _postgres("createdb", "-T", template, name)
    try:
        yield name
    finally:
        drop_database(name)


def postgresql_version() -> str:
    """The server's version number, for example ``15.14``."""
    with sql_db.db_connect("postgres").cursor() as cr:
        cr.execute("SHOW server_version")
        return cr.fetchone()[0].split()[0]


@contextmanager
def environment(database: str) -> Iterator[api.Environment]:
    """An environment of the superuser, committed when the block ends well."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def install(database: str, addon: str) -> None:
    """Install an addon, in a process of its own."""
    command = (sys.executable, "-m", "odoo", "server", "-d", database, "-i", addon)
    options = ("--stop-after-init", "--no-http", "--log-level=error")
    subprocess.run((*command, *options), check=True)


def analyze(database: str) -> None:
    """Give the planner its statistics, as autovacuum does in production."""
    _postgres("psql", "-X", "-q", "-d", database, "-c", "VACUUM ANALYZE")


# -- one turn ----------------------------------------------------------------------------


class _Statements:
    """Counts what goes to PostgreSQL, through core's hook for its own profiler."""

    def __init__(self) -> None:
        self.total = self.inserts = 0

    def __call__(self, cr, query, params, start, delay) -> None:
        self.total += 1
        self.inserts += query.lstrip()[:6].upper() == "INSERT"


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BenchmarkError("the system does not tell a process's peak memory")


def _backend_cpu(env: api.Environment) -> float:
    """CPU seconds of the PostgreSQL process that serves us; 0 when it runs elsewhere."""
    folder = Path(f"/proc/{env.cr.connection.get_backend_pid()}")
    try:
        if (folder / "comm").read_text().strip() != "postgres":
            return 0.0
        times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def _lap(side: Side, env: api.Environment, step: str) -> Lap:
    side.before(step)
    env.cr.commit()
    env.invalidate_all()
    statements = _Statements()
    thread = threading.current_thread()
    gc.collect()
    reset_peak()
    thread.query_hooks = (statements,)
    cpu = time.process_time() + _backend_cpu(env)
    started = time.perf_counter()
    getattr(side, step)()
    env.cr.commit()  # flushes what is still in the cache
    seconds = time.perf_counter() - started
    cpu = time.process_time() + _backend_cpu(env) - cpu
    thread.query_hooks = ()
    return Lap(
        seconds=seconds,
        cpu_seconds=cpu,
        queries=statements.total,
        inserts=statements.inserts,
        peak_mb=peak_mb(),
        records=side.count(step),
    )


def _turn(side_class: type[Side], database: str, report) -> None:
    """Run all steps in this process; report each when it is done."""
    try:
        with environment(database) as env:
            side = side_class(env)
            for step in side.steps:
                report.send((step, asdict(_lap(side, env, step))))
    except Exception:
        report.send((None, traceback.format_exc()))
    finally:
        report.close()
        sys.stderr.flush()
        os._exit(0)  # no clean-up of what belongs to the parent


def _receive(receiver, limit: float | None):
    if not receiver.poll(limit):
        return None
    step, message = receiver.recv()
    if step is None:
        raise BenchmarkError(message)
    return message


def run_turn(
    side_class: type[Side], database: str, limit: float | None
) -> dict[str, Lap]:
    """Run a side's steps in a process of its own; a step that exceeds the limit ends it."""
    sql_db.close_all()
    context = multiprocessing.get_context("fork")  # the registry comes with it
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_turn, args=(side_class, database, sender))
    process.start()
    sender.close()
    laps = {}
    try:
        for step in side_class.steps:
            facts = _receive(receiver, limit)
            if facts is None:
                laps[step] = Lap(limit, stopped=True)
                break
            laps[step] = Lap(**facts)
    except EOFError as err:
        raise BenchmarkError(f"{side_class.name}: the process died") from err
    finally:
        process.kill()
        process.join()
    return laps


# -- the contest -------------------------------------------------------------------------


def _tell(side_class: type[Side], turn: int, laps: dict[str, Lap]) -> None:
    parts = [
        f"{step} stopped after {lap.seconds:g} s"
        if lap.stopped
        else f"{step} {lap.seconds:.2f} s, {lap.queries} queries, {lap.records} records"
        for step, lap in laps.items()
    ]
    say(f"turn {turn}, {side_class.name}: {'; '.join(parts)}")


def contest(
    filled: str | tuple[str, str],
    sides: tuple[type[Side], type[Side]],
    rounds: int,
    limit: float,
) -> tuple[dict[str, list[Lap]], dict[str, list[Lap]]]:
    """Let both sides take turns on copies of a filled database.

    :param filled: name of the database, or one for each side
    :param limit: seconds after which a step of the second side, the rival, is stopped; it
        gets no more turns then.
    :return: for each side the laps of each step
    """
    databases = (filled, filled) if isinstance(filled, str) else filled
    results = tuple({step: [] for step in side.steps} for side in sides)
    out_of_time = False
    for turn in range(1, rounds + 1):
        for index, side in enumerate(sides):
            if index and out_of_time:
                continue
            source = databases[index]
            with copy_of(source, f"{source}_turn") as database:
                Registry(database)
                laps = run_turn(side, database, limit if index else None)
            _tell(side, turn, laps)
            for step, lap in laps.items():
                results[index][step].append(lap)
                out_of_time = out_of_time or lap.stopped
    return results
