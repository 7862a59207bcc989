"""Statements: each figure follows from its entries, and every cent of a period is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from basket_support import (
    CENT,
    MAKERS,
    baskets,
    entries_of,
    line,
    offers,
    percent,
    schemes,
    sold_lines,
)
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.artisan_pricing.engine.commission import (
    PERCENT,
    Part,
    Scheme,
    commission,
)
from odoo.addons.artisan_pricing.engine.earning import SoldLine
from odoo.addons.artisan_pricing.engine.funding import BY_MAKER
from odoo.addons.artisan_pricing.engine.money import PricingError
from odoo.addons.artisan_pricing.engine.promotions import MAKER, apply
from odoo.addons.artisan_pricing.engine.statement import (
    ADJUSTMENT,
    CARRIED,
    COMMISSION,
    DISCOUNT,
    REFUND,
    SALE,
    Entry,
    StatementError,
    make_statement,
    reconcile,
)

D = Decimal
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
DAY = date(2026, 11, 22)
FIFTEEN = Scheme((Part("rate", PERCENT, D(15)),))


def statement(entries, maker="anna", **values):
    values.setdefault("step", CENT)
    return make_statement(maker, "EUR", FIRST, LAST, entries, **values)


def sale(net, document="INV/1", key="a", maker="anna"):
    [earning] = commission([SoldLine(key, maker, D(net))], FIFTEEN, CENT)
    return entries_of(earning, document, DAY)


def adjustment(amount, document="ADJ/1", day=DAY):
    return Entry(ADJUSTMENT, day, document, "", "", D(amount))


def w12_earnings():
    basket = (line("D", 100, maker="anna"), line("E", 100, maker="bela"))
    own = percent("own", 20, stage=MAKER, makers=frozenset({"anna"}), funding=BY_MAKER)
    lines = sold_lines(apply(basket, [own, percent("order", 10)], CENT))
    return [commission([each], FIFTEEN, CENT)[0] for each in lines]


def test_w13_statements_pay_68_and_85_and_leave_9_to_the_platform():
    earnings = w12_earnings()
    statements = [
        statement(entries_of(each, "INV/1", DAY), each.line.maker) for each in earnings
    ]
    assert [each.payout for each in statements] == [D(68), D(85)]
    assert statements[0].totals() == {
        CARRIED: 0,
        SALE: D(100),
        REFUND: 0,
        DISCOUNT: D(-20),
        COMMISSION: D(-12),
        ADJUSTMENT: 0,
    }
    found = reconcile(statements, earnings)
    assert (found.net, found.payouts, found.platform) == (D(162), D(153), D(9))
    assert found.difference == 0


def test_a_discount_of_the_platform_is_no_entry_of_the_maker():
    [_own, other] = w12_earnings()
    kinds = [(each.kind, each.amount) for each in entries_of(other, "INV/1", DAY)]
    assert kinds == [(SALE, D(100)), (COMMISSION, D(-15))]


def test_a_full_refund_in_the_same_period_leaves_nothing_to_pay():
    [earning, _other] = w12_earnings()
    entries = [*entries_of(earning, "INV/1", DAY)]
    for number in range(3):
        back = earning.refund(D(number), D(number + 1), D(3), CENT)
        entries += entries_of(back, f"RINV/{number}", DAY)
    made = statement(entries)
    assert made.balance == made.payout == made.carried_forward == 0
    assert made.totals()[REFUND] == D(-100)
    assert made.totals()[DISCOUNT] == 0
    assert made.totals()[COMMISSION] == 0


def test_a_refund_after_the_payout_is_carried_until_sales_cover_it():
    [earning] = commission([SoldLine("a", "anna", D(100))], FIFTEEN, CENT)
    november = statement(entries_of(earning, "INV/1", DAY))
    assert november.payout == D(85)
    back = earning.refund(D(0), D(1), D(1), CENT)
    december = november.next(
        date(2026, 12, 31), entries_of(back, "RINV/1", date(2026, 12, 3))
    )
    assert (december.balance, december.payout) == (D(-85), 0)
    assert december.carried_forward == D(-85)
    [sold] = commission([SoldLine("b", "anna", D(120))], FIFTEEN, CENT)
    january = december.next(
        date(2027, 1, 31), entries_of(sold, "INV/2", date(2027, 1, 5))
    )
    assert january.date_from == date(2027, 1, 1)
    assert [(each.kind, each.amount) for each in january.entries] == [
        (CARRIED, D(-85)),
        (SALE, D(120)),
        (COMMISSION, D(-18)),
    ]
    assert (january.payout, january.carried_forward) == (D(17), 0)


@pytest.mark.parametrize(
    ("net", "payout", "carried"),
    [("58.82", "50.00", "0"), ("58.81", "0", "49.99"), ("100", "85", "0")],
)
def test_less_than_the_payout_minimum_is_carried_forward(net, payout, carried):
    made = statement(sale(net), payout_minimum=D(50))
    assert (made.payout, made.carried_forward) == (D(payout), D(carried))


def test_a_single_cent_is_paid_when_no_minimum_is_agreed():
    assert statement([adjustment("0.01")]).payout == D("0.01")
    assert statement([adjustment("-0.01")]).payout == 0


def test_a_period_may_be_one_day():
    made = make_statement("anna", "EUR", DAY, DAY, sale(100), step=CENT)
    assert made.payout == D(85)


def test_a_refund_without_a_discount_is_listed_as_a_refund():
    [earning] = commission([SoldLine("a", "anna", D(100))], FIFTEEN, CENT)
    back = earning.refund(D(0), D(1), D(2), CENT)
    rows = [(each.kind, each.amount) for each in entries_of(back, "RINV/1", DAY)]
    assert rows == [(REFUND, D(-50)), (COMMISSION, D("7.50"))]


def test_an_adjustment_moves_money_between_maker_and_platform():
    [earning] = commission([SoldLine("a", "anna", D(100))], FIFTEEN, CENT)
    made = statement([*entries_of(earning, "INV/1", DAY), adjustment("2.50")])
    assert made.payout == D("87.50")
    found = reconcile([made], [earning])
    assert (found.platform, found.difference) == (D("12.50"), 0)


def test_entries_are_listed_by_day_document_and_kind_in_any_order():
    entries = [*sale(10, "INV/2"), *sale(20, "INV/1"), adjustment(1, day=FIRST)]
    listed = [(each.document, each.kind) for each in statement(entries[::-1]).entries]
    assert listed == [
        ("ADJ/1", ADJUSTMENT),
        ("INV/1", SALE),
        ("INV/1", COMMISSION),
        ("INV/2", SALE),
        ("INV/2", COMMISSION),
    ]
    assert statement(entries) == statement(entries[::-1])


def test_a_statement_without_entries_pays_nothing():
    made = statement([])
    assert (made.entries, made.balance, made.payout) == ((), 0, 0)


def test_a_figure_that_was_changed_is_found():
    made = statement(sale(100))
    assert made.differences() == {}
    changed = replace(made, payout=D(90))
    assert changed.differences() == {"payout": (D(90), D(85))}
    without = replace(made, entries=made.entries[:1])
    assert without.differences() == {
        "balance": (D(85), D(100)),
        "payout": (D(85), D(100)),
    }


def test_a_sale_that_is_on_no_statement_is_found():
    [earning] = commission([SoldLine("a", "anna", D(100))], FIFTEEN, CENT)
    assert reconcile([], [earning]).difference == D(85)
    assert reconcile([statement(sale(100))], []).difference == D(-85)


def test_goods_of_the_platform_are_on_no_statement_and_stay_with_it():
    [earning] = commission([SoldLine("a", None, D(30))], FIFTEEN, CENT)
    assert entries_of(earning, "INV/1", DAY) == ()
    found = reconcile([], [earning])
    assert (found.platform, found.difference) == (D(30), 0)


# Properties.


@st.composite
def trade(draw):
    """Earnings of some orders with refunds over two periods: (earning, document, day)."""
    schemes_of = {maker: draw(schemes()) for maker in MAKERS}
    schemes_of[None] = Scheme()
    booked = []
    for order in range(draw(st.integers(1, 3))):
        day = FIRST + timedelta(days=draw(st.integers(0, 60)))
        basket = draw(baskets(max_size=4))
        lines = sold_lines(apply(basket, draw(offers(max_size=3)), CENT))
        for maker, scheme in schemes_of.items():
            own = [each for each in lines if each.maker == maker]
            for earning in commission(own, scheme, CENT):
                booked.append((earning, f"INV/{order}", day))
                booked += draw(refunds(earning, order, day))
    return booked


@st.composite
def refunds(draw, earning, order, day):
    """Up to three refunds of a line, not always of all of it."""
    places = [0, *sorted(draw(st.lists(st.integers(0, 10), max_size=3)))]
    return [
        (
            earning.refund(D(before), D(after), D(10), CENT),
            f"RINV/{order}/{number}",
            day + timedelta(days=number),
        )
        for number, (before, after) in enumerate(zip(places, places[1:], strict=False))
    ]


PERIODS = (
    (FIRST, LAST),
    (date(2026, 12, 1), date(2026, 12, 31)),
    (date(2027, 1, 1), date(2027, 2, 28)),
)


def chains(booked, minimum, adjustments=()):
    """The statements of each period, each maker's carrying forward to the next."""
    last = {}
    for first, until in PERIODS:
        current = []
        for maker in MAKERS:
            entries = [
                entry
                for earning, document, day in booked
                if earning.line.maker == maker and first <= day <= until
                for entry in entries_of(earning, document, day)
            ]
            entries += [each for each in adjustments if first <= each.day <= until]
            if maker in last:
                made = last[maker].next(until, entries)
            else:
                made = make_statement(
                    maker,
                    "EUR",
                    first,
                    until,
                    entries,
                    step=CENT,
                    payout_minimum=minimum,
                )
            last[maker] = made
            current.append(made)
        yield first, until, current


