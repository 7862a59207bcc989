"""Parts of a sale that are booked, taken back and booked anew in any order."""

from __future__ import annotations

import json
from decimal import Decimal

from basket_support import CENT, schemes
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.commission import commission
from odoo.addons.artisan_pricing.engine.commission_json import from_json, to_json
from odoo.addons.artisan_pricing.engine.earning import Borne, Earning, SoldLine

D = Decimal
ONE = D(1)


def figures(earning):
    """All figures of an Earning, none of them zero."""
    borne = [
        ((each.promotion, payer), amount)
        for each in earning.line.discounts
        for payer, amount in (("maker", each.by_maker), ("platform", each.by_platform))
    ]
    found = [("net", earning.line.net), *borne, *earning.commission]
    return {key: amount for key, amount in found if amount}


def book(whole, booked, count, units):
    """What ``count`` of ``units`` bring beside what is booked: {name: (count, Earning)}."""
    before = sum(each for each, _earning in booked.values())
    part = whole.part(D(before), D(before + count), D(units), CENT)
    known = Earning(SoldLine("a", "anna", D(0)))
    for _count, earning in booked.values():
        known = known.plus(earning)
    wanted = whole.part(D(0), D(before + count), D(units), CENT)
    return part.settled(wanted, known, CENT * (len(booked) + 1))


@given(
    net=st.integers(1, 50_000),
    borne=st.integers(0, 5_000),
    scheme=schemes(),
    counts=st.lists(st.integers(1, 9), min_size=2, max_size=5),
    data=st.data(),
)
def test_parts_booked_in_any_order_sum_to_the_whole(net, borne, scheme, counts, data):
    off = (Borne("promo", borne * CENT, borne * CENT),)
    [whole] = commission([SoldLine("a", "anna", net * CENT, off)], scheme, CENT)
    units, booked = sum(counts), {}
    places = st.integers(0, len(counts) - 1)
    turns = data.draw(st.lists(places, max_size=12))
    for place in turns:  # the first time it is booked, then reset, and so on
        if not booked.pop(place, None):
            booked[place] = counts[place], book(whole, booked, counts[place], units)
    for place in set(range(len(counts))) - set(booked):
        booked[place] = counts[place], book(whole, booked, counts[place], units)
    for _count, earning in booked.values():
        assert earning.payout + earning.platform == earning.line.net
    total = Earning(SoldLine("a", "anna", D(0)))
    for _count, earning in booked.values():
        total = total.plus(earning)
    assert figures(total) == figures(whole)


def test_part_that_is_booked_anew_takes_what_the_other_left():
    """3 and 7 of 4.95: 1.49 and 3.46. The 3 anew: 3.47 of 7 to 4.95 would be 1.48."""
    whole = Earning(SoldLine("a", "anna", D("33.00")), (("sales", D("4.95")),))
    first = book(whole, {}, 3, 10)
    second = book(whole, {1: (3, first)}, 7, 10)
    again = book(whole, {2: (7, second)}, 3, 10)
    fees = [dict(each.commission)["sales"] for each in (first, second, again)]
    assert fees == [D("1.49"), D("3.46"), D("1.49")]


def test_figure_that_is_off_by_more_than_rounding_stays():
    part = Earning(SoldLine("a", "anna", D(30)), (("sales", D(6)),))
    wanted = Earning(SoldLine("a", "anna", D(100)), (("sales", D(20)),))
    booked = Earning(SoldLine("a", "anna", D("70.01")), (("sales", D(7)),))
    settled = part.settled(wanted, booked, D("0.02"))
    assert settled.line.net == D("29.99")
    assert dict(settled.commission) == {"sales": D(6)}


def test_negated_figures_sum_to_nothing():
    off = (Borne("promo", D(1), D(2)),)
    earning = Earning(SoldLine("a", "anna", D(9), off), (("sales", D("1.35")),))
    assert figures(earning.plus(earning.negated())) == {}


@given(scheme=schemes())
def test_scheme_that_was_kept_is_the_scheme(scheme):
    assert from_json(json.loads(json.dumps(to_json(scheme)))) == scheme
