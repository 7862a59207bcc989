"""Incidents are written in processes of their own: rolled back, at once, and killed."""

from __future__ import annotations

import itertools
import os

import pytest
from flow_support import (
    PATIENCE,
    copy_database,
    drop_database,
    finish,
    kill,
    run_script,
    start_script,
    wait_until,
)

#: Rows that each of two processes writes.
EACH = 60

#: A sale is refused while its transaction holds the order, buyer and company locked; the
#: order itself is not committed yet, and never will be.
REFUSED = """
company = env.company
company.age_policy_id = env["age.policy"].create({"name": "Standard"})
germany = env.ref("base.de")
spirits = env.ref("age_verification.product_class_alcohol_spirits")
env["age.rule"].search([("country_id", "=", germany.id)]).active = False
env["age.rule"].create({
    "class_id": spirits.id, "country_id": germany.id, "kind": "prohibited",
    "source": "https://law.example.com", "confidence": "primary",
})
gin = env["product.product"].create({"name": "Gin", "age_own_class_id": spirits.id})
buyer = env["res.partner"].create({"name": "Ada", "country_id": germany.id})
env.cr.commit()
order = env["sale.order"].create({
    "partner_id": buyer.id, "order_line": [(0, 0, {"product_id": gin.id})],
})
env.flush_all()
for records in (order, buyer, company, env.user, company.partner_id):
    records.lock_for_update()
try:
    order.action_confirm()
    raise AssertionError("confirmed")
except Exception as error:
    assert "may not be sold" in str(error), error
env.cr.rollback()
"""

#: A committed order is refused twice within a minute.
REFUSED_AGAIN = """
germany = env.ref("base.de")
spirits = env.ref("age_verification.product_class_alcohol_spirits")
gin = env["product.product"].create({"name": "Gin", "age_own_class_id": spirits.id})
buyer = env["res.partner"].create({"name": "Ada", "country_id": germany.id})
order = env["sale.order"].create(
    {"partner_id": buyer.id, "order_line": [(0, 0, {"product_id": gin.id})]}
)
env.cr.commit()
for _attempt in range(2):
    order.lock_for_update()
    try:
        order.action_confirm()
        raise AssertionError("confirmed")
    except Exception as error:
        assert "is not confirmed" in str(error), error
    env.cr.rollback()
"""

#: Two deliveries without an order to the same buyer within a minute, and the first again.
DELIVERED = """
company = env.company
company.age_policy_id = env["age.policy"].create({"name": "Standard"})
germany = env.ref("base.de")
spirits = env.ref("age_verification.product_class_alcohol_spirits")
env["age.rule"].search([("country_id", "=", germany.id)]).active = False
env["age.rule"].create({
    "class_id": spirits.id, "country_id": germany.id, "kind": "prohibited",
    "source": "https://law.example.com", "confidence": "primary",
})
gin = env["product.product"].create({"name": "Gin", "age_own_class_id": spirits.id})
buyer = env["res.partner"].create({"name": "Ada", "country_id": germany.id})
warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
deliveries = env["stock.picking"].create([{
    "name": name, "partner_id": buyer.id, "picking_type_id": warehouse.out_type_id.id,
    "move_ids": [(0, 0, {"product_id": gin.id, "product_uom_qty": 1})],
} for name in ("FIRST", "SECOND")])
deliveries.action_confirm()
deliveries.move_ids.quantity = 1
env.cr.commit()
for delivery in (*deliveries, deliveries[0]):
    try:
        delivery.button_validate()
        raise AssertionError("delivered")
    except Exception as error:
        assert "may not be sold" in str(error), error
    env.cr.rollback()
"""

WRITE = """
order = 1000 * {number}
for at in range({count}):
    env["age.incident"]._record([
        {{"kind": "underage", "company_id": env.company.id, "order_id": order + at}},
        {{"kind": "expired", "company_id": env.company.id, "order_id": order + at}},
    ])
    env.cr.rollback()
"""

#: Both processes have started before either writes.
TOGETHER = """
import pathlib, time
folder = pathlib.Path({folder!r})
(folder / "{number}").touch()
while len(list(folder.iterdir())) < 2:
    time.sleep(0.01)
"""

VERIFY = """
company = env.company
count, digest, broken = env["age.incident"]._verify_chains(company)[company]
print("CHAIN", count, broken)
"""


def verify(database):
    """Number of incidents in the chain, and what is wrong with it."""
    [line] = [
        line
        for line in run_script(database.name, VERIFY).stdout.splitlines()
        if "CHAIN" in line
    ]
    count, broken = line.split("CHAIN ")[1].split(" ", 1)
    return int(count), broken


@pytest.fixture(scope="module")
def numbers():
    return itertools.count(1)


@pytest.fixture
def database(numbers):
    """A fresh database with our addons, for one test."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(
        template, f"{config['db_name'][0]}_incident_{next(numbers)}"
    )
    yield database
    drop_database(database.name)


def test_refused_sale_is_on_record_after_the_rollback_of_all_that_it_locked(database):
    run_script(database.name, REFUSED)
    assert database.rows("SELECT kind, number FROM age_incident") == [("prohibited", 1)]
    assert database.value("SELECT count(*) FROM age_check") == 0
    assert verify(database) == (1, "None")


def test_refused_attempt_is_kept_as_evidence_once(database):
    run_script(database.name, REFUSED_AGAIN)
    rows = database.rows(
        "SELECT gate, verdict, state, proof_id FROM age_check"
        " JOIN sale_order ON sale_order.id = order_id"
    )
    assert rows == [("confirm", "unproved", "draft", None)]


def test_refused_deliveries_without_an_order_are_kept_as_evidence_each(database):
    run_script(database.name, DELIVERED)
    assert database.rows("SELECT kind, document FROM age_incident ORDER BY number") == [
        ("prohibited", "FIRST"),
        ("prohibited", "SECOND"),
    ]
    assert database.rows(
        "SELECT gate, verdict, document FROM age_check ORDER BY id"
    ) == [("delivery", "prohibited", "FIRST"), ("delivery", "prohibited", "SECOND")]


def test_two_processes_at_once_write_one_chain(database, tmp_path):
    script = TOGETHER + WRITE
    processes = [
        start_script(
            database, script.format(number=number, count=EACH, folder=str(tmp_path))
        )
        for number in (1, 2)
    ]
    for process in processes:
        outcome = finish(process)
        assert outcome.code == 0 and not outcome.stderr, outcome.stderr
    assert verify(database) == (4 * EACH, "None")
    mixed = database.value(
        "SELECT count(*) FROM (SELECT order_ref / 1000 <> lag(order_ref / 1000)"
        " OVER (ORDER BY number) AS turn FROM age_incident) rows WHERE turn"
    )
    assert mixed > 1, "they did not write at once"


def test_killed_process_leaves_a_chain_that_holds_and_goes_on(database):
    process = start_script(database, WRITE.format(number=1, count=100000))
    wait_until(
        lambda: database.value("SELECT count(*) FROM age_incident") > 20, process
    )
    kill(process)
    wait_until_alone(database)
    count, broken = verify(database)
    assert (count > 20, broken) == (True, "None")
    assert count % 2 == 0, "both of a call are written, or none"
    outcome = finish(start_script(database, WRITE.format(number=2, count=1)))
    assert outcome.code == 0, outcome.stderr
    assert verify(database) == (count + 2, "None")


def wait_until_alone(database):
    """Wait until the killed process's last statement has ended."""
    for _second in range(PATIENCE):
        others = database.value(
            "SELECT count(pg_sleep(0.1)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if not others:
            return
    raise AssertionError("somebody is still there")
