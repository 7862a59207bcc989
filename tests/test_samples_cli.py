"""The command line over all real payloads, held against the facts of their ``SOURCES.md``.

The facts were computed there by a script from each file; they are read here, not typed. What
is typed is why a fact needs reading with care, and what each other file is.
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

#: Files of payouts and account entries, with their format.
SETTLEMENTS = {
    "amazon/finances_2024-06-19_listTransactions.json": "amazon.finances.2024-06-19",
    "amazon/finances_v0_listFinancialEventGroups.json": "amazon.finances.v0",
    "amazon/finances_v0_listFinancialEvents.json": "amazon.finances.v0",
    "amazon/settlement_v1.one_row_two_amounts.txt": "amazon.settlement.v1",
    "amazon/settlement_v2_flat_file.txt": "amazon.settlement.v2",
    "amazon/transfers_2024-06-01_listPayouts.json": "amazon.transfers",
    "etsy/statement_2022-01_usd.csv": "etsy.statement.csv",
    "paypal/activity_en_usd.csv": "paypal.activity",
    "shopify/go_payments_transactions.json": "shopify.balance_transactions.rest",
    "shopify/payout.json": "shopify.payouts.rest",
    "shopify/payout_balance_transactions.json": "shopify.balance_transactions.rest",
    "shopify/payouts_list.json": "shopify.payouts.rest",
    "stripe/balance_transaction.json": "stripe.balance_transactions",
    "stripe/payout.json": "stripe.payouts",
}

#: Files of refunds, with their format.
REFUNDS = {
    "shopify/refund.json": "shopify.refunds.rest",
    "shopify/refund_shipping_only.json": "shopify.refunds.rest",
    "shopify/refunds_list.json": "shopify.refunds.rest",
    "woocommerce/refund_amount_only.json": "woocommerce.refunds.v3",
    "woocommerce/refunds_list.json": "woocommerce.refunds.v3",
}

#: What a user must read about each file that holds nothing to import.
REFUSALS = {
    "SOURCES.md": "unknown format: a table",
    "amazon/notification_ORDER_CHANGE.json": "Amazon notification",
    # An item page without the order's id: nobody can tell which order it belongs to.
    "amazon/orders_v0.getOrderItemsBuyerInfo.json": "payload.AmazonOrderId: missing",
    "amazon/reference/settlement_v2_fee_codes.json": "unknown format: JSON with keys amount",
    "shopify/order_transactions.json": "Shopify transactions of an order",
    "shopify/transactions.json": "Shopify transactions of an order",
    "stripe/charge.json": "Stripe charges",
    "stripe/refund.json": "Stripe refunds",
    "stripe/transfer.json": "Stripe transfers",
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
    return {name: found for name, found in facts.items() if name not in SETTLEMENTS}


def read_settlement_facts():
    """Return {file: what SOURCES.md states about it} for files of payouts and entries."""
    if not SAMPLES.is_dir():
        return {}
    text = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        name: json.loads(re.search(r"^\{.*", section, flags=re.MULTILINE)[0])
        for section in sections
        if (name := section.split("\n", 1)[0].strip()) in SETTLEMENTS
    }


ALL_FACTS = read_facts()
FACTS = {name: found for name, found in ALL_FACTS.items() if name not in REFUNDS}
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
def test_file_without_records_is_refused_by_what_it_is(report, name):
    entry = report[name]
    assert (entry["status"], entry["orders"]) == ("rejected", [])
    assert (entry["settlements"], entry["refunds"]) == ([], [])
    assert REFUSALS[name] in entry["error"]


def test_every_file_is_either_read_or_refused(report):
    assert set(report) == set(ALL_FACTS) | set(SETTLEMENTS) | set(REFUSALS)


# -- settlements -------------------------------------------------------------------------

SETTLEMENT_KEYS = {
    "external_ref",
    "currency",
    "amount_total",
    "rows",
    "sum_by_type",
    "balances",
    "issues",
}


@pytest.fixture(scope="module")
def settlement_facts(samples):
    return read_settlement_facts()


def settlement_of(report, name):
    [settlement] = report[name]["settlements"]
    return settlement


def net_of(settlement):
    return sum(map(Decimal, settlement["sum_by_type"].values()), Decimal(0))


@pytest.mark.parametrize("name", sorted(SETTLEMENTS))
def test_settlements_are_reported(report, name):
    entry = report[name]
    assert (entry["format"], entry["status"]) == (SETTLEMENTS[name], "imported")
    assert (entry["error"], entry["orders"], entry["refunds"]) == (None, [], [])
    assert entry["settlements"]
    assert all(set(found) == SETTLEMENT_KEYS for found in entry["settlements"])


@pytest.mark.parametrize("name", sorted(SETTLEMENTS))
def test_only_a_settlement_that_does_not_tie_out_has_an_issue(report, name):
    for settlement in report[name]["settlements"]:
        codes = [issue["code"] for issue in settlement["issues"]]
        wrong = settlement["balances"] is False
        assert codes == (["settlement_imbalance"] if wrong else [])


def test_amazons_report_ties_out_with_the_sums_of_its_words(report, settlement_facts):
    name = "amazon/settlement_v2_flat_file.txt"
    settlement, fact = settlement_of(report, name), settlement_facts[name]
    stated = {
        "external_ref": fact["settlement_id"],
        "currency": fact["currency"],
        "amount_total": fact["total_amount"],
        "rows": fact["n_detail_rows"],
        "balances": fact["balances"],
        "sum_by_type": {
            words.replace(" / ", "/"): amount
            for words, amount in fact["sum_by_type_and_description"].items()
        },
    }
    assert {key: settlement[key] for key in stated} == stated


def test_amazons_older_report_says_by_how_much_it_is_out(report, settlement_facts):
    name = "amazon/settlement_v1.one_row_two_amounts.txt"
    settlement, fact = settlement_of(report, name), settlement_facts[name]
    assert settlement["balances"] is fact["balances"]
    assert settlement["rows"] == fact["n_rows"]
    assert net_of(settlement) == Decimal(fact["sum"])
    [issue] = settlement["issues"]
    expected = f"the lines come to {fact['sum']}, not {fact['total_amount']}"
    assert issue == {"code": "settlement_imbalance", "message": expected}


def test_paypals_activity_ties_out_by_its_balances(report, settlement_facts):
    name = "paypal/activity_en_usd.csv"
    settlement, fact = settlement_of(report, name), settlement_facts[name]
    assert settlement["currency"] == fact["currency"]
    assert (settlement["rows"], settlement["balances"]) == (fact["n_rows"], True)
    assert settlement["amount_total"] == fact["total_amount"]
    found = {}
    for words, amount in settlement["sum_by_type"].items():
        key = f"{words.removesuffix('/fee')} {fact['currency']}"
        found[key] = found.get(key, Decimal(0)) + Decimal(amount)
    assert found == {
        key: Decimal(net) for key, net in fact["sum_by_amount_type"].items()
    }


@pytest.mark.parametrize("name", ["shopify/payout.json", "shopify/payouts_list.json"])
def test_payouts_have_the_total_of_the_file(report, settlement_facts, name):
    keys = ("external_ref", "currency", "amount_total")
    found = [tuple(x[key] for key in keys) for x in report[name]["settlements"]]
    stated = ("settlement_id", "currency", "total_amount")
    assert found == [
        tuple(payout[key] for key in stated)
        for payout in settlement_facts[name]["payouts"]
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (
            "amazon/finances_v0_listFinancialEventGroups.json",
            "FinancialEventGroupList/OriginalTotal USD",
        ),
        ("amazon/transfers_2024-06-01_listPayouts.json", "payouts/amount USD"),
    ],
)
def test_heads_of_amazon_have_their_total(report, settlement_facts, name, path):
    settlement = settlement_of(report, name)
    total = settlement_facts[name]["sum_by_path"][path]
    assert Decimal(settlement["amount_total"]) == Decimal(total)
    assert (settlement["rows"], settlement["balances"]) == (0, None)


def test_amazons_transactions_come_to_their_totals(report, settlement_facts):
    name = "amazon/finances_2024-06-19_listTransactions.json"
    sums = settlement_facts[name]["sum_by_path"]
    total = Decimal(sums["transactions/totalAmount USD"])
    assert net_of(settlement_of(report, name)) == total


def test_amazons_events_have_the_amounts_of_the_file(report, settlement_facts):
    """8 of 11: what only informs, and parts of a total that they do not come to, are none."""
    name = "amazon/finances_v0_listFinancialEvents.json"
    sums = settlement_facts[name]["sum_by_path"]
    no_money = ("RentalInitialValue USD", "baseValue USD", "taxValue USD")
    stated = [Decimal(x) for path, x in sums.items() if not path.endswith(no_money)]
    settlement = settlement_of(report, name)
    assert (len(stated), len(settlement["sum_by_type"])) == (8, 8)
    assert net_of(settlement) == sum(stated)
    assert (settlement["external_ref"], settlement["rows"]) == ("", 4)


def test_entries_of_other_platforms_come_to_the_net_of_the_file(
    report, settlement_facts
):
    entries = {
        "shopify/go_payments_transactions.json": "net",
        "shopify/payout_balance_transactions.json": "sum_of_rows",
    }
    for name, key in entries.items():
        net = Decimal(settlement_facts[name][key])
        assert net_of(settlement_of(report, name)) == net
    # Stripe counts cents.
    charge = settlement_of(report, "stripe/balance_transaction.json")
    assert (
        net_of(charge) * 100
        == settlement_facts["stripe/balance_transaction.json"]["net"]
    )
    payout = settlement_of(report, "stripe/payout.json")
    cents = settlement_facts["stripe/payout.json"]["amount"]
    assert Decimal(payout["amount_total"]) * 100 == cents


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


# -- refunds -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(REFUNDS))
def test_refunds_are_reported_as_the_file_states_them(report, name):
    entry, facts = report[name], ALL_FACTS[name]
    assert (entry["format"], entry["status"]) == (REFUNDS[name], "imported")
    assert (entry["error"], entry["orders"], entry["settlements"]) == (None, [], [])
    found = entry["refunds"]
    assert [x["external_ref"] for x in found] == [x["external_id"] for x in facts]
    for refund, fact in zip(found, facts, strict=True):
        assert Decimal(refund["amount"]) == Decimal(fact["total"])
        assert (refund["currency"], refund["lines"]) == (
            fact["currency"],
            fact["n_lines"],
        )
        assert (refund["status"], refund["issues"]) == ("done", [])
        # A file that states no tax has 0 in the facts or nothing.
        for key in ("tax", "shipping"):
            assert Decimal(refund[key] or 0) == Decimal(fact[key] or 0)
        assert refund["order_ref"] == fact.get("order_id", "723")
