"""Shopify GraphQL orders; the REST file beside holds the same order in the other spelling."""

from __future__ import annotations

import dataclasses
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.marketplace_invoicing.channels import shopify
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedLine,
    ParsedOrder,
    ParseFailure,
    Sample,
)

D = Decimal
FILES = Path(__file__).parent / "files" / "shopify"
FORMATS = {fmt.code: fmt for fmt in shopify.FORMATS}
REST = FORMATS["shopify.orders.rest"]
GRAPHQL = FORMATS["shopify.orders.graphql"]


def read(document: object, fmt=GRAPHQL) -> list:
    return list(fmt.parse(io.BytesIO(json.dumps(document).encode())))


def read_one(document: object, fmt=GRAPHQL) -> ParsedOrder:
    [order] = read(document, fmt)
    assert isinstance(order, ParsedOrder), order
    return order


def bag(amount: str, code: str = "EUR") -> dict:
    return {
        "shopMoney": {"amount": amount, "currencyCode": code},
        "presentmentMoney": {"amount": "999.99", "currencyCode": "CHF"},
    }


def item(**values) -> dict:
    return {
        "id": "gid://shopify/LineItem/11",
        "sku": "CUP",
        "name": "Cup",
        "quantity": 1,
        "originalUnitPriceSet": bag("10.00"),
        "taxLines": [],
        **values,
    }


def order(*items: dict, **values) -> dict:
    return {
        "id": "gid://shopify/Order/1",
        "name": "#1",
        "createdAt": "2026-01-05T09:00:00Z",
        "currencyCode": "EUR",
        "displayFinancialStatus": "PAID",
        "taxesIncluded": False,
        "totalPriceSet": bag("10.00"),
        "lineItems": {"nodes": list(items) or [item()]},
        **values,
    }


def without_evidence(line: ParsedLine) -> ParsedLine:
    taxes = tuple(dataclasses.replace(tax, evidence="") for tax in line.taxes)
    return dataclasses.replace(line, evidence="", taxes=taxes)


def spelled_alike(parsed: ParsedOrder) -> ParsedOrder:
    """Leave out what names the spelling: format, text, place and the fields of the evidence."""
    lines = tuple(without_evidence(line) for line in parsed.lines)
    return parsed.replace(format="", raw="", where="", lines=lines)


def test_rest_and_graphql_of_one_order_read_to_equal_values() -> None:
    rest = read_one(json.loads((FILES / "order_rest.json").read_text("utf-8")), REST)
    graphql = read_one(json.loads((FILES / "order_graphql.json").read_text("utf-8")))
    assert spelled_alike(graphql) == spelled_alike(rest)
    assert graphql.external_ref == "5001001"


def test_the_order_in_both_spellings_has_its_hand_computed_figures() -> None:
    graphql = read_one(json.loads((FILES / "order_graphql.json").read_text("utf-8")))
    bowl, engraving, shipping = graphql.lines
    # 2 x 30.00 - 5.00; 19 % of 55.00; 8 % of 20.00; 19 % of 4.90
    assert (bowl.amount, bowl.tax) == (D("55.00"), D("10.45"))
    assert (engraving.amount, engraving.tax) == (D("20.00"), D("1.60"))
    assert (shipping.amount, shipping.tax) == (D("4.90"), D("0.93"))
    # 55.00 + 20.00 + 4.90 + 10.45 + 1.60 + 0.93 = 92.88, of which the channel owes 1.60
    assert (graphql.amount_total, graphql.imbalance) == (D("92.88"), 0)
    assert graphql.amount_invoice == D("91.28")
    assert [(refund.amount, refund.currency) for refund in graphql.refunds] == [
        (D("20.00"), "EUR")
    ]
    assert (graphql.status, graphql.payment_status) == ("shipped", "partially_refunded")
    assert graphql.buyer.name == "太郎 山田"
    assert graphql.ship_from_country == "DE"
    assert (
        graphql.paid_at and graphql.paid_at.isoformat() == "2026-03-03T07:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("wrap", "where"),
    [
        (lambda one: {"data": {"orders": {"nodes": [one]}}}, "data.orders.nodes[0]"),
        (
            lambda one: {"data": {"orders": {"edges": [{"cursor": "x", "node": one}]}}},
            "data.orders.edges[0].node",
        ),
        (lambda one: {"data": {"nodes": [one]}}, "data.nodes[0]"),
        (lambda one: {"data": {"order": one}}, "data.order"),
        (lambda one: {"data": {"node": one}}, "data.node"),
        (lambda one: one, ""),
    ],
)
def test_every_wrapping_is_recognised_and_read(wrap, where) -> None:
    from_walk = Sample(kind="json", keys=frozenset(keys_of(wrap(order()))))
    assert [fmt.code for fmt in shopify.FORMATS if fmt.detect(from_walk)] == [
        "shopify.orders.graphql"
    ]
    parsed = read_one(wrap(order()))
    assert (parsed.external_ref, parsed.where) == ("1", where)


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


