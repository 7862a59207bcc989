"""eBay Fulfillment API orders."""

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

from odoo.addons.marketplace_invoicing.channels import ebay
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
    Sample,
)

D = Decimal


def usd(value: str) -> dict[str, str]:
    return {"value": value, "currency": "USD"}


def converted(value: str, original: str) -> dict[str, str]:
    """An amount in dollars that eBay converted to the seller's pounds."""
    return {
        "value": value,
        "currency": "GBP",
        "convertedFromValue": original,
        "convertedFromCurrency": "USD",
    }


def item(**changes: Any) -> dict[str, Any]:
    return {
        "lineItemId": "10001",
        "legacyItemId": "2540001",
        "sku": "MUG-BLUE",
        "title": "Blue mug",
        "quantity": 2,
        "lineItemCost": usd("40.0"),
        "deliveryCost": {"shippingCost": usd("5.0")},
        "taxes": [],
        "purchaseMarketplaceId": "EBAY_US",
        "itemLocation": {"countryCode": "DE"},
        **changes,
    }


def order(
    *items: dict[str, Any], total: str = "45.0", **changes: Any
) -> dict[str, Any]:
    pricing = {"total": usd(total), **changes.pop("pricing", {})}
    return {
        "orderId": "12-34567-89012",
        "creationDate": "2025-03-01T10:00:00.000Z",
        "lastModifiedDate": "2025-03-02T11:30:00.000Z",
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PAID",
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "buyer": {"username": "jane_doe"},
        "pricingSummary": pricing,
        "paymentSummary": {
            "payments": [
                {
                    "paymentMethod": "EBAY",
                    "paymentDate": "2025-03-01T10:01:00.000Z",
                    "paymentStatus": "PAID",
                    "amount": usd(total),
                }
            ],
            "refunds": [],
        },
        "lineItems": list(items or (item(),)),
        **changes,
    }


def collected(
    amount: str, kind: str = "STATE_SALES_TAX", **reference: str
) -> dict[str, Any]:
    tax = {"taxType": kind, "amount": usd(amount), "collectionMethod": "NET"}
    return {**tax, "ebayReference": reference} if reference else tax


def listed(amount: str, kind: str = "STATE_SALES_TAX") -> dict[str, Any]:
    return {"taxType": kind, "amount": usd(amount)}


def records(document: Any) -> list[Record]:
    return list(ebay.parse_fulfillment(BytesIO(json.dumps(document).encode())))


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
        (lambda one: {"total": 1, "orders": [one]}, "orders[0]"),
        (lambda one: one, ""),
        (lambda one: [one], "[0]"),
    ],
    ids=["getOrders", "getOrder", "list"],
)
def test_every_wrapping_gives_the_same_order(wrap, where):
    parsed = read(wrap(order()))
    assert (parsed.external_ref, parsed.where) == ("12-34567-89012", where)
    assert parsed.replace(where="") == read(order())


def test_a_page_without_orders_is_empty():
    assert records({"total": 0, "orders": []}) == []


@pytest.mark.parametrize(
    "document", [{}, {"errors": []}, {"orders": None}, {"orders": {}}]
)
def test_document_without_orders_is_refused(document):
    with pytest.raises(ChannelParseError):
        records(document)


def test_bad_order_does_not_hide_its_neighbours():
    broken = order(total="12,50")
    first, second, third = records({"orders": [order(), broken, order()]})
    assert isinstance(first, ParsedOrder) and isinstance(third, ParsedOrder)
    assert isinstance(second, ParseFailure)
    assert second.message == "orders[1].pricingSummary.total.value: not a decimal"
    assert second.external_ref == "12-34567-89012"
    assert json.loads(second.raw) == broken


def test_missing_order_id_is_named():
    bad = order()
    del bad["orderId"]
    assert failure({"orders": [bad]}).message == "orders[0].orderId: missing"


def test_truncated_file_keeps_the_orders_before_the_cut():
    text = json.dumps({"orders": [order(), order()]}).encode()
    found = ebay.parse_fulfillment(BytesIO(text[:-30]))
    assert isinstance(next(found), ParsedOrder)
    with pytest.raises(ChannelParseError, match="not valid JSON"):
        next(found)


# Amounts


