"""The price trace: why 30.40, kept without words and computed again later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

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

from odoo.addons.artisan_pricing.engine import tiers, trace
from odoo.addons.artisan_pricing.engine.bundles import Bundle, Part
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.scopes import Line, price_lines
from odoo.addons.artisan_pricing.engine.tiers import price
from odoo.addons.artisan_pricing.engine.trace import Replay, Trace, replay
from odoo.addons.artisan_pricing.engine.trace_json import (
    TraceError,
    from_json,
    to_json,
)

DAY = date(2026, 11, 22)


def shared(traced, bundle, part, count, **of_rule):
    """Go on with a part of ``count`` bundles."""
    amount = bundle.split()[part.key]
    return traced.shared(
        bundle.price, part.value, bundle.list_value, amount, count, **of_rule
    )


def begin(quantity=25, list_price=CANDLE, step=CENT, currency="EUR"):
    return Trace(currency, step, D(quantity)).listed(list_price, rule=7, version=DAY)


def gold(quantity=25):
    """W5: the wholesale tier, then 5 % of the grade."""
    priced = price(candle(), CANDLE, D(quantity), CENT)
    traced = begin(quantity).tiered(priced, rule=2, version=DAY)
    return traced.percent_off(trace.GRADE, D(5), rule="gold", version=DAY)


# Worked examples


def test_w05_trace_says_why_30_40():
    traced = gold()
    assert [(s.code, s.before, s.after) for s in traced.steps] == [
        (trace.LIST, 0, 1000),
        (trace.TIER, 1000, 800),
        (trace.GRADE, 800, 760),
    ]
    assert (traced.total, traced.unit_price) == (760, D("30.40"))
    assert [(s.rule, s.version) for s in traced.steps] == [
        (7, DAY),
        (2, DAY),
        ("gold", DAY),
    ]


@pytest.mark.parametrize(("quantity", "total"), [(25, 760), (9, 342), (50, 1330)])
def test_w05_totals_are_computed_again_from_the_figures(quantity, total):
    assert replay(gold(quantity)) == Replay(True, D(total))


def test_w07_share_of_a_bundle_is_computed_again():
    parts = tuple(
        Part(key, D(value)) for key, value in (("A", 40), ("B", 25), ("C", 15))
    )
    bundle = Bundle(D("61.20"), parts, CENT)
    totals = []
    for part in parts:
        traced = shared(begin(1, part.list_price), bundle, part, D(1), rule=3)
        assert replay(traced).holds
        totals.append(traced.total)
    assert totals == [D("30.60"), D("19.13"), D("11.47")]


def test_w08_three_bundles_have_three_times_the_share():
    parts = tuple(Part(key, D(50)) for key in "ABC")
    traced = shared(begin(3, D(50)), Bundle(D(100), parts, CENT), parts[2], D(3))
    assert traced.total == D("100.02")
    assert replay(traced).holds


def test_w12_promotions_follow_each_other():
    # D 100: the maker's 20 %, then 8.00 of the platform's 18.00.
    traced = begin(1, D(100)).percent_off(trace.PROMOTION, D(20), is_rounded=True)
    traced = traced.amount_off(trace.PROMOTION, D("8.00"), rule="platform")
    assert traced.total == 72
    assert replay(traced).holds


def test_w17_nothing_is_lost_on_the_way():
    traced = begin(1, D(180)).percent_off(trace.GRADE, D("33.333"))
    assert traced.steps[-1].after == D("120.0006")
    assert traced.total == D("120.00")


# What holds for any trace


@st.composite
def traces(draw):
    step, quantity = draw(steps), draw(weighed) * draw(st.sampled_from([1, -1]))
    listed = draw(list_prices)
    traced = Trace("EUR", step, quantity).listed(listed, rule=1, version=DAY)
    ladder = draw(ladders())
    if draw(st.booleans()):
        traced = traced.tiered(price(ladder, listed, quantity, step), rule="ä")
    else:
        others = draw(st.lists(weighed, max_size=4))
        lines = [Line(9, quantity, listed)]
        lines += [Line(key, more, listed) for key, more in enumerate(others)]
        traced = traced.scoped(price_lines(ladder, lines, step).lines[9])
    for code in draw(st.lists(st.sampled_from([trace.GRADE, trace.PROMOTION]))):
        if code == trace.GRADE and traced.steps[-1].code != trace.TIER:
            continue
        percent = draw(st.decimals(0, 100, places=3))
        traced = traced.percent_off(code, percent, is_rounded=draw(st.booleans()))
    return traced


@given(traces())
def test_a_trace_holds_and_comes_back_from_its_text(traced):
    assert replay(traced) == Replay(True, traced.total)
    assert traced.total % traced.step == 0
    again = from_json(to_json(traced))
    assert again == traced
    assert to_json(again) == to_json(traced)


@given(ladders(), list_prices, weighed, steps)
def test_traced_tier_costs_what_the_ladder_says(ladder, listed, quantity, step):
    priced = price(ladder, listed, quantity, step)
    assert begin(quantity, listed, step).tiered(priced).total == priced.total


@given(ladders(), list_prices, st.lists(weighed, min_size=1, max_size=5), steps)
def test_traced_share_is_what_the_line_costs(ladder, listed, quantities, step):
    lines = [Line(key, each, listed) for key, each in enumerate(quantities)]
    for key, line in price_lines(ladder, lines, step).lines.items():
        assert begin(quantities[key], listed, step).scoped(line).total == line.total


@given(ladders(), list_prices, st.lists(weighed, min_size=1, max_size=5), steps)
def test_traced_share_of_a_return_is_that_of_the_sale(ladder, listed, quantities, step):
    lines = [Line(key, -each, listed) for key, each in enumerate(quantities)]
    for key, line in price_lines(ladder, lines, step).lines.items():
        traced = begin(-quantities[key], listed, step).scoped(line)
        assert traced.total == line.total
        assert replay(traced).holds


@given(traces(), st.data())
def test_an_amount_that_was_changed_is_found(traced, data):
    place = data.draw(st.integers(0, len(traced.steps) - 1))
    field = data.draw(st.sampled_from(["before", "after"]))
    wrong = replace(traced.steps[place], **{field: D("12345678.9")})
    changed = (*traced.steps[:place], wrong, *traced.steps[place + 1 :])
    found = replay(replace(traced, steps=changed))
    reason = trace.WRONG_BEFORE if field == "before" else trace.WRONG_AFTER
    assert found == Replay(False, traced.total, reason, place)


def test_the_cent_left_over_is_one_figure_of_a_share():
    # 100 over three: 33.33, and the cent for one of them; the same on a return.
    for sign in (1, -1):
        lines = [Line(key, D(sign), D("33.334")) for key in range(3)]
        priced = price_lines(candle(), lines, CENT).lines
        extras = []
        for key in priced:
            figures = dict(
                begin(sign, D("33.334")).scoped(priced[key]).steps[1].figures
            )
            assert (figures["total"], figures["count"]) == (100 * sign, 1)
            extras.append(figures["extra"])
        assert extras == [1, 0, 0]


def test_a_returned_bundle_is_traced_like_a_sold_one():
    parts = tuple(Part(key, D(50)) for key in "ABC")
    traced = shared(begin(-3, D(50)), Bundle(D(100), parts, CENT), parts[2], D(-3))
    assert traced.total == D("-100.02")
    assert replay(traced).holds


# What does not hold


def test_a_changed_total_is_found_with_the_right_one():
    changed = replace(gold(), total=D(1))
    assert replay(changed) == Replay(False, D(760), trace.WRONG_TOTAL)


def test_a_changed_figure_is_found():
    traced = gold()
    wrong = replace(traced.steps[2], figures=(("percent", D(50)),))
    found = replay(replace(traced, steps=(*traced.steps[:2], wrong)))
    assert (found.total, found.reason, found.place) == (400, trace.WRONG_AFTER, 2)


def test_steps_in_another_order_are_found():
    traced = gold()
    changed = replace(traced, steps=(*traced.steps[1:], traced.steps[0]))
    found = replay(changed)
    assert (found.holds, found.reason, found.place) == (False, trace.WRONG_ORDER, 0)


def test_promotions_may_be_several():
    traced = gold().amount_off(trace.PROMOTION, D(10)).amount_off(trace.PROMOTION, D(5))
    assert traced.total == 745


def test_pricelists_below_pricelists_may_be_several_in_any_order():
    traced = begin(10).percent_off(trace.GRADE, D(10)).percent_off(trace.TIER, D(10))
    assert traced.percent_off(trace.GRADE, D(50)).total == 162


@pytest.mark.parametrize("code", [trace.AGREED, trace.MANUAL, trace.KEPT])
def test_a_price_of_another_origin_replaces_what_rules_make(code):
    traced = gold().priced(code, D(35)).percent_off(code, D(10))
    traced = traced.amount_off(trace.TAX, D("131.25")).amount_off(trace.PROMOTION, D(5))
    assert traced.total == D("651.25")
    assert replay(from_json(to_json(traced))) == Replay(True, D("651.25"))


def test_a_cent_of_rounding_is_a_step_of_its_own():
    # W17 as core computes it: 33.33 % is printed and 120.01 billed.
    traced = begin(1, D(180)).percent_off(trace.GRADE, D("33.333"))
    traced = traced.amount_off(trace.ROUNDING, D("-0.01"))
    assert traced.total == D("120.01")
    assert replay(traced).holds


def test_a_share_may_be_rounded_in_any_way():
    # Core gives what is left over, here two cents, to the last part.
    for part in ("33.35", "33.32"):
        traced = begin(2, D(50)).shared(D(100), D(50), D(150), D(part), D(2))
        assert traced.total == 2 * D(part)
        assert replay(traced).holds


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (trace.GRADE, trace.LIST),
        (trace.BUNDLE, trace.TIER),
        (trace.MANUAL, trace.GRADE),
        (trace.PROMOTION, trace.MANUAL),
    ],
)
def test_a_step_that_may_not_follow_is_refused(before, code):
    with pytest.raises(PricingError, match="code"):
        begin().percent_off(before, D(1)).percent_off(code, D(1))


def test_a_trace_begins_with_the_list_price():
    with pytest.raises(PricingError, match="code"):
        Trace("EUR", CENT, D(1)).percent_off(trace.GRADE, D(1))


# Text


def test_text_keeps_no_words_and_no_floats():
    read = json.loads(to_json(gold()))
    assert set(read) == {"currency", "format", "quantity", "step", "steps", "total"}
    assert set(read["steps"][0]) == {
        "after",
        "before",
        "code",
        "figures",
        "kind",
        "rounded",
        "rule",
        "version",
    }
    assert read["steps"][1]["figures"] == [["quantity", "25"], ["price", "32.00"]]


def test_a_trace_of_nothing_has_no_unit_price():
    traced = begin(0)
    assert (traced.total, traced.unit_price) == (0, None)
    assert replay(traced).holds
    assert replay(Trace("EUR", CENT, D(0))).holds


def broken(**values):
    read = json.loads(to_json(gold()))
    return json.dumps(read | values)


def broken_step(**values):
    read = json.loads(to_json(gold()))
    read["steps"][2] |= values
    return json.dumps(read)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("trace", "{"),
        ("trace", "[]"),
        ("trace", None),
        ("trace", "[" * 100_000),
        ("format", broken(format=2)),
        ("step", broken(step="0")),
        ("step", broken(step=0.01)),
        ("quantity", broken(quantity="NaN")),
        ("quantity", broken(quantity="1E+999999999")),
        ("quantity", broken(quantity="1E-999999999")),
        ("quantity", broken(quantity="9" * 500)),
        ("quantity", broken(quantity="٣")),
        ("total", broken(total="much")),
        ("total", broken(total=None)),
        ("currency", broken(currency=1)),
        ("steps", broken(steps={})),
        ("steps.0", broken(steps=["list"])),
        ("steps.0.code", broken(steps=[{}])),
        ("steps.2.code", broken_step(code="gift")),
        ("steps.2.kind", broken_step(kind=["percent"])),
        ("steps.2.figures", broken_step(figures=[])),
        ("steps.2.figures", broken_step(figures=[["percent"]])),
        ("steps.2.figures", broken_step(figures=[["amount", "5"]])),
        ("steps.2.figures.0", broken_step(figures=[["percent", 5]])),
        ("steps.2.version", broken_step(version="yesterday")),
        ("steps.2.rule", broken_step(rule=1.5)),
        ("steps.2.rule", broken_step(rule=True)),
        ("steps.2.rounded", broken_step(rounded=0)),
    ],
)
def test_text_that_is_no_trace_is_refused_with_the_place(field, text):
    with pytest.raises(TraceError) as refused:
        from_json(text)
    assert refused.value.field == field
    assert len(str(refused.value)) < 300


def test_every_mode_of_a_ladder_can_be_traced():
    for mode in tiers.MODES:
        for quantity in (-24, -9, 0, 9, 24, 49):
            priced = price(candle(mode), CANDLE, D(quantity), CENT)
            traced = begin(quantity).tiered(priced)
            assert traced.total == priced.total
            assert replay(traced).holds
            assert isinstance(traced.total, Decimal)
