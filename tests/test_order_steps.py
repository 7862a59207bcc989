"""Between the steps of the queue: drafts without numbers, invoices that are not reconciled yet."""

from __future__ import annotations

import psycopg2
import pytest
from flow_support import finish, kill, start_script, wait_until, write_orders
from test_workers import STAGE, assert_each_once, orders

COUNT = 60

#: Empties the queue in batches of 20; killed by itself after so many commits.
WORKER = """
import os, signal
left = {commits}
def on_batch(_done):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return True
print("processed", env["marketplace.order"]._process_queue(batch_size=20, on_batch=on_batch))
"""

COUNT_DRAFTS = """
    SELECT count(*) FROM account_move
    WHERE move_type = 'out_invoice' AND state = 'draft' AND marketplace_order_id IS NOT NULL
"""
COUNT_POSTED = "SELECT count(*) FROM account_move WHERE state = 'posted'"
LOCK = "SELECT pg_advisory_lock(hashtext('marketplace_invoicing.numbering'), id) FROM res_company"


@pytest.fixture
def staged(shop, tmp_path):
    path = write_orders(tmp_path / "orders.json", orders(1, COUNT))
    finish(start_script(shop, STAGE.format(path=str(path))))
    assert shop.order_states() == {"draft": COUNT}
    return shop


@pytest.mark.parametrize(
    ("commits", "drafts", "posted", "cleared"),
    [
        pytest.param(1, 20, 0, 0, id="drafts"),
        pytest.param(2, 0, 20, 0, id="posted"),
        pytest.param(3, 0, 20, 20, id="reconciled"),
        pytest.param(4, 20, 20, 20, id="next drafts"),
    ],
)
def test_worker_killed_after_any_step_loses_and_repeats_nothing(
    staged, commits, drafts, posted, cleared
):
    outcome = finish(start_script(staged, WORKER.format(commits=commits)))
    assert outcome.code != 0
    assert staged.value(COUNT_DRAFTS) == drafts
    assert staged.order_states().get("invoiced", 0) == posted
    paid = "SELECT count(*) FROM account_move WHERE payment_state = 'paid'"
    assert staged.value(paid) == cleared
    outcome = finish(start_script(staged, WORKER.format(commits=-1)))
    assert outcome.code == 0, outcome
    assert_each_once(staged, COUNT)


def test_worker_prepares_all_orders_while_another_gives_numbers(staged):
    """The lock is held as by a worker that posts; it is given back when that one is gone."""
    other = psycopg2.connect(dbname=staged.name)
    with other.cursor() as cursor:
        cursor.execute(LOCK)
    other.commit()
    worker = start_script(staged, WORKER.format(commits=-1))
    try:
        wait_until(lambda: staged.value(COUNT_DRAFTS) == COUNT, worker)
        assert staged.value(COUNT_POSTED) == 0
        assert worker.poll() is None
    except BaseException:
        kill(worker)
        raise
    finally:
        other.close()
    outcome = finish(worker)
    assert outcome.code == 0, outcome
    assert int(outcome.stdout.split("processed")[1]) == COUNT
    assert_each_once(staged, COUNT)