@given(booked=trade(), minimum=st.integers(0, 5000), adjusted=st.integers(-9999, 9999))
def test_payouts_and_platform_are_the_customers_net_in_each_period(
    booked, minimum, adjusted
):
    corrections = [adjustment(adjusted * CENT)]
    payouts = platform = D(0)
    for first, until, made in chains(booked, minimum * CENT, corrections):
        earnings = [each for each, _document, day in booked if first <= day <= until]
        found = reconcile(made, earnings)
        assert found.difference == 0
        payouts, platform = payouts + found.payouts, platform + found.platform
    owed = sum((each.carried_forward for each in made), D(0))
    net = sum((each.line.net for each, _document, _day in booked), D(0))
    assert payouts + platform + owed == net


@given(booked=trade(), minimum=st.integers(0, 5000))
def test_nothing_negative_and_nothing_below_the_minimum_is_paid(booked, minimum):
    for _first, _until, made in chains(booked, minimum * CENT):
        for each in made:
            assert each.payout == 0 or each.payout >= max(CENT, minimum * CENT)
            assert each.payout + each.carried_forward == each.balance
            assert each.balance == sum(each.totals().values())
            assert each.differences() == {}


@given(booked=trade(), data=st.data())
def test_the_order_of_entries_changes_nothing(booked, data):
    entries = [
        entry
        for earning, document, _day in booked
        if earning.line.maker == "anna"
        for entry in entries_of(earning, document, DAY)
    ]
    assert statement(entries) == statement(data.draw(st.permutations(entries)))


