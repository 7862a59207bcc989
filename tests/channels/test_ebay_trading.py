"""eBay Trading API orders, XML."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from io import BytesIO
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import ebay_trading
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
)
from odoo.addons.marketplace_invoicing.channels.ebay_trading import parse_trading

D = Decimal
NAMESPACE = ' xmlns="urn:ebay:apis:eBLBaseComponents"'


def transaction(extra: str = "", price: str = "20.00", quantity: str = "2") -> str:
    return f"""
        <Transaction>
          <Buyer><Email>jane@example.com</Email></Buyer>
          <QuantityPurchased>{quantity}</QuantityPurchased>
          <TransactionPrice currencyID="USD">{price}</TransactionPrice>
          <TransactionID>27001</TransactionID>
          <OrderLineItemID>1101-27001</OrderLineItemID>
          <TransactionSiteID>US</TransactionSiteID>
          <Item><ItemID>1101</ItemID><SKU>MUG</SKU><Title>Mug</Title></Item>
          {extra}
        </Transaction>"""


def order(
    transactions: str | None = None,
    total: str = "45.00",
    extra: str = "",
    currency: str = "USD",
    number: str = "1101-1",
) -> str:
    return f"""
    <Order>
      <OrderID>{number}</OrderID>
      <OrderStatus>Completed</OrderStatus>
      <CheckoutStatus>
        <LastModifiedTime>2025-03-02T11:30:00.000Z</LastModifiedTime>
        <PaymentMethod>CreditCard</PaymentMethod>
        <Status>Complete</Status>
      </CheckoutStatus>
      <CreatedTime>2025-03-01T10:00:00.000Z</CreatedTime>
      <PaidTime>2025-03-01T10:01:00.000Z</PaidTime>
      <ShippingAddress>
        <Name>Jane Doe</Name><Street1>1 Example St</Street1><Street2/>
        <CityName>Springfield</CityName><StateOrProvince>IL</StateOrProvince>
        <Country>US</Country><PostalCode>62701</PostalCode><Phone>Invalid Request</Phone>
      </ShippingAddress>
      <ShippingServiceSelected>
        <ShippingService>USPSPriority</ShippingService>
        <ShippingServiceCost currencyID="USD">5.00</ShippingServiceCost>
      </ShippingServiceSelected>
      <Total currencyID="{currency}">{total}</Total>
      <BuyerUserID>jane_doe</BuyerUserID>
      <TransactionArray>{transactions or transaction()}</TransactionArray>
      {extra}
    </Order>"""


def response(
    *orders: str, namespace: str = NAMESPACE, root: str = "GetOrdersResponse"
) -> str:
    return dedent(
        f"""<?xml version="1.0" encoding="UTF-8"?>
        <{root}{namespace}>
          <Ack>Success</Ack>
          <OrderArray>{"".join(orders)}</OrderArray>
        </{root}>"""
    ).strip()


def records(text: str | bytes) -> list[Record]:
    data = text.encode() if isinstance(text, str) else text
    return list(parse_trading(BytesIO(data)))


def read(text: str) -> ParsedOrder:
    (record,) = records(text)
    assert isinstance(record, ParsedOrder), record
    return record


def test_sample_has_three_variations(samples):
    path = samples / "ebay" / "trading_GetOrders_three_variations.xml"
    parsed = read(path.read_bytes().decode("utf-8-sig"))
    assert records(path.read_bytes()) == [parsed]
    assert (parsed.external_ref, parsed.currency) == ("270357010", "USD")
    assert (parsed.amount_total, parsed.amount_shipping) == (D("6.86"), D("3.45"))
    assert (str(parsed.amount_tax), str(parsed.amount_discount)) == ("0.0", "0.0")
    products = [line for line in parsed.lines if line.kind == "product"]
    assert [line.sku for line in products] == [
        "testSku501_W",
        "testSku501_B",
        "testSku501_Y",
    ]
    assert sum(line.amount for line in products) == D("3.41")
    assert (parsed.channel_status, parsed.payment_status) == ("Completed", "paid")
    assert parsed.imbalance == 0


@pytest.mark.parametrize("namespace", [NAMESPACE, ""])
@pytest.mark.parametrize("root", ["GetOrdersResponse", "GetOrderResponse"])
def test_order_is_read_with_and_without_namespace(namespace, root):
    parsed = read(response(order(), namespace=namespace, root=root))
    product, shipping = parsed.lines
    assert (product.external_ref, product.sku, product.product_ref) == (
        "1101-27001",
        "MUG",
        "1101",
    )
    # 20.00 is the price of one.
    assert (product.quantity, product.amount) == (D(2), D("40.00"))
    assert (shipping.kind, shipping.amount) == ("shipping", D("5.00"))
    assert parsed.imbalance == 0
    assert parsed.paid_at == datetime(2025, 3, 1, 10, 1, tzinfo=timezone.utc)
    assert (parsed.payment_method, parsed.paid_through_channel) == ("CreditCard", True)
    assert (parsed.buyer.external_ref, parsed.buyer.email) == (
        "jane_doe",
        "jane@example.com",
    )


def test_order_right_below_the_root_is_read():
    text = (
        f"<GetOrderResponse{NAMESPACE}><Ack>Success</Ack>{order()}</GetOrderResponse>"
    )
    assert read(text).external_ref == "1101-1"


def test_withheld_contact_details_are_empty():
    parsed = read(response(order()).replace("jane@example.com", "Invalid Request"))
    assert parsed.shipping_address is not None
    assert (parsed.shipping_address.phone, parsed.buyer.email) == ("", "")


def test_variation_names_the_sku_and_the_title():
    variation = "<Variation><SKU>MUG-B</SKU><VariationTitle>Mug[Blue]</VariationTitle></Variation>"
    line = read(response(order(transaction(variation)))).lines[0]
    assert (line.sku, line.title) == ("MUG-B", "Mug[Blue]")


def taxes(container: str, amount: str) -> str:
    return f"""<{container}>
      <TotalTaxAmount currencyID="USD">{amount}</TotalTaxAmount>
      <TaxDetails>
        <Imposition>SalesTax</Imposition>
        <TaxAmount currencyID="USD">{amount}</TaxAmount>
      </TaxDetails>
    </{container}>"""


COLLECTED = taxes("eBayCollectAndRemitTaxes", "3.60")


def test_collected_tax_listed_twice_counts_once():
    both = transaction(COLLECTED + taxes("Taxes", "3.60"))
    parsed = read(response(order(both, total="48.60")))
    assert parsed.marketplace_tax == D("3.60")
    assert parsed.total_includes_marketplace_tax is True
    assert parsed.lines[0].evidence == (
        "TransactionArray.Transaction[0].eBayCollectAndRemitTaxes.TaxDetails[0].Imposition=SalesTax"
    )
    assert (parsed.amount_tax, parsed.amount_invoice) == (D("3.60"), D("45.00"))
    assert parsed.imbalance == 0


def test_total_of_an_older_version_is_without_collected_tax():
    parsed = read(response(order(transaction(COLLECTED), total="45.00")))
    assert parsed.total_includes_marketplace_tax is False
    assert parsed.amount_invoice == D("45.00")
    assert parsed.imbalance == 0


def test_tax_that_ebay_does_not_collect_is_the_sellers():
    parsed = read(response(order(transaction(taxes("Taxes", "3.60")), total="48.60")))
    assert parsed.lines[0].liability == "seller"
    assert (parsed.marketplace_tax, parsed.imbalance) == (0, 0)


def test_sellers_tax_table_is_spread_over_the_goods():
    table = """<ShippingDetails><SalesTax>
        <SalesTaxPercent>6.25</SalesTaxPercent>
        <ShippingIncludedInTax>false</ShippingIncludedInTax>
        <SalesTaxAmount currencyID="USD">2.50</SalesTaxAmount>
    </SalesTax></ShippingDetails>"""
    parsed = read(response(order(total="47.50", extra=table)))
    product, shipping = parsed.lines
    assert (product.tax, product.taxes[0].rate, shipping.tax) == (
        D("2.50"),
        D("0.0625"),
        None,
    )
    assert product.liability == "seller"
    assert parsed.imbalance == 0


def test_import_charge_counts_only_when_the_total_has_it():
    charge = (
        '<ImportCharge currencyID="USD">7.00</ImportCharge></ShippingServiceSelected>'
    )
    text = response(order()).replace("</ShippingServiceSelected>", charge)
    assert read(text).imbalance == 0
    assert read(text.replace(">45.00<", ">52.00<")).imbalance == 0


def test_adjustment_and_promotion():
    # 2 x 20.00 after 2 x 5.00 off, 5.00 shipping, 4.00 adjustment: 41.00
    promotion = (
        '<SellerDiscounts><OriginalItemPrice currencyID="USD">25.00</OriginalItemPrice>'
        "</SellerDiscounts>"
    )
    adjustment = '<AdjustmentAmount currencyID="USD">-4.00</AdjustmentAmount>'
    parsed = read(
        response(order(transaction(promotion), total="41.00", extra=adjustment))
    )
    assert parsed.lines[0].discount == D("10.00")
    assert parsed.imbalance == 0


def test_seller_paid_in_another_currency():
    price = (
        '<ConvertedTransactionPrice currencyID="GBP">15.80</ConvertedTransactionPrice>'
    )
    parsed = read(response(order(transaction(price))))
    assert (parsed.currency, parsed.payout_currency) == ("USD", "GBP")


def test_second_currency_in_an_order_is_a_failure():
    (bad,) = records(response(order(currency="EUR")))
    assert isinstance(bad, ParseFailure)
    assert "currency USD in an order in EUR" in bad.message
    assert bad.where.startswith("OrderArray.Order[0].")


def test_refunds():
    refund = """<MonetaryDetails><Refunds><Refund>
        <RefundStatus>Succeeded</RefundStatus>
        <RefundAmount currencyID="USD">4.00</RefundAmount>
        <RefundTime>2025-03-05T00:00:00.000Z</RefundTime>
        <ReferenceID>RF-9</ReferenceID>
    </Refund></Refunds></MonetaryDetails>"""
    parsed = read(response(order(extra=refund)))
    assert [(one.external_ref, one.amount) for one in parsed.refunds] == [
        ("RF-9", D("4.00"))
    ]
    assert parsed.payment_status == "partially_refunded"


@pytest.mark.parametrize(
    "old, new, status",
    [
        ("Completed", "Cancelled", "cancelled"),
        (
            "</Order>",
            "<ShippedTime>2025-03-03T00:00:00Z</ShippedTime></Order>",
            "shipped",
        ),
        (
            "</Order>",
            "<CancelStatus>CancelComplete</CancelStatus></Order>",
            "cancelled",
        ),
        ("<PaidTime>2025-03-01T10:01:00.000Z</PaidTime>", "", "open"),
        ("Completed", "Completed", "open"),
    ],
)
def test_status(old, new, status):
    assert read(response(order()).replace(old, new)).status == status


def test_unpaid_active_order_is_pending():
    text = (
        response(order()).replace("Completed", "Active").replace("PaidTime", "Unread")
    )
    text = text.replace(">Complete<", ">Incomplete<")
    parsed = read(text)
    assert (parsed.status, parsed.payment_status) == ("pending", "unpaid")


def test_vat_number_of_a_business():
    number = "<BuyerTaxIdentifier><ID>DE123456788</ID><Type>VATIN</Type></BuyerTaxIdentifier>"
    buyer = read(response(order(extra=number))).buyer
    assert (buyer.vat, buyer.is_business) == ("DE123456788", True)


def test_bad_order_does_not_hide_its_neighbours():
    found = records(
        response(order(number="1"), order(total="x", number="2"), order(number="3"))
    )
    assert [type(record) for record in found] == [
        ParsedOrder,
        ParseFailure,
        ParsedOrder,
    ]
    bad = found[1]
    assert isinstance(bad, ParseFailure)
    assert bad.message == "OrderArray.Order[1].Total: not a decimal"
    assert bad.external_ref == "2"
    assert "<OrderID>2</OrderID>" in bad.raw


def test_order_without_id_is_named():
    (bad,) = records(response(order(number="")))
    assert isinstance(bad, ParseFailure)
    assert bad.message == "OrderArray.Order[0].OrderID: missing"


# Documents


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/none.dtd">',
    ],
    ids=["expansion", "file", "network"],
)
def test_document_type_is_refused(doctype):
    text = response(order()).replace("?>", f"?>{doctype}", 1).replace("Jane Doe", "&x;")
    with pytest.raises(ChannelParseError, match="document type"):
        records(text)


def test_entity_bomb_in_an_attribute_does_not_expand():
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 9)
    )
    text = f'<!DOCTYPE r [{entities}]><GetOrdersResponse x="&a8;"><OrderArray/></GetOrdersResponse>'
    with pytest.raises(ChannelParseError):
        records(text)


def test_undefined_entity_is_a_broken_file():
    with pytest.raises(ChannelParseError, match="not valid XML"):
        records(response(order()).replace("Jane Doe", "&nosuch;"))


def test_truncated_file_keeps_the_orders_before_the_cut():
    text = response(order(), order()).encode()
    found = parse_trading(BytesIO(text[:-200]))
    assert isinstance(next(found), ParsedOrder)
    with pytest.raises(ChannelParseError, match="not valid XML") as caught:
        next(found)
    assert caught.value.where.startswith("line ")


def test_error_answer_of_ebay_is_told():
    text = f"""<GetOrdersResponse{NAMESPACE}><Ack>Failure</Ack><Errors>
        <LongMessage>Auth token is expired.</LongMessage><SeverityCode>Error</SeverityCode>
    </Errors></GetOrdersResponse>"""
    with pytest.raises(ChannelParseError, match="Auth token is expired"):
        records(text)


def test_warning_beside_orders_is_none():
    warning = "<Errors><SeverityCode>Warning</SeverityCode></Errors><OrderArray>"
    assert len(records(response(order()).replace("<OrderArray>", warning))) == 1


def test_other_xml_is_refused():
    with pytest.raises(ChannelParseError, match="not an answer"):
        records("<catalog><book/></catalog>")


def test_answer_without_orders_is_empty():
    assert records(response()) == []


def test_read_orders_are_forgotten():
    text = response(*[order(number=str(number)) for number in range(50)]).encode()
    for count, element in enumerate(ebay_trading._orders(BytesIO(text)), start=1):
        # libxml2's memory is not Python's to measure, so look at the tree: the parser may be
        # some elements ahead, but what was read is gone.
        assert all(
            len(sibling) == 0 for sibling in element.itersiblings(preceding=True)
        )
        assert element.findtext("{*}OrderID") == str(count - 1)
        assert len(list(element.itersiblings(preceding=True))) <= 1
    assert count == 50


# Properties


def round_trip(parsed: ParsedOrder) -> None:
    again = read(parsed.raw)
    assert again.replace(where="", raw="") == parsed.replace(where="", raw="")
    assert again.raw == parsed.raw


@pytest.mark.parametrize("namespace", [NAMESPACE, ""])
def test_raw_is_read_again_to_the_same_values(namespace):
    both = transaction(COLLECTED + taxes("Taxes", "3.60"))
    text = response(order(), order(both, total="48.60"), namespace=namespace)
    text = text.replace("Jane Doe", "Žofie &amp; 花子 &lt;x&gt;")
    for record in records(text):
        assert isinstance(record, ParsedOrder)
        assert record.shipping_address is not None
        assert record.shipping_address.name == "Žofie & 花子 <x>"
        round_trip(record)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_parse_error(data):
    try:
        records(data)
    except ChannelParseError as error:
        assert error.reason


VALID = response(
    order(transaction(COLLECTED + taxes("Taxes", "3.60")), total="48.60")
).encode()


@given(st.integers(0, len(VALID)), st.integers(0, 40), st.binary(max_size=8))
def test_mutated_file_raises_nothing_but_a_parse_error(start, length, data):
    try:
        found = records(VALID[:start] + data + VALID[start + length :])
    except ChannelParseError as error:
        assert error.reason
        return
    for record in found:
        if isinstance(record, ParsedOrder):
            round_trip(record)


prices = st.integers(0, 10**6).map(lambda number: D(number).scaleb(-2))


@given(st.lists(st.tuples(prices, st.integers(0, 50)), min_size=1, max_size=5))
def test_lines_always_make_the_total(goods):
    total = sum((price * quantity for price, quantity in goods), D("5.00"))
    lines = "".join(
        transaction(price=str(price), quantity=str(count)) for price, count in goods
    )
    assert read(response(order(lines, total=str(total)))).imbalance == 0
