"""Amazon's all-orders report: rows of an order apart, encodings, what the report leaves out."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import amazon_flat
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
)

COLUMNS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status "
    "fulfillment-channel sales-channel order-channel ship-service-level product-name sku asin "
    "item-status quantity currency item-price item-tax shipping-price shipping-tax "
    "gift-wrap-price gift-wrap-tax item-promotion-discount ship-promotion-discount ship-city "
    "ship-state ship-postal-code ship-country promotion-ids is-business-order "
    "purchase-order-number price-designation tax-collection-model"
).split()
ROW = {
    "amazon-order-id": "304-5550001-7770001",
    "purchase-date": "2026-03-02T10:15:00+00:00",
    "last-updated-date": "2026-03-03T08:00:00+00:00",
    "order-status": "Shipped",
    "fulfillment-channel": "Merchant",
    "sales-channel": "Amazon.de",
    "ship-service-level": "Standard",
    "product-name": "Becher, blau",
    "sku": "MUG-BLUE",
    "asin": "B0TESTMUG1",
    "quantity": "3",
    "currency": "EUR",
    "item-price": "60.00",
    "item-tax": "9.58",
    "ship-city": "Köln",
    "ship-postal-code": "50667",
    "ship-country": "DE",
    "is-business-order": "false",
}


def row(**changes: str) -> dict[str, str]:
    return ROW | {name.replace("_", "-"): value for name, value in changes.items()}


def report(
    *rows: dict[str, str], columns: Sequence[str] = COLUMNS, end: str = "\r\n"
) -> str:
    lines = [
        "\t".join(columns),
        *("\t".join(r.get(c, "") for c in columns) for r in rows),
    ]
    return end.join(lines) + end


def read(content: str | bytes):
    data = content if isinstance(content, bytes) else content.encode()
    return list(amazon_flat.parse(BytesIO(data)))


def one(*rows: dict[str, str], **options) -> ParsedOrder:
    (record,) = read(report(*rows, **options))
    assert isinstance(record, ParsedOrder), record
    return record


# -- orders -------------------------------------------------------------------------------


def test_order_of_one_row():
    order = one(row())
    assert (order.external_ref, order.where) == ("304-5550001-7770001", "line 2")
    assert (order.format, order.platform) == ("amazon.flat.all_orders", "amazon")
    assert (order.channel_status, order.status) == ("Shipped", "shipped")
    assert (order.payment_status, order.paid_through_channel) == ("paid", True)
    assert order.paid_at == order.created_at
    assert order.updated_at.isoformat() == "2026-03-03T08:00:00+00:00"
    assert (order.marketplace, order.fulfilled_by) == ("Amazon.de", "seller")
    assert (order.currency, order.shipping_address.country) == ("EUR", "DE")


def test_report_has_no_total():
    order = one(row())
    assert (order.amount_total, order.imbalance) == (None, None)


def test_item_price_is_the_whole_line():
    (line,) = one(row()).lines
    assert (line.quantity, line.amount) == (3, Decimal("60.00"))
    assert (line.tax, line.tax_included) == (Decimal("9.58"), None)


@pytest.mark.parametrize("sign", ["", "-"])
def test_discounts_lower_the_price_whatever_their_sign(sign):
    order = one(
        row(
            item_promotion_discount=f"{sign}6.00",
            shipping_price="4.90",
            shipping_tax="0.78",
            ship_promotion_discount=f"{sign}1.90",
            gift_wrap_price="2.50",
            gift_wrap_tax="0.40",
        )
    )
    product, shipping, wrap = order.lines
    assert (product.amount, product.discount) == (54, 6)
    assert (shipping.external_ref, shipping.amount) == ("MUG-BLUE:shipping", 3)
    assert (wrap.kind, wrap.amount, wrap.tax) == (
        "gift_wrap",
        Decimal("2.50"),
        Decimal("0.40"),
    )
    assert order.amount_tax == Decimal("10.76")  # 9.58 + 0.78 + 0.40
    assert order.amount_shipping == Decimal("4.90")
    assert order.amount_discount == Decimal("7.90")  # 6.00 + 1.90


def test_rows_of_an_order_that_lie_apart_are_one_order():
    other = row(amazon_order_id="304-2-2")
    records = read(report(row(), other, row(sku="PLATE"), other | {"sku": "BOWL"}))
    assert [record.external_ref for record in records] == [
        "304-5550001-7770001",
        "304-2-2",
    ]
    assert [line.sku for line in records[0].lines] == ["MUG-BLUE", "PLATE"]
    assert records[0].where == "line 2"


def test_same_sku_on_two_rows_makes_two_lines_with_their_own_names():
    order = one(row(), row(), row(sku="PLATE"))
    assert [line.external_ref for line in order.lines] == [
        "MUG-BLUE",
        "MUG-BLUE#2",
        "PLATE",
    ]


def test_cancelled_row_has_empty_prices():
    order = one(
        row(
            order_status="Cancelled",
            quantity="0",
            currency="",
            item_price="",
            item_tax="",
        )
    )
    assert (order.status, order.payment_status) == ("cancelled", "voided")
    assert (order.lines[0].quantity, order.lines[0].amount) == (0, 0)
    assert (order.currency, order.amount_tax) == (None, None)


def test_pending_row_is_known_but_not_complete():
    order = one(row(order_status="Pending", item_price="", item_tax="", currency=""))
    assert (order.status, order.payment_status) == ("pending", "unpaid")
    assert "items" not in order.parts


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Shipped - Delivered to Buyer", "shipped"),
        ("Shipped - Returned to Seller", "shipped"),
        ("Pending - Waiting for Pick Up", "open"),
        ("Unshipped", "open"),
        ("Shipping", "shipped"),
        ("Canceled", "cancelled"),
    ],
)
def test_status_word(word, status):
    assert one(row(order_status=word)).status == status


def test_business_order_with_purchase_order_number():
    columns = [*COLUMNS, "buyer-company-name", "buyer-vat-number"]
    order = one(
        row(
            is_business_order="true",
            purchase_order_number="PO 77",
            buyer_company_name="Beispiel GmbH",
            buyer_vat_number="DE123456788",
        ),
        columns=columns,
    )
    assert (order.buyer.is_business, order.note) == (True, "Purchase order PO 77")
    assert (order.buyer.company, order.buyer.vat) == ("Beispiel GmbH", "DE123456788")


def test_order_of_another_shop_is_not_paid_through_amazon():
    order = one(row(sales_channel="Non-Amazon", fulfillment_channel="Amazon"))
    assert (order.paid_through_channel, order.fulfilled_by) == (False, "marketplace")


def test_yen_have_no_cents():
    order = one(row(currency="JPY", item_price="1980", item_tax="180"))
    assert (str(order.lines[0].amount), str(order.amount_tax)) == ("1980", "180")


@pytest.mark.parametrize(
    ("net", "included"),
    [("50.42", True), ("60.00", False), ("55.00", None), ("", None)],
)
def test_price_without_vat_tells_whether_the_price_contains_it(net, included):
    columns = [*COLUMNS, "vat-exclusive-item-price"]
    order = one(
        row(vat_exclusive_item_price=net), columns=columns
    )  # 60.00 - 9.58 = 50.42
    assert order.lines[0].tax_included is included


# -- liability ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "liability", "evidence"),
    [
        (
            "MarketplaceFacilitator",
            "marketplace",
            "tax-collection-model=MarketplaceFacilitator",
        ),
        ("Standard", "seller", "tax-collection-model=Standard"),
        ("", "seller", "tax-collection-model absent"),
    ],
)
def test_tax_collection_model(model, liability, evidence):
    (line,) = one(row(tax_collection_model=model)).lines
    assert (line.liability, line.evidence) == (liability, evidence)


def test_report_without_the_model_column_does_not_say_who_collected():
    (line,) = one(row(), columns=COLUMNS[:-1]).lines
    assert (line.liability, line.evidence) == (
        "unknown",
        "no column tax-collection-model",
    )


def test_untaxed_row_without_the_model_column_is_the_sellers():
    (line,) = one(row(item_tax="0.00"), columns=COLUMNS[:-1]).lines
    assert line.liability == "seller"


def test_ioss_number_means_that_amazon_collected():
    columns = [*COLUMNS, "ioss-number"]
    (line,) = one(row(ioss_number="IM0000000000"), columns=columns).lines
    assert line.liability == "marketplace"


# -- text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_of_europe(encoding):
    (order,) = read(report(row(product_name="Gänseblümchen – 5 €")).encode(encoding))
    assert order.lines[0].title == "Gänseblümchen – 5 €"
    assert order.shipping_address.city == "Köln"


def test_encoding_of_japan():
    text = report(
        row(sales_channel="Amazon.co.jp", product_name="湯呑み 青", ship_city="渋谷区")
    )
    (order,) = read(text.encode("cp932"))
    assert (order.lines[0].title, order.shipping_address.city) == (
        "湯呑み 青",
        "渋谷区",
    )


def test_quotes_and_line_separators_in_names_are_ordinary_characters():
    order = one(row(product_name='"Ruler 12" long\u2028\x85', ship_city='"'))
    assert order.lines[0].title == '"Ruler 12" long'
    assert order.shipping_address.city == '"'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_short_and_empty_rows(end):
    columns = [*ROW, "promotion-ids", "tax-collection-model"]
    text = report(row(), columns=columns, end=end).rstrip() + end + end + "\t\t" + end
    (order,) = read(text)
    assert order.lines[0].liability == "seller"


# -- bad records --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item_price": "sixty"}, "line 3, column item-price: not a decimal"),
        ({"item_price": "60,00"}, "line 3, column item-price: not a decimal"),
        ({"quantity": "-1"}, "line 3, column quantity: a negative quantity"),
        ({"currency": ""}, "line 3, column currency: not a currency code"),
        (
            {"currency": "USD"},
            "line 3, column currency: currency USD in an order in EUR",
        ),
    ],
)
def test_bad_cell_names_line_and_column(changes, message):
    (record,) = read(report(row(), row(**changes)))
    assert isinstance(record, ParseFailure)
    assert (record.message, record.external_ref) == (message, "304-5550001-7770001")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purchase_date": "0001-01-01"}, "a date before 1990 or after 2100"),
        ({"purchase_date": "soon"}, "not a date"),
        ({"order_status": "Lost"}, "unknown order status 'Lost'"),
        ({"ship_country": "Germany"}, "not a country code"),
    ],
)
def test_bad_order_does_not_hide_its_neighbours(changes, message):
    bad = row(amazon_order_id="304-2-2", **changes)
    first, failure, last = read(report(row(), bad, row(amazon_order_id="304-3-3")))
    assert (first.external_ref, last.external_ref) == ("304-5550001-7770001", "304-3-3")
    assert isinstance(failure, ParseFailure)
    assert failure.reason == message
    assert failure.where.startswith("line 3, column ")


def test_rows_without_an_order_id_are_failures_of_their_own():
    lost = row(amazon_order_id="")
    first, second, order = read(report(lost, lost, row()))
    assert first.message == "line 2, column amazon-order-id: missing"
    assert second.message == "line 3, column amazon-order-id: missing"
    assert isinstance(order, ParsedOrder)


def test_row_with_too_many_cells_is_a_failure():
    (record,) = read(report(row()).rstrip() + "\t" * 30 + "surplus\r\n")
    assert record.message == "line 2: more cells than columns"


def test_raw_of_a_failure_can_be_repaired_and_read():
    (record,) = read(report(row(item_price="60,00"), row(sku="PLATE")))
    (order,) = read(record.raw.replace("60,00", "60.00"))
    assert [line.sku for line in order.lines] == ["MUG-BLUE", "PLATE"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no column amazon-order-id"),
        (b"a\tb\n1\t2\n", "no column amazon-order-id"),
        (
            "\t".join(COLUMNS).encode() + b"\n\x81\xff\n",
            "text that is neither UTF-8 nor cp1252",
        ),
        ("\t".join(COLUMNS).encode() + b"\na\0b\n", "a binary file"),
        ("\t".join(COLUMNS).encode() + b"\n" + b"x" * 2**20, "a line of a megabyte"),
    ],
    ids=["empty", "other table", "no encoding", "binary", "endless line"],
)
def test_unusable_file_is_refused(content, reason):
    with pytest.raises(ChannelParseError) as error:
        read(content)
    assert error.value.reason == reason


# -- size and properties ------------------------------------------------------------------


def test_many_orders_are_not_held_together():
    rows = [row(amazon_order_id=f"304-{n:07}") for n in range(3000)]
    # One order's rows at both ends: it alone may wait.
    source = BytesIO(report(*rows, rows[0]).encode())
    tracemalloc.start()
    found = sum(1 for _record in amazon_flat.parse(source))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == 3000
    assert peak < len(source.getvalue())


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
prices = st.decimals(0, 10**6, places=2)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), cells, cells, prices, prices),
        min_size=1,
        max_size=8,
    )
)
def test_raw_reads_to_the_same_order_and_sums_are_exact(drawn):
    rows = [
        row(
            amazon_order_id=f"304-{n}",
            sku=sku,
            product_name=name,
            item_price=str(price),
            item_tax=str(tax),
            shipping_price=str(tax),
        )
        for n, sku, name, price, tax in drawn
    ]
    records = read(report(*rows))
    assert {record.external_ref for record in records} == {f"304-{d[0]}" for d in drawn}
    for order in records:
        own = [d for d in drawn if f"304-{d[0]}" == order.external_ref]
        (again,) = read(order.raw)
        assert again.replace(where="") == order.replace(where="")
        assert order.amount_lines == sum(d[3] + 2 * d[4] for d in own)


VALID = report(row(), row(sku="PLATE"), row(amazon_order_id="304-2-2")).encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.integers(0, len(VALID)), st.integers(0, 30))
def test_mutated_report_raises_nothing_but_a_parse_error(junk, start, length):
    try:
        records = read(VALID[:start] + junk + VALID[start + length :])
    except ChannelParseError:
        return
    assert all(isinstance(record, (ParsedOrder, ParseFailure)) for record in records)
