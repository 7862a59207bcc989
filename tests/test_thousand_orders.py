"""1,000 orders with 10 bad ones of five causes: 990 invoiced, 10 in review under 5 cards."""

from __future__ import annotations

import json
import time

from flow_support import shopify_order, woo_order

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon

WEB_ORDERS = 700
SHOPIFY_ORDERS = 300

BOWL = ("BOWL", 1, "100.00", "15.00")
ELSEWHERE = {
    "first_name": "Ann",
    "last_name": "Buyer",
    "address_1": "1 Main Street",
    "city": "Portland",
    "country": "",
}
#: What is wrong with two orders each. Numbers are spread over the batches of 200.
CAUSES = {
    # SKU that no product is mapped to.
    ("unknown_sku", "CUP"): {"lines": [("CUP", 1, "100.00", "15.00")]},
    # 115.00 on the lines, 120.00 on the order.
    ("total_difference", ""): {"total": "120.00"},
    ("missing_country", ""): {"billing": ELSEWHERE, "shipping": ELSEWHERE},
    # Krona without a rate.
    ("currency_without_rate", "ISK"): {"currency": "ISK"},
    ("closed_period", "2023-12"): {"date_created_gmt": "2023-12-28T10:00:00"},
}
BAD = {
    number: cause
    for cause, numbers in zip(
        CAUSES, ((7, 8), (150, 350), (201, 700), (400, 401), (555, 600)), strict=True
    )
    for number in numbers
}


def web_orders():
    """Orders of one to three bowls and a spoon, paid on two days."""
    for number in range(1, WEB_ORDERS + 1):
        bowls = number % 3 + 1
        lines = [
            ("BOWL", bowls, f"{100 * bowls}.00", f"{15 * bowls}.00"),
            ("SPOON", 1, "20.00", "3.00"),
        ]
        values = {
            "lines": lines,
            "date_paid_gmt": f"2024-03-{6 + number % 2:02}T09:00:00",
        }
        if number in BAD:
            values.update(lines=[BOWL])
            values.update(CAUSES[BAD[number]])
        yield woo_order(number, **values)


def shopify_orders():
    """Orders of one to three bowls; of every other one the marketplace owes the tax."""
    for number in range(10_001, 10_001 + SHOPIFY_ORDERS):
        yield shopify_order(
            number, number % 3 + 1, marketplace_owes_tax=number % 2 == 0
        )


def invoice_total(order):
    """Return what our invoice must come to, by hand from how the orders are generated."""
    number = int(order.external_ref)
    if number in BAD:
        return 115
    bowls = number % 3 + 1
    if number <= WEB_ORDERS:
        return 115 * bowls + 23
    return (100 if number % 2 == 0 else 115) * bowls


