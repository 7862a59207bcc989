"""Payouts in tables of any shape, as a profile says how to read them."""

from __future__ import annotations

import io
import random
from datetime import datetime, timezone
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from settlement_support import D, lines_of

from odoo.addons.marketplace_invoicing.channels import intake, mapped
from odoo.addons.marketplace_invoicing.channels.base import (
    ChannelParseError,
    ParseFailure,
)
from odoo.addons.marketplace_invoicing.channels.settlement import ParsedSettlement

COLUMNS = {
    "settlement_ref": "payout",
    "entry_date": "date",
    "entry_type": "type",
    "entry_code": "detail",
    "entry_amount": "amount",
    "entry_order_ref": "order",
    "settlement_total": "total",
}
HEADER = "payout,date,type,detail,amount,order,total\n"


def profile(columns=COLUMNS, **values) -> mapped.Profile:
    settings = {"name": "Fair", "kind": "csv", "document": "settlement", **values}
    return mapped.Profile(
        columns=columns, **{"constants": {"currency": "EUR"}, **settings}
    )


def read(text: str | bytes, chosen: mapped.Profile | None = None) -> list:
    chosen = chosen or profile()
    data = text if isinstance(text, bytes) else text.encode()
    document = intake.open_document(io.BytesIO(data), "file", encoding=chosen.encoding)
    fmt = mapped.channel_format(chosen)
    assert fmt.kind == "settlement"
    return list(fmt.parse(document.stream))


def read_one(text: str | bytes, chosen: mapped.Profile | None = None):
    [found] = read(text, chosen)
    assert isinstance(found, ParsedSettlement), found
    return found


def test_rows_of_a_payout_are_one_settlement_that_ties_out():
    """100.00 - 12.00 - 30.00 = 58.00, as stated on every row."""
    found = read_one(
        HEADER + "P1,2025-03-01,Sale,,100.00,A-1,58.00\n"
        "P1,2025-03-02,Fee,Commission,-12.00,A-1,58.00\n"
        "P1,2025-03-03,Refund,,-30.00,A-2,58.00\n"
    )
    assert (found.external_ref, found.currency, found.rows) == ("P1", "EUR", 3)
    assert found.amount_total == D("58.00")
    assert lines_of(found) == [
        ("sale", "Sale", D("100.00")),
        ("fee", "Fee/Commission", D("-12.00")),
        ("refund", "Refund", D("-30.00")),
    ]
    assert found.balances is True
    assert [line.order_ref for line in found.lines] == ["A-1", "A-1", "A-2"]
    assert found.period_start == datetime(2025, 3, 1, tzinfo=timezone.utc)


def test_row_with_a_total_and_no_amount_is_the_head():
    found = read_one(
        HEADER + "P1,2025-03-04,,,,,100.00\nP1,2025-03-01,Sale,,100.00,A-1,\n"
    )
    assert (found.amount_total, found.rows) == (D("100.00"), 1)
    assert found.balances is True


def test_payouts_may_be_mixed_and_rows_without_one_wait():
    found = read(
        HEADER + "P1,2025-03-01,Sale,,1.00,A-1,\nP2,2025-03-01,Sale,,2.00,A-2,\n"
        ",2025-03-02,Sale,,4.00,A-3,\nP1,2025-03-01,Sale,,8.00,A-4,\n"
    )
    assert [(x.external_ref, x.amount_lines) for x in found] == [
        ("P1", D("9.00")),
        ("P2", D("2.00")),
        ("", D("4.00")),
    ]
    assert found[2].parts == {"lines"}


def test_without_a_payout_column_the_file_is_one_period():
    columns = {"entry_date": "date", "entry_amount": "amount"}
    found = read_one("date,amount\n2025-03-31,1\n2025-03-01,2\n", profile(columns))
    assert found.external_ref == "period 2025-03-01 to 2025-03-31 EUR"


def test_credit_and_debit_columns_give_the_sign():
    columns = {"settlement_ref": "p", "entry_credit": "in", "entry_debit": "out"}
    found = read_one(
        "p,in,out\nP,10.00,\nP,,3.00\nP,,-2.00\nP,5.00,1.00\n", profile(columns)
    )
    assert [line.amount for line in found.lines] == [D("10"), D("-3"), D("-2"), D("4")]


