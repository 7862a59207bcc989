"""Lines that count together: the worked example W4, and what holds for any order."""

from __future__ import annotations

from dataclasses import replace
from decimal import localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import (
    CANDLE,
    CENT,
    D,
    candle,
    ladders,
    list_prices,
    steps,
    weighed,
)

from odoo.addons.artisan_pricing.engine import tiers
from odoo.addons.artisan_pricing.engine.money import PricingError, round_to
from odoo.addons.artisan_pricing.engine.scopes import Line, price_lines
from odoo.addons.artisan_pricing.engine.tiers import Ladder, Tier, price

FIVE_AND_FIVE = (Line("red", D(5), CANDLE), Line("blue", D(5), CANDLE))


def line_totals(scope):
    return {key: line.total for key, line in scope.lines.items()}


# Worked example


def test_w04_two_lines_of_five_reach_the_tier_of_ten():
    scope = price_lines(candle(), FIVE_AND_FIVE, CENT)
    assert scope.total == 360
    assert line_totals(scope) == {"red": 180, "blue": 180}
    # On their own, as in core: 400.
    alone = [price_lines(candle(), [line], CENT).total for line in FIVE_AND_FIVE]
    assert sum(alone) == 400


def test_w01_w02_w03_hold_for_the_sum_of_two_lines():
    expected = {
        tiers.VOLUME: [360, 360, 864, 800, 1568, 1400],
        tiers.GRADUATED: [360, 396, 900, 932, 1700, 1728],
        tiers.CAPPED: [360, 360, 800, 800, 1400, 1400],
    }
    for mode, totals in expected.items():
        for number, total in zip((9, 10, 24, 25, 49, 50), totals, strict=True):
            lines = (Line(1, D(4), CANDLE), Line(2, D(number - 4), CANDLE))
            assert price_lines(candle(mode), lines, CENT).total == total


# Rules


def test_a_percent_is_split_in_proportion_to_quantity_times_list_price():
    # 10 units reach -10 %: 3 x 12.35 and 7 x 9.95 are 106.70, less 10 % 96.03.
    lines = (Line("a", D(3), D("12.35")), Line("b", D(7), D("9.95")))
    scope = price_lines(candle(), lines, CENT)
    assert scope.total == D("96.03")
    # 33.345 and 62.685 lost the same half: the larger line gets the cent.
    assert line_totals(scope) == {"a": D("33.34"), "b": D("62.69")}


def test_a_fixed_price_is_the_same_for_every_unit_as_in_core():
    lines = (Line("large", D(20), D(50)), Line("small", D(30), D(40)))
    scope = price_lines(candle(), lines, CENT)
    assert line_totals(scope) == {"large": 20 * 28, "small": 30 * 28}


def test_a_locked_line_counts_but_keeps_its_price():
    typed = Line("typed", D(5), CANDLE, locked=True)
    scope = price_lines(candle(), (typed, Line("free", D(5), CANDLE)), CENT)
    assert line_totals(scope) == {"free": 180}


def test_a_locked_line_need_not_count():
    typed = Line("typed", D(5), CANDLE, locked=True, counts=False)
    scope = price_lines(candle(), (typed, Line("free", D(5), CANDLE)), CENT)
    assert line_totals(scope) == {"free": 200}


def test_graduated_gives_each_line_its_part_of_every_tier():
    # 20 in all cost 9 x 40 + 11 x 36 = 756; half of them 378, none is "the first nine".
    typed = Line("typed", D(10), CANDLE, locked=True)
    lines = (typed, Line("free", D(10), CANDLE))
    assert price_lines(candle(tiers.GRADUATED), lines, CENT).total == 378


def test_a_return_does_not_take_the_tier_from_what_is_bought():
    lines = (Line("sold", D(10), CANDLE), Line("sent back", D(-1), CANDLE))
    scope = price_lines(candle(), lines, CENT)
    assert line_totals(scope) == {"sold": 360, "sent back": -40}


def test_what_was_bought_before_counts():
    assert price_lines(candle(), FIVE_AND_FIVE, CENT, before=D(15)).total == 320


def test_capped_fills_up_with_the_cheapest_product_of_the_scope():
    # 24 need one more to reach 25: 24 x 32 and one of the list price 10 less 20 %.
    lines = (Line("candle", D(24), CANDLE),)
    scope = price_lines(candle(tiers.CAPPED), lines, CENT, lowest_list_price=D(10))
    assert scope.total == 24 * 32 + 8
    assert scope.bought[0][0] == 25


def test_capped_takes_the_cheapest_of_the_lines_where_no_other_is_known():
    # 23 x 40 and 10 less 20 % are 744, one more of 10 is 8; at -10 % it would be 837.
    lines = (Line(1, D(23), CANDLE), Line(2, D(1), D(10)))
    assert price_lines(candle(tiers.CAPPED), lines, CENT).total == 752


def test_a_tier_that_leaves_nothing_of_a_cheap_product_caps_nothing():
    ladder = Ladder((Tier(D(10), tiers.AMOUNT, D(5)),), tiers.CAPPED)
    lines = (Line("cheap", D(1), D(4)), Line("dear", D(8), D(100)))
    assert price_lines(ladder, lines, CENT).total == 804
    # Where only the filler would be free, it costs nothing: 9 x 95 are over 8 x 100.
    dear = (Line("dear", D(9), D(100)),)
    capped = price_lines(ladder, dear, CENT, lowest_list_price=D(4))
    assert capped.total == 855


