"""What a refund takes back of an invoice: figures by hand, and laws for any refund."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.refund_plan import (
    OverRefund,
    Part,
    Position,
    Wanted,
    plan_refund,
)

CENT = D("0.01")


def position(key, gross, *, group="A", quantity="1", **kwargs) -> Position:
    return Position(
        key=key, group=group, gross=D(gross), quantity=D(quantity), **kwargs
    )


def left_of(*positions: Position) -> dict[object, D]:
    left: dict[object, D] = defaultdict(D)
    for each in positions:
        left[each.group] += each.gross
    return dict(left)


def plan(positions, wanted, total, left=None):
    return plan_refund(positions, left or left_of(*positions), wanted, D(total), CENT)


BOWL = position(1, "119.00", line_ref="L1", sku="BOWL")
BOOK = position(2, "21.40", group="B", line_ref="L2", sku="BOOK", quantity="2")
POST = position(3, "5.95", line_ref="S1", kind="shipping")
INVOICE = [BOWL, BOOK, POST]  # 146.35


def test_all_of_the_invoice_is_reversed_as_it_stands() -> None:
    whole = plan(INVOICE, [], "146.35")
    assert (whole.is_whole, whole.parts, whole.difference) == (True, (), None)


def test_a_returned_piece_takes_back_its_line() -> None:
    one_book = Wanted(gross=D("10.70"), quantity=D(1), line_ref="L2")
    result = plan(INVOICE, [one_book], "10.70")
    assert result.parts == (Part(key=2, gross=D("10.70"), quantity=D(1)),)
    assert result.difference == 0


def test_shipping_is_found_by_its_kind() -> None:
    shipping = Wanted(gross=D("5.00"), kind="shipping")
    assert plan(INVOICE, [shipping], "5.00").parts == (Part(key=3, gross=D("5.00")),)


def test_less_money_than_lines_takes_each_lines_share() -> None:
    """Shopify's own example: 199.64 and 199.65 come to 399.29, and 209.00 went back.

    209.00 * 199.64 / 399.29 = 104.4974 and 104.5026; rounded down that is 208.99, and the
    first lost 0.74 of a cent, the second 0.26.
    """
    lines = [position(1, "199.64", line_ref="a"), position(2, "199.65", line_ref="b")]
    wanted = [
        Wanted(gross=D("199.64"), quantity=D(1), line_ref="a"),
        Wanted(gross=D("199.65"), quantity=D(1), line_ref="b"),
    ]
    result = plan([*lines, POST], wanted, "209.00")
    assert [part.gross for part in result.parts] == [D("104.50"), D("104.50")]
    assert result.difference == D("-190.29")


def test_money_without_lines_is_spread_over_the_taxes() -> None:
    """124.95 of 146.35 carries the first tax: 10.00 * 124.95 / 146.35 = 8.5377."""
    result = plan(INVOICE, [], "10.00")
    assert result.parts == (
        Part(key=1, gross=D("8.54"), is_spread=True),
        Part(key=2, gross=D("1.46"), is_spread=True),
    )


def test_more_money_than_lines_spreads_the_rest() -> None:
    """13.70 - 10.70 = 3.00 over 124.95 and 10.70 that are left: 2.7634 and 0.2366."""
    result = plan(INVOICE, [Wanted(gross=D("10.70"), line_ref="L2")], "13.70")
    assert [part.gross for part in result.parts] == [D("10.70"), D("2.76"), D("0.24")]


def test_a_part_kept_back_lowers_the_lines() -> None:
    kept = Wanted(gross=D("-1.70"), kind="adjustment")
    book = Wanted(gross=D("10.70"), quantity=D(1), line_ref="L2")
    result = plan(INVOICE, [book, kept], "9.00")
    assert result.parts == (Part(key=2, gross=D("9.00"), quantity=D(1)),)
    assert result.difference == 0


def test_a_line_that_came_back_before_gives_no_more_than_is_left() -> None:
    left = {"A": D("124.95"), "B": D("1.40")}
    result = plan(INVOICE, [Wanted(gross=D("10.70"), line_ref="L2")], "10.70", left)
    assert [(part.key, part.gross) for part in result.parts] == [
        (2, D("1.40")),
        (1, D("9.30")),
    ]


def test_pieces_without_an_amount_cost_what_they_cost_on_the_invoice() -> None:
    result = plan(INVOICE, [Wanted(gross=None, quantity=D(1), sku="BOOK")], "10.70")
    assert result.parts == (Part(key=2, gross=D("10.70"), quantity=D(1)),)


def test_no_more_pieces_come_back_than_were_sold() -> None:
    result = plan(INVOICE, [Wanted(gross=D("9.00"), quantity=D(5), sku="BOOK")], "9.00")
    assert result.parts[0].quantity == 2


def test_more_than_was_invoiced_is_refused() -> None:
    with pytest.raises(OverRefund) as refused:
        plan(INVOICE, [], "146.36")
    assert refused.value.left == D("146.35")


cents = st.integers(min_value=1, max_value=500_000).map(lambda number: D(number) / 100)
invoices = st.lists(st.tuples(cents, st.sampled_from("ABC")), min_size=1, max_size=8)


@given(invoices, st.data())
def test_refunds_one_after_the_other_end_at_zero(lines, data) -> None:
    """Whatever the channel wants of the lines, each note comes to its money and no group
    falls below zero."""
    positions = [
        position(index, gross, group=group, line_ref=str(index))
        for index, (gross, group) in enumerate(lines)
    ]
    left = left_of(*positions)
    groups = {each.key: each.group for each in positions}
    while rest := sum(left.values()):
        total = D(data.draw(st.integers(1, int(rest * 100)))) / 100
        total = data.draw(st.sampled_from([total, rest]))
        refs = st.sampled_from([each.line_ref for each in positions] + ["unknown"])
        wanted = [
            Wanted(gross=gross, line_ref=ref, quantity=D(1))
            for gross, ref in data.draw(st.lists(st.tuples(cents, refs), max_size=4))
        ]
        result = plan_refund(positions, left, wanted, total, CENT)
        if result.is_whole:
            assert total == rest
            return
        assert sum(part.gross for part in result.parts) == total
        for part in result.parts:
            left[groups[part.key]] -= part.gross
        assert min(left.values()) >= 0
