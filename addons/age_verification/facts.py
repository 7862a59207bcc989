"""What the gate needs to know of many sales, read in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from odoo.fields import Domain

from .engine import judging, law
from .scope import get_place_key, get_quantities, get_scope

#: What of a caller's context the facts are read in: words, not which records there are.
KEPT = ("lang", "tz", "allowed_company_ids")


@dataclass(frozen=True, slots=True)
class Basket:
    """A sale as the law sees it: who buys what, where to, on which day.

    An order is one basket. An invoice over several orders has one for each.

    :param record: the order or invoice
    :param person: the buyer, a ``res.partner``
    :param place: the destination, a ``res.partner``
    :param goods: (line, product) pairs; ``line`` is a record of any model
    :param order: the order whose own proofs and overrides count beside the person's
    """

    record: object
    company: object
    person: object
    place: object
    day: date
    goods: tuple = ()
    order: object = None

    @property
    def links(self):
        """The order or the invoice that it belongs to, as values of a record."""
        name = self.record._name
        order = self.record if name == "sale.order" else self.order
        move = self.record.id if name == "account.move" else False
        return {"order_id": not move and order and order.id, "move_id": move}


@dataclass(slots=True)
class LineVerdict:
    """What was decided about one line of a basket, and by which rule."""

    basket: Basket
    line: object
    product: object
    product_class: object
    resolution: law.Resolution
    judgement: judging.Judgement
    policy: object

    @property
    def is_allowed(self):
        return self.judgement.is_allowed


@dataclass(slots=True)
class Verdict:
    """What was decided about a document: its restricted lines, the others are free."""

    baskets: list[Basket]
    lines: list[LineVerdict] = field(default_factory=list)

    @property
    def basket(self):
        """The first basket; orders have no other."""
        return self.baskets[0]

    @property
    def record(self):
        return self.basket.record

    @property
    def person(self):
        """Whose proof is missing, else the first buyer."""
        refused = self.refused
        return refused[0].basket.person if refused else self.basket.person

    @property
    def refused(self):
        return [line for line in self.lines if not line.is_allowed]

    @property
    def refused_codes(self):
        """Verdicts of the lines that may not go on."""
        return {line.judgement.verdict for line in self.refused}

    @property
    def is_allowed(self):
        return not self.refused

    @property
    def worst(self):
        """The most serious verdict of the lines, None when nothing is restricted."""
        codes = [line.judgement.verdict for line in self.lines]
        return max(codes, key=judging.VERDICTS.index, default=None)

    @property
    def strictest(self):
        """The line that asks most, which decides what the buyer has to prove."""
        return min(self.lines, key=lambda line: line.resolution.bound, default=None)


class AgeFacts:
    """Rules, policies, proofs, refusals and exemptions for some baskets."""

    def __init__(self, env, baskets):
        self.env = env = _get_own_env(env)
        self.baskets = baskets
        self.people = env["res.partner"].union(*(b.person for b in baskets))
        self.companies = env["res.company"].union(*(b.company for b in baskets))

    @cached_property
    def _rules(self):
        """Rules of the countries that goods go to."""
        countries = self.env["res.country"].union(
            *(basket.place.country_id for basket in self.baskets)
        )
        return (
            self.env["age.rule"]
            .sudo()
            .search_fetch([("country_id", "in", countries.ids)])
        )

    @cached_property
    def rules(self):
        """Country code -> :class:`engine.law.Rule`."""
        by_country = defaultdict(list)
        for rule in self._rules._as_law():
            by_country[rule.country].append(rule)
        return by_country

    @cached_property
    def classes(self):
        """All classes, read once: they are few."""
        return self.env["age.product.class"].sudo().search_fetch([])

    @cached_property
    def narrower(self):
        """Code of a class -> codes of all classes below it."""
        below = defaultdict(set)
        for product_class in self.classes:
            for above in product_class._get_chain()[1:]:
                below[above.code].add(product_class.code)
        return below

    @cached_property
    def policies(self):
        """Company -> its policy, which may be empty."""
        return {company: company.sudo().age_policy_id for company in self.companies}

    @cached_property
    def _own_policies(self):
        """(rule or class, company) -> the policy it has there, where it has one."""
        return {
            (record, company): record.with_company(company).policy_id
            for records in (self._rules, self.classes)
            for company in self.companies
            for record in records
        }

    def get_policy(self, resolution, product_class, company):
        """How a line is proved: by the policy of its rule, its class or the company."""
        rule = self._rules.browse(resolution.rule.key if resolution.rule else ())
        policy = self.env["age.policy"].sudo()
        for record in (rule, product_class):
            policy = policy or self._own_policies.get((record, company), policy)
        return policy or self.policies[company]

    @cached_property
    def _proofs(self):
        domain = Domain("partner_id", "in", self.people.ids) & Domain(
            "company_id", "in", self.companies.ids
        )
        return (
            self.env["age.proof"]
            .sudo()
            .search_fetch(domain & self.env["age.proof"]._counting_domain())
            .grouped(lambda proof: (proof.partner_id, proof.company_id))
        )

    def get_proofs(self, basket):
        """Proofs that count for a basket: the person's, and its own order's."""
        found = self._proofs.get((basket.person, basket.company), ())
        return [
            judging.Proof(
                key=proof.id,
                bound=proof.bound_date,
                assurance=proof.assurance,
                proved_on=proof.proved_on,
                valid_until=proof.valid_until or None,
                recorded_at=proof.recorded_at,
            )
            for proof in found
            if not proof.order_id or proof.order_id == basket.order
        ]

    @cached_property
    def _refusals(self):
        return self.env["age.refusal"]._get_for(self.people, self.companies)

    def get_refusals(self, basket):
        return self._refusals.get((basket.person, basket.company), [])

    @cached_property
    def _exemptions(self):
        return self.env["age.exemption"]._get_for(self.people, self.companies)

    def is_exempt(self, basket):
        ends = self._exemptions.get((basket.person, basket.company), ())
        return any(end is None or basket.day <= end for end in ends)

    @cached_property
    def _overrides(self):
        env = self.env
        documents = [basket.record for basket in self.baskets]
        documents += [basket.order for basket in self.baskets if basket.order]
        return env["age.override"]._get_for(
            env["sale.order"].union(*_of_model(documents, "sale.order")),
            env["account.move"].union(*_of_model(documents, "account.move")),
        )

    def is_overridden(self, baskets):
        """Whether two persons let pass this very document, as it is now."""
        allowed = self._overrides.get(baskets[0].record)
        now = allowed and get_scope(baskets)
        return bool(allowed) and any(scope.covers(now) for scope in allowed)

    def is_order_overridden(self, basket):
        """Whether two persons let pass the order that this is a part of, as it is now.

        More than was let pass is not a part of it.
        """
        order = basket.order
        allowed = order and self._overrides.get(order)
        if not allowed:
            return False
        whole = order._get_age_baskets()
        now, part = get_scope(whole), get_quantities([basket])
        products = {product for _line, product in whole[0].goods}
        return (
            any(scope.covers(now) and scope.holds(part) for scope in allowed)
            and basket.person == whole[0].person
            and get_place_key(basket.place) == get_place_key(whole[0].place)
            and all(product in products for _line, product in basket.goods)
        )


def _get_own_env(env):
    """The environment without what a caller may send to change what is found."""
    kept = {name: env.context[name] for name in KEPT if name in env.context}
    return env(context=kept)


def _of_model(records, name):
    return [record for record in records if record._name == name]


def read_goods(product, product_class, narrower):
    """A product as :class:`engine.law.Goods`."""
    return law.Goods(
        classes=tuple(product_class._get_chain().mapped("code")),
        narrower=frozenset(narrower[product_class.code]),
        abv=law.as_strength(product.age_abv),
        distilled=law.DISTILLED.get(product.age_distilled),
    )


def judge_document(baskets, facts):
    """The :class:`Verdict` on the baskets of one document, from what was read."""
    verdict = Verdict(baskets)
    for basket in baskets:
        verdict.lines += _judge_basket(basket, facts)
    if not verdict.is_allowed and facts.is_overridden(baskets):
        _let_pass(verdict.lines)
    return verdict


def _judge_basket(basket, facts):
    lines = [
        _judge_line(basket, facts, line, product, product.age_class_id)
        for line, product in basket.goods
        if product.age_class_id.is_restricted
    ]
    if any(not line.is_allowed for line in lines) and facts.is_order_overridden(basket):
        _let_pass(lines)
    return lines


def _let_pass(lines):
    for line in lines:
        line.judgement = judging.let_pass(line.judgement)


def _get_state(place):
    """The state of the destination; none when it is one of another country."""
    state = place.state_id
    return state.id if state and state.country_id == place.country_id else None


def _judge_line(basket, facts, line, product, product_class):
    place = basket.place
    country = place.country_id.code
    resolution = law.resolve(
        facts.rules.get(country, ()),
        read_goods(product, product_class, facts.narrower),
        country,
        _get_state(place),
        basket.day,
        facts.policies[basket.company]._get_fallback(),
    )
    policy = facts.get_policy(resolution, product_class, basket.company)
    judgement = judging.judge(
        resolution.bound,
        facts.get_proofs(basket),
        basket.day,
        policy.min_assurance or "estimated",
        facts.get_refusals(basket),
        facts.is_exempt(basket),
    )
    if resolution.is_prohibited and law.UNKNOWN_STATE in resolution.warnings:
        # In a part of the country only: with the state it may well be lawful.
        judgement = judging.Judgement(judging.INCOMPLETE)
    return LineVerdict(
        basket, line, product, product_class, resolution, judgement, policy
    )