def test_line_cost_is_the_whole_line_and_shipping_a_line_of_its_own():
    parsed = read(order())
    product, shipping = parsed.lines
    assert (product.quantity, product.amount, product.sku) == (
        D(2),
        D("40.0"),
        "MUG-BLUE",
    )
    assert (shipping.kind, shipping.amount) == ("shipping", D("5.0"))
    assert parsed.imbalance == 0
    assert parsed.amount_invoice == D("45.0")


def test_amounts_keep_the_decimals_ebay_wrote():
    assert str(read(order(total="45.00")).amount_total) == "45.00"
    assert str(read(order()).amount_total) == "45.0"


def test_discounted_cost_is_the_amount_and_the_rest_the_discount():
    # 40.00 - 10.00 discount + 5.00 shipping = 35.00
    parsed = read(
        order(
            item(discountedLineItemCost=usd("30.00")),
            total="35.00",
            pricing={"priceDiscount": usd("-10.00")},
        )
    )
    assert (parsed.lines[0].amount, parsed.lines[0].discount) == (
        D("30.00"),
        D("10.00"),
    )
    assert parsed.amount_discount == D("10.00")
    assert parsed.imbalance == 0


def test_discount_that_no_line_states_becomes_a_line():
    parsed = read(order(total="35.0", pricing={"priceDiscount": usd("10.0")}))
    (discount,) = [line for line in parsed.lines if line.kind == "discount"]
    assert discount.amount == D("-10.0")
    assert parsed.imbalance == 0


def test_delivery_discount_handling_adjustment_and_fee_balance_the_order():
    # 40 + 5 shipping - 2 shipping discount + 1.50 handling - 3 adjustment + 0.75 fee = 42.25
    parsed = read(
        order(
            item(
                deliveryCost={
                    "shippingCost": usd("5.0"),
                    "discountAmount": usd("2.0"),
                    "handlingCost": usd("1.5"),
                }
            ),
            total="42.25",
            pricing={
                "deliveryCost": usd("6.5"),
                "deliveryDiscount": usd("-2.0"),
                "adjustment": usd("-3.0"),
                "fee": usd("0.75"),
            },
        )
    )
    assert parsed.imbalance == 0
    assert parsed.amount_shipping == D("6.5")
    assert {line.kind: line.amount for line in parsed.lines if line.amount < 0} == {
        "discount": D("-3.0")
    }


def test_delivery_discount_of_the_order_lowers_the_total():
    parsed = read(order(total="42.0", pricing={"deliveryDiscount": usd("-3.0")}))
    assert parsed.imbalance == 0


def test_import_charges_count_only_when_the_total_has_them():
    lines = item(deliveryCost={"shippingCost": usd("5.0"), "importCharges": usd("7.0")})
    assert [line.kind for line in read(order(lines, total="52.0")).lines] == [
        "product",
        "shipping",
        "fee",
    ]
    without = read(order(lines, total="45.0"))
    assert without.imbalance == 0
    assert [line.kind for line in without.lines] == ["product", "shipping"]


def test_order_that_does_not_add_up_says_by_how_much():
    assert read(order(total="46.0")).imbalance == D("1.0")


def test_zero_quantity_and_zero_value_lines_are_kept():
    gift = item(
        lineItemId="10002", quantity=0, lineItemCost=usd("0.0"), deliveryCost=None
    )
    parsed = read(order(item(), gift))
    assert (parsed.lines[1].quantity, parsed.lines[1].amount) == (D(0), D("0.0"))
    assert parsed.imbalance == 0


def test_gift_card_is_one():
    parsed = read(order(item(giftDetails={"recipientName": "Ann"})))
    assert parsed.lines[0].kind == "gift_card"


def test_line_without_sku_is_known_by_listing_and_variation():
    bare = item(legacyVariationId="77")
    del bare["sku"]
    line = read(order(bare)).lines[0]
    assert (line.sku, line.product_ref) == ("", "2540001:77")


def test_order_without_line_items_has_no_items_part():
    parsed = read(order(lineItems=None))
    assert "items" not in parsed.parts
    assert parsed.imbalance is None


# Tax


def test_collected_tax_inside_the_total_is_not_the_sellers():
    # TAX_BREAKDOWN: 40 + 5 + 3.60 tax = 48.60, and eBay lists the tax in both containers.
    taxed = item(ebayCollectAndRemitTaxes=[collected("3.60")], taxes=[listed("3.60")])
    parsed = read(order(taxed, total="48.60", pricing={"tax": usd("3.60")}))
    line = parsed.lines[0]
    assert (line.tax, line.liability) == (D("3.60"), "marketplace")
    assert (
        line.evidence
        == "lineItems[0].ebayCollectAndRemitTaxes[0].taxType=STATE_SALES_TAX"
    )
    assert parsed.total_includes_marketplace_tax is True
    assert parsed.marketplace_tax == D("3.60")
    assert parsed.amount_invoice == D("45.00")
    assert parsed.amount_tax == D("3.60")
    assert parsed.imbalance == 0


