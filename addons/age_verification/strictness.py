"""How much laws ask of a kind of product, to tell whether a change of it asks less."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from .engine import judging, law
from .facts import AgeFacts, read_goods


@dataclass(frozen=True, slots=True)
class Traits:
    """What laws look at in a product; named like the product's own fields.

    :param product_class: an ``age.product.class``, may be empty
    """

    product_class: object
    age_abv: float = 0.0
    age_distilled: str | bool = False

    @property
    def is_restricted(self):
        return bool(self.product_class) and self.product_class.is_restricted


class Laws(AgeFacts):
    """All laws that are known, wherever goods may go to.

    :param companies: whose policies count where no law is known
    """

    def __init__(self, env, companies):
        super().__init__(env, ())
        self.companies = companies
        self._asked = {}

    @cached_property
    def _rules(self):
        """All rules, read once: a product may be sold to any country."""
        return (
            self.env["age.rule"].sudo().search_fetch([("country_id.code", "!=", False)])
        )

    def is_looser(self, before, after):
        """Whether a product asks less of its buyers with other traits.

        A strength that is lowered and a spirit that is called fermented count as well: no
        law of today may care, one of tomorrow does.

        :param Traits before: what it was
        :param Traits after: what it is
        """
        if not before.is_restricted:
            return False
        if not after.is_restricted:
            return True
        if 0 < after.age_abv < before.age_abv:
            return True
        if (before.age_distilled, after.age_distilled) == ("distilled", "fermented"):
            return True
        asked, asks = self._get_asked(before), self._get_asked(after)
        return any(
            asks[key][0] > bound or asks[key][1] < rank
            for key, (bound, rank) in asked.items()
        )

    def _get_asked(self, traits):
        """{(company, country, state, day): (bound, rank of the assurance)}"""
        if traits not in self._asked:
            goods = read_goods(traits, traits.product_class, self.narrower)
            self._asked[traits] = {
                (company, *place): self._ask(traits, goods, company, *place)
                for company in self.companies
                for place in self._places
            }
        return self._asked[traits]

    def _ask(self, traits, goods, company, country, state, day):
        resolution = law.resolve(
            self.rules.get(country, ()),
            goods,
            country,
            state,
            day,
            self.policies[company]._get_fallback(),
        )
        policy = self.get_policy(resolution, traits.product_class, company)
        assurance = policy.min_assurance or "estimated"
        return resolution.bound, judging.assurance_rank(assurance)

    @cached_property
    def _places(self):
        """(country, state, day) of today and of all days on which a law changes."""
        today = self.env.company._get_age_today()
        places = []
        for country, rules in self.rules.items():
            days = {today}
            days |= {rule.date_from for rule in rules if rule.date_from}
            days |= {rule.date_to + timedelta(1) for rule in rules if rule.date_to}
            states = {rule.state for rule in rules}
            places += [
                (country, state, day)
                for state in {None, *states}
                for day in days
                if day >= today
            ]
        return places
