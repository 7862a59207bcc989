"""The command line over all real payloads, held against the facts of their ``SOURCES.md``.

The facts were computed there by a script from each file; they are read here, not typed. What
is typed is why a fact needs reading with care, and what each file without orders is.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from flow_support import SAMPLES, run_import

#: Pages of Amazon order 902-1845936-5435065 that state no amount: their facts have no line.
BARE_PAGES = {
    "amazon/orders_v0_getOrderAddress.json": "902-1845936-5435065",
    "amazon/orders_v0_getOrderBuyerInfo.json": "902-1845936-5435065",
}

#: What a user must read about each file that holds no orders.
REFUSALS = {
    "SOURCES.md": "unknown format: a table",
    "amazon/finances_2024-06-19_listTransactions.json": "Amazon transactions",
    "amazon/finances_v0_listFinancialEventGroups.json": "Amazon financial events",
    "amazon/finances_v0_listFinancialEvents.json": "Amazon financial events",
    "amazon/notification_ORDER_CHANGE.json": "Amazon notification",
    # An item page without the order's id: nobody can tell which order it belongs to.
    "amazon/orders_v0.getOrderItemsBuyerInfo.json": "payload.AmazonOrderId: missing",
    "amazon/reference/settlement_v2_fee_codes.json": "unknown format: JSON with keys amount",
    "amazon/settlement_v1.one_row_two_amounts.txt": "Amazon settlement report (V1",
    "amazon/settlement_v2_flat_file.txt": "Amazon settlement report (V2",
    "amazon/transfers_2024-06-01_listPayouts.json": "Amazon payouts",
    "etsy/statement_2022-01_usd.csv": "Etsy payment account statement",
    # Not one of our platforms.
    "paypal/activity_en_usd.csv": "unknown format: a table with columns Date, Time",
    "shopify/go_payments_transactions.json": "Shopify Payments balance transactions",
    "shopify/order_transactions.json": "Shopify transactions of an order",
    "shopify/payout.json": "Shopify Payments payouts",
    "shopify/payout_balance_transactions.json": "Shopify Payments balance transactions",
    "shopify/payouts_list.json": "Shopify Payments payouts",
    "shopify/refund.json": "Shopify refunds",
    "shopify/refund_shipping_only.json": "Shopify refunds",
    "shopify/refunds_list.json": "Shopify refunds",
    "shopify/transactions.json": "Shopify transactions of an order",
    "stripe/balance_transaction.json": "Stripe balance transactions",
    "stripe/charge.json": "Stripe charges",
    "stripe/payout.json": "Stripe payouts",
    "stripe/refund.json": "Stripe refunds",
    "stripe/transfer.json": "Stripe transfers",
    "woocommerce/refund_amount_only.json": "WooCommerce refunds",
    "woocommerce/refunds_list.json": "WooCommerce refunds",
}

FORMATS = {
    "amazon/orders_2026": "amazon.orders.2026-01-01",
    "amazon/orders_v0": "amazon.orders.v0",
    "ebay/getOrder": "ebay.orders.fulfillment",
    "ebay/trading": "ebay.orders.trading",
    "etsy/receipts": "etsy.receipts.v3",
    "shopify/order": "shopify.orders.rest",
    "woocommerce/order": "woocommerce.orders.v3",
}

#: Fact of SOURCES.md -> key of our document.
AMOUNTS = {
    "total": "amount_total",
    "tax": "amount_tax",
    "shipping": "amount_shipping",
    "discount": "amount_discount",
}


def read_facts():
    """Return {file: facts of its orders} for every file that holds orders."""
    facts = {}
    if not SAMPLES.is_dir():
        return facts
    text = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name = section.split("\n", 1)[0].strip()
        records = [
            json.loads(line) for line in section.splitlines() if line.startswith("{")
        ]
        if name not in REFUSALS:
            facts[name] = [record for record in records if "external_id" in record]
    return facts


FACTS = read_facts()
# One test says "samples not present" where the folder is missing.
NAMES = sorted(FACTS) or ["(samples)"]


def decimal(value):
    return None if value is None else Decimal(value)


def stated(fact, name):
    """Return the amount of a fact.

    eBay's Trading API states the tax of each transaction apart and of the order nowhere: there
    the fact is a list of amounts with their currency.
    """
    value = fact[name]
    if isinstance(value, list):
        return sum((Decimal(amount) for amount, _currency in value), Decimal(0))
    return decimal(value)


@pytest.fixture(scope="module")
def report(samples, module_shop):
    """One dry run over the whole folder, as {file: entry of the document}."""
    before = module_shop.row_counts()
    outcome = run_import(module_shop, "--dry-run", samples)
    assert outcome.code == 0, outcome.stderr
    assert module_shop.row_counts() == before
    return {
        entry["file"].removeprefix(f"{samples}/"): entry
        for entry in outcome.document["files"]
    }


@pytest.mark.parametrize("name", NAMES)
def test_orders_are_reported_as_the_file_states_them(report, name):
    entry, facts = report[name], FACTS[name]
    assert entry["status"] == "imported", entry["error"]
    assert entry["error"] is None
    expected_refs = [fact["external_id"] for fact in facts] or [BARE_PAGES[name]]
    assert [order["external_ref"] for order in entry["orders"]] == expected_refs
    for order, fact in zip(entry["orders"], facts, strict=False):
        found = {name: decimal(order[key]) for name, key in AMOUNTS.items()}
        assert found == {name: stated(fact, name) for name in AMOUNTS}
        assert order["currency"] == fact["currency"]
        assert order["lines"] == fact["n_lines"]
        assert order["channel_status"] == fact["status"]


@pytest.mark.parametrize("name", NAMES)
def test_format_is_found_by_content(report, name):
    prefix = next(prefix for prefix in FORMATS if name.startswith(prefix))
    assert report[name]["format"] == FORMATS[prefix]


@pytest.mark.parametrize("name", NAMES)
def test_orders_that_do_not_add_up_are_reported_and_the_others_are_not(report, name):
    for order, fact in zip(report[name]["orders"], FACTS[name], strict=False):
        codes = [issue["code"] for issue in order["issues"]]
        # eBay's minimal answer has a total and no amount on its line.
        balances = fact.get("balances", fact.get("sum_of_line_totals") != "0")
        assert ("total_difference" in codes) is not balances
        assert order["state"] in ({"exception"} if codes else {"ready", "draft"})


def test_order_without_total_and_order_without_lines_wait(report):
    pending = report["amazon/orders_v0_getOrders_pending.json"]["orders"][0]
    assert (pending["amount_total"], pending["state"]) == (None, "draft")
    _joined, header_only = report["amazon/orders_v0_getOrders.json"]["orders"]
    assert (header_only["lines"], header_only["state"]) == (None, "draft")


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_file_without_orders_is_refused_by_what_it_is(report, name):
    entry = report[name]
    assert (entry["status"], entry["orders"]) == ("rejected", [])
    assert REFUSALS[name] in entry["error"]


def test_every_file_is_either_read_or_refused(report):
    assert set(report) == set(FACTS) | set(REFUSALS)


def test_pages_of_one_amazon_order_are_judged_together(report):
    """10.00 + tax 1.01 = 11.01: header and items lie in different files."""
    issues = [
        order["issues"]
        for entry in report.values()
        for order in entry["orders"]
        if order["external_ref"] == "902-1845936-5435065"
    ]
    assert len(issues) == 5
    assert all(found == issues[0] for found in issues)
    assert "total_difference" not in [issue["code"] for issue in issues[0]]
