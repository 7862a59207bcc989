"""Who pays for a discount: shares that make a whole, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from basket_support import CENT, MAKERS, baskets, fundings, offers
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.funding import (
    BY_MAKER,
    BY_PLATFORM,
    Discount,
    Funding,
    FundingError,
    borne,
)
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.promotions import apply

D = Decimal
HALF = Funding(D(50), D(50))


def discount(line, amount, funding, maker="anna", promotion="p"):
    return Discount(promotion, line, maker, D(amount), funding)


@pytest.mark.parametrize(
    ("funding", "by_maker", "by_platform"),
    [
        (BY_MAKER, "10.00", "0.00"),
        (HALF, "5.00", "5.00"),
        (BY_PLATFORM, "0.00", "10.00"),
    ],
)
def test_w16_ten_off_is_borne_as_stated(funding, by_maker, by_platform):
    [share] = borne([discount("a", "10.00", funding)], CENT)
    assert (str(share.by_maker), str(share.by_platform)) == (by_maker, by_platform)


def test_half_of_many_cents_is_half_of_their_sum():
    discounts = [discount(f"l{number:02}", "0.01", HALF) for number in range(33)]
    shares = borne(discounts, CENT)
    # 16.5 cents, rounded once; line by line it would be 33.
    assert sum(share.by_maker for share in shares) == D("0.17")
    assert sum(share.by_platform for share in shares) == D("0.16")


def test_the_platform_bears_all_on_its_own_goods():
    [share] = borne([discount("a", "3.00", BY_MAKER, maker=None)], CENT)
    assert (share.by_maker, share.by_platform) == (0, D(3))


def test_the_share_of_a_maker_does_not_depend_on_the_others():
    own = [discount("a", "0.05", HALF), discount("b", "0.07", HALF)]
    others = [discount("c", "0.03", HALF, maker="bela")]
    assert borne(own + others, CENT)[:2] == borne(own, CENT)


@given(
    amounts=st.lists(st.integers(-5000, 5000), min_size=1, max_size=12),
    funding=fundings(),
    data=st.data(),
)
def test_shares_sum_to_each_discount_and_never_change_sign(amounts, funding, data):
    discounts = [
        discount(
            f"l{index:02}", count * CENT, funding, data.draw(st.sampled_from(MAKERS))
        )
        for index, count in enumerate(amounts)
    ]
    shares = borne(discounts, CENT)
    for each, share in zip(discounts, shares, strict=True):
        assert share.by_maker + share.by_platform == each.amount
        assert abs(share.by_maker) <= abs(each.amount)
        assert share.by_maker * each.amount >= 0
        assert share.by_platform * each.amount >= 0


@given(basket=baskets(), offered=offers())
def test_shares_of_a_basket_sum_to_what_was_taken_off(basket, offered):
    applied = apply(basket, offered, CENT)
    shares = applied.shares()
    off = sum((each.amount for each in basket), D(0)) - applied.total
    assert sum((each.by_maker + each.by_platform for each in shares), D(0)) == off
    assert all(share.by_maker == 0 for share in shares if share.maker is None)


@pytest.mark.parametrize(
    ("maker", "platform"), [("50", "49.99"), ("60", "50"), ("0", "0")]
)
def test_funding_that_makes_no_whole_is_refused(maker, platform):
    with pytest.raises(FundingError, match="must sum to 100") as caught:
        Funding(D(maker), D(platform))
    assert caught.value.field == "funding"
    assert caught.value.value == f"{maker} + {platform}"


@pytest.mark.parametrize(
    ("maker", "platform", "field"),
    [("-10", "110", "maker percent"), ("0", "110", "platform percent")],
)
def test_a_share_that_is_no_percentage_is_refused(maker, platform, field):
    with pytest.raises(PricingError) as caught:
        Funding(D(maker), D(platform))
    assert caught.value.field == field


def test_a_float_is_refused():
    with pytest.raises(PricingError, match="not a decimal number"):
        Funding(50.0, D(50))
