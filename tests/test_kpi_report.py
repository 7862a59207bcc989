"""``bin/odoo kpi_report`` as a script sees it: what it prints and returns, and writes not."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import openpyxl
import pytest
from flow_support import copy_database, drop_database, finish, run_script, start

PERIOD = ("--from", "2026-01-15", "--to", "2026-03-31")
MONTHS = ["2026-01", "2026-02", "2026-03"]
FIGURE_KEYS = {"code", "title", "unit", "value", "months"}

#: Two companies; the second one, named like a formula, has sold for 100 and 300 and collected
#: the first, had three incidents and no order of a channel.
SHOP = """
euro = env.ref("base.EUR")
euro.active = True
company = env["res.company"].create({"name": "=2+3", "currency_id": euro.id})
env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.currency_id = euro
env = env(context={"allowed_company_ids": company.ids})
customer = env["res.partner"].create({"name": "Ada"})
for day, amount in (("2026-01-20", 100), ("2026-03-01", 300)):
    invoice = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": customer.id, "company_id": company.id,
        "invoice_date": day, "date": day,
        "invoice_line_ids": [(0, 0, {"name": "Bowl", "price_unit": amount, "tax_ids": []})],
    })
    invoice.action_post()
    if amount == 100:
        env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-02-20"}).action_create_payments()
env["age.incident"]._record([
    {"kind": kind, "company_id": company.id} for kind in ("forged", "mismatch", "expired")
])
env.cr.commit()
"""


def kpi_report(database, *args):
    return finish(start("kpi_report", "-d", database.name, *args))


@pytest.fixture(scope="module")
def database():
    """A database with all our addons, two companies and a few sales."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_kpi_report")
    run_script(database.name, SHOP)
    database.execute(
        "ALTER TABLE age_incident DISABLE TRIGGER USER;"
        "UPDATE age_incident SET date = '2026-02-03';"
        "ALTER TABLE age_incident ENABLE TRIGGER USER"
    )
    yield database
    drop_database(database.name)


@pytest.fixture(scope="module")
def told(database):
    before = database.row_counts()
    outcome = kpi_report(database, *PERIOD, "--json")
    assert database.row_counts() == before, "it has written something"
    assert outcome.code == 0, outcome.stderr
    return outcome


def figures(document, section, company):
    """Code -> figure of a company in a section."""
    [found] = [entry for entry in document["sections"] if entry["code"] == section]
    [rows] = [entry for entry in found["companies"] if entry["company"] == company]
    return {figure["code"]: figure for figure in rows["figures"]}


def test_document_has_the_keys_that_scripts_rely_on(told):
    document = told.document
    assert set(document) == {
        "date_from",
        "date_to",
        "months",
        "companies",
        "sections",
        "summary",
    }
    assert (document["date_from"], document["date_to"]) == ("2026-01-15", "2026-03-31")
    assert document["months"] == MONTHS
    assert {section["code"] for section in document["sections"]} == {
        "age_verification",
        "dunning_tiers",
        "marketplace_invoicing",
    }
    rows = [
        figure
        for section in document["sections"]
        for company in section["companies"]
        for figure in company["figures"]
    ]
    assert all(set(figure) == FIGURE_KEYS for figure in rows)
    assert all(list(figure["months"]) == MONTHS for figure in rows)


def test_each_company_states_its_currency(told):
    stated = {
        entry["company"]: entry["currency"] for entry in told.document["companies"]
    }
    assert stated["=2+3"] == "EUR"
    assert len(stated) == 2
    for section in told.document["sections"]:
        assert {c["company"]: c["currency"] for c in section["companies"]} == stated


def test_amounts_days_and_rates_are_decimal_strings_by_month(told):
    """All of January and March is open at their ends: 17 and 31 days of sales."""
    found = figures(told.document, "dunning_tiers", "=2+3")
    assert found["sales"]["unit"] == "EUR"
    assert found["sales"]["value"] == "400.00"
    assert list(found["sales"]["months"].values()) == ["100.00", "0.00", "300.00"]
    assert list(found["receivable"]["months"].values()) == ["100.00", "0.00", "300.00"]
    assert list(found["dso"]["months"].values()) == ["17.00", None, "31.00"]
    # 300 open of 400 sold in 17 + 28 + 31 days.
    assert (found["dso"]["unit"], found["dso"]["value"]) == ("days", "57.00")


