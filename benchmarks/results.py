"""What a benchmark found: rows, the machine, and the two ways to show them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

#: What a table says of a row, as :func:`compare` gives it; the rival's name comes last.
COLUMNS = ("benchmark", "size", "ours s", "rival s", "ratio", "queries", "peak MB")


@dataclass(frozen=True, slots=True)
class Lap:
    """One step of one turn.

    ``seconds`` is wall time up to and including the commit, ``cpu_seconds`` what our process
    and a local PostgreSQL's computed meanwhile, ``queries`` the statements sent to PostgreSQL,
    ``inserts`` those of them that are INSERT, ``records`` what the step made and ``peak_mb`` the
    highest resident memory of the whole process, in MiB. ``stopped``: the step was not done
    after so many seconds; then it made nothing.
    """

    seconds: float
    cpu_seconds: float = 0.0
    queries: int = 0
    inserts: int = 0
    records: int = 0
    peak_mb: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result; ``ratio`` is the rival's time per record divided by ours."""

    bench: str
    size: int
    ours_seconds: float
    rival: str
    rival_seconds: float | None
    ratio: float | None
    queries: int
    peak_mb: int
    note: str


def best(laps: Iterable[Lap]) -> Lap | None:
    """The fastest turn: on a machine with other work, noise only ever adds time."""
    return min(laps, key=lambda lap: (lap.stopped, lap.seconds), default=None)


def make_row(
    bench: str,
    size: int,
    ours: list[Lap],
    rival: str,
    theirs: list[Lap],
    note: str = "",
) -> Row:
    """Compare the best turn of each side; a stopped rival gives a ratio of at least."""
    mine, other = best(ours), best(theirs)
    notes = [f"{mine.inserts} of our queries insert", _rival_note(ours, theirs), note]
    return Row(
        bench=bench,
        size=size,
        ours_seconds=round(mine.seconds, 3),
        rival=rival,
        rival_seconds=round(other.seconds, 3) if other else None,
        ratio=round(_ratio(mine, other), 1) if other else None,
        queries=mine.queries,
        peak_mb=round(max(lap.peak_mb for lap in ours)),
        note="; ".join(filter(None, notes)),
    )


def _ratio(mine: Lap, other: Lap) -> float:
    if other.stopped:
        return other.seconds / mine.seconds
    return (other.seconds / other.records) / (mine.seconds / mine.records)


def _rival_note(ours: list[Lap], theirs: list[Lap]) -> str:
    other = best(theirs)
    if other is None:
        return "the rival's step before this one was stopped"
    if other.stopped:
        return f"rival stopped after {other.seconds:g} s, so the ratio is more"
    mine_cpu, other_cpu = (
        min(lap.cpu_seconds for lap in laps if not lap.stopped)
        for laps in (ours, theirs)
    )
    return (
        f"rival {other.queries} queries; CPU {mine_cpu:.2f} s against {other_cpu:.2f} s"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load() -> float:
    """How many processes wanted to run during the last minute, those of other work included."""
    return round(os.getloadavg()[0], 2)


def machine(postgresql: str, load_before: float, load_after: float) -> dict:
    """What the figures depend on.

    :param load_before: :func:`load` when the first benchmark began; it tells of other work
    :param load_after: the same at the end, where the benchmark's own work counts as well
    """
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30),
        "load_before": load_before,
        "load_after": load_after,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": postgresql,
    }


def document(machine_facts: dict, rows: list[Row]) -> dict:
    """The one JSON document of ``./bench --json``."""
    return {"machine": machine_facts, "rows": [asdict(row) for row in rows]}


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def compare(row: Row) -> tuple[str, ...]:
    """The figures of a row as text: name, size, seconds of both, ratio, queries, peak MB."""
    return (
        row.bench,
        f"{row.size:,}",
        _seconds(row.ours_seconds),
        _seconds(row.rival_seconds),
        "-" if row.ratio is None else f"{row.ratio:.1f}",
        f"{row.queries:,}",
        str(row.peak_mb),
    )


def facts(machine_facts: dict) -> str:
    """The machine in one line."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in machine_facts.items()
    )


def table(machine_facts: dict, rows: list[Row]) -> str:
    """The same for people; the notes stand below, one for each row that has one."""
    cells = [COLUMNS, *(compare(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [facts(machine_facts), ""]
    for row, rival in zip(cells, ["rival", *(row.rival for row in rows)], strict=True):
        texts = [row[0].ljust(widths[0])]
        texts += [
            text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join([*texts, rival]).rstrip())
    lines += ["", *(f"{row.bench} {row.size}: {row.note}" for row in rows if row.note)]
    return "\n".join(lines)