@pytest.mark.parametrize(
    ("flag", "liability", "evidence"),
    [
        ({"channelLiable": True}, "marketplace", "channelLiable=true"),
        ({"channelLiable": False}, "seller", "channelLiable=false"),
        ({"channelLiable": None}, "unknown", "channelLiable=null"),
        # Not asked for in the query: unlike REST, that says nothing.
        ({}, "unknown", "channelLiable absent"),
    ],
)
def test_channel_liable_decides_who_owes_the_tax(flag, liability, evidence) -> None:
    line = item(taxLines=[{"title": "VAT", "priceSet": bag("2.00"), **flag}])
    [parsed] = read_one(order(line)).lines
    assert parsed.liability == liability
    assert parsed.evidence == f"lineItems.nodes[0].taxLines[0].{evidence}"


def test_evidence_in_edges_names_the_edge() -> None:
    line = item(taxLines=[{"priceSet": bag("2.00"), "channelLiable": None}])
    [parsed] = read_one(order(lineItems={"edges": [{"node": line}]})).lines
    assert parsed.evidence == "lineItems.edges[0].node.taxLines[0].channelLiable=null"


def test_line_total_counts_where_the_allocations_were_not_asked_for() -> None:
    line = item(quantity=2, discountedTotalSet=bag("18.00"))
    [parsed] = read_one(order(line)).lines
    assert (parsed.amount, parsed.discount) == (D("18.00"), D("2.00"))


def test_total_refunded_counts_where_the_transactions_were_not_asked_for() -> None:
    refund = {"id": "gid://shopify/Refund/9", "totalRefundedSet": bag("4.00")}
    [parsed] = read_one(order(refunds=[refund])).refunds
    assert (parsed.external_ref, parsed.amount, parsed.currency) == (
        "9",
        D("4.00"),
        "EUR",
    )


def test_payment_is_known_by_what_the_gateway_authorised() -> None:
    sale = {"kind": "SALE", "status": "SUCCESS", "authorizationCode": "ch_3Nxyz0001"}
    assert read_one(order(transactions=[sale])).payment_refs == ("ch_3Nxyz0001",)


def test_plain_tip_money_of_older_versions_is_read() -> None:
    tip = {"amount": "1.50", "currencyCode": "EUR"}
    parsed = read_one(order(totalTipReceived=tip, totalPriceSet=bag("11.50")))
    assert (parsed.lines[-1].kind, parsed.imbalance) == ("tip", 0)


def test_b2b_buyer_has_the_companys_name_and_tax_number() -> None:
    entity = {
        "company": {"id": "gid://shopify/Company/3", "name": "Example GmbH"},
        "location": {"taxSettings": {"taxRegistrationId": "DE129273398"}},
    }
    buyer = read_one(order(purchasingEntity=entity)).buyer
    assert (buyer.company, buyer.vat, buyer.is_business) == (
        "Example GmbH",
        "DE129273398",
        True,
    )


def test_an_order_with_further_pages_of_items_is_refused() -> None:
    items = {"nodes": [item()], "pageInfo": {"hasNextPage": True}}
    [failure] = read({"data": {"order": order(lineItems=items)}})
    assert isinstance(failure, ParseFailure)
    assert failure.message == (
        "data.order.lineItems: incomplete, the rest is on a further page"
    )
    assert failure.external_ref == "1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"totalPriceSet": bag("ten")},
            "data.orders.nodes[1].totalPriceSet.shopMoney.amount: not a decimal",
        ),
        (
            {"lineItems": {"nodes": [item(originalUnitPriceSet=bag("1", "USD"))]}},
            "data.orders.nodes[1].lineItems.nodes[0].originalUnitPriceSet.shopMoney."
            "currencyCode: currency USD in an order in EUR",
        ),
        ({"createdAt": "soon"}, "data.orders.nodes[1].createdAt: not a date"),
        ({"id": "gid://shopify/Order/"}, "data.orders.nodes[1].id: missing"),
    ],
)
def test_a_bad_order_is_named_as_graphql_spells_it(change, message) -> None:
    nodes = [order(), order(**change), order(id="gid://shopify/Order/3")]
    first, bad, last = read({"data": {"orders": {"nodes": nodes}}})
    assert (first.external_ref, last.external_ref) == ("1", "3")
    assert isinstance(bad, ParseFailure)
    assert bad.message == message


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"errors": [{"message": "Throttled"}]},
            "an error message instead of orders: Throttled",
        ),
        ({"data": {"order": None}}, "not an object"),
        ({"data": {"shop": {"name": "x"}}}, "no orders in this document"),
    ],
)
def test_an_answer_without_orders_is_refused_with_a_reason(document, reason) -> None:
    with pytest.raises(ChannelParseError) as caught:
        read(document)
    assert caught.value.reason == reason


def test_a_null_among_the_orders_of_a_partial_answer_is_a_failure() -> None:
    good, bad = read({"data": {"nodes": [order(), None]}})
    assert good.external_ref == "1"
    assert isinstance(bad, ParseFailure)
    assert bad.message == "data.nodes[1]: not an object"
