"""Rounding and sharing out: nothing is lost, ties fall the same way each time."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.money import (
    PricingError,
    finite,
    percentage,
    positive,
    round_to,
    share_out,
    to_steps,
)

D = Decimal
CENT = D("0.01")
STEPS = st.sampled_from([D("0.01"), D(1), D("0.001"), D("0.05")])


@pytest.mark.parametrize(
    ("amount", "step", "rounded"),
    [
        ("0.005", "0.01", "0.01"),
        ("-0.005", "0.01", "-0.01"),
        ("0.00499", "0.01", "0.00"),
        ("2.5", "1", "3"),
        ("1.0005", "0.001", "1.001"),
        ("1.03", "0.05", "1.05"),
        ("1.02", "0.05", "1.00"),
    ],
)
def test_halves_are_rounded_away_from_zero_in_any_currency(amount, step, rounded):
    assert str(round_to(D(amount), D(step))) == rounded


def test_thirds_are_rounded_once():
    assert round_to(Fraction(200, 3), CENT) == D("66.67")


def test_remainder_of_a_tie_goes_to_the_larger_line_as_in_w7():
    weights = {"a": D(40), "b": D(25), "c": D(15)}
    parts = share_out(D("61.20"), weights, CENT)
    assert parts == {"a": D("30.60"), "b": D("19.13"), "c": D("11.47")}


def test_remainder_of_equal_lines_goes_to_the_first_key_in_any_order():
    for order in ("abc", "cba", "bca"):
        parts = share_out(D(100), dict.fromkeys(order, D(7)), CENT)
        assert parts == {"a": D("33.34"), "b": D("33.33"), "c": D("33.33")}


def test_an_amount_over_lines_worth_nothing_is_shared_alike():
    parts = share_out(D("0.03"), {"a": D(0), "b": D(0)}, CENT)
    assert parts == {"a": D("0.02"), "b": D("0.01")}


@given(
    count=st.integers(-(10**9), 10**9),
    weights=st.lists(st.integers(0, 10**7), min_size=1, max_size=8),
    step=STEPS,
)
def test_parts_sum_to_the_total_and_mirror_their_negative(count, weights, step):
    named = {f"k{index}": D(weight) for index, weight in enumerate(weights)}
    parts = share_out(count * step, named, step)
    assert sum(parts.values()) == count * step
    mirrored = share_out(-count * step, named, step)
    assert mirrored == {key: -part for key, part in parts.items()}


@given(weights=st.lists(st.integers(1, 10**7), min_size=1, max_size=8), data=st.data())
def test_a_part_of_the_whole_never_exceeds_its_line(weights, data):
    count = data.draw(st.integers(0, sum(weights)))
    named = {f"k{index}": weight * CENT for index, weight in enumerate(weights)}
    parts = share_out(count * CENT, named, CENT)
    assert all(0 <= parts[key] <= named[key] for key in named)


@pytest.mark.parametrize("value", [0.1, D("NaN"), D("Infinity"), None, True, "1"])
def test_what_is_no_decimal_number_is_refused_by_name(value):
    with pytest.raises(PricingError) as caught:
        finite("price", value)
    assert caught.value.field == "price"
    assert str(caught.value).startswith("price: ")


@pytest.mark.parametrize("value", ["1E+999999", "-1E+16", "1E-999999", "0E+99999"])
def test_a_number_too_long_to_compute_with_is_refused(value):
    with pytest.raises(PricingError, match="more digits than money has"):
        finite("price", D(value))


def test_numbers_as_long_as_money_is_are_taken():
    for value in ("999999999999999.999999999999", "1E+15", "0", "1E-28"):
        assert finite("price", D(value)) == D(value)


def test_numbers_out_of_range_are_refused():
    for check, value in (
        (positive, D(0)),
        (positive, D(-1)),
        (percentage, D("100.01")),
        (percentage, D(-1)),
    ):
        with pytest.raises(PricingError, match="rate"):
            check("rate", value)


def test_an_amount_finer_than_the_currency_is_refused():
    assert to_steps("amount", D("12.50"), CENT) == 1250
    with pytest.raises(PricingError, match=r"amount: 12\.505: is finer"):
        to_steps("amount", D("12.505"), CENT)
    with pytest.raises(PricingError, match="step"):
        to_steps("amount", D(1), D(0))


def test_an_amount_over_no_lines_is_refused():
    assert share_out(D(0), {}, CENT) == {}
    with pytest.raises(PricingError, match="over nothing"):
        share_out(D(1), {}, CENT)