@pytest.mark.parametrize(
    "fee, net, expected",
    [
        ("3.00", "97.00", "-3.00"),
        ("-3.00", "97.00", "-3.00"),
        ("-3.00", "103.00", "3.00"),
        ("3.00", "", "-3.00"),
    ],
)
def test_fee_of_a_row_is_a_line_whose_sign_the_net_proves(fee, net, expected):
    columns = {**COLUMNS, "entry_fee": "fee", "entry_net": "net"}
    del columns["settlement_total"], columns["entry_code"]
    text = f"payout,date,type,amount,order,fee,net\nP1,2025-03-01,Sale,100.00,A-1,{fee},{net}\n"
    assert lines_of(read_one(text, profile(columns))) == [
        ("sale", "Sale", D("100.00")),
        ("fee", "Sale/fee", D(expected)),
    ]


def test_net_that_is_not_amount_less_fee_is_refused():
    columns = {
        "settlement_ref": "p",
        "entry_amount": "a",
        "entry_fee": "f",
        "entry_net": "n",
    }
    [failure] = read("p,a,f,n\nP,100.00,3.00,90.00\n", profile(columns))
    assert failure.message == "line 2.net: 90.00 is not 100.00 less a fee of 3.00"


def test_own_words_of_the_file_are_mapped_and_unknown_ones_ask_for_an_account():
    chosen = profile(line_types={"Umsatz": "sale", "Gebühr": "fee"})
    found = read_one(
        HEADER + "P1,2025-03-01,umsatz,,10,A-1,\nP1,2025-03-01,GEBÜHR,,-1,A-1,\n"
        "P1,2025-03-01,Bonus,,2,,\n",
        chosen,
    )
    assert [(line.type, line.code) for line in found.lines] == [
        ("sale", "umsatz"),
        ("fee", "GEBÜHR"),
        ("adjustment", "Bonus"),
    ]


@pytest.mark.parametrize(
    "word, kind",
    [
        ("Order", "sale"),
        ("Rückerstattung", "refund"),
        ("Gebühren", "fee"),
        ("Auszahlung", "transfer"),
        ("Sales Tax", "tax_withheld"),
        ("Einbehalt", "reserve"),
        ("Adjustment", "adjustment"),
    ],
)
def test_usual_words_are_known(word, kind):
    found = read_one(HEADER + f"P1,2025-03-01,{word},,-5,,\n")
    assert found.lines[0].type == kind


def test_comma_for_decimals_and_days_as_written():
    chosen = profile(
        decimal_point=",",
        digit_group=".",
        date_format="%d.%m.%Y",
        timezone="Europe/Berlin",
    )
    found = read_one(
        HEADER.replace(",", ";") + "P1;05.03.2025;Sale;;1.234,56;A-1;\n", chosen
    )
    [line] = found.lines
    assert line.amount == D("1234.56")
    assert line.posted_at == datetime(2025, 3, 4, 23, tzinfo=timezone.utc)


def test_workbook_reads_like_the_text():
    book = openpyxl.Workbook()
    for cells in (
        ["payout", "date", "type", "detail", "amount", "order", "total"],
        ["P1", datetime(2025, 3, 1), "Sale", None, 100.1, "A-1", 100.1],
    ):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    found = read_one(out.getvalue(), profile(kind="xlsx"))
    assert lines_of(found) == [("sale", "Sale", D("100.1"))]
    assert found.balances is True


def test_rows_without_an_id_keep_their_keys_when_the_file_grows():
    row = "P1,2025-03-01,Fee,Listing,-0.20,,\n"
    before = {line.external_ref for line in read_one(HEADER + row * 2).lines}
    after = {line.external_ref for line in read_one(HEADER + row * 3).lines}
    assert len(after) == 3
    assert before < after


def test_rows_with_an_id_are_known_by_it():
    columns = {
        "settlement_ref": "p",
        "entry_ref": "id",
        "entry_type": "t",
        "entry_amount": "a",
    }
    found = read_one("p,id,t,a\nP,7,Sale,5\nP,7,Fee,-1\nP,7,Fee,-2\n", profile(columns))
    assert [line.external_ref for line in found.lines] == ["7:Sale", "7:Fee", "7:Fee:2"]


@pytest.mark.parametrize(
    "row, message",
    [
        ("P1,2025-03-01,Sale,,1.2.3,A-1,", "line 2, column amount: not a decimal"),
        ("P1,soon,Sale,,1,A-1,", "line 2, column date: not a date"),
        ("P1,2025-03-01,Sale,,,A-1,", "line 2: no amount"),
        (
            "P1,2025-03-01,Sale,,1,A-1,,extra",
            "line 2: more cells than the header has columns",
        ),
    ],
)
def test_bad_row_is_named_and_its_neighbours_are_read(row, message):
    failure, found = read(HEADER + row + "\nP1,2025-03-01,Sale,,1,A-1,\n")
    assert isinstance(failure, ParseFailure)
    assert failure.message == message
    assert failure.external_ref == "P1"
    assert found.rows == 1


