"""``bin/odoo dunning_run`` as a script sees it: what it prints, writes, sends and returns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dunning_support import (
    ALL_EMAILS,
    CUSTOMERS,
    received,
    run_dunning,
)
from flow_support import drop_database, finish, run_script, start

RUN_KEYS = {"company", "date", "run", "state", "items", "notices"}
ITEM_KEYS = {
    "invoice",
    "customer",
    "date_due",
    "days_overdue",
    "currency",
    "amount_asked",
    "level",
    "verdict",
    "reasons",
}
NOTICE_KEYS = {
    "notice",
    "kind",
    "customer",
    "email",
    "level",
    "currency",
    "amount_total",
    "state",
    "send_after",
    "reasons",
    "error",
}
VERDICTS = ("send", "wait", "held", "blocked", "stopped")
AUTOMATIC = (
    "UPDATE dunning_policy SET mode = 'automatic', spot_check_percent = 0 WHERE active"
)


def today():
    return date.today().isoformat()


def the_run(outcome):
    (run,) = outcome.document["runs"]
    return run


# -- forecast ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forecast(module_debtors):
    """A dry run, and the number of rows in every table before and after it."""
    before = module_debtors.row_counts()
    outcome = run_dunning(module_debtors, "--dry-run", "--json")
    return outcome, before, module_debtors.row_counts()


def test_dry_run_writes_nothing(forecast):
    outcome, before, after = forecast
    assert outcome.code == 0, outcome.stderr
    assert after == before


def test_document_has_the_keys_that_scripts_rely_on(forecast):
    run = the_run(forecast[0])
    assert set(forecast[0].document) == {"runs", "summary"}
    assert set(run) == RUN_KEYS
    assert all(set(item) == ITEM_KEYS for item in run["items"])
    assert set(forecast[0].summary) >= {"items", "notices", "seconds", *VERDICTS}


def test_dry_run_says_what_a_run_would_do(forecast):
    run = the_run(forecast[0])
    assert (run["run"], run["state"], run["notices"]) == (None, None, [])
    assert run["date"] == today()
    items = {item["customer"]: item for item in run["items"]}
    assert len(items) == CUSTOMERS
    assert {item["verdict"] for item in run["items"]} == {"send"}
    item = items["Customer 5"]
    assert (item["amount_asked"], item["currency"]) == ("105.00", "USD")
    assert (item["days_overdue"], item["level"]) == (8, "Friendly reminder")
    assert item["date_due"] == (date.today() - timedelta(days=8)).isoformat()
    assert item["reasons"] == []


def test_summary_counts_add_up(forecast):
    summary = forecast[0].summary
    assert summary["items"] == CUSTOMERS
    assert {verdict: summary[verdict] for verdict in VERDICTS} == {
        **dict.fromkeys(VERDICTS, 0),
        "send": CUSTOMERS,
    }
    assert summary["notices"] == 0


def test_summary_for_people_goes_to_stderr_beside_json(forecast):
    assert "Traceback" not in forecast[0].stderr
    assert "Customer 5: Friendly reminder" in forecast[0].stderr
    assert f"items {CUSTOMERS}, send {CUSTOMERS}" in forecast[0].stderr


def test_without_json_the_summary_is_on_stdout(module_debtors):
    outcome = run_dunning(module_debtors, "--dry-run")
    assert outcome.code == 0
    assert "Customer 5: Friendly reminder" in outcome.stdout


def test_forecast_of_a_day_to_come_says_who_is_due_then(module_debtors):
    """Two days ago nobody was seven days late."""
    day = date.today() - timedelta(days=2)
    outcome = run_dunning(module_debtors, "--dry-run", "--json", "--date", day)
    run = the_run(outcome)
    assert run["date"] == day.isoformat()
    assert {item["verdict"] for item in run["items"]} == {"wait"}
    assert {item["days_overdue"] for item in run["items"]} == {6}
    day = date.today() + timedelta(days=30)
    outcome = run_dunning(module_debtors, "--dry-run", "--json", "--date", day)
    assert {item["days_overdue"] for item in the_run(outcome)["items"]} == {38}


# -- proposal ----------------------------------------------------------------------------


def test_proposal_is_committed_waits_for_review_and_sends_nothing(debtors, mail):
    outcome = run_dunning(debtors, "--json")
    run = the_run(outcome)
    assert outcome.code == 0, outcome.stderr
    assert run["state"] == "review"
    assert debtors.rows("SELECT name, state FROM dunning_run") == [
        (run["run"], "review")
    ]
    assert debtors.notice_states() == {"review": CUSTOMERS}
    assert all(set(notice) == NOTICE_KEYS for notice in run["notices"])
    notices = {notice["email"]: notice for notice in run["notices"]}
    assert set(notices) == set(ALL_EMAILS)
    notice = notices["customer5@example.com"]
    assert (notice["amount_total"], notice["currency"]) == ("105.00", "USD")
    assert (notice["state"], notice["level"]) == ("review", "Friendly reminder")
    assert mail.recipients() == {}


def test_second_proposal_replaces_the_first(debtors):
    first = the_run(run_dunning(debtors, "--json"))
    second = the_run(run_dunning(debtors, "--json"))
    assert debtors.pairs("SELECT name, state FROM dunning_run") == {
        first["run"]: "cancelled",
        second["run"]: "review",
    }
    assert len(second["notices"]) == CUSTOMERS
    counted = "SELECT count(*) FROM dunning_item WHERE state IN ('open', 'sent')"
    assert debtors.value(counted) == CUSTOMERS


def test_send_sends_nothing_that_nobody_approved(debtors, mail):
    outcome = run_dunning(debtors, "--send", "--json")
    assert outcome.code == 0, outcome.stderr
    assert {notice["state"] for notice in the_run(outcome)["notices"]} == {"review"}
    assert mail.recipients() == {}


def test_send_in_automatic_mode_sends_each_notice_once(debtors, mail):
    debtors.execute(AUTOMATIC)
    outcome = run_dunning(debtors, "--send", "--json")
    run = the_run(outcome)
    assert outcome.code == 0, outcome.stderr
    assert run["state"] == "done"
    assert {notice["state"] for notice in run["notices"]} == {"sent"}
    assert outcome.summary["notices_sent"] == CUSTOMERS
    assert received(mail) == ALL_EMAILS
    again = run_dunning(debtors, "--send", "--json")
    assert the_run(again)["notices"] == []
    assert {item["verdict"] for item in the_run(again)["items"]} == {"wait"}
    assert received(mail) == ALL_EMAILS


def test_proposal_leaves_what_a_person_has_approved(approved):
    run = the_run(run_dunning(approved, "--json"))
    assert approved.notice_states() == {"approved": CUSTOMERS}
    assert {tuple(item["reasons"]) for item in run["items"]} == {("open_notice",)}


# -- what it refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--date", "soon"], "not a date: soon"),
        (["--date", "2999-01-01"], "use --dry-run"),
        (["--policy", "Nobody's"], "no policy named Nobody's"),
        (["--dry-run", "--send"], "not allowed with argument"),
        (["--loudly"], "unrecognized arguments: --loudly"),
    ],
)
def test_unusable_arguments_exit_with_2_and_write_nothing(module_debtors, args, words):
    before = module_debtors.row_counts()
    outcome = run_dunning(module_debtors, "--json", *args)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert words in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert module_debtors.row_counts() == before


def test_no_database_and_missing_database_exit_with_2(module_debtors):
    missing = f"{module_debtors.name}_missing"
    drop_database(missing)
    for args, words in (
        ([], "name one database with -d"),
        (["-d", missing], f"database {missing} cannot be opened"),
    ):
        outcome = finish(start("dunning_run", "--dry-run", *args))
        assert (outcome.code, outcome.stdout) == (2, "")
        assert words in outcome.stderr
        assert "Traceback" not in outcome.stderr


def test_named_policy_is_the_only_one_looked_at(module_debtors):
    """A second policy that no invoice is under has nothing to propose."""
    make = """
env["dunning.policy"].create({"name": "Key accounts"})
env.cr.commit()
"""
    run_script(module_debtors.name, make)
    outcome = run_dunning(
        module_debtors, "--dry-run", "--json", "--policy", "Key accounts"
    )
    assert outcome.code == 0, outcome.stderr
    assert the_run(outcome)["items"] == []
