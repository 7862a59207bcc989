"""Etsy's CSV downloads: sold orders, sold order items, statement."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import etsy, etsy_csv
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedOrder,
    ParseFailure,
    Record,
    Sample,
)

D = Decimal

ORDER = {
    "Sale Date": "03/01/25",
    "Order ID": "3001",
    "Buyer User ID": "janedoe",
    "Full Name": "Jane Doe",
    "First Name": "Jane",
    "Last Name": "Doe",
    "Number of Items": "3",
    "Payment Method": "Credit Card",
    "Date Shipped": "03/03/2025",
    "Street 1": "1 Example St",
    "Street 2": "",
    "Ship City": "Springfield",
    "Ship State": "IL",
    "Ship Zipcode": "62701",
    "Ship Country": "United States",
    "Currency": "USD",
    "Order Value": "1,040.00",
    "Coupon Code": "SPRING",
    "Coupon Details": "10% off",
    "Discount Amount": "104.00",
    "Shipping Discount": "0.00",
    "Shipping": "5.00",
    "Sales Tax": "9.41",
    "Order Total": "950.41",
    "Status": "Completed",
    "Card Processing Fees": "28.76",
    "Order Net": "912.24",
    "Adjusted Order Total": "0.00",
    "Adjusted Card Processing Fees": "0.00",
    "Adjusted Net Order Amount": "0.00",
    "Buyer": "Jane (janedoe)",
    "Order Type": "online",
    "Payment Type": "online_cc",
    "InPerson Discount": "",
    "InPerson Location": "",
    "SKU": "MUG-BLUE,VASE",
}
ITEM = {
    "Sale Date": "03/01/25",
    "Item Name": "Mug, blue",
    "Buyer": "Jane (janedoe)",
    "Quantity": "2",
    "Price": "20.00",
    "Coupon Code": "SPRING",
    "Coupon Details": "10% off",
    "Discount Amount": "4.00",
    "Shipping Discount": "0.00",
    "Order Shipping": "5.00",
    "Order Sales Tax": "9.41",
    "Item Total": "40.00",
    "Currency": "USD",
    "Transaction ID": "9100",
    "Listing ID": "555",
    "Date Paid": "03/01/2025",
    "Date Shipped": "03/03/2025",
    "Ship Name": "Jane Doe",
    "Ship Address1": "1 Example St",
    "Ship Address2": "",
    "Ship City": "Springfield",
    "Ship State": "IL",
    "Ship Zipcode": "62701",
    "Ship Country": "United States",
    "Order ID": "3001",
    "Variations": "Color:Blue",
    "Order Type": "online",
    "Listings Type": "listing",
    "Payment Type": "online_cc",
    "InPerson Discount": "",
    "InPerson Location": "",
    "VAT Paid by Buyer": "0",
    "SKU": "MUG-BLUE",
}


def order(**changes: str) -> dict[str, str]:
    return ORDER | {name.replace("_", " "): value for name, value in changes.items()}


def item(**changes: str) -> dict[str, str]:
    return ITEM | {name.replace("_", " "): value for name, value in changes.items()}


def vase(**changes: str) -> dict[str, str]:
    """The order's second item: the order's own figures are zero here."""
    return item(
        **{
            "Item Name": "Vase",
            "Quantity": "1",
            "Price": "1,000.00",
            "Item Total": "1,000.00",
            "Discount Amount": "100.00",
            "Order Shipping": "0.00",
            "Order Sales Tax": "0.00",
            "Transaction ID": "9101",
            "Listing ID": "556",
            "Variations": "",
            "SKU": "VASE",
        }
        | changes
    )


def table(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def records(text: str | bytes) -> list[Record]:
    data = text.encode() if isinstance(text, str) else text
    return list(etsy_csv.parse_sold_orders(BytesIO(data)))


def read(text: str) -> ParsedOrder:
    (record,) = records(text)
    assert isinstance(record, ParsedOrder), record
    return record


def failure(text: str) -> ParseFailure:
    (record,) = records(text)
    assert isinstance(record, ParseFailure), record
    return record


def joined(*texts: str) -> ParsedOrder:
    return read(etsy_csv.merge_raw([read(text).raw for text in texts]))


# One file


def test_order_row_has_the_money_and_no_items():
    parsed = read(table(order()))
    assert parsed.parts == {"header", "address", "buyer"}
    assert (parsed.external_ref, parsed.currency, parsed.lines) == ("3001", "USD", ())
    assert parsed.amount_total == D("950.41")
    assert (parsed.amount_tax, parsed.amount_shipping) == (D("9.41"), D("5.00"))
    assert parsed.amount_discount == D("104.00")
    assert parsed.imbalance is None
    assert (parsed.status, parsed.payment_status) == ("done", "paid")
    assert (parsed.payment_method, parsed.paid_through_channel) == ("Credit Card", True)
    assert parsed.where == "line 2"


def test_item_rows_have_the_lines_and_no_total():
    parsed = read(table(item(), vase()))
    assert parsed.parts == {"items", "address", "buyer"}
    assert parsed.amount_total is None
    assert [(line.sku, line.quantity) for line in parsed.lines[:2]] == [
        ("MUG-BLUE", D(2)),
        ("VASE", D(1)),
    ]
    assert parsed.lines[0].title == "Mug, blue (Color:Blue)"
    assert parsed.paid_at == datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


def test_rows_of_several_orders_are_several_orders():
    found = records(table(item(), vase(), item(Order_ID="3002")))
    assert [record.external_ref for record in found] == ["3001", "3002"]


def test_byte_order_mark_and_quotes_do_not_matter():
    plain = read(table(order(Full_Name='Jane "J" Doe, Jr.\nc/o Bob')))
    marked = records(
        "\ufeff".encode()
        + table(order(Full_Name='Jane "J" Doe, Jr.\nc/o Bob')).encode()
    )
    assert marked == [plain]
    assert plain.buyer.name == 'Jane "J" Doe, Jr.\nc/o Bob'


def test_british_columns_are_the_same_columns():
    british = {
        name.replace("Ship ", "Delivery ")
        .replace("Shipped", "Posted")
        .replace("Shipping", "Delivery"): value
        for name, value in ORDER.items()
    }
    assert {"Date Posted", "Delivery City", "Delivery", "Delivery Discount"} <= set(
        british
    )
    ours = read(table(order()))
    assert read(table(british)).replace(raw="") == ours.replace(raw="")


# Both files


def test_both_files_make_one_balanced_order():
    # 40 - 4 + 1000 - 100 + 5 + 9.41 = 950.41; tax 9.41 over 36 : 900 : 5 is 0.36, 9.00, 0.05.
    parsed = joined(table(order()), table(item(), vase()))
    assert parsed.parts == {"header", "items", "address", "buyer"}
    assert [line.amount for line in parsed.lines] == [
        D("36.00"),
        D("900.00"),
        D("5.00"),
    ]
    assert [line.discount for line in parsed.lines[:2]] == [D("4.00"), D("100.00")]
    assert [line.tax for line in parsed.lines] == [D("0.36"), D("9.00"), D("0.05")]
    assert {line.liability for line in parsed.lines} == {"unknown"}
    assert parsed.lines[0].evidence == "Sales Tax=9.41: Etsy does not say who remits it"
    assert parsed.imbalance == 0


def test_joining_takes_the_order_of_the_files_for_nothing():
    texts = table(order()), table(item(), vase())
    first, second = joined(*texts), joined(*reversed(texts))
    assert first.replace(raw="") == second.replace(raw="")


def test_joining_again_changes_nothing():
    parsed = joined(table(order()), table(item(), vase()))
    assert etsy_csv.merge_raw([parsed.raw, parsed.raw]) == parsed.raw


def test_newer_row_replaces_the_older():
    parsed = joined(table(order(Status="Paid")), table(order(Status="Completed")))
    assert parsed.channel_status == "Completed"


def test_order_figures_repeated_on_every_item_count_once():
    repeated = vase(**{"Order Shipping": "5.00", "Order Sales Tax": "9.41"})
    assert joined(table(order()), table(item(), repeated)).imbalance == 0


def test_discount_of_the_order_is_spread_when_the_items_do_not_state_it():
    # 104.00 over 40 : 1000 is 4.00 and 100.00
    plain = {"Discount Amount": ""}
    parsed = joined(table(order()), table(item(**plain), vase(**plain)))
    assert [line.discount for line in parsed.lines[:2]] == [D("4.00"), D("100.00")]
    assert parsed.imbalance == 0


@pytest.mark.parametrize("total, shipping", [("947.41", "2.00"), ("950.41", "5.00")])
def test_shipping_discount_counts_when_the_total_says_so(total, shipping):
    text = table(order(Order_Total=total, Shipping_Discount="3.00"))
    parsed = joined(text, table(item(), vase()))
    assert parsed.lines[-1].amount == D(shipping)
    assert parsed.imbalance == 0


def test_vat_paid_by_the_buyer_is_unknown_too():
    # 20.00 + 4.00 VAT + 5.00 = 29.00
    changes = {"Discount Amount": "0", "Order Sales Tax": "0"}
    vat = item(Quantity="1", VAT_Paid_by_Buyer="4.00", **changes)
    header = order(
        Order_Value="20.00", Discount_Amount="0", Sales_Tax="0", Order_Total="29.00"
    )
    parsed = joined(table(header), table(vat))
    assert (parsed.lines[0].tax, parsed.lines[0].liability) == (D("4.00"), "unknown")
    assert (
        parsed.lines[0].evidence
        == "VAT Paid by Buyer=4.00: Etsy does not say who remits it"
    )
    assert parsed.imbalance == 0


def test_order_that_does_not_add_up_says_by_how_much():
    parsed = joined(table(order(Order_Total="951.41")), table(item(), vase()))
    assert parsed.imbalance == D("1.00")


# Values


@pytest.mark.parametrize(
    "text",
    ["03/01/25", "3/1/2025", "Mar 1, 2025", "March 1, 2025", "2025-03-01"],
)
def test_dates(text):
    # Noon, so that the day is the same wherever it is looked at.
    assert read(table(order(Sale_Date=text))).created_at == datetime(
        2025, 3, 1, 12, tzinfo=timezone.utc
    )


@pytest.mark.parametrize(
    "text", ["31/12/25", "Foo 1, 2025", "02/30/25", "yesterday", "01/01/1889"]
)
def test_impossible_date_names_line_and_column(text):
    assert failure(table(order(Sale_Date=text))).where == "line 2, column Sale Date"


@pytest.mark.parametrize(
    "text, value",
    [
        ("950.41", "950.41"),
        ("$950.41", "950.41"),
        ("CA$1,950.41", "1950.41"),
        ("1,234,567", "1234567"),
        ("-$0.50", "-0.50"),
        ("€12", "12"),
        (".50", "0.50"),
    ],
)
def test_amounts(text, value):
    assert str(read(table(order(Order_Total=text))).amount_total) == value


@pytest.mark.parametrize(
    "text", ["12,50", "1.234,56", "abc", "$", "(5.00)", "1,23,456", "NaN"]
)
def test_ambiguous_amount_is_refused(text):
    bad = failure(table(order(Order_Total=text)))
    assert bad.message == "line 2, column Order Total: not a decimal"
    assert bad.external_ref == "3001"


@pytest.mark.parametrize(
    "name, code",
    [
        ("United States", "US"),
        ("The Netherlands", "NL"),
        ("Czech Republic", "CZ"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Antigua and Barbuda", "AG"),
        ("Saint Lucia", "LC"),
        ("de", "DE"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_countries(name, code):
    address = read(table(order(Ship_Country=name))).shipping_address
    assert address is not None
    assert address.country == code


@pytest.mark.parametrize(
    "buyer, login, ref",
    [
        ("Jane (janedoe)", "janedoe", "janedoe"),
        ("Jane (janedoe)", "", "janedoe"),
        ("jane", "", "jane"),
    ],
)
def test_buyer_is_known_by_login(buyer, login, ref):
    assert (
        read(table(order(Buyer=buyer, Buyer_User_ID=login))).buyer.external_ref == ref
    )


@pytest.mark.parametrize(
    "changes, status, payment",
    [
        ({"Status": "Paid", "Date_Shipped": ""}, "open", "paid"),
        ({"Status": "Paid"}, "shipped", "paid"),
        ({"Status": "Canceled"}, "cancelled", "voided"),
        ({"Status": "Fully Refunded"}, "shipped", "refunded"),
        ({"Status": "", "Date_Shipped": ""}, "open", "unknown"),
    ],
)
def test_status(changes, status, payment):
    parsed = read(table(order(**changes)))
    assert (parsed.status, parsed.payment_status) == (status, payment)


def test_cheque_is_paid_to_the_seller():
    parsed = read(table(order(Payment_Method="Check", Payment_Type="")))
    assert parsed.paid_through_channel is False


def test_total_after_refunds_is_kept_beside_the_total():
    assert read(table(order())).amount_current is None
    assert read(table(order(Adjusted_Order_Total="900.41"))).amount_current == D(
        "900.41"
    )


def test_two_currencies_in_an_order_are_refused():
    bad = failure(table(item(), vase(Currency="EUR")))
    assert bad.message == "line 3, column Currency: currency EUR in an order in USD"


def test_bad_row_does_not_hide_its_neighbours():
    found = records(
        table(order(), order(Order_ID="3002", Shipping="x"), order(Order_ID="3003"))
    )
    assert [type(record) for record in found] == [
        ParsedOrder,
        ParseFailure,
        ParsedOrder,
    ]


def test_short_row_misses_values_and_long_row_is_refused():
    text = table(order())
    assert read(text.replace(',,,"MUG-BLUE,VASE"', "")).external_ref == "3001"
    bad = failure(text.replace('"MUG-BLUE,VASE"', '"MUG-BLUE,VASE",one,more'))
    assert bad.message == "line 2: more values than columns"


def test_missing_order_id_is_named():
    assert (
        failure(table(order(Order_ID=""))).message == "line 2, column Order ID: missing"
    )


# Files


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (b"a,b\n1,2\n", "neither the columns"),
        (table(order()).encode() + b"\xff\xfe", "not UTF-8"),
        (table(order()).encode() + b'"open', "not a CSV file"),
        (table(order()).encode() + b"a\0b", "not a text file|not a CSV file"),
    ],
)
def test_broken_file_is_refused(data, reason):
    with pytest.raises(ChannelParseError, match=reason):
        records(data)


def test_header_alone_is_an_empty_file_of_orders():
    assert records(table(order()).splitlines()[0]) == []


def test_stream_stays_open():
    source = BytesIO(table(order()).encode())
    list(etsy_csv.parse_sold_orders(source))
    assert not source.closed


def formats(*columns: str) -> list[str]:
    sample = Sample(kind="table", columns=columns)
    return [one.code for one in etsy.FORMATS if one.detect(sample)]


def test_detection(samples):
    assert formats(*ORDER) == ["etsy.orders.csv"]
    assert formats(*ITEM) == ["etsy.orders.csv"]
    assert formats("\ufeffSale Date", *list(ORDER)[1:]) == ["etsy.orders.csv"]
    statement = (samples / "etsy" / "statement_2022-01_usd.csv").read_text("utf-8-sig")
    (header,) = csv.reader([statement.splitlines()[0]])
    assert formats(*header) == ["etsy.statement.csv"]


# Properties


def round_trip(parsed: ParsedOrder) -> None:
    again = read(parsed.raw)
    assert again.replace(where="", raw="") == parsed.replace(where="", raw="")
    assert again.raw == parsed.raw


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=15
)


@given(texts, texts)
def test_raw_is_read_again_to_the_same_values(name, title):
    text = table(order(Full_Name=name)) + table(item(Item_Name=title), vase())
    round_trip(read(text))


cents = st.integers(min_value=0, max_value=10**6).map(
    lambda number: D(number).scaleb(-2)
)


@given(
    st.lists(st.tuples(cents, st.integers(1, 9)), min_size=1, max_size=5), cents, cents
)
def test_balanced_order_stays_balanced_to_the_cent(goods, shipping, tax):
    value = sum(price * count for price, count in goods)
    header = order(
        Order_Value=str(value),
        Discount_Amount="0.00",
        Shipping=str(shipping),
        Sales_Tax=str(tax),
        Order_Total=f"{value + shipping + tax:,}",
    )
    rows = [
        vase(
            Price=f"{price:,}",
            Quantity=str(count),
            Transaction_ID=str(index),
            Discount_Amount="0.00",
        )
        for index, (price, count) in enumerate(goods)
    ]
    parsed = joined(table(header), table(*rows))
    assert parsed.imbalance == 0


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_parse_error(data):
    try:
        records(data)
    except ChannelParseError as error:
        assert error.reason


VALID = (table(order()) + table(item(), vase())).encode()


@given(st.integers(0, len(VALID)), st.integers(0, 30), st.binary(max_size=8))
def test_mutated_file_raises_nothing_but_a_parse_error(start, length, data):
    try:
        found = records(VALID[:start] + data + VALID[start + length :])
    except ChannelParseError as error:
        assert error.reason
        return
    for record in found:
        if isinstance(record, ParsedOrder):
            round_trip(record)
