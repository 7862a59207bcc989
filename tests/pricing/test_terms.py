"""Payment terms: the grade's days, what makers allow, and the strictest of a basket."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.grades import (
    Grade,
    Invoice,
    Policy,
    Standing,
    TermsError,
    judge,
)
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.terms import Offer, explain, strictest

D = Decimal
INVOICED = date(2026, 11, 22)
BRONZE = Grade("bronze", D(0), 14, D(500))
SILVER = Grade("silver", D(40), 30, D(2000))
GOLD = Grade("gold", D(80), 45)


def test_w20_gold_is_due_in_45_days_and_silver_in_30():
    gold = strictest([Offer("anna", GOLD)], INVOICED)
    assert gold.due == date(2027, 1, 6)
    silver = strictest([Offer("anna", SILVER, max_days=30)], INVOICED)
    assert silver.due == date(2026, 12, 22)


def test_w20_the_veto_of_a_maker_bounds_the_term_of_gold():
    term = strictest([Offer("anna", GOLD, max_days=30)], INVOICED)
    assert (term.days, term.due) == (30, date(2026, 12, 22))


def test_w20_is_explained_from_the_score_to_the_due_date():
    policy = Policy((BRONZE, SILVER, GOLD), full_turnover=D(10_000))
    late = Invoice("INV/7", date(2026, 10, 7), date(2026, 11, 6), D(10_000))
    standing = Standing("gold", date(2026, 1, 1), date(2026, 11, 21))
    judgement = judge(policy, [late], INVOICED, standing)
    term = strictest([Offer("anna", judgement.grade, max_days=30)], INVOICED)
    assert [str(each) for each in explain(term, judgement)] == [
        "score: points 84.0, turnover 10000, days late 16.0, disputes 0",
        "invoice_late: invoice INV/7, days 16",
        "grade_term: grade silver, days 30",
        "due: maker anna, days 30, due 2026-12-22",
        "limit: maker anna, amount 2000",
    ]


def test_a_veto_is_explained():
    term = strictest([Offer("anna", GOLD, max_days=30)], INVOICED)
    assert [str(each) for each in explain(term)] == [
        "grade_term: grade gold, days 45",
        "maker_term: maker anna, days 30",
        "due: maker anna, days 30, due 2026-12-22",
    ]


def test_a_mixed_basket_takes_the_strictest_maker_for_days_and_for_the_limit():
    offers = [
        Offer("anna", GOLD),
        Offer("bela", SILVER, max_credit=D(300)),
        Offer("caro", GOLD, max_days=7),
    ]
    term = strictest(offers, INVOICED)
    assert (term.days, term.strictest.maker) == (7, "caro")
    assert (term.credit_limit, term.limited_by.maker) == (D(300), "bela")


def test_a_veto_longer_than_the_term_changes_nothing():
    term = strictest([Offer("anna", SILVER, max_days=60, max_credit=D(9000))], INVOICED)
    assert (term.days, term.credit_limit) == (30, D(2000))


def test_payment_in_advance_is_due_at_once():
    term = strictest([Offer("anna", GOLD, max_days=0)], INVOICED)
    assert term.due == INVOICED


def test_of_equally_strict_makers_the_first_by_key_is_named():
    for offers in (["bela", "anna"], ["anna", "bela"]):
        term = strictest([Offer(maker, SILVER) for maker in offers], INVOICED)
        assert term.strictest.maker == term.limited_by.maker == "anna"


@pytest.mark.parametrize(
    ("owed", "order", "over"),
    [
        ("0", "500", "0"),
        ("400", "100.01", "0.01"),
        ("700", "50", "250"),
        ("-90", "590", "0"),
    ],
)
def test_an_order_over_the_credit_limit_says_by_how_much(owed, order, over):
    term = strictest([Offer("anna", BRONZE)], INVOICED)
    assert term.over_limit(D(owed), D(order)) == D(over)


def test_without_a_limit_no_order_is_over_it():
    term = strictest([Offer("anna", GOLD)], INVOICED)
    assert term.credit_limit is None
    assert term.over_limit(D(10**9), D(10**9)) == 0


@given(
    st.lists(
        st.builds(
            Offer,
            maker=st.sampled_from("abcdef"),
            grade=st.sampled_from([BRONZE, SILVER, GOLD]),
            max_days=st.none() | st.integers(0, 60),
            max_credit=st.none() | st.integers(0, 3000).map(D),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_maker_is_given_a_longer_term_or_more_credit_than_allowed(offers):
    term = strictest(offers, INVOICED)
    assert term.due - INVOICED == timedelta(days=term.days)
    for offer in offers:
        assert term.days <= offer.grade.days
        assert offer.max_days is None or term.days <= offer.max_days
        for limit in (offer.grade.credit_limit, offer.max_credit):
            assert limit is None or term.credit_limit <= limit
    assert strictest(offers[::-1], INVOICED).days == term.days


def test_a_basket_without_makers_has_no_term():
    with pytest.raises(TermsError, match="offers"):
        strictest([], INVOICED)


def test_bounds_below_zero_are_refused():
    with pytest.raises(PricingError, match="max days: -1"):
        Offer("anna", GOLD, max_days=-1)
    with pytest.raises(PricingError, match="max credit: -1"):
        Offer("anna", GOLD, max_credit=D(-1))
