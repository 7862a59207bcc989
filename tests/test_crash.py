"""Killed with SIGKILL in the middle of 1,000 orders: running it again loses and repeats nothing."""

from __future__ import annotations

import pytest
from flow_support import (
    kill,
    run_import,
    start_import,
    wait_until,
    woo_order,
    write_orders,
)

ORDERS = 1000
BUYERS = 300

COUNT_INVOICED = "SELECT count(*) FROM marketplace_order WHERE state = 'invoiced'"
COUNT_POSTED = """
    SELECT count(*) FROM account_move
    WHERE marketplace_order_id IS NOT NULL AND state = 'posted'
"""


def generated_orders():
    """1,000 orders of 300 buyers over ten days, each of 115.00 times its number of bowls."""
    for number in range(1, ORDERS + 1):
        bowls = number % 3 + 1
        yield woo_order(
            number,
            lines=[("BOWL", bowls, f"{100 * bowls}.00", f"{15 * bowls}.00")],
            buyer=number % BUYERS + 1,
            date_paid_gmt=f"2024-03-{number % 10 + 6:02}T09:00:00",
        )


def killed_when(shop, path, sql, least):
    """Start an import, kill it as soon as a count is reached; return what was committed."""
    process = start_import(shop, path)
    wait_until(lambda: shop.value(sql) >= least, process)
    kill(process)
    # The server ends the transaction of a client that is gone only when it notices.
    gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()"
    while shop.value(gone, shop.name):
        pass
    return shop.value(sql)


@pytest.fixture(scope="module")
def survivor(module_shop, tmp_path_factory):
    """A database after two kills, one while staging and one while invoicing, and a third run."""
    shop = module_shop
    path = write_orders(
        tmp_path_factory.mktemp("crash") / "orders.json", generated_orders()
    )
    staged = killed_when(shop, path, "SELECT count(*) FROM marketplace_order", 1)
    assert 0 < staged < ORDERS
    assert shop.value("SELECT count(*) FROM account_move") == 0
    invoiced = killed_when(shop, path, COUNT_INVOICED, 200)
    assert 200 <= invoiced < ORDERS
    # What was committed is whole: no invoice without its order's state, and the reverse.
    assert shop.value(COUNT_POSTED) == invoiced
    outcome = run_import(shop, path)
    assert outcome.code == 0, outcome.stderr
    return shop, path, outcome


def test_third_run_reports_all_orders_invoiced(survivor):
    _shop, _path, outcome = survivor
    assert {order["state"] for order in outcome.orders.values()} == {"invoiced"}
    assert len({order["invoice"] for order in outcome.orders.values()}) == ORDERS
    assert outcome.summary["invoiced"] == ORDERS


def test_no_order_is_lost_and_none_is_there_twice(survivor):
    shop = survivor[0]
    assert shop.order_states() == {"invoiced": ORDERS}
    sql = "SELECT count(DISTINCT external_ref) FROM marketplace_order"
    assert shop.value(sql) == ORDERS


def test_each_order_has_one_sale_order_and_one_posted_invoice(survivor):
    shop = survivor[0]
    sql = """
        SELECT count(*), count(DISTINCT marketplace_order_id) FROM sale_order
        WHERE state = 'sale' AND client_order_ref IS NOT NULL
    """
    assert shop.rows(sql) == [(ORDERS, ORDERS)]
    sql = """
        SELECT count(*), count(DISTINCT marketplace_order_id), count(DISTINCT ref)
        FROM account_move WHERE move_type = 'out_invoice' AND state = 'posted'
    """
    assert shop.rows(sql) == [(ORDERS, ORDERS, ORDERS)]
    assert shop.value("SELECT count(*) FROM account_move WHERE state != 'posted'") == 0


def test_every_invoice_comes_to_what_the_channel_said(survivor):
    shop = survivor[0]
    sql = """
        SELECT count(*) FROM account_move move
        JOIN marketplace_order staged ON staged.id = move.marketplace_order_id
        WHERE move.move_type = 'out_invoice'
        AND move.amount_total = (staged.external_ref::int % 3 + 1) * 115
    """
    assert shop.value(sql) == ORDERS


def test_numbers_of_invoices_have_no_gap(survivor):
    """The killed runs gave out numbers that were rolled back."""
    shop = survivor[0]
    sql = """
        SELECT min(sequence_number), max(sequence_number), count(DISTINCT sequence_number)
        FROM account_move WHERE move_type = 'out_invoice'
    """
    assert shop.rows(sql) == [(1, ORDERS, ORDERS)]


def test_every_payment_is_cleared_once(survivor):
    shop = survivor[0]
    sql = """
        SELECT count(*), count(DISTINCT line.name), sum(line.debit)
        FROM account_move_line line
        JOIN marketplace_channel channel ON channel.clearing_account_id = line.account_id
    """
    total = sum(115 * (number % 3 + 1) for number in range(1, ORDERS + 1))
    assert shop.rows(sql) == [(ORDERS, ORDERS, total)]
    sql = """
        SELECT payment_state, count(*) FROM account_move
        WHERE move_type = 'out_invoice' GROUP BY payment_state
    """
    assert shop.pairs(sql) == {"paid": ORDERS}


def test_each_buyer_is_one_contact(survivor):
    shop = survivor[0]
    sql = "SELECT count(*), count(DISTINCT partner_id) FROM marketplace_partner_mapping"
    assert shop.rows(sql) == [(BUYERS, BUYERS)]
    sql = "SELECT count(*) FROM res_partner WHERE name LIKE 'Ann Buyer%'"
    assert shop.value(sql) == BUYERS


def test_there_is_one_import_and_it_is_done(survivor):
    shop = survivor[0]
    sql = "SELECT state, position, record_count FROM marketplace_import"
    assert shop.rows(sql) == [("done", ORDERS, ORDERS)]
    sql = "SELECT count(*) FROM marketplace_import_marketplace_order_rel"
    assert shop.value(sql) == ORDERS


def test_a_run_after_that_changes_nothing(survivor):
    shop, path, _outcome = survivor
    before = shop.row_counts()
    outcome = run_import(shop, path)
    assert outcome.summary["unchanged"] == ORDERS
    assert shop.row_counts() == before