def test_collected_tax_outside_the_total_is_left_out_of_it():
    # Without TAX_BREAKDOWN the total is 45.00 although eBay collects 3.60.
    taxed = item(ebayCollectAndRemitTaxes=[collected("3.60")])
    parsed = read(order(taxed, total="45.00"))
    assert parsed.total_includes_marketplace_tax is False
    assert parsed.marketplace_tax == D("3.60")
    assert parsed.amount_invoice == D("45.00")
    assert parsed.imbalance == 0


@pytest.mark.parametrize("taxes, included", [([listed("3.60")], True), ([], False)])
def test_unbalanced_order_follows_ebays_documented_sign(taxes, included):
    taxed = item(ebayCollectAndRemitTaxes=[collected("3.60")], taxes=taxes)
    parsed = read(order(taxed, total="50.00"))
    assert parsed.total_includes_marketplace_tax is included
    assert parsed.imbalance != 0


def test_tax_that_ebay_does_not_collect_is_the_sellers():
    parsed = read(order(item(taxes=[listed("3.60")]), total="48.60"))
    line = parsed.lines[0]
    assert (line.tax, line.liability, line.tax_included) == (D("3.60"), "seller", False)
    assert line.evidence == (
        "lineItems[0].taxes[0].taxType=STATE_SALES_TAX, not in ebayCollectAndRemitTaxes"
    )
    assert parsed.amount_invoice == D("48.60")
    assert parsed.imbalance == 0


def test_sellers_tax_in_the_price_is_recognised_by_the_total():
    parsed = read(order(item(taxes=[listed("6.39", "VAT")]), total="45.00"))
    assert parsed.lines[0].tax_included is True
    assert parsed.imbalance == 0


def test_line_that_two_owe_keeps_each_tax_with_its_party():
    taxed = item(
        ebayCollectAndRemitTaxes=[collected("3.60")],
        taxes=[listed("3.60"), listed("1.00", "TIRE_RECYCLING_FEE")],
    )
    parsed = read(
        order(taxed, total="49.60", pricing={"tax": usd("3.60"), "fee": usd("1.00")})
    )
    assert [(tax.name, tax.amount, tax.liability) for tax in parsed.lines[0].taxes] == [
        ("STATE_SALES_TAX", D("3.60"), "marketplace"),
        ("TIRE_RECYCLING_FEE", D("1.00"), "seller"),
    ]
    assert parsed.marketplace_tax == D("3.60")
    # The fee is on the line already: counted once.
    assert parsed.imbalance == 0


def test_containers_that_disagree_leave_the_difference_unknown():
    taxed = item(ebayCollectAndRemitTaxes=[collected("3.00")], taxes=[listed("3.60")])
    line = read(order(taxed, total="48.60")).lines[0]
    assert [(tax.amount, tax.liability) for tax in line.taxes] == [
        (D("3.00"), "marketplace"),
        (D("0.60"), "unknown"),
    ]
    assert line.liability == "unknown"


def test_ioss_number_is_part_of_the_evidence():
    tax = collected("7.98", "VAT", name="IOSS", value="IM2760000742")
    line = read(order(item(ebayCollectAndRemitTaxes=[tax]), total="45.0")).lines[0]
    assert line.evidence == (
        "lineItems[0].ebayCollectAndRemitTaxes[0].taxType=VAT (IOSS IM2760000742)"
    )


def test_tax_only_stated_for_the_order_is_unknown_and_on_the_lines():
    # 2.10 over 40 : 20 : 5 is 1.292, 0.646, 0.161...; the left-over cent goes to 0.646.
    second = item(lineItemId="10002", lineItemCost=usd("20.0"), deliveryCost=None)
    parsed = read(order(item(), second, total="67.10", pricing={"tax": usd("2.10")}))
    assert [line.tax for line in parsed.lines] == [D("1.29"), D("0.65"), D("0.16")]
    assert {line.liability for line in parsed.lines} == {"unknown"}
    assert parsed.lines[0].evidence == (
        "pricingSummary.tax=2.10: no line says who collects it"
    )
    assert parsed.imbalance == 0


