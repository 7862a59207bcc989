"""The payment term of an order: days to pay, due date and credit limit. Pure.

The customer's grade with each maker grants a term, and what the maker allows bounds it. A
basket of several makers takes the strictest of them (worked example W20: net 45 of a Gold
customer ends at the 30 days that a maker allows).

All amounts are in one currency, days are calendar days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .grades import Grade, Judgement, Reason, TermsError
from .money import ZERO, not_negative

# Why an order has a term.
GRADE_TERM, MAKER_TERM, DUE, LIMIT = "grade_term", "maker_term", "due", "limit"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one maker of a basket grants: the customer's grade with this maker, and bounds.

    :ivar max_days: the longest term the maker allows; ``None``: any
    :ivar max_credit: the most the maker lets a customer owe; ``None``: any
    """

    maker: str
    grade: Grade
    max_days: int | None = None
    max_credit: Decimal | None = None

    def __post_init__(self):
        for field, value in (
            ("max days", self.max_days),
            ("max credit", self.max_credit),
        ):
            if value is not None:
                not_negative(field, value)

    @property
    def days(self) -> int:
        return _least(self.grade.days, self.max_days)

    @property
    def credit_limit(self) -> Decimal | None:
        return _least(self.grade.credit_limit, self.max_credit)


@dataclass(frozen=True, slots=True)
class Term:
    """The term of one order.

    :ivar due: last day to pay
    :ivar strictest: the offer that sets the days
    :ivar limited_by: the offer that sets the credit limit; ``None``: there is no limit
    """

    days: int
    due: date
    credit_limit: Decimal | None
    strictest: Offer
    limited_by: Offer | None

    def over_limit(self, owed: Decimal, order: Decimal) -> Decimal:
        """By how much an order exceeds the limit, with what is owed already; never below 0."""
        if self.credit_limit is None:
            return ZERO
        return max(ZERO, owed + order - self.credit_limit)


def strictest(offers: Iterable[Offer], invoiced: date) -> Term:
    """The term of an order: the fewest days and the lowest limit of all its makers.

    :param invoiced: the day from which the days count
    :raises TermsError: no maker at all
    """
    offers = sorted(offers, key=lambda each: each.maker)
    if not offers:
        raise TermsError("offers", "none", "a term needs at least one maker")
    by_days = min(offers, key=lambda each: each.days)
    limited = [each for each in offers if each.credit_limit is not None]
    by_limit = min(limited, key=lambda each: each.credit_limit, default=None)
    return Term(
        by_days.days,
        invoiced + timedelta(days=by_days.days),
        by_limit and by_limit.credit_limit,
        by_days,
        by_limit,
    )


def explain(term: Term, judgement: Judgement | None = None) -> tuple[Reason, ...]:
    """Why an order has this term, from the score to the due date.

    :param judgement: of the customer, with the maker that is strictest
    """
    reasons = list(judgement.reasons) if judgement else []
    offer = term.strictest
    grade = offer.grade
    reasons.append(Reason(GRADE_TERM, (("grade", grade.key), ("days", grade.days))))
    if offer.days < grade.days:
        reasons.append(
            Reason(MAKER_TERM, (("maker", offer.maker), ("days", offer.days)))
        )
    figures = (("maker", offer.maker), ("days", term.days), ("due", term.due))
    reasons.append(Reason(DUE, figures))
    if term.limited_by:
        limit = (("maker", term.limited_by.maker), ("amount", term.credit_limit))
        reasons.append(Reason(LIMIT, limit))
    return tuple(reasons)


def _least(*values):
    """The least of the values that are set; ``None`` when none is."""
    return min((value for value in values if value is not None), default=None)
