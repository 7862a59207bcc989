"""The entries of a payout: every month balances, all of them give the payout."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketplace_invoicing.settlement_plan import (
    CLEARING_KINDS,
    PlanLine,
    UnbalancedSettlement,
    plan_settlement,
)

MARCH = date(2024, 3, 1)
APRIL = date(2024, 4, 1)


def line(ref, kind, amount, day=date(2024, 3, 5), key=None, original=None):
    return PlanLine(
        ref=ref,
        kind=kind,
        amount=Decimal(amount),
        day=day,
        key=key,
        original=original,
    )


def facts(entry):
    return [(item.kind, item.key, str(item.amount)) for item in entry.items]


def test_order_less_withheld_tax_and_fee_is_the_payout():
    """115.00 paid, 15.00 of it tax the marketplace keeps, 12.00 fee: 88.00 arrive."""
    [entry] = plan_settlement(
        [
            line(1, "order", "115.00", key="A"),
            line(2, "order", "-15.00", key="A"),
            line(3, "account", "-12.00", key="commission"),
        ],
        payout=Decimal("88.00"),
    )
    assert entry.month == MARCH
    assert facts(entry) == [
        ("order", "A", "-100.00"),
        ("account", "commission", "12.00"),
        ("payout", None, "88.00"),
    ]
    assert entry.items[0].refs == [1, 2]


def test_two_months_carry_the_rest_forward():
    march, april = plan_settlement(
        [
            line(1, "order", "100.00", key="A", day=date(2024, 3, 30)),
            line(2, "order", "50.00", key="B", day=date(2024, 4, 2)),
            line(3, "account", "-20.00", key="fee", day=date(2024, 4, 1)),
        ],
        payout=Decimal("130.00"),
    )
    assert facts(march) == [("order", "A", "-100.00"), ("carry", None, "100.00")]
    assert (march.day, april.day) == (date(2024, 3, 30), date(2024, 4, 2))
    assert facts(april) == [
        ("order", "B", "-50.00"),
        ("account", "fee", "20.00"),
        ("payout", None, "130.00"),
        ("carry", None, "-100.00"),
    ]


def test_balances_of_the_account_open_and_close_the_period():
    """10 held before + 90 lines = 70 to the bank + 30 held after."""
    [entry] = plan_settlement(
        [
            line(1, "order", "90.00", key="A"),
            line(2, "transfer", "-40.00", day=date(2024, 3, 6)),
            line(3, "transfer", "-30.00", day=date(2024, 3, 7)),
        ],
        opening=Decimal("10.00"),
        closing=Decimal("30.00"),
    )
    assert facts(entry) == [
        ("order", "A", "-90.00"),
        ("payout", None, "40.00"),
        ("payout", None, "30.00"),
        ("opening", None, "-10.00"),
        ("closing", None, "30.00"),
    ]


def test_transfer_in_the_next_month_is_on_its_way_in_this_one():
    entries = plan_settlement(
        [
            line(1, "order", "90.00", key="A", day=date(2024, 3, 30)),
            line(2, "transfer", "-90.00", day=date(2024, 4, 2)),
        ]
    )
    assert [entry.month for entry in entries] == [MARCH]


def test_order_that_nets_to_nothing_needs_no_item():
    assert not plan_settlement(
        [line(1, "order", "9.99", key="A"), line(2, "order", "-9.99", key="A")]
    )


def test_payout_that_came_back_is_an_item_of_its_own():
    """97.00 came back, 50.00 were sold: 147.00 go to the bank."""
    [entry] = plan_settlement(
        [line(1, "return", "97.00", key="P1"), line(2, "order", "50.00", key="A")],
        payout=Decimal("147.00"),
    )
    assert facts(entry) == [
        ("payout", "P1", "-97.00"),
        ("order", "A", "-50.00"),
        ("payout", None, "147.00"),
    ]


def test_seller_who_owes_pays():
    [entry] = plan_settlement(
        [line(1, "account", "-29.00", key="subscription")], payout=Decimal("-29.00")
    )
    assert facts(entry) == [
        ("account", "subscription", "29.00"),
        ("payout", None, "-29.00"),
    ]


def test_original_currency_is_kept_where_every_line_states_it():
    def of(amount, original):
        return line(amount, "order", amount, key="A", original=original)

    euro = ("EUR", Decimal("11.00"))
    [entry] = plan_settlement([of("9.00", euro), of("8.00", euro)], Decimal("17.00"))
    assert entry.items[0].original == ("EUR", Decimal("-22.00"))
    [entry] = plan_settlement([of("9.00", euro), of("8.00", None)], Decimal("17.00"))
    assert entry.items[0].original is None


def test_a_cent_that_is_not_explained_is_refused():
    with pytest.raises(UnbalancedSettlement) as caught:
        plan_settlement([line(1, "order", "10.00", key="A")], payout=Decimal("10.01"))
    assert caught.value.difference == Decimal("0.01")


amounts = st.decimals("-99999", "99999", places=2, allow_nan=False).filter(bool)
days = st.dates(date(2023, 11, 1), date(2024, 4, 30))
money_lines = st.builds(
    PlanLine,
    ref=st.integers(),
    kind=st.sampled_from(["order", "account", "reserve"]),
    amount=amounts,
    day=days,
    key=st.sampled_from("ABC"),
)
transfer_lines = st.builds(
    PlanLine, ref=st.integers(), kind=st.just("transfer"), amount=amounts, day=days
)
return_lines = st.builds(
    PlanLine,
    ref=st.integers(),
    kind=st.just("return"),
    amount=amounts,
    day=days,
    key=st.sampled_from("PQ"),
)
balances = st.decimals("-999", "999", places=2, allow_nan=False)


@given(
    st.lists(money_lines, max_size=20),
    st.lists(transfer_lines, max_size=3),
    st.lists(return_lines, max_size=2),
    balances,
)
def test_any_settlement_balances_month_by_month(money, transfers, returns, opening):
    back = sum((x.amount for x in returns), Decimal())
    total = sum((x.amount for x in money), back)
    paid = -sum((x.amount for x in transfers), Decimal())
    closing = opening + total - paid
    entries = plan_settlement(
        [*money, *returns, *transfers], opening=opening, closing=closing, last_day=MARCH
    )
    items = [item for entry in entries for item in entry.items]
    for entry in entries:
        assert not sum(item.amount for item in entry.items)
        assert entry.day.replace(day=1) == entry.month
        assert all(item.amount for item in entry.items)
    assert len({entry.month for entry in entries}) == len(entries)

    def booked(*kinds):
        return sum((item.amount for item in items if item.kind in kinds), Decimal())

    assert booked("carry") == 0
    assert booked("payout") == paid - back
    assert booked("opening") == -opening
    assert booked("closing") == closing
    for kind in ("order", "account", "reserve"):
        lines = sum((x.amount for x in money if x.kind == kind), Decimal())
        assert booked(kind) == -lines
    # What stays on the clearing account is what fees and reserves did not take.
    clearing = sum((i.amount for i in items if i.kind in CLEARING_KINDS), Decimal())
    assert clearing == -booked("account", "reserve")


@given(st.lists(money_lines, min_size=1, max_size=20))
def test_stated_payout_is_one_item_of_that_amount(money):
    payout = sum((x.amount for x in money), Decimal())
    entries = plan_settlement(money, payout=payout)
    found = [i.amount for e in entries for i in e.items if i.kind == "payout"]
    assert found == ([payout] if payout else [])
    if payout:
        assert entries[-1].month == max(x.day for x in money).replace(day=1)


@given(st.lists(money_lines, max_size=5), amounts)
def test_any_wrong_total_is_refused_with_what_is_missing(money, wrong):
    payout = sum((x.amount for x in money), Decimal()) + wrong
    with pytest.raises(UnbalancedSettlement) as caught:
        plan_settlement(money, payout=payout)
    assert caught.value.difference == wrong


@given(st.lists(money_lines, max_size=20))
def test_every_line_is_in_one_item_or_in_one_that_nets_to_nothing(money):
    numbered = [
        PlanLine(ref=n, kind=x.kind, amount=x.amount, day=x.day, key=x.key)
        for n, x in enumerate(money)
    ]
    payout = sum((x.amount for x in numbered), Decimal())
    items = [i for e in plan_settlement(numbered, payout) for i in e.items]
    refs = [ref for item in items for ref in item.refs]
    assert len(refs) == len(set(refs))
    left = [x for x in numbered if x.ref not in refs]
    groups = {(x.kind, x.key, x.day.replace(day=1)) for x in left}
    for kind, key, month in groups:
        assert not sum(
            x.amount
            for x in left
            if (x.kind, x.key, x.day.replace(day=1)) == (kind, key, month)
        )
