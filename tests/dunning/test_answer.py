"""What customers type: read strictly, and never an error."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import answer

READERS = (
    answer.read_amount,
    answer.read_date,
    answer.read_id,
    answer.read_line,
    answer.read_text,
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-06-12", date(2026, 6, 12)),
        (" 2024-02-29 ", date(2024, 2, 29)),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("0000-01-01", None),
        ("12.06.2026", None),
        ("20260612", None),
        ("2026-W24-5", None),
        ("٢٠٢٦-٠٦-١٢", None),
        ("2026-06-12T00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_day_is_read_only_as_browsers_send_it(text, day):
    assert answer.read_date(text) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100", "100"),
        ("0.01", "0.01"),
        ("12,50", "12.50"),
        (" 7 ", "7"),
        ("999999999999.99", "999999999999.99"),
        ("1.234,50", None),
        ("1,234.50", None),
        ("1e3", None),
        ("NaN", None),
        ("Infinity", None),
        ("-5", None),
        ("+5", None),
        ("0", None),
        ("0.00", None),
        ("5.", None),
        ("٥", None),
        ("1" * 13, None),
        ("5 EUR", None),
        ("", None),
    ],
)
def test_amount_is_positive_and_without_separators(text, amount):
    assert answer.read_amount(text) == (amount and Decimal(amount))


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("2147483647", 2147483647), ("2147483648", None), ("-1", None)]
    + [("1 OR 1=1", None), ("", None), ("0x10", None), ("1.0", None), ("١", None)],
)
def test_number_of_a_record_fits_the_database(text, number):
    assert answer.read_id(text) == number


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("  Broken.\r\nSee photo.\r ", "Broken.\nSee photo."),
        ("a\x00b\x07c", "abc"),
        ("tax\u202eevil", "taxevil"),
        ("\ud800x", "x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>", "<b>"),
        ("\x00\n ", None),
        ("", None),
        (None, None),
    ],
)
def test_text_keeps_what_people_write_and_nothing_else(text, read):
    assert answer.read_text(text) == read


def test_long_texts_are_cut():
    assert len(answer.read_text("x" * 9000)) == answer.MAX_TEXT
    assert len(answer.read_line("y " * 9000)) == answer.MAX_REFERENCE


def test_reference_is_one_line():
    assert answer.read_line(" RF18\n 5390\t0754 ") == "RF18 5390 0754"


@given(st.text())
def test_no_text_breaks_a_reader(text):
    for read in READERS:
        value = read(text)
        assert value is None or "\x00" not in str(value)


@given(st.dates())
def test_every_day_of_a_calendar_is_read(day):
    assert answer.read_date(day.isoformat()) == day


@given(st.decimals("0.01", "999999999999", places=2))
def test_every_amount_of_two_places_is_read(amount):
    assert answer.read_amount(str(amount)) == amount
    assert answer.read_amount(str(amount).replace(".", ",")) == amount