def test_order_level_flag_tells_that_ebay_collects():
    parsed = read(
        order(total="47.10", pricing={"tax": usd("2.10")}, ebayCollectAndRemitTax=True)
    )
    assert parsed.marketplace_tax == D("2.10")
    assert parsed.amount_invoice == D("45.00")


def test_no_tax_stated_is_not_a_tax_of_zero():
    zero = read(order(item(taxes=[listed("0.0", "VAT")]))).lines[0]
    none = read(order()).lines[0]
    assert (zero.tax, none.tax) == (None, None)


# Currencies


def test_converted_order_is_in_the_buyers_currency():
    line = item(
        lineItemCost=converted("31.60", "40.00"),
        deliveryCost={"shippingCost": converted("3.95", "5.00")},
    )
    document = order(line)
    document["pricingSummary"] = {
        "total": converted("35.55", "45.00"),
        "deliveryCost": converted("3.95", "5.00"),
        "deliveryDiscount": {"value": "0.0", "currency": "GBP"},
    }
    parsed = read(document)
    assert (parsed.currency, parsed.amount_total) == ("USD", D("45.00"))
    assert parsed.payout_currency == "GBP"
    assert [line.amount for line in parsed.lines] == [D("40.00"), D("5.00")]
    assert parsed.imbalance == 0


def test_payout_currency_is_known_from_what_the_seller_is_due():
    document = order()
    document["paymentSummary"]["totalDueSeller"] = {"value": "33.00", "currency": "EUR"}
    parsed = read(document)
    assert (parsed.currency, parsed.payout_currency) == ("USD", "EUR")


def test_second_currency_in_an_order_is_refused():
    bad = failure(order(item(lineItemCost={"value": "40.0", "currency": "EUR"})))
    assert bad.message == (
        "lineItems[0].lineItemCost.currency: currency EUR in an order in USD"
    )


def test_refund_in_the_payout_currency_keeps_it():
    document = order()
    document["paymentSummary"]["refunds"] = [
        {"refundId": "R-1", "amount": {"value": "10.00", "currency": "GBP"}}
    ]
    (refund,) = read(document).refunds
    assert (refund.amount, refund.currency) == (D("10.00"), "GBP")


# States


@pytest.mark.parametrize(
    "changes, status, payment",
    [
        ({}, "open", "paid"),
        ({"orderFulfillmentStatus": "IN_PROGRESS"}, "open", "paid"),
        ({"orderFulfillmentStatus": "FULFILLED"}, "shipped", "paid"),
        ({"orderPaymentStatus": "FULLY_REFUNDED"}, "open", "refunded"),
        ({"orderPaymentStatus": "PARTIALLY_REFUNDED"}, "open", "partially_refunded"),
        ({"cancelStatus": {"cancelState": "CANCELED"}}, "cancelled", "paid"),
        ({"orderPaymentStatus": "PENDING", "paymentSummary": {}}, "pending", "unpaid"),
        ({"orderPaymentStatus": "FAILED", "paymentSummary": {}}, "pending", "unpaid"),
        # A pending refund of an order that was paid.
        ({"orderPaymentStatus": "PENDING"}, "open", "paid"),
        ({"orderPaymentStatus": None, "paymentSummary": None}, "open", "unknown"),
    ],
)
def test_status(changes, status, payment):
    parsed = read(order(**changes))
    assert (parsed.status, parsed.payment_status) == (status, payment)


def test_payment_date_and_method():
    parsed = read(order())
    assert parsed.paid_at == datetime(2025, 3, 1, 10, 1, tzinfo=timezone.utc)
    assert (parsed.payment_method, parsed.paid_through_channel) == ("EBAY", True)


@pytest.mark.parametrize(
    "method, through",
    [("CASH_ON_PICKUP", False), ("PERSONAL_CHECK", False), ("PAYPAL", None)],
)
def test_payment_outside_of_ebay(method, through):
    document = order()
    document["paymentSummary"]["payments"][0]["paymentMethod"] = method
    assert read(document).paid_through_channel is through


