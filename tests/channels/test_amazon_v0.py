"""Amazon orders v0: pages of an order, what they state, and how they are joined."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import amazon_v0
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
)

ORDER_ID = "302-5550001-7770001"
ALIAS = "q1w2e3@marketplace.amazon.de"


def money(amount, currency="EUR"):
    return {"CurrencyCode": currency, "Amount": amount}


def header(**changes):
    order = {
        "AmazonOrderId": ORDER_ID,
        "PurchaseDate": "2026-03-02T10:15:00Z",
        "LastUpdateDate": "2026-03-02T11:00:00Z",
        "OrderStatus": "Unshipped",
        "FulfillmentChannel": "MFN",
        "SalesChannel": "Amazon.de",
        "MarketplaceId": "A1PA6795UKMFR9",
        "ShipServiceLevel": "Std DE Dom",
        "OrderTotal": money("64.90"),
        "PaymentMethod": "Other",
        "IsBusinessOrder": False,
    }
    return {key: value for key, value in (order | changes).items() if value is not ...}


def item(**changes):
    line = {
        "ASIN": "B0TESTMUG1",
        "OrderItemId": "60000000000001",
        "SellerSKU": "MUG-BLUE",
        "Title": "Becher, blau",
        "QuantityOrdered": 3,
        "QuantityShipped": 0,
        "ItemPrice": money("60.00"),
        "ItemTax": money("9.58"),
        "IsGift": "false",
    }
    return {key: value for key, value in (line | changes).items() if value is not ...}


def orders_page(*orders):
    return {
        "payload": {"CreatedBefore": "2026-03-03T00:00:00Z", "Orders": list(orders)}
    }


def items_page(*items, order_id=ORDER_ID, **more):
    return {"payload": {"AmazonOrderId": order_id, "OrderItems": list(items), **more}}


def read(document):
    return list(amazon_v0.parse(BytesIO(json.dumps(document).encode())))


def one(document) -> ParsedOrder:
    (record,) = read(document)
    assert isinstance(record, ParsedOrder), record
    return record


def failure(document) -> ParseFailure:
    (record,) = read(document)
    assert isinstance(record, ParseFailure), record
    return record


def line(document, suffix=""):
    lines = {entry.external_ref: entry for entry in one(document).lines}
    return lines["60000000000001" + suffix]


def joined(*documents):
    return one(json.loads(amazon_v0.merge_raw([json.dumps(doc) for doc in documents])))


# -- Amazon's own examples; figures from SOURCES.md ---------------------------------------


def sample_records(samples, name):
    with (samples / "amazon" / name).open("rb") as source:
        return list(amazon_v0.parse(source))


def test_sample_page_of_two_orders(samples):
    first, second = sample_records(samples, "orders_v0_getOrders.json")
    assert [first.external_ref, second.external_ref] == [
        "902-1845936-5435065",
        "902-8745147-1934268",
    ]
    assert first.amount_total + second.amount_total == Decimal("22.02")
    assert first.parts == {"header"}
    assert (first.currency, first.channel_status) == ("USD", "Unshipped")
    assert (first.amount_tax, first.amount_shipping, first.lines) == (None, None, ())


def test_sample_pending_order_has_no_total(samples):
    (order,) = sample_records(samples, "orders_v0_getOrders_pending.json")
    assert order.external_ref == "902-3159896-1390916"
    assert (order.amount_total, order.currency) == (None, None)
    assert (order.channel_status, order.status) == ("Pending", "pending")
    assert order.parts == {"header", "address", "buyer"}


def test_sample_items_page(samples):
    (order,) = sample_records(samples, "orders_v0_getOrderItems.json")
    assert order.external_ref == "902-1845936-5435065"
    assert (order.parts, order.channel_status) == ({"items"}, None)
    assert (order.amount_total, order.currency) == (None, "USD")
    assert str(order.amount_tax) == "1.01"
    assert str(order.amount_shipping) == "0"
    assert str(order.amount_discount) == "0.00"
    (product,) = order.lines
    assert (product.sku, product.quantity) == ("NABetaASINB00551Q3CS", 1)
    assert str(product.amount) == "10.00"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("orders_v0_getOrder.json", "header"),
        ("orders_v0_getOrderAddress.json", "address"),
        ("orders_v0_getOrderBuyerInfo.json", "buyer"),
    ],
)
def test_sample_page_holds_its_part_only(samples, name, part):
    (order,) = sample_records(samples, name)
    assert order.external_ref == "902-1845936-5435065"
    assert order.parts == {part}


def test_sample_pages_of_one_order_join_and_balance(samples):
    names = ("getOrder", "getOrderItems", "getOrderAddress", "getOrderBuyerInfo")
    raws = [sample_records(samples, f"orders_v0_{name}.json")[0].raw for name in names]
    order = one(json.loads(amazon_v0.merge_raw(raws)))
    assert order.parts == {"header", "items", "address", "buyer"}
    # 10.00 + tax 1.01, as SOURCES.md says.
    assert (order.amount_total, order.imbalance) == (Decimal("11.01"), 0)


def test_sample_gift_page_without_order_id_is_a_failure_that_can_be_completed(samples):
    (record,) = sample_records(samples, "orders_v0.getOrderItemsBuyerInfo.json")
    assert isinstance(record, ParseFailure)
    assert record.message == "payload.AmazonOrderId: missing"
    document = json.loads(record.raw) | {"AmazonOrderId": ORDER_ID}
    assert one(document).external_ref == ORDER_ID


# -- headers ------------------------------------------------------------------------------


def test_header_of_a_seller_fulfilled_order():
    order = one(orders_page(header()))
    assert (order.external_ref, order.where) == (ORDER_ID, "payload.Orders[0]")
    assert (order.format, order.platform) == ("amazon.orders.v0", "amazon")
    assert (order.marketplace, order.shipping_option) == ("Amazon.de", "Std DE Dom")
    assert (order.fulfilled_by, order.status) == ("seller", "open")
    assert order.created_at.isoformat() == "2026-03-02T10:15:00+00:00"
    assert order.updated_at.isoformat() == "2026-03-02T11:00:00+00:00"


@pytest.mark.parametrize("wrap", [lambda page: page, lambda page: page["payload"]])
def test_page_reads_the_same_without_its_payload_wrapper(wrap):
    order = one(wrap(orders_page(header())))
    assert (order.external_ref, order.amount_total) == (ORDER_ID, Decimal("64.90"))


def test_bare_order_is_a_header():
    assert one({"payload": header()}).parts == {"header"}
    assert one(header()).parts == {"header"}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pending", "pending"),
        ("PendingAvailability", "pending"),
        ("Unshipped", "open"),
        ("PartiallyShipped", "open"),
        ("InvoiceUnconfirmed", "open"),
        ("Unfulfillable", "open"),
        ("Shipped", "shipped"),
        ("Canceled", "cancelled"),
    ],
)
def test_status_word(word, status):
    order = one(header(OrderStatus=word))
    assert (order.channel_status, order.status) == (word, status)


def test_unknown_status_is_a_failure_and_not_a_guess():
    record = failure(orders_page(header(OrderStatus="Teleported")))
    assert record.where == "payload.Orders[0].OrderStatus"
    assert record.reason == "unknown order status 'Teleported'"
    assert record.external_ref == ORDER_ID


def test_order_out_of_pending_is_paid_through_amazon_at_purchase():
    order = one(header())
    assert (order.payment_status, order.paid_through_channel) == ("paid", True)
    assert order.paid_at == order.created_at


def test_pending_order_is_unpaid_and_has_no_payment_date():
    order = one(header(OrderStatus="Pending", OrderTotal=...))
    assert (order.payment_status, order.paid_at) == ("unpaid", None)
    assert (order.amount_total, order.currency) == (None, None)


def test_cancelled_order_is_voided():
    order = one(header(OrderStatus="Canceled", OrderTotal=...))
    assert (order.status, order.payment_status) == ("cancelled", "voided")
    assert order.paid_at is None


def test_cash_on_delivery_is_not_collected_by_amazon():
    order = one(header(PaymentMethod="COD"))
    assert (order.payment_status, order.paid_through_channel) == ("unpaid", False)
    assert (order.payment_method, order.paid_at) == ("COD", None)


def test_cash_on_delivery_with_a_gift_card_is_partly_paid():
    parts = [
        {"Payment": money("10.00"), "PaymentMethod": "GC"},
        {"Payment": money("54.90"), "PaymentMethod": "COD"},
    ]
    order = one(header(PaymentMethod="COD", PaymentExecutionDetail=parts))
    assert (order.payment_status, order.paid_through_channel) == ("partial", False)


def test_order_of_another_shop_that_amazon_only_ships_is_not_paid_through_amazon():
    order = one(header(SalesChannel="Non-Amazon DE", FulfillmentChannel="AFN"))
    assert order.paid_through_channel is False
    assert (order.payment_status, order.fulfilled_by) == ("unknown", "marketplace")


def test_dates_of_1970_from_amazons_sandbox_are_no_dates():
    order = one(header(PurchaseDate="1970-01-19T03:58:30Z"))
    assert (order.created_at, order.paid_at) == (None, None)
    assert order.payment_status == "paid"


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "9999-12-31", "yesterday"])
def test_absurd_date_is_a_failure_with_its_place(date):
    record = failure(orders_page(header(LastUpdateDate=date)))
    assert record.where == "payload.Orders[0].LastUpdateDate"
    assert "date" in record.reason


def test_replacement_order_names_the_order_it_replaces():
    order = one(header(IsReplacementOrder="true", ReplacedOrderId="302-1-1"))
    assert order.note == "Replacement of 302-1-1"


def test_business_buyer_keeps_company_vat_number_and_purchase_order():
    info = {
        "BuyerEmail": ALIAS,
        "BuyerName": "Zoë Ünal",
        "PurchaseOrderNumber": "PO 77",
        "BuyerTaxInfo": {
            "CompanyLegalName": "Beispiel GmbH",
            "TaxingRegion": "DE",
            "TaxClassifications": [{"Name": "VATNumber", "Value": "DE123456788"}],
        },
    }
    order = one(header(IsBusinessOrder=True, BuyerInfo=info))
    assert order.buyer.is_business
    assert (order.buyer.company, order.buyer.vat) == ("Beispiel GmbH", "DE123456788")
    assert (order.buyer.name, order.buyer.external_ref) == ("Zoë Ünal", ALIAS)
    assert order.note == "Purchase order PO 77"


def test_buyers_own_address_is_no_buyer_id():
    order = one({"AmazonOrderId": ORDER_ID, "BuyerEmail": "ada@example.com"})
    assert (order.buyer.email, order.buyer.external_ref) == ("ada@example.com", "")
    assert order.parts == {"buyer"}


def test_japanese_address_and_yen_without_cents():
    address = {
        "Name": "山田 太郎",
        "AddressLine1": "神宮前1-2-3",
        "AddressLine2": "ハイツ 4",
        "AddressLine3": "501号",
        "Municipality": "渋谷区",
        "StateOrRegion": "東京都",
        "PostalCode": "150-0001",
        "CountryCode": "jp",
    }
    order = one(header(OrderTotal=money("1980", "JPY"), ShippingAddress=address))
    ship_to = order.shipping_address
    assert (ship_to.name, ship_to.city, ship_to.country) == (
        "山田 太郎",
        "渋谷区",
        "JP",
    )
    assert (ship_to.street, ship_to.street2) == ("神宮前1-2-3", "ハイツ 4, 501号")
    assert (order.currency, str(order.amount_total)) == ("JPY", "1980")


def test_withheld_address_leaves_the_part_out():
    assert one({"payload": {"AmazonOrderId": ORDER_ID}}).parts == frozenset()
    assert one(header(ShippingAddress={})).shipping_address is None


def test_address_page_carries_the_company():
    page = {
        "AmazonOrderId": ORDER_ID,
        "BuyerCompanyName": "Beispiel GmbH",
        "ShippingAddress": {"Name": "Tor 3", "CountryCode": "DE"},
    }
    assert one(page).shipping_address.company == "Beispiel GmbH"


# -- items --------------------------------------------------------------------------------


def test_item_price_is_the_whole_line_and_may_contain_tax():
    product = line(items_page(item()))
    assert (product.quantity, product.amount) == (3, Decimal("60.00"))
    assert (product.tax, product.tax_included) == (Decimal("9.58"), None)
    assert (product.sku, product.product_ref) == ("MUG-BLUE", "B0TESTMUG1")


def test_promotion_lowers_line_and_tax():
    page = items_page(
        item(PromotionDiscount=money("6.00"), PromotionDiscountTax=money("0.96"))
    )
    product = line(page)
    assert (product.amount, product.discount) == (Decimal("54.00"), Decimal("6.00"))
    assert product.tax == Decimal("8.62")  # 9.58 - 0.96
    assert one(page).amount_discount == Decimal("6.00")


def test_shipping_gift_wrap_and_cash_fee_are_lines_of_their_own():
    page = items_page(
        item(
            ShippingPrice=money("4.90"),
            ShippingTax=money("0.78"),
            ShippingDiscount=money("1.90"),
            ShippingDiscountTax=money("0.30"),
            CODFee=money("3.00"),
            CODFeeDiscount=money("1.00"),
            BuyerInfo={"GiftWrapPrice": money("2.50"), "GiftWrapTax": money("0.40")},
        )
    )
    shipping, wrap, cod = (
        line(page, end) for end in (":shipping", ":gift_wrap", ":cod")
    )
    assert (shipping.kind, shipping.amount) == ("shipping", Decimal("3.00"))
    assert (shipping.discount, shipping.tax) == (Decimal("1.90"), Decimal("0.48"))
    assert (wrap.kind, wrap.amount, wrap.tax) == (
        "gift_wrap",
        Decimal("2.50"),
        Decimal("0.40"),
    )
    assert (cod.kind, cod.amount, cod.discount) == ("fee", 2, 1)
    order = one(page)
    assert order.amount_shipping == Decimal("4.90")
    assert order.amount_tax == Decimal("10.46")  # 9.58 + 0.48 + 0.40
    assert order.amount_discount == Decimal("2.90")  # 1.90 + 1.00


def test_free_shipping_that_was_discounted_stays_visible():
    shipping = line(
        items_page(item(ShippingPrice=money("4.90"), ShippingDiscount=money("4.90"))),
        ":shipping",
    )
    assert (shipping.amount, shipping.discount) == (0, Decimal("4.90"))


def test_shipping_of_zero_makes_no_line():
    assert len(one(items_page(item(ShippingPrice=money("0.00")))).lines) == 1


def test_cancelled_item_has_quantity_and_amount_zero():
    page = items_page(item(QuantityOrdered=0, ItemPrice=..., ItemTax=...))
    product = line(page)
    assert (product.quantity, product.amount, product.tax) == (0, 0, None)
    assert one(page).parts == {"items"}


def test_items_without_prices_are_known_but_not_complete():
    order = one(items_page(item(ItemPrice=..., ItemTax=...)))
    assert [entry.sku for entry in order.lines] == ["MUG-BLUE"]
    assert order.parts == frozenset()
    assert (order.amount_tax, order.amount_shipping) == (None, None)


@pytest.mark.parametrize(
    ("fields", "liability", "evidence"),
    [
        ({}, "seller", "OrderItems[0].TaxCollection absent"),
        (
            {"TaxCollection": {"Model": "MarketplaceFacilitator"}},
            "marketplace",
            "OrderItems[0].TaxCollection.Model=MarketplaceFacilitator",
        ),
        (
            {"TaxCollection": {"Model": "Standard"}},
            "seller",
            "OrderItems[0].TaxCollection.Model=Standard",
        ),
        (
            {"TaxCollection": {"Model": "Lottery"}},
            "unknown",
            "OrderItems[0].TaxCollection.Model=Lottery",
        ),
        (
            {"DeemedResellerCategory": "IOSS", "IossNumber": "IM0000000000"},
            "marketplace",
            "OrderItems[0].DeemedResellerCategory=IOSS, OrderItems[0].IossNumber=IM0000000000",
        ),
        (
            {"DeemedResellerCategory": "UOSS", "IossNumber": ""},
            "unknown",
            "OrderItems[0].DeemedResellerCategory=UOSS, OrderItems[0].IossNumber empty",
        ),
        (
            {"DeemedResellerCategory": "GB_VOEC"},
            "unknown",
            "OrderItems[0].DeemedResellerCategory=GB_VOEC, OrderItems[0].IossNumber empty",
        ),
    ],
)
def test_who_owes_the_tax(fields, liability, evidence):
    product = line(items_page(item(**fields)))
    assert (product.liability, product.evidence) == (liability, evidence)


def test_deemed_category_on_a_free_item_raises_no_question():
    free = item(
        QuantityOrdered=0, ItemPrice=..., ItemTax=..., DeemedResellerCategory="IOSS"
    )
    assert line(items_page(free)).liability == "seller"


@pytest.mark.parametrize(
    ("country", "postcode", "liability"),
    [
        ("FR", "75001", "marketplace"),
        ("GB", "M1 2AB", "unknown"),
        ("GB", "BT1 1AA", "marketplace"),
    ],
)
def test_ioss_number_fits_deliveries_to_the_eu_and_northern_ireland_only(
    country, postcode, liability
):
    order = joined(
        items_page(item(IossNumber="IM0000000000")),
        header(ShippingAddress={"CountryCode": country, "PostalCode": postcode}),
    )
    assert order.lines[0].liability == liability


def test_marketplace_tax_is_in_the_total_and_not_on_our_invoice():
    facilitator = {"Model": "MarketplaceFacilitator", "ResponsibleParty": "Amazon"}
    order = joined(
        header(OrderTotal=money("69.58")), items_page(item(TaxCollection=facilitator))
    )
    assert order.imbalance == 0  # 60.00 + 9.58
    assert order.marketplace_tax == Decimal("9.58")
    assert order.amount_invoice == Decimal("60.00")


def test_item_repeated_on_overlapping_pages_is_one_line():
    assert len(one(items_page(item(), item())).lines) == 1


def test_gift_page_has_no_complete_part_and_waits_for_its_items():
    gift = {"OrderItemId": "60000000000001", "GiftWrapPrice": money("2.50")}
    order = one(items_page(gift))
    assert (order.parts, order.lines) == (frozenset(), ())
    whole = joined(items_page(gift), items_page(item()))
    assert [entry.kind for entry in whole.lines] == ["product", "gift_wrap"]


# -- bad records --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            orders_page(header(OrderTotal=money("eleven"))),
            "payload.Orders[0].OrderTotal.Amount: not a decimal",
        ),
        (
            orders_page(header(OrderTotal=money("NaN"))),
            "payload.Orders[0].OrderTotal.Amount: not a finite number",
        ),
        (
            orders_page(header(OrderTotal=money("1", "EURO"))),
            "payload.Orders[0].OrderTotal.CurrencyCode: not a currency code",
        ),
        (
            orders_page(header(AmazonOrderId=...)),
            "payload.Orders[0].AmazonOrderId: missing",
        ),
        (
            orders_page(header(AmazonOrderId=" ")),
            "payload.Orders[0].AmazonOrderId: missing",
        ),
        (
            orders_page(header(OrderStatus=...)),
            "payload.Orders[0].OrderStatus: missing",
        ),
        (
            orders_page(header(ShippingAddress={"CountryCode": "Germany"})),
            "payload.Orders[0].ShippingAddress.CountryCode: not a country code",
        ),
        (
            items_page(item(), item(OrderItemId="2", QuantityOrdered=-1)),
            "payload.OrderItems[1].QuantityOrdered: a negative quantity",
        ),
        (
            items_page(item(QuantityOrdered="many")),
            "payload.OrderItems[0].QuantityOrdered: not a whole number",
        ),
        (
            items_page(item(ItemTax=money("9.58", "USD"))),
            "payload.OrderItems[0].ItemTax.CurrencyCode: currency USD in an order in EUR",
        ),
        (
            items_page(item(OrderItemId="")),
            "payload.OrderItems[0].OrderItemId: missing",
        ),
        (orders_page("not an order"), "payload.Orders[0].AmazonOrderId: missing"),
    ],
)
def test_bad_record_names_its_place(document, message):
    assert failure(document).message == message


def test_bad_order_does_not_hide_its_neighbours():
    page = orders_page(
        header(AmazonOrderId="1"),
        header(OrderTotal=money("x")),
        header(AmazonOrderId="3"),
    )
    assert [record.external_ref for record in read(page)] == ["1", ORDER_ID, "3"]
    assert [type(record) for record in read(page)] == [
        ParsedOrder,
        ParseFailure,
        ParsedOrder,
    ]


def test_raw_of_a_failure_can_be_repaired_and_read():
    raw = failure(orders_page(header(OrderTotal=money("64,90")))).raw
    order = one(json.loads(raw.replace("64,90", "64.90")))
    assert order.amount_total == Decimal("64.90")


def test_list_of_pages_reads_every_page_and_names_the_odd_one():
    first, odd, last = read([orders_page(header()), 7, items_page(item())])
    assert (first.where, last.where) == ("[0].payload.Orders[0]", "[2].payload")
    assert odd.message == "[1]: not an Amazon order page"


def test_page_without_orders_yields_nothing():
    assert read(orders_page()) == []
    assert read({"payload": {"Orders": [], "NextToken": "abc"}}) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"payload": {"Orders": [{"AmazonOrderId": "1"}', b"\xff\xfe", b"7"],
)
def test_broken_file_is_refused(content):
    with pytest.raises(ChannelParseError):
        list(amazon_v0.parse(BytesIO(content)))


# -- joining ------------------------------------------------------------------------------


def test_newest_header_wins_whatever_order_it_arrives_in():
    old = header()
    new = header(OrderStatus="Shipped", LastUpdateDate="2026-03-04T08:00:00Z")
    assert joined(old, new).status == "shipped"
    assert joined(new, old).status == "shipped"


def test_item_pages_add_up_and_the_later_state_of_an_item_wins():
    second = item(OrderItemId="60000000000002", SellerSKU="PLATE")
    shipped = item(QuantityOrdered=12, QuantityShipped=10)
    for pages in permutations(
        [
            items_page(item(QuantityOrdered=12, QuantityShipped=9), NextToken="t"),
            items_page(second),
            items_page(shipped),
        ]
    ):
        order = joined(*pages)
        assert [entry.sku for entry in order.lines] == ["MUG-BLUE", "PLATE"]
        assert '"QuantityShipped":10' in order.raw


def test_cancelled_item_replaces_the_ordered_one():
    cancelled = items_page(item(QuantityOrdered=0, ItemPrice=..., ItemTax=...))
    for pages in permutations([items_page(item()), cancelled]):
        assert joined(*pages).lines[0].quantity == 0


def test_partly_cancelled_item_replaces_the_ordered_one():
    ordered = item(QuantityOrdered=12, ItemPrice=money("120.00"))
    reduced = item(QuantityOrdered=2, ItemPrice=money("20.00"))
    for pages in permutations([items_page(ordered), items_page(reduced)]):
        assert joined(*pages).lines[0].quantity == 2


def test_price_appears_when_a_pending_order_is_released():
    pending = items_page(item(ItemPrice=..., ItemTax=...))
    for pages in permutations([pending, items_page(item())]):
        assert joined(*pages).lines[0].amount == Decimal("60.00")


def test_buyer_and_address_survive_a_newer_header_without_them():
    address = {"Name": "Ada", "AddressLine1": "Weg 1", "CountryCode": "DE"}
    full = header(
        ShippingAddress=address, BuyerInfo={"BuyerName": "Ada", "BuyerEmail": ALIAS}
    )
    bare = header(
        LastUpdateDate="2026-04-09T00:00:00Z", ShippingAddress={"CountryCode": "DE"}
    )
    for pages in permutations([full, bare]):
        order = joined(*pages)
        assert order.updated_at.month == 4
        assert (order.shipping_address.street, order.buyer.name) == ("Weg 1", "Ada")


def test_street_survives_a_newer_header_that_hides_it():
    full = header(ShippingAddress={"AddressLine1": "Weg 1", "CountryCode": "DE"})
    short = header(
        ShippingAddress={"Name": "Ada", "CountryCode": "DE"},
        LastUpdateDate="2026-04-09T00:00:00Z",
    )
    for pages in permutations([full, short]):
        assert joined(*pages).shipping_address.street == "Weg 1"


def test_address_that_the_buyer_changed_replaces_the_old_one():
    old = header(ShippingAddress={"AddressLine1": "Weg 1", "CountryCode": "DE"})
    new = header(
        ShippingAddress={"AddressLine1": "Allee 2", "CountryCode": "DE"},
        LastUpdateDate="2026-03-03T00:00:00Z",
    )
    for pages in permutations([old, new]):
        assert joined(*pages).shipping_address.street == "Allee 2"


def test_currency_of_items_must_be_that_of_the_total():
    pages = [header(OrderTotal=money("60.00", "GBP")), items_page(item())]
    raw = amazon_v0.merge_raw([json.dumps(page) for page in pages])
    record = failure(json.loads(raw))
    assert record.where == "OrderItems[0].ItemPrice.CurrencyCode"
    assert record.reason == "currency EUR in an order in GBP"


@pytest.mark.parametrize(
    "pages",
    [
        [items_page(item()), items_page(item(), order_id="302-9-9")],
        [],
        [{"payload": "text"}],
        [{"AmazonOrderId": ORDER_ID, "OrderItems": 5}],
        [{"AmazonOrderId": ORDER_ID, "Order": 5}],
    ],
)
def test_what_cannot_be_joined_is_refused(pages):
    with pytest.raises(ChannelParseError):
        amazon_v0.merge_raw([json.dumps(page) for page in pages])


# -- properties ---------------------------------------------------------------------------

amounts = st.decimals(min_value=0, max_value=10**6, places=2).map(
    lambda amount: money(str(amount))
)
streets = st.sampled_from(
    [
        {},
        {"CountryCode": "DE"},
        {"AddressLine1": "A", "Name": "N"},
        {"AddressLine1": "B"},
    ]
)
buyers = st.sampled_from(
    [{}, {"BuyerName": "N"}, {"BuyerEmail": ALIAS}, {"BuyerName": "M"}]
)
headers = st.builds(
    lambda stamp, status, address, buyer: header(
        LastUpdateDate=stamp,
        OrderStatus=status,
        ShippingAddress=address,
        BuyerInfo=buyer,
    ),
    st.sampled_from(
        ["2026-03-02T11:00:00Z", "2026-03-02T11:00:00.000Z", "2026-05-01", "?"]
    ),
    st.sampled_from(["Pending", "Unshipped", "Shipped", "Canceled"]),
    streets,
    buyers,
)
items = st.builds(
    lambda number, price, ordered, shipped, gift: item(
        OrderItemId=str(number),
        ItemPrice=price,
        QuantityOrdered=ordered,
        QuantityShipped=shipped,
        BuyerInfo=gift,
    ),
    st.integers(1, 3),
    amounts,
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([{}, {"GiftWrapPrice": money("1.00")}, {"GiftWrapLevel": "x"}]),
)
pages = st.one_of(
    headers,
    headers.map(orders_page),
    st.lists(items, max_size=3).map(lambda found: items_page(*found)),
    streets.map(
        lambda address: {"AmazonOrderId": ORDER_ID, "ShippingAddress": address}
    ),
    buyers.map(lambda buyer: {"AmazonOrderId": ORDER_ID, **buyer}),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(pages, min_size=1, max_size=5).map(
        lambda found: [json.dumps(p) for p in found]
    ),
    st.data(),
)
def test_joining_depends_neither_on_order_nor_on_repetition_nor_on_steps(raws, data):
    whole = amazon_v0.merge_raw(raws)
    shuffled = data.draw(st.permutations(raws))
    cut = data.draw(st.integers(0, len(raws) - 1))
    assert amazon_v0.merge_raw(shuffled) == whole
    assert amazon_v0.merge_raw([*raws, *raws]) == whole
    assert amazon_v0.merge_raw([whole]) == whole
    first = [amazon_v0.merge_raw(raws[:cut])] if cut else []
    assert amazon_v0.merge_raw([*first, *raws[cut:]]) == whole


@settings(max_examples=80, deadline=None)
@given(pages)
def test_raw_reads_to_the_same_order(page):
    for record in read(page):
        if isinstance(record, ParsedOrder):
            again = one(json.loads(record.raw))
            assert again.replace(where="") == record.replace(where="")


@settings(max_examples=60, deadline=None)
@given(st.lists(amounts, min_size=1, max_size=40))
def test_sums_of_items_are_exact(prices):
    found = [
        item(OrderItemId=str(n), ItemPrice=price, ItemTax=price, ShippingPrice=price)
        for n, price in enumerate(prices)
    ]
    order = one(items_page(*found))
    cents = sum(int(price["Amount"].replace(".", "")) for price in prices)
    assert order.amount_tax == order.amount_shipping == Decimal(cents).scaleb(-2)
    assert order.amount_lines == Decimal(3 * cents).scaleb(-2)


VALID = json.dumps(
    orders_page(header(BuyerInfo={"BuyerName": "Ä"}), header(AmazonOrderId="2"))
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "payload",
                    "Orders",
                    "Order",
                    "AmazonOrderId",
                    "OrderItems",
                    "OrderItemId",
                    "BuyerInfo",
                    "ShippingAddress",
                    "OrderStatus",
                    "OrderItemsBuyerInfo",
                    "ItemPrice",
                    "BuyerName",
                    "QuantityOrdered",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def read_all_or_refuse(content: bytes):
    try:
        raws = [
            record.raw for record in amazon_v0.parse(BytesIO(content)) if record.raw
        ]
        amazon_v0.merge_raw(raws)
    except ChannelParseError:
        return


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(VALID)), st.integers(0, 20))
def test_mutated_page_raises_nothing_but_a_parse_error(junk, start, length):
    content = VALID.encode()
    read_all_or_refuse(content[:start] + junk + content[start + length :])


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_any_json_raises_nothing_but_a_parse_error(document):
    read_all_or_refuse(json.dumps(document).encode())
