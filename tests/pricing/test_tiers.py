"""Tiers: the worked examples W1-W3, W5, W17 and W18, and what holds for any ladder.

Expected totals are those of the project's analysis; those of W1, W5 and W18 were read off
Odoo 19's own price lists.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import (
    CANDLE,
    CANDLE_TIERS,
    CENT,
    D,
    candle,
    ladders,
    list_prices,
    quantities,
    steps,
    weighed,
)

from odoo.addons.artisan_pricing.engine import tiers
from odoo.addons.artisan_pricing.engine.money import PricingError, round_to
from odoo.addons.artisan_pricing.engine.tiers import (
    Ladder,
    Tier,
    TierError,
    percent_off,
    price,
)

NUMBERS = (9, 10, 24, 25, 49, 50)


def totals(ladder, numbers=NUMBERS, list_price=CANDLE):
    return [price(ladder, list_price, D(number), CENT).total for number in numbers]


def percent_tier(value, min_quantity=0):
    return Tier(D(min_quantity), tiers.PERCENT, D(value))


# Worked examples


def test_w01_volume_prices_every_unit_by_the_tier_of_all():
    assert totals(candle()) == [360, 360, 864, 800, 1568, 1400]


def test_w02_graduated_prices_each_unit_by_its_own_tier():
    assert totals(candle(tiers.GRADUATED)) == [360, 396, 900, 932, 1700, 1728]


def test_w03_capped_never_costs_more_than_a_larger_quantity():
    assert totals(candle(tiers.CAPPED)) == [360, 360, 800, 800, 1400, 1400]


def test_w05_grade_takes_its_percent_off_the_wholesale_price():
    gold = percent_tier(5)
    for number, total in ((25, 760), (9, 342), (50, 1330)):
        wholesale = price(candle(), CANDLE, D(number), CENT).unit_price
        priced = price(Ladder((gold,)), wholesale, D(number), CENT)
        assert priced.total == total
    # Core shows 40 less 24 %.
    assert percent_off(CANDLE, D("30.40")) == 24


def test_w17_net_price_is_the_truth_and_the_percent_is_shown():
    priced = price(Ladder((percent_tier("33.333"),)), D(180), D(1), CENT)
    assert priced.total == D("120.00")
    assert priced.unit_price == D("120.0006")
    assert percent_off(D(180), priced.unit_price) == D("33.33")


def test_w18_the_maker_chooses_what_is_rounded():
    off_15 = (percent_tier(15),)
    for rounding, total in ((tiers.LINE, "849.15"), (tiers.UNIT, "849.00")):
        ladder = Ladder(off_15, rounding=rounding)
        assert price(ladder, D("9.99"), D(100), CENT).total == D(total)


# Rules


def test_below_the_first_tier_the_list_price_counts():
    priced = price(candle(), CANDLE, D(3), CENT)
    assert (priced.total, priced.unit_price) == (120, 40)
    assert priced.parts[0].tier is None


def test_amount_off_is_taken_from_each_unit():
    ladder = Ladder((Tier(D(2), tiers.AMOUNT, D("1.50")),))
    assert price(ladder, D(10), D(4), CENT).total == 34


def test_parts_say_which_quantity_has_which_price():
    parts = price(candle(tiers.GRADUATED), CANDLE, D(25), CENT).parts
    assert [(p.quantity, p.unit_price) for p in parts] == [(9, 40), (15, 36), (1, 32)]
    assert [p.tier and p.tier.key for p in parts] == [None, 1, 2]


def test_a_tier_from_the_first_unit_on_leaves_no_part_at_the_list_price():
    ladder = Ladder((percent_tier(5, 1), percent_tier(10, 3)), tiers.GRADUATED)
    parts = price(ladder, D(100), D(2), CENT).parts
    assert [(p.quantity, p.unit_price) for p in parts] == [(2, 95)]


def test_parts_of_a_capped_price_are_the_larger_quantity():
    priced = price(candle(tiers.CAPPED), CANDLE, D(24), CENT)
    assert [(p.quantity, p.unit_price) for p in priced.parts] == [(25, 32)]
    assert round_to(priced.unit_price, D("0.0001")) == D("33.3333")


def test_nothing_costs_nothing_and_shows_its_price():
    for mode in tiers.MODES:
        priced = price(candle(mode), CANDLE, D(0), CENT)
        assert (priced.total, priced.unit_price) == (0, 40)


def test_what_is_weighed_is_graduated_at_the_gram():
    # 9.999 kg at 40, then 1 g at 36.
    ladder = candle(tiers.GRADUATED, quantity_step=D("0.001"))
    assert price(ladder, CANDLE, D(10), D("0.001")).total == D("399.996")


def test_what_was_bought_before_counts_for_the_tiers():
    # 6 after 20: volume reaches 25; graduated has 4 in the second tier, 2 in the third.
    bought = {
        mode: price(candle(mode), CANDLE, D(6), CENT, D(20)) for mode in tiers.MODES
    }
    assert bought[tiers.VOLUME].total == 6 * 32
    assert bought[tiers.GRADUATED].total == 4 * 36 + 2 * 32
    # 3 after 20 would be 3 x 36; the 5 that reach 25 cost 5 x 32 and are dearer.
    assert price(candle(tiers.CAPPED), CANDLE, D(3), CENT, D(20)).total == 3 * 36
    # 29 after 20 would be 29 x 32 = 928; the 30 that reach 50 cost 30 x 28.
    assert price(candle(tiers.CAPPED), CANDLE, D(29), CENT, D(20)).total == 840


def test_yen_are_rounded_to_yen_and_dinars_to_fils():
    ladder = Ladder((percent_tier("12.5"),))
    assert price(ladder, D(333), D(1), D(1)).total == 291  # 291.375
    assert price(ladder, D("3.333"), D(1), D("0.001")).total == D("2.916")  # 2.916375


def test_tiers_may_be_given_in_any_order():
    assert totals(Ladder(CANDLE_TIERS[::-1])) == totals(candle())


def test_a_tier_that_takes_more_than_the_price_is_refused_where_it_is_reached():
    ladder = Ladder((Tier(D(10), tiers.AMOUNT, D(5)),), tiers.CAPPED)
    assert price(ladder, D(4), D(9), CENT).total == 36
    with pytest.raises(PricingError, match="value 5: .* list price of 4|value: 5"):
        price(ladder, D(4), D(10), CENT)


def test_the_digits_that_a_caller_computes_with_do_not_matter():
    with localcontext() as context:
        context.prec = 3
        for mode, total in zip(tiers.MODES, (1568, 1700, 1400), strict=True):
            assert price(candle(mode), CANDLE, D(49), CENT).total == total
        tripled = candle().in_currency(D("3.00001"))
        assert price(tripled, D(40), D(50), CENT).total == D("4200.01")  # 4200.014


# Bad input


@pytest.mark.parametrize(
    ("field", "value", "build"),
    [
        ("value", D(0), lambda value: Tier(D(1), tiers.FIXED, value)),
        ("value", D(-3), lambda value: Tier(D(1), tiers.FIXED, value)),
        ("value", D(100), lambda value: Tier(D(1), tiers.PERCENT, value)),
        ("value", D(101), lambda value: Tier(D(1), tiers.PERCENT, value)),
        ("value", D(-1), lambda value: Tier(D(1), tiers.PERCENT, value)),
        ("value", D(-1), lambda value: Tier(D(1), tiers.AMOUNT, value)),
        ("value", 3.5, lambda value: Tier(D(1), tiers.FIXED, value)),
        ("kind", "free", lambda value: Tier(D(1), value, D(1))),
        ("min_quantity", D(-1), lambda value: Tier(value, tiers.FIXED, D(1))),
        ("below", D(5), lambda value: Tier(D(5), tiers.FIXED, D(1), value)),
        ("mode", "cheap", lambda value: Ladder((), value)),
        ("rounding", "up", lambda value: Ladder((), rounding=value)),
        ("quantity_step", D(0), lambda value: Ladder((), quantity_step=value)),
        ("rate", D(0), lambda value: candle().in_currency(value)),
        ("rate", None, lambda value: candle().in_currency(value)),
        ("list_price", D(0), lambda value: price(candle(), value, D(1), CENT)),
        ("list_price", D(-1), lambda value: price(candle(), value, D(1), CENT)),
        ("quantity", D("NaN"), lambda value: price(candle(), CANDLE, value, CENT)),
        ("step", D(0), lambda value: price(candle(), CANDLE, D(1), value)),
        ("before", D(-1), lambda value: price(candle(), CANDLE, D(1), CENT, value)),
    ],
)
def test_a_value_without_meaning_is_refused_by_name(field, value, build):
    with pytest.raises(PricingError) as refused:
        build(value)
    assert refused.value.field == field
    assert refused.value.value is value
    assert f"{value}" in str(refused.value)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((10, None, 10, None), "overlap from 10 without end"),
        ((10, 25, 20, None), "overlap from 20 up to 25"),
        ((10, 20, 25, None), "gap from 20 up to 25"),
        ((10, None, 25, 50), "gap from 50 without end"),
    ],
)
def test_tiers_that_overlap_or_leave_a_gap_are_refused(ends, said):
    first, first_end, second, second_end = (
        None if end is None else D(end) for end in ends
    )
    with pytest.raises(TierError, match=said) as refused:
        Ladder(
            (
                Tier(first, tiers.FIXED, D(5), first_end),
                Tier(second, tiers.FIXED, D(4), second_end),
            )
        )
    assert refused.value.field == "tiers"


# What holds for any ladder


@given(ladders(), list_prices, quantities, steps)
def test_unit_price_times_quantity_rounds_to_the_total(ladder, listed, quantity, step):
    priced = price(ladder, listed, quantity, step)
    assert round_to(priced.unit_price * quantity, step) == priced.total


@given(ladders(), list_prices, weighed, steps)
def test_a_return_mirrors_the_sale(ladder, listed, quantity, step):
    sold = price(ladder, listed, quantity, step)
    returned = price(ladder, listed, -quantity, step)
    assert returned.total == -sold.total
    assert abs(returned.unit_price - sold.unit_price) < D("1E-15")


@given(ladders([tiers.CAPPED]), list_prices, weighed, weighed, steps)
def test_capped_total_never_falls_when_the_quantity_rises(
    ladder, listed, one, two, step
):
    less, more = sorted((one, two))
    cheaper, dearer = (price(ladder, listed, n, step).total for n in (less, more))
    assert cheaper <= dearer


@given(ladders([tiers.CAPPED]), list_prices, weighed, steps)
def test_capped_never_costs_more_than_volume(ladder, listed, quantity, step):
    volume = Ladder(ladder.tiers, tiers.VOLUME, ladder.rounding)
    capped = price(ladder, listed, quantity, step)
    assert capped.total <= price(volume, listed, quantity, step).total


@given(ladders([tiers.VOLUME], [tiers.LINE]), list_prices, quantities, steps)
def test_volume_is_the_price_of_the_tier_times_the_quantity(
    ladder, listed, number, step
):
    """Core's way: of the tiers reached the one with the largest minimum prices the line."""
    reached = [tier for tier in ladder.tiers if tier.min_quantity <= number]
    unit_price = Fraction(listed)
    if reached:
        tier = max(reached, key=lambda tier: tier.min_quantity)
        value = Fraction(tier.value)
        unit_price = {
            tiers.FIXED: value,
            tiers.PERCENT: unit_price * (100 - value) / 100,
            tiers.AMOUNT: unit_price - value,
        }[tier.kind]
    expected = round_to(unit_price * Fraction(number), step)
    assert price(ladder, listed, number, step).total == expected


