"""One answer of a wallet reaches several workers at once, as an impatient app would send it."""

from __future__ import annotations

import os

import pytest
from flow_support import copy_database, drop_database, run_script

WORKERS = 6

ANSWER = """
import threading
from datetime import datetime, timezone
from concurrent.futures import ThreadPoolExecutor
from odoo import api, fields
from odoo.addons.age_verification.tests.wallet import Issuer, Wallet

issuer = Issuer(moment=datetime.now(timezone.utc))
company = env.company
provider = env["age.provider"].create({{
    "name": "Wallet", "code": "eu_wallet", "company_id": company.id,
    "wallet_anchors": issuer.pem, "state": "enabled",
}})
company.age_policy_id = env["age.policy"].create({{
    "name": "Standard", "step_ids": [(0, 0, {{"provider_id": provider.id}})],
}})
required = fields.Date.subtract(company._get_age_today(), years=18)
buyer = env["res.partner"].create({{"name": "Ada"}})
session = env["age.session"]._start(buyer, company, required)
session._open()
token = Wallet(issuer).vp_token(session._get_wallet_request())
env.cr.commit()

together = threading.Barrier({workers})

def answer(_number):
    with env.registry.cursor() as cr:
        worker = api.Environment(cr, env.uid, {{}})["age.session"].browse(session.id)
        together.wait()
        result = worker._receive_wallet_answer(token)
        return result and result.state

with ThreadPoolExecutor({workers}) as pool:
    states = list(pool.map(answer, range({workers})))
print("STATES", sorted(filter(None, states)))
"""


@pytest.fixture
def database():
    """A fresh database with our addons."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_wallet")
    yield database
    drop_database(database.name)


def test_answer_that_comes_several_times_at_once_counts_once(database):
    outcome = run_script(database.name, ANSWER.format(workers=WORKERS))
    assert "STATES ['accepted']" in outcome.stdout
    assert database.value("SELECT count(*) FROM age_proof") == 1
    assert database.rows("SELECT state, reference FROM age_session") == [
        ("accepted", None)
    ]
