"""Bundles: the worked examples W6 to W9, and what holds for any bundle and its returns.

The splits of W6 and W8 were read off Odoo 19's own combos.
"""

from __future__ import annotations

from decimal import localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_support import CENT, D, steps

from odoo.addons.artisan_pricing.engine import bundles
from odoo.addons.artisan_pricing.engine.bundles import (
    Bundle,
    Part,
    by_maker,
    refund,
)
from odoo.addons.artisan_pricing.engine.money import PricingError, round_to

A = Part("A", D(40), maker="Ada")
B = Part("B", D(25), maker="Ben")
C = Part("C", D(15), maker="Ada")
THREE = Bundle(D("68.00"), (A, B, C), CENT)


def amounts(*values):
    return dict(zip("ABC", map(D, values), strict=True))


# Worked examples


def test_w06_price_is_split_by_list_value():
    assert THREE.split() == amounts("34.00", "21.25", "12.75")


def test_w07_split_adds_up_where_core_is_a_cent_off():
    bundle = Bundle(round_to(D(68) * D("0.9"), CENT), (A, B, C), CENT)
    assert bundle.split() == amounts("30.60", "19.13", "11.47")
    assert sum(bundle.split().values()) == D("61.20")


def test_w08_three_equal_parts_leave_the_cent_on_the_last_one_and_three_of_them():
    parts = tuple(Part(key, D(50)) for key in "ABC")
    bundle = Bundle(D(100), parts, CENT)
    assert bundle.split() == amounts("33.33", "33.33", "33.34")
    assert bundle.split(D(3)) == amounts("99.99", "99.99", "100.02")


@pytest.mark.parametrize(
    ("policy", "total", "changes"),
    [
        (bundles.SIMPLE, "12.75", ("0", "0", "-12.75")),
        # A and B cost 40 and 25 on their own: 6.00 and 3.75 more than in the bundle.
        (bundles.REPRICE, "3.00", ("6.00", "3.75", "-12.75")),
    ],
)
def test_w09_refund_of_c_follows_the_policy(policy, total, changes):
    given_back = refund(THREE, D(1), {"C": D(1)}, policy=policy)
    assert given_back.total == D(total)
    assert given_back.changes == amounts(*changes)


# Rules


def test_amounts_are_summed_by_maker():
    assert by_maker(THREE.parts, THREE.split()) == {
        "Ada": D("46.75"),
        "Ben": D("21.25"),
    }


def test_makers_of_what_is_kept_get_the_list_price_back():
    given_back = refund(THREE, D(1), {"C": D(1)}, policy=bundles.REPRICE)
    # Ada loses 12.75 for C and gets 6.00 for A.
    assert by_maker(THREE.parts, given_back.changes) == {
        "Ada": D("-6.75"),
        "Ben": D("3.75"),
    }


def test_the_digits_that_a_caller_computes_with_do_not_matter():
    with localcontext() as context:
        context.prec = 3
        split = THREE.split(D(333))
        assert split == amounts("11322.00", "7076.25", "4245.75")
        assert by_maker(THREE.parts, split)["Ada"] == D("15567.75")
        given_back = refund(THREE, D(333), {"C": D(100)}, policy=bundles.REPRICE)
        assert given_back.total == 300


def test_a_returned_bundle_mirrors_a_sold_one():
    assert THREE.split(D(-2)) == {key: -2 * part for key, part in THREE.split().items()}


def test_units_in_a_bundle_count():
    # 2 x 10 and 1 x 20 are worth the same.
    pair = Bundle(D(30), (Part("A", D(10), D(2)), Part("B", D(20))), CENT)
    assert pair.split() == {"A": 15, "B": 15}
    assert refund(pair, D(1), {"A": D(1)}).total == D("7.50")


def test_a_gift_has_no_part_of_the_price():
    bundle = Bundle(D(30), (A, Part("gift", D(0))), CENT)
    assert bundle.split() == {"A": 30, "gift": 0}
    assert refund(bundle, D(1), {"gift": D(1)}, policy=bundles.REPRICE).total == 0


def test_reprice_goes_on_from_what_came_back_before():
    # 68 - 65 = 3, then 68 - 40 = 28 in all, then everything.
    given_back = [
        refund(THREE, D(1), now, before, bundles.REPRICE).total
        for now, before in (
            ({"C": D(1)}, {}),
            ({"B": D(1)}, {"C": D(1)}),
            ({"A": D(1)}, {"C": D(1), "B": D(1)}),
        )
    ]
    assert given_back == [3, 25, 40]


def test_reprice_breaks_no_more_bundles_than_came_back():
    # Of two bundles one is whole: 68 + 65 are kept of 136.
    assert refund(THREE, D(2), {"C": D(1)}, policy=bundles.REPRICE).total == 3


