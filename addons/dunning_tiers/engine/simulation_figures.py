"""A replay in figures: by level, by month, in all. Pure, see :mod:`simulation`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .simulation_data import Notice, total


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of some notices; amounts are in the company's currency."""

    notices: int
    items: int
    wrong: int
    balance: Decimal
    wrong_balance: Decimal

    @property
    def wrong_share(self) -> Decimal | None:
        """Percent of the notices that were wrong; None when there are none."""
        return Decimal(self.wrong) * 100 / self.notices if self.notices else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A replay in a few figures.

    :param reminders: figures of what goes to customers
    :param escalations: figures of what goes to a person
    :param customers: customers with at least one reminder
    :param customers_over: those with more reminders than the limit
    :param first: day of the first notice, or None
    :param last: day of the last notice, or None
    """

    reminders: Figures
    escalations: Figures
    customers: int
    customers_over: int
    first: date | None
    last: date | None


def figures(notices: Iterable[Notice]) -> Figures:
    notices = list(notices)
    return Figures(
        notices=len(notices),
        items=sum(len(notice.items) for notice in notices),
        wrong=sum(notice.is_wrong for notice in notices),
        balance=total("balance", notices),
        wrong_balance=total("wrong_balance", notices),
    )


def figures_by(notices: Iterable[Notice], key: Callable) -> dict:
    """Figures of the notices with the same ``key(notice)``, in the order of the keys."""
    groups = defaultdict(list)
    for notice in notices:
        groups[key(notice)].append(notice)
    return {value: figures(groups[value]) for value in sorted(groups)}


def level_key(notice: Notice) -> tuple[int, int]:
    """Orders by level: (days past due, key of the level)."""
    return notice.level.days, notice.level.key


def month_key(notice: Notice) -> date:
    """The first day of the month of the notice."""
    return notice.day.replace(day=1)


def summarise(notices: Iterable[Notice], max_reminders: int) -> Summary:
    """The replay in a few figures.

    :param max_reminders: customers with more reminders than this are counted
    """
    notices = list(notices)
    reminders = [notice for notice in notices if notice.is_reminder]
    per_customer = Counter(notice.customer for notice in reminders)
    days = [notice.day for notice in notices]
    return Summary(
        reminders=figures(reminders),
        escalations=figures(n for n in notices if not n.is_reminder),
        customers=len(per_customer),
        customers_over=sum(n > max_reminders for n in per_customer.values()),
        first=min(days, default=None),
        last=max(days, default=None),
    )
