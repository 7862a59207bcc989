"""The generic mapped format. Figures are arithmetic by hand over the small files written here."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import intake, mapped
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParsedAddress,
    ParsedOrder,
    ParsedTax,
    ParseFailure,
    Record,
    Sample,
)

D = Decimal
GERMAN = {
    "external_ref": "Bestellung",
    "currency": "Währung",
    "amount_total": "Summe",
    "created_at": "Datum",
    "line_sku": "Artikel",
    "line_quantity": "Menge",
    "line_unit_price": "Einzelpreis",
    "line_tax": "USt",
    "shipping_amount": "Versand",
}
GERMAN_FILE = """\
Bestellung;Währung;Summe;Datum;Artikel;Menge;Einzelpreis;USt;Versand
A1;EUR;1.238,40;31.12.2025;TASSE;2;12,00;3,83;4,50
A2;EUR;5,00;01.07.2026;TELLER;1;5,00;0,80;
A1;EUR;1.238,40;31.12.2025;VASE;1;1.209,90;193,18;4,50
"""


def profile(**values) -> mapped.Profile:
    return mapped.Profile(
        **{
            "name": "Test",
            "kind": "csv",
            "columns": {"external_ref": "id", "line_amount": "price"},
            **values,
        }
    )


def german(**values) -> mapped.Profile:
    return profile(
        **{
            "columns": GERMAN,
            "decimal_point": ",",
            "digit_group": ".",
            "date_format": "%d.%m.%Y",
            "timezone": "Europe/Berlin",
            "prices_include_tax": True,
            "default_liability": "seller",
            **values,
        }
    )


def read(content: str | bytes, chosen: mapped.Profile) -> list[Record]:
    data = content.encode() if isinstance(content, str) else content
    _fmt, records = intake.read(io.BytesIO(data), "file", profile=chosen)
    return list(records)


def read_one(content: str | bytes, chosen: mapped.Profile) -> ParsedOrder:
    [order] = read(content, chosen)
    assert isinstance(order, ParsedOrder), order
    return order


def values_of(order: ParsedOrder) -> dict:
    """Return what must be equal after reading ``raw`` again."""
    values = dataclasses.asdict(order)
    del values["where"], values["raw"]
    return values


def workbook(*rows: list) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


# -- one row per line ------------------------------------------------------------------


def test_rows_of_an_order_are_joined_even_when_apart():
    orders = {order.external_ref: order for order in read(GERMAN_FILE, german())}
    order = orders["A1"]
    lines = [
        (line.external_ref, line.sku, line.quantity, line.amount)
        for line in order.lines
    ]
    assert lines == [
        ("1", "TASSE", D("2"), D("24.00")),
        ("2", "VASE", D("1"), D("1209.90")),
        ("shipping", "", D("1"), D("4.50")),
    ]
    # 24.00 + 1,209.90 + 4.50 = 1,238.40, tax inside.
    assert (order.amount_total, order.amount_lines, order.imbalance) == (
        D("1238.40"),
        D("1238.40"),
        0,
    )
    assert order.where == "line 2"
    assert len(orders) == 2


def test_shipping_repeated_on_every_row_counts_once():
    [order] = [
        order for order in read(GERMAN_FILE, german()) if order.external_ref == "A1"
    ]
    assert order.amount_shipping == D("4.50")
    assert [line.amount for line in order.lines if line.kind == "shipping"] == [
        D("4.50")
    ]


def test_shipping_per_line_adds_up():
    content = "id,price,post,posttax\n1,10.00,2.00,0.40\n1,5.00,1.50,0.30\n"
    columns = {
        "external_ref": "id",
        "line_amount": "price",
        "line_shipping_amount": "post",
        "line_shipping_tax": "posttax",
    }
    order = read_one(
        content, profile(columns=columns, constants={"tax_liability": "seller"})
    )
    assert order.amount_shipping == D("3.50")
    shipping = [
        (line.external_ref, line.tax) for line in order.lines if line.kind == "shipping"
    ]
    assert shipping == [("1-shipping", D("0.40")), ("2-shipping", D("0.30"))]


def test_moment_is_read_in_the_profile_s_time_zone():
    summer, winter = read(GERMAN_FILE, german())
    # Berlin is two hours ahead of UTC in July and one in December.
    assert summer.created_at == datetime(2026, 6, 30, 22, tzinfo=timezone.utc)
    assert winter.created_at == datetime(2025, 12, 30, 23, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "date_format", "moment"),
    [
        ("2026-05-01", "", datetime(2026, 5, 1, tzinfo=timezone.utc)),
        ("2026-05-01T10:00:00Z", "", datetime(2026, 5, 1, 10, tzinfo=timezone.utc)),
        (
            "2026-05-01T10:00:00+02:00",
            "",
            datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("1777629600", "epoch", datetime(2026, 5, 1, 10, tzinfo=timezone.utc)),
        (
            "05/01/2026 10:00 AM",
            "%m/%d/%Y %I:%M %p",
            datetime(2026, 5, 1, 10, tzinfo=timezone.utc),
        ),
        ("", "%d.%m.%Y", None),
    ],
)
def test_moment_follows_the_stated_form(
    text: str, date_format: str, moment: datetime | None
):
    chosen = profile(
        columns={"external_ref": "id", "paid_at": "paid"}, date_format=date_format
    )
    order = read_one(f"id,paid\n1,{text}\n", chosen)
    assert order.paid_at == moment
    assert order.payment_status == ("paid" if moment else "unknown")


@pytest.mark.parametrize(
    ("text", "date_format", "reason"),
    [
        ("05/01/2026", "%d.%m.%Y", "not a date like 31.12.2024"),
        ("31.02.2026", "%d.%m.%Y", "not a date like 31.12.2024"),
        ("0001-01-01", "", "a date before 1990 or after 2100"),
        ("01.01.1900", "%d.%m.%Y", "a date before 1990 or after 2100"),
        ("9" * 12, "epoch", "not a date"),
        ("yesterday", "", "not a date"),
    ],
)
def test_absurd_date_names_line_and_column(text: str, date_format: str, reason: str):
    chosen = profile(
        columns={"external_ref": "id", "paid_at": "paid"}, date_format=date_format
    )
    [failure] = read(f"id,paid\n1,{text}\n", chosen)
    assert (failure.where, failure.reason) == ("line 2, column paid", reason)


def test_bad_cell_names_line_and_column_and_spares_the_others():
    rows = ["id,price"] + [f"{number},{number}.00" for number in range(1, 7)]
    rows[6] = "6,six"
    content = "\n".join(rows) + "\n7,7.00\n"
    *_good, failure, last = read(content, profile())
    assert isinstance(failure, ParseFailure)
    assert failure.message == "line 7, column price: not a decimal"
    assert (failure.external_ref, failure.raw) == ("6", "id,price\r\n6,six\r\n")
    assert last.external_ref == "7"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "1,5,EUR,10\n1,5,USD,10",
            "line 3, column currency: currency USD in an order in EUR",
        ),
        ("1,5,EUR,10\n1,5,EUR,12", "line 3, column total: 12, but another row says 10"),
        ("1,5,Euro,10", "line 2, column currency: not a currency code"),
        ("1,,EUR,10", "line 2, column price: missing"),
        (" ,5,EUR,10", "line 2, column id: missing"),
        ("1,5,EUR,10,extra", "line 2: more cells than the header has columns"),
    ],
)
def test_contradictory_or_incomplete_rows_fail(rows: str, message: str):
    columns = {
        "external_ref": "id",
        "currency": "currency",
        "amount_total": "total",
        "line_amount": "price",
        "line_sku": "currency",
    }
    [failure] = read(f"id,price,currency,total\n{rows}\n", profile(columns=columns))
    assert isinstance(failure, ParseFailure)
    assert failure.message == message


def test_row_without_any_line_value_adds_no_line():
    # As in exports that repeat an order for each of its payments.
    order = read_one("id,price,note\n1,5.00,a\n1,,b\n", profile())
    assert [line.amount for line in order.lines] == [D("5.00")]


def test_line_that_is_there_twice_fails():
    columns = {"external_ref": "id", "line_ref": "line", "line_amount": "price"}
    [failure] = read("id,line,price\n1,L1,5\n1,L1,5\n", profile(columns=columns))
    assert failure.message == "line 2: the line L1 is there twice"


def test_missing_columns_are_named():
    with pytest.raises(ChannelParseError) as caught:
        read("id,price\n1,5\n", german())
    assert str(caught.value).startswith(
        "line 1: no column named Bestellung, Währung, Summe"
    )


def test_header_may_differ_in_case_accents_and_spaces():
    order = read_one(
        "ORDER_ID , Währung\n1,eur\n",
        profile(columns={"external_ref": "Order ID", "currency": "wahrung"}),
    )
    assert (order.external_ref, order.currency) == ("1", "EUR")


def test_order_with_10_000_rows_is_read_whole():
    content = "id,price,total\n" + "1,0.01,100.00\n" * 10_000
    columns = {"external_ref": "id", "line_amount": "price", "amount_total": "total"}
    order = read_one(content, profile(columns=columns))
    # 10,000 lines of one cent.
    assert (len(order.lines), order.amount_lines) == (10_000, D("100.00"))


# -- one row per order -----------------------------------------------------------------


def test_row_per_order_keeps_equal_ids_apart():
    orders = read("id,price\n1,5\n1,6\n", profile(rows="order"))
    assert [order.lines[0].amount for order in orders] == [D("5"), D("6")]


def test_file_without_lines_does_not_pretend_to_have_them():
    columns = {"external_ref": "id", "amount_total": "total", "ship_city": "city"}
    order = read_one(
        "id,total,city\n1,5.00,Gent\n", profile(columns=columns, rows="order")
    )
    assert order.parts == {"header", "address"}
    assert (order.lines, order.imbalance) == ((), None)


# -- amounts ---------------------------------------------------------------------------


def test_discount_is_taken_off_a_unit_price_and_only_told_beside_a_line_price():
    content = "id,price,qty,off\n1,10.00,3,-5.00\n"
    columns = {"external_ref": "id", "line_quantity": "qty", "line_discount": "off"}
    unit = read_one(content, profile(columns={**columns, "line_unit_price": "price"}))
    whole = read_one(content, profile(columns={**columns, "line_amount": "price"}))
    # 3 x 10.00 - 5.00 = 25.00; a price of the whole line is already after the discount.
    assert (unit.lines[0].amount, unit.lines[0].discount) == (D("25.00"), D("5.00"))
    assert (whole.lines[0].amount, whole.lines[0].discount) == (D("10.00"), D("5.00"))


def test_charges_and_discount_of_the_order_become_lines():
    content = "id,price,ship,shiptax,wrap,fee,tip,off,total\n1,100,5,1,2,3,4,-10,105\n"
    columns = {
        "external_ref": "id",
        "line_amount": "price",
        "shipping_amount": "ship",
        "shipping_tax": "shiptax",
        "gift_wrap_amount": "wrap",
        "fee_amount": "fee",
        "tip_amount": "tip",
        "discount_amount": "off",
        "amount_total": "total",
    }
    order = read_one(content, profile(columns=columns))
    assert [(line.kind, line.amount, line.tax) for line in order.lines] == [
        ("product", D("100"), None),
        ("shipping", D("5"), D("1")),
        ("gift_wrap", D("2"), None),
        ("fee", D("3"), None),
        ("tip", D("4"), None),
        ("discount", D("-10"), None),
    ]
    # 100 + 5 + 1 + 2 + 3 + 4 - 10 = 105
    assert order.imbalance == 0
    assert order.amount_discount == D("10")


def test_amounts_keep_the_digits_of_the_file():
    columns = {"external_ref": "id", "line_amount": "price", "amount_total": "total"}
    order = read_one("id,price,total\n1,5.000000,0\n", profile(columns=columns))
    assert (str(order.lines[0].amount), str(order.amount_total)) == ("5.000000", "0")


def test_constants_fill_what_the_file_does_not_state():
    chosen = german(
        constants={"currency": "CHF", "amount_total": "1234.50"},
        columns={"external_ref": "id"},
    )
    order = read_one("id\n1\n", chosen)
    # A constant is written with a point, whatever the file uses.
    assert (order.currency, order.amount_total) == ("CHF", D("1234.50"))


def test_refund_is_positive_with_a_key_of_its_own():
    columns = {"external_ref": "id", "currency": "cur", "refund_amount": "refund"}
    order = read_one("id,cur,refund\n1,EUR,-5.00\n", profile(columns=columns))
    [refund] = order.refunds
    assert (refund.external_ref, refund.amount, refund.currency) == (
        "1-refund",
        D("5.00"),
        "EUR",
    )


# -- tax -------------------------------------------------------------------------------

TAXED = {"external_ref": "id", "line_amount": "price", "line_tax": "tax"}


def test_tax_without_a_word_on_who_owes_it_is_unknown():
    order = read_one("id,price,tax\n1,10,1.90\n1,5,0\n1,5,\n", profile(columns=TAXED))
    assert [line.liability for line in order.lines] == ["unknown", "seller", "seller"]
    assert order.lines[0].evidence == "profile.default_liability=unknown"
    assert order.lines[2].tax is None


def test_profile_may_answer_for_the_file():
    order = read_one(
        "id,price,tax\n1,10,1.90\n", profile(columns=TAXED, default_liability="seller")
    )
    assert (order.lines[0].liability, order.lines[0].evidence) == (
        "seller",
        "profile.default_liability=seller",
    )


@pytest.mark.parametrize(
    ("word", "liability"),
    [
        ("Marketplace Facilitator", "marketplace"),
        ("MARKTPLATZ", "marketplace"),
        ("Verkäufer", "seller"),
        ("unknown", "unknown"),
        ("the taxman", "unknown"),
    ],
)
def test_column_says_who_owes_the_tax(word: str, liability: str):
    columns = {**TAXED, "line_tax_liability": "Owed by", "amount_total": "total"}
    content = f"id,price,tax,Owed by,total\n1,10.00,1.90,{word},11.90\n"
    order = read_one(content, profile(columns=columns, prices_include_tax=False))
    assert (order.lines[0].liability, order.lines[0].evidence) == (
        liability,
        f"Owed by={word}",
    )
    # The seller's invoice leaves out the tax that the marketplace owes.
    assert order.amount_invoice == (
        D("10.00") if liability == "marketplace" else D("11.90")
    )
    assert order.imbalance == 0


def test_tax_of_the_order_owed_by_the_marketplace_is_kept_on_the_order():
    columns = {
        "external_ref": "id",
        "line_amount": "price",
        "amount_tax": "tax",
        "tax_liability": "by",
        "amount_total": "total",
    }
    content = "id,price,tax,by,total\n1,10.00,0.80,marketplace,10.80\n"
    order = read_one(content, profile(columns=columns))
    assert order.order_marketplace_tax == D("0.80")
    assert (order.amount_invoice, order.imbalance) == (D("10.00"), 0)


def test_tax_of_the_order_without_a_word_makes_its_lines_unknown():
    columns = {"external_ref": "id", "line_amount": "price", "amount_tax": "tax"}
    order = read_one("id,price,tax\n1,10.00,0.80\n", profile(columns=columns))
    assert order.lines[0].liability == "unknown"
    assert order.order_marketplace_tax == 0


@pytest.mark.parametrize(
    ("text", "unit", "rate"),
    [
        ("19", "percent", "0.19"),
        ("19 %", "percent", "0.19"),
        ("7.5%", "percent", "0.075"),
        ("0.19", "fraction", "0.19"),
    ],
)
def test_rate_is_a_fraction(text: str, unit: str, rate: str):
    columns = {**TAXED, "line_tax_rate": "rate", "line_tax_name": "name"}
    chosen = profile(columns=columns, tax_rate_unit=unit, default_liability="seller")
    order = read_one(f"id,price,tax,rate,name\n1,10,1.90,{text},VAT\n", chosen)
    evidence = "profile.default_liability=seller"
    assert order.lines[0].taxes == (
        ParsedTax(
            name="VAT",
            amount=D("1.90"),
            rate=D(rate),
            liability="seller",
            evidence=evidence,
        ),
    )


def test_prices_with_tax_inside_sum_up_without_it():
    columns = {**TAXED, "amount_total": "total"}
    content = "id,price,tax,total\n1,11.90,1.90,11.90\n"
    assert (
        read_one(content, profile(columns=columns, prices_include_tax=True)).imbalance
        == 0
    )
    assert read_one(content, profile(columns=columns)).lines[0].tax_included is None


# -- words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Shipped", "shipped"),
        ("VERSANDT", "shipped"),
        ("annulée", "cancelled"),
        ("en attente", "pending"),
        ("completado", "done"),
        ("in lavorazione", "open"),
        ("geannuleerd", "cancelled"),
        ("", "open"),
    ],
)
def test_usual_status_words_are_understood(word: str, status: str):
    order = read_one(
        f"id,status\n1,{word}\n",
        profile(columns={"external_ref": "id", "status": "status"}),
    )
    assert (order.status, order.channel_status) == (status, word or None)


def test_status_word_without_meaning_fails_and_the_profile_can_teach_it():
    columns = {"external_ref": "id", "status": "status"}
    [failure] = read("id,status\n1,Gaga\n", profile(columns=columns))
    assert (
        failure.message == "line 2, column status: 'Gaga' has no meaning in the profile"
    )
    order = read_one(
        "id,status\n1,Gaga\n", profile(columns=columns, statuses={"gaga": "cancelled"})
    )
    assert order.status == "cancelled"


def test_offline_methods_are_paid_to_the_seller():
    chosen = profile(
        columns={
            "external_ref": "id",
            "payment_method": "pay",
            "payment_status": "state",
        },
        offline_methods=frozenset({"Überweisung"}),
        paid_through_channel=True,
        rows="order",
    )
    bank, card = read("id,pay,state\n1,überweisung,offen\n2,Card,bezahlt\n", chosen)
    assert (bank.paid_through_channel, bank.payment_status) == (False, "unpaid")
    assert (card.paid_through_channel, card.payment_status) == (True, "paid")


def test_buyer_and_addresses():
    columns = {
        "external_ref": "id",
        "buyer_name": "name",
        "buyer_vat": "vat",
        "buyer_email": "mail",
        "ship_name": "name",
        "ship_zip": "zip",
        "ship_country": "country",
    }
    content = "id,name,vat,mail,zip,country\n1,山田 太郎,NL999999990B01,t@example.com,00501,uk\n"
    order = read_one(content, profile(columns=columns))
    assert order.buyer.name == "山田 太郎"
    assert (order.buyer.vat, order.buyer.is_business) == ("NL999999990B01", True)
    assert order.shipping_address == ParsedAddress(
        name="山田 太郎", zip="00501", country="GB"
    )
    assert order.billing_address is None


def test_country_is_a_code_or_a_word_of_the_profile():
    columns = {"external_ref": "id", "ship_country": "country"}
    [failure] = read("id,country\n1,Österreich\n", profile(columns=columns))
    assert failure.message == "line 2, column country: not a two-letter country code"
    order = read_one(
        "id,country\n1,Österreich\n",
        profile(columns=columns, countries={"osterreich": "AT"}),
    )
    assert order.shipping_address.country == "AT"


# -- kinds of file ---------------------------------------------------------------------


def test_tab_separated_file_with_bare_quotes():
    chosen = profile(
        kind="tsv",
        quoted=False,
        columns={"external_ref": "id", "line_title": "title", "line_amount": "price"},
    )
    order = read_one('id\ttitle\tprice\n1\t"Best" mug, 5"\t2.50\n', chosen)
    assert order.lines[0].title == '"Best" mug, 5"'


def test_lines_above_the_header_and_encoding_are_settings():
    chosen = profile(
        columns={"external_ref": "注文番号"}, skip_lines=2, encoding="cp932"
    )
    order = read_one(
        "注文レポート\n\n注文番号,商品\n1,湯呑み\n".encode("cp932"), chosen
    )
    assert order.external_ref == "1"


def test_workbook_cells_need_no_separators():
    columns = {
        "external_ref": "id",
        "created_at": "day",
        "amount_total": "total",
        "line_amount": "price",
        "line_sku": "sku",
    }
    data = workbook(
        ["id", "day", "total", "price", "sku"],
        [1001, datetime(2026, 5, 1), 0.3, 0.1, "00123"],
        [1001, datetime(2026, 5, 1), 0.3, 0.2, 456],
    )
    chosen = profile(
        kind="xlsx", columns=columns, decimal_point=",", date_format="%d.%m.%Y"
    )
    order = read_one(data, chosen)
    assert order.external_ref == "1001"
    assert order.created_at == datetime(2026, 5, 1, tzinfo=timezone.utc)
    assert [(line.sku, line.amount) for line in order.lines] == [
        ("00123", D("0.1")),
        ("456", D("0.2")),
    ]
    assert order.imbalance == 0
    again = read_one(order.raw, chosen)
    assert values_of(again) == values_of(order)


def test_id_that_a_workbook_has_rounded_is_refused():
    # Excel keeps 15 digits: 1234567890123456789 became 1234567890123460000.
    data = workbook(["id"], [1.23456789012346e18])
    [failure] = read(data, profile(kind="xlsx", columns={"external_ref": "id"}))
    assert (
        failure.message
        == "line 2, column id: a number that was rounded; make the column text"
    )


JSON_COLUMNS = {
    "external_ref": "id",
    "currency": "prices[0].currency",
    "amount_total": "prices[0].value",
    "buyer_name": "buyer.name",
    "line_sku": "article.sku",
    "line_amount": "amount",
    "line_quantity": "quantity",
}
JSON_ORDERS = {
    "data": {
        "orders": [
            {
                "id": 1,
                "prices": [{"currency": "EUR", "value": "30.00"}],
                "buyer": {"name": "Zoë"},
                "lines": [
                    {"article": {"sku": "MUG"}, "amount": 20.0, "quantity": 2},
                    {"article": {"sku": "CUP"}, "amount": "10.00", "quantity": "1"},
                ],
            },
            {"id": 2, "prices": [], "lines": [{"amount": "x"}]},
            {"id": 3, "lines": {"amount": 5, "quantity": None}},
            {"prices": 5},
            {"id": {"nested": 1}},
            {"id": [1, 2]},
        ]
    }
}


def test_json_paths_lead_into_objects_and_lists():
    chosen = profile(
        kind="json",
        columns=JSON_COLUMNS,
        record_path="data.orders[]",
        line_path="lines[]",
    )
    first, second, third, fourth, fifth, sixth = read(json.dumps(JSON_ORDERS), chosen)
    assert (first.external_ref, first.currency, first.amount_total) == (
        "1",
        "EUR",
        D("30.00"),
    )
    assert [(line.sku, line.quantity) for line in first.lines] == [
        ("MUG", 2),
        ("CUP", 1),
    ]
    assert first.imbalance == 0
    assert second.message == "data.orders[1].lines[0].amount: not a decimal"
    assert (third.lines[0].amount, third.amount_total) == (D("5"), None)
    assert fourth.message == "data.orders[3].id: missing"
    assert fifth.message == "data.orders[4].id: missing"
    assert sixth.message == "data.orders[5].id: a list where one value is expected"


@pytest.mark.parametrize(
    ("record_path", "document"),
    [
        ("[]", [{"id": 1, "price": 5}]),
        ("", {"id": 1, "price": 5}),
        ("a.b[]", {"a": {"b": [{"id": 1, "price": 5}]}}),
        ("pages[].orders[]", {"pages": [{"orders": [{"id": 1, "price": 5}]}]}),
        ("pages[].order", {"pages": [{"order": {"id": 1, "price": 5}}]}),
    ],
)
def test_records_are_found_and_written_at_their_path(
    record_path: str, document: object
):
    chosen = profile(kind="json", record_path=record_path)
    order = read_one(json.dumps(document), chosen)
    assert json.loads(order.raw) == document


def test_flat_json_rows_are_joined_like_a_table():
    rows = [
        {"id": "A", "price": "1.00"},
        {"id": "B", "price": "2.00"},
        {"id": "A", "price": "3.00"},
    ]
    chosen = profile(kind="json", record_path="[]")
    orders = {order.external_ref: order for order in read(json.dumps(rows), chosen)}
    assert [line.amount for line in orders["A"].lines] == [D("1.00"), D("3.00")]
    assert values_of(read_one(orders["A"].raw, chosen)) == values_of(orders["A"])


@pytest.mark.parametrize(
    ("content", "chosen", "path"),
    [
        (
            '{"orders": [{"id": 1}]}',
            profile(kind="json", record_path="data.orders[]"),
            "data.orders[]",
        ),
        ("<Orders/>", profile(kind="xml", record_path="Order"), "Order"),
    ],
)
def test_wrong_path_is_not_passed_over_in_silence(
    content: str, chosen: mapped.Profile, path: str
):
    with pytest.raises(ChannelParseError) as caught:
        read(content, chosen)
    assert str(caught.value) == f"nothing at {path}"


XML = """<?xml version="1.0"?>
<e:Export xmlns:e="urn:example">
  <Head><Order>not one</Order></Head>
  <e:Orders>
    <e:Order no="A1"><Total currency="EUR">30.00</Total><Buyer><Name>Zoë &amp; Co</Name></Buyer>
      <Lines><Line><Sku>MUG</Sku><Amount>20.00</Amount></Line>
             <Line><Sku>CUP</Sku><Amount>10.00</Amount><!-- last --></Line></Lines></e:Order>
    <e:Order no="A2"><Total currency="EUR">x</Total></e:Order>
  </e:Orders>
