"""Which refunds make up one sum of a payout: figures by hand, and laws for any refunds."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.refund_match import MOST, find_sum

CENTS = st.integers(min_value=1, max_value=100_000).map(lambda n: D(n) / 100)


@pytest.mark.parametrize(
    ("amounts", "total", "chosen"),
    [
        (["20.00", "3.00"], "23.00", (0, 1)),
        (["20.00", "3.00", "5.00"], "25.00", (0, 2)),
        # As few as possible: one of 5.00, not 2.00 and 3.00.
        (["2.00", "3.00", "5.00"], "5.00", (2,)),
        # The first of two that are alike.
        (["5.00", "5.00"], "5.00", (0,)),
        (["20.00", "3.00"], "22.99", ()),
        ([], "1.00", ()),
        ([], "0.00", ()),
    ],
)
def test_sum_is_found_or_not(amounts, total, chosen):
    assert find_sum([D(amount) for amount in amounts], D(total)) == chosen


def test_of_many_refunds_all_together_are_tried_too():
    amounts = [D("1.00")] * (3 * MOST)
    assert find_sum(amounts, D(3 * MOST)) == tuple(range(3 * MOST))
    assert find_sum(amounts, D(2 * MOST)) == ()


@given(st.lists(CENTS, min_size=1, max_size=MOST), st.data())
def test_any_choice_of_refunds_is_found_again(amounts, data):
    chosen = data.draw(st.sets(st.sampled_from(range(len(amounts))), min_size=1))
    total = sum((amounts[place] for place in chosen), D(0))
    found = find_sum(amounts, total)
    assert sum((amounts[place] for place in found), D(0)) == total
    assert list(found) == sorted(set(found))
    assert len(found) <= len(chosen)


@given(st.lists(CENTS, max_size=2 * MOST), CENTS)
def test_what_is_found_is_the_sum(amounts, total):
    found = find_sum(amounts, total)
    assert not found or sum((amounts[place] for place in found), D(0)) == total