@tagged("post_install", "-at_install")
class TestThousandOrders(MarketplaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fiscalyear_lock_date = "2023-12-31"
        cls.shopify = cls._create_channel("Shopify shop", "shopify")
        cls._map(cls.shopify, cls.bowl)
        # New cursors share the test's transaction: what a worker commits can be undone.
        cls.registry_enter_test_mode_cls()
        started = time.monotonic()
        cls.imports = cls._import(list(web_orders())) | cls._import(
            {"orders": list(shopify_orders())}, cls.shopify, "shopify.json"
        )
        staged = time.monotonic()
        cls.env.flush_all()
        with cls.registry.cursor() as cr:
            queue = cls.env(cr=cr)["marketplace.order"].sudo()
            queue._process_queue(on_batch=lambda _count: cls._analyse(cr))
        cls.env.invalidate_all()
        done = time.monotonic()
        print(
            f"\n1,000 orders: staged {staged - started:.1f} s, to invoices {done - staged:.1f} s"
        )
        cls.orders = cls.imports.order_ids

    @classmethod
    def _analyse(cls, cr):
        """Do what autovacuum does between real transactions, and go on.

        Without it PostgreSQL plans core's look-up of reconciled payments for empty tables.
        """
        for table in ("account_move", "account_move_line", "account_partial_reconcile"):
            cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        return True

    def test_990_are_invoiced_and_10_wait_for_a_person(self):
        states = {
            state: len(found) for state, found in self.orders.grouped("state").items()
        }
        self.assertEqual(states, {"invoiced": 990, "exception": 10})
        waiting = self.orders.filtered(lambda order: order.state == "exception")
        self.assertEqual({int(ref) for ref in waiting.mapped("external_ref")}, set(BAD))
        self.assertFalse(waiting.sale_order_ids)
        self.assertFalse(waiting.invoice_ids)

    def test_10_orders_lie_under_5_cards_of_2(self):
        cards = self.env["marketplace.issue.cause"].search(
            [("channel_id", "in", self.imports.channel_id.ids), ("open_count", ">", 0)]
        )
        found = {(card.code, card.key or ""): card.open_count for card in cards}
        self.assertEqual(found, dict.fromkeys(CAUSES, 2))
        for card in cards:
            expected = {
                str(n)
                for n, cause in BAD.items()
                if cause == (card.code, card.key or "")
            }
            self.assertEqual(
                set(card._get_open_orders().mapped("external_ref")), expected
            )

    def test_every_invoice_comes_to_the_channel_total_without_marketplace_tax(self):
        invoiced = self.orders.filtered(lambda order: order.state == "invoiced")
        for order in invoiced:
            self.assertEqual(order.invoice_id.state, "posted")
            self.assertAlmostEqual(
                order.invoice_id.amount_total, invoice_total(order), 2
            )
            self.assertAlmostEqual(
                order.invoice_id.amount_total,
                order.amount_total - order.marketplace_tax,
                2,
            )

    def test_marketplace_tax_is_on_no_tax_account(self):
        """Of 300 orders with 1, 2 or 3 bowls, 150 with a tax of the marketplace."""
        marketplace = self.orders.filtered("marketplace_tax")
        self.assertEqual(len(marketplace), SHOPIFY_ORDERS // 2)
        self.assertFalse(marketplace.invoice_id.line_ids.filtered("tax_line_id"))
        self.assertFalse(any(marketplace.invoice_id.mapped("amount_tax")))

    def test_no_order_has_two_documents(self):
        invoiced = self.orders.filtered(lambda order: order.state == "invoiced")
        for documents in (invoiced.sale_order_ids, invoiced.invoice_ids):
            self.assertEqual(len(documents), 990)
            self.assertEqual(len(documents.marketplace_order_id), 990)
        self.assertEqual(len(set(invoiced.invoice_id.mapped("name"))), 990)

    def test_each_invoice_is_cleared_once_by_an_entry_of_its_day(self):
        invoiced = self.orders.filtered(lambda order: order.state == "invoiced")
        self.assertEqual(set(invoiced.invoice_id.mapped("payment_state")), {"paid"})
        for entry, orders in invoiced.grouped("clearing_move_id").items():
            days = {order._get_clearing_date() for order in orders}
            self.assertEqual(days, {entry.date})
            self.assertEqual(len(entry.line_ids), 2 * len(orders))
            self.assertEqual(len(orders.channel_id), 1)
        # Two days of the web shop and one of Shopify, in at most as many batches as 200 make.
        entries = invoiced.clearing_move_id
        self.assertLessEqual(len(entries), 2 * 4 + 3)
        cleared = entries.line_ids.filtered("debit")
        self.assertEqual(len(cleared), 990)
        self.assertAlmostEqual(
            sum(cleared.mapped("debit")),
            sum(invoice_total(order) for order in invoiced),
            2,
        )

    def test_fixing_one_mapping_invoices_exactly_its_orders(self):
        waiting = self.orders.filtered(lambda order: order.state == "exception")
        before = self.env["account.move"].search_count(
            [("move_type", "=", "out_invoice")]
        )
        self._map(self.channel, self.bowl, code="CUP")
        freed = waiting.filtered(lambda order: order.state == "invoiced")
        self.assertEqual(set(freed.mapped("external_ref")), {"7", "8"})
        self.assertEqual((waiting - freed).grouped("state").keys(), {"exception"})
        after = self.env["account.move"].search_count(
            [("move_type", "=", "out_invoice")]
        )
        self.assertEqual(after - before, 2)
        card = freed.issue_ids.cause_id
        self.assertEqual(
            (card.open_count, freed.issue_ids.mapped("state")), (0, ["resolved"] * 2)
        )

    def test_opening_the_period_frees_its_orders_with_their_own_date(self):
        self.company.fiscalyear_lock_date = False
        card = self.env["marketplace.issue.cause"].search(
            [("channel_id", "=", self.channel.id), ("code", "=", "closed_period")]
        )
        freed = card._get_open_orders()
        card.action_recheck()
        self.assertEqual(freed.mapped("state"), ["invoiced"] * 2)
        self.assertEqual(
            set(freed.invoice_id.mapped("invoice_date")),
            {fields.Date.to_date("2023-12-28")},
        )


@tagged("post_install", "-at_install")
class TestQueriesPerOrder(MarketplaceCommon):
    def _queries_of(self, first, count):
        """Return the number of queries that importing and invoicing some orders takes."""
        orders = [woo_order(number) for number in range(first, first + count)]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        record = self._import(json.dumps(orders).encode(), name=f"{first}.json")
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(set(record.order_ids.mapped("state")), {"invoiced"})
        return queries

    def test_queries_per_order_do_not_grow_with_the_batch(self):
        self._queries_of(1, 5)  # fills the caches that belong to no order
        twenty = self._queries_of(1001, 20)
        forty = self._queries_of(2001, 40)
        print(f"\nqueries: {twenty} for 20 orders, {forty} for 40")
        self.assertLessEqual(forty / 40, twenty / 20)
