"""Shopify REST orders. Figures: SOURCES.md, Shopify's documentation, arithmetic by hand."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import shopify
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Sample,
)

D = Decimal
FILES = Path(__file__).parent / "files" / "shopify"
FORMATS = {fmt.code: fmt for fmt in shopify.FORMATS}
REST = FORMATS["shopify.orders.rest"]
# The JSON types that a mutation puts in the place of a value.
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["", "NaN", "-Infinity", "1e999999999", "x", "9" * 50, "\x00"]),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just([{}]),
)


def read(document: object, fmt=REST) -> list:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(fmt.parse(io.BytesIO(data)))


def read_one(document: object, fmt=REST) -> ParsedOrder:
    [order] = read(document, fmt)
    assert isinstance(order, ParsedOrder), order
    return order


def tax(price: str, **values) -> dict:
    return {"title": "VAT", "rate": 0.2, "price": price, **values}


def item(**values) -> dict:
    return {
        "id": 11,
        "sku": "CUP",
        "title": "Cup",
        "quantity": 1,
        "price": "10.00",
        "tax_lines": [],
        **values,
    }


def order(*items: dict, **values) -> dict:
    return {
        "id": 1,
        "name": "#1",
        "currency": "EUR",
        "total_price": "10.00",
        "total_tax": "0.00",
        "financial_status": "paid",
        "taxes_included": False,
        "created_at": "2026-01-05T10:00:00+01:00",
        "processed_at": "2026-01-05T10:00:00+01:00",
        "line_items": list(items) or [item()],
        "shipping_lines": [],
        **values,
    }


def keys_of(value: object, path: str = "") -> set[str]:
    """Every dotted path of a document, as ``Sample.keys`` has them."""
    if isinstance(value, list):
        found = [keys_of(part, f"{path}[]") for part in value]
        return {f"{path}[]"}.union(*found)
    if isinstance(value, dict):
        found = [
            keys_of(part, f"{path}.{key}".lstrip(".")) for key, part in value.items()
        ]
        return set().union({f"{path}.{key}".lstrip(".") for key in value}, *found)
    return set()


def detected(document: object) -> list[str]:
    sample = Sample(kind="json", keys=frozenset(keys_of(document)))
    return [fmt.code for fmt in shopify.FORMATS if fmt.detect(sample)]


# Real payloads

FACTS = [
    {
        "file": "orders_list_partially_refunded.json",
        "ref": ("450789469", "#1001"),
        "total": ("598.94", "199.65"),
        "tax_shipping_discount": ("11.94", "0.00", "10.00"),
        "status": ("partially_refunded", "partially_refunded"),
        "skus": ["IPOD2008GREEN", "IPOD2008RED", "IPOD2008BLACK"],
        "quantity": 3,
        # 199.00 x 3 - 3.34 - 3.33 - 3.33
        "items": "587.00",
        "refunds": [("509562969", D("209.00"), "USD")],
    },
    {
        "file": "orders_list_paid_one_line.json",
        "ref": ("1073459969", "#1002"),
        "total": ("199.00", "199.00"),
        "tax_shipping_discount": ("0.00", "0", "0.00"),
        "status": ("paid", "paid"),
        "skus": ["IPOD2009BLACK"],
        "quantity": 1,
        "items": "199.00",
        "refunds": [],
    },
    {
        "file": "order_discount_code.json",
        "ref": ("1073459981", "#1002"),
        "total": ("181.09", "181.09"),
        "tax_shipping_discount": ("0.00", "0", "17.91"),
        "status": ("paid", "paid"),
        "skus": ["IPOD2009BLACK"],
        "quantity": 1,
        # 199.00 - 17.91
        "items": "181.09",
        "refunds": [],
    },
    {
        "file": "order_pending.json",
        "ref": ("1073459983", "#1002"),
        "total": ("199.00", "199.00"),
        "tax_shipping_discount": ("0.00", "0", "0.00"),
        "status": ("pending", "unpaid"),
        "skus": ["IPOD2009BLACK"],
        "quantity": 1,
        "items": "199.00",
        "refunds": [],
    },
]


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts["file"])
def test_sample_order_has_the_documented_facts(samples: Path, facts: dict) -> None:
    parsed = read_one((samples / "shopify" / facts["file"]).read_bytes())
    items = [line for line in parsed.lines if line.kind == "product"]
    assert (parsed.external_ref, parsed.display_name) == facts["ref"]
    assert parsed.currency == "USD"
    totals = (parsed.amount_total, parsed.amount_current)
    assert tuple(map(str, totals)) == facts["total"]
    parts = (parsed.amount_tax, parsed.amount_shipping, parsed.amount_discount)
    assert tuple(map(str, parts)) == facts["tax_shipping_discount"]
    assert (parsed.channel_status, parsed.payment_status) == facts["status"]
    assert parsed.status == "open"
    assert [line.sku for line in items] == facts["skus"]
    assert sum(line.quantity for line in items) == facts["quantity"]
    assert sum(line.amount for line in items) == D(facts["items"])
    assert [(r.external_ref, r.amount, r.currency) for r in parsed.refunds] == facts[
        "refunds"
    ]
    assert parsed.imbalance == 0


def test_sample_tax_with_a_null_flag_is_unknown_with_its_place(samples: Path) -> None:
    path = samples / "shopify" / "orders_list_partially_refunded.json"
    parsed = read_one(path.read_bytes())
    assert [(line.liability, line.tax) for line in parsed.lines[:3]] == [
        ("unknown", D("3.98"))
    ] * 3
    assert parsed.lines[1].evidence == "line_items[1].tax_lines[0].channel_liable=null"
    assert parsed.lines[0].taxes[0].rate == D("0.06")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("orders_list_partially_refunded.json", "shopify.orders.rest"),
        ("orders_list_paid_one_line.json", "shopify.orders.rest"),
        ("order_discount_code.json", "shopify.orders.rest"),
        ("order_pending.json", "shopify.orders.rest"),
        ("refunds_list.json", "shopify.refunds.rest"),
        ("refund_shipping_only.json", "shopify.refunds.rest"),
        ("refund.json", "shopify.refunds.rest"),
        ("payouts_list.json", "shopify.payouts.rest"),
        ("payout.json", "shopify.payouts.rest"),
        ("payout_balance_transactions.json", "shopify.balance_transactions.rest"),
        ("go_payments_transactions.json", "shopify.balance_transactions.rest"),
        ("order_transactions.json", "shopify.transactions.rest"),
        ("transactions.json", "shopify.transactions.rest"),
    ],
)
def test_sample_file_is_recognised_as_exactly_one_format(
    samples: Path, file: str, code: str
) -> None:
    assert detected(json.loads((samples / "shopify" / file).read_text())) == [code]


def test_documents_of_other_platforms_are_not_taken(samples: Path) -> None:
    others = [
        path
        for path in samples.rglob("*.json")
        if path.parent.name in ("amazon", "ebay", "etsy", "stripe", "woocommerce")
    ]
    assert others
    taken = {path.name: detected(json.loads(path.read_text())) for path in others}
    assert {name: codes for name, codes in taken.items() if codes} == {}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"orders": [one]},
        lambda one: {"order": one},
        lambda one: [one],
        lambda one: one,
    ],
)
def test_every_wrapping_is_recognised_and_read(wrap) -> None:
    assert detected(wrap(order())) == ["shopify.orders.rest"]
    assert read_one(wrap(order())).external_ref == "1"


def test_an_empty_page_holds_no_orders_and_is_no_error() -> None:
    assert detected({"orders": []}) == ["shopify.orders.rest"]
    assert read({"orders": []}) == []


# Amounts


def test_line_amount_is_price_times_quantity_less_its_allocations() -> None:
    line = item(
        quantity=3,
        price="9.99",
        total_discount="0.00",
        discount_allocations=[{"amount": "2.00"}, {"amount": "0.97"}],
    )
    parsed = read_one(order(line, total_price="27.00")).lines[0]
    # 3 x 9.99 = 29.97; 29.97 - 2.97 = 27.00
    assert (parsed.amount, parsed.discount) == (D("27.00"), D("2.97"))


def test_total_discount_counts_where_no_allocations_are_stated() -> None:
    [line] = read_one(order(item(total_discount="1.50"))).lines
    assert (line.amount, line.discount) == (D("8.50"), D("1.50"))


def test_quantity_is_what_was_ordered_and_the_current_total_stands_apart() -> None:
    line = item(quantity=2, current_quantity=0, price="5.00")
    parsed = read_one(order(line, current_total_price="0.00"))
    assert parsed.lines[0].quantity == 2
    assert (parsed.amount_total, parsed.amount_current) == (D("10.00"), D("0.00"))
    assert parsed.imbalance == 0


def test_a_line_of_quantity_zero_and_a_zero_value_child_line_are_kept() -> None:
    lines = (item(), item(id=12, quantity=0), item(id=13, sku="CHILD", price="0.00"))
    parsed = read_one(order(*lines))
    assert [line.quantity for line in parsed.lines] == [1, 0, 1]
    assert [line.amount for line in parsed.lines] == [D("10.00"), D(0), D(0)]
    assert parsed.imbalance == 0


def test_yen_amounts_keep_no_decimals() -> None:
    parsed = read_one(
        order(item(price="1200", quantity=2), currency="JPY", total_price="2400")
    )
    assert str(parsed.amount_total) == "2400"
    assert str(parsed.lines[0].amount) == "2400"


def test_taxes_included_makes_the_line_amounts_contain_tax() -> None:
    # 12.00 with 20 % inside is 2.00 of tax; the total is 12.00, not 14.00.
    line = item(price="12.00", tax_lines=[tax("2.00", channel_liable=False)])
    parsed = read_one(order(line, taxes_included=True, total_price="12.00"))
    assert parsed.lines[0].tax_included is True
    assert parsed.imbalance == 0


def test_shipping_discount_is_taken_off_the_shipping_line() -> None:
    shipping = {
        "id": 5,
        "title": "Express",
        "code": "EXP",
        "price": "8.00",
        "discounted_price": "8.00",
        "discount_allocations": [{"amount": "8.00"}],
        "tax_lines": [],
    }
    parsed = read_one(order(shipping_lines=[shipping]))
    line = parsed.lines[1]
    assert (line.kind, line.amount, line.discount) == ("shipping", D(0), D("8.00"))
    assert (parsed.amount_shipping, parsed.shipping_option) == (D("8.00"), "Express")
    assert parsed.imbalance == 0


def test_discounted_price_counts_where_shipping_has_no_allocations() -> None:
    shipping = {"id": 5, "title": "Post", "price": "8.00", "discounted_price": "5.00"}
    parsed = read_one(order(shipping_lines=[shipping], total_price="15.00"))
    assert parsed.lines[1].amount == D("5.00")
    assert parsed.imbalance == 0


def test_a_removed_shipping_line_does_not_count() -> None:
    shipping = {"id": 5, "title": "Post", "price": "8.00", "is_removed": True}
    parsed = read_one(order(shipping_lines=[shipping]))
    assert [line.kind for line in parsed.lines] == ["product"]
    assert parsed.imbalance == 0


def test_a_tip_is_a_line_of_its_own() -> None:
    parsed = read_one(order(total_tip_received="1.50", total_price="11.50"))
    tip = parsed.lines[-1]
    assert (tip.kind, tip.amount, tip.tax) == ("tip", D("1.50"), D(0))
    assert parsed.imbalance == 0


def test_a_tip_that_is_an_item_already_is_not_counted_twice() -> None:
    tip = item(id=12, sku=None, title="Tip", price="1.50", tip_payment_gateway="cash")
    parsed = read_one(
        order(item(), tip, total_tip_received="1.50", total_price="11.50")
    )
    assert [line.kind for line in parsed.lines] == ["product", "tip"]
    assert parsed.imbalance == 0


def test_duties_are_a_fee_with_the_taxes_stated_on_them() -> None:
    duty = {"id": 1, "tax_lines": [tax("0.60", channel_liable=False)]}
    parsed = read_one(
        order(
            item(duties=[duty]),
            original_total_duties_set=money("3.00"),
            total_price="13.60",
        )
    )
    fee = parsed.lines[-1]
    assert (fee.kind, fee.title, fee.amount, fee.tax) == (
        "fee",
        "Duties",
        D("3.00"),
        D("0.60"),
    )
    assert parsed.imbalance == 0


def money(amount: str, code: str = "EUR", presentment: str = "EUR") -> dict:
    return {
        "shop_money": {"amount": amount, "currency_code": code},
        "presentment_money": {"amount": "999.99", "currency_code": presentment},
    }


def test_additional_fees_are_a_fee_line() -> None:
    parsed = read_one(
        order(original_total_additional_fees_set=money("2.00"), total_price="12.00")
    )
    assert (parsed.lines[-1].kind, parsed.lines[-1].amount) == ("fee", D("2.00"))
    assert parsed.imbalance == 0


def test_cash_rounding_leaves_total_and_lines_alone() -> None:
    # 10.02 paid in cash with 10.00: the rounding is applied to what was received.
    parsed = read_one(
        order(
            item(price="10.02"),
            total_price="10.02",
            total_cash_rounding_payment_adjustment_set=money("-0.02"),
        )
    )
    assert parsed.amount_total == D("10.02")
    assert parsed.imbalance == 0


def test_gift_card_and_custom_lines_keep_kind_and_title() -> None:
    card = item(id=12, sku=None, title="Gift card", gift_card=True, price="0.00")
    custom = item(
        id=13, sku=None, title="Repair of a vase", variant_id=None, price="0.00"
    )
    lines = read_one(order(item(), card, custom)).lines
    assert [(line.kind, line.sku, line.title) for line in lines[1:]] == [
        ("gift_card", "", "Gift card"),
        ("product", "", "Repair of a vase"),
    ]


def test_shop_money_counts_and_never_presentment_money() -> None:
    line = item(price=None, price_set=money("10.00", presentment="CHF"))
    parsed = read_one(
        order(
            line,
            presentment_currency="CHF",
            total_price=None,
            total_price_set=money("10.00", presentment="CHF"),
        )
    )
    assert (parsed.currency, parsed.amount_total) == ("EUR", D("10.00"))
    assert parsed.lines[0].amount == D("10.00")


def test_shop_money_in_another_currency_is_refused_with_its_place() -> None:
    bad = order(item(), item(id=12, price_set=money("10.00", "USD")))
    [failure] = read({"orders": [bad]})
    assert isinstance(failure, ParseFailure)
    assert failure.message == (
        "orders[0].line_items[1].price_set.shop_money.currency_code: "
        "currency USD in an order in EUR"
    )


# Who owes the tax


@pytest.mark.parametrize(
    ("flag", "liability", "evidence"),
    [
        ({"channel_liable": True}, "marketplace", "channel_liable=true"),
        ({"channel_liable": False}, "seller", "channel_liable=false"),
        ({"channel_liable": None}, "unknown", "channel_liable=null"),
        ({}, "seller", "channel_liable absent"),
    ],
)
def test_channel_liable_decides_who_owes_the_tax(flag, liability, evidence) -> None:
    [line] = read_one(
        order(item(tax_lines=[tax("2.00", **flag)]), total_price="12.00")
    ).lines
    assert (line.liability, line.taxes[0].liability) == (liability, liability)
    assert line.evidence == f"line_items[0].tax_lines[0].{evidence}"


def test_tax_that_the_channel_owes_is_not_for_the_invoice() -> None:
    taxes = [tax("2.00", channel_liable=True), tax("0.50", channel_liable=False)]
    parsed = read_one(
        order(item(tax_lines=taxes), total_price="12.50", total_tax="2.50")
    )
    assert parsed.marketplace_tax == D("2.00")
    assert parsed.amount_invoice == D("10.50")
    assert parsed.imbalance == 0
    assert parsed.lines[0].evidence == (
        "line_items[0].tax_lines[0].channel_liable=true; "
        "line_items[0].tax_lines[1].channel_liable=false"
    )


def test_one_unknown_tax_makes_the_line_unknown() -> None:
    taxes = [tax("2.00", channel_liable=True), tax("0.50", channel_liable=None)]
    [line] = read_one(order(item(tax_lines=taxes), total_price="12.50")).lines
    assert line.liability == "unknown"
    assert line.evidence == "line_items[0].tax_lines[1].channel_liable=null"


def test_a_tax_of_zero_leaves_nothing_unknown() -> None:
    [line] = read_one(order(item(tax_lines=[tax("0.00", channel_liable=None)]))).lines
    assert line.liability == "seller"
    assert line.evidence.endswith("channel_liable=null, a tax of 0")


def test_no_tax_lines_is_no_tax_and_a_missing_list_says_nothing() -> None:
    silent = item(id=12)
    del silent["tax_lines"]
    lines = read_one(order(item(), silent, total_price="20.00")).lines
    assert [(line.tax, line.liability, line.evidence) for line in lines] == [
        (D(0), "seller", "line_items[0].tax_lines=[]"),
        (None, "seller", "line_items[1].tax_lines absent"),
    ]


def test_a_rate_written_as_a_float_loses_its_tail() -> None:
    rated = {**tax("0.73"), "rate": 0.07250000000000001}
    [line] = read_one(order(item(tax_lines=[rated]), total_price="10.73")).lines
    assert line.taxes[0].rate == D("0.0725")


# Status, payment, refunds


@pytest.mark.parametrize(
    ("values", "status", "payment"),
    [
        ({"financial_status": "paid"}, "open", "paid"),
        ({"financial_status": "authorized"}, "open", "unpaid"),
        ({"financial_status": "partially_paid"}, "open", "partial"),
        ({"financial_status": "refunded"}, "open", "refunded"),
        ({"financial_status": "voided"}, "open", "voided"),
        (
            {"financial_status": "voided", "cancelled_at": "2026-01-06T00:00:00Z"},
            "cancelled",
            "voided",
        ),
        ({"fulfillment_status": "partial"}, "open", "paid"),
        ({"fulfillment_status": "fulfilled"}, "shipped", "paid"),
        (
            {"fulfillment_status": "fulfilled", "closed_at": "2026-01-08T00:00:00Z"},
            "done",
            "paid",
        ),
        ({"confirmed": False}, "pending", "paid"),
        ({"financial_status": None}, "open", "unknown"),
    ],
)
def test_status_and_payment_are_normalised(values, status, payment) -> None:
    parsed = read_one(order(**values))
    assert (parsed.status, parsed.payment_status) == (status, payment)


@pytest.mark.parametrize(
    ("gateways", "financial_status", "through"),
    [
        (["shopify_payments"], "paid", True),
        (["paypal", "gift_card"], "partially_refunded", True),
        (["shopify_payments"], "pending", None),
        (["manual"], "paid", False),
        (["Bank Deposit"], "pending", False),
        (["bank_deposit"], "pending", False),
        (["Cash on Delivery (COD)"], "pending", False),
        (["money_order"], "paid", False),
        (["manual", "shopify_payments"], "paid", None),
        ([""], "paid", None),
        ([], "paid", None),
    ],
)
def test_manual_gateways_are_paid_to_the_seller(
    gateways, financial_status, through
) -> None:
    parsed = read_one(
        order(payment_gateway_names=gateways, financial_status=financial_status)
    )
    assert parsed.paid_through_channel is through
    assert parsed.payment_method == ", ".join(filter(None, gateways))


def test_a_custom_gateway_is_manual_when_its_transaction_says_so() -> None:
    transaction = {
        "kind": "sale",
        "status": "success",
        "gateway": "Überweisung",
        "manual_payment_gateway": True,
    }
    parsed = read_one(
        order(payment_gateway_names=["Überweisung"], transactions=[transaction])
    )
    assert parsed.paid_through_channel is False


def test_paid_at_is_the_capture_or_else_when_the_paid_order_was_processed() -> None:
    captured = [
        {
            "kind": "authorization",
            "status": "success",
            "processed_at": "2026-01-05T09:00:00Z",
        },
        {
            "kind": "capture",
            "status": "failure",
            "processed_at": "2026-01-06T09:00:00Z",
        },
        {
            "kind": "capture",
            "status": "success",
            "processed_at": "2026-01-07T09:00:00Z",
        },
    ]
    moments = [
        read_one(order(transactions=captured)).paid_at,
        read_one(order()).paid_at,
        read_one(order(financial_status="pending")).paid_at,
    ]
    assert [moment and moment.isoformat() for moment in moments] == [
        "2026-01-07T09:00:00+00:00",
        "2026-01-05T10:00:00+01:00",
        None,
    ]


def test_payment_is_known_by_what_the_gateway_authorised() -> None:
    sale = {"kind": "sale", "status": "success", "authorization": "3MG74842LV9480613"}
    failed = {"kind": "sale", "status": "failure", "authorization": "none"}
    parsed = read_one(order(transactions=[failed, sale, {**sale, "kind": "capture"}]))
    assert parsed.payment_refs == ("3MG74842LV9480613",)


def refund(*transactions: dict, **values) -> dict:
    return {
        "id": 21,
        "created_at": "2026-01-09T10:00:00Z",
        "transactions": list(transactions),
        **values,
    }


def moved(amount: str, status: str = "success", **values) -> dict:
    return {
        "kind": "refund",
        "status": status,
        "amount": amount,
        "currency": "EUR",
        **values,
    }


def test_refund_is_the_money_that_moved_and_not_its_lines() -> None:
    lines = [{"subtotal": 391.33, "total_tax": 7.96}]
    one = refund(
        moved("4.00"), moved("1.00"), moved("9.00", "failure"), refund_line_items=lines
    )
    [parsed] = read_one(order(refunds=[one])).refunds
    assert (parsed.external_ref, parsed.amount, parsed.currency) == (
        "21",
        D("5.00"),
        "EUR",
    )


def test_a_restock_without_money_is_no_refund() -> None:
    parsed = read_one(order(refunds=[refund(), refund(moved("4.00", "failure"))]))
    assert parsed.refunds == ()


def test_a_pending_refund_is_known_and_not_done() -> None:
    [parsed] = read_one(order(refunds=[refund(moved("4.00", "pending"))])).refunds
    assert (parsed.amount, parsed.is_done) == (D("4.00"), False)


def test_a_refund_in_the_buyers_currency_says_so() -> None:
    one = refund(moved("4.20", currency="CHF"))
    [parsed] = read_one(order(refunds=[one], presentment_currency="CHF")).refunds
    assert (parsed.amount, parsed.currency) == (D("4.20"), "CHF")


# Buyer and addresses


def test_buyer_is_known_by_id_and_business_by_company_or_vat_number() -> None:
    parsed = read_one(
        order(
            customer={"id": 7, "first_name": "Noël", "last_name": "Ångström"},
            email="noel@example.com",
            company={"id": 3, "location_id": 4},
            billing_address={"company": "Example GmbH", "country_code": "de"},
            note_attributes=[
                {"name": "colour", "value": "green"},
                {"name": "VAT-ID", "value": "DE129273398"},
            ],
        )
    )
    buyer = parsed.buyer
    assert (buyer.external_ref, buyer.name, buyer.company) == (
        "7",
        "Noël Ångström",
        "Example GmbH",
    )
    assert (buyer.vat, buyer.is_business) == ("DE129273398", True)
    assert parsed.billing_address and parsed.billing_address.country == "DE"


def test_an_order_without_a_customer_has_no_buyer_id() -> None:
    buyer = read_one(order(customer=None, email="someone@example.com")).buyer
    assert (buyer.external_ref, buyer.is_business) == ("", False)


def test_parts_tell_what_the_answer_holds() -> None:
    header = order()
    del header["line_items"]
    assert read_one(header).parts == {"header"}
    assert read_one(header).imbalance is None
    full = order(customer=None, shipping_address=None)
    assert read_one(full).parts == {"header", "items", "address", "buyer"}


def test_a_test_order_says_so_in_its_note() -> None:
    assert read_one(order(test=True)).is_test


# Broken input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total_price": "ten"}, "orders[1].total_price: not a decimal"),
        ({"total_price": "NaN"}, "orders[1].total_price: not a finite number"),
        ({"id": None}, "orders[1].id: not a whole number or a text"),
        ({"id": ""}, "orders[1].id: missing"),
        (
            {"created_at": "0001-01-01T00:00:00"},
            "orders[1].created_at: a date before 1990 or after 2100",
        ),
        ({"currency": "EURO"}, "orders[1].currency: not a currency code"),
        (
            {"line_items": [{"id": 1, "quantity": 1}]},
            "orders[1].line_items[0].price: missing",
        ),
        (
            {"line_items": [{"id": 1, "price": "1"}]},
            "orders[1].line_items[0].quantity: missing",
        ),
        ({"line_items": {}}, "orders[1].line_items: not a list"),
    ],
)
def test_a_bad_order_is_named_and_its_neighbours_are_read(change, message) -> None:
    first, bad, last = read({"orders": [order(), order(**change), order(id=3)]})
    assert (first.external_ref, last.external_ref) == ("1", "3")
    assert isinstance(bad, ParseFailure)
    assert bad.message == message
    assert json.loads(bad.raw)["name"] == "#1"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not valid JSON: neither an object nor a list"),
        (b"{}", "no orders in this document"),
        (b'{"shop": 1}', "no orders in this document"),
        (b'{"orders": {"id": 1}}', "not a list"),
        (b'{"order": null}', "not an object"),
        (
            b'{"errors": "[API] Invalid API key or access token"}',
            "an error message instead of orders: [API] Invalid API key or access token",
        ),
    ],
)
def test_a_document_without_orders_is_refused_with_a_reason(document, reason) -> None:
    with pytest.raises(ChannelParseError) as caught:
        read(document)
    assert caught.value.reason == reason


def test_a_truncated_file_gives_its_whole_orders_before_it_fails() -> None:
    data = json.dumps({"orders": [order(), order(id=2)]}).encode()[:-40]
    records = REST.parse(io.BytesIO(data))
    assert next(records).external_ref == "1"
    with pytest.raises(ChannelParseError, match="byte"):
        next(records)


# Properties


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_parse_errors(data: bytes) -> None:
    for fmt in (REST, FORMATS["shopify.orders.graphql"]):
        try:
            records = read(data, fmt)
        except ChannelParseError:
            continue
        assert all(
            isinstance(record, (ParsedOrder, ParseFailure)) for record in records
        )


def paths(value: object, path: tuple = ()) -> list[tuple]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, part in parts:
        found.append((*path, key))
        if isinstance(part, (dict, list)):
            found += paths(part, (*path, key))
    return found


def mutated(document: dict, path: tuple, junk: object) -> dict:
    copy = deepcopy(document)
    target = copy
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = junk
    return copy


@pytest.mark.parametrize("spelling", ["rest", "graphql"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_orders_raise_nothing_but_parse_errors(spelling: str, data) -> None:
    document = json.loads((FILES / f"order_{spelling}.json").read_text("utf-8"))
    path = data.draw(st.sampled_from(paths(document)))
    fmt = FORMATS[f"shopify.orders.{spelling}"]
    try:
        records = read(mutated(document, path, data.draw(JUNK)), fmt)
    except ChannelParseError as error:
        assert error.reason
        return
    for record in records:
        if isinstance(record, ParseFailure):
            assert record.reason
        else:
            assert_raw_reads_the_same(record, fmt)


def assert_raw_reads_the_same(parsed: ParsedOrder, fmt) -> None:
    again = read_one(parsed.raw.encode(), fmt)
    assert again.replace(where=parsed.where) == parsed


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts["file"])
def test_raw_of_a_sample_reads_to_the_same_values(samples: Path, facts: dict) -> None:
    parsed = read_one((samples / "shopify" / facts["file"]).read_bytes())
    assert_raw_reads_the_same(parsed, REST)


CENTS = st.integers(0, 10**7).map(lambda cents: f"{D(cents).scaleb(-2):.2f}")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(CENTS, st.integers(0, 99), CENTS, CENTS), min_size=1, max_size=8)
)
def test_sums_of_lines_are_exact(lines: list[tuple]) -> None:
    items = [
        item(
            id=index + 1,
            price=price,
            quantity=quantity,
            discount_allocations=[{"amount": discount}],
            tax_lines=[tax(taxed, channel_liable=False)],
        )
        for index, (price, quantity, discount, taxed) in enumerate(lines)
    ]
    expected = sum(D(p) * q - D(d) + D(t) for p, q, d, t in lines)
    parsed = read_one(order(*items, total_price=str(expected)))
    assert parsed.amount_lines == expected
    assert parsed.imbalance == 0
