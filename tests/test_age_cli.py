"""``bin/odoo age_check`` as a script sees it: what it prints and returns, and writes not."""

from __future__ import annotations

import os
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from flow_support import copy_database, drop_database, finish, run_script, start

ORDER_KEYS = {
    "order",
    "company",
    "state",
    "buyer",
    "country",
    "country_state",
    "day",
    "verdict",
    "allowed",
    "held_since",
    "message",
    "lines",
    "free_lines",
    "ask",
}
LINE_KEYS = {
    "product",
    "class",
    "verdict",
    "allowed",
    "kind",
    "age",
    "required_bound",
    "rule",
    "source",
    "confidence",
    "warnings",
    "proof",
}

SHOP = """
company = env.company
company.partner_id.tz = "UTC"
company.age_policy_id = env["age.policy"].create({
    "name": "Careful", "min_assurance": "document",
})
germany = env.ref("base.de")
env["age.rule"].search([("country_id", "in", (germany | env.ref("base.sa")).ids)]).active = False
wine = env.ref("age_verification.product_class_alcohol_wine")
spirits = env.ref("age_verification.product_class_alcohol_spirits")
for product_class, country, values in (
    (wine, germany, {"min_age": 16}),
    (spirits, germany, {"min_age": 18}),
    (spirits, env.ref("base.sa"), {"kind": "prohibited"}),
):
    env["age.rule"].create({
        "class_id": product_class.id, "country_id": country.id, "confidence": "primary",
        "source": "https://law.example.com/9", **values,
    })
products = env["product.product"].create([
    {"name": "Riesling", "age_own_class_id": wine.id, "age_abv": 11.5},
    {"name": "Gin", "age_own_class_id": spirits.id, "age_abv": 43},
    {"name": "Cheese"},
])
buyer, prince = env["res.partner"].create([
    {"name": "Ada", "country_id": germany.id},
    {"name": "Prince", "country_id": env.ref("base.sa").id},
])
today = company._get_age_today()
from dateutil.relativedelta import relativedelta
env["age.proof"]._record([{
    "partner_id": buyer.id, "company_id": company.id, "method": "document",
    "assurance": "document", "proved_on": today, "valid_until": today,
    "bound_date": today - relativedelta(years=16),
}])
for name, partner in (("AGE1", buyer), ("AGE2", prince)):
    env["sale.order"].create({
        "name": name, "partner_id": partner.id,
        "order_line": [(0, 0, {"product_id": product.id}) for product in products],
    })
env["age.incident"]._record([
    {"kind": kind, "company_id": company.id} for kind in ("forged", "mismatch", "expired")
])
env.cr.commit()
"""

TAMPER = """
ALTER TABLE age_incident DISABLE TRIGGER USER;
UPDATE age_incident SET note = 'nothing happened' WHERE number = 2;
ALTER TABLE age_incident ENABLE TRIGGER USER
"""


def age_check(database, *args):
    return finish(start("age_check", "-d", database.name, *args))


@pytest.fixture(scope="module")
def database():
    """A shop whose buyer is 16 and wants wine, gin and cheese."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_age_cli")
    run_script(database.name, SHOP)
    yield database
    drop_database(database.name)


@pytest.fixture(scope="module")
def judged(database):
    before = database.row_counts()
    outcome = age_check(database, "--order", "AGE1", "--json")
    assert database.row_counts() == before, "it has written something"
    return outcome


def test_document_has_the_keys_that_scripts_rely_on(judged):
    assert judged.code == 0, judged.stderr
    assert set(judged.document) == {"orders", "summary"}
    [order] = judged.document["orders"]
    assert set(order) == ORDER_KEYS
    assert all(set(line) == LINE_KEYS for line in order["lines"])


def test_each_line_says_what_is_asked_by_which_rule(judged):
    [order] = judged.document["orders"]
    today = date.today()
    wine, gin = order["lines"]
    assert (wine["verdict"], gin["verdict"]) == ("pass", "unproved")
    assert wine["proof"] == {
        "assurance": "document",
        "proved_on": today.isoformat(),
        "valid_until": today.isoformat(),
    }
    required = (today - relativedelta(years=18)).isoformat()
    assert (gin["kind"], gin["age"], gin["required_bound"]) == ("age", 18, required)
    assert gin["source"] == "https://law.example.com/9"
    assert gin["rule"].endswith("Germany: from 18")
    assert (gin["warnings"], gin["proof"]) == ([], None)


def test_order_says_what_to_ask_for(judged):
    [order] = judged.document["orders"]
    assert (order["order"], order["verdict"], order["allowed"]) == (
        "AGE1",
        "unproved",
        False,
    )
    assert (order["country"], order["free_lines"]) == ("DE", 1)
    assert order["ask"]["age"] == 18
    assert order["ask"]["assurance"] == "document"
    assert order["ask"]["required_bound"] == order["lines"][1]["required_bound"]
    summary = judged.document["summary"]
    assert (summary["restricted"], summary["refused"]) == (2, 1)


def test_summary_for_people_goes_to_stderr_beside_json(judged):
    assert "Traceback" not in judged.stderr
    assert "ask: 18 or older" in judged.stderr


def test_nothing_is_asked_for_where_the_sale_is_prohibited(database):
    outcome = age_check(database, "--order", "AGE2", "--json")
    assert outcome.code == 0
    [order] = outcome.document["orders"]
    assert (order["verdict"], order["ask"]) == ("prohibited", None)
    assert order["lines"][1]["required_bound"] is None


def test_without_json_people_read_it_on_stdout(database):
    outcome = age_check(database, "--order", "AGE1")
    assert outcome.code == 0
    assert "unproved   Gin" in outcome.stdout
    assert "1 lines are free" in outcome.stdout


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--order", "NONE"),
        ("--order", "AGE1", "--verify-chain"),
        ("--order",),
    ],
)
def test_unusable_arguments_end_with_code_2(database, args):
    outcome = age_check(database, *args)
    assert outcome.code == 2
    assert outcome.stdout == ""
    assert "Traceback" not in outcome.stderr


def test_database_that_does_not_exist_ends_with_code_2():
    outcome = finish(start("age_check", "-d", "no_such_database", "--order", "AGE1"))
    assert (outcome.code, "cannot be opened" in outcome.stderr) == (2, True)


def test_chain_is_verified_and_a_broken_one_ends_with_code_2(database):
    outcome = age_check(database, "--verify-chain", "--json")
    assert outcome.code == 0, outcome.stderr
    chain = outcome.document["chains"][0]
    assert (chain["incidents"], chain["intact"], chain["broken_at"]) == (3, True, None)
    last = database.value(
        "SELECT digest FROM age_incident ORDER BY number DESC LIMIT 1"
    )
    assert chain["hash"] == last
    database.execute(TAMPER)
    outcome = age_check(database, "--verify-chain", "--json")
    assert outcome.code == 2
    chain = outcome.document["chains"][0]
    assert (chain["intact"], chain["broken_at"], chain["reason"]) == (
        False,
        2,
        "changed",
    )
    assert "broken at 2" in outcome.stderr
