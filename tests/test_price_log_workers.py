"""Prices are logged by processes of their own: at once, and after one that was killed."""

from __future__ import annotations

import os

import pytest
from flow_support import (
    PATIENCE,
    copy_database,
    drop_database,
    finish,
    run_script,
    start_script,
)

SHOP = """
maker = env["res.partner"].create({"name": "Candle Maker", "is_maker": True})
env["product.product"].create([
    {"name": f"Candle {number}", "list_price": 40, "maker_id": maker.id}
    for number in range(20)
])
env["product.pricelist"].create({"name": "Retail", "keeps_price_log": True})
env["artisan.price.log.task"].search([]).unlink()
env.flush_all()
# The log has begun; another price is not in it yet.
env.cr.execute("UPDATE product_template SET list_price = 44 WHERE list_price = 40")
env.cr.commit()
"""

#: Both processes have taken their snapshot before either logs; one of them starts again.
LOG = """
import pathlib, time
from datetime import timedelta
from odoo.service.model import retrying
folder = pathlib.Path({folder!r})
pricelist = env["product.pricelist"].search([("name", "=", "Retail")])
products = env["product.product"].search([("name", "like", "Candle ")])
moment = products[0].create_date + timedelta(hours=1)
tries = 0
def log():
    global tries
    tries += 1
    added = env["artisan.price.log"]._get_last(products, pricelist)
    if tries == 1:
        (folder / "{number}").touch()
        while len(list(folder.iterdir())) < 2:
            time.sleep(0.01)
    env["artisan.price.log"]._log(products, pricelist.id, moment)
retrying(log, env)
env.cr.commit()
"""

#: The job dies after the first products.
KILLED = """
import os, signal
from odoo.addons.artisan_pricing.models import artisan_price_log_task as job
job.SYNC_LIMIT = 8
env["artisan.price.log.task"].search([]).unlink()
pricelist = env["product.pricelist"].search([("name", "=", "Retail")])
env["artisan.price.log.task"]._add(pricelist.id)
env.cr.commit()
task = env["artisan.price.log.task"].search([])
task._log_next()
env.cr.commit()
task._log_next()
env.flush_all()
os.kill(os.getpid(), signal.SIGKILL)
"""

GO_ON = """
from odoo.addons.artisan_pricing.models import artisan_price_log_task as job
job.SYNC_LIMIT = 8
env["artisan.price.log.task"]._cron_log_prices()
"""


@pytest.fixture
def database():
    """A fresh database with our addons and twenty products of a maker."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_price_log")
    run_script(database.name, SHOP)
    yield database
    drop_database(database.name)


def count(database):
    return database.rows(
        "SELECT count(*), count(DISTINCT product_id), max(number) FROM artisan_price_log"
    )


def test_two_at_once_log_each_price_once(database, tmp_path):
    scripts = [LOG.format(folder=str(tmp_path), number=number) for number in (1, 2)]
    for process in [start_script(database, script) for script in scripts]:
        finish(process)
    assert count(database) == [(40, 20, 2)]


def test_job_that_was_killed_goes_on_and_logs_each_price_once(database):
    process = start_script(database, KILLED)
    process.wait(PATIENCE)
    assert count(database) == [(28, 20, 2)]
    run_script(database.name, GO_ON)
    assert count(database) == [(40, 20, 2)]
    assert database.value("SELECT count(*) FROM artisan_price_log_task") == 0