def test_reprice_gives_nothing_back_where_the_rest_is_worth_the_bundle():
    cheap = Bundle(D(60), (A, B, C), CENT)
    given_back = refund(cheap, D(1), {"C": D(1)}, policy=bundles.REPRICE)
    assert given_back.total == 0
    # A and B keep the 60: 36.92 and 23.08 where they had 30.00 and 18.75.
    assert given_back.changes == amounts("6.92", "4.33", "-11.25")


def test_a_bundle_dearer_than_its_parts_is_refunded_by_shares():
    dear = Bundle(D(90), (A, B, C), CENT)
    simple = refund(dear, D(1), {"C": D(1)})
    assert refund(dear, D(1), {"C": D(1)}, policy=bundles.REPRICE) == simple


# Bad input


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("price", lambda: Bundle(D(0), (A,), CENT)),
        ("price", lambda: Bundle(D(-5), (A,), CENT)),
        ("price", lambda: Bundle(D("0.005"), (A,), CENT)),
        ("parts", lambda: Bundle(D(5), (), CENT)),
        ("parts", lambda: Bundle(D(5), (A, A), CENT)),
        ("list_price", lambda: Bundle(D(5), (Part("A", D(0)),), CENT)),
        ("list_price", lambda: Part("A", D(-1))),
        ("quantity", lambda: Part("A", D(1), D(0))),
        ("step", lambda: Bundle(D(5), (A,), D(0))),
        ("policy", lambda: refund(THREE, D(1), {}, policy="kind")),
        ("count", lambda: refund(THREE, D("1.5"), {})),
        ("count", lambda: refund(THREE, D(0), {})),
        ("returned", lambda: refund(THREE, D(1), {"A": D(2)})),
        ("returned", lambda: refund(THREE, D(1), {"A": D(1)}, {"A": D(1)})),
        ("returned", lambda: refund(THREE, D(1), {"A": D(-1)})),
        ("returned", lambda: refund(THREE, D(1), {"X": D(1)})),
    ],
)
def test_a_value_without_meaning_is_refused_by_name(field, build):
    with pytest.raises(PricingError) as refused:
        build()
    assert refused.value.field == field


# What holds for any bundle


@st.composite
def any_bundle(draw, is_discounted=False):
    step = draw(steps)
    size = draw(st.integers(1, 6))
    parts = tuple(
        Part(
            key, draw(st.integers(1, 9000)) * step, D(draw(st.integers(1, 4))), key % 3
        )
        for key in range(size)
    )
    worth = int(sum(part.value for part in parts) / step)
    most = worth if is_discounted else 2 * worth
    return Bundle(draw(st.integers(1, most)) * step, parts, step)


@given(any_bundle(), st.integers(-50, 50).map(D))
def test_parts_and_makers_add_up_to_the_price(bundle, count):
    split = bundle.split(count)
    assert sum(split.values()) == count * bundle.price
    assert sum(by_maker(bundle.parts, split).values()) == count * bundle.price
    for part in bundle.parts:
        exact = bundle.price * part.value / bundle.list_value
        assert abs(bundle.split()[part.key] - exact) < bundle.step


@given(any_bundle(is_discounted=True))
def test_no_part_of_a_bundle_is_above_its_list_value(bundle):
    for part in bundle.parts:
        assert bundle.split()[part.key] <= part.value


@given(
    any_bundle(),
    st.integers(1, 4).map(D),
    st.sampled_from(bundles.POLICIES),
    st.data(),
)
def test_returns_in_any_order_give_back_exactly_what_was_paid(
    bundle, count, policy, data
):
    units = [
        part.key for part in bundle.parts for _n in range(int(count * part.quantity))
    ]
    left = {part.key: part.list_price for part in bundle.parts}
    before, refunded, changes = {}, [], bundle.split(count)
    for key in data.draw(st.permutations(units)):
        given_back = refund(bundle, count, {key: D(1)}, before, policy)
        refunded.append(given_back.total)
        assert given_back.total >= 0
        assert -sum(given_back.changes.values()) == given_back.total
        if bundle.price <= bundle.list_value and policy == bundles.REPRICE:
            assert given_back.total <= left[key]
        changes = {key: changes[key] + given_back.changes[key] for key in changes}
        before[key] = before.get(key, D(0)) + 1
    assert sum(refunded) == count * bundle.price
    assert not any(changes.values())


@given(any_bundle(), st.integers(1, 4).map(D), st.data())
def test_what_comes_back_together_or_one_by_one_is_refunded_alike(bundle, count, data):
    returned = {
        part.key: D(data.draw(st.integers(0, int(count * part.quantity))))
        for part in bundle.parts
    }
    for policy in bundles.POLICIES:
        together, before = refund(bundle, count, returned, policy=policy), {}
        one_by_one = D(0)
        for key, units in returned.items():
            one_by_one += refund(bundle, count, {key: units}, before, policy).total
            before[key] = units
        assert one_by_one == together.total
