"""PayPal's activity download: two languages, several currencies, a balance that proves it."""

from __future__ import annotations

import csv
import io
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settlement_support import (
    D,
    assert_refused_or_read,
    by_first_word,
    facts,
    lines_of,
    read_bytes,
)

from odoo.addons.marketplace_invoicing.channels import intake
from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

ENGLISH = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,"
    "To Email Address,Transaction ID,Item Title,Reference Txn ID,Invoice Number,Balance,"
    "Balance Impact"
).split(",")
GERMAN = (
    "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,"
    "Absender E-Mail-Adresse,Empfänger E-Mail-Adresse,Transaktionscode,Artikelbezeichnung,"
    "Zugehöriger Transaktionscode,Rechnungsnummer,Guthaben,Auswirkung auf Guthaben"
).split(",")


def row(
    number: int,
    kind: str,
    gross: str,
    fee: str = "0.00",
    balance: str = "",
    **cells: str,
) -> list[str]:
    """Return a row of September 2025; ``number`` is the day and makes the ids."""
    net = cells.get("net", str(D(gross.replace(",", "")) + D(fee)))
    return [
        cells.get("date", f"09/{number:02d}/2025"),
        cells.get("time", "10:00:00"),
        cells.get("zone", "PDT"),
        cells.get("name", "Ann Buyer"),
        kind,
        cells.get("status", "Completed"),
        cells.get("currency", "USD"),
        gross,
        fee,
        net,
        "ann@example.com",
        "shop@example.com",
        cells.get("id", f"TX{number}"),
        cells.get("title", ""),
        cells.get("reference", ""),
        cells.get("invoice", ""),
        balance,
        cells.get("impact", "Credit"),
    ]


#: 50.00 + 97.10 - 30.00 = 117.10, of which 100.00 go to the bank: 17.10 stay.
ROWS = [
    row(16, "Express Checkout Payment", "100.00", "-2.90", "147.10", invoice="WC-1"),
    row(17, "Payment Refund", "-30.00", "0.00", "117.10", reference="TX16"),
    row(18, "General Withdrawal", "-100.00", "0.00", "17.10"),
]


