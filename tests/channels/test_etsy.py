"""Etsy Open API v3 receipts."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timezone
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import etsy
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
    Sample,
)

D = Decimal


def money(amount: int, currency: str = "USD", divisor: int = 100) -> dict[str, Any]:
    return {"amount": amount, "divisor": divisor, "currency_code": currency}


def transaction(cents: int = 2000, **changes: Any) -> dict[str, Any]:
    return {
        "transaction_id": 9100,
        "listing_id": 555,
        "product_id": 777,
        "sku": "MUG-BLUE",
        "title": "Mug &#39;Sea&#39;",
        "quantity": 2,
        "price": money(cents),
        "variations": [],
        "paid_timestamp": 1740823260,
        "shipped_timestamp": 1740996000,
        **changes,
    }


def receipt(
    *lines: dict[str, Any], grandtotal: int = 4500, **changes: Any
) -> dict[str, Any]:
    """A receipt of 2 x 20.00 and 5.00 shipping."""
    return {
        "receipt_id": 3000000001,
        "receipt_type": 0,
        "status": "Paid",
        "buyer_user_id": 42,
        "buyer_email": None,
        "name": "Zoë Example",
        "first_line": "1 Example St",
        "second_line": None,
        "city": "Springfield",
        "state": "IL",
        "zip": "62701",
        "country_iso": "US",
        "payment_method": "cc",
        "is_paid": True,
        "is_shipped": False,
        "created_timestamp": 1740823200,
        "updated_timestamp": 1740996000,
        "grandtotal": money(grandtotal),
        "total_price": money(4000),
        "total_shipping_cost": money(500),
        "total_tax_cost": money(0),
        "total_vat_cost": money(0),
        "discount_amt": money(0),
        "gift_wrap_price": money(0),
        "transactions": list(lines or (transaction(),)),
        "refunds": [],
        **changes,
    }


def records(document: Any) -> list[Record]:
    return list(etsy.parse_receipts(BytesIO(json.dumps(document).encode())))


def read(document: Any) -> ParsedOrder:
    (record,) = records(document)
    assert isinstance(record, ParsedOrder), record
    return record


def failure(document: Any) -> ParseFailure:
    (record,) = records(document)
    assert isinstance(record, ParseFailure), record
    return record


# Documents


@pytest.mark.parametrize(
    "wrap, where",
    [
        (lambda one: {"count": 1, "results": [one]}, "results[0]"),
        (lambda one: one, ""),
        (lambda one: [one], "[0]"),
    ],
    ids=["getShopReceipts", "getShopReceipt", "list"],
)
def test_every_wrapping_gives_the_same_order(wrap, where):
    parsed = read(wrap(receipt()))
    assert (parsed.external_ref, parsed.where) == ("3000000001", where)
    assert parsed.replace(where="") == read(receipt())


@pytest.mark.parametrize("document", [{}, {"error": "no"}, {"results": None}])
def test_document_without_receipts_is_refused(document):
    with pytest.raises(ChannelParseError):
        records(document)


def test_bad_receipt_does_not_hide_its_neighbours():
    bad = receipt(grandtotal="lots")
    found = records({"results": [receipt(), bad, receipt()]})
    assert [type(record) for record in found] == [
        ParsedOrder,
        ParseFailure,
        ParsedOrder,
    ]
    assert isinstance(found[1], ParseFailure)
    assert found[1].message == "results[1].grandtotal.amount: not a whole number"
    assert found[1].external_ref == "3000000001"


def test_missing_receipt_id_is_named():
    bad = receipt()
    del bad["receipt_id"]
    assert failure({"results": [bad]}).message == "results[0].receipt_id: missing"


# Money


@pytest.mark.parametrize(
    "amount, divisor, value",
    [
        (2500, 100, "25.00"),
        (2500, 1, "2500"),
        (25, 10, "2.5"),
        (1, 1000, "0.001"),
        (0, 100, "0.00"),
    ],
)
def test_money_is_amount_over_divisor_with_its_decimals(amount, divisor, value):
    parsed = etsy.read_money(etsy.Money(amount, divisor, "USD"), "grandtotal")
    assert str(parsed) == value


@pytest.mark.parametrize("divisor", [0, -100, 3, 200, 1001])
def test_impossible_divisor_is_a_failure(divisor):
    bad = failure(
        {"results": [receipt(grandtotal=0) | {"grandtotal": money(1, divisor=divisor)}]}
    )
    assert bad.where == "results[0].grandtotal.divisor"


def test_yen_have_no_decimals():
    def yen(amount: int) -> dict[str, Any]:
        return money(amount, "JPY", 1)

    # 3 x 333 - 100 coupon + 250 shipping + 115 tax = 1264
    parsed = read(
        receipt(
            transaction(quantity=1, price=yen(333)),
            transaction(quantity=2, price=yen(333), transaction_id=9101),
            grandtotal=0,
        )
        | {
            "grandtotal": yen(1264),
            "total_price": yen(999),
            "discount_amt": yen(100),
            "total_shipping_cost": yen(250),
            "total_tax_cost": yen(115),
            "total_vat_cost": yen(0),
            "gift_wrap_price": yen(0),
        }
    )
    assert parsed.imbalance == 0
    # 100 over 333 : 666 is 33.3 and 66.7
    assert [line.discount for line in parsed.lines[:2]] == [D(33), D(67)]
    assert all(
        line.tax == line.tax.to_integral_value() for line in parsed.lines if line.tax
    )


def test_second_currency_in_a_receipt_is_refused():
    bad = failure(receipt(transaction(price=money(2000, "EUR"))))
    assert bad.message == (
        "transactions[0].price.currency_code: currency EUR in an order in USD"
    )


# Lines


def test_price_is_for_one_unit():
    parsed = read(receipt())
    product, shipping = parsed.lines
    assert (product.quantity, product.amount) == (D(2), D("40.00"))
    assert (shipping.kind, shipping.amount) == ("shipping", D("5.00"))
    assert (parsed.amount_total, parsed.imbalance) == (D("45.00"), 0)
    assert (product.external_ref, product.sku, product.title) == (
        "9100",
        "MUG-BLUE",
        "Mug 'Sea'",
    )


def test_receipt_without_tax_says_nothing_about_tax():
    # A European shop's VAT is in the price, and Etsy does not mention it.
    parsed = read(receipt())
    assert parsed.amount_tax == 0
    assert [(line.tax, line.tax_included) for line in parsed.lines] == [
        (None, None)
    ] * 2


def test_variation_tells_products_of_one_listing_apart():
    chosen = [{"formatted_name": "Color", "formatted_value": "Blue"}]
    line = read(receipt(transaction(variations=chosen, sku=""))).lines[0]
    assert (line.product_ref, line.title) == ("555:777", "Mug 'Sea' (Color: Blue)")
    assert read(receipt()).lines[0].product_ref == "555"


def test_coupon_is_spread_over_the_products_to_the_cent():
    # 10.00 over 20 : 20 : 20 is 3.33 each and a cent for the first; 60 - 10 + 5 = 55
    lines = [transaction(quantity=1, transaction_id=number) for number in (1, 2, 3)]
    parsed = read(receipt(*lines, grandtotal=5500, discount_amt=money(1000)))
    assert [line.discount for line in parsed.lines[:3]] == [
        D("3.34"),
        D("3.33"),
        D("3.33"),
    ]
    assert [line.amount for line in parsed.lines[:3]] == [
        D("16.66"),
        D("16.67"),
        D("16.67"),
    ]
    assert parsed.imbalance == 0


def test_coupon_beyond_the_products_is_a_line_of_its_own():
    parsed = read(receipt(discount_amt=money(4200), grandtotal=300))
    assert [(line.kind, line.amount) for line in parsed.lines] == [
        ("product", D("0.00")),
        ("shipping", D("5.00")),
        ("discount", D("-2.00")),
    ]
    assert parsed.imbalance == 0


def test_gift_wrap_is_a_line():
    parsed = read(receipt(gift_wrap_price=money(350), grandtotal=4850))
    assert parsed.lines[-1].kind == "gift_wrap"
    assert parsed.imbalance == 0


@pytest.mark.parametrize("field", ["total_tax_cost", "total_vat_cost"])
def test_tax_is_on_the_lines_and_nobody_knows_who_owes_it(field):
    # 3.61 over 40 : 5 is 3.208.. and 0.401..; the left-over cent goes to 3.20
    parsed = read(receipt(grandtotal=4861, **{field: money(361)}))
    assert [line.tax for line in parsed.lines] == [D("3.21"), D("0.40")]
    assert {line.liability for line in parsed.lines} == {"unknown"}
    assert parsed.lines[0].evidence == f"{field}=3.61: Etsy does not say who remits it"
    assert parsed.lines[0].tax_included is False
    assert (parsed.amount_tax, parsed.marketplace_tax) == (D("3.61"), 0)
    assert parsed.imbalance == 0


def test_vat_inside_the_total_is_in_the_prices():
    parsed = read(receipt(total_vat_cost=money(719), grandtotal=4500))
    assert [line.tax_included for line in parsed.lines] == [True, True]
    assert sum(line.tax or 0 for line in parsed.lines) == D("7.19")
    assert parsed.imbalance == 0


def test_digital_receipt_with_vat_on_top():
    # Seen at Etsy: subtotal 1.00, VAT 0.20, total 1.20.
    parsed = read(
        receipt(
            transaction(100, quantity=1),
            grandtotal=120,
            total_price=money(100),
            total_shipping_cost=money(0),
            total_vat_cost=money(20),
        )
    )
    assert (parsed.imbalance, parsed.amount_tax) == (0, D("0.20"))


def test_quantity_zero_and_line_without_sku_are_kept():
    parsed = read(
        receipt(transaction(), transaction(quantity=0, sku=None, transaction_id=2))
    )
    assert (parsed.lines[1].quantity, parsed.lines[1].sku) == (D(0), "")
    assert parsed.imbalance == 0


def test_receipt_without_transactions_has_no_items_part():
    parsed = read(receipt(transactions=None))
    assert "items" not in parsed.parts
    assert (parsed.lines, parsed.imbalance) == ((), None)


# States


@pytest.mark.parametrize(
    "word, changes, status, payment",
    [
        ("Paid", {}, "open", "paid"),
        ("paid", {"is_shipped": True}, "shipped", "paid"),
        ("Completed", {"is_shipped": True}, "done", "paid"),
        ("open", {"is_paid": False}, "pending", "unpaid"),
        ("open", {"is_paid": False, "payment_method": "check"}, "open", "unpaid"),
        ("payment processing", {"is_paid": False}, "pending", "unpaid"),
        ("Canceled", {"is_paid": False}, "cancelled", "voided"),
        ("Canceled", {"refunds": [{"amount": money(4500)}]}, "cancelled", "refunded"),
        ("Fully Refunded", {"is_shipped": True}, "shipped", "refunded"),
        ("Partially Refunded", {}, "open", "partially_refunded"),
        ("", {"is_paid": None}, "open", "unknown"),
    ],
)
def test_status(word, changes, status, payment):
    parsed = read(receipt(status=word, **changes))
    assert (parsed.status, parsed.payment_status) == (status, payment)
    assert parsed.channel_status == word


@pytest.mark.parametrize(
    "method, through",
    [
        ("cc", True),
        ("paypal", True),
        ("check", False),
        ("mo", False),
        ("other", False),
        (None, None),
    ],
)
def test_who_gets_the_money(method, through):
    assert read(receipt(payment_method=method)).paid_through_channel is through


def test_moments():
    parsed = read(receipt(is_shipped=True))
    assert parsed.created_at == datetime(2025, 3, 1, 10, 0, tzinfo=timezone.utc)
    assert parsed.paid_at == datetime(2025, 3, 1, 10, 1, tzinfo=timezone.utc)
    assert parsed.shipped_at == datetime(2025, 3, 3, 10, 0, tzinfo=timezone.utc)


def test_older_names_of_the_moments_are_read():
    old = receipt(create_timestamp=1740823200, update_timestamp=1740996000)
    del old["created_timestamp"], old["updated_timestamp"]
    assert read(old).created_at == read(receipt()).created_at
    assert read(old).updated_at == read(receipt()).updated_at


def test_absurd_moment_is_named():
    bad = failure({"results": [receipt(created_timestamp=10**15)]})
    assert bad.where == "results[0].created_timestamp"


def test_refunds_without_id_are_known_by_moment_and_amount():
    refund = {
        "amount": money(500),
        "created_timestamp": 1741000000,
        "reason": "Damaged",
    }
    parsed = read(
        receipt(
            refunds=[
                refund,
                refund,
                {**refund, "payment_adjustment_id": 88},
                {**refund, "status": "FAILED"},
            ]
        )
    )
    assert [(one.external_ref, one.amount, one.reason) for one in parsed.refunds] == [
        ("3000000001:1741000000:5.00", D("5.00"), "Damaged"),
        ("3000000001:1741000000:5.00:1", D("5.00"), "Damaged"),
        ("88", D("5.00"), "Damaged"),
    ]


def test_buyer_without_approved_email_is_known_by_id():
    parsed = read(receipt())
    assert (parsed.buyer.external_ref, parsed.buyer.name) == ("42", "Zoë Example")
    assert parsed.buyer.email == ""
    assert parsed.shipping_address is not None
    assert (parsed.shipping_address.country, parsed.shipping_address.street2) == (
        "US",
        "",
    )


def test_pattern_shop_is_another_marketplace():
    assert read(receipt()).marketplace == "etsy.com"
    assert read(receipt(receipt_type=1)).marketplace == "pattern"


# Samples and detection


def test_scrubbed_sample_gives_the_facts_and_shows_that_nothing_adds_up(samples):
    with (samples / "etsy" / "receipts_scrubbed.json").open("rb") as source:
        found = list(etsy.parse_receipts(source))
    assert [record.external_ref for record in found] == [
        "9001", "9002", "9003", "9005", "9007", "9008", "9009", "9010", "9012", "9013"
    ]  # fmt: skip
    for parsed in found:
        assert isinstance(parsed, ParsedOrder)
        assert parsed.currency == "USD"
        assert {
            parsed.amount_total,
            parsed.amount_tax,
            parsed.amount_shipping,
            parsed.amount_discount,
        } == {D("25.00")}
        assert parsed.channel_status == "Completed"
        products = [line for line in parsed.lines if line.kind == "product"]
        assert len(products) == (2 if parsed.external_ref in ("9002", "9009") else 1)
        # 25 a line - 25 coupon + 25 shipping + 25 gift wrap + 25 tax + 25 VAT, but the total is 25.
        assert parsed.imbalance == -D(25) * (len(products) + 2)


def formats(sample: Sample) -> list[str]:
    return [one.code for one in etsy.FORMATS if one.detect(sample)]


def test_detection():
    for prefix in ("", "results[].", "[]."):
        keys = frozenset({f"{prefix}receipt_id", f"{prefix}grandtotal.amount"})
        assert formats(Sample(kind="json", keys=keys)) == ["etsy.receipts.v3"]
    payments = frozenset({"results[].receipt_id", "results[].amount_gross.amount"})
    assert formats(Sample(kind="json", keys=payments)) == []


# Properties

cents = st.integers(min_value=0, max_value=10**6)


@given(
    st.lists(st.tuples(cents, st.integers(0, 20)), min_size=1, max_size=6),
    cents,
    cents,
    cents,
    st.sampled_from(["total_tax_cost", "total_vat_cost"]),
)
def test_balanced_receipt_stays_balanced_to_the_cent(
    goods, coupon, shipping, tax, field
):
    total = sum(price * count for price, count in goods) - coupon + shipping + tax
    lines = [
        transaction(price, quantity=count, transaction_id=index + 1)
        for index, (price, count) in enumerate(goods)
    ]
    parsed = read(
        receipt(
            *lines,
            grandtotal=total,
            discount_amt=money(coupon),
            total_shipping_cost=money(shipping),
            **{field: money(tax)},
        )
    )
    assert parsed.imbalance == 0
    assert sum(line.tax or 0 for line in parsed.lines) == D(tax) / 100
    assert all(line.amount >= 0 for line in parsed.lines if line.kind != "discount")


def round_trip(parsed: ParsedOrder) -> None:
    again = read_text(parsed.raw)
    assert again.replace(where="", raw="") == parsed.replace(where="", raw="")
    assert again.raw == parsed.raw


def read_text(text: str) -> ParsedOrder:
    (record,) = etsy.parse_receipts(BytesIO(text.encode()))
    assert isinstance(record, ParsedOrder)
    return record


@given(st.text(max_size=20), st.text(max_size=20), cents)
def test_raw_is_read_again_to_the_same_values(title, name, tax):
    document = receipt(transaction(title=title), name=name, total_tax_cost=money(tax))
    for record in records({"results": [document]}):
        if isinstance(record, ParsedOrder):
            round_trip(record)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_parse_error(data):
    try:
        list(etsy.parse_receipts(BytesIO(data)))
    except ChannelParseError as error:
        assert error.reason


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
FULL = receipt(
    transaction(variations=[{"formatted_name": "Color", "formatted_value": "Blue"}]),
    grandtotal=4861,
    total_tax_cost=money(361),
    shipments=[{"carrier_name": "usps"}],
    refunds=[{"amount": money(500), "created_timestamp": 1741000000}],
)


def paths(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, (dict, list)):
            found += paths(inner, (*path, key))
        else:
            found.append((*path, key))
    return found


@given(st.sampled_from(paths(FULL)), json_values)
def test_mutated_receipt_is_an_order_or_a_failure(path, value):
    document = copy.deepcopy(FULL)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    (record,) = records([document])
    if isinstance(record, ParsedOrder):
        round_trip(record)
    else:
        assert record.where.startswith("[0]")
        assert record.reason
