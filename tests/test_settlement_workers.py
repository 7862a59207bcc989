"""Settlements under fire: two processes at once, and one that is killed while it posts."""

from __future__ import annotations

import json
import time

from flow_support import finish, kill, start_script, wait_until

PAYOUTS = 30
LINES = 8

#: Receives a file and takes it all the way, once the other worker is ready, too.
IMPORT = """
import pathlib, time
channel = env["marketplace.channel"].search([("name", "=", "Shop East")])
record, _is_new = env["marketplace.import"]._receive(
    channel, {name!r}, pathlib.Path({path!r}).read_bytes()
)
env.cr.commit()
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
record._run(commit=True, process={process})
print("imported", record.state)
"""

#: Posts what waits, a few at a time.
POST = """
print("processed", env["marketplace.settlement"]._process_queue(batch_size=3))
"""

COUNT_POSTED = "SELECT count(*) FROM marketplace_settlement WHERE state = 'posted'"
COUNT_ENTRIES = """
    SELECT count(*) FROM account_move
    WHERE marketplace_settlement_id IS NOT NULL AND state = 'posted'
"""


def transaction(payout: int | None, number: int) -> dict:
    """Return a charge of 10.00 without a fee, in Shopify's documented shape."""
    return {
        "id": 1000 * (payout or 0) + number,
        "type": "charge",
        "test": False,
        "payout_id": payout,
        "payout_status": "paid",
        "currency": "USD",
        "amount": "10.00",
        "fee": "0.00",
        "net": "10.00",
        "source_id": number,
        "source_type": "charge",
        "source_order_id": 1000 * (payout or 0) + number,
        "source_order_transaction_id": number,
        "processed_at": "2024-03-10T10:00:00+00:00",
    }


def head(payout: int) -> dict:
    return {
        "id": payout,
        "status": "paid",
        "date": "2024-03-12",
        "currency": "USD",
        "amount": f"{10 * LINES}.00",
        "summary": {"charges_fee_amount": "0.00", "charges_gross_amount": "80.00"},
    }


def write(path, key: str, rows: list[dict]):
    path.write_text(json.dumps({key: rows}), encoding="utf-8")
    return path


def prepared(folder):
    """Return three files: the payouts' heads, and two overlapping pages of their lines."""
    rows = [
        transaction(payout, number)
        for payout in range(1, PAYOUTS + 1)
        for number in range(1, LINES + 1)
    ]
    middle = len(rows) // 2
    return (
        write(
            folder / "payouts.json", "payouts", [head(n + 1) for n in range(PAYOUTS)]
        ),
        write(folder / "one.json", "transactions", rows[: middle + 40]),
        write(folder / "two.json", "transactions", rows[middle - 40 :]),
    )


def run_together(shop, folder, files, process=True):
    """Import files at the same moment, each in a process of its own."""
    go = folder / "go"
    go.unlink(missing_ok=True)
    ready = [folder / f"ready {path.name}" for path in files]
    workers = [
        start_script(
            shop,
            IMPORT.format(
                name=path.name,
                path=str(path),
                ready=str(mark),
                go=str(go),
                process=process,
            ),
        )
        for path, mark in zip(files, ready, strict=True)
    ]
    for worker, mark in zip(workers, ready, strict=True):
        wait_until(mark.exists, worker)
    go.touch()
    for worker in workers:
        outcome = finish(worker)
        assert "imported done" in outcome.stdout, outcome.stderr


def assert_each_once(shop):
    """Check that every line is there once and every payout has one entry to the cent."""
    assert shop.rows(
        "SELECT count(*), count(DISTINCT external_ref) FROM marketplace_settlement"
    ) == [(PAYOUTS, PAYOUTS)]
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT external_ref), sum(amount)
        FROM marketplace_settlement_line
        """
    ) == [(PAYOUTS * LINES, PAYOUTS * LINES, 10 * PAYOUTS * LINES)]
    assert shop.value(COUNT_POSTED) == PAYOUTS
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_settlement_id)
        FROM account_move WHERE marketplace_settlement_id IS NOT NULL
        """
    ) == [(PAYOUTS, PAYOUTS)]
    # Credits of the orders, one debit per payout.
    assert shop.rows(
        """
        SELECT sum(line.balance), sum(line.debit), count(*) FILTER (WHERE line.debit > 0)
        FROM account_move_line line
        JOIN account_move move ON move.id = line.move_id
        WHERE move.marketplace_settlement_id IS NOT NULL
        """
    ) == [(0, 10 * PAYOUTS * LINES, PAYOUTS)]


def test_overlapping_files_imported_at_once_book_each_payout_once(shop, tmp_path):
    heads, one, two = prepared(tmp_path)
    run_together(shop, tmp_path, [heads])
    run_together(shop, tmp_path, [one, two])
    # What one of them left while the other held it waits for the scheduler.
    finish(start_script(shop, POST))
    assert_each_once(shop)


def test_worker_killed_while_posting_loses_and_repeats_nothing(shop, tmp_path):
    heads, one, two = prepared(tmp_path)
    for path in (heads, one, two):
        run_together(shop, tmp_path, [path], process=False)
    assert shop.value(COUNT_POSTED) == 0
    worker = start_script(shop, POST)
    wait_until(lambda: shop.value(COUNT_POSTED) >= 6, worker)
    kill(worker)
    gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()"
    while shop.value(gone, shop.name):
        time.sleep(0.02)
    posted = shop.value(COUNT_POSTED)
    assert 6 <= posted < PAYOUTS
    assert shop.value(COUNT_ENTRIES) == posted, "state and entry are one transaction"
    finish(start_script(shop, POST))
    assert_each_once(shop)


def test_two_workers_post_one_queue_once(shop, tmp_path):
    for path in prepared(tmp_path):
        run_together(shop, tmp_path, [path], process=False)
    workers = [start_script(shop, POST) for _n in range(2)]
    for worker in workers:
        outcome = finish(worker)
        assert "processed" in outcome.stdout, outcome.stderr
    assert_each_once(shop)
