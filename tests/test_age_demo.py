"""The age part of ``./run``: a buyer is asked by mail, proves the age, and is invoiced."""

from __future__ import annotations

import json
import os
import re

import pytest
from age_support import Server, wait_for
from flow_support import copy_database, drop_database, run_script
from mail_support import mail_server

#: What Odoo loads when the addon is installed with demo data, and what ./run does then.
ASK = """
env.company.email = "office@example.com"
env["ir.mail_server"].search([]).unlink()
env["ir.mail_server"].create({"name": "Catcher", "smtp_host": "127.0.0.1", "smtp_port": PORT})
from odoo.modules.module import Manifest
from odoo.tools import convert_file
for name in Manifest.for_addon("age_verification")["demo"]:
    convert_file(env, "age_verification", name, {}, mode="init", noupdate=True)
order = env.ref("age_verification.order_mila")
order.action_age_request()
env["age.request"]._cron_ask()
env["mail.mail"].search([("state", "=", "outgoing")]).send()
env.cr.commit()
"""

#: The buyer goes to the simulator and presses a button; its signed message is printed.
CHOOSE = """
import json
order = env.ref("age_verification.order_mila")
request = env["age.request"]._get_for(order)
request._start_check()
session = env["age.session"].search([("order_id", "=", order.id)])
session._open()
check = env["age.simulation"].search([("session_id", "=", session.id)])
message = check._choose("OUTCOME")
print("MESSAGE", json.dumps({
    "path": check.provider_id._get_webhook_path(session),
    "method": message.method,
    "headers": {"Content-Type": "application/json", **message.headers},
    "body": message.body,
}))
env.cr.commit()
"""

ORDERS = """
SELECT customer.name, sale.state, sale.age_held_since IS NOT NULL, invoice.state
  FROM sale_order sale
  JOIN res_partner customer ON customer.id = sale.partner_id
  LEFT JOIN account_move invoice ON invoice.invoice_origin = sale.name
 ORDER BY customer.name
"""


@pytest.fixture
def shop(tmp_path):
    """A database with the demo, whose buyer has been asked, and the mail it sent."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    database = copy_database(template, f"{config['db_name'][0]}_age_demo")
    with mail_server(tmp_path / "mail") as mail:
        run_script(database.name, ASK.replace("PORT", str(mail.port)))
        yield database, mail
    drop_database(database.name)


def choose(database, outcome):
    """The simulator's message after the buyer has pressed a button."""
    output = run_script(database.name, CHOOSE.replace("OUTCOME", outcome)).stdout
    line = next(line for line in output.splitlines() if "MESSAGE" in line)
    return json.loads(line.split("MESSAGE ")[1])


def text_of(message):
    part = message.get_body(preferencelist=("html", "plain"))
    return part.get_content()


def test_order_is_held_its_buyer_proves_the_age_and_is_invoiced(shop):
    database, mail = shop
    assert database.rows(ORDERS) == [
        ("Bar Kornelius GmbH", "sale", False, None),
        ("Mila Berger", "draft", True, None),
        ("Owen Pritchard", "draft", False, None),
    ]
    assert mail.recipients() == {"mila.berger@example.com": 1}
    server = Server(database, cron_threads=2)
    try:
        link = re.search(r"/age/[\w-]+", text_of(mail.messages()[0]))
        assert server.request(link[0]) == 200
        assert server.send(choose(database, "over")) == 200
        wait_for(
            lambda: ("Mila Berger", "sale", False, "posted") in database.rows(ORDERS)
        )
    finally:
        server.stop()


def test_order_of_an_underage_buyer_stays_held_and_is_counted(shop):
    database, _mail = shop
    server = Server(database, cron_threads=2)
    try:
        assert server.send(choose(database, "under")) == 200
        wait_for(lambda: database.value("SELECT count(*) FROM age_refusal"))
    finally:
        server.stop()
    assert ("Mila Berger", "draft", True, None) in database.rows(ORDERS)
    incidents = "SELECT count(*) FROM age_incident WHERE kind = 'underage'"
    assert database.value(incidents) == 1
