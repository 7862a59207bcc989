"""Two people who write off the cents of the same orders at once: each order has one entry."""

from __future__ import annotations

import time

from flow_support import (
    PATIENCE,
    finish,
    run_import,
    run_script,
    start_script,
    woo_order,
    write_orders,
)

ORDERS = 10

#: A payout that brings 0.02 less than is booked for each order of 115.00.
PAY = """
from odoo.fields import Command
channel = env["marketplace.channel"].search([("name", "=", "Web shop")])
currency = channel.company_id.currency_id
payout = env["marketplace.settlement"].create({
    "name": "P1", "external_ref": "P1", "channel_id": channel.id,
    "format": "woocommerce.payouts", "parts": "header,lines", "status": "paid",
    "state": "ready", "currency_id": currency.id, "currency_name": currency.name,
    "deposited_date": "2024-03-15 12:00:00",
    "amount_total": 114.98 * ORDERS, "total_stated": True,
    "line_ids": [
        Command.create({
            "sequence": number, "external_ref": str(number), "type": "sale",
            "stated_type": "sale", "code": "Item/sale", "amount": 114.98,
            "order_ref": str(number), "posted_date": "2024-03-10 12:00:00",
        })
        for number in range(1, ORDERS + 1)
    ],
})
payout._post_entries()
env.cr.commit()
"""
#: What the button does; the web client tries again after a conflict, as `retrying` does.
CLICK = """
import pathlib, time
from odoo.exceptions import UserError
from odoo.service.model import retrying
orders = env["marketplace.order"].search([])
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
def click():
    orders.action_write_off_difference()
try:
    retrying(click, env)
    env.cr.commit()
    print("written off")
except UserError:
    print("nothing left")
"""


def test_two_clicks_at_once_book_each_difference_once(shop, tmp_path):
    orders = write_orders(
        tmp_path / "orders.json", [woo_order(n) for n in range(1, ORDERS + 1)]
    )
    assert run_import(shop, orders).code == 0
    run_script(shop.name, PAY.replace("ORDERS", str(ORDERS)))
    go = tmp_path / "go"
    ready = [tmp_path / "ready 1", tmp_path / "ready 2"]
    clicks = [
        start_script(shop, CLICK.format(ready=str(mark), go=str(go))) for mark in ready
    ]
    end = time.monotonic() + PATIENCE
    while not all(mark.exists() for mark in ready):
        assert time.monotonic() < end
        time.sleep(0.02)
    go.touch()
    outcomes = [finish(click) for click in clicks]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert any("written off" in outcome.stdout for outcome in outcomes), outcomes
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_write_off_order_id)
        FROM account_move
        WHERE marketplace_write_off_order_id IS NOT NULL AND state = 'posted'
        """
    ) == [(ORDERS, ORDERS)]
    assert shop.order_states() == {"settled": ORDERS}
