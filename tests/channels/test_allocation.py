"""Splitting an amount over lines."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.channels.allocation import allocate

CENT = Decimal("0.01")


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_left_over_cent_goes_to_the_part_that_lost_most():
    # 10.00 over 1:1:1 is 3.333... each; over 1:2 it is 3.333... and 6.666...
    assert allocate(Decimal("10.00"), decimals("1", "1", "1"), CENT) == decimals(
        "3.34", "3.33", "3.33"
    )
    assert allocate(Decimal("10.00"), decimals("1", "2"), CENT) == decimals(
        "3.33", "6.67"
    )


def test_yen_are_split_in_whole_yen():
    assert allocate(
        Decimal(100), decimals("700", "700", "700"), Decimal(1)
    ) == decimals("34", "33", "33")


def test_negative_amount_is_split_like_a_positive_one():
    assert allocate(Decimal("-0.05"), decimals("1", "1"), CENT) == decimals(
        "-0.03", "-0.02"
    )


def test_lines_of_no_value_share_alike():
    assert allocate(Decimal("0.03"), decimals("0", "0"), CENT) == decimals(
        "0.02", "0.01"
    )


def test_line_of_no_value_gets_nothing_beside_others():
    assert allocate(Decimal("5.00"), decimals("0", "8"), CENT) == decimals(
        "0.00", "5.00"
    )


def test_what_is_finer_than_the_unit_goes_to_the_largest_weight():
    assert allocate(Decimal("1.005"), decimals("1", "3"), CENT) == decimals(
        "0.25", "0.755"
    )


def test_nothing_over_no_lines_is_nothing():
    assert allocate(Decimal(0), [], CENT) == []


def test_an_amount_over_no_lines_is_refused():
    with pytest.raises(ValueError, match="no lines"):
        allocate(Decimal(1), [], CENT)


def test_unit_must_be_positive():
    with pytest.raises(ValueError, match="unit"):
        allocate(Decimal(1), decimals("1"), Decimal(0))


amounts = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**9), places=4, allow_nan=False
)
weights = st.lists(
    st.decimals(min_value=0, max_value=Decimal(10**9), places=6),
    min_size=1,
    max_size=30,
)
units = st.sampled_from([Decimal(1), Decimal("0.1"), CENT, Decimal("0.001")])


@given(amounts, weights, units)
def test_parts_always_add_up_exactly(total, shares, unit):
    assert sum(allocate(total, shares, unit)) == total


@given(st.integers(min_value=0, max_value=10**9), weights)
def test_no_part_is_a_unit_away_from_its_share(cents, shares):
    total = cents * CENT
    whole = sum(shares) or Decimal(len(shares))
    parts = allocate(total, shares, CENT)
    for part, share in zip(parts, shares, strict=True):
        weight = share if sum(shares) else Decimal(1)
        assert abs(part * whole - total * weight) <= CENT * whole
        assert part >= 0
