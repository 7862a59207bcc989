"""Minimum quantities, case packs, opening and reorder minimums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import D

from odoo.addons.artisan_pricing.engine import quantities
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.quantities import (
    BasketLine,
    Minimums,
    Problem,
    Terms,
    least_quantity,
    problems,
)

MUG, VASE = "mug", "vase"


def line(key, quantity, amount=100, product=MUG, maker="Ada"):
    return BasketLine(key, product, maker, D(quantity), D(amount))


def codes(*args, **kwargs):
    return [problem.code for problem in problems(*args, **kwargs)]


def test_variants_count_together_for_the_minimum():
    terms = {MUG: Terms(minimum=D(6))}
    assert problems([line("red", 3), line("blue", 3)], terms, {}) == []
    [problem] = problems([line("red", 3), line("blue", 2)], terms, {})
    assert problem == Problem(
        quantities.BELOW_MINIMUM, MUG, ("red", "blue"), D(5), D(6)
    )
    assert problem.missing == 1


def test_each_line_is_whole_cases():
    terms = {MUG: Terms(case_pack=D(6))}
    assert problems([line("red", 12)], terms, {}) == []
    # 3 and 3 are a case in number, but no box holds both.
    found = problems([line("red", 3), line("blue", 3)], terms, {})
    assert [(p.subject, p.have, p.less, p.need) for p in found] == [
        ("red", 3, 0, 6),
        ("blue", 3, 0, 6),
    ]


def test_what_is_sold_by_weight_has_cases_too():
    terms = {MUG: Terms(case_pack=D("0.25"))}
    assert problems([line(1, "1.75")], terms, {}) == []
    [problem] = problems([line(1, "1.80")], terms, {})
    assert (problem.less, problem.need) == (D("1.75"), D("2.00"))


def test_a_first_order_has_a_higher_minimum_than_a_later_one():
    minimums = {"Ada": Minimums(opening=D(150), reorder=D(80))}
    basket = [line(1, 1, "60.00"), line(2, 1, "39.99", product=VASE)]
    [problem] = problems(basket, {}, minimums)
    assert problem == Problem(
        quantities.BELOW_OPENING, "Ada", (1, 2), D("99.99"), D(150)
    )
    assert problem.missing == D("50.01")
    assert problems(basket, {}, minimums, {"Ada"}) == []
    assert codes(basket[:1], {}, minimums, {"Ada"}) == [quantities.BELOW_REORDER]


def test_exactly_the_minimum_is_enough():
    minimums = {"Ada": Minimums(D(100), D(100))}
    assert problems([line(1, 6)], {MUG: Terms(D(6), D(6))}, minimums) == []


def test_each_maker_has_its_own_minimum():
    minimums = {"Ada": Minimums(D(150)), "Ben": Minimums(D(150))}
    basket = [line(1, 1, 200), line(2, 1, 20, maker="Ben")]
    assert [p.subject for p in problems(basket, {}, minimums)] == ["Ben"]


def test_nothing_is_asked_of_returns_and_of_lines_of_nothing():
    terms = {MUG: Terms(D(6), D(6))}
    minimums = {"Ada": Minimums(D(150))}
    assert problems([line(1, -1, -20), line(2, 0, 0)], terms, minimums) == []


def test_all_problems_are_found_at_once():
    assert codes(
        [line(1, 5, 20)], {MUG: Terms(D(6), D(6))}, {"Ada": Minimums(D(150))}
    ) == [
        quantities.BELOW_MINIMUM,
        quantities.BROKEN_CASE,
        quantities.BELOW_OPENING,
    ]


def test_no_terms_ask_for_nothing():
    assert problems([line(1, 1)], {}, {}) == []


@pytest.mark.parametrize(
    ("terms", "wanted", "least"),
    [
        (Terms(), 0, 0),
        (Terms(D(10)), 3, 10),
        (Terms(D(10), D(6)), 0, 12),
        (Terms(D(10), D(6)), 13, 18),
        (Terms(D(12), D(6)), 12, 12),
    ],
)
def test_least_quantity_meets_minimum_and_cases(terms, wanted, least):
    assert least_quantity(terms, D(wanted)) == least


@given(
    st.integers(0, 50).map(D),
    st.none() | st.decimals(D("0.001"), 20, places=3),
    st.decimals(D("0.001"), 100, places=3),
)
def test_the_least_quantity_has_no_problem(minimum, case_pack, wanted):
    terms = Terms(minimum, case_pack)
    least = least_quantity(terms, wanted)
    assert least >= wanted
    assert problems([line(1, least)], {MUG: terms}, {}) == []


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("minimum", lambda: Terms(D(-1))),
        ("case_pack", lambda: Terms(case_pack=D(0))),
        ("case_pack", lambda: Terms(case_pack=D(-6))),
        ("opening", lambda: Minimums(D(-1))),
        ("reorder", lambda: Minimums(D(10), D(-1))),
        ("reorder", lambda: Minimums(D(10), D(11))),
        ("quantity", lambda: line(1, "NaN")),
        ("amount", lambda: line(1, 1, "Infinity")),
        ("wanted", lambda: least_quantity(Terms(), D(-1))),
    ],
)
def test_a_value_without_meaning_is_refused_by_name(field, build):
    with pytest.raises(PricingError) as refused:
        build()
    assert refused.value.field == field
