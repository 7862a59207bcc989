"""How a file writes numbers and dates: decided by all of them, never guessed from one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError
from odoo.addons.marketplace_invoicing.channels.written import (
    DateStyle,
    DateWitness,
    NumberStyle,
    NumberWitness,
)

CENTS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False
)


def decide(*numbers: str, **hints: str) -> NumberStyle:
    witness = NumberWitness()
    for line, number in enumerate(numbers, start=2):
        witness.see(number, f"line {line}")
    return witness.decide(**hints)


def order_of(*dates: str, usual: bool | None = None) -> DateStyle:
    witness = DateWitness()
    for line, date in enumerate(dates, start=2):
        witness.see(date, f"line {line}")
    return witness.decide(usual)


def moment(text: str, day_first: bool | None = None) -> str:
    found = DateStyle(day_first).read(text, "here")
    assert found is not None
    return found.isoformat()


# -- numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "point", "group"),
    [
        (["1234.56", "-7"], ".", ""),
        (["1234,56", "-7"], ",", ""),
        (["1.234,56"], ",", "."),
        (["1,234.56"], ".", ","),
        (["1.234", "5,10"], ",", "."),
        (["1,234", "5.10"], ".", ","),
        (["1.234.567"], ",", "."),
        (["1 234,56"], ",", " "),
        (["1\u202f234,56"], ",", " "),
        (["1'234.56"], ".", "'"),
        (["(55.00)", "$3.10"], ".", ""),
        (["0.125"], ".", ""),
        (["1234.567"], ".", ""),
        (["7", ""], ".", ""),
    ],
)
def test_numbers_of_a_file_show_how_they_are_written(numbers, point, group):
    assert decide(*numbers) == NumberStyle(point, group)


@pytest.mark.parametrize("numbers", [["1.50", "1,50"], ["1.234,56", "1,234.56"]])
def test_both_ways_in_one_file_are_refused_at_the_second(numbers):
    with pytest.raises(ChannelParseError) as caught:
        decide(*numbers)
    assert caught.value.where == "line 3"


@pytest.mark.parametrize("number", ["1.234", "1,234"])
def test_number_that_stays_open_is_refused(number):
    with pytest.raises(ChannelParseError, match="two ways"):
        decide(number)


@pytest.mark.parametrize(
    ("number", "hints", "point"),
    [
        ("1.234", {"point": ","}, ","),
        ("1,234", {"point": "."}, "."),
        # Two decimals or none: what parts three digits parts thousands.
        ("1,234", {"currency": "JPY"}, "."),
        ("1.234", {"currency": "EUR"}, ","),
    ],
)
def test_marketplace_or_currency_decides_what_numbers_leave_open(number, hints, point):
    style = decide(number, **hints)
    assert style.point == point
    assert style.read(number, "") == 1234


@pytest.mark.parametrize(
    ("number", "hints"),
    [
        # A marketplace that writes a decimal comma would have meant 1.234 euros.
        ("1,234", {"point": ",", "currency": "EUR"}),
        # Dinars have three decimals.
        ("1.234", {"currency": "KWD"}),
    ],
)
def test_hints_that_contradict_are_refused(number, hints):
    with pytest.raises(ChannelParseError, match="two ways"):
        decide(number, **hints)


def test_number_written_otherwise_is_an_error_at_its_place():
    with pytest.raises(ChannelParseError) as caught:
        NumberStyle(",", ".").read("1,234.56", "line 9, column amount")
    assert caught.value.where == "line 9, column amount"


@given(
    st.lists(CENTS, min_size=1, max_size=8), st.sampled_from(["..", ",.", ".,", ", "])
)
def test_numbers_come_back_however_they_are_written(amounts, signs):
    """``signs``: decimal separator and what parts thousands; both points: nothing does."""
    point, group = signs
    group = "" if group == point else group

    def written(amount: Decimal) -> str:
        text = f"{amount:,.2f}".replace(",", "\0").replace(".", point)
        return text.replace("\0", group)

    texts = [written(amount) for amount in amounts]
    style = decide(*texts)
    assert [style.read(text, "") for text in texts] == amounts


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text):
    witness = NumberWitness()
    witness.see(text, "line 2")
    try:
        assert witness.decide().read(text, "line 2").is_finite()
    except ChannelParseError as error:
        assert error.where == "line 2"


# -- dates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-16 08:14:22 UTC", "2026-06-16T08:14:22+00:00"),
        ("16.06.2026 08:14:22 UTC", "2026-06-16T08:14:22+00:00"),
        ("2026/06/16 08:14:22 JST", "2026-06-16T08:14:22+09:00"),
        ("2026-06-16T08:14:22+02:00", "2026-06-16T08:14:22+02:00"),
        ("2026-06-16T08:14:22.123Z", "2026-06-16T08:14:22+00:00"),
        ("16.06.2026 08:14:22 Europe/Berlin", "2026-06-16T08:14:22+02:00"),
        ("16.01.2026 08:14:22 Europe/Berlin", "2026-01-16T08:14:22+01:00"),
        ("2026-06-16 08:14 PDT", "2026-06-16T08:14:00-07:00"),
        ("2026-06-16 08:14:22 PM GMT+01:00", "2026-06-16T20:14:22+01:00"),
        ("2026-06-16", "2026-06-16T12:00:00+00:00"),
        ("16.06.26", "2026-06-16T12:00:00+00:00"),
    ],
)
def test_dates_of_the_marketplaces(text, expected):
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("dates", "day_first"),
    [
        (["03/04/2026", "16/06/2026"], True),
        (["03/04/2026", "06/16/2026"], False),
        (["05/05/2026"], None),
        (["16.06.2026", "2026-06-16"], None),
    ],
)
def test_dates_of_a_file_show_whether_the_day_comes_first(dates, day_first):
    assert order_of(*dates) == DateStyle(day_first)


def test_date_that_stays_open_is_decided_by_its_origin_or_refused():
    assert order_of("03/04/2026", usual=True).day_first is True
    with pytest.raises(ChannelParseError) as caught:
        order_of("03/04/2026")
    assert (caught.value.where, "two ways" in caught.value.reason) == ("line 2", True)


def test_both_orders_in_one_file_are_refused():
    with pytest.raises(ChannelParseError) as caught:
        order_of("16/06/2026", "06/16/2026")
    assert caught.value.where == "line 3"


def test_empty_cell_is_no_date():
    assert DateStyle().read("", "here") is None


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-13-01", "31.02.2026", "2026-06-16 25:00", "1926-06-16"]
    + ["2026-06-16 08:00 XYZ", "2026-06-16 08:00 ../../etc/passwd", "16-06.2026"],
)
def test_what_is_no_date_is_refused_at_its_place(text):
    with pytest.raises(ChannelParseError) as caught:
        DateStyle(True).read(text, "line 5, column posted-date")
    assert caught.value.where == "line 5, column posted-date"


@given(st.text(alphabet="0123456789-/.: TZUCPMEuropeBerlin+", max_size=40))
def test_any_text_is_a_date_or_refused(text):
    try:
        found = DateStyle(True).read(text, "here")
    except ChannelParseError as error:
        assert error.where == "here"
    else:
        assert found is None or found.tzinfo is not None
