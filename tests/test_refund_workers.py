"""Refunds by several processes, and by one that is killed: each is credited once, and no order more
than it was invoiced."""

from __future__ import annotations

import json
import time

from flow_support import (
    PATIENCE,
    finish,
    kill,
    run_import,
    run_script,
    start_script,
    wait_until,
    woo_order,
    write_orders,
)

ORDERS = 30

#: Stages the refunds without crediting any, as a webhook would.
STAGE = """
import pathlib
channel = env["marketplace.channel"].search([("name", "=", "Web shop")])
record, _is_new = env["marketplace.import"]._receive(
    channel, "refunds.json", pathlib.Path({path!r}).read_bytes()
)
record._run(commit=True, process=False)
"""
WORKER = """
import pathlib, time
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
print("processed", env["marketplace.refund"]._process_queue(batch_size={size}))
"""
CREDITED = "SELECT count(*) FROM marketplace_refund WHERE state = 'credited'"

#: Looks at what there is, waits, then stages 10.00 of order 1: as the channel's own data
#: or as a payout tells it, and credits it.
TELL = """
import pathlib, time
from datetime import datetime, timezone
from decimal import Decimal
from odoo.service.model import retrying
from odoo.addons.marketplace_invoicing.channels.base import ParsedRefund
from odoo.addons.marketplace_invoicing.channels.settlement import (
    ALL_SETTLEMENT_PARTS, ParsedSettlement, ParsedSettlementLine,
)
env = env["marketplace.refund"]._as_system().env
channel = env["marketplace.channel"].search([("name", "=", "Web shop")])
moment = datetime(2024, 3, 10, 12, tzinfo=timezone.utc)
REFUND = ParsedRefund(
    external_ref="R1", order_ref="1", amount=Decimal(10), created_at=moment,
    currency=channel.company_id.currency_id.name,
)
LINE = ParsedSettlementLine(
    external_ref="t1", type="refund", code="Item/refund", amount=Decimal(-10),
    order_ref="1", posted_at=moment,
)
PAYOUT = ParsedSettlement(
    external_ref="P1", format="test", platform="woocommerce", where="file",
    parts=ALL_SETTLEMENT_PARTS, currency=channel.company_id.currency_id.name,
    amount_total=Decimal(-10), lines=(LINE,), status="paid",
)
tries = 0
def tell():
    global tries
    tries += 1
    env.cr.execute("SELECT count(*) FROM marketplace_refund")
    pathlib.Path({ready!r}).touch()
    while not pathlib.Path({go!r}).exists():
        time.sleep(0.01)
    if {is_payout}:
        env["marketplace.settlement"]._stage(channel, [PAYOUT])["created"]._process()
    else:
        env["marketplace.refund"]._stage(channel, [REFUND])["created"]._process()
retrying(tell, env)
print("tries", tries)
"""


def stage(shop, tmp_path):
    """Invoice 30 orders of 115.00, and stage refunds of 69.00 and 69.00 for each."""
    orders = write_orders(
        tmp_path / "orders.json", [woo_order(n) for n in range(1, ORDERS + 1)]
    )
    assert run_import(shop, orders).code == 0
    refunds = [
        {
            "id": 1000 * part + number,
            "date_created_gmt": f"2024-03-{8 + part:02}T12:00:00",
            "amount": "69.00",
            "reason": "",
            "refunded_by": 1,
            "line_items": [],
            "_links": {"up": [{"href": f"https://shop.example.com/orders/{number}"}]},
        }
        for part in (1, 2)
        for number in range(1, ORDERS + 1)
    ]
    path = tmp_path / "refunds.json"
    path.write_text(json.dumps(refunds))
    assert run_script(shop.name, STAGE.format(path=str(path))).code == 0
    assert shop.value("SELECT count(*) FROM marketplace_refund") == 2 * ORDERS


def assert_each_once(shop):
    """One of an order's two refunds is credited; the other is more than is left."""
    assert shop.pairs(
        "SELECT state, count(*) FROM marketplace_refund GROUP BY state"
    ) == {"credited": ORDERS, "exception": ORDERS}
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_refund_id), sum(amount_total),
            bool_and(state = 'posted')
        FROM account_move WHERE move_type = 'out_refund'
        """
    ) == [(ORDERS, ORDERS, 69 * ORDERS, True)]
    assert shop.rows(
        "SELECT count(*), min(amount_credited), max(amount_credited) FROM marketplace_order"
    ) == [(ORDERS, 69, 69)]
    assert (
        shop.value(
            """
            SELECT sum(line.balance) FROM account_move_line line
            JOIN marketplace_channel channel
            ON channel.clearing_account_id = line.account_id
            """
        )
        == (115 - 69) * ORDERS
    )


def test_two_workers_never_credit_more_than_was_invoiced(shop, tmp_path):
    stage(shop, tmp_path)
    go = tmp_path / "go"
    ready = [tmp_path / "ready 1", tmp_path / "ready 2"]
    workers = [
        start_script(shop, WORKER.format(ready=str(mark), go=str(go), size=ORDERS))
        for mark in ready
    ]
    end = time.monotonic() + PATIENCE
    while not all(mark.exists() for mark in ready):
        assert time.monotonic() < end
        time.sleep(0.02)
    go.touch()
    outcomes = [finish(worker) for worker in workers]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert_each_once(shop)


def test_killed_worker_loses_and_repeats_nothing(shop, tmp_path):
    stage(shop, tmp_path)
    go = tmp_path / "go"
    go.touch()
    script = WORKER.format(ready=str(tmp_path / "ready"), go=str(go), size=4)
    worker = start_script(shop, script)
    wait_until(lambda: shop.value(CREDITED) >= 4, worker)
    kill(worker)
    gone = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = %s AND pid != pg_backend_pid()"
    )
    while shop.value(gone, shop.name):
        pass
    assert shop.value(CREDITED) < ORDERS
    assert finish(start_script(shop, script)).code == 0
    assert_each_once(shop)


def tell_at_once(shop, tmp_path):
    """Two processes that see no refund tell of the same one; return their outcomes.

    The channel's data goes first and is committed before the payout is staged.
    """
    workers, marks = [], []
    for is_payout in (False, True):
        ready, go = tmp_path / f"ready {is_payout}", tmp_path / f"go {is_payout}"
        script = TELL.format(ready=str(ready), go=str(go), is_payout=is_payout)
        workers.append(start_script(shop, script))
        marks.append((ready, go))
    for (ready, _go), worker in zip(marks, workers, strict=True):
        wait_until(ready.exists, worker)
    outcomes = []
    for (_ready, go), worker in zip(marks, workers, strict=True):
        go.touch()
        outcomes.append(finish(worker))
    return outcomes


def test_order_and_payout_tell_two_workers_of_one_refund(shop, tmp_path):
    orders = write_orders(tmp_path / "orders.json", [woo_order(1)])
    assert run_import(shop, orders).code == 0
    outcomes = tell_at_once(shop, tmp_path)
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert "tries 2" in outcomes[1].stdout, outcomes
    assert shop.rows(
        "SELECT external_ref, payout_ref, state, amount FROM marketplace_refund"
    ) == [("R1", "1:2024-03-10", "credited", 10)]
    assert shop.rows(
        """
        SELECT count(*), sum(amount_total) FROM account_move
        WHERE move_type = 'out_refund' AND state = 'posted'
        """
    ) == [(1, 10)]
    assert shop.rows("SELECT state FROM marketplace_settlement") == [("posted",)]
