"""Refunds of an order, as Shopify and WooCommerce hand them out by themselves."""

from __future__ import annotations

import io
import json
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import intake
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedRefund,
    ParseFailure,
)

#: By file: format, then (reference, order, amount, currency, lines with tax, kinds).
SAMPLES = {
    "shopify/refunds_list.json": (
        "shopify.refunds.rest",
        [("509562969", "450789469", "209.00", "USD", "399.29", ["product"] * 2)],
    ),
    "shopify/refund_shipping_only.json": (
        "shopify.refunds.rest",
        [("929361471", "450789469", "5.00", "USD", "5.00", ["shipping"])],
    ),
    "shopify/refund.json": (
        "shopify.refunds.rest",
        [("509562969", "450789469", "209.00", "USD", "0", ["product"] * 2)],
    ),
    "woocommerce/refunds_list.json": (
        "woocommerce.refunds.v3",
        [
            ("726", "723", "10.00", "", "0", []),
            ("724", "723", "9.00", "", "9.00", ["product"]),
        ],
    ),
    "woocommerce/refund_amount_only.json": (
        "woocommerce.refunds.v3",
        [("726", "723", "10.00", "", "0", [])],
    ),
}


def read(document: Any, platform: str | None = None) -> list[Any]:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    _format, records = intake.read(io.BytesIO(content), "refunds.json", platform)
    return list(records)


@pytest.mark.parametrize("file", SAMPLES)
def test_sample_says_what_went_back(samples, file) -> None:
    code, expected = SAMPLES[file]
    with (samples / file).open("rb") as stream:
        fmt, records = intake.read(stream, file)
        refunds = list(records)
    assert (fmt.code, fmt.kind) == (code, "refunds")
    assert [
        (
            refund.external_ref,
            refund.order_ref,
            str(refund.amount),
            refund.currency,
            str(refund.amount_lines),
            [line.kind for line in refund.lines],
        )
        for refund in refunds
    ] == expected


def shopify(**kwargs) -> dict[str, Any]:
    money = {
        "kind": "refund",
        "status": "success",
        "amount": "11.90",
        "currency": "EUR",
    }
    return {
        "id": 5,
        "order_id": 77,
        "created_at": "2026-02-03T10:00:00+01:00",
        "note": "torn",
        "refund_line_items": [],
        "order_adjustments": [],
        "transactions": [money],
        **kwargs,
    }


def line(subtotal: str, tax: str, **item) -> dict[str, Any]:
    return {
        "line_item_id": 9,
        "quantity": 1,
        "subtotal": subtotal,
        "total_tax": tax,
        "line_item": {"sku": "BOWL", "title": "Bowl", **item},
    }


@pytest.mark.parametrize(
    ("subtotal", "included"), [("11.90", True), ("10.00", False), ("15.00", False)]
)
def test_tax_is_in_the_subtotal_where_the_money_says_so(subtotal, included) -> None:
    [refund] = read({"refund": shopify(refund_line_items=[line(subtotal, "1.90")])})
    assert refund.lines[0].tax_included is included


def test_tax_that_the_channel_owes_is_told_apart() -> None:
    taxes = [
        {"price": "0.90", "channel_liable": True},
        {"price": "2.70", "channel_liable": False},
    ]
    one = line("10.00", "1.90", tax_lines=taxes)
    [refund] = read({"refund": shopify(refund_line_items=[one])})
    # A quarter of the order's tax is the channel's: 1.90 / 4 = 0.475.
    assert refund.lines[0].marketplace_tax == D("0.48")


def test_amount_kept_back_is_a_negative_adjustment() -> None:
    kept = {"kind": "refund_discrepancy", "reason": "Discrepancy", "amount": "3.10"}
    [refund] = read(
        {
            "refund": shopify(
                refund_line_items=[line("15.00", "0.00")], order_adjustments=[kept]
            )
        }
    )
    assert [(one.kind, one.amount) for one in refund.lines] == [
        ("product", D("15.00")),
        ("adjustment", D("-3.10")),
    ]
    assert refund.amount_lines == refund.amount == D("11.90")


def test_shipping_that_is_told_twice_counts_once() -> None:
    bag = {"shop_money": {"amount": "11.90", "currency_code": "EUR"}}
    [refund] = read(
        {
            "refund": shopify(
                order_adjustments=[
                    {
                        "kind": "shipping_refund",
                        "amount": "-10.00",
                        "tax_amount": "-1.90",
                    }
                ],
                refund_shipping_lines=[{"subtotal_amount_set": bag}],
            )
        }
    )
    [shipping] = refund.lines
    assert (shipping.amount, shipping.tax, shipping.kind) == (
        D("10.00"),
        D("1.90"),
        "shipping",
    )


def test_restock_without_money_is_no_refund() -> None:
    assert read({"refunds": [shopify(transactions=[])]}, "shopify") == []


def woo(**kwargs) -> dict[str, Any]:
    return {
        "id": 5,
        "date_created_gmt": "2026-02-03T10:00:00",
        "amount": "11.90",
        "reason": "Torn &amp; wet",
        "refunded_by": 1,
        "line_items": [],
        **kwargs,
    }


@pytest.mark.parametrize(
    ("extra", "order"),
    [
        (
            {"_links": {"up": [{"href": "https://x.example/wp-json/wc/v3/orders/7"}]}},
            "7",
        ),
        ({"_links": {"self": [{"href": "https://x.example/orders/8/refunds/5"}]}}, "8"),
        ({"parent_id": 9}, "9"),
        ({"_links": {"up": [{"href": "https://x.example/wp-json/wc/v3"}]}}, ""),
        ({}, ""),
    ],
)
def test_order_of_a_woocommerce_refund(extra, order) -> None:
    [refund] = read([woo(**extra)])
    assert (refund.order_ref, refund.currency, refund.reason) == (
        order,
        "",
        "Torn & wet",
    )


def test_negative_lines_of_woocommerce_are_positive_refunds() -> None:
    [refund] = read(
        [
            woo(
                line_items=[
                    {
                        "quantity": -2,
                        "total": "-8.00",
                        "total_tax": "-1.52",
                        "meta_data": [{"key": "_refunded_item_id", "value": "31"}],
                    }
                ],
                shipping_lines=[{"total": "-2.00", "total_tax": "-0.38"}],
            )
        ]
    )
    assert [(x.line_ref, x.quantity, x.amount_with_tax) for x in refund.lines] == [
        ("31", D(2), D("9.52")),
        ("", D(0), D("2.38")),
    ]
    assert refund.amount_lines == refund.amount


def test_unreadable_refund_stands_alone() -> None:
    good, bad = read([woo(), woo(amount=None)])
    assert isinstance(good, ParsedRefund)
    assert isinstance(bad, ParseFailure)
    assert (bad.where, bad.reason) == ("[1].amount", "missing")


@given(st.integers(0, 400), st.binary(max_size=3), st.booleans())
def test_garbled_files_are_refused_or_failures(cut, junk, is_woo) -> None:
    document = [woo()] if is_woo else {"refunds": [shopify()]}
    content = json.dumps(document).encode()
    try:
        records = read(content[:cut] + junk + content[cut + len(junk) :])
    except ChannelParseError:
        return
    assert all(isinstance(one, (ParsedRefund, ParseFailure)) for one in records)