@given(
    ladders([tiers.GRADUATED], [tiers.LINE]),
    list_prices,
    weighed,
    st.decimals(0, 50, places=3),
)
def test_graduated_is_continuous(ladder, listed, quantity, more):
    """A little more costs no more than that little at the dearest price of the ladder."""
    fine = D("0.000001")
    less = price(ladder, listed, quantity, fine).total
    rise = price(ladder, listed, quantity + more, fine).total - less
    dearest = max(listed, *(tier.unit_price(listed) for tier in ladder.tiers), listed)
    assert -fine <= rise <= more * dearest + fine


@given(ladders([tiers.GRADUATED], [tiers.LINE]), list_prices, quantities)
def test_graduated_is_the_sum_of_its_units(ladder, listed, quantity):
    volume = Ladder(ladder.tiers)
    units = (volume.tier_for(D(unit + 1)) for unit in range(int(quantity)))
    exact = sum((tier.unit_price(listed) if tier else listed for tier in units), D(0))
    assert price(ladder, listed, quantity, CENT).total == round_to(exact, CENT)


@given(ladders(), list_prices, weighed, weighed)
def test_two_purchases_cost_as_one_when_the_first_counts_in_graduated(
    ladder, listed, first, second
):
    graduated = Ladder(ladder.tiers, tiers.GRADUATED)
    fine = D("0.000001")
    parts = (
        price(graduated, listed, first, fine).total,
        price(graduated, listed, second, fine, first).total,
    )
    whole = price(graduated, listed, first + second, fine).total
    assert abs(sum(parts) - whole) <= fine


@given(
    ladders(roundings=[tiers.LINE]),
    list_prices,
    quantities,
    st.decimals(D("0.001"), 200, places=6),
    steps,
)
def test_another_currency_keeps_the_quantities_and_rounds_once(
    ladder, listed, quantity, rate, step
):
    other = ladder.in_currency(rate)
    assert [t.min_quantity for t in other.tiers] == [
        t.min_quantity for t in ladder.tiers
    ]
    here = price(ladder, listed, quantity, CENT)
    there = price(other, listed * rate, quantity, step)
    exact = sum(Fraction(p.quantity) * Fraction(p.unit_price) for p in here.parts)
    assert there.total == round_to(exact * Fraction(rate), step)
    assert isinstance(there.total, Decimal)