def test_refund_of_several_lines_is_one_refund():
    part = {"refundId": "5-1", "refundDate": "2025-03-05T00:00:00.000Z"}
    first = item(refunds=[{**part, "amount": usd("4.00")}])
    second = item(lineItemId="10002", refunds=[{**part, "amount": usd("2.50")}])
    document = order(first, second, total="90.0")
    document["paymentSummary"]["refunds"] = [
        {"refundReferenceId": "5-2", "amount": usd("1.00"), "refundStatus": "REFUNDED"},
        {"refundId": "5-3", "amount": usd("9.00"), "refundStatus": "FAILED"},
    ]
    assert {(one.external_ref, one.amount) for one in read(document).refunds} == {
        ("5-1", D("6.50")),
        ("5-2", D("1.00")),
    }


def test_refund_without_id_has_a_key_of_its_own():
    document = order()
    document["paymentSummary"]["refunds"] = [
        {"refundDate": "2025-03-05T00:00:00.000Z", "amount": usd("1.00")}
    ]
    (refund,) = read(document).refunds
    assert refund.external_ref == "12-34567-89012:2025-03-05T00:00:00.000Z:1.00"


# People and places


def contact(**changes: Any) -> dict[str, Any]:
    return {
        "fullName": "山田 花子",
        "companyName": "Example GmbH",
        "email": "hanako@example.com",
        "primaryPhone": {"phoneNumber": "+81 3 0000 0000"},
        "contactAddress": {
            "addressLine1": "1-1 Example",
            "addressLine2": "Room 5",
            "city": "Yokohama",
            "stateOrProvince": "Kanagawa",
            "postalCode": "220-0000",
            "countryCode": "JP",
        },
        **changes,
    }


def shipped_to(ship_to: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "fulfillmentInstructionsType": "SHIP_TO",
            "ebaySupportedFulfillment": False,
            "shippingStep": {"shipTo": ship_to, "shippingServiceCode": "DE_DHLPaket"},
        }
    ]


def test_delivery_and_buyer():
    parsed = read(
        order(
            fulfillmentStartInstructions=shipped_to(contact()),
            buyer={
                "username": "hanako",
                "buyerRegistrationAddress": contact(fullName="H Y"),
            },
            buyerCheckoutNotes="Ring twice",
        )
    )
    assert parsed.shipping_address is not None and parsed.billing_address is not None
    assert parsed.shipping_address.name == "山田 花子"
    assert (parsed.shipping_address.country, parsed.shipping_address.state) == (
        "JP",
        "Kanagawa",
    )
    assert (parsed.buyer.external_ref, parsed.buyer.name) == ("hanako", "H Y")
    assert (parsed.shipping_option, parsed.fulfilled_by) == ("DE_DHLPaket", "seller")
    assert (parsed.marketplace, parsed.ship_from_country) == ("EBAY_US", "DE")
    assert parsed.note == "Ring twice"
    assert parsed.buyer.is_business is False


def test_buyer_whose_data_ebay_dropped_is_still_known_by_id():
    parsed = read(order())
    assert parsed.buyer.external_ref == "jane_doe"
    assert (parsed.buyer.name, parsed.buyer.email) == ("", "")
    assert parsed.shipping_address is None


@pytest.mark.parametrize(
    "kind, number, vat",
    [
        ("VATIN", "IT00743110157", "IT00743110157"),
        ("CODICE_FISCALE", "RSSMRA80A01H501U", ""),
    ],
)
def test_only_a_vat_number_makes_a_business(kind, number, vat):
    identifier = {
        "taxpayerId": number,
        "taxIdentifierType": kind,
        "issuingCountry": "IT",
    }
    buyer = read(order(buyer={"username": "mario", "taxIdentifier": identifier})).buyer
    assert (buyer.vat, buyer.is_business) == (vat, bool(vat))


def test_fulfilled_by_ebay():
    start = shipped_to(contact())
    start[0]["fulfillmentInstructionsType"] = "FULFILLED_BY_EBAY"
    assert read(order(fulfillmentStartInstructions=start)).fulfilled_by == "marketplace"


@pytest.mark.parametrize(
    "date", ["yesterday", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]
)
def test_absurd_date_is_named(date):
    bad = failure({"orders": [order(creationDate=date)]})
    assert bad.where == "orders[0].creationDate"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E999999", "1e30", "abc", ""])
def test_absurd_amount_is_refused(value):
    assert failure(order(total=value)).where == "pricingSummary.total.value"


# Samples and detection


