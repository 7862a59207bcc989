"""Payouts and refunds when the machine fails in the middle: nothing is lost, nothing twice.

A lock that the test holds from a connection of its own stops a worker at a known place, with
the work of its transaction done and not committed; there it is killed, loses its connection as
it does when the database restarts, or meets a conflict.
"""

from __future__ import annotations

import contextlib
import json
import resource
import time

import psycopg2
import pytest
from flow_support import (
    PATIENCE,
    finish,
    kill,
    run_import,
    shopify_order,
    start_import,
    start_script,
    wait_until,
)

PAYOUTS = 6
EACH = 5
ORDERS = range(1, PAYOUTS * EACH + 1)
#: Bytes that a file may have where the disk is full.
LIMIT = 2**22

#: Receives a file of the channel and takes it as far as it goes.
RECEIVE = """
import pathlib
channel = env["marketplace.channel"].search([("name", "=", "Shop East")])
record, _is_new = env["marketplace.import"]._receive(
    channel, {name!r}, pathlib.Path({path!r}).read_bytes()
)
env.cr.commit()
record._run(commit=True, process={process})
print("imported", record.state)
"""
POST = 'print("processed", env["marketplace.settlement"]._process_queue())'
REFUND = 'print("processed", env["marketplace.refund"]._process_queue())'
REVERSE = """
env["marketplace.settlement"].search([]).action_reverse()
env.cr.commit()
print("reversed")
"""
APPROVE = """
env["marketplace.settlement"].search([]).action_approve()
env.cr.commit()
"""
RUN_IMPORTS = 'env["marketplace.import"]._cron_run()'

COUNT_POSTED = "SELECT count(*) FROM marketplace_settlement WHERE state = 'posted'"
ONE_SETTLEMENT = "SELECT id FROM marketplace_settlement WHERE external_ref = '1'"
#: The debit that the first order's invoice left on the clearing account.
ONE_ITEM = """
    SELECT line.id FROM account_move_line line
    JOIN marketplace_order staged ON staged.id = line.marketplace_order_id
    JOIN account_move move ON move.id = line.move_id
    WHERE staged.external_ref = '1' AND line.debit > 0
      AND move.marketplace_settlement_id IS NULL
"""


# -- files -------------------------------------------------------------------------------


def transaction(number: int, payout: int) -> dict:
    """Return what an order of 115.00 brought, in Shopify's documented shape."""
    return {
        "id": number,
        "type": "charge",
        "test": False,
        "payout_id": payout,
        "payout_status": "paid",
        "currency": "USD",
        "amount": "115.00",
        "fee": "0.00",
        "net": "115.00",
        "source_id": number,
        "source_type": "charge",
        "source_order_id": number,
        "source_order_transaction_id": number,
        "processed_at": "2024-03-10T10:00:00+00:00",
    }


def write(path, key, rows):
    path.write_text(json.dumps({key: rows} if key else rows), encoding="utf-8")
    return path


def write_heads(folder, payouts=PAYOUTS, each=EACH):
    rows = [
        {
            "id": payout,
            "status": "paid",
            "date": "2024-03-12",
            "currency": "USD",
            "amount": f"{115 * each}.00",
        }
        for payout in range(1, payouts + 1)
    ]
    return write(folder / "payouts.json", "payouts", rows)


