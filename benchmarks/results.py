"""What a benchmark found: rows, the machine, and the two ways to show them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


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


def machine(postgresql: str) -> dict:
    """What the figures depend on; the load tells how much other work there was."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": postgresql,
    }


def document(machine_facts: dict, rows: list[Row]) -> dict:
    """The one JSON document of ``./bench --json``."""
    return {"machine": machine_facts, "rows": [asdict(row) for row in rows]}


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def table(machine_facts: dict, rows: list[Row]) -> str:
    """The same for people; the notes stand below, one for each row that has one."""
    facts = ", ".join(f"{name} {value}" for name, value in machine_facts.items())
    lines = [
        facts,
        "",
        f"{'benchmark':<18}{'size':>7}{'ours s':>9}{'rival s':>9}{'ratio':>8}"
        f"{'queries':>9}{'peak MB':>9}  rival",
    ]
    for row in rows:
        ratio = "-" if row.ratio is None else f"{row.ratio:.1f}"
        lines.append(
            f"{row.bench:<18}{row.size:>7}{_seconds(row.ours_seconds):>9}"
            f"{_seconds(row.rival_seconds):>9}{ratio:>8}{row.queries:>9}{row.peak_mb:>9}"
            f"  {row.rival}"
        )
    lines += ["", *(f"{row.bench} {row.size}: {row.note}" for row in rows if row.note)]
    return "\n".join(lines)
