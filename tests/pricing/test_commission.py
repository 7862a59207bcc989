"""Commission: its base, its parts, its sections, and the way back on a refund."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from basket_support import (
    CENT,
    baskets,
    fixed,
    line,
    offers,
    percent,
    schemes,
    sold_lines,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine import commission as module
from odoo.addons.artisan_pricing.engine.commission import (
    FIXED,
    MARGINAL,
    MAXIMUM,
    MINIMUM,
    ORDER,
    PERCENT,
    SECTIONS,
    CommissionError,
    Part,
    Scheme,
    Section,
    commission,
)
from odoo.addons.artisan_pricing.engine.earning import (
    Borne,
    Earning,
    RefundError,
    SoldLine,
)
from odoo.addons.artisan_pricing.engine.funding import BY_MAKER, BY_PLATFORM, Funding
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.promotions import MAKER, WALLET, apply

D = Decimal
FIFTEEN = Scheme((Part("rate", PERCENT, D(15)),))
W19 = (
    Section(D(0), D(1000), D(10)),
    Section(D(1000), D(5000), D(8)),
    Section(D(5000), None, D(6)),
)


def sold(net, key="a", maker="anna", **values):
    return SoldLine(key, maker, D(net), **values)


def total(earnings):
    return sum((each.commission_total for each in earnings), D(0))


def by_maker(lines, scheme, step=CENT):
    """Earnings of all lines of an order, maker by maker."""
    makers = sorted({each.maker for each in lines}, key=str)
    return [
        earning
        for maker in makers
        for earning in commission(
            [each for each in lines if each.maker == maker], scheme, step
        )
    ]


# The worked examples.


def w12_basket(first=MAKER):
    """D 100 and E 100, 20 % on D by the maker and 10 % of the order by the platform."""
    basket = (line("D", 100, maker="anna"), line("E", 100, maker="bela"))
    own = percent("own", 20, stage=MAKER, makers=frozenset({"anna"}), funding=BY_MAKER)
    return apply(basket, [own, percent("order", 10)], CENT)


def test_w13_makers_get_68_and_85_and_the_platform_9():
    earnings = by_maker(sold_lines(w12_basket()), FIFTEEN)
    assert {each.line.key: each.payout for each in earnings} == {"D": D(68), "E": D(85)}
    assert sum(each.platform for each in earnings) == D(9)
    assert sum(each.line.net for each in earnings) == D(162)


@pytest.mark.parametrize(
    ("funding", "base", "fee", "payout", "platform"),
    [
        (BY_MAKER, "90", "13.50", "76.50", "13.50"),
        (Funding(D(50), D(50)), "95", "14.25", "80.75", "9.25"),
        (BY_PLATFORM, "100", "15.00", "85.00", "5.00"),
    ],
)
def test_w16_commission_follows_who_pays_the_discount(
    funding, base, fee, payout, platform
):
    basket = [line("a", 100, maker="anna")]
    applied = apply(basket, [fixed("promo", 10, funding=funding)], CENT)
    [earning] = commission(sold_lines(applied), FIFTEEN, CENT)
    assert earning.line.base == D(base)
    assert earning.commission_total == D(fee)
    assert earning.payout == D(payout)
    assert earning.platform == D(platform)


@pytest.mark.parametrize(
    ("mode", "fee"), [(module.WHOLE, "80.04"), (MARGINAL, "100.04")]
)
def test_w19_a_base_between_two_whole_numbers_pays_commission(mode, fee):
    part = Part("rate", SECTIONS, sections=W19, mode=mode)
    [earning] = commission([sold("1000.50")], Scheme((part,)), CENT)
    assert earning.commission_total == D(fee)


@pytest.mark.parametrize(
    ("base", "whole", "marginal"),
    [
        ("999.99", "100.00", "100.00"),
        ("1000", "80.00", "100.00"),  # the limit belongs to the section it begins
        ("4999.99", "400.00", "420.00"),
        ("5000", "300.00", "420.00"),
        ("6000", "360.00", "480.00"),
        ("-1000.50", "-80.04", "-100.04"),
    ],
)
def test_sections_are_half_open(base, whole, marginal):
    for mode, fee in ((module.WHOLE, whole), (MARGINAL, marginal)):
        part = Part("rate", SECTIONS, sections=W19, mode=mode)
        assert part.amount(D(base), CENT) == D(fee)


# Base and parts.


def test_the_base_is_without_delivery_and_wallets_do_not_lower_it():
    basket = [
        line("a", 100, maker="anna"),
        line("post", 8, maker="anna", is_delivery=True),
    ]
    applied = apply(basket, [fixed("card", 54, stage=WALLET)], CENT)
    item, delivery = commission(sold_lines(applied), FIFTEEN, CENT)
    assert (item.line.net, item.line.base, item.payout) == (D(50), D(100), D(85))
    assert (delivery.line.net, delivery.line.base, delivery.payout) == (D(4), 0, D(8))
    # The platform held the 54 of the wallet.
    assert item.platform + delivery.platform == D(15) - D(54)


def test_goods_of_the_platform_pay_no_commission_and_stay_with_it():
    [earning] = commission([sold(100, maker=None)], FIFTEEN, CENT)
    assert (earning.payout, earning.platform) == (0, D(100))


def test_several_parts_are_listed_one_by_one():
    scheme = Scheme(
        (
            Part("sale", PERCENT, D(10)),
            Part("payment", PERCENT, D("1.4"), unit=ORDER),
            Part("order", FIXED, D("0.25"), unit=ORDER),
            Part("listing", FIXED, D("0.20")),
        )
    )
    earnings = commission([sold(30, "a"), sold(10, "b")], scheme, CENT)
    # 1.4 % of 40 is 0.56 and 0.25 a flat sum, both shared 3 to 1.
    assert [each.commission for each in earnings] == [
        (
            ("sale", D("3.00")),
            ("payment", D("0.42")),
            ("order", D("0.19")),
            ("listing", D("0.20")),
        ),
        (
            ("sale", D("1.00")),
            ("payment", D("0.14")),
            ("order", D("0.06")),
            ("listing", D("0.20")),
        ),
    ]


def test_a_fixed_sum_for_each_order_is_taken_once():
    scheme = Scheme((Part("order", FIXED, D("0.30"), unit=ORDER),))
    assert total(commission([sold(5, key) for key in "abc"], scheme, CENT)) == D("0.30")
    scheme = Scheme((Part("line", FIXED, D("0.30")),))
    assert total(commission([sold(5, key) for key in "abc"], scheme, CENT)) == D("0.90")


def test_bounds_of_a_part_hold_for_each_of_its_units():
    part = Part("rate", PERCENT, D(10), minimum=D(1), maximum=D(5))
    earnings = commission(
        [sold(2, "a"), sold(20, "b"), sold(90, "c")], Scheme((part,)), CENT
    )
    assert [each.commission_total for each in earnings] == [D(1), D(2), D(5)]
    part = replace(part, unit=ORDER)
    earnings = commission([sold(2, "a"), sold(98, "b")], Scheme((part,)), CENT)
    assert [each.commission_total for each in earnings] == [D("0.10"), D("4.90")]


def test_bounds_of_the_scheme_are_parts_of_their_own():
    scheme = Scheme((Part("rate", PERCENT, D(10)),), minimum=D(3), maximum=D(8))
    [low] = commission([sold(10)], scheme, CENT)
    assert low.commission == (("rate", D(1)), (MINIMUM, D(2)))
    [high] = commission([sold(100)], scheme, CENT)
    assert high.commission == (("rate", D(10)), (MAXIMUM, D(-2)))
    [within] = commission([sold(50)], scheme, CENT)
    assert within.commission == (("rate", D(5)),)


def test_commission_may_exceed_a_small_sale():
    scheme = Scheme((Part("order", FIXED, D("0.30"), unit=ORDER),))
    [earning] = commission([sold("0.10")], scheme, CENT)
    assert earning.payout == D("-0.20")


def test_a_line_given_away_by_its_maker_pays_nothing():
    free = sold(0, discounts=(Borne("gift", D(20), D(0)),))
    scheme = Scheme((Part("line", FIXED, D("0.30"), minimum=D("0.30")),))
    [earning] = commission([free], scheme, CENT)
    assert (earning.commission_total, earning.payout) == (0, 0)


def test_an_order_without_a_base_bears_no_minimum():
    lines = [sold(0, "a"), sold(8, "b", is_delivery=True)]
    assert total(commission(lines, Scheme(minimum=D(1)), CENT)) == 0


def test_lines_without_a_base_bear_no_part_of_a_minimum():
    lines = [sold(0, "a"), sold("0.03", "b"), sold("0.05", "c")]
    scheme = Scheme((Part("order", FIXED, D(1), unit=ORDER),), minimum=D("1.01"))
    first, *others = commission(lines, scheme, CENT)
    assert first.commission == ()
    assert total(others) == D("1.01")


def test_all_of_the_base_and_one_fixed_bound_may_be_agreed():
    [earning] = commission([sold(5)], Scheme((Part("rate", PERCENT, D(100)),)), CENT)
    assert earning.payout == 0
    part = Part("flat", PERCENT, D(10), minimum=D(2), maximum=D(2))
    assert [part.amount(D(base), CENT) for base in (1, 500)] == [D(2), D(2)]


def test_a_currency_without_cents_rounds_commission_to_units():
    [earning] = commission([sold(1003)], FIFTEEN, D(1))
    assert earning.commission_total == D(150)  # 150.45
    [earning] = commission([sold("10.003")], FIFTEEN, D("0.001"))
    assert earning.commission_total == D("1.500")  # 1.50045


def test_bounds_finer_than_the_currency_are_rounded_like_the_commission():
    scheme = Scheme(
        (Part("order", FIXED, D("30.5"), unit=ORDER, maximum=D("20.4")),),
        minimum=D("25.5"),
    )
    [earning] = commission([sold(1000)], scheme, D(1))
    assert earning.commission == (("order", D(20)), (MINIMUM, D(6)))


def test_returned_lines_in_an_order_mirror_an_order_of_their_own():
    scheme = Scheme((Part("order", FIXED, D("0.30"), unit=ORDER),), minimum=D(1))
    earnings = commission([sold(20, "a"), sold(-5, "b")], scheme, CENT)
    assert [each.commission_total for each in earnings] == [D(1), D(-1)]


@given(
    step=st.sampled_from([CENT, D(1), D("0.001"), D("0.05")]),
    scheme=schemes(),
    data=st.data(),
)
def test_payout_and_platform_are_the_net_of_each_line_in_any_currency(
    step, scheme, data
):
    basket, offered = data.draw(baskets(step)), data.draw(offers(step))
    lines = sold_lines(apply(basket, offered, step))
    for earning in by_maker(lines, scheme, step):
        assert earning.payout + earning.platform == earning.line.net
        assert earning.payout % step == earning.platform % step == 0


@given(
    nets=st.lists(st.integers(0, 20_000), min_size=1, max_size=6),
    scheme=schemes(),
    data=st.data(),
)
def test_commission_does_not_depend_on_the_order_of_lines(nets, scheme, data):
    lines = [sold(count * CENT, f"l{index}") for index, count in enumerate(nets)]
    first = {each.line.key: each for each in commission(lines, scheme, CENT)}
    shuffled = commission(data.draw(st.permutations(lines)), scheme, CENT)
    assert {each.line.key: each for each in shuffled} == first


@given(nets=st.lists(st.integers(0, 20_000), min_size=1, max_size=6), scheme=schemes())
def test_commission_of_returns_mirrors_that_of_sales(nets, scheme):
    lines = [sold(count * CENT, f"l{index}") for index, count in enumerate(nets)]
    back = [replace(each, net=-each.net) for each in lines]
    one, two = commission(lines, scheme, CENT), commission(back, scheme, CENT)
    assert [each.commission_total for each in two] == [
        -each.commission_total for each in one
    ]


@given(nets=st.lists(st.integers(1, 20_000), min_size=1, max_size=6), scheme=schemes())
def test_the_scheme_bounds_hold_for_the_order(nets, scheme):
    lines = [sold(count * CENT, f"l{index}") for index, count in enumerate(nets)]
    taken = total(commission(lines, scheme, CENT))
    assert scheme.minimum is None or taken >= scheme.minimum
    assert scheme.maximum is None or taken <= scheme.maximum


@given(base=st.integers(0, 100_000))
def test_marginal_commission_never_falls_when_the_base_rises(base):
    part = Part("rate", SECTIONS, sections=W19, mode=MARGINAL)
    assert part.amount((base + 1) * CENT, CENT) >= part.amount(base * CENT, CENT)


# Refunds.


def sale_of_three():
    """Three units for 90.00 after 10.00 off, half each, and a fee of 14.25."""
    discounts = (Borne("promo", D(5), D(5)),)
    [earning] = commission([sold(90, discounts=discounts)], FIFTEEN, CENT)
    return earning


def test_a_refund_reverses_a_third_of_every_figure():
    back = sale_of_three().refund(D(0), D(1), D(3), CENT)
    assert back.line.net == D(-30)
    assert (back.line.by_maker, back.line.by_platform) == (D("-1.67"), D("-1.67"))
    assert back.commission == (("rate", D("-4.75")),)
    assert back.payout == D("-26.92")
    assert back.platform == D("-3.08")


def test_a_refund_in_three_parts_leaves_nothing():
    earning = sale_of_three()
    parts = [earning.refund(D(n), D(n + 1), D(3), CENT) for n in range(3)]
    assert [each.line.by_maker for each in parts] == [
        D("-1.67"),
        D("-1.66"),
        D("-1.67"),
    ]
    assert sum(each.payout for each in parts) == -earning.payout
    assert total(parts) == -earning.commission_total


def test_a_refund_of_an_amount_gives_the_customer_exactly_that():
    back = sale_of_three().refund(D(0), D("12.34"), D(90), CENT)
    assert back.line.net == D("-12.34")


def test_fixed_sums_and_minimums_go_back_in_proportion():
    scheme = Scheme((Part("order", FIXED, D("0.30"), unit=ORDER),), minimum=D(1))
    [earning] = commission([sold(10)], scheme, CENT)
    half = earning.refund(D(0), D(1), D(2), CENT)
    assert half.commission == (("order", D("-0.15")), (MINIMUM, D("-0.35")))


def parts_of(data, whole):
    """Places at which a whole is cut, from 0 to all of it."""
    cuts = data.draw(st.lists(st.integers(0, whole), max_size=5))
    return [0, *sorted(cuts), whole]


@given(basket=baskets(), offered=offers(), scheme=schemes(), data=st.data())
def test_a_sale_invoiced_in_any_parts_sums_to_its_figures(
    basket, offered, scheme, data
):
    lines = sold_lines(apply(basket, offered, CENT))
    for earning in by_maker(lines, scheme):
        places = parts_of(data, 700)
        parts = [
            earning.part(D(before), D(after), D(700), CENT)
            for before, after in zip(places, places[1:], strict=False)
        ]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.plus(part)
        assert whole.line.net == earning.line.net
        assert dict(whole.commission) == dict(earning.commission)
        assert whole.payout == earning.payout
        assert whole.platform == earning.platform
        for each in parts:
            assert each.payout + each.platform == each.line.net


def test_what_is_sold_beside_an_order_adds_to_its_discounts_and_commission():
    sold = SoldLine("a", "anna", D(90), (Borne("promo", D(6), D(4)),))
    beside = SoldLine("b", "anna", D(10), (Borne("gift", D(1), D(0)),))
    both = Earning(sold, (("sales", D(9)),)).plus(
        Earning(beside, (("sales", D(1)), ("fee", D(2))))
    )
    assert both.line.key == "a"
    assert both.line.net == D(100)
    assert both.line.by_maker == D(7)
    assert both.line.by_platform == D(4)
    assert dict(both.commission) == {"sales": D(10), "fee": D(2)}


@given(basket=baskets(), offered=offers(), scheme=schemes(), data=st.data())
def test_a_full_refund_in_any_parts_returns_all_to_zero(basket, offered, scheme, data):
    lines = sold_lines(apply(basket, offered, CENT))
    quantities = {each.key: int(each.quantity) for each in basket}
    for earning in by_maker(lines, scheme):
        whole = quantities[earning.line.key] * 100
        places = parts_of(data, whole)
        refunds = [
            earning.refund(D(before), D(after), D(whole), CENT)
            for before, after in zip(places, places[1:], strict=False)
        ]
        story = [earning, *refunds]
        assert total(story) == 0
        for code, _amount in earning.commission:
            amounts = (dict(each.commission)[code] for each in story)
            assert sum(amounts, D(0)) == 0
        assert sum((each.payout for each in story), D(0)) == 0
        assert sum((each.platform for each in story), D(0)) == 0
        assert sum((each.line.by_maker for each in story), D(0)) == 0
        for each in refunds:
            assert each.payout + each.platform == each.line.net
            assert each.line.net <= 0


@given(count=st.integers(1, 50_000), scheme=schemes(), data=st.data())
def test_a_refund_measured_in_money_gives_back_that_money(count, scheme, data):
    [earning] = commission([sold(count * CENT)], scheme, CENT)
    places = parts_of(data, count)
    for before, after in zip(places, places[1:], strict=False):
        back = earning.refund(before * CENT, after * CENT, count * CENT, CENT)
        assert back.line.net == (before - after) * CENT


@given(nets=st.integers(1, 50_000), scheme=schemes())
def test_a_refund_of_a_return_charges_it_again(nets, scheme):
    [earning] = commission([sold(-nets * CENT)], scheme, CENT)
    assume(earning.commission)
    again = earning.refund(D(0), D(-2), D(-2), CENT)
    assert again.commission_total == -earning.commission_total


# Bad input.


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            [(0, 1000, 10), (1001, None, 8)],
            "section start: 1001: leaves a gap from 1000",
        ),
        ([(0, 1000, 10), (999, None, 8)], "section start: 999: overlaps"),
        ([(0, None, 10), (1000, None, 8)], "section start: 1000: overlaps"),
        ([(1, None, 10)], "section start: 1: leaves a gap from 0"),
        ([(0, 1000, 10), (1000, 5000, 8)], "section end: 5000: leaves a gap above"),
        ([(0, 1, 3), (1, 2, 2), (2, 3, 1)], "section end: 3: leaves a gap above"),
        ([(0, 5, 3)], "section end: 5: leaves a gap above"),
    ],
)
def test_sections_with_a_gap_or_an_overlap_are_refused(sections, message):
    rows = tuple(
        Section(D(start), None if end is None else D(end), D(rate))
        for start, end, rate in sections
    )
    with pytest.raises(CommissionError, match=message):
        Part("rate", SECTIONS, sections=rows)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "half"}, "kind"),
        ({"unit": "month"}, "unit"),
        ({"mode": "half"}, "mode"),
        ({"value": D("100.5")}, "value"),
        ({"value": D(-1)}, "value"),
        ({"value": 0.15}, "value"),
        ({"minimum": D(-1)}, "minimum"),
        ({"maximum": D(0)}, "maximum"),
        ({"minimum": D(9), "maximum": D(8)}, "minimum"),
        ({"kind": SECTIONS}, "sections"),
        ({"sections": W19}, "sections"),
    ],
)
def test_a_part_without_meaning_is_refused_by_name(values, field):
    with pytest.raises(PricingError) as caught:
        Part(**{"code": "rate", "kind": PERCENT, "value": D(10), **values})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("start", "end", "rate", "field"),
    [
        (0, 0, 10, "section end"),
        (-1, 5, 10, "section start"),
        (0, 5, 101, "section rate"),
    ],
)
def test_a_section_without_meaning_is_refused_by_name(start, end, rate, field):
    with pytest.raises(PricingError) as caught:
        Section(D(start), D(end), D(rate))
    assert caught.value.field == field


def test_a_sold_line_without_a_decimal_price_is_refused():
    with pytest.raises(PricingError, match="net: nan"):
        SoldLine("a", "anna", float("nan"))
    with pytest.raises(PricingError, match="by maker"):
        Borne("promo", 0.1, D(0))


def test_codes_that_are_taken_are_refused():
    part = Part("rate", PERCENT, D(1))
    for parts in ((part, part), (replace(part, code=MINIMUM),)):
        with pytest.raises(CommissionError, match="is taken"):
            Scheme(parts)
    with pytest.raises(CommissionError, match="above the maximum"):
        Scheme((part,), minimum=D(2), maximum=D(1))


def test_lines_of_two_makers_or_twice_the_same_are_refused():
    with pytest.raises(CommissionError, match="maker: anna, bela"):
        commission([sold(1, "a"), sold(1, "b", maker="bela")], FIFTEEN, CENT)
    with pytest.raises(CommissionError, match="key of line: a"):
        commission([sold(1), sold(1)], FIFTEEN, CENT)


@pytest.mark.parametrize(
    ("before", "after", "whole", "message"),
    [
        (0, 4, 3, "more than the 3 sold"),
        (2, 1, 3, "less than 2 before"),
        (-1, 1, 3, "less than -1 before"),
        (0, 0, 0, "nothing was sold"),
        (0, -1, 3, "less than 0 before"),
    ],
)
def test_a_refund_of_more_than_was_sold_is_refused(before, after, whole, message):
    with pytest.raises(RefundError, match=message):
        sale_of_three().refund(D(before), D(after), D(whole), CENT)


def test_no_lines_and_no_parts_bring_no_commission():
    assert commission([], FIFTEEN, CENT) == ()
    [earning] = commission([sold(10)], Scheme(), CENT)
    assert earning == Earning(sold(10))
    assert earning.payout == D(10)