def test_the_digits_that_a_caller_computes_with_do_not_matter():
    lines = (Line(1, D("1234.567"), D("1234.56")), Line(2, D("0.001"), D("1234.56")))
    expected = price_lines(candle(tiers.GRADUATED), lines, CENT)
    with localcontext() as context:
        context.prec = 3
        assert price_lines(candle(tiers.GRADUATED), lines, CENT) == expected


def test_no_lines_cost_nothing():
    assert price_lines(candle(), (), CENT).total == 0


def test_a_line_of_nothing_costs_nothing_and_shows_its_price():
    scope = price_lines(candle(), (Line(1, D(0), CANDLE), Line(2, D(10), CANDLE)), CENT)
    assert line_totals(scope) == {1: 0, 2: 360}
    assert scope.lines[1].unit_price == 36


def test_two_lines_with_one_key_are_refused():
    red, blue = FIVE_AND_FIVE
    with pytest.raises(PricingError, match="key: red"):
        price_lines(candle(), (red, blue, red), CENT)


def test_lines_come_in_the_order_of_their_keys():
    assert list(price_lines(candle(), FIVE_AND_FIVE, CENT).lines) == ["blue", "red"]


def test_a_line_without_a_price_is_refused():
    with pytest.raises(PricingError, match="list_price"):
        Line(1, D(1), D(0))


# What holds for any order


@st.composite
def orders(draw, can_be_locked=True):
    size = draw(st.integers(1, 8))
    return [
        Line(
            key,
            draw(weighed) if key % 2 else D(draw(st.integers(0, 60))),
            draw(list_prices),
            draw(st.booleans()) and can_be_locked,
            draw(st.booleans()),
        )
        for key in range(size)
    ]


@given(ladders(), orders(), steps, st.randoms(use_true_random=False))
def test_shuffled_lines_cost_the_same_each(ladder, lines, step, rng):
    once = price_lines(ladder, lines, step)
    rng.shuffle(lines)
    assert price_lines(ladder, lines, step) == once


@given(ladders(), orders(), steps)
def test_lines_add_up_to_the_total_of_the_scope(ladder, lines, step):
    scope = price_lines(ladder, lines, step)
    assert sum(line.total for line in scope.lines.values()) == scope.total
    assert scope.total % step == 0
    assert set(scope.lines) == {line.key for line in lines if not line.locked}
    for line in lines:
        if not line.locked:
            priced = scope.lines[line.key]
            assert round_to(priced.unit_price * line.quantity, step) == priced.total


@given(ladders(), orders(), steps, st.integers(0, 100).map(D))
def test_returned_lines_mirror_sold_ones(ladder, lines, step, before):
    returned = [replace(line, quantity=-line.quantity) for line in lines]
    sold = price_lines(ladder, lines, step, before)
    sent = price_lines(ladder, returned, step, before)
    assert sent.total == -sold.total
    # A line of nothing is on neither side.
    for line in lines:
        if line.quantity and not line.locked:
            back, kept = sent.lines[line.key], sold.lines[line.key]
            assert back.total == -kept.total
            assert back.unit_price == kept.unit_price
            assert back.share.total == -kept.share.total


@given(ladders(), list_prices, weighed, steps, st.integers(0, 100))
def test_one_line_costs_what_its_quantity_costs(ladder, listed, quantity, step, before):
    alone = price(ladder, listed, quantity, step, D(before))
    scope = price_lines(ladder, [Line(1, quantity, listed)], step, D(before))
    assert scope.total == alone.total
    assert abs(scope.lines[1].unit_price - alone.unit_price) < D("1E-15")


@given(ladders([tiers.CAPPED]), orders(can_be_locked=False), steps, st.data())
def test_capped_total_never_rises_when_a_line_is_removed(ladder, lines, step, data):
    lowest = min(line.list_price for line in lines)
    before = price_lines(ladder, lines, step, lowest_list_price=lowest).total
    lines.remove(data.draw(st.sampled_from(lines)))
    after = price_lines(ladder, lines, step, lowest_list_price=lowest).total
    assert after <= before


@given(ladders([tiers.CAPPED]), orders(can_be_locked=False), steps, st.data())
def test_capped_total_never_falls_when_a_quantity_rises(ladder, lines, step, data):
    lowest = min(line.list_price for line in lines)
    before = price_lines(ladder, lines, step, lowest_list_price=lowest).total
    index = data.draw(st.integers(0, len(lines) - 1))
    more = lines[index].quantity + data.draw(weighed)
    lines[index] = replace(lines[index], quantity=more)
    assert price_lines(ladder, lines, step, lowest_list_price=lowest).total >= before


@given(ladders([tiers.VOLUME], [tiers.UNIT]), orders(can_be_locked=False), steps)
def test_unit_rounding_gives_every_line_a_price_to_print(ladder, lines, step):
    whole = [line for line in lines if line.quantity % 1 == 0]
    for line in price_lines(ladder, whole, step).lines.values():
        assert line.unit_price % step == 0