def write_lines(
    folder, payouts=PAYOUTS, each=EACH, name="lines.json", rows=slice(None)
):
    lines = [
        transaction(number + 1, number // each + 1) for number in range(payouts * each)
    ]
    return write(folder / name, "transactions", lines[rows])


def write_refunds(folder):
    """Return a file of the first three orders again, with a refund of 23.00 of each."""
    orders = []
    for number in range(1, 4):
        refund = {
            "id": 5000 + number,
            "order_id": number,
            "created_at": "2024-03-20T10:00:00+00:00",
            "processed_at": "2024-03-20T10:00:00+00:00",
            "note": "scratched",
            "refund_line_items": [],
            "order_adjustments": [],
            "transactions": [
                {
                    "id": 9000 + number,
                    "kind": "refund",
                    "status": "success",
                    "amount": "23.00",
                    "currency": "USD",
                }
            ],
        }
        orders.append(
            shopify_order(
                number,
                refunds=[refund],
                financial_status="partially_refunded",
                updated_at="2024-03-20T10:00:00+00:00",
            )
        )
    return write(folder / "refunds.json", "orders", orders)


# -- processes and locks -----------------------------------------------------------------


def receive(shop, path, process=True):
    script = RECEIVE.format(name=path.name, path=str(path), process=process)
    outcome = finish(start_script(shop, script))
    assert "imported done" in outcome.stdout, outcome.stderr


def run(shop, script):
    outcome = finish(start_script(shop, script))
    assert outcome.code == 0 and "Traceback" not in outcome.stderr, outcome.stderr
    return outcome


@contextlib.contextmanager
def locked(shop, table, query):
    """Hold the row that a query names; gives the cursor that holds it, and the row's id."""
    holder = psycopg2.connect(dbname=shop.name)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '120s'")
            [row_id] = shop.rows(query)[0]
            cursor.execute(f"SELECT id FROM {table} WHERE id = %s FOR UPDATE", [row_id])
            yield cursor, row_id
            holder.rollback()
    finally:
        holder.close()


def waits_for_lock(shop):
    """Tell whether a worker has come to what the test holds."""
    return shop.value(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = %s AND wait_event_type = 'Lock'
        """,
        shop.name,
    )


def end_connections(shop):
    """Cut the workers' connections, which is what a restart of the database does to them."""
    shop.rows(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = %s AND wait_event_type = 'Lock'
        """,
        shop.name,
    )


def wait_until_gone(shop):
    """Wait until the server has ended the transactions of clients that are gone."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()"
    end = time.monotonic() + PATIENCE
    while shop.value(query, shop.name):
        assert time.monotonic() < end, "a connection stays"
        time.sleep(0.02)


def break_off(shop, script, table, query, how):
    """Run a script until it waits for a row, then break it off there."""
    with locked(shop, table, query):
        worker = start_script(shop, script)
        wait_until(lambda: waits_for_lock(shop), worker)
        if how == "killed":
            kill(worker)
        else:
            end_connections(shop)
            finish(worker)
    wait_until_gone(shop)


# -- what must be true -------------------------------------------------------------------


def count_entries(shop, condition="TRUE"):
    return shop.value(
        f"""
        SELECT count(*) FROM account_move
        WHERE marketplace_settlement_id IS NOT NULL AND {condition}
        """
    )


def assert_paid_out_once(shop, payouts=PAYOUTS, each=EACH):
    """Check that each payout is booked once and has paid each of its orders."""
    assert shop.value(COUNT_POSTED) == payouts
    assert count_entries(shop, "state = 'posted'") == payouts
    assert shop.rows(
        "SELECT count(*), count(DISTINCT external_ref) FROM marketplace_settlement_line"
    ) == [(payouts * each, payouts * each)]
    # Only the payouts are open on the clearing account: they wait for the bank.
    assert shop.rows(
        """
        SELECT count(*), sum(line.amount_residual) FROM account_move_line line
        JOIN marketplace_channel channel ON channel.clearing_account_id = line.account_id
        WHERE line.parent_state = 'posted' AND NOT line.reconciled
        """
    ) == [(payouts, 115 * payouts * each)]
    assert shop.order_states() == {"settled": payouts * each}


def assert_credited_once(shop):
    assert shop.pairs(
        "SELECT state, count(*) FROM marketplace_refund GROUP BY state"
    ) == {"credited": 3}
    assert shop.rows(
        """
        SELECT count(*), count(DISTINCT marketplace_refund_id), sum(amount_total)
        FROM account_move WHERE move_type = 'out_refund' AND state = 'posted'
        """
    ) == [(3, 3, 69)]
    assert shop.pairs(
        "SELECT coalesce(amount_credited, 0), count(*) FROM marketplace_order GROUP BY 1"
    ) == {23: 3, 0: len(ORDERS) - 3}
    # The credit notes took the money off the clearing account.
    assert (
        shop.value(
            """
            SELECT sum(line.balance) FROM account_move_line line
            JOIN marketplace_channel channel
              ON channel.clearing_account_id = line.account_id
            WHERE line.parent_state = 'posted'
            """
        )
        == 115 * len(ORDERS) - 69
    )


# -- settlements -------------------------------------------------------------------------


@pytest.fixture
def invoiced(shop, tmp_path):
    """A shop with invoiced orders that no payout has told of."""
    orders = [shopify_order(number) for number in ORDERS]
    receive(shop, write(tmp_path / "orders.json", "orders", orders))
    assert shop.order_states() == {"invoiced": len(ORDERS)}
    return shop


@pytest.fixture
def staged(invoiced, tmp_path):
    """The same with payouts that are staged and not booked."""
    receive(invoiced, write_heads(tmp_path), process=False)
    receive(invoiced, write_lines(tmp_path), process=False)
    assert count_entries(invoiced) == 0
    return invoiced


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_worker_broken_off_while_posting_leaves_nothing_half(staged, how):
    break_off(staged, POST, "account_move_line", ONE_ITEM, how)
    assert count_entries(staged) == 0
    assert staged.value(COUNT_POSTED) == 0
    run(staged, POST)
    assert_paid_out_once(staged)


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_worker_broken_off_while_reversing_leaves_the_books_as_they_were(staged, how):
    run(staged, POST)
    break_off(staged, REVERSE, "account_move_line", ONE_ITEM, how)
    assert_paid_out_once(staged)
    run(staged, REVERSE)
    assert staged.value(COUNT_POSTED) == 0
    assert count_entries(staged, "state = 'posted'") == 0
    assert staged.order_states() == {"invoiced": len(ORDERS)}
    run(staged, APPROVE)
    assert_paid_out_once(staged)


def test_posting_is_tried_again_where_another_transaction_was_faster(staged):
    with locked(staged, "account_move_line", ONE_ITEM) as (cursor, item):
        worker = start_script(staged, POST)
        wait_until(lambda: waits_for_lock(staged), worker)
        cursor.execute(
            "UPDATE account_move_line SET write_date = now() WHERE id = %s", [item]
        )
        cursor.connection.commit()
        outcome = finish(worker)
    assert "processed 6" in outcome.stdout, outcome.stderr
    assert_paid_out_once(staged)


def test_posting_is_tried_again_after_a_deadlock(staged):
    # The worker looks for a deadlock after the test waits for it, too; the test never does.
    staged.execute(f"ALTER DATABASE \"{staged.name}\" SET deadlock_timeout = '5s'")
    with locked(staged, "account_move_line", ONE_ITEM) as (cursor, _item):
        worker = start_script(staged, POST)
        wait_until(lambda: waits_for_lock(staged), worker)
        [settlement] = staged.rows(ONE_SETTLEMENT)[0]
        cursor.execute(
            "SELECT id FROM marketplace_settlement WHERE id = %s FOR UPDATE",
            [settlement],
        )
        # It came free: the worker was the one that the server broke off.
        assert worker.poll() is None
        cursor.connection.rollback()
        outcome = finish(worker)
    assert "Traceback" not in outcome.stderr, outcome.stderr
    run(staged, POST)
    assert_paid_out_once(staged)
    assert (
        staged.value(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", staged.name
        )
        >= 1
    )


def test_import_killed_while_staging_goes_on_where_it_was(shop, tmp_path):
    payouts = 1500
    receive(shop, write_heads(tmp_path, payouts, each=1), process=False)
    path = write_lines(tmp_path, payouts, each=1)
    count = "SELECT count(*) FROM marketplace_settlement_line"
    worker = start_import(shop, "--channel", "Shop East", path)
    wait_until(lambda: shop.value(count) >= 1, worker)
    kill(worker)
    wait_until_gone(shop)
    assert 0 < shop.value(count) < payouts
    assert count_entries(shop) == 0
    run(shop, RUN_IMPORTS)
    assert shop.rows(
        "SELECT count(*), count(DISTINCT external_ref) FROM marketplace_settlement_line"
    ) == [(payouts, payouts)]
    assert shop.value("SELECT count(*) FROM marketplace_settlement") == payouts
    assert shop.value(COUNT_POSTED) == payouts
    assert count_entries(shop, "state = 'posted'") == payouts


def test_payouts_come_before_their_orders_twice_and_overlapping(shop, tmp_path):
    middle = len(ORDERS) // 2
    receive(shop, write_heads(tmp_path))
    receive(shop, write_lines(tmp_path, name="one.json", rows=slice(middle + 4)))
    receive(shop, write_lines(tmp_path, name="two.json", rows=slice(middle - 4, None)))
    receive(shop, write_lines(tmp_path, name="all.json"))
    receive(shop, write_lines(tmp_path, name="all.json"))
    posted = shop.value(COUNT_POSTED)
    assert count_entries(shop) == posted > 0, "payouts do not wait for orders"
    orders = [shopify_order(number) for number in ORDERS]
    receive(shop, write(tmp_path / "orders.json", "orders", orders))
    run(shop, POST)
    assert_paid_out_once(shop)


def test_full_disk_takes_no_half_file_and_the_file_comes_in_later(invoiced, tmp_path):
    path = write_lines(tmp_path)
    receive(invoiced, write_heads(tmp_path))
    before = invoiced.row_counts()
    # Beyond what the process writes otherwise, such as compiled Python: half of the file fits.
    path.write_text(path.read_text() + "\n" * (2 * LIMIT))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, limits[1]))
    try:
        worker = start_import(invoiced, "--channel", "Shop East", path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    outcome = finish(worker)
    assert outcome.code != 0
    assert outcome.files["lines.json"]["status"] == "rejected", outcome.document
    assert invoiced.row_counts() == before
    again = run_import(invoiced, "--channel", "Shop East", path)
    assert again.code == 0, again.stdout
    assert_paid_out_once(invoiced)


# -- refunds -----------------------------------------------------------------------------


ONE_ORDER = "SELECT id FROM marketplace_order WHERE external_ref = '1'"


def test_refunds_told_twice_are_credited_once(invoiced, tmp_path):
    path = write_refunds(tmp_path)
    receive(invoiced, path)
    receive(invoiced, path)
    path.write_text(path.read_text() + "\n")  # the same content as another file
    receive(invoiced, path)
    assert_credited_once(invoiced)


def test_worker_cut_off_while_crediting_leaves_no_half_credit_note(invoiced, tmp_path):
    receive(invoiced, write_refunds(tmp_path), process=False)
    break_off(invoiced, REFUND, "marketplace_order", ONE_ORDER, "cut off")
    sql = "SELECT count(*) FROM account_move WHERE move_type = 'out_refund'"
    assert invoiced.value(sql) == 0
    run(invoiced, REFUND)
    assert_credited_once(invoiced)
