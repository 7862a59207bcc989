"""Delimited text and workbooks: headers, rows with their line, and numbers as people write them."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels import tables
from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError


def read(
    text: str, **options
) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]:
    table = tables.read_text(io.BytesIO(text.encode()), **options)
    return table.columns, [(row.line, row.cells) for row in table.rows]


def workbook(*rows: list, sheet: str = "Orders") -> io.BytesIO:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str):
    columns, rows = read(
        f"id{delimiter}name, full{delimiter}total\n1{delimiter}x{delimiter}2\n"
    )
    assert columns == ("id", "name, full", "total") or delimiter == ","
    assert rows[0][1] == (("1", "x", "2") if delimiter != "," else ("1", "x", "2", ""))


def test_expected_columns_decide_between_delimiters():
    # Four pieces by comma, but the wanted names show with semicolons.
    columns, _rows = read("id;a, b, c, d;total\n1;x;2\n", columns=["id", "total"])
    assert columns == ("id", "a, b, c, d", "total")


def test_row_begins_at_its_line_even_after_a_line_break_in_quotes():
    _columns, rows = read('id,note\n1,"two\nlines"\n\n2,x\n')
    assert rows == [(2, ("1", "two\nlines")), (5, ("2", "x"))]


def test_short_rows_are_filled_and_blank_cells_at_the_end_ignored():
    _columns, rows = read("a,b,c\n1\n1,2,3,,\n1,2,3,4\n")
    assert [cells for _line, cells in rows] == [
        ("1", "", ""),
        ("1", "2", "3"),
        ("1", "2", "3", "4"),
    ]


def test_repeated_and_nameless_columns_get_names_of_their_own():
    columns, _rows = read("price,,price,id\n")
    assert columns == ("price", "column 2", "price (2)", "id")


def test_quotes_are_ordinary_characters_when_told():
    _columns, rows = read('id\ttitle\n1\t"Best" mug 5"\n', delimiter="\t", quoted=False)
    assert rows == [(2, ("1", '"Best" mug 5"'))]


def test_lines_above_the_header_are_skipped():
    columns, rows = read(
        "Report of May\n;;\nid;total\n1;2\n", delimiter=";", skip_lines=2
    )
    assert (columns, rows) == (("id", "total"), [(4, ("1", "2"))])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: no header row"),
        (b"\n \n,,\n", "line 1: no header row"),
        (b"a,b\n1,\0\n", "line 2: a NUL byte, this is not a text file"),
        (b"a,b\n1,\xe9\n", "line 2: text that is not UTF-8"),
        (
            b"a,b\n1," + b"x" * 1_000_001 + b"\n",
            "line 2: a cell that is too large; is a quote not closed?",
        ),
        (
            b'a,b\n1,"' + b"x\n" * 3_000_000,
            "a cell that is too large; is a quote not closed?",
        ),
        (
            b"a,b\n1," + b"x" * 5_000_000,
            "line 2: a cell that is too large; is a quote not closed?",
        ),
        (
            b"a,b\r1,2\r",
            "line 1: a lone carriage return; save the file with other line ends",
        ),
        (b",".join([b"a"] * 2001), "line 1: more than 2000 columns"),
    ],
)
def test_unreadable_text_names_the_line(data: bytes, message: str):
    with pytest.raises(ChannelParseError) as caught:
        list(tables.read_text(io.BytesIO(data), delimiter=",").rows)
    assert str(caught.value).endswith(message)


cells = st.lists(
    st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff"),
        max_size=8,
    ),
    min_size=2,
    max_size=4,
)


@given(st.lists(cells, min_size=1, max_size=4), st.sampled_from(tables.DELIMITERS))
def test_written_text_reads_to_the_same_cells(rows: list[list[str]], delimiter: str):
    rows = [["h1", "h2", "h3", "h4"]] + [row + ["end"] * (4 - len(row)) for row in rows]
    text = tables.write_text(rows, delimiter)
    table = tables.read_text(io.BytesIO(text.encode()), delimiter=delimiter)
    full = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    assert [list(row.cells) for row in table.rows] == full


def test_workbook_cells_keep_their_type():
    data = workbook(
        ["id", "total", "day", "paid", "note"],
        [],
        [1001, 0.1 + 0.2, datetime(2026, 5, 1, 10, 30), True, None],
    )
    table = tables.read_xlsx(data)
    [row] = table.rows
    assert table.columns == ("id", "total", "day", "paid", "note")
    # 0.1 + 0.2 is 0.30000000000000004 as a float; a sheet shows, and means, 0.3.
    assert row.cells == (1001, Decimal("0.3"), datetime(2026, 5, 1, 10, 30), True, "")
    assert row.line == 3


def test_first_visible_or_named_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.title = "Hidden"
    book.active.append(["wrong"])
    book.active.sheet_state = "hidden"
    book.create_sheet("First").append(["first"])
    book.create_sheet("Second").append(["second"])
    data = io.BytesIO()
    book.save(data)
    assert tables.read_xlsx(data).columns == ("first",)
    assert tables.read_xlsx(data, sheet="Second").columns == ("second",)
    with pytest.raises(ChannelParseError, match="no sheet named 'Third'"):
        tables.read_xlsx(data, sheet="Third")


WORKBOOK = workbook(["id", "total"], ["1", 2.5]).getvalue()


@given(st.data())
def test_damaged_workbook_raises_nothing_else(data: st.DataObject):
    content = bytearray(WORKBOOK)
    for _number in range(data.draw(st.integers(1, 5))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    try:
        list(tables.read_xlsx(io.BytesIO(bytes(content))).rows)
    except ChannelParseError:
        pass


@pytest.mark.parametrize(
    ("text", "point", "group", "number"),
    [
        ("1.234,56", ",", ".", "1234.56"),
        ("1,234.56", ".", ",", "1234.56"),
        ("1 234,56", ",", " ", "1234.56"),
        ("1\u202f234,56", ",", " ", "1234.56"),
        ("1\u00a0234\u00a0567,5", ",", " ", "1234567.5"),
        ("1'234.56", ".", "'", "1234.56"),
        ("1\u2019234.56", ".", "'", "1234.56"),
        ("12,34,567.80", ".", ",", "1234567.80"),
        ("1234,56", ",", ".", "1234.56"),
        ("1.234", ",", ".", "1234"),
        ("1.234", ".", ",", "1.234"),
        ("0", ".", "", "0"),
        ("10.00", ".", "", "10.00"),
        (",5", ",", "", "0.5"),
        ("€ 12,50", ",", "", "12.50"),
        ("-$1,000.00", ".", ",", "-1000.00"),
        ("12.50-", ".", "", "-12.50"),
        ("(12.50)", ".", "", "-12.50"),
        ("\u221212.50", ".", "", "-12.50"),
        ("+5", ".", "", "5"),
    ],
)
def test_number_is_read_by_the_stated_separators(
    text: str, point: str, group: str, number: str
):
    assert str(tables.to_number(text, point, group)) == number


@pytest.mark.parametrize(
    ("text", "point", "group"),
    [
        ("1,5", ".", ""),
        ("1,5", ".", ","),
        ("1.5", ",", "."),
        ("1.23.456", ",", ""),
        ("1,2345", ".", ","),
        ("1,234,56", ".", ","),
        ("1 234", ".", ""),
        ("12 EUR", ".", ""),
        ("--5", ".", ""),
        ("1e5", ".", ""),
        ("NaN", ".", ""),
        ("\u0661", ".", ""),
        ("", ".", ""),
        ("-", ".", ""),
        ("9" * 100_000, ".", ","),
    ],
)
def test_number_is_never_guessed(text: str, point: str, group: str):
    with pytest.raises(ChannelParseError) as caught:
        tables.to_number(text, point, group, "line 7, column price")
    assert str(caught.value) == "line 7, column price: not a decimal"


@given(
    st.decimals(-(10**11), 10**11, places=2),
    st.sampled_from(
        [(".", ","), (",", "."), (",", " "), (".", "'"), (".", ""), (",", "")]
    ),
)
def test_written_number_is_read_exactly(number: Decimal, signs: tuple[str, str]):
    point, group = signs
    text = f"{number:,.2f}".replace(",", "G").replace(".", point).replace("G", group)
    assert tables.to_number(text, point, group) == number


def test_names_are_compared_without_case_accents_and_signs():
    assert tables.normalise("  Währung_Code ") == "wahrung code"
    assert tables.normalise("OrderID") == tables.normalise("order-id") == "order id"
