"""Replays of a policy over a ledger: hand-worked cases, and what must hold for any ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import ladder
from odoo.addons.dunning_tiers.engine.simulation import replay, run_days
from odoo.addons.dunning_tiers.engine.simulation_data import (
    Credit,
    Debt,
    Payment,
    Policy,
)
from odoo.addons.dunning_tiers.engine.simulation_figures import (
    figures_by,
    level_key,
    month_key,
    summarise,
)

START = date(2026, 1, 1)
FRIENDLY = ladder.Level(1, 7, 3)
FIRM = ladder.Level(2, 14, 7)
FINAL = ladder.Level(3, 30, 10)
PERSON = ladder.Level(4, 45, 10, is_escalation=True)
COURTESY = ladder.Level(5, -3)
LADDER = (FRIENDLY, FIRM, FINAL, PERSON)
STANDARD = Policy(LADDER, customer_gap_days=3, minimum=Decimal(10))
YEAR = run_days(START, date(2026, 12, 31))


def day(number):
    """The day so many days after 1 January 2026."""
    return START + timedelta(days=number)


def debt(key=1, due=0, amount=100, payments=(), issued=-30, **kwargs):
    values = {"customer": "walnut", "currency": "EUR", "balance": amount, **kwargs}
    amounts = {"amount": Decimal(amount), "balance": Decimal(values.pop("balance"))}
    return Debt(
        key=key,
        due=None if due is None else day(due),
        issued=day(issued),
        payments=tuple(payments),
        **amounts,
        **values,
    )


def paid(value, known=None, amount=100, matched=None, **kwargs):
    return Payment(
        day(value),
        day(value if known is None else known),
        Decimal(amount),
        matched_date=None if matched is None else day(matched),
        **kwargs,
    )


def credit(value, known=None, amount=100, matched=None, currency="EUR", **kwargs):
    return Credit(
        customer="walnut",
        currency=currency,
        amount=Decimal(amount),
        balance=Decimal(amount),
        value_date=day(value),
        known_date=day(value if known is None else known),
        matched_date=None if matched is None else day(matched),
        **kwargs,
    )


def sent(notices):
    """(day number, level, keys of the debts) of each notice."""
    return [
        ((n.day - START).days, n.level.key, [key for key, _level in n.items])
        for n in notices
    ]


@pytest.mark.parametrize(
    ("debts", "expected"),
    [
        pytest.param(
            [debt()],
            [(7, 1, [1]), (14, 2, [1]), (30, 3, [1]), (45, 4, [1])],
            id="never paid: every level on its day",
        ),
        pytest.param([debt(due=None)], [], id="no due date: never"),
        pytest.param([debt(due=360)], [], id="not overdue before the end"),
        pytest.param(
            [debt(payments=[paid(10)])], [(7, 1, [1])], id="paid after the first level"
        ),
        pytest.param([debt(payments=[paid(7)])], [], id="paid on the day itself"),
        pytest.param(
            [debt(payments=[paid(10, amount=95)])],
            [(7, 1, [1])],
            id="what is left is below the minimum",
        ),
        pytest.param(
            [debt(payments=[paid(10, amount=60)])],
            [(7, 1, [1]), (14, 2, [1]), (30, 3, [1]), (45, 4, [1])],
            id="paid in part: the rest goes on",
        ),
        pytest.param(
            # Overdue by 90 days on the first run: one level at a time, each after its
            # gap of 7, 10 and 10 days.
            [debt(due=-90, issued=-120)],
            [(0, 1, [1]), (7, 2, [1]), (17, 3, [1]), (27, 4, [1])],
            id="old debt climbs step by step",
        ),
        pytest.param(
            [debt(issued=20)],
            [(20, 1, [1]), (27, 2, [1]), (37, 3, [1]), (47, 4, [1])],
            id="recorded late: not before the ledger has it",
        ),
        pytest.param(
            # The second debt is due one day later: it waits for the gap of 3 days.
            [debt(1), debt(2, due=1)],
            [
                (7, 1, [1]),
                (10, 1, [2]),
                (14, 2, [1]),
                (17, 2, [2]),
                (30, 3, [1]),
                (33, 3, [2]),
                (45, 4, [1]),
            ],
            id="gap between notices; nothing more after an escalation",
        ),
        pytest.param(
            [debt(1), debt(2, due=7)],
            [
                (7, 1, [1]),
                (14, 2, [1, 2]),
                (21, 2, [2]),
                (30, 3, [1]),
                (37, 3, [2]),
                (45, 4, [1]),
            ],
            id="one notice for all, with the highest level",
        ),
        pytest.param(
            [debt(1), debt(2, currency="USD")],
            [
                (7, 1, [1]),
                (7, 1, [2]),
                (14, 2, [1]),
                (14, 2, [2]),
                (30, 3, [1]),
                (30, 3, [2]),
                (45, 4, [1]),
                (45, 4, [2]),
            ],
            id="one notice for each currency",
        ),
    ],
)
def test_notices_come_on_the_days_worked_out_by_hand(debts, expected):
    assert sent(replay(debts, STANDARD, YEAR)) == expected


def test_letters_go_on_once_all_escalated_debts_are_paid():
    debts = [debt(1, payments=[paid(60)]), debt(2, due=40)]
    # Debt 2 reaches its first level on day 47, and waits until day 60.
    assert sent(replay(debts, STANDARD, YEAR)) == [
        (7, 1, [1]),
        (14, 2, [1]),
        (30, 3, [1]),
        (45, 4, [1]),
        (60, 1, [2]),
        (67, 2, [2]),
        (77, 3, [2]),
        (87, 4, [2]),
    ]


def test_courtesy_goes_before_the_due_date_and_lapses_after_it():
    policy = replace(STANDARD, levels=(COURTESY, FRIENDLY))
    assert sent(replay([debt(due=10)], policy, YEAR)) == [(7, 5, [1]), (17, 1, [1])]
    # The only run in time for it comes after the due date.
    days = [day(6), *YEAR[11:]]
    assert sent(replay([debt(due=10)], policy, days)) == [(17, 1, [1])]


def test_courtesy_held_back_by_a_credit_until_the_due_date_is_passed_over():
    policy = replace(STANDARD, levels=(COURTESY, FRIENDLY))
    credits = [credit(0, matched=12)]
    notices = replay([debt(due=10)], policy, YEAR, credits)
    assert sent(notices) == [(17, 1, [1])]


def test_highest_level_only_leaves_the_others_for_later():
    policy = replace(STANDARD, highest_only=True)
    debts = [debt(1, payments=[paid(20)]), debt(2, due=7, payments=[paid(20)])]
    assert sent(replay(debts, policy, YEAR)) == [
        (7, 1, [1]),
        (14, 2, [1]),
        (17, 1, [2]),
    ]


# Money that the ledger knew late


@pytest.mark.parametrize(
    ("payments", "wrong_balance"),
    [
        pytest.param([paid(6, 9)], 100, id="money moved the day before"),
        pytest.param([paid(7, 8)], 100, id="money moved on the day"),
        pytest.param([paid(8, 9)], 0, id="money moved the day after"),
        pytest.param([paid(6, 9, 30)], 30, id="a part of it was paid"),
        pytest.param([paid(6, 9, 250)], 100, id="at most what was asked"),
        pytest.param([paid(6, 9, is_credit_note=True)], 100, id="credit note"),
        pytest.param([paid(6, 9, 0, balance=Decimal(5))], 0, id="exchange difference"),
    ],
)
def test_notice_is_wrong_for_what_had_been_paid_by_then(payments, wrong_balance):
    [notice] = replay([debt(payments=payments)], STANDARD, YEAR[:14])
    assert notice.wrong_balance == wrong_balance
    assert notice.is_wrong == bool(wrong_balance)


def test_money_that_was_never_matched_makes_a_notice_wrong_too():
    credits = [credit(5, known=9, amount=40)]
    [notice] = replay([debt()], STANDARD, YEAR[:9], credits)
    assert notice.wrong_balance == 40


@pytest.mark.parametrize(
    ("delay", "days"),
    [(None, [7]), (0, []), (1, []), (2, [7]), (10, [7, 14])],
)
def test_delay_of_bank_data_decides_what_is_known(delay, days):
    # Paid on day 6, recorded on day 9; levels are reached on days 7 and 14.
    notices = replay([debt(payments=[paid(6, 9)])], STANDARD, YEAR, (), delay)
    assert [(n.day - START).days for n in notices] == days
    assert summarise(notices, 3).reminders.wrong == len(days)


def test_delay_leaves_our_own_credit_notes_at_their_date():
    payments = [paid(6, 40, is_credit_note=True)]
    assert replay([debt(payments=payments)], STANDARD, YEAR, (), 30) == []


def test_delay_drops_the_wait_between_known_and_matched():
    payments = [paid(3, 4, matched=9)]
    credits = [credit(3, 4, matched=9)]
    other = debt(2, payments=[paid(8)])
    notices = replay([debt(payments=payments), other], STANDARD, YEAR, credits, 0)
    assert sent(notices) == [(7, 1, [2])]


# Open credits


@pytest.mark.parametrize(
    ("waits", "amount", "first_day"),
    [
        pytest.param(True, 30, 12, id="waits until matched"),
        pytest.param(True, 9, 7, id="too small to wait for"),
        pytest.param(False, 30, 7, id="deducts"),
        pytest.param(False, 95, 12, id="too little is left"),
        pytest.param(False, 100, 12, id="covers all"),
    ],
)
def test_open_credit_stops_or_is_deducted(waits, amount, first_day):
    policy = replace(STANDARD, waits_for_matching=waits)
    credits = [credit(2, amount=amount, matched=12)]
    notices = replay([debt()], policy, YEAR, credits)
    assert notices[0].day == day(first_day)


def test_credit_in_another_currency_counts_with_its_balance():
    policy = replace(STANDARD, waits_for_matching=False)
    credits = [credit(2, amount=100, matched=12, currency="USD")]
    assert replay([debt()], policy, YEAR, credits)[0].day == day(12)
    small = [replace(credits[0], balance=Decimal(99))]
    # 1 is left by the books, but another currency is not deducted from this one.
    assert replay([debt()], policy, YEAR, small)[0].day == day(7)


@pytest.mark.parametrize(
    ("amount", "balance", "minimums", "is_sent"),
    [
        pytest.param(12, 6, {}, False, id="worth less than the minimum"),
        pytest.param(30, 15, {}, True, id="worth more"),
        pytest.param(12, 6, {"EUR": Decimal(12)}, True, id="own minimum reached"),
        pytest.param(30, 15, {"EUR": Decimal(31)}, False, id="below own minimum"),
    ],
)
def test_minimum_counts_in_its_own_currency(amount, balance, minimums, is_sent):
    policy = replace(STANDARD, minimums=minimums)
    debts = [debt(amount=amount, balance=balance)]
    assert bool(replay(debts, policy, YEAR)) is is_sent


# Days and figures


def test_runs_on_chosen_weekdays_send_on_the_next_of_them():
    mondays = run_days(START, date(2026, 12, 31), weekdays=[0])
    assert mondays[0] == date(2026, 1, 5)
    assert {n.weekday() for n in mondays} == {0}
    notices = replay([debt()], STANDARD, mondays)
    # Due on Thursday 1 January: levels from the 8th, 15th and 31st, and 15 February.
    assert [n.day for n in notices] == [
        date(2026, 1, 12),
        date(2026, 1, 19),
        date(2026, 2, 2),
        date(2026, 2, 16),
    ]


def test_days_off_are_left_out():
    off = {day(1), day(2)}
    days = run_days(day(0), day(4), is_working_day=lambda one: one not in off)
    assert days == [day(0), day(3), day(4)]


@pytest.mark.parametrize(
    ("debts", "policy", "days"),
    [
        ([], STANDARD, YEAR),
        ([debt()], Policy(()), YEAR),
        ([debt()], STANDARD, []),
        ([debt()], STANDARD, run_days(day(3), day(2))),
    ],
)
def test_nothing_to_replay_gives_no_notices(debts, policy, days):
    notices = replay(debts, policy, days)
    assert notices == []
    summary = summarise(notices, 3)
    assert summary.reminders.wrong_share is None
    assert (summary.first, summary.last, summary.customers) == (None, None, 0)


def test_figures_add_up_worked_out_by_hand():
    debts = [
        debt(1),
        debt(2, customer="oak", amount=50, payments=[paid(12, 16, 50)]),
        debt(3, customer="elm", currency="USD", amount=80, balance=40),
    ]
    notices = replay(debts, STANDARD, YEAR[:40])
    # walnut and elm: days 7, 14, 30; oak: day 7, and day 14 though paid on day 12.
    summary = summarise(notices, 2)
    assert summary.reminders.notices == 8
    assert summary.reminders.wrong == 1
    assert summary.reminders.wrong_share == Decimal("12.5")
    assert summary.reminders.balance == 3 * 100 + 2 * 50 + 3 * 40
    assert summary.reminders.wrong_balance == 50
    assert (summary.customers, summary.customers_over) == (3, 2)
    assert summary.escalations.notices == 0
    assert (summary.first, summary.last) == (day(7), day(30))
    by_level = figures_by(notices, level_key)
    assert [(key, f.notices, f.wrong) for key, f in by_level.items()] == [
        ((7, 1), 3, 0),
        ((14, 2), 3, 1),
        ((30, 3), 2, 0),
    ]
    assert {key: f.notices for key, f in figures_by(notices, month_key).items()} == {
        date(2026, 1, 1): 8
    }
    longer = replay(debts, STANDARD, YEAR[:60])
    assert summarise(longer, 2).escalations.notices == 2
    assert summarise(longer, 2).reminders == summary.reminders
    assert [*figures_by(longer, month_key)] == [date(2026, 1, 1), date(2026, 2, 1)]


# What must hold for any ledger

LEVELS = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(0, 12)),
    min_size=1,
    max_size=4,
    unique_by=lambda level: level[0],
).map(
    lambda rows: tuple(
        ladder.Level(number, days, gap)
        for number, (days, gap) in enumerate(sorted(rows), start=1)
    )
)


@st.composite
def policies(draw):
    levels = draw(LEVELS)
    if draw(st.booleans()):
        levels = (*levels[:-1], replace(levels[-1], is_escalation=True))
    return Policy(
        levels,
        customer_gap_days=draw(st.integers(0, 10)),
        minimum=Decimal(draw(st.integers(0, 40))),
        minimums=draw(st.sampled_from([{}, {"USD": Decimal(20)}])),
        highest_only=draw(st.booleans()),
        waits_for_matching=draw(st.booleans()),
    )


@st.composite
def payments(draw):
    value = draw(st.integers(-10, 80))
    known = value + draw(st.integers(0, 15))
    return paid(
        value,
        known,
        draw(st.sampled_from([10, 40, 100])),
        known + draw(st.integers(0, 10)),
        is_credit_note=draw(st.booleans()),
    )


@st.composite
def ledgers(draw):
    debts = [
        debt(
            key,
            due=draw(st.one_of(st.none(), st.integers(-60, 60))),
            amount=draw(st.sampled_from([15, 100, 200])),
            issued=draw(st.integers(-60, 30)),
            customer=draw(st.sampled_from(["walnut", "oak"])),
            currency=draw(st.sampled_from(["EUR", "USD"])),
            payments=draw(st.lists(payments(), max_size=3)),
        )
        for key in range(draw(st.integers(0, 6)))
    ]
    credits = [
        credit(
            payment.value_date.toordinal() - START.toordinal(),
            payment.known_date.toordinal() - START.toordinal(),
            payment.amount,
            draw(st.one_of(st.none(), st.integers(0, 80))),
        )
        for payment in draw(st.lists(payments(), max_size=2))
    ]
    return debts, credits


run_day_lists = st.lists(st.integers(0, 70), min_size=1, unique=True).map(
    lambda numbers: [day(number) for number in sorted(numbers)]
)


@given(ledgers(), policies(), run_day_lists)
def test_levels_come_once_in_order_and_with_their_gap(ledger, policy, days):
    debts, credits = ledger
    history = defaultdict(list)
    for notice in replay(debts, policy, days, credits):
        assert notice.day in days
        for key, level in notice.items:
            history[key].append((notice.day, level))
    due = {one.key: one.due for one in debts}
    for key, steps in history.items():
        levels = [level.days for _day, level in steps]
        assert levels == sorted(set(levels))
        # No level is skipped, other than a courtesy once the debt was overdue.
        first = policy.levels.index(steps[0][1])
        assert all(level.days <= 0 for level in policy.levels[:first])
        for (before, _level), (on, level) in zip(steps, steps[1:], strict=False):
            assert (on - before).days >= max(1, level.min_gap_days)
        assert all((on - due[key]).days >= level.days for on, level in steps)


@given(ledgers(), policies(), run_day_lists)
def test_customer_gets_no_notice_within_the_gap(ledger, policy, days):
    debts, credits = ledger
    by_group = defaultdict(list)
    for notice in replay(debts, policy, days, credits):
        by_group[notice.customer, notice.currency].append(notice)
    for notices in by_group.values():
        for before, after in zip(notices, notices[1:], strict=False):
            if before.is_reminder:
                gap = (after.day - before.day).days
                assert gap >= max(1, policy.customer_gap_days)


@given(ledgers(), policies(), run_day_lists)
def test_no_notice_from_the_day_on_which_a_debt_is_known_to_be_paid(
    ledger, policy, days
):
    debts, credits = ledger
    known = {one.key: one for one in debts}
    for notice in replay(debts, policy, days, credits):
        asked = Decimal(0)
        for key, _level in notice.items:
            one = known[key]
            assert one.issued <= notice.day
            settled = sum(p.amount for p in one.payments if p.settles_on <= notice.day)
            assert settled < one.amount
            asked += one.amount - settled
        assert notice.amount == asked
        assert 0 <= notice.wrong_balance <= notice.balance


@given(ledgers(), policies(), run_day_lists)
def test_nothing_is_wrong_where_the_ledger_knows_at_once(ledger, policy, days):
    debts, credits = ledger
    notices = replay(debts, policy, days, credits, bank_delay_days=0)
    assert not any(notice.is_wrong for notice in notices)


@given(ledgers(), policies(), run_day_lists)
def test_walking_from_event_to_event_finds_what_looking_every_day_finds(
    ledger, policy, days
):
    debts, credits = ledger
    walked = replay(debts, policy, days, credits)
    found = [
        (notice.day, notice.customer, notice.currency, frozenset(notice.items))
        for notice in walked
    ]
    assert len(found) == len(set(found))
    assert set(found) == set(look_every_day(debts, policy, days, credits))


def look_every_day(debts, policy, days, credits):
    """The rules again, told as slowly and plainly as can be."""
    history, last_notice, escalated = {}, {}, defaultdict(list)

    def open_on(one, today):
        return one.amount - sum(p.amount for p in one.payments if p.settles_on <= today)

    for today in days:
        ready = defaultdict(list)
        for one in debts:
            last_level, last_day = history.get(one.key, (None, None))
            last_days = last_level.days if last_level else None
            step = ladder.next_step(policy.levels, one.due, today, last_days, last_day)
            if one.issued <= today and open_on(one, today) > 0 and step.reason is None:
                if step.level is not None:
                    ready[one.customer].append((one, step.level))
        for customer, same in ready.items():
            if any(open_on(one, today) > 0 for one in escalated[customer]):
                continue
            own = [c for c in credits if c.customer == customer and c.is_open(today)]
            total = sum(c.balance for c in own)
            asked = sum(open_on(one, today) for one, _level in same)
            waits = policy.waits_for_matching and total >= policy.minimum
            if own and (total >= asked or waits):
                continue
            for currency in {one.currency for one, _level in same}:
                group = [pair for pair in same if pair[0].currency == currency]
                last = last_notice.get((customer, currency))
                if last and (today - last).days < policy.customer_gap_days:
                    continue
                left = sum(open_on(one, today) for one, _level in group)
                left -= sum(c.amount for c in own if c.currency == currency)
                if left <= 0 or left < policy.minimums.get(currency, policy.minimum):
                    continue
                top = max((level for _one, level in group), key=lambda lv: lv.days)
                if policy.highest_only:
                    group = [pair for pair in group if pair[1] == top]
                for one, level in group:
                    history[one.key] = (level, today)
                if top.is_escalation:
                    escalated[customer] += [one for one, _level in group]
                else:
                    last_notice[customer, currency] = today
                items = frozenset((one.key, level) for one, level in group)
                yield today, customer, currency, items
