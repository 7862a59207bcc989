"""The earned terms of orders: each looked up once for all orders of a company."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from odoo import fields

from .decimals import to_decimal
from .engine import grades, terms
from .engine.money import ZERO, round_to
from .terms_words import FOR_CUSTOMERS, TermsWords


@dataclass(frozen=True)
class Missing:
    """What a customer lacks for the next grade.

    :ivar grade: the engine's next grade
    :ivar turnover: more of 12 months, in ``currency``; 0: only payment in time is missing
    """

    grade: grades.Grade
    turnover: Decimal
    currency: Any


@dataclass(frozen=True)
class OrderTerms:
    """The earned terms of one order, as of today.

    :ivar agreed: ``engine.terms.Term``, in the company's currency; due by its days
    :ivar day: from which the days count
    :ivar payment_term: ``account.payment.term`` of the order
    :ivar policy: ``artisan.terms.policy`` that is strictest
    :ivar standing: ``artisan.customer.standing`` by it; None: never judged
    """

    agreed: terms.Term
    day: date
    payment_term: Any
    policy: Any
    standing: Any

    @cached_property
    def term(self):
        """The engine's term, due when the payment term says so: that of a grade may end
        with a month."""
        return replace(self.agreed, due=self.payment_term._get_due_date(self.day))

    @property
    def currency(self):
        return self.policy.company_id.currency_id

    def explain(self, env, for_customer=False):
        """Why the order has this term: sentences in the language of an environment.

        :param for_customer: without scores, and with what the next grade needs
        """
        words = TermsWords(env)
        judgement = self.standing._to_judgement() if self.standing else None
        reasons = terms.explain(self.term, judgement)
        if not for_customer:
            return [words.say(reason, self.currency) for reason in reasons]
        said = [
            words.say(reason, self.currency)
            for reason in reasons
            if reason.code in FOR_CUSTOMERS
        ]
        missing = self._get_missing(judgement)
        return [*said, words.say_next(missing)] if missing else said

    def _get_missing(self, judgement):
        """What the next grade needs; None: there is none, or it would not help."""
        policy = self.policy._to_policy()
        rank = policy.rank(self.term.strictest.grade.key)
        higher = policy.grades[rank + 1 : rank + 2]
        longest = self.term.strictest.max_days
        if not higher or higher[0].days <= self.term.days:
            return None
        if longest is not None and longest <= self.term.days:
            return None
        points = turnover = ZERO
        if judgement:
            if any(reason.code == grades.WAITING for reason in judgement.reasons):
                return None  # its day is named already
            points, turnover = judgement.score.points, judgement.score.turnover
        full = policy.full_turnover
        more = (higher[0].min_score - points) * full / 100
        more = max(ZERO, min(more, full - turnover))
        step = to_decimal(self.currency.rounding)
        return Missing(higher[0], round_to(more, step), self.currency)


class TermsBook:
    """Policies, grades and standings of customers of one company.

    :param env: may read policies
    :param customers: commercial partners
    """

    def __init__(self, env, company, customers):
        self._env = env
        self._company = company
        Policy = env["artisan.terms.policy"]
        in_use = Policy._get_policies_in_use().get(company.id, {})
        self._policies = dict(zip(in_use, Policy.browse(in_use.values()), strict=True))
        self._grades = {
            policy: policy._get_grades() for policy in self._policies.values()
        }
        self._max_days = env["res.partner"]._get_max_net_days()
        self._standings = env["artisan.customer.standing"]._get_standings(
            Policy.browse(in_use.values()), customers
        )
        self._payment_terms = {}  # days -> account.payment.term

    def get(self, customer, makers, day):
        """The terms of one order, None if no policy is about it.

        :param customer: commercial partner
        :param makers: ``res.partner`` of all products; an empty one among them for products
            of nobody
        :param day: date from which the days count
        :return: OrderTerms
        """
        offers, holders = {}, {}
        for maker in makers:
            policy = self._policies.get(maker.id) or self._policies.get(False)
            if policy:
                standing, grade = self._get_standing(policy, customer)
                offers[maker] = terms.Offer(
                    str(maker.id or 0), grade.grade, self._max_days.get(maker.id)
                )
                holders[str(maker.id or 0)] = policy, standing, grade
        if not offers:
            return None
        term = terms.strictest(self._bound(offers, makers), day)
        return self._make(term, holders, day)

    def _get_standing(self, policy, customer):
        """The standing of a customer, None: never judged; and the grade."""
        grades_by_id = self._grades[policy]
        found = self._standings.get((policy.id, customer.id))
        if found:
            standing, grade = found
            return standing, grades_by_id.get(grade.id) or grade._to_kept()
        return None, next(iter(grades_by_id.values()))

    def _bound(self, offers, makers):
        """The offers, and the bounds of makers that no policy is about."""
        strictest = min(offers.values(), key=lambda offer: offer.days)
        bounds = [
            terms.Offer(str(maker.id), strictest.grade, self._max_days[maker.id])
            for maker in makers
            if maker not in offers and maker.id in self._max_days
        ]
        return [*offers.values(), *bounds]

    def _make(self, term, holders, day):
        strictest = term.strictest
        # A bound without a policy stands for whichever grade it bounds.
        policy, standing, grade = holders.get(strictest.maker) or next(
            held for held in holders.values() if held[2].grade == strictest.grade
        )
        if grade.payment_term_id and term.days == grade.grade.days:
            payment_term = self._env["account.payment.term"].browse(
                grade.payment_term_id
            )
        else:
            payment_term = self._get_net_days(term.days)
        return OrderTerms(term, day, payment_term, policy, standing)

    def _get_net_days(self, days):
        if days not in self._payment_terms:
            Term = self._env["account.payment.term"]
            self._payment_terms[days] = Term._get_net_days(days, self._company)
        return self._payment_terms[days]


def get_today(record):
    """The day that it is for the company of a record."""
    tz = record.company_id.partner_id.tz
    return fields.Date.context_today(record.with_context(tz=tz) if tz else record)
