"""``./bench --write``: a run replaces its own sections of the kept results, and no others."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from benchmarks import report
from benchmarks.results import Row, machine

FACTS = machine("15.18", 0.25, 1.5)
RUN = report.Run(
    datetime(2026, 11, 23, 4, 5, tzinfo=timezone.utc),
    "0123456789ab",
    "./bench one --write",
    FACTS,
)


def row(bench: str = "one.step", **values) -> Row:
    return Row(
        **{
            "bench": bench,
            "size": 5000,
            "ours_seconds": 1.5,
            "rival": "core",
            "rival_seconds": 15.0,
            "ratio": 10.0,
            "queries": 12_345,
            "peak_mb": 321,
            "note": "as it goes",
            **values,
        }
    )


def test_section_names_moment_commit_machine_command_figures_and_notes() -> None:
    text = report.section("one", [row(), row("one.alone", rival="", ratio=None)], RUN)
    heading, _empty, moment, facts, command, *rest = text.splitlines()
    assert heading == "## one"
    assert moment == "- 2026-11-23 04:05 UTC, commit 0123456789ab"
    assert f"cores {FACTS['cores']}" in facts and "postgresql 15.18" in facts
    assert "load before 0.25, load after 1.5" in facts
    assert command == "- `./bench one --write`"
    assert rest == [
        "",
        "| benchmark | size | ours s | rival s | ratio | queries | peak MB | rival |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        "| one.step | 5,000 | 1.50 | 15.00 | 10.0 | 12,345 | 321 | core |",
        "| one.alone | 5,000 | 1.50 | 15.00 | - | 12,345 | 321 | - |",
        "",
        "- one.step 5000: as it goes",
        "- one.alone 5000: as it goes",
    ]


def test_bar_in_a_name_does_not_break_the_table() -> None:
    text = report.section("one", [row(rival="a|b")], RUN)
    assert "| a\\|b |" in text


def test_new_section_replaces_its_own_and_leaves_the_others() -> None:
    others = {
        "two": "## two\n\n- old\n\n| a |\n| --- |\n| 1 |\n",
        "alpha": "## alpha\n\n### more\n\ntext\n",
    }
    before = report.merge("", others | {"one": "## one\n\n- old one\n"})
    after = report.merge(before, {"one": "## one\n\n- new one\n"})
    assert after == before.replace("- old one", "- new one")
    assert after.startswith("# Results\n")


def test_sections_are_sorted_whatever_ran_first() -> None:
    text = ""
    for name in ("pipeline", "age", "parse"):
        text = report.merge(text, {name: f"## {name}\n\n- x\n"})
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## age", "## parse", "## pipeline"]
    assert report.merge(text, {}) == text


def test_file_is_made_and_then_kept_up(tmp_path) -> None:
    path = tmp_path / "RESULTS.md"
    report.write(path, "two", [row("two")], RUN)
    report.write(path, "one", [row("one")], RUN)
    report.write(path, "two", [row("two", queries=7)], RUN)
    text = path.read_text(encoding="utf-8")
    assert text.count("## one\n") == text.count("## two\n") == 1
    assert "| two | 5,000 | 1.50 | 15.00 | 10.0 | 7 | 321 | core |" in text
    assert "| one | 5,000 | 1.50 | 15.00 | 10.0 | 12,345 | 321 | core |" in text
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("changed", [False, True])
def test_commit_says_whether_the_code_differs(monkeypatch, changed) -> None:
    answers = {"rev-parse": "0123456789ab", "status": " M bench" if changed else ""}
    monkeypatch.setattr(report, "_git", lambda command, *_args: answers[command])
    assert report.commit() == "0123456789ab" + (" with changes" if changed else "")
    monkeypatch.setattr(report, "_git", lambda *_args: None)
    assert report.commit() == "unknown"
