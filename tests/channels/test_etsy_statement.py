"""Etsy's monthly statement: what its rows say, in the languages and spellings sellers get it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settlement_support import (
    D,
    assert_refused_or_read,
    by_first_word,
    facts,
    lines_of,
    read_bytes,
)

from odoo.addons.marketplace_invoicing.channels.base import ParseFailure
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

ENGLISH = "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details"
GERMAN = (
    "Datum,Art,Titel,Info,Währung,Betrag,Gebühren & Steuern,Netto,Steuerliche Angaben"
)


def row(kind, title, info="", amount="--", fees="--", net=None, day="January 31, 2022"):
    net = net if net is not None else (amount if fees == "--" else fees)
    return [day, kind, title, info, "USD", amount, fees, net]


def statement(*rows, header: str = ENGLISH, bom: bool = True) -> bytes:
    out = io.StringIO()
    out.write(header + "\n")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()


def read(data: bytes) -> list:
    code, found = read_bytes(data)
    assert code == "etsy.statement.csv"
    return found


def read_one(*rows, **options) -> ParsedSettlement:
    [found] = read(statement(*rows, **options))
    assert isinstance(found, ParsedSettlement), found
    return found


# The real file


def test_statement_of_the_sample_is_as_stated(samples):
    [found] = read((samples / "etsy/statement_2022-01_usd.csv").read_bytes())
    [fact] = facts(samples, "etsy/statement_2022-01_usd.csv")
    assert found.external_ref == "statement 2022-01"
    assert found.currency == fact["currency"]
    assert found.amount_total is None
    assert found.rows == fact["n_rows"]
    assert found.amount_lines == D(fact["sum_of_rows"])
    assert found.amount_transferred == D(fact["deposits_named_in_title"])
    # 75.57 went to the bank of 76.38 that the rows sum to.
    assert found.imbalance == D("75.57") - D("76.38")
    assert found.balances is fact["balances"]
    stated = {kind: D(total) for kind, total in fact["sum_by_amount_type"].items()}
    assert by_first_word(found) == {**stated, "Deposit": D("-75.57")}
    net: dict[str, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        if line.order_ref:
            net[line.order_ref] += line.amount
    assert dict(net) == {ref: D(sum_) for ref, sum_ in fact["net_by_order"].items()}


def test_codes_of_the_sample_hold_no_names_and_no_numbers(samples):
    [found] = read((samples / "etsy/statement_2022-01_usd.csv").read_bytes())
    assert set(found.sum_by_code) == {
        "Deposit",
        "Fee/Listing fee",
        "Fee/Credit for transaction fee on shipping",
        "Fee/Credit for processing fee",
        "Fee/Processing fee",
        "Fee/Transaction fee",
        "Fee/Transaction fee: Shipping",
        "Payment/Card Payment",
        "Payment/Charge for refund",
        "Refund/Partial refund to buyer",
        "Sale/Payment",
        "Shipping/USPS return shipping label",
        "Shipping/USPS shipping label",
        "Tax/Refund to buyer for sales tax",
        "Tax/Sales tax paid by buyer",
    }


# Rows


@pytest.mark.parametrize(
    "kind, title, meant, code",
    [
        ("Sale", "Payment for Order #2233445566", "sale", "Sale/Payment"),
        ("Refund", "Refund for Order #2233445566", "refund", "Refund"),
        ("Fee", "Listing fee ($0.20)", "fee", "Fee/Listing fee"),
        ("Fee", "Transaction fee: Mug, 12 oz", "fee", "Fee/Transaction fee"),
        ("Fee", "Transaction fee: Shipping", "fee", "Fee/Transaction fee: Shipping"),
        ("Marketing", "Etsy Ads", "fee", "Marketing/Etsy Ads"),
        ("VAT", "VAT: Offsite Ads fee", "fee", "VAT"),
        ("Tax", "VAT: Processing fee", "fee", "Tax/VAT"),
        (
            "Tax",
            "Sales tax paid by buyer",
            "tax_withheld",
            "Tax/Sales tax paid by buyer",
        ),
        (
            "Buyer Fee",
            "Colorado Retail Delivery Fee (paid by buyer)",
            "tax_withheld",
            "Buyer Fee/Colorado Retail Delivery Fee",
        ),
        ("Shipping", "USPS shipping label", "fee", "Shipping/USPS shipping label"),
        ("Payment", "Card Payment", "adjustment", "Payment/Card Payment"),
        ("Surprise", "Something else", "adjustment", "Surprise/Something else"),
    ],
)
def test_type_and_title_make_the_code(kind, title, meant, code):
    [line] = read_one(row(kind, title, fees="-$1.00")).lines
    assert (line.type, line.code, line.amount) == (meant, code, D("-1.00"))


def test_row_with_amount_and_fees_is_two_lines():
    found = read_one(
        row("Sale", "Payment for Order #4137418052", "", "$29.99", "-$1.44", "$28.55")
    )
    assert lines_of(found) == [
        ("sale", "Sale/Payment", D("29.99")),
        ("fee", "Sale/fees", D("-1.44")),
    ]
    assert {line.order_ref for line in found.lines} == {"4137418052"}


def test_zero_in_the_column_of_amounts_is_no_amount():
    [line] = read_one(row("Marketing", "Etsy Ads", "", "0.00", "-4.80", "-4.80")).lines
    assert (line.code, line.amount) == ("Marketing/Etsy Ads", D("-4.80"))


@pytest.mark.parametrize(
    "title, amount",
    [
        ("$75.57 sent to your bank account", "75.57"),
        ("$1,234.56 sent to your bank account", "1234.56"),
        ("CA$60.00 sent to your bank account", "60.00"),
        ("€195.32 an dein Bankkonto überwiesen", "195.32"),
    ],
)
def test_deposit_takes_its_amount_from_the_title(title, amount):
    found = read_one(row("Deposit", title))
    assert lines_of(found) == [("transfer", "Deposit", -D(amount))]
    assert found.amount_transferred == D(amount)


def test_deposit_without_an_amount_is_refused():
    [failure] = read(statement(row("Deposit", "Sent to your bank account")))
    assert failure.message == "line 2, column Title: a deposit without an amount"


def test_statement_whose_rows_sum_to_its_deposits_ties_out():
    found = read_one(
        row("Deposit", "$9.50 sent to your bank account"),
        row("Sale", "Payment for Order #2233445566", "", "$10.00"),
        row("Fee", "Processing fee", "Order #2233445566", fees="-$0.50"),
    )
    assert found.balances is True


def test_german_columns_and_words_are_read():
    found = read_one(
        [
            "15. July 2025",
            "Buyer Fee",
            "Retail Delivery Fee (paid by buyer)",
            "Order #3743707041",
            "EUR",
            "--",
            "-€0.23",
            "-€0.23",
            "--",
        ],
        [
            "31. Januar 2026",
            "Gebühr",
            "Transaktionsgebühr: Versand",
            "Bestellnr. 3964911563",
            "EUR",
            "--",
            "-€1.00",
            "-€1.00",
            "--",
        ],
        [
            "1. März 2026",
            "Überweisung",
            "€195.32 an dein Bankkonto überwiesen",
            "",
            "EUR",
            "--",
            "--",
            "--",
            "--",
        ],
        header=GERMAN,
    )
    assert found.currency == "EUR"
    assert lines_of(found) == [
        ("tax_withheld", "Buyer Fee/Retail Delivery Fee", D("-0.23")),
        ("fee", "Gebühr/Transaktionsgebühr: Versand", D("-1.00")),
        ("transfer", "Überweisung", D("-195.32")),
    ]
    assert [line.order_ref for line in found.lines] == ["3743707041", "3964911563", ""]


def test_html_entities_in_header_and_title_are_text():
    found = read_one(
        row("Fee", "Transaction fee: Salt &amp; Pepper", fees="-$1.00"),
        header=ENGLISH.replace("&", "&amp;"),
    )
    assert found.lines[0].description == "Transaction fee: Salt & Pepper"


@pytest.mark.parametrize(
    "written, day",
    [
        ("January 31, 2022", (2022, 1, 31)),
        ("31 July, 2026", (2026, 7, 31)),
        ("31 Jul 2025", (2025, 7, 31)),
        ("15. July 2025", (2025, 7, 15)),
        ("31. Januar 2026", (2026, 1, 31)),
        ("15. März 2026", (2026, 3, 15)),
        ("2026-02-01", (2026, 2, 1)),
        ("01.12.2025", (2025, 12, 1)),
    ],
)
def test_days_in_all_spellings(written, day):
    found = read_one(row("Fee", "Listing fee", fees="-$0.20", day=written))
    assert found.lines[0].posted_at == datetime(*day, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "written", ["02/03/2026", "31. Foo 2026", "February 30, 2026", ""]
)
def test_day_that_is_none_or_may_be_either_of_two_is_refused(written):
    [failure] = read(statement(row("Fee", "Listing fee", fees="-$0.20", day=written)))
    assert failure.message == "line 2, column Date: not a day as a statement writes it"


def test_month_is_the_one_of_most_rows():
    found = read_one(
        row("Payment", "Card Payment", fees="$13.40", day="March 1, 2022"),
        row("Fee", "Listing fee", fees="-$0.20"),
        row("Fee", "Listing fee", fees="-$0.20"),
    )
    assert found.external_ref == "statement 2022-01"


@pytest.mark.parametrize(
    "values, message",
    [
        ({"amount": "1.234,56"}, "line 3, column Amount: not a decimal"),
        (
            {"amount": "$1.00", "net": "$2.00"},
            "line 3, column Net: 2.00, but the other columns sum to 1.00",
        ),
        ({}, "line 3, column Amount: missing"),
    ],
)
def test_bad_row_is_named_and_its_neighbours_are_read(values, message):
    good = row("Fee", "Listing fee", fees="-$0.20")
    failure, found = read(statement(good, row("Sale", "Payment", **values), good))
    assert failure.message == message
    assert "Payment" in failure.raw
    assert found.rows == 2


def test_two_currencies_are_refused():
    other = row("Fee", "Listing fee", fees="-$0.20")
    other[4] = "CAD"
    failure, found = read(statement(row("Fee", "Listing fee", fees="-$0.20"), other))
    assert failure.where == "line 3, column Currency"
    assert found.rows == 1


def test_alike_rows_stay_apart_and_keep_their_keys_when_the_month_grows():
    fee = row("Fee", "Listing fee", "Listing #123456", fees="-$0.20")
    sale = row("Sale", "Payment for Order #2233445566", "", "$10.00")
    before = [line.external_ref for line in read_one(fee, fee).lines]
    after = [line.external_ref for line in read_one(sale, fee, fee, fee).lines]
    assert len(set(after)) == 4
    assert set(before) <= set(after)


def test_header_alone_is_a_statement_without_settlement():
    assert read(statement()) == []


# Whatever comes

CENTS = st.integers(-(10**9), 10**9)


def written(cents: int) -> str:
    """Return an amount as Etsy writes it: -$1,234.56."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(Decimal(cents)) / 100:,.2f}"