def test_counts_are_numbers_and_a_rate_of_nothing_is_null(told):
    found = figures(told.document, "age_verification", "=2+3")
    assert list(found["incidents"]["months"].values()) == [0, 3, 0]
    assert found["incidents_forged"]["value"] == 1
    assert found["incident_rate"]["value"] is None
    found = figures(told.document, "marketplace_invoicing", "=2+3")
    assert (found["orders_received"]["value"], found["error_rate"]["value"]) == (
        0,
        None,
    )


def test_table_for_people_goes_to_stderr_beside_json(told):
    assert "Traceback" not in told.stderr
    assert "Receivables  =2+3, EUR" in told.stderr


def test_without_json_people_read_it_on_stdout(database):
    outcome = kpi_report(database, *PERIOD)
    assert outcome.code == 0, outcome.stderr
    [sales] = [
        line
        for line in outcome.stdout.splitlines()
        if "Credit Sales" in line and "EUR" in line
    ]
    assert sales.split()[-4:] == ["400.00", "100.00", "0.00", "300.00"]
    assert "2026-01-15 to 2026-03-31: companies 2, sections 3" in outcome.stdout


def test_named_company_alone_is_told(database):
    outcome = kpi_report(database, *PERIOD, "--company", "=2+3", "--json")
    assert [entry["company"] for entry in outcome.document["companies"]] == ["=2+3"]
    assert all(len(s["companies"]) == 1 for s in outcome.document["sections"])


def test_days_to_come_are_left_out(database):
    outcome = kpi_report(
        database, "--from", "2026-01-01", "--to", "9999-12-31", "--json"
    )
    assert outcome.code == 0, outcome.stderr
    assert outcome.document["date_to"] <= datetime.now(timezone.utc).date().isoformat()


def test_spreadsheet_has_a_sheet_for_each_section(database, tmp_path):
    path = tmp_path / "figures.xlsx"
    outcome = kpi_report(database, *PERIOD, "--xlsx", path)
    assert outcome.code == 0, outcome.stderr
    assert f"{path} is written" in outcome.stdout
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "Period"
    assert len(book.sheetnames) == 4
    [sheet] = [sheet for sheet in book.worksheets if "Receivables" in sheet.title]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head[-3:] == tuple(datetime(2026, month, 1) for month in (1, 2, 3))
    [sales] = [row for row in rows if row[0] == "=2+3" and row[2] == "Credit Sales"]
    assert sales[1:] == ("EUR", "Credit Sales", "EUR", 400, 100, 0, 300)
    assert sheet.freeze_panes == "D2"


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--from", "2026-01-01"),
        ("--from", "2026-13-01", "--to", "2026-12-01"),
        ("--from", "01/02/2026", "--to", "2026-12-01"),
        ("--from", "2026-02-01", "--to", "2026-01-31"),
        ("--from", "9999-01-01", "--to", "9999-12-31"),
        ("--from", "0001-01-01", "--to", "2026-01-31"),
        (*PERIOD, "--company", "Nobody"),
        (*PERIOD, "--json", "--xlsx", "both.xlsx"),
        (*PERIOD, "--xlsx", "/no/such/folder/figures.xlsx"),
    ],
)
def test_unusable_arguments_end_with_code_2_and_one_line(database, args):
    outcome = kpi_report(database, *args)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Traceback" not in outcome.stderr
    errors = [line for line in outcome.stderr.splitlines() if ": error: " in line]
    assert len(errors) == 1
    assert not Path("both.xlsx").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("no_such_database", "cannot be opened"), ("postgres", "is not installed")],
)
def test_database_without_figures_ends_with_code_2(name, reason):
    outcome = finish(start("kpi_report", "-d", name, *PERIOD))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert reason in outcome.stderr.splitlines()[-1]
