"""Replay of a dunning policy over past months of a ledger. Pure: no clock, no database.

What a run would have sent on each day is found with the rules of the real one: the ladder
is :func:`ladder.next_step` itself, and the rules on credits, days between notices, minimum
amounts, grouping and escalation are those of the model ``dunning.gate``, in its order.

A ledger learns late. Each payment therefore has the day on which the money moved, the day
on which the ledger first showed it and the day on which it was matched with the debt. The
replay decides by what the ledger showed on the day; afterwards a notice counts as wrong
when money had moved by then that nobody could see.

Nobody reads the ledger day by day: each customer has an agenda of the days on which
something can change, so the work grows with debts and payments, not with days.

Amounts are ``Decimal``. ``amount`` is in the currency of the document, ``balance`` in that
of the company; sums over currencies are sums of balances.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from . import ladder
from .simulation_data import ZERO, Credit, Debt, Notice, Payment, Policy, total

_ONE_DAY = timedelta(days=1)
# On one day, money is counted before anybody looks at what is owed.
_PAY, _LOOK = 0, 1


def run_days(
    start: date,
    end: date,
    weekdays: Iterable[int] = range(7),
    is_working_day: Callable[[date], bool] | None = None,
) -> list[date]:
    """Days from start to end, both included, on which a run is made.

    :param weekdays: 0 is Monday
    :param is_working_day: tells on which days notices go out; by default on all
    """
    wanted = frozenset(weekdays)
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [
        day
        for day in days
        if day.weekday() in wanted and (is_working_day is None or is_working_day(day))
    ]


def replay(
    debts: Iterable[Debt],
    policy: Policy,
    days: Iterable[date],
    credits: Iterable[Credit] = (),
    bank_delay_days: int | None = None,
) -> list[Notice]:
    """What runs on these days would have sent, had they begun with the first of them.

    :param debts: in any order; those of one customer are judged together
    :param days: the days of the runs, see :func:`run_days`
    :param credits: open credits of the same customers
    :param bank_delay_days: take payments as known so many days after their value date,
        in place of the days on which the ledger knew them; None leaves these
    :return: notices by day and customer; nothing is known of notices before the first day
    """
    days = sorted(set(days))
    if not days or not policy.levels:
        return []
    if bank_delay_days is not None:
        debts = [_delay_payments(debt, bank_delay_days) for debt in debts]
        credits = filter(None, (credit.delayed(bank_delay_days) for credit in credits))
    debts_of, credits_of = defaultdict(list), defaultdict(list)
    for debt in debts:
        debts_of[debt.customer].append(debt)
    for credit in credits:
        credits_of[credit.customer].append(credit)
    notices = [
        notice
        for customer, own in debts_of.items()
        for notice in _CustomerReplay(own, credits_of[customer], policy, days).notices()
    ]
    return sorted(notices, key=attrgetter("day"))


def _delay_payments(debt: Debt, days: int) -> Debt:
    return replace(
        debt, payments=tuple(payment.delayed(days) for payment in debt.payments)
    )


class _Climb:
    """How high a debt has climbed, and what the ledger shows of it on the day."""

    __slots__ = ("debt", "residual", "balance", "level", "last_days", "last_date")

    def __init__(self, debt: Debt):
        self.debt = debt
        self.residual = debt.amount
        self.balance = debt.balance
        self.level = self.last_days = self.last_date = None

    @property
    def is_paid(self) -> bool:
        return self.residual <= 0 or self.balance <= 0

    def pay(self, payment: Payment) -> None:
        self.residual -= payment.amount
        self.balance -= payment.worth

    def look(self, levels, day: date) -> ladder.Step:
        step = ladder.next_step(
            levels, self.debt.due, day, self.last_days, self.last_date
        )
        self.level = step.level
        return step

    def climb(self, day: date) -> None:
        self.last_days, self.last_date = self.level.days, day

    def hidden_balance(self, day: date) -> Decimal:
        """Worth of what had been paid by then and was not known, at most what is asked."""
        hidden = sum(
            (
                payment.worth
                for payment in self.debt.payments
                if payment.amount > 0 and payment.value_date <= day < payment.known_date
            ),
            ZERO,
        )
        return min(hidden, self.balance)


class _CustomerReplay:
    """The runs of all days for one customer."""

    def __init__(self, debts, credits, policy: Policy, days: list[date]):
        self.policy = policy
        self.days = days
        self.credits = credits
        self.ready: dict[_Climb, None] = {}
        self.escalated: list[_Climb] = []
        self.last_notice: dict[Hashable, date] = {}
        self.agenda: list[tuple] = []
        self._numbers = itertools.count()
        for debt in debts:
            climb = _Climb(debt)
            self._plan(debt.issued, _LOOK, climb)
            for payment in debt.payments:
                self._plan(payment.settles_on, _PAY, climb, payment)
        for credit in credits:
            self._plan(credit.known_date, _LOOK)
            if credit.matched_date is not None:
                self._plan(credit.matched_date, _LOOK)

    def notices(self) -> Iterator[Notice]:
        while self.agenda:
            day = self.days[bisect_left(self.days, self.agenda[0][0])]
            self._advance(day)
            yield from self._judge(day)

    def _plan(self, day: date, action: int, climb=None, payment=None) -> None:
        """Note a day on which something can change, unless there is no run after it."""
        if day <= self.days[-1]:
            # The number keeps notes of one day in order, so that climbs are not compared.
            note = (day, action, next(self._numbers), climb, payment)
            heapq.heappush(self.agenda, note)

    def _advance(self, day: date) -> None:
        """Bring what the ledger shows up to the day."""
        while self.agenda and self.agenda[0][0] <= day:
            *_order, climb, payment = heapq.heappop(self.agenda)
            if payment is not None:
                climb.pay(payment)
                if climb.is_paid:
                    self.ready.pop(climb, None)
            elif climb is not None:
                self._look(climb, day)

    def _look(self, climb: _Climb, day: date) -> None:
        """See whether the debt's next level is reached, or note when it may be."""
        self.ready.pop(climb, None)
        if climb.is_paid:
            return
        step = climb.look(self.policy.levels, day)
        if step.reason is None:
            self.ready[climb] = None
            if step.level.days <= 0:
                # A courtesy lapses when the debt becomes overdue.
                self._plan(climb.debt.due + _ONE_DAY, _LOOK, climb)
        elif step.on is not None:
            self._plan(step.on, _LOOK, climb)

    def _judge(self, day: date) -> Iterator[Notice]:
        """The notices of one day, by the rules of ``dunning.gate`` in its order."""
        ready = sorted(self.ready, key=lambda climb: climb.debt.due)
        if not ready or self._is_escalated():
            return
        credits = [credit for credit in self.credits if credit.is_open(day)]
        if self._is_covered(ready, credits):
            return
        by_currency = defaultdict(list)
        for climb in ready:
            by_currency[climb.debt.currency].append(climb)
        for currency, same in by_currency.items():
            if self._is_too_soon(currency, day) or self._is_low(same, credits):
                continue
            yield self._send(same, day)

    def _is_escalated(self) -> bool:
        """A person has the customer, as long as one of the escalated debts is open."""
        return any(not climb.is_paid for climb in self.escalated)

    def _is_covered(self, ready, credits) -> bool:
        if not credits:
            return False
        total = sum((credit.balance for credit in credits), ZERO)
        asked = sum((climb.balance for climb in ready), ZERO)
        waits = self.policy.waits_for_matching and total >= self.policy.minimum
        return waits or total >= asked

    def _is_too_soon(self, currency, day: date) -> bool:
        last = self.last_notice.get(currency)
        if last is None:
            return False
        free_on = last + timedelta(days=self.policy.customer_gap_days)
        if day < free_on:
            self._plan(free_on, _LOOK)
            return True
        return False

    def _is_low(self, same, credits) -> bool:
        """Whether too little is left to ask for, credits of the currency deducted."""
        currency = same[0].debt.currency
        own = [credit for credit in credits if credit.currency == currency]
        asked = total("residual", same) - total("amount", own)
        minimum = self.policy.minimums.get(currency)
        if minimum is not None:
            return asked < minimum or asked <= 0
        worth = total("balance", same) - total("balance", own)
        return worth < self.policy.minimum or asked <= 0

    def _send(self, same, day: date) -> Notice:
        level = max((climb.level for climb in same), key=attrgetter("days"))
        if self.policy.highest_only:
            same = [climb for climb in same if climb.level.days == level.days]
        notice = self._prepare_notice(same, level, day)
        for climb in same:
            climb.climb(day)
            del self.ready[climb]
            # Its next level may be reached already: a run sends one at a time.
            self._plan(day + _ONE_DAY, _LOOK, climb)
        if level.is_escalation:
            self.escalated += same
        else:
            self.last_notice[notice.currency] = day
        return notice

    def _prepare_notice(self, same, level, day: date) -> Notice:
        first = same[0].debt
        balance = total("balance", same)
        hidden = sum((climb.hidden_balance(day) for climb in same), ZERO)
        hidden += total("balance", (c for c in self.credits if c.is_hidden(day)))
        return Notice(
            day=day,
            customer=first.customer,
            currency=first.currency,
            level=level,
            items=tuple((climb.debt.key, climb.level) for climb in same),
            amount=total("residual", same),
            balance=balance,
            wrong_balance=min(hidden, balance),
        )
