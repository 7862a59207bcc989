"""The results that are kept: a Markdown file with a section for each group of benchmarks.

A run replaces the sections of the groups that it ran and leaves the others as they are.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .results import COLUMNS, Row, compare, facts

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = """# Results

Written by `./bench NAME... --write`; [README.md](README.md) says what is measured, and how.
"""
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What the rows of a group came from.

    ``moment`` is when the group began, in UTC; ``commit`` the state of the code; ``command`` the
    command line; ``machine`` what ``results.machine`` gives, with the load before and after.
    """

    moment: datetime
    commit: str
    command: str
    machine: dict


def commit() -> str:
    """Return the commit that is checked out, and whether files differ from it.

    Results that were written before do not count as a difference.
    """
    state = _git("rev-parse", "--short=12", "HEAD")
    if state is None:
        return "unknown"
    own = RESULTS.relative_to(ROOT)
    changed = _git("status", "--porcelain", "--", ".", f":(exclude){own}")
    return f"{state} with changes" if changed else state


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ("git", "-C", ROOT, *arguments), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def section(group: str, rows: list[Row], run: Run) -> str:
    """Return what a run found out about a group, as a section of its own."""
    lines = [
        f"## {group}",
        "",
        f"- {run.moment:%Y-%m-%d %H:%M} UTC, commit {run.commit}",
        f"- {facts(run.machine)}",
        f"- `{run.command}`",
        "",
        _cells((*COLUMNS, "rival")),
        _cells(["---"] + ["---:"] * (len(COLUMNS) - 1) + ["---"]),
    ]
    lines += [_cells((*compare(row), row.rival or "-")) for row in rows]
    notes = [f"- {row.bench} {row.size}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def _cells(values) -> str:
    texts = (str(value).replace("|", "\\|") for value in values)
    return f"| {' | '.join(texts)} |"


def merge(text: str, sections: dict[str, str]) -> str:
    """Return the file with new sections, sorted; those of other groups as they were.

    :param text: the file so far, empty when there is none
    :param sections: by group, as :func:`section` makes them
    """
    _before, *found = _HEADING.split(text)
    merged = {
        name.strip(): f"## {name}{body}"
        for name, body in zip(found[::2], found[1::2], strict=True)
    }
    merged |= sections
    parts = [HEAD, *(merged[name] for name in sorted(merged))]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def write(path: Path, group: str, rows: list[Row], run: Run) -> None:
    """Replace the section of a group; a reader finds the old file or the new one, whole."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(merge(text, {group: section(group, rows, run)}), encoding="utf-8")
    draft.replace(path)
