"""An impatient buyer clicks several times: one check is opened at the provider."""

from __future__ import annotations

import os

import pytest
from flow_support import copy_database, drop_database, run_script

CLICKS = 4

#: Each click is a request of its own, tried again as Odoo does when two are in conflict.
CLICK = """
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from odoo import api
from odoo.service.model import retrying

company = env.company
company.age_test_mode = True
provider = env["age.provider"].create(
    {{"name": "Simulator", "code": "simulator", "state": "test"}}
)
company.age_policy_id = env["age.policy"].create(
    {{"name": "Standard", "step_ids": [(0, 0, {{"provider_id": provider.id}})]}}
)
buyer = env["res.partner"].create({{"name": "Ada"}})
session = env["age.session"]
if {is_known}:
    session = session._start(buyer, company, date(2000, 1, 1))
env.cr.commit()

together = threading.Barrier({clicks})
asked = []
simulation = type(env["age.simulation"])
serve = simulation._serve

def serve_slowly(self, *args):
    asked.append(1)  # what a provider was asked for is not undone by a rollback
    time.sleep(1)
    return serve(self, *args)

simulation._serve = serve_slowly

def click(number):
    with env.registry.cursor() as cr:
        mine = api.Environment(cr, env.uid, {{}})
        mine["age.session"].search_count([])  # the transaction sees what is there now
        together.wait()

        def go():
            known = mine["age.session"].browse(session.id)
            found = known or mine["age.session"]._start(
                mine["res.partner"].browse(buyer.id),
                mine["res.company"].browse(company.id),
                date(2000, 1, 1),
            )
            return found._open()

        return retrying(go, mine)

with ThreadPoolExecutor({clicks}) as pool:
    addresses = list(pool.map(click, range({clicks})))
env.cr.rollback()
print(
    "OPENED",
    len(set(addresses)),
    all(addresses),
    env["age.session"].search_count([("partner_id", "=", buyer.id)]),
    len(asked),
)
"""


@pytest.fixture
def database():
    """A fresh database with our addons."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_clicks")
    yield database
    drop_database(database.name)


@pytest.mark.parametrize("is_known", [True, False], ids=["same check", "no check yet"])
def test_clicks_at_once_open_one_check_and_lead_to_the_same_page(database, is_known):
    script = CLICK.format(clicks=CLICKS, is_known=is_known)
    output = run_script(database.name, script).stdout
    line = next(line for line in output.splitlines() if "OPENED" in line)
    assert line.split("OPENED ")[1] == "1 True 1 1"