</e:Export>"""
XML_COLUMNS = {
    "external_ref": "@no",
    "currency": "Total.@currency",
    "amount_total": "Total",
    "buyer_name": "Buyer.Name",
    "line_sku": "Sku",
    "line_amount": "Amount",
}


def test_xml_paths_lead_to_elements_and_attributes():
    chosen = profile(
        kind="xml",
        columns=XML_COLUMNS,
        record_path="Export.Orders.Order",
        line_path="Lines.Line",
    )
    order, failure = read(XML, chosen)
    assert (order.external_ref, order.currency, order.amount_total) == (
        "A1",
        "EUR",
        D("30.00"),
    )
    assert order.buyer.name == "Zoë & Co"
    assert [(line.sku, line.amount) for line in order.lines] == [
        ("MUG", D("20.00")),
        ("CUP", D("10.00")),
    ]
    assert failure.message == "Export.Orders.Order[1].Total: not a decimal"
    again = read_one(order.raw, chosen)
    assert values_of(again) == values_of(order)
    assert again.raw == order.raw


def test_xml_records_are_found_at_any_depth_by_name():
    chosen = profile(kind="xml", columns={"external_ref": "Id"}, record_path="Order")
    orders = read(
        "<A><B><Order><Id>1</Id></Order></B><Order><Id>2</Id></Order></A>", chosen
    )
    assert [order.external_ref for order in orders] == ["1", "2"]
    assert read_one(orders[0].raw, chosen).raw == orders[0].raw


def test_file_of_another_kind_than_the_profile_reads_is_refused():
    with pytest.raises(ChannelParseError, match="JSON, but profile 'Test' reads csv"):
        read("[]", profile())
    with pytest.raises(
        ChannelParseError, match="a table, but profile 'Test' reads xlsx"
    ):
        read("id,price\n", profile(kind="xlsx"))


def test_header_alone_is_a_file_without_orders():
    assert read("id,price\n", profile()) == []


# -- round trip ------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=10)
amounts = st.decimals(D(0), D(10) ** 6, places=2)
rows = st.lists(
    st.tuples(st.sampled_from("ABC"), texts, amounts), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from([",", ";", "\t"]), st.sampled_from(["", "\n\n"]))
def test_raw_of_a_table_reads_to_the_same_order(
    lines: list, delimiter: str, above: str
):
    content = io.StringIO()
    content.write(above + delimiter.join(("id", "title", "price")) + "\n")
    for ref, title, price in lines:
        quoted = title.replace('"', '""')
        content.write(f'{ref}{delimiter}"{quoted}"{delimiter}{price}\n')
    columns = {"external_ref": "id", "line_title": "title", "line_amount": "price"}
    chosen = profile(columns=columns, skip_lines=len(above))
    orders = read(content.getvalue(), chosen)
    assert sum(order.amount_lines for order in orders) == sum(
        price for *_rest, price in lines
    )
    for order in orders:
        again = read_one(order.raw, chosen)
        assert values_of(again) == values_of(order)
        assert again.raw == order.raw


@settings(max_examples=60, deadline=None)
@given(rows)
def test_raw_of_json_reads_to_the_same_order(lines: list):
    document = {
        "orders": [
            {"id": ref, "lines": [{"title": title, "price": str(price)}]}
            for ref, title, price in lines
        ]
    }
    columns = {"external_ref": "id", "line_title": "title", "line_amount": "price"}
    chosen = profile(
        kind="json", record_path="orders[]", line_path="lines[]", columns=columns
    )
    for order in read(json.dumps(document), chosen):
        again = read_one(order.raw, chosen)
        assert values_of(again) == values_of(order)
        assert again.raw == order.raw


# -- profiles --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"columns": {"external_ref": "id", "colour": "x"}}, "no such target: colour"),
        ({"constants": {"colour": "x"}}, "no such target: colour"),
        (
            {"columns": {"line_amount": "price"}},
            "no column for the order's id (external_ref)",
        ),
        (
            {
                "columns": {
                    "external_ref": "a",
                    "line_amount": "b",
                    "line_unit_price": "c",
                }
            },
            "both line_amount and line_unit_price; map one of them",
        ),
        (
            {"columns": {"external_ref": "a", "line_sku": "b"}},
            "no column for the price of a line (line_amount or line_unit_price)",
        ),
        ({"digit_group": "."}, "the decimal separator cannot part the thousands too"),
        ({"kind": "xml"}, "no path of the records"),
        ({"delimiter": ";;"}, "the delimiter is not one character"),
        ({"timezone": "Europe/Atlantis"}, "no such time zone: Europe/Atlantis"),
        ({"encoding": "morse"}, "no such encoding: morse"),
        ({"encoding": "base64"}, "no such encoding: base64"),
    ],
)
def test_profile_that_contradicts_itself_is_refused(values: dict, reason: str):
    with pytest.raises(ChannelParseError) as caught:
        profile(**values)
    assert str(caught.value) == f"profile 'Test': {reason}"


def test_every_target_is_documented_and_read():
    """A column for every target, each with a value of its own, must change the order."""
    special = {
        "currency": "EUR",
        "status": "shipped",
        "payment_status": "refunded",
        "tax_liability": "marketplace",
        "line_tax_liability": "seller",
        "line_quantity": "3",
        "ship_from_country": "NL",
        "bill_country": "BE",
        "ship_country": "DE",
        "line_tax_rate": "21",
    }
    numbers = {
        name: f"{position}.01"
        for position, name in enumerate(mapped.TARGETS, start=1)
        if name.startswith("amount_")
        or name.endswith(("_amount", "_tax", "_price", "_discount"))
    }
    moments = {
        name: f"2026-05-{position:02}"
        for position, name in enumerate(
            (name for name in mapped.TARGETS if name.endswith("_at")), start=1
        )
    }
    cells = (
        {name: f"text {name}" for name in mapped.TARGETS} | numbers | moments | special
    )
    del cells["line_unit_price"]
    cells["line_tax"] = "7.77"
    chosen = profile(columns={name: f"c {name}" for name in cells})
    text = (
        ",".join(f"c {name}" for name in cells) + "\n" + ",".join(cells.values()) + "\n"
    )
    everything = values_of(read_one(text, chosen))
    for name, target in mapped.TARGETS.items():
        assert target.help and target.name == name
        if name in cells and name not in ("external_ref", "line_amount"):
            columns = {
                key: column for key, column in chosen.columns.items() if key != name
            }
            without = values_of(
                read_one(text, dataclasses.replace(chosen, columns=columns))
            )
            assert without != everything, name


def test_profile_recognises_its_files():
    assert mapped.matches(
        german(), Sample(kind="table", columns=("More", *GERMAN.values()))
    )
    assert not mapped.matches(
        german(), Sample(kind="table", columns=("Bestellung", "Summe"))
    )
    assert not mapped.matches(
        german(), Sample(kind="xlsx", columns=tuple(GERMAN.values()))
    )
    chosen = profile(kind="json", record_path="data.orders[]")
    assert mapped.matches(
        chosen, Sample(kind="json", keys=frozenset({"data.orders[].id"}))
    )
    assert not mapped.matches(
        chosen, Sample(kind="json", keys=frozenset({"orders[].id"}))
    )
    chosen = profile(kind="xml", record_path="Export.Order")
    assert mapped.matches(
        chosen, Sample(kind="xml", root="Export", keys=frozenset({"Order"}))
    )


def test_saved_profiles_join_the_known_formats():
    formats = (*intake.all_formats(), mapped.channel_format(german(platform="etsy")))
    opened = intake.open_document(io.BytesIO(GERMAN_FILE.encode()), "x.csv")
    fmt = intake.detect(intake.sample(opened), formats)
    assert (fmt.code, fmt.platform) == ("mapped.csv", "etsy")
    assert [order.platform for order in fmt.parse(opened.stream)] == ["etsy", "etsy"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            [
                "Order ID",
                "Order Date",
                "SKU",
                "Quantity",
                "Unit Price",
                "Order Total",
                "Ship City",
            ],
            {
                "external_ref": "Order ID",
                "created_at": "Order Date",
                "line_sku": "SKU",
                "line_quantity": "Quantity",
                "line_unit_price": "Unit Price",
                "amount_total": "Order Total",
                "ship_city": "Ship City",
            },
        ),
        (
            [
                "Bestellnummer",
                "Bestelldatum",
                "Artikelnummer",
                "Menge",
                "Einzelpreis",
                "Währung",
                "Versandkosten",
                "Gesamtbetrag",
                "PLZ",
                "Rechnungsadresse PLZ",
                "USt-IdNr.",
            ],
            {
                "external_ref": "Bestellnummer",
                "created_at": "Bestelldatum",
                "line_sku": "Artikelnummer",
                "line_quantity": "Menge",
                "line_unit_price": "Einzelpreis",
                "currency": "Währung",
                "shipping_amount": "Versandkosten",
                "amount_total": "Gesamtbetrag",
                "ship_zip": "PLZ",
                "bill_zip": "Rechnungsadresse PLZ",
                "buyer_vat": "USt-IdNr.",
            },
        ),
        (
            [
                "Numéro de commande",
                "Date de commande",
                "Quantité",
                "Prix unitaire",
                "Devise",
                "TVA",
            ],
            {
                "external_ref": "Numéro de commande",
                "created_at": "Date de commande",
                "line_quantity": "Quantité",
                "line_unit_price": "Prix unitaire",
                "currency": "Devise",
                "line_tax": "TVA",
            },
        ),
        (
            [
                "Número de pedido",
                "Fecha de pedido",
                "Cantidad",
                "Precio unitario",
                "Moneda",
                "IVA",
            ],
            {
                "external_ref": "Número de pedido",
                "created_at": "Fecha de pedido",
                "line_quantity": "Cantidad",
                "line_unit_price": "Precio unitario",
                "currency": "Moneda",
                "line_tax": "IVA",
            },
        ),
        (
            [
                "Numero ordine",
                "Data ordine",
                "Quantità",
                "Prezzo unitario",
                "Valuta",
                "Città",
            ],
            {
                "external_ref": "Numero ordine",
                "created_at": "Data ordine",
                "line_quantity": "Quantità",
                "line_unit_price": "Prezzo unitario",
                "currency": "Valuta",
                "ship_city": "Città",
            },
        ),
        (
            [
                "Ordernummer",
                "Besteldatum",
                "Aantal",
                "Stukprijs",
                "Verzendkosten",
                "Totaal",
                "BTW",
            ],
            {
                "external_ref": "Ordernummer",
                "created_at": "Besteldatum",
                "line_quantity": "Aantal",
                "line_unit_price": "Stukprijs",
                "shipping_amount": "Verzendkosten",
                "amount_total": "Totaal",
                "line_tax": "BTW",
            },
        ),
        (
            ["id", "shipping_address.city", "billing_address.city", "line_items[].sku"],
            {
                "external_ref": "id",
                "ship_city": "shipping_address.city",
                "bill_city": "billing_address.city",
                "line_sku": "line_items[].sku",
            },
        ),
        (["Wetter", "Mondphase"], {}),
    ],
    ids=[
        "English",
        "German",
        "French",
        "Spanish",
        "Italian",
        "Dutch",
        "JSON",
        "nothing",
    ],
)
def test_mapping_is_suggested_from_usual_names(
    columns: list[str], expected: dict[str, str]
):
    assert mapped.suggest(columns) == expected


def test_json_is_proposed_with_its_paths():
    sample = Sample(
        kind="json",
        keys=frozenset(
            "next data data.orders data.orders[] data.orders[].id data.orders[].currency"
            " data.orders[].total data.orders[].buyer.name data.orders[].items"
            " data.orders[].items[] data.orders[].items[].sku data.orders[].items[].quantity"
            " data.orders[].items[].unit_price data.orders[].log[].id data.total".split()
        ),
    )
    assert mapped.propose(sample) == mapped.Proposal(
        columns={
            "external_ref": "id",
            "currency": "currency",
            "amount_total": "total",
            "buyer_name": "buyer.name",
            "line_sku": "sku",
            "line_quantity": "quantity",
            "line_unit_price": "unit_price",
        },
        record_path="data.orders[]",
        line_path="items[]",
    )


def test_table_is_proposed_by_its_columns():
    sample = Sample(kind="table", columns=("Order ID", "SKU"))
    assert mapped.propose(sample).columns == {
        "external_ref": "Order ID",
        "line_sku": "SKU",
    }
    assert mapped.propose(Sample(kind="xml", root="Order")) == mapped.Proposal({})
    assert mapped.propose(Sample(kind="json")) == mapped.Proposal({})


def test_suggestion_makes_a_profile_that_reads_the_file():
    columns = mapped.suggest(
        ["Bestellnummer", "Menge", "Einzelpreis", "Positionssumme"]
    )
    # Both prices cannot be mapped at once; the one of the line is exact.
    assert columns == {
        "external_ref": "Bestellnummer",
        "line_quantity": "Menge",
        "line_amount": "Positionssumme",
    }
    content = "Bestellnummer;Menge;Einzelpreis;Positionssumme\n1;3;0.33;1.00\n"
    assert read_one(content, profile(columns=columns)).lines[0].amount == D("1.00")
