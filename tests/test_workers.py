"""Two processes on one queue, at the same time: each order is processed once."""

from __future__ import annotations

import time

from flow_support import (
    PATIENCE,
    finish,
    run_import,
    start_import,
    start_script,
    woo_order,
    write_orders,
)

BUYERS = 20

#: Waits for the starting signal, then empties the queue and says how much it did.
WORKER = """
import pathlib, time
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
print("processed", env["marketplace.order"]._process_queue(batch_size=20))
"""

#: Receives and stages a file without processing its orders, as a webhook would.
STAGE = """
import pathlib
channel = env["marketplace.channel"].search([("name", "=", "Web shop")])
record, _is_new = env["marketplace.import"]._receive(
    channel, "orders.json", pathlib.Path({path!r}).read_bytes()
)
record._run(commit=True, process=False)
"""


def orders(first, last):
    """Orders with fewer buyers than orders, so that workers meet at the contacts, too."""
    return [
        woo_order(number, buyer=number % BUYERS + 1)
        for number in range(first, last + 1)
    ]


def assert_each_once(shop, count):
    """Check that each order has one of every document, and each buyer one contact."""
    assert shop.order_states() == {"invoiced": count}
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_order_id) FROM sale_order
        WHERE marketplace_order_id IS NOT NULL
        """
    ) == [(count, count)]
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_order_id), count(DISTINCT name),
            max(sequence_number), bool_and(payment_state = 'paid'),
            bool_or(made_sequence_gap)
        FROM account_move WHERE move_type = 'out_invoice'
        """
    ) == [(count, count, count, count, True, False)]
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT line.name), sum(line.debit)
        FROM account_move_line line
        JOIN marketplace_channel channel ON channel.clearing_account_id = line.account_id
        """
    ) == [(count, count, 115 * count)]
    contacts = "SELECT count(*) FROM res_partner WHERE name LIKE 'Ann Buyer%'"
    assert shop.value(contacts) == BUYERS
    mappings = (
        "SELECT count(*), count(DISTINCT partner_id) FROM marketplace_partner_mapping"
    )
    assert shop.rows(mappings) == [(BUYERS, BUYERS)]


def test_two_workers_share_one_queue(shop, tmp_path):
    path = write_orders(tmp_path / "orders.json", orders(1, 240))
    finish(start_script(shop, STAGE.format(path=str(path))))
    assert shop.order_states() == {"draft": 240}
    go = tmp_path / "go"
    ready = [tmp_path / "ready 1", tmp_path / "ready 2"]
    workers = [
        start_script(shop, WORKER.format(ready=str(mark), go=str(go))) for mark in ready
    ]
    end = time.monotonic() + PATIENCE
    while not all(mark.exists() for mark in ready):
        assert time.monotonic() < end
        time.sleep(0.02)
    go.touch()
    outcomes = [finish(worker) for worker in workers]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    done = [int(outcome.stdout.split("processed")[1]) for outcome in outcomes]
    assert sum(done) == 240
    assert min(done) > 0
    assert_each_once(shop, 240)


def test_two_files_with_the_same_orders_at_the_same_time(shop, tmp_path):
    """80 orders each, 40 of them in both files."""
    first = write_orders(tmp_path / "first.json", orders(1, 80))
    second = write_orders(tmp_path / "second.json", orders(41, 120))
    processes = [start_import(shop, path) for path in (first, second)]
    outcomes = [finish(process) for process in processes]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    # Whoever finishes first may still see orders that the other has at work.
    after = run_import(shop, first, second)
    assert {order["state"] for order in after.orders.values()} == {"unchanged"}
    assert_each_once(shop, 120)
    assert sum(outcome.summary["created"] for outcome in outcomes) == 120


def test_one_file_in_two_processes(shop, tmp_path):
    path = write_orders(tmp_path / "orders.json", orders(1, 40))
    processes = [start_import(shop, path) for _ in range(2)]
    outcomes = [finish(process) for process in processes]
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert_each_once(shop, 40)
    assert shop.rows("SELECT state FROM marketplace_import") == [("done",)]
