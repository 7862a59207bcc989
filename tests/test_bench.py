"""``./bench`` at a tiny size: the document, the same work on both sides, the time limit."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess

import pytest
from flow_support import PATIENCE, ROOT

from benchmarks import parse, report
from benchmarks.results import Lap, make_row

ROW_KEYS = [
    "bench",
    "size",
    "ours_seconds",
    "rival",
    "rival_seconds",
    "ratio",
    "queries",
    "peak_mb",
    "note",
]


def bench(*args):
    """Run ``./bench`` as a newcomer does; without PyPI there is no rival to compare with."""
    process = subprocess.Popen(
        [ROOT / "bench", *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=2 * PATIENCE)
    except subprocess.TimeoutExpired:
        # Each of its processes says where it stands, and ends.
        os.killpg(process.pid, signal.SIGABRT)
        pytest.fail("\n".join(process.communicate()))
    done = subprocess.CompletedProcess(args, process.returncode, stdout, stderr)
    offline = "could not be downloaded from PyPI" in done.stderr
    if offline and os.environ.get("CI") != "true":
        pytest.skip("PyPI cannot be reached")
    return done


@pytest.fixture(scope="module")
def dunning():
    done = bench("dunning", "--json", "--sizes", "40,200", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_document_has_machine_and_a_row_for_each_step_and_size(dunning):
    assert list(dunning) == ["machine", "rows"]
    assert dunning["machine"]["cores"] >= 1
    assert dunning["machine"]["postgresql"]
    assert {"load_before", "load_after"} <= set(dunning["machine"])
    assert [(row["bench"], row["size"]) for row in dunning["rows"]] == [
        ("dunning.propose", 40),
        ("dunning.group", 40),
        ("dunning.propose", 200),
        ("dunning.group", 200),
    ]
    for row in dunning["rows"]:
        assert list(row) == ROW_KEYS


def test_rows_hold_measurements_of_both_sides(dunning):
    for row in dunning["rows"]:
        assert row["ours_seconds"] > 0 and row["rival_seconds"] > 0
        assert row["rival"].startswith("account_credit_control 19.0")
        expected = row["rival_seconds"] / row["ours_seconds"]
        assert row["ratio"] == pytest.approx(expected, rel=0.05, abs=0.1)
        assert row["queries"] > 0 and row["peak_mb"] > 0
        assert re.search(r"CPU \d+\.\d\d s against \d+\.\d\d s", row["note"])


def test_queries_do_not_grow_with_the_lines(dunning):
    for small, large in zip(dunning["rows"][:2], dunning["rows"][2:], strict=True):
        assert small["bench"] == large["bench"]
        assert large["queries"] <= 60
        assert large["queries"] - small["queries"] <= 5


def test_pricing_an_order_takes_queries_of_core_only_for_more_lines():
    done = bench("pricing.order", "--json", "--sizes", "10,40", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    small, large = json.loads(done.stdout)["rows"]
    # Core looks up an analytic distribution model twice for each line.
    assert large["queries"] - small["queries"] <= 2 * 30 + 5
    for row in (small, large):
        assert row["ours_seconds"] > 0 and row["rival_seconds"] > 0


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """Rows of reading and of orders by name, and the file that the results are kept in."""
    kept = tmp_path_factory.mktemp("bench") / "RESULTS.md"
    done = bench(
        *("pipeline", "parse", "--json", "--sizes", "6", "--rounds", "1"),
        f"--write={kept}",
    )
    assert done.returncode == 0, done.stderr
    rows = {row["bench"]: row for row in json.loads(done.stdout)["rows"]}
    return rows, kept.read_text(encoding="utf-8")


def test_orders_to_paid_invoices_are_timed_when_all_are_paid(orders):
    rows, _kept = orders
    # Both sides came to posted and paid invoices, or the run would have failed.
    assert rows["pipeline"]["ratio"] > 0
    assert "queries an order" in rows["pipeline"]["note"]
    assert rows["pipeline_workers"]["rival"] == "one worker"


def test_long_file_is_staged_whole_and_its_memory_named(orders):
    row = orders[0]["pipeline_file"]
    assert "6 orders read and staged" in row["note"]
    assert "6 of them taken to paid invoices" in row["note"]
    peaks = [int(peak) for peak in re.findall(r"peak (\d+) MB", row["note"])]
    assert len(peaks) == 3 and row["peak_mb"] == max(peaks) > 0


def test_reading_is_timed_for_every_format(orders):
    rows, _kept = orders
    assert set(parse.NAMES) <= set(rows)
    assert "orders of 3 lines" in rows["parse.woocommerce.orders.v3"]["note"]
    assert "(18 in the file)" in rows["parse.amazon.settlement.v2"]["note"]


def test_results_are_kept_by_group_with_where_they_come_from(orders):
    rows, kept = orders
    headings = [line for line in kept.splitlines() if line.startswith("## ")]
    assert headings == ["## parse", "## pipeline"]
    for section in kept.split("\n## ")[1:]:
        assert re.search(r"- \d{4}-\d\d-\d\d \d\d:\d\d UTC, commit \w+", section)
        assert "load before" in section and "load after" in section
        assert "`./bench pipeline parse --json --sizes 6 --rounds 1 --write=" in section
    for name, row in rows.items():
        assert f"| {name} | 6 | {row['ours_seconds']:.2f} |" in kept
        assert f"- {name} 6: {row['note']}\n" in kept


def test_part_of_a_group_is_not_kept(tmp_path):
    done = bench("parse.stripe.payouts", f"--write={tmp_path / 'RESULTS.md'}")
    assert done.returncode == 2
    assert "whole groups" in done.stderr
    assert not list(tmp_path.iterdir())


def test_queries_of_a_payout_do_not_grow_with_its_lines():
    done = bench("settlement", "--json", "--sizes", "100,500", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    small, large = json.loads(done.stdout)["rows"]
    assert large["queries"] - small["queries"] <= 100
    for row in (small, large):
        assert row["ratio"] > 1


def test_rival_that_exceeds_the_limit_is_reported_as_stopped():
    done = bench(
        "dunning", "--json", "--sizes", "40", "--rounds", "1", "--limit", "0.01"
    )
    assert done.returncode == 0, done.stderr
    propose, group = json.loads(done.stdout)["rows"]
    assert propose["rival_seconds"] == 0.01
    assert "rival stopped after 0.01 s" in propose["note"]
    assert group["rival_seconds"] is None and group["ratio"] is None
    assert "the rival's step before this one was stopped" in group["note"]


def test_table_is_printed_without_json_and_nothing_is_kept():
    before = report.RESULTS.read_bytes() if report.RESULTS.exists() else None
    done = bench("dunning.group", "--sizes", "40", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    after = report.RESULTS.read_bytes() if report.RESULTS.exists() else None
    assert after == before
    assert "dunning.group" in done.stdout
    assert "dunning.propose" not in done.stdout
    assert "cores " in done.stdout and "load after " in done.stdout


@pytest.mark.parametrize(
    "args",
    [("nonsense",), ("--nonsense",), ("dunning.nonsense",), ("pipeline_nonsense",)],
)
def test_unknown_name_or_option_is_refused(args):
    done = bench(*args)
    assert done.returncode == 2
    assert done.stderr


def test_ratio_compares_time_per_record_of_the_best_turns():
    ours = [Lap(2.0, records=1000, peak_mb=90), Lap(1.0, records=1000, peak_mb=80)]
    theirs = [Lap(3.0, records=100), Lap(4.0, records=100)]
    row = make_row("x", 1000, ours, "other", theirs)
    assert (row.ours_seconds, row.rival_seconds) == (1.0, 3.0)
    assert row.ratio == 30.0
    assert row.peak_mb == 90


def test_ratio_of_a_stopped_rival_is_what_it_had_reached():
    row = make_row(
        "x", 1000, [Lap(2.0, records=1000)], "other", [Lap(300.0, stopped=True)]
    )
    assert row.ratio == 150.0
    assert "stopped after 300 s" in row.note