@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=20))
def test_lines_sum_to_net_whatever_the_thousands(rows):
    document = [
        row(
            "Sale",
            f"Payment for Order #{10000 + n}",
            "",
            written(a),
            written(b),
            written(a + b),
        )
        for n, (a, b) in enumerate(rows)
    ]
    found = read_one(*document)
    assert found.amount_lines == D(sum(a + b for a, b in rows)) / 100
    assert sum(found.sum_by_code.values(), D(0)) == found.amount_lines


WHOLE = statement(
    row("Deposit", "$9.50 sent to your bank account"),
    row("Sale", "Payment for Order #2233445566", "", "$10.00"),
)


@pytest.mark.parametrize("end", range(1, len(WHOLE), 9))
def test_file_that_is_cut_off_is_refused_or_read(end):
    assert_refused_or_read(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_garbled_file_is_refused_or_read_and_nothing_else(position, garbage):
    assert_refused_or_read(
        WHOLE[:position] + garbage + WHOLE[position + len(garbage) :]
    )


@given(st.lists(st.text(max_size=12), max_size=10))
def test_row_of_any_cells_is_read_or_named(cells):
    good = row("Fee", "Listing fee", fees="-$0.20")
    data = statement(good, [cell.replace("\0", "") for cell in cells])
    assert_refused_or_read(data)


def test_failure_is_readable_again():
    [failure] = read(statement(row("Sale", "Payment", amount="1.234,56")))
    assert isinstance(failure, ParseFailure)
    [again] = read(failure.raw.encode())
    assert again.reason == failure.reason
