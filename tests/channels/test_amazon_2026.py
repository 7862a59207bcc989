"""Amazon orders 2026-01-01: proceeds by type, what belongs to no item, who owes the tax."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import amazon_2026
from odoo.addons.marketplace_invoicing.channels.base import (
    ALL_PARTS,
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
)

ORDER_ID = "305-5550001-7770001"


def money(amount, currency="EUR"):
    return {"amount": amount, "currencyCode": currency}


def part(kind, amount, **details):
    breakdown = {"type": kind, "subtotal": money(amount)}
    if details:
        breakdown["detailedBreakdowns"] = [
            {"subtype": subtype, "value": money(value)}
            for subtype, value in details.items()
        ]
    return breakdown


def item(*parts, total=None, **changes):
    parts = list(parts) or [part("ITEM", "20.00")]
    line = {
        "orderItemId": "70000000000001",
        "quantityOrdered": 2,
        "product": {"asin": "B0TESTMUG1", "title": "Becher", "sellerSku": "MUG-BLUE"},
        "proceeds": {"breakdowns": parts}
        | ({"proceedsTotal": money(total)} if total else {}),
        "tax": {},
    }
    return {key: value for key, value in (line | changes).items() if value is not ...}


def order(*items, total="20.00", parts=(), **changes):
    document = {
        "orderId": ORDER_ID,
        "createdTime": "2026-03-02T10:15:00Z",
        "lastUpdatedTime": "2026-03-02T11:00:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceName": "Amazon.de"},
        "proceeds": {"grandTotal": money(total), "breakdowns": list(parts)},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "orderItems": list(items) or [item()],
    }
    return {
        key: value for key, value in (document | changes).items() if value is not ...
    }


def read(document):
    return list(amazon_2026.parse(BytesIO(json.dumps(document).encode())))


def one(document) -> ParsedOrder:
    (record,) = read({"order": document})
    assert isinstance(record, ParsedOrder), record
    return record


def failure(document) -> ParseFailure:
    (record,) = read({"orders": [document]})
    assert isinstance(record, ParseFailure), record
    return record


# -- Amazon's own examples; figures from SOURCES.md ---------------------------------------


def sample_record(samples, name) -> ParsedOrder:
    with (samples / "amazon" / name).open("rb") as source:
        (record,) = amazon_2026.parse(source)
    return record


def test_sample_us_order_balances_with_its_delivery_tip(samples):
    found = sample_record(samples, "orders_2026-01-01_searchOrders_us.json")
    assert (found.external_ref, found.where) == ("123-4567890-1234567", "orders[0]")
    assert (found.currency, found.channel_status) == ("USD", "SHIPPED")
    assert found.marketplace == "Amazon.com"
    stated = (
        found.amount_total,
        found.amount_tax,
        found.amount_shipping,
        found.amount_discount,
    )
    assert [str(amount) for amount in stated] == ["154.99", "0.02", "0", "0"]
    products = [line for line in found.lines if line.kind == "product"]
    assert [line.sku for line in products] == ["ECHO-DOT-4-CHARCOAL", "FIRE-TV-4K-2021"]
    assert sum(line.quantity for line in products) == 3
    assert sum(line.amount for line in products) == Decimal("149.97")
    (tip,) = [line for line in found.lines if line.kind == "tip"]
    assert (tip.external_ref, str(tip.amount)) == (
        "123-4567890-1234567:DELIVERY_TIP",
        "5.00",
    )
    assert found.imbalance == 0


def test_sample_uk_order_has_shipping_and_its_share_of_the_tax(samples):
    found = sample_record(samples, "orders_2026-01-01_getOrder_uk.json")
    assert (found.external_ref, found.currency) == ("202-1234567-8901234", "GBP")
    stated = (
        found.amount_total,
        found.amount_tax,
        found.amount_shipping,
        found.amount_discount,
    )
    assert [str(amount) for amount in stated] == ["103.97", "4.00", "10.00", "0"]
    product, shipping = found.lines
    assert (product.quantity, product.amount, product.tax) == (3, Decimal("89.97"), 3)
    assert (shipping.kind, shipping.amount, shipping.tax) == ("shipping", 10, 1)
    assert found.imbalance == 0
    assert found.shipped_at.isoformat() == "2024-12-26T14:00:00+00:00"
    assert found.ship_from_country == "GB"


def test_sample_ioss_number_on_a_british_delivery_is_a_contradiction(samples):
    found = sample_record(samples, "orders_2026-01-01_getOrder_uk.json")
    assert {line.liability for line in found.lines} == {"unknown"}
    assert found.lines[0].evidence.endswith("iossNumber=IM1234567890, delivered to GB")
    assert found.marketplace_tax == 0


# -- headers ------------------------------------------------------------------------------


def test_header():
    found = one(order())
    assert (found.format, found.platform) == ("amazon.orders.2026-01-01", "amazon")
    assert (found.status, found.fulfilled_by) == ("open", "seller")
    assert (found.payment_status, found.paid_through_channel) == ("paid", True)
    assert found.created_at == found.paid_at
    assert found.updated_at.isoformat() == "2026-03-02T11:00:00+00:00"
    assert (found.amount_total, found.parts) == (Decimal("20.00"), ALL_PARTS)


@pytest.mark.parametrize(
    ("word", "status", "paid"),
    [
        ("PENDING_AVAILABILITY", "pending", "unpaid"),
        ("PENDING", "pending", "unpaid"),
        ("UNSHIPPED", "open", "paid"),
        ("PARTIALLY_SHIPPED", "open", "paid"),
        ("SHIPPED", "shipped", "paid"),
        ("CANCELLED", "cancelled", "voided"),
        ("UNFULFILLABLE", "open", "paid"),
    ],
)
def test_status_word(word, status, paid):
    found = one(order(fulfillment={"fulfillmentStatus": word}))
    assert (found.channel_status, found.status, found.payment_status) == (
        word,
        status,
        paid,
    )


def test_pending_order_without_proceeds_has_no_total():
    found = one(
        order(
            item(proceeds=...),
            proceeds=...,
            fulfillment={"fulfillmentStatus": "PENDING"},
        )
    )
    assert (found.amount_total, found.currency, found.amount_tax) == (None, None, None)
    assert "items" not in found.parts
    assert [line.sku for line in found.lines] == ["MUG-BLUE"]


@pytest.mark.parametrize(
    ("methods", "paid", "through"),
    [
        (["CreditCard"], "paid", True),
        (["CashOnDelivery"], "unpaid", False),
        (["CashOnDelivery", "GiftCard"], "partial", False),
    ],
)
def test_payment_methods(methods, paid, through):
    executions = [
        {"paymentMethod": method, "paymentAmount": money("1")} for method in methods
    ]
    found = one(order(payment={"paymentExecutions": executions}))
    assert (found.payment_status, found.paid_through_channel) == (paid, through)
    assert found.payment_method == ", ".join(methods)


def test_order_sold_outside_amazon_is_not_paid_through_it():
    assert (
        one(order(salesChannel={"channelName": "NON_AMAZON"})).paid_through_channel
        is False
    )


def test_business_buyer_and_notes():
    registrations = [
        {
            "entityType": "MERCHANT",
            "taxRegistrationType": "VAT",
            "taxRegistrationNumber": "X",
        },
        {
            "entityType": "BUYER",
            "legalName": "Beispiel GmbH",
            "taxRegistrationType": "VAT",
            "taxRegistrationNumber": "DE123456788",
        },
    ]
    found = one(
        order(
            buyer={"buyerName": "Łucja", "buyerPurchaseOrderNumber": "PO 9"},
            tax={"taxRegistrations": registrations},
            associatedOrders=[
                {"orderId": "305-1-1", "associationType": "REPLACEMENT_ORIGINAL_ID"}
            ],
        )
    )
    assert found.buyer.is_business
    assert (found.buyer.name, found.buyer.company) == ("Łucja", "Beispiel GmbH")
    assert found.buyer.vat == "DE123456788"
    assert found.note == "Purchase order PO 9\nReplacement of 305-1-1"


def test_address():
    address = {
        "name": "Łucja",
        "addressLine1": "",
        "addressLine2": "ul. Długa 5",
        "addressLine3": "m. 3",
        "municipality": "Gdańsk",
        "postalCode": "80-831",
        "countryCode": "PL",
    }
    ship_to = one(order(recipient={"deliveryAddress": address})).shipping_address
    assert (ship_to.street, ship_to.street2) == ("ul. Długa 5", "m. 3")
    assert (ship_to.city, ship_to.zip, ship_to.country) == ("Gdańsk", "80-831", "PL")


# -- proceeds -----------------------------------------------------------------------------


def test_tax_on_top_is_told_by_the_items_total():
    found = one(order(item(part("ITEM", "20.00"), part("TAX", "3.80"), total="23.80")))
    assert (found.lines[0].tax_included, found.lines[0].tax) == (False, Decimal("3.80"))


def test_tax_within_is_told_by_the_items_total():
    found = one(order(item(part("ITEM", "23.80"), part("TAX", "3.80"), total="23.80")))
    assert found.lines[0].tax_included is True
    assert found.amount_lines == Decimal("23.80")


@pytest.mark.parametrize("total", [None, "99.00"])
def test_tax_basis_is_open_when_no_total_decides(total):
    found = one(order(item(part("ITEM", "20.00"), part("TAX", "3.80"), total=total)))
    assert found.lines[0].tax_included is None


@pytest.mark.parametrize("sign", ["", "-"])
def test_discount_lowers_its_charge_whatever_its_sign(sign):
    parts = [
        part("ITEM", "20.00"),
        part("SHIPPING", "5.00"),
        part("DISCOUNT", f"{sign}7.00", ITEM=f"{sign}2.00", SHIPPING=f"{sign}5.00"),
    ]
    product, shipping = one(order(item(*parts, total="18.00"), total="18.00")).lines
    assert (product.amount, product.discount) == (18, 2)
    assert (shipping.amount, shipping.discount) == (0, 5)


def test_every_type_becomes_a_line_and_the_taxes_add_up():
    parts = [
        part("ITEM", "20.00"),
        part("SHIPPING", "5.00"),
        part("GIFT_WRAP", "2.00"),
        part("COD_FEE", "3.00"),
        part("OTHER", "1.00"),
        part(
            "TAX",
            "5.89",
            ITEM="3.80",
            SHIPPING="0.95",
            GIFT_WRAP="0.38",
            COD_FEE="0.57",
            OTHER="0.19",
        ),
    ]
    found = one(order(item(*parts, total="36.89"), total="36.89"))
    assert [(line.kind, str(line.tax)) for line in found.lines] == [
        ("product", "3.80"),
        ("shipping", "0.95"),
        ("gift_wrap", "0.38"),
        ("fee", "0.57"),
        ("fee", "0.19"),
    ]
    assert found.imbalance == 0
    assert found.amount_tax == Decimal("5.89")


def test_tax_without_details_is_the_products():
    parts = [part("ITEM", "20.00"), part("SHIPPING", "5.00"), part("TAX", "4.75")]
    product, shipping = one(order(item(*parts))).lines
    assert (product.tax, shipping.tax) == (Decimal("4.75"), None)


def test_order_level_fee_is_a_line_and_sums_over_items_are_not():
    parts = [part("ITEM", "20.00"), part("OTHER", "1.50"), part("DELIVERY_TIP", "2.00")]
    found = one(order(total="23.50", parts=parts))
    assert [(line.kind, line.amount) for line in found.lines] == [
        ("product", 20),
        ("fee", Decimal("1.50")),
        ("tip", 2),
    ]
    assert found.imbalance == 0


def test_tax_that_no_item_states_leaves_the_order_out_of_balance():
    found = one(
        order(total="23.80", parts=[part("ITEM", "20.00"), part("TAX", "3.80")])
    )
    assert found.imbalance == Decimal("3.80")


def test_cancelled_item_needs_no_price():
    found = one(order(item(proceeds=..., quantityOrdered=0), total="0"))
    assert (found.lines[0].quantity, found.lines[0].amount) == (0, 0)
    assert "items" in found.parts


# -- liability ----------------------------------------------------------------------------

TAXED = (part("ITEM", "20.00"), part("TAX", "3.80"))


def liability(**changes):
    line = one(order(item(*TAXED, total="23.80", **changes))).lines[0]
    return line.liability, line.evidence


def test_facilitator_model_makes_the_marketplace_liable():
    collections = [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon"}]
    assert liability(tax={"taxCollections": collections}) == (
        "marketplace",
        "orderItems[0].tax.taxCollections[0].model=MARKETPLACE_FACILITATOR",
    )


def test_facilitator_tax_is_not_on_our_invoice():
    collections = [{"model": "MARKETPLACE_FACILITATOR"}]
    taxed = item(*TAXED, total="23.80", tax={"taxCollections": collections})
    found = one(order(taxed, total="23.80"))
    assert (found.imbalance, found.marketplace_tax) == (0, Decimal("3.80"))
    assert found.amount_invoice == Decimal("20.00")


def test_tax_data_without_a_collection_makes_the_seller_liable():
    assert liability() == ("seller", "orderItems[0].tax.taxCollections absent")


def test_reporting_scheme_alone_decides_nothing():
    schemes = [{"reportingScheme": "UOSS"}]
    assert liability(tax={"taxCalculationBreakdowns": schemes})[0] == "unknown"


def test_ioss_number_means_that_amazon_collected():
    abroad = {"shipping": {"internationalShipping": {"iossNumber": "IM0000000000"}}}
    schemes = [{"reportingScheme": "IOSS"}]
    found = liability(tax={"taxCalculationBreakdowns": schemes}, fulfillment=abroad)
    assert found[0] == "marketplace"
    assert "reportingScheme=IOSS" in found[1]
    assert found[1].endswith("iossNumber=IM0000000000")


def test_taxed_order_without_any_tax_data_is_unknown():
    assert liability(tax=...) == (
        "unknown",
        "orderItems[0].tax absent, and no other tax data in the order",
    )


def test_untaxed_order_without_tax_data_is_the_sellers():
    assert one(order(item(tax=...))).lines[0].liability == "seller"


# -- shapes and bad records ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrap", "where"),
    [
        (lambda found: {"order": found}, "order"),
        (lambda found: {"payload": {"order": found}}, "payload.order"),
        (lambda found: {"orders": [found], "pagination": {}}, "orders[0]"),
        (lambda found: {"payload": {"orders": [found]}}, "payload.orders[0]"),
        (lambda found: [{"orders": [found]}], "[0].orders[0]"),
        (lambda found: found, ""),
    ],
)
def test_wrappers(wrap, where):
    (record,) = read(wrap(order()))
    assert (record.where, record.external_ref) == (where, ORDER_ID)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (order(orderId=...), "orders[0].orderId: missing"),
        (order(orderId=" "), "orders[0].orderId: missing"),
        (order(total="x"), "orders[0].proceeds.grandTotal.amount: not a decimal"),
        (order(createdTime="soon"), "orders[0].createdTime: not a date"),
        (
            order(fulfillment={"fulfillmentStatus": "LOST"}),
            "orders[0].fulfillment.fulfillmentStatus: unknown order status 'LOST'",
        ),
        (
            order(item(part("ITEM", "1e99"))),
            "orders[0].orderItems[0].proceeds.breakdowns[0].subtotal.amount: "
            "larger than any order",
        ),
        (
            order(item({"type": "ITEM", "subtotal": money("20.00", "USD")})),
            "orders[0].orderItems[0].proceeds.breakdowns[0].subtotal.currencyCode: "
            "currency USD in an order in EUR",
        ),
        (
            order(item({"type": "ITEM", "subtotal": {}})),
            "orders[0].orderItems[0].proceeds.breakdowns[0].subtotal.amount: missing",
        ),
        (
            order(item(quantityOrdered=-1)),
            "orders[0].orderItems[0].quantityOrdered: a negative quantity",
        ),
        (order(item(orderItemId="")), "orders[0].orderItems[0].orderItemId: missing"),
        ("text", "orders[0]: not an object"),
    ],
)
def test_bad_record_names_its_place(document, message):
    assert failure(document).message == message


def test_bad_order_does_not_hide_its_neighbours():
    found = read({"orders": [order(), order(total="x"), order()]})
    assert [type(record) for record in found] == [
        ParsedOrder,
        ParseFailure,
        ParsedOrder,
    ]
    repaired = found[1].raw.replace('"amount":"x"', '"amount":"5"')
    assert read(json.loads(repaired))[0].amount_total == 5


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"orders": 5}', b'{"orders": [', b"\x00"]
)
def test_broken_file_is_refused(content):
    with pytest.raises(ChannelParseError):
        list(amazon_2026.parse(BytesIO(content)))


def test_odd_page_in_a_list_is_a_failure():
    odd, good = read([5, {"order": order()}])
    assert odd.message == "[0]: not an Amazon order answer"
    assert good.external_ref == ORDER_ID


# -- properties ---------------------------------------------------------------------------

cents = st.integers(0, 10**8)
kinds = st.sampled_from(["SHIPPING", "GIFT_WRAP", "COD_FEE", "OTHER", "SURPRISE"])


def decimal(value: int) -> str:
    return str(Decimal(value).scaleb(-2))


@settings(max_examples=80, deadline=None)
@given(cents, st.dictionaries(kinds, st.tuples(cents, cents)), cents, cents)
def test_item_lines_add_up_to_the_proceeds(price, extras, tax, discount):
    details = {kind: decimal(share) for kind, (_amount, share) in extras.items()}
    taxes = tax + sum(share for _amount, share in extras.values())
    total = price + taxes - discount + sum(amount for amount, _share in extras.values())
    parts = [
        part("ITEM", decimal(price)),
        *(part(kind, decimal(amount)) for kind, (amount, _share) in extras.items()),
        part("TAX", decimal(taxes), **details),
        part("DISCOUNT", decimal(discount)),
    ]
    found = one(order(item(*parts), total=decimal(total)))
    assert found.imbalance == 0
    again = one(json.loads(found.raw)["order"])
    assert again.replace(where="") == found.replace(where="")


VALID = json.dumps({"orders": [order(), order(item(*TAXED))]}).encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(VALID)), st.integers(0, 20))
def test_mutated_answer_raises_nothing_but_a_parse_error(junk, start, length):
    content = VALID[:start] + junk + VALID[start + length :]
    try:
        records = list(amazon_2026.parse(BytesIO(content)))
    except ChannelParseError:
        return
    assert all(isinstance(record, (ParsedOrder, ParseFailure)) for record in records)