def test_rows_that_contradict_each_other_about_the_total_are_refused():
    [failure] = read(HEADER + "P1,2025-03-01,Sale,,1,,5\nP1,2025-03-01,Sale,,1,,6\n")
    assert failure.message == "line 3, column total: 6, but another row says 5"


def test_two_currencies_in_a_payout_are_refused():
    columns = {**COLUMNS, "currency": "cur"}
    text = (
        HEADER.strip()
        + ",cur\nP1,2025-03-01,Sale,,1,,,EUR\nP1,2025-03-01,Sale,,1,,,USD\n"
    )
    failure, found = read(text, profile(columns))
    assert failure.where == "line 3, column cur"
    assert found.currency == "EUR"


# Profiles


@pytest.mark.parametrize(
    "columns, values, reason",
    [
        ({"settlement_ref": "p"}, {}, "no column for the amount"),
        ({"entry_amount": "a"}, {}, "no column for the payout's id"),
        ({**COLUMNS, "entry_debit": "d"}, {}, "both entry_amount and entry_credit"),
        (COLUMNS, {"constants": {}}, "no column for the currency"),
        (COLUMNS, {"kind": "json"}, "tables only"),
        ({**COLUMNS, "line_sku": "s"}, {}, "no such target: line_sku"),
    ],
)
def test_profile_that_cannot_work_is_refused(columns, values, reason):
    with pytest.raises(ChannelParseError, match=reason):
        profile(columns, **values)


def test_orders_know_nothing_of_payouts():
    with pytest.raises(ChannelParseError, match="no such target: entry_amount"):
        mapped.Profile(name="x", kind="csv", columns={**COLUMNS, "external_ref": "id"})


def test_columns_are_proposed_from_usual_names():
    header = [
        "Payout ID",
        "Date",
        "Type",
        "Amount",
        "Fee",
        "Net",
        "Order ID",
        "Currency",
    ]
    assert mapped.suggest(header, "settlement") == {
        "currency": "Currency",
        "settlement_ref": "Payout ID",
        "entry_date": "Date",
        "entry_type": "Type",
        "entry_amount": "Amount",
        "entry_fee": "Fee",
        "entry_net": "Net",
        "entry_order_ref": "Order ID",
    }


def test_file_that_fits_another_profile_of_the_channel_is_read_by_that():
    orders = mapped.Profile(
        name="Orders",
        kind="csv",
        columns={"external_ref": "id", "line_amount": "price"},
    )
    data = io.BytesIO((HEADER + "P1,2025-03-01,Sale,,1,A-1,\n").encode())
    document = intake.open_document(data, "file")
    assert intake._fitting(document, [orders, profile()]).document == "settlement"


# Whatever comes

CENTS = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", ""]),
        st.sampled_from(["Sale", "Fee", "Odd"]),
        CENTS,
    ),
    min_size=1,
    max_size=20,
)


@given(ROWS, st.randoms())
def test_shuffled_rows_give_the_same_sums(rows, shuffler: random.Random):
    def sums(rows):
        text = "".join(
            f"{ref},2025-03-01,{kind},,{amount},,\n" for ref, kind, amount in rows
        )
        return {
            x.external_ref: {code: s for code, s in x.sum_by_code.items() if s}
            for x in read(HEADER + text)
        }

    first = sums(rows)
    total = sum((s for codes in first.values() for s in codes.values()), D(0))
    assert total == sum((amount for _ref, _kind, amount in rows), D(0))
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert sums(shuffled) == first


WHOLE = (HEADER + "P1,2025-03-01,Sale,,100.00,A-1,58.00\nP2,,Fee,,-1,,\n").encode()


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_garbled_file_is_refused_or_read_and_nothing_else(position, garbage):
    data = WHOLE[:position] + garbage + WHOLE[position + len(garbage) :]
    try:
        found = read(data)
    except ChannelParseError as error:
        assert error.reason
    else:
        assert all(isinstance(x, (ParsedSettlement, ParseFailure)) for x in found)


@pytest.mark.parametrize("end", range(1, len(WHOLE)))
def test_file_that_is_cut_off_is_refused_or_read(end):
    try:
        found = read(WHOLE[:end])
    except ChannelParseError as error:
        assert error.reason
    else:
        assert all(isinstance(x, (ParsedSettlement, ParseFailure)) for x in found)
