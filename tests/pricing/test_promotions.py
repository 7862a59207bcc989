"""Promotions: the fixed order, what stacks, and what each line keeps.

The figures of W10 to W15 are those of the worked examples; "core" beside them is what Odoo
19 itself gives.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from basket_support import (
    CENT,
    baskets,
    fixed,
    free,
    line,
    offers,
    percent,
)
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine import promotions
from odoo.addons.artisan_pricing.engine.funding import BY_MAKER, BY_PLATFORM
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.promotions import (
    EXCLUDED,
    MAKER,
    NOTHING_TO_TAKE,
    WALLET,
    Line,
    Promotion,
    PromotionError,
    apply,
)

D = Decimal
D_AND_E = (line("D", 100), line("E", 100))


def scope(*makers):
    return frozenset(makers)


def taken(applied):
    """(promotion, line) -> amount as text."""
    return {(each.promotion, each.line): str(each.amount) for each in applied.discounts}


# The worked examples.


def test_w10_promotions_that_both_stack_take_the_percentage_first():
    offered = [fixed("code", 20, stackable=True), percent("auto", 10, stackable=True)]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.total == D("160.00")
    assert list(applied.by_promotion()) == ["auto", "code"]
    assert not applied.left_out


@pytest.mark.parametrize(
    ("auto", "code"), [(False, False), (True, False), (False, True)]
)
def test_w10_promotions_exclude_each_other_unless_both_stack(auto, code):
    offered = [fixed("code", 20, stackable=code), percent("auto", 10, stackable=auto)]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.total == D("180.00")
    # Both take 20.00: the key that comes first counts.
    assert list(applied.by_promotion()) == ["auto"]
    [refused] = applied.left_out
    assert (refused.promotion, refused.reason) == ("code", EXCLUDED)
    assert refused.excluded_by == ("auto",)


def test_w11_the_better_code_replaces_the_automatic_promotion():
    offered = [percent("auto", 10), fixed("code", 30)]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.total == D("170.00")
    assert list(applied.by_promotion()) == ["code"]


def test_w11_both_count_when_both_stack():
    offered = [percent("auto", 10, stackable=True), fixed("code", 30, stackable=True)]
    assert apply(D_AND_E, offered, CENT).total == D("150.00")


def test_w12_the_maker_promotion_always_goes_before_the_platform_one():
    basket = (line("D", 100, maker="anna"), line("E", 100, maker="bela"))
    order = percent("a-order", 10)
    own = percent("z-own", 20, stage=MAKER, makers=scope("anna"), funding=BY_MAKER)
    for offered in ([order, own], [own, order]):
        applied = apply(basket, offered, CENT)
        assert applied.total == D("162.00")
        assert applied.by_promotion() == {"z-own": D(20), "a-order": D(18)}
        assert applied.nets() == {"D": D("72.00"), "E": D("90.00")}


def test_w14_a_promotion_is_taken_of_the_tier_price():
    applied = apply([line("A", 800, quantity=D(25))], [percent("order", 10)], CENT)
    assert applied.total == D("720.00")


def test_w15_lines_keep_their_tax_group_and_their_maker():
    basket = (
        line("F", 100, tax_group="20", maker="anna"),
        line("G", 100, tax_group="5.5", maker="bela"),
    )
    applied = apply(basket, [percent("order", 10)], CENT)
    assert applied.total == D("180.00")
    assert {each.tax_group: each.amount for each in applied.discounts} == {
        "20": D(10),
        "5.5": D(10),
    }
    assert {each.line: each.maker for each in applied.discounts} == {
        "F": "anna",
        "G": "bela",
    }
    rates = {"20": D("1.20"), "5.5": D("1.055")}
    nets = applied.nets()
    taxed = sum(nets[each.key] * rates[each.tax_group] for each in basket)
    assert taxed == D("202.95")


# Order and kinds.


def test_stages_apply_in_their_order_whatever_the_keys():
    offered = [
        fixed("1", 10, stage=WALLET),
        percent("2", 10, stage=promotions.PLATFORM),
        percent("3", 10, stage=MAKER, makers=scope("anna")),
        percent("4", 10, stage=promotions.BUNDLE),
        percent("5", 10, stage=promotions.TIER),
    ]
    applied = apply([line("a", 1000, maker="anna")], offered, CENT)
    assert applied.by_promotion() == {
        "5": D(100),
        "4": D(90),
        "3": D(81),
        "2": D("72.90"),
        "1": D(10),
    }


def test_within_a_stage_free_products_go_before_percent_and_percent_before_fixed():
    offered = [
        fixed("1", 5, stackable=True),
        percent("2", 10, stackable=True),
        free("3", 1, stackable=True),
    ]
    applied = apply([line("a", 100, quantity=D(4))], offered, CENT)
    assert applied.by_promotion() == {"3": D(25), "2": D("7.50"), "1": D(5)}


def test_a_percentage_is_rounded_once_and_its_remainder_goes_to_the_largest():
    basket = [line("a", "0.10"), line("b", "0.10"), line("c", "0.14")]
    applied = apply(basket, [percent("order", 15)], CENT)
    # 15 % of 0.34 is 0.051; the exact shares are 0.0147, 0.0147 and 0.0206.
    assert applied.by_promotion() == {"order": D("0.05")}
    assert taken(applied) == {
        ("order", "a"): "0.02",
        ("order", "b"): "0.01",
        ("order", "c"): "0.02",
    }


def test_a_free_product_is_the_cheapest_of_its_scope():
    basket = [
        line("bowls", 90, product="bowl", quantity=D(3)),
        line("candles", 40, product="candle", quantity=D(2)),
        line("soap", 4, product="soap"),
    ]
    offer = free("gift", 3, products=frozenset({"bowl", "candle"}))
    applied = apply(basket, [offer], CENT)
    # Two candles of 20 and one bowl of 30.
    assert applied.by_promotion() == {"gift": D(70)}
    assert applied.nets() == {"bowls": D(60), "candles": D(0), "soap": D(4)}


def test_a_maximum_caps_what_is_taken_and_shares_it():
    basket = [line("a", 300), line("b", 100)]
    applied = apply(basket, [percent("order", 50, maximum=D(20))], CENT)
    assert taken(applied) == {("order", "a"): "15.00", ("order", "b"): "5.00"}


def test_amounts_stop_at_zero():
    basket = [line("a", 30), line("b", 20)]
    offered = [
        fixed("big", 80),
        percent("more", 10, group="other"),
        fixed("card", 5, stage=WALLET),
    ]
    applied = apply(basket, offered, CENT)
    # The percentage goes first: 5, then the 45 that are left.
    assert applied.by_promotion() == {"more": D(5), "big": D(45)}
    assert applied.total == 0
    [refused] = applied.left_out
    assert (refused.promotion, refused.reason) == ("card", NOTHING_TO_TAKE)


def test_a_currency_without_cents_is_shared_in_whole_units():
    basket = [line("a", 1000), line("b", 1000), line("c", 1000)]
    applied = apply(basket, [fixed("code", 100)], D(1))
    assert taken(applied) == {
        ("code", "a"): "34",
        ("code", "b"): "33",
        ("code", "c"): "33",
    }


def test_a_currency_with_three_decimals_keeps_them():
    applied = apply([line("a", "1.005")], [percent("order", 10)], D("0.001"))
    assert applied.total == D("0.904")


# Scope and stacking.


def test_promotions_of_two_makers_do_not_exclude_each_other():
    basket = (line("D", 100, maker="anna"), line("E", 100, maker="bela"))
    offered = [
        percent("one", 20, stage=MAKER, makers=scope("anna"), funding=BY_MAKER),
        percent("two", 10, stage=MAKER, makers=scope("bela"), funding=BY_MAKER),
    ]
    assert apply(basket, offered, CENT).total == D(170)


def test_promotions_of_different_groups_do_not_exclude_each_other():
    offered = [percent("one", 10, group="x"), percent("two", 10, group="y")]
    assert apply(D_AND_E, offered, CENT).total == D(162)


def test_several_that_stack_beat_a_better_single_one_together():
    offered = [
        fixed("alone", 25),
        fixed("one", 15, stackable=True),
        fixed("two", 15, stackable=True),
    ]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.by_promotion() == {"one": D(15), "two": D(15)}
    [refused] = applied.left_out
    assert refused.excluded_by == ("one", "two")


def test_a_better_single_one_beats_several_that_stack():
    offered = [
        fixed("alone", 31),
        fixed("one", 15, stackable=True),
        fixed("two", 15, stackable=True),
    ]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.by_promotion() == {"alone": D(31)}


def test_the_best_of_hundreds_that_exclude_each_other_is_found():
    offered = [fixed(f"p{number:03}", 1 + number % 97) for number in range(300)]
    applied = apply(D_AND_E, offered, CENT)
    assert applied.by_promotion() == {"p096": D(97)}
    assert len(applied.left_out) == 299


def test_wallets_never_exclude_each_other():
    offered = [fixed("card1", 30, stage=WALLET), fixed("card2", 40, stage=WALLET)]
    assert apply(D_AND_E, offered, CENT).total == D(130)


def test_delivery_takes_part_only_where_it_is_named_and_in_wallets():
    basket = [line("a", 50), line("post", 8, product="post", is_delivery=True)]
    assert apply(basket, [percent("order", 50)], CENT).total == D(33)
    named = percent("no-postage", 100, products=frozenset({"post"}))
    assert apply(basket, [named], CENT).total == D(50)
    assert apply(basket, [fixed("card", 55, stage=WALLET)], CENT).total == D(3)


def test_a_promotion_without_a_line_is_left_out_with_the_reason():
    offer = percent("own", 10, stage=MAKER, makers=scope("caro"))
    applied = apply([line("a", 10, maker="anna")], [offer], CENT)
    assert [each.reason for each in applied.left_out] == [NOTHING_TO_TAKE]
    assert applied.total == D(10)


# Returns.


def test_returned_lines_beside_sold_ones_keep_their_price():
    basket = [line("sold", 100), line("back", -30, quantity=D(-1))]
    applied = apply(basket, [percent("order", 10)], CENT)
    assert applied.nets() == {"sold": D(90), "back": D(-30)}


def test_nothing_is_paid_out_of_a_promotion_on_a_basket_with_returns():
    basket = [line("sold", 100), line("back", -30, quantity=D(-1))]
    assert apply(basket, [fixed("card", 200, stage=WALLET)], CENT).total == 0
    back = [line("sold", 20), line("back", -30, quantity=D(-1))]
    assert apply(back, [percent("order", 10)], CENT).total == D(-10)


def test_a_line_for_nothing_beside_returns_does_not_make_them_a_sale():
    basket = [line("gift", 0), line("back", -30, quantity=D(-1))]
    assert apply(basket, [percent("order", 10)], CENT).total == D(-27)


def test_a_line_of_one_cent_takes_part():
    assert apply([line("a", "0.01")], [percent("order", 100)], CENT).total == 0


@given(basket=baskets(), offered=offers())
def test_a_return_of_all_mirrors_the_sale(basket, offered):
    sale = apply(basket, offered, CENT)
    mirrored = [
        replace(each, amount=-each.amount, quantity=-each.quantity) for each in basket
    ]
    back = apply(mirrored, offered, CENT)
    assert back.total == -sale.total
    assert back.nets() == {key: -amount for key, amount in sale.nets().items()}
    assert back.left_out == sale.left_out


# Properties.


@given(basket=baskets(), offered=offers(), data=st.data())
def test_the_order_of_lines_and_promotions_changes_nothing(basket, offered, data):
    first = apply(basket, offered, CENT)
    shuffled = apply(
        data.draw(st.permutations(basket)), data.draw(st.permutations(offered)), CENT
    )
    assert shuffled.total == first.total
    assert shuffled.nets() == first.nets()
    assert shuffled.discounts == first.discounts
    assert shuffled.left_out == first.left_out


@given(basket=baskets(), offered=offers(), data=st.data())
def test_applying_then_cancelling_restores_the_totals(basket, offered, data):
    nothing = apply(basket, [], CENT)
    everything = apply(basket, offered, CENT)
    assert everything.cancel(*[each.key for each in offered]) == nothing
    some = [each for each in offered if data.draw(st.booleans())]
    keys = [each.key for each in offered if each not in some]
    assert everything.cancel(*keys) == apply(basket, some, CENT)


@given(basket=baskets(), offered=offers())
def test_no_line_falls_below_zero_or_rises(basket, offered):
    applied = apply(basket, offered, CENT)
    nets = applied.nets()
    assert all(0 <= nets[each.key] <= each.amount for each in basket)
    assert all(each.amount > 0 for each in applied.discounts)


@given(basket=baskets(), offered=offers())
def test_sums_by_promotion_agree_with_the_lines(basket, offered):
    applied = apply(basket, offered, CENT)
    off = sum((each.amount for each in basket), D(0)) - applied.total
    assert sum(applied.by_promotion().values(), D(0)) == off
    by_key = {each.key: each for each in offered}
    for key, amount in applied.by_promotion().items():
        most = by_key[key].maximum
        assert most is None or amount <= most


@given(basket=baskets(), offered=offers())
def test_each_promotion_counts_or_is_left_out_with_a_reason(basket, offered):
    applied = apply(basket, offered, CENT)
    counted = set(applied.by_promotion())
    left_out = {each.promotion: each for each in applied.left_out}
    by_key = {each.key: each for each in offered}
    for key, promotion in by_key.items():
        if key in left_out:
            assert all(
                by_key[other].excludes(promotion) for other in left_out[key].excluded_by
            )
            assert (left_out[key].reason == EXCLUDED) == bool(left_out[key].excluded_by)
    assert counted == set(by_key) - set(left_out)
    assert len(applied.left_out) == len(left_out)


@given(basket=baskets(), offered=offers(max_size=4))
def test_two_that_count_on_a_line_both_stack_or_are_of_different_groups(
    basket, offered
):
    applied = apply(basket, offered, CENT)
    by_key = {each.key: each for each in offered}
    by_line: dict[str, list[Promotion]] = {}
    for each in applied.discounts:
        by_line.setdefault(each.line, []).append(by_key[each.promotion])
    for found in by_line.values():
        for one in found:
            assert not any(one.excludes(two) for two in found if two is not one)


# Bad input.


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "half"}, "kind"),
        ({"stage": "later"}, "stage"),
        ({"value": D(0)}, "value"),
        ({"value": D(-5)}, "value"),
        ({"value": D("100.01")}, "value"),
        ({"value": 0.5}, "value"),
        ({"maximum": D(0)}, "maximum"),
        ({"makers": frozenset()}, "makers"),
        ({"products": frozenset()}, "products"),
        ({"stage": MAKER}, "makers"),
        ({"stage": WALLET}, "wallet"),
        ({"stage": WALLET, "kind": "fixed", "funding": BY_MAKER}, "wallet"),
    ],
)
def test_a_promotion_without_meaning_is_refused_by_name(values, field):
    given_values = {
        "key": "p",
        "stage": promotions.PLATFORM,
        "kind": promotions.PERCENT,
        "value": D(10),
        "funding": BY_PLATFORM,
    }
    with pytest.raises(PricingError) as caught:
        Promotion(**{**given_values, **values})
    assert caught.value.field == field


def test_negative_prices_are_refused_by_line():
    for amount, quantity in ((D(-5), D(1)), (D(5), D(-1)), (D(5), D(0))):
        with pytest.raises(PromotionError, match="amount of line a: "):
            Line("a", amount, quantity=quantity)


def test_keys_that_occur_twice_are_refused():
    with pytest.raises(PromotionError, match="key of line: D: occurs twice"):
        apply([*D_AND_E, line("D", 1)], [], CENT)
    with pytest.raises(PromotionError, match="key of promotion: p: occurs twice"):
        apply(D_AND_E, [percent("p", 1), fixed("p", 1)], CENT)


def test_amounts_finer_than_the_currency_are_refused():
    with pytest.raises(PricingError, match=r"amount of line a: 1\.005: is finer"):
        apply([line("a", "1.005")], [], CENT)
    with pytest.raises(PricingError, match=r"value: 0\.5: is finer"):
        apply([line("a", 1)], [fixed("p", "0.5")], D(1))


def test_cancelling_what_was_not_offered_is_refused():
    with pytest.raises(PromotionError, match="not on this basket"):
        apply(D_AND_E, [], CENT).cancel("ghost")


def test_an_empty_basket_costs_nothing():
    assert apply([], [percent("p", 10)], CENT).total == 0
