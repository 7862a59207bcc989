"""Several workers ask the same buyers at once: a request is made once, a mail written once."""

from __future__ import annotations

import os

import pytest
from flow_support import copy_database, drop_database, run_script

WORKERS = 4

SALES = """
import threading
from concurrent.futures import ThreadPoolExecutor
from odoo import api
from odoo.service.model import retrying

company = env.company
company.email = "office@example.com"
company.age_policy_id = env["age.policy"].create({{"name": "Standard"}})
spirits = env.ref("age_verification.product_class_alcohol_spirits")
gin = env["product.product"].create({{"name": "Gin", "age_own_class_id": spirits.id}})
germany = env.ref("base.de").id
buyers = env["res.partner"].create([
    {{"name": f"Buyer{{n}}", "email": f"buyer{{n}}@example.com", "country_id": germany}}
    for n in range(6)
])
orders = env["sale.order"].create([
    {{"partner_id": buyer.id, "order_line": [(0, 0, {{"product_id": gin.id}})]}}
    for buyer in buyers
])
env.cr.commit()
together = threading.Barrier({workers})
"""

MAKE = (
    SALES
    + """
def make(_number):
    waited = []
    with env.registry.cursor() as cr:
        mine = api.Environment(cr, env.uid, {{}})

        def work():
            cr.execute("SELECT 1")  # from now on it sees what there is now
            if not waited:
                waited.append(together.wait())
            return mine["age.request"]._get_for(mine["sale.order"].browse(orders.ids)).ids

        return retrying(work, mine)

with ThreadPoolExecutor({workers}) as pool:
    made = set(map(tuple, pool.map(make, range({workers}))))
print("MADE", len(made))
"""
)

ASK = (
    SALES
    + """
orders._age_hold("request")
env.cr.commit()

def ask(_number):
    with env.registry.cursor() as cr:
        together.wait()
        api.Environment(cr, env.uid, {{}})["age.request"]._cron_ask()

with ThreadPoolExecutor({workers}) as pool:
    list(pool.map(ask, range({workers})))
"""
)


@pytest.fixture
def database():
    """A fresh database with our addons."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_asking")
    yield database
    drop_database(database.name)


def test_requests_that_several_workers_make_at_once_are_made_once(database):
    outcome = run_script(database.name, MAKE.format(workers=WORKERS))
    assert "MADE 1\n" in outcome.stdout
    assert database.value("SELECT count(*) FROM age_request") == 6


def test_buyers_whom_several_workers_ask_at_once_get_one_mail_each(database):
    run_script(database.name, ASK.format(workers=WORKERS))
    assert database.value("SELECT count(*) FROM age_request WHERE is_ask_due") == 0
    assert (
        database.value("SELECT count(*) FROM age_request WHERE asked_on IS NULL") == 0
    )
    mails = "SELECT count(*) FROM mail_mail WHERE state = 'outgoing'"
    assert database.value(mails) == 6
