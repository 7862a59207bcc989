"""The lint of ladders: the cliffs of W1, and every cliff of any ladder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import CANDLE, CANDLE_TIERS, CENT, D, ladders, list_prices

from odoo.addons.artisan_pricing.engine import cliffs, tiers
from odoo.addons.artisan_pricing.engine.cliffs import Finding, findings
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.tiers import Ladder, Tier, price


def fixed(first, value, below=None, key=None):
    return Tier(D(first), tiers.FIXED, D(value), below and D(below), key)


def ranges(found, code):
    return [(f.first, f.last) for f in found if f.code == code]


def test_w01_lint_shows_23_24_above_800_and_44_49_above_1400():
    found = findings(CANDLE_TIERS, CANDLE, CENT)
    assert found == [
        Finding(cliffs.CLIFF, 1, D(23), D(24), D(36), D(25), D(800)),
        Finding(cliffs.CLIFF, 2, D(44), D(49), D(32), D(50), D(1400)),
    ]


@pytest.mark.parametrize("mode", [tiers.GRADUATED, tiers.CAPPED])
def test_other_modes_have_no_cliffs(mode):
    assert findings(CANDLE_TIERS, CANDLE, CENT, mode) == []


def test_a_cliff_reaches_up_to_the_tier_that_undercuts_it():
    # 10 cost 95.00, less than 5 at 20.00; 100 cost 100.00, less than 11 at 9.50.
    found = findings((fixed(10, "9.50"), fixed(100, 1)), D(20), CENT)
    assert [(f.first, f.last, f.better_quantity) for f in found] == [
        (5, 9, 10),
        (11, 99, 100),
    ]


def test_what_is_weighed_has_cliffs_at_the_gram():
    # 10 kg at 9.00 cost 90; at 10.00 that is 9 kg: 9.001 to 9.999 cost more.
    found = findings((fixed(10, 9),), D(10), CENT, quantity_step=D("0.001"))
    assert ranges(found, cliffs.CLIFF) == [(D("9.001"), D("9.999"))]


def test_less_than_one_can_cost_more_too():
    # Half a kilo at 5.00 costs 2.50, at 10.00 that is 0.250 kg.
    found = findings((fixed("0.5", 5),), D(10), CENT, quantity_step=D("0.001"))
    assert ranges(found, cliffs.CLIFF) == [(D("0.251"), D("0.499"))]


def test_a_tier_between_two_quantities_ends_the_one_before_below_it():
    found = findings((fixed("10.5", 5),), D(10), CENT)
    assert ranges(found, cliffs.CLIFF) == [(6, 10)]


def test_findings_come_in_the_order_of_their_quantities():
    found = findings((fixed(10, 8), fixed(20, 9, 40)), D(10), CENT)
    assert [(f.code, f.first) for f in found] == [
        (cliffs.CLIFF, 9),
        (cliffs.DEARER, 20),
        (cliffs.GAP, 40),
        (cliffs.DEARER, 40),
    ]


def test_unit_rounding_can_make_a_cliff():
    # 0.0149 and 0.0144: 0.01 each when the unit is rounded, a cliff only when it is not.
    ladder = (Tier(D(100), tiers.PERCENT, D("5")),)
    price_of_one = D("0.0149")
    assert ranges(findings(ladder, price_of_one, CENT), cliffs.CLIFF) == [(96, 99)]
    assert findings(ladder, price_of_one, CENT, rounding=tiers.UNIT) == []


def test_gaps_are_found_between_tiers_and_after_the_last():
    found = findings((fixed(10, 9, 20, "a"), fixed(30, 8, 40, "b")), D(10), CENT)
    assert ranges(found, cliffs.GAP) == [(20, 29), (40, None)]
    # In a gap the list price counts again.
    assert ranges(found, cliffs.DEARER) == [(20, 29), (40, None)]


def test_overlaps_are_found():
    found = findings((fixed(10, 9, 20), fixed(15, 8), fixed(15, 7)), D(10), CENT)
    assert ranges(found, cliffs.OVERLAP) == [(15, 19), (15, None)]


def test_a_tier_within_another_overlaps_only_where_it_is():
    found = findings((fixed(10, 9, 100), fixed(20, 8, 30), fixed(100, 7)), D(10), CENT)
    assert ranges(found, cliffs.OVERLAP) == [(20, 29)]
    assert ranges(found, cliffs.GAP) == []


def test_a_tier_dearer_than_the_one_before_is_found():
    found = findings((fixed(10, 9), fixed(20, "9.50", key="x")), D(10), CENT)
    [dearer] = [finding for finding in found if finding.code == cliffs.DEARER]
    assert (dearer.key, dearer.first, dearer.last) == ("x", 20, None)
    assert (dearer.unit_price, dearer.price_before) == (D("9.50"), 9)


def test_a_first_tier_dearer_than_the_list_is_found():
    assert ranges(findings((fixed(5, 11),), D(10), CENT), cliffs.DEARER) == [(5, None)]


def test_a_tier_that_leaves_nothing_of_the_price_is_found():
    found = findings((Tier(D(5), tiers.AMOUNT, D(10), key="x"),), D(10), CENT)
    assert [(f.code, f.key, f.first) for f in found] == [(cliffs.NO_PRICE, "x", 5)]


def test_no_tiers_have_nothing_odd():
    assert findings((), D(10), CENT) == []


def test_words_without_meaning_are_refused_by_name():
    with pytest.raises(PricingError, match="mode: odd"):
        findings((), D(10), CENT, "odd")
    with pytest.raises(PricingError, match="list_price: 0"):
        findings((), D(0), CENT)


@given(ladders([tiers.VOLUME], [tiers.LINE]), list_prices)
def test_cliffs_are_exactly_the_quantities_that_a_larger_one_undercuts(ladder, listed):
    fine = D("1E-9")
    totals = [price(ladder, listed, D(number), fine).total for number in range(320)]
    cheaper, lowest = set(), totals[-1]
    for number in reversed(range(320)):
        if totals[number] > lowest:
            cheaper.add(number)
        lowest = min(lowest, totals[number])
    found = set()
    for finding in findings(ladder.tiers, listed, CENT):
        if finding.code == cliffs.CLIFF:
            found.update(range(int(finding.first), int(finding.last) + 1))
            assert (
                finding.better_total
                == price(ladder, listed, finding.better_quantity, fine).total
            )
    assert found == cheaper


bounds = st.none() | st.integers(1, 60).map(D)


@given(st.lists(st.tuples(st.integers(0, 50), bounds), max_size=6))
def test_what_has_no_gap_and_no_overlap_is_a_ladder_and_nothing_else(ends):
    rungs = [
        fixed(first, 5, below)
        for first, below in ends
        if below is None or below > first
    ]
    found = findings(rungs, D(10), CENT)
    is_clean = not ranges(found, cliffs.GAP) + ranges(found, cliffs.OVERLAP)
    try:
        Ladder(tuple(rungs))
    except tiers.TierError:
        assert not is_clean
    else:
        assert is_clean


@given(st.lists(st.tuples(st.integers(0, 50), bounds), min_size=1, max_size=6))
def test_gaps_and_overlaps_are_those_that_counting_finds(ends):
    rungs = tiers.in_order(
        fixed(first, 5, below)
        for first, below in ends
        if below is None or below > first
    )
    if not rungs:
        return
    limits = [tiers.tier_end(tier, rungs) or D(70) for tier in rungs]
    covered = [
        sum(r.min_quantity <= q < end for r, end in zip(rungs, limits, strict=True))
        for q in range(70)
    ]
    found = findings(rungs, D(10), CENT)
    begin = int(rungs[0].min_quantity)

    def quantities(code):
        return {
            number
            for first, last in ranges(found, code)
            for number in range(int(first), 70 if last is None else int(last) + 1)
        }

    assert quantities(cliffs.GAP) == {q for q in range(begin, 70) if not covered[q]}
    assert quantities(cliffs.OVERLAP) == {q for q in range(70) if covered[q] > 1}