def test_minimal_order_states_its_total_and_no_line_cost(samples):
    with (samples / "ebay" / "getOrder.minimal.json").open("rb") as source:
        (parsed,) = ebay.parse_fulfillment(source)
    assert isinstance(parsed, ParsedOrder)
    assert (parsed.external_ref, parsed.currency) == ("12345-67890", "USD")
    assert parsed.amount_total == D("99.99")
    assert (parsed.amount_tax, parsed.amount_shipping, parsed.amount_discount) == (
        None,
    ) * 3
    assert (parsed.channel_status, parsed.payment_status) == ("NOT_STARTED", "unknown")
    assert [(line.sku, line.amount) for line in parsed.lines] == [
        ("TEST-SKU-001", D(0))
    ]
    assert parsed.imbalance == D("99.99")


def formats(sample: Sample) -> list[str]:
    return [one.code for one in ebay.FORMATS if one.detect(sample)]


def keys(*names: str) -> Sample:
    return Sample(kind="json", keys=frozenset(names))


def test_detection():
    assert formats(keys("orders[].orderId", "orders[].pricingSummary.total.value")) == [
        "ebay.orders.fulfillment"
    ]
    assert formats(keys("orderId", "lineItems[].lineItemId")) == [
        "ebay.orders.fulfillment"
    ]
    assert formats(keys("[].orderId", "[].orderPaymentStatus")) == [
        "ebay.orders.fulfillment"
    ]
    assert formats(Sample(kind="xml", root="GetOrdersResponse")) == [
        "ebay.orders.trading"
    ]
    assert formats(
        keys("transactions[].transactionId", "transactions[].bookingEntry")
    ) == ["ebay.finances.transactions"]
    assert formats(keys("payouts[].payoutId", "payouts[].payoutStatus")) == [
        "ebay.finances.payouts"
    ]


def test_amazon_orders_are_not_ebay_orders():
    assert formats(keys("orders[].orderId", "orders[].orderItems[].orderItemId")) == []


# Properties

cents = st.integers(min_value=0, max_value=10**7).map(
    lambda number: D(number).scaleb(-2)
)


@given(st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=6), st.booleans())
def test_lines_always_make_the_total(amounts, breakdown):
    items, total = [], D(0)
    for index, (cost, shipping, tax) in enumerate(amounts):
        taxes = {"ebayCollectAndRemitTaxes": [collected(str(tax))]}
        if breakdown:
            taxes["taxes"] = [listed(str(tax))]
        items.append(
            item(
                lineItemId=str(index),
                lineItemCost=usd(str(cost)),
                deliveryCost={"shippingCost": usd(str(shipping))},
                **taxes,
            )
        )
        total += cost + shipping + (tax if breakdown else 0)
    parsed = read(order(*items, total=str(total)))
    assert parsed.imbalance == 0
    assert parsed.amount_invoice == sum(
        cost + shipping for cost, shipping, _tax in amounts
    )


def round_trip(parsed: ParsedOrder) -> None:
    (again,) = ebay.parse_fulfillment(BytesIO(parsed.raw.encode()))
    assert isinstance(again, ParsedOrder)
    assert again.replace(where="", raw="") == parsed.replace(where="", raw="")
    assert again.raw == parsed.raw


@given(st.text(max_size=20), st.text(max_size=20), cents)
def test_raw_is_read_again_to_the_same_values(title, name, cost):
    document = order(
        item(title=title, lineItemCost=usd(str(cost)), quantity=1.5),
        fulfillmentStartInstructions=shipped_to(contact(fullName=name)),
    )
    for record in records({"orders": [document]}):
        if isinstance(record, ParsedOrder):
            round_trip(record)
            assert "\0" not in record.lines[0].title


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_parse_error(data):
    try:
        list(ebay.parse_fulfillment(BytesIO(data)))
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


def paths(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, (dict, list)):
            found += paths(inner, (*path, key))
        else:
            found.append((*path, key))
    return found


FULL = order(
    item(
        discountedLineItemCost=usd("30.0"),
        ebayCollectAndRemitTaxes=[collected("1.0", name="IOSS", value="IM1")],
        taxes=[listed("1.0")],
        refunds=[
            {
                "refundId": "1",
                "amount": usd("1.0"),
                "refundDate": "2025-03-05T00:00:00Z",
            }
        ],
    ),
    fulfillmentStartInstructions=shipped_to(contact()),
    pricing={"tax": usd("1.0"), "fee": usd("1.0"), "adjustment": usd("1.0")},
)


@given(st.sampled_from(paths(FULL)), json_values)
def test_mutated_order_is_an_order_or_a_failure(path, value):
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