def activity(
    rows: list[list[str]], columns: list[str] = ENGLISH, delimiter: str = ","
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([columns, *rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def german(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows as a German account gets them."""

    def amount(text: str) -> str:
        plain = text.replace(",", "")
        return f"{D(plain):,.2f}".translate(str.maketrans(",.", ".,")) if plain else ""

    kinds = {
        "Express Checkout Payment": "PayPal Express-Zahlung",
        "Payment Refund": "Rückzahlung",
        "General Withdrawal": "Allgemeine Abbuchung",
    }
    found = []
    for cells in rows:
        cells = list(cells)
        month, day, year = cells[0].split("/")
        cells[0] = f"{day}.{month}.{year}"
        cells[2] = "Europe/Berlin"
        cells[4] = kinds.get(cells[4], cells[4])
        cells[5] = "Abgeschlossen"
        cells[7:10] = map(amount, cells[7:10])
        cells[16] = amount(cells[16])
        cells[17] = "Haben"
        found.append(cells)
    return found


def read(rows: list[list[str]], columns: list[str] = ENGLISH) -> list[Any]:
    return list(intake.read(io.BytesIO(activity(rows, columns)), "paypal.csv")[1])


def one(rows: list[list[str]], columns: list[str] = ENGLISH) -> ParsedSettlement:
    [settlement] = read(rows, columns)
    assert isinstance(settlement, ParsedSettlement), settlement
    return settlement


# -- sample ------------------------------------------------------------------------------


def test_sample_gives_the_facts(samples):
    [fact] = facts(samples, "paypal/activity_en_usd.csv")
    data = (samples / "paypal/activity_en_usd.csv").read_bytes()
    code, [settlement] = read_bytes(data)
    assert (code, settlement.platform) == ("paypal.activity", "paypal")
    assert settlement.external_ref == "activity 2025-09 to 2025-10 USD"
    assert (settlement.currency, settlement.amount_total) == (fact["currency"], None)
    assert settlement.rows == fact["n_rows"]
    assert by_first_word(settlement) == {
        name.removesuffix(" USD").strip(): D(net)
        for name, net in fact["sum_by_amount_type"].items()
    }
    gross = sum((x.amount for x in settlement.lines if x.type != "fee"), D(0))
    fees = sum((x.amount for x in settlement.lines if x.type == "fee"), D(0))
    assert gross == D(fact["gross_by_currency"]["USD"])
    assert fees == -D(fact["fee_column_by_currency"]["USD"])
    assert gross + fees == D(fact["net_by_currency"]["USD"])
    # 1,097.10 after the first 97.10; 1,493.85 in the last row.
    assert (settlement.opening_balance, settlement.closing_balance) == (
        D("1000.00"),
        D("1493.85"),
    )
    assert settlement.balances is True


# -- one currency ------------------------------------------------------------------------


def test_payment_refund_and_withdrawal():
    settlement = one(ROWS)
    assert settlement.external_ref == "activity 2025-09 USD"
    assert lines_of(settlement) == [
        ("sale", "Express Checkout Payment", 100),
        ("fee", "Express Checkout Payment/fee", D("-2.90")),
        ("refund", "Payment Refund", -30),
        ("transfer", "General Withdrawal", -100),
    ]
    assert (settlement.opening_balance, settlement.closing_balance) == (
        50,
        D("17.10"),
    )
    assert (settlement.balances, settlement.amount_transferred) == (True, 100)
    assert (settlement.rows, settlement.status) == (3, "closed")
    sale, _fee, back, _bank = settlement.lines
    assert (sale.order_ref, sale.reference, sale.external_ref) == (
        "WC-1",
        "TX16",
        "TX16",
    )
    assert (back.refund_ref, back.reference, back.is_dispute) == ("TX17", "TX16", False)


def test_german_file_is_the_same_but_for_its_words():
    english, german_one = one(ROWS), one(german(ROWS), GERMAN)
    assert [(x.type, x.amount, x.external_ref) for x in german_one.lines] == [
        (x.type, x.amount, x.external_ref) for x in english.lines
    ]
    assert german_one.external_ref == english.external_ref
    assert german_one.balances is True
    assert german_one.lines[2].code == "Rückzahlung"
    assert german_one.lines[0].posted_at.isoformat() == "2025-09-16T10:00:00+02:00"


def test_semicolons_and_thousands_are_read():
    rows = german([row(16, "Mobile Payment", "1234.50", "-4.50", "1230.00")])
    data = activity(rows, GERMAN, delimiter=";")
    [settlement] = intake.read(io.BytesIO(data), "x")[1]
    assert [x.amount for x in settlement.lines] == [D("1234.50"), D("-4.50")]


@pytest.mark.parametrize("sign", ["", "-"])
def test_fee_is_what_lies_between_gross_and_net_whatever_its_sign(sign):
    cells = row(16, "Mobile Payment", "100.00", f"{sign}2.90", net="97.10")
    assert one([cells]).lines[1].amount == D("-2.90")


def test_fee_that_does_not_lie_between_is_refused():
    with pytest.raises(ChannelParseError) as caught:
        read([row(16, "Mobile Payment", "100.00", "-2.90", net="97.00")])
    assert caught.value.where == "line 2, column Fee"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("PST", "2025-09-16T10:00:00-08:00"),
        ("CET", "2025-09-16T10:00:00+01:00"),
        ("Europe/Berlin", "2025-09-16T10:00:00+02:00"),
        ("GMT+01:00", "2025-09-16T10:00:00+01:00"),
        ("", "2025-09-16T10:00:00+00:00"),
    ],
)
def test_time_zones(zone, expected):
    settlement = one([row(16, "Mobile Payment", "1.00", zone=zone)])
    assert settlement.lines[0].posted_at.isoformat() == expected


def test_month_comes_first_where_the_zone_is_american():
    settlement = one([row(3, "Mobile Payment", "1.00")])
    assert settlement.external_ref == "activity 2025-09 USD"


def test_day_and_month_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ChannelParseError, match="day or month first"):
        read([row(3, "Mobile Payment", "1.00", zone="GMT")])


def test_file_newest_first_has_the_same_balances():
    settlement = one(ROWS[::-1])
    assert (settlement.opening_balance, settlement.closing_balance) == (50, D("17.10"))
    assert settlement.balances is True


def test_without_the_balance_the_withdrawals_are_all_there_is_to_compare():
    settlement = one([cells[:16] + ["", "Credit"] for cells in ROWS])
    assert (settlement.opening_balance, settlement.closing_balance) == (None, None)
    assert settlement.balances is False
    assert settlement.imbalance == D("32.90")  # 100.00 - 67.10


def test_balances_without_a_transfer_say_that_nothing_was_paid_out():
    settlement = one(ROWS[:2])
    assert (settlement.amount_total, settlement.balances) == (0, True)


def test_row_that_is_missing_in_between_shows_as_a_difference():
    settlement = one([ROWS[0], ROWS[2]])
    assert settlement.imbalance == D("-30.00")


# -- rows that moved no money -------------------------------------------------------------


def test_pending_rows_are_left_out_and_said():
    waiting = row(17, "Mobile Payment", "10.00", status="Pending")
    settlement = one([ROWS[0], waiting])
    assert (settlement.rows, len(settlement.lines)) == (1, 2)
    assert settlement.channel_status == "1 left out: Pending"
    assert settlement.status == "open"


@pytest.mark.parametrize(
    "cells",
    [{"status": "Denied"}, {"status": "Storniert"}, {"impact": "Memo"}],
)
def test_rows_without_effect_are_left_out(cells):
    settlement = one([ROWS[0], row(17, "Mobile Payment", "10.00", **cells)])
    assert (settlement.rows, settlement.channel_status) == (1, "")


@pytest.mark.parametrize("status", ["Pending", "Ausstehend", "Completed", "Denied"])
def test_memo_never_holds_back_a_month_whatever_its_status(status):
    """An open authorization moves no money: 50.00 is all there is, and final."""
    memo = row(17, "General Authorization", "80.00", status=status, impact="Memo")
    settlement = one([row(16, "Mobile Payment", "50.00"), memo])
    assert (settlement.status, settlement.channel_status) == ("closed", "")
    assert [line.amount for line in settlement.lines] == [D("50.00")]


def test_payment_that_was_refunded_later_still_counts():
    settlement = one([row(16, "Mobile Payment", "10.00", status="Refunded")])
    assert [x.amount for x in settlement.lines] == [10]


def test_file_of_pending_rows_only_has_no_settlement():
    assert read([row(16, "Mobile Payment", "10.00", status="Pending")]) == []


# -- words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "gross", "expected"),
    [
        ("Mobile Payment", "5.00", "sale"),
        ("Website-Zahlung", "5.00", "sale"),
        ("Send Money", "-5.00", "adjustment"),
        ("Payment Refund", "-5.00", "refund"),
        ("Rückzahlung", "-5.00", "refund"),
        ("Chargeback", "-5.00", "refund"),
        ("Rückbuchung", "-5.00", "refund"),
        ("Chargeback Fee", "-5.00", "fee"),
        ("Gebühr für Rückbuchung", "-5.00", "fee"),
        ("Partner Fee", "-5.00", "fee"),
        ("Payment Hold", "-5.00", "reserve"),
        ("Reversal of General Account Hold", "5.00", "reserve"),
        ("Rückbuchung allgemeiner Einbehaltung", "5.00", "reserve"),
        ("Einbehaltung für offene Autorisierung", "-5.00", "reserve"),
        ("General Withdrawal - Bank Transfer", "-5.00", "transfer"),
        ("Bank Deposit to PP Account ", "5.00", "transfer"),
        ("Bankgutschrift auf PayPal-Konto", "5.00", "transfer"),
        ("Von Nutzer eingeleitete Abbuchung", "-5.00", "transfer"),
        ("General Currency Conversion", "5.00", "adjustment"),
        ("Something new", "-5.00", "adjustment"),
    ],
)
def test_type_of_a_row(kind, gross, expected):
    [only] = one([row(16, kind, gross)]).lines
    assert (only.type, only.code) == (expected, kind.strip())


@pytest.mark.parametrize("kind", ["Chargeback", "Rückbuchung", "Dispute Settlement"])
def test_claim_of_the_buyer_is_in_dispute(kind):
    assert one([row(16, kind, "-5.00")]).lines[0].is_dispute


# -- several currencies ------------------------------------------------------------------


def conversion(number: int, gross: str, currency: str, **cells: str) -> list[str]:
    return row(
        16,
        "General Currency Conversion",
        gross,
        currency=currency,
        id=f"C{number}",
        **cells,
    )


def test_each_currency_is_a_settlement_of_its_own():
    dollars, euros = read([ROWS[0], row(20, "Mobile Payment", "7.00", currency="EUR")])
    assert (dollars.external_ref, euros.external_ref) == (
        "activity 2025-09 USD",
        "activity 2025-09 EUR",
    )
    assert (dollars.amount_lines, euros.amount_lines) == (D("97.10"), 7)


@pytest.mark.parametrize("reference", ["TX16", ""])
def test_rows_of_a_conversion_tell_what_the_other_was(reference):
    dollars, euros = read(
        [
            row(16, "Mobile Payment", "10.00", balance="10.00"),
            conversion(1, "-10.00", "USD", reference=reference, balance="0.00"),
            conversion(2, "9.20", "EUR", reference=reference, balance="9.20"),
        ]
    )
    away, here = dollars.lines[-1], euros.lines[0]
    assert (away.amount, away.original_amount, away.original_currency) == (
        -10,
        D("-9.20"),
        "EUR",
    )
    assert (here.amount, here.original_amount, here.original_currency) == (
        D("9.20"),
        10,
        "USD",
    )
    assert dollars.lines[0].original_amount is None
    assert (dollars.balances, euros.balances) == (True, True)


def test_two_conversions_at_once_without_a_reference_are_not_paired():
    found = read(
        [conversion(n, "-1.00", "USD") for n in (1, 2)]
        + [conversion(n, "0.90", "EUR") for n in (3, 4)]
    )
    assert [x.original_amount for s in found for x in s.lines] == [None] * 4


def test_conversion_rows_with_one_id_keep_apart():
    settlement = one([conversion(1, "-1.00", "USD"), conversion(1, "-2.00", "USD")])
    assert [x.external_ref for x in settlement.lines] == ["C1", "C1#2"]


# -- what cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "cell", "column"),
    [
        (0, "soon", "Date"),
        (2, "MOON", "Date"),
        (4, "", "Type"),
        (6, "Dollars", "Currency"),
        (7, "much", "Gross"),
        (9, "", "Net"),
        (16, "lots", "Balance"),
    ],
)
def test_row_that_cannot_be_read_refuses_the_file(at, cell, column):
    rows = [list(cells) for cells in ROWS]
    rows[1][at] = cell
    with pytest.raises(ChannelParseError) as caught:
        read(rows)
    assert caught.value.where == f"line 3, column {column}"


# -- properties --------------------------------------------------------------------------

CENTS = st.integers(-(10**7), 10**7).map(lambda n: D(n).scaleb(-2))
KINDS = st.sampled_from(
    ["Mobile Payment", "Payment Refund", "General Withdrawal", "Payment Hold", "New"]
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(KINDS, CENTS, CENTS), min_size=1, max_size=10),
    CENTS,
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_any_account_ties_out_in_any_order_and_language(
    entries, opening, is_german, rng: random.Random
):
    rows, balance = [], opening
    for number, (kind, gross, fee) in enumerate(entries):
        balance += gross + fee
        cells = {"id": f"T{number}", "time": f"10:{number:02d}:00"}
        rows.append(
            row(16, kind, f"{gross:.2f}", f"{fee:.2f}", f"{balance:.2f}", **cells)
        )
    if is_german:
        rows = german(rows)
    columns = GERMAN if is_german else ENGLISH
    first = one(rows, columns)
    net = sum((gross + fee for _kind, gross, fee in entries), Decimal(0))
    assert sum(first.sum_by_code.values(), Decimal(0)) == net
    assert (first.opening_balance, first.closing_balance) in (
        (opening, balance),
        # Of an account that ends as it began, any round of its rows is the same.
        *(
            [(first.opening_balance, first.opening_balance)]
            if opening == balance
            else []
        ),
    )
    assert first.balances is True
    rng.shuffle(rows)
    assert one(rows, columns).sum_by_code == first.sum_by_code
    assert one(rows, columns).balances is True


@settings(max_examples=100)
@given(st.data())
def test_damaged_file_is_refused_or_read_and_nothing_else(data):
    whole = bytearray(activity(ROWS))
    start = data.draw(st.integers(0, len(whole)))
    whole[start : start + data.draw(st.integers(0, 30))] = data.draw(
        st.binary(max_size=20)
    )
    assert_refused_or_read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