# Bad input.


def test_a_document_that_is_entered_twice_is_refused():
    with pytest.raises(StatementError, match="entry: INV/1 a sale: occurs twice"):
        statement([*sale(10), *sale(10)])


def test_a_line_on_the_statements_of_two_makers_is_refused():
    both = [statement(sale(10)), statement(sale(10), "bela")]
    with pytest.raises(StatementError, match="occurs twice"):
        reconcile(both, [])


def test_a_day_outside_the_period_is_refused():
    for day in (FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        with pytest.raises(StatementError, match="day of adjustment ADJ/1: "):
            statement([adjustment(1, day=day)])


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(StatementError, match="date_to"):
        make_statement("anna", "EUR", LAST, FIRST, [], step=CENT)


def test_statements_in_two_currencies_are_not_added():
    dollars = replace(statement([]), currency="USD")
    with pytest.raises(StatementError, match="currency: EUR, USD"):
        reconcile([statement([]), dollars], [])


def test_amounts_without_meaning_are_refused():
    with pytest.raises(PricingError, match="finer"):
        statement([adjustment("0.005")])
    with pytest.raises(PricingError, match="payout minimum"):
        statement([], payout_minimum=D(-1))
    with pytest.raises(StatementError, match="kind: bonus"):
        Entry("bonus", DAY, "X", "", "", D(1))
