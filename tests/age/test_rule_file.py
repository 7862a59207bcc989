"""Files of rules: what is read, what is not and why, and that writing reads back."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import bounds, law, rule_file, rule_row
from odoo.addons.age_verification.engine.rule_file import RuleFileError
from odoo.addons.age_verification.engine.rule_row import RuleRow

HEADER = "country,state,product_class,rule_type,min_age,born_before,verified,source"


def read_lines(*lines, header=HEADER):
    return rule_file.read("\n".join([header, *lines]).encode())


def read_row(**values):
    cells = {
        "country": "DE",
        "product_class": "alcohol_wine",
        "source": "law",
        **values,
    }
    cells = {"verified": "primary", "min_age": "16", **cells}
    return rule_row.parse_row(cells)


def reason(**values):
    with pytest.raises(rule_row.RowError) as caught:
        read_row(**values)
    return caught.value.code, caught.value.column


def test_a_row_becomes_a_rule():
    row = read_row(
        rule_type="age",
        abv_gt="6",
        abv_lte="16,5",
        distilled="Fermented",
        effective_from="2025-04-01",
        effective_to="2026-03-31",
        delivery_check="yes",
        seen_on="2026-11-22",
        note=" two\r\nlines ",
    )
    assert row == RuleRow(
        country="DE",
        product_class="alcohol_wine",
        kind="age",
        min_age=16,
        abv_gt=Decimal(6),
        abv_lte=Decimal("16.5"),
        distilled="fermented",
        date_from=date(2025, 4, 1),
        date_to=date(2026, 3, 31),
        needs_delivery_check=True,
        confidence="primary",
        seen_on=date(2026, 11, 22),
        source="law",
        note="two\nlines",
    )


def test_cells_of_spreadsheets_are_numbers_and_dates():
    row = read_row(min_age=18.0, abv_gt=1.2, effective_from=datetime(2025, 4, 1))
    assert (row.min_age, row.abv_gt) == (18, Decimal("1.2"))
    assert row.date_from == date(2025, 4, 1)


def test_nothing_verified_counts_as_not_looked_up():
    row = read_row(verified="", source="")
    assert (row.confidence, row.source) == ("general", rule_row.NO_SOURCE)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"country": ""}, (rule_row.MISSING, "country")),
        ({"country": "Germany"}, (rule_row.INVALID, "country")),
        ({"product_class": " "}, (rule_row.MISSING, "product_class")),
        ({"rule_type": "perhaps"}, (rule_row.INVALID, "rule_type")),
        ({"min_age": ""}, (rule_row.MISSING, "min_age")),
        ({"min_age": "0"}, (rule_row.INVALID, "min_age")),
        ({"min_age": "-18"}, (rule_row.INVALID, "min_age")),
        ({"min_age": "100"}, (rule_row.INVALID, "min_age")),
        ({"min_age": "17.5"}, (rule_row.INVALID, "min_age")),
        ({"min_age": "١٨"}, (rule_row.INVALID, "min_age")),
        ({"rule_type": "cohort", "min_age": ""}, (rule_row.MISSING, "born_before")),
        ({"rule_type": "prohibited"}, (rule_row.NOT_USED, "min_age")),
        ({"born_before": "2009-01-01"}, (rule_row.NOT_USED, "born_before")),
        ({"abv_gt": "strong"}, (rule_row.INVALID, "abv_gt")),
        ({"abv_gt": "NaN"}, (rule_row.INVALID, "abv_gt")),
        ({"abv_gt": "1e999999"}, (rule_row.INVALID, "abv_gt")),
        ({"abv_lte": "101"}, (rule_row.INVALID, "abv_lte")),
        ({"abv_gt": "6", "abv_lte": "6"}, (rule_row.WRONG_ORDER, "abv_lte")),
        ({"distilled": "brewed"}, (rule_row.INVALID, "distilled")),
        ({"effective_from": "1.4.2025"}, (rule_row.INVALID, "effective_from")),
        ({"effective_from": "2025-02-29"}, (rule_row.INVALID, "effective_from")),
        (
            {"effective_from": "2025-04-01", "effective_to": "2025-03-31"},
            (rule_row.WRONG_ORDER, "effective_to"),
        ),
        ({"verified": "sure"}, (rule_row.INVALID, "verified")),
        ({"source": ""}, (rule_row.MISSING, "source")),
        ({"delivery_check": "maybe"}, (rule_row.INVALID, "delivery_check")),
    ],
)
def test_a_row_that_is_no_rule_says_why(values, expected):
    assert reason(**values) == expected


def test_a_cell_without_a_column_is_no_rule():
    lines = read_lines("DE,,knife,age,18,,primary,law; see, there")
    assert lines[0].error.code == rule_row.NO_COLUMN
    table = [["country", "product_class", "", "min_age"], ["DE", "knife", "x", "18"]]
    assert rule_file.parse(table)[0].error.code == rule_row.NO_COLUMN
    table[1][2] = None
    assert rule_file.parse(table)[0].row.min_age == 18


def test_short_rows_are_read():
    table = [["country", "product_class", "min_age", "note"], ["DE", "knife", "18"]]
    assert rule_file.parse(table)[0].row.note == ""


@pytest.mark.parametrize("column", ["distiled", "country"])
def test_columns_that_nobody_reads_are_refused(column):
    with pytest.raises(RuleFileError) as caught:
        rule_file.parse([["country", "product_class", column]])
    assert (caught.value.code, caught.value.value) == (rule_file.WRONG_COLUMN, column)


def test_a_bad_row_does_not_stop_the_good_ones():
    lines = read_lines(
        "DE,,knife,age,18,,primary,law", "", "DE,,knife,age,old,,,", ",,,"
    )
    assert [(line.number, bool(line.row)) for line in lines] == [(2, True), (4, False)]
    assert lines[1].error.value == "old"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_and_windows_encoding_are_read(delimiter):
    text = "country,product_class,min_age,source\nDE,knife,18,Straße\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        content = text.replace(",", delimiter).encode(encoding)
        assert rule_file.read(content)[0].row.source == "Straße"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", rule_file.NO_HEADER),
        (b"DE,knife,18", rule_file.NO_HEADER),
        (b"\x00\xff\xfe\x00", rule_file.NO_HEADER),
        (b"PK\x03\x04 no workbook", rule_file.NOT_A_TABLE),
        (b"x" * (rule_file.MAX_BYTES + 1), rule_file.TOO_LARGE),
        (b"country,product_class\n" + b"DE,x\n" * 20_001, rule_file.TOO_LARGE),
    ],
)
def test_what_is_no_table_of_rules_is_refused(content, code):
    with pytest.raises(RuleFileError) as caught:
        rule_file.read(content)
    assert caught.value.code == code


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(monkeypatch):
    content = rule_file.write_xlsx([read_row()])
    monkeypatch.setattr(rule_file, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(RuleFileError) as caught:
        rule_file.read(content)
    assert caught.value.code == rule_file.TOO_LARGE


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    for prefix in (b"", b"PK\x03\x04", b"country,product_class\n"):
        try:
            lines = rule_file.read(prefix + content)
        except RuleFileError:
            continue
        assert all(bool(line.row) != bool(line.error) for line in lines)


def texts(alphabet):
    return st.text(alphabet, max_size=30).map(rule_row.text_of)


days = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))
strengths = st.none() | st.integers(1, 10000).map(
    lambda number: (Decimal(number) / 100).normalize()
)
#: What spreadsheets are known to keep; other characters only go through CSV.
PLAIN = "abcXYZ äß漢,;\"'=+-@|\n\t123"


@st.composite
def rows(draw, alphabet=None):
    kind = draw(st.sampled_from(rule_row.KINDS))
    start, end = draw(days), draw(days)
    low, high = draw(strengths), draw(strengths)
    aged = kind in (bounds.AGE, bounds.CALENDAR_YEAR)
    ordered = low is None or high is None or low < high
    text = texts(alphabet) if alphabet else texts(st.characters(codec="utf-8"))
    return RuleRow(
        country=draw(st.sampled_from(["DE", "GB", "NA"])),
        product_class=draw(st.sampled_from(["knife", "alcohol_any"])),
        kind=kind,
        state=draw(text),
        min_age=draw(st.integers(1, 99)) if aged else None,
        born_before=draw(days.filter(bool)) if kind == bounds.COHORT else None,
        abv_gt=low if ordered else high,
        abv_lte=high if ordered else low,
        distilled=draw(st.sampled_from(["", *rule_row.DISTILLED])),
        date_from=min(start, end) if start and end else start,
        date_to=max(start, end) if start and end else end,
        needs_delivery_check=draw(st.booleans()),
        confidence=draw(st.sampled_from(law.CONFIDENCES)),
        seen_on=draw(days),
        source=draw(text.filter(bool)),
        note=draw(text),
    )


def is_possible(row):
    return row.abv_gt is None or row.abv_gt != row.abv_lte


@given(st.lists(rows().filter(is_possible), max_size=5))
def test_csv_reads_back_what_was_written(written):
    lines = rule_file.read(rule_file.write_csv(written))
    assert [line.row for line in lines] == written


@settings(max_examples=30, deadline=None)
@given(st.lists(rows(PLAIN).filter(is_possible), max_size=5))
def test_xlsx_reads_back_what_was_written(written):
    lines = rule_file.read(rule_file.write_xlsx(written))
    assert [line.row for line in lines] == written


def test_no_cell_is_a_formula_for_a_spreadsheet():
    row = read_row(note="=HYPERLINK(1)", source="+1")
    assert b'"=' not in rule_file.write_csv([row])
    assert b",=" not in rule_file.write_csv([row])

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(rule_file.write_xlsx([row])))
    assert {cell.data_type for cell in book.worksheets[0][2]} <= {"s", "n"}
