"""Which rule governs a product at a place on a day. Pure.

Rules are dated data. Of those that fit a product at its destination, the most specific
place counts, then the most specific class of product, then the rule that came into force
last, then the strictest. What is not known (the state, the strength, whether something is
distilled) is answered by the strictest rule that may apply, and the answer says so.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from .bounds import NOBODY, Requirement

#: How a rule is known, the surest first.
CONFIDENCES = ("primary", "statute_quoted", "secondary", "conflict", "general")
#: Nobody looked it up, or sources contradict each other: the fallback counts beside it.
DOUBTFUL = frozenset({"conflict", "general"})

# Warnings of a resolution.
UNKNOWN_COUNTRY = "unknown_country"
UNKNOWN_RULE = "unknown_rule"
UNKNOWN_STATE = "unknown_state"
UNKNOWN_STRENGTH = "unknown_strength"
CONFLICT = "conflict"
NOT_VERIFIED = "not_verified"
WARNINGS = (
    UNKNOWN_COUNTRY,
    UNKNOWN_RULE,
    UNKNOWN_STATE,
    UNKNOWN_STRENGTH,
    CONFLICT,
    NOT_VERIFIED,
)


#: How a drink is made, as records have it -> what rules ask.
DISTILLED = {"distilled": True, "fermented": False}


def as_strength(value: float) -> Decimal | None:
    """Per cent by volume with two places; None for 0, which stands for unknown."""
    return Decimal(str(round(value, 2))) if value else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule.

    :param key: identifies the rule, e.g. its database id
    :param product_class: code of a class
    :param country: two letters, ISO 3166-1
    :param state: code or name of a part of the country, None for all of it
    :param requirement: None when it is on record that nobody knows the law
    :param abv_gt: applies above this strength, in per cent by volume
    :param abv_lte: applies up to this strength
    :param distilled: applies to distilled (True), fermented (False) or both (None)
    :param date_from: first day in force, None when it is not known
    :param date_to: last day in force, None for no end
    :param confidence: one of :data:`CONFIDENCES`
    """

    key: int | str
    product_class: str
    country: str
    state: str | None
    requirement: Requirement | None
    abv_gt: Decimal | None = None
    abv_lte: Decimal | None = None
    distilled: bool | None = None
    date_from: date | None = None
    date_to: date | None = None
    confidence: str = "primary"

    def is_in_force(self, day: date) -> bool:
        return (self.date_from is None or self.date_from <= day) and (
            self.date_to is None or day <= self.date_to
        )

    @property
    def band(self):
        return (self.product_class, self.abv_gt, self.abv_lte, self.distilled)

    @property
    def start(self):
        return self.date_from or date.min


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as the law sees it.

    :param classes: code of its class, then of the classes above it
    :param narrower: codes of the classes below its own
    :param abv: strength in per cent by volume, None when unknown
    :param distilled: None when unknown
    """

    classes: tuple[str, ...]
    narrower: frozenset[str] = field(default_factory=frozenset)
    abv: Decimal | None = None
    distilled: bool | None = None

    def fits(self, rule: Rule) -> bool:
        """Whether a rule may apply; what is not known does not exclude it."""
        if self.abv is not None:
            if rule.abv_gt is not None and self.abv <= rule.abv_gt:
                return False
            if rule.abv_lte is not None and self.abv > rule.abv_lte:
                return False
        known = None not in (self.distilled, rule.distilled)
        return not known or self.distilled == rule.distilled

    def is_vague(self, rule: Rule) -> bool:
        """Whether it is not known if the rule's band is that of the product."""
        banded = rule.abv_gt is not None or rule.abv_lte is not None
        return (banded and self.abv is None) or (
            rule.distilled is not None and self.distilled is None
        )


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is asked of the buyer, and why.

    :param bound: last birthday of those who may buy; :data:`bounds.NOBODY` for nobody
    :param requirement: the requirement that asks it
    :param rule: the rule that decides, None when the fallback does
    :param warnings: codes of this module, for a person to read
    """

    bound: date
    requirement: Requirement
    rule: Rule | None
    warnings: tuple[str, ...] = ()

    @property
    def is_prohibited(self) -> bool:
        return self.bound == NOBODY


def resolve(rules, goods, country, state, day, fallback) -> Resolution:
    """What the law asks of who buys the goods.

    :param rules: all :class:`Rule` that may apply, of any country
    :param Goods goods: the product
    :param country: two letters of the destination, None when it is not known
    :param state: the destination's part of the country as the rules name it, or None
    :param date day: the day to judge
    :param Requirement fallback: what the seller asks where no rule is known, and beside
        rules that are in doubt
    """
    if not country:
        return _fall_back(fallback, day, UNKNOWN_COUNTRY)
    fitting = [
        rule
        for rule in rules
        if rule.country == country and rule.is_in_force(day) and goods.fits(rule)
    ]
    if state:
        return _resolve_at(fitting, goods, state, day, fallback)
    return _resolve_anywhere(fitting, goods, day, fallback)


def _resolve_anywhere(rules, goods, day, fallback):
    """The strictest of what the parts of the country ask.

    Parts that have no law of their own are asked for as well: what holds countrywide, or
    the fallback.
    """
    states = sorted({rule.state for rule in rules if rule.state}, key=str)
    found = [
        _resolve_at(rules, goods, state, day, fallback) for state in (None, *states)
    ]
    if len({resolution.bound for resolution in found}) == 1:
        return found[0]
    strictest = min(found, key=lambda resolution: resolution.bound)
    return replace(strictest, warnings=(*strictest.warnings, UNKNOWN_STATE))


def _resolve_at(rules, goods, state, day, fallback):
    here = [rule for rule in rules if rule.state and rule.state == state]
    countrywide = [rule for rule in rules if not rule.state]
    candidates = (
        _of_class(here, goods.classes)
        or _of_class(countrywide, goods.classes)
        or _of_narrower(here + countrywide, goods)
    )
    if not candidates:
        return _fall_back(fallback, day, UNKNOWN_RULE)
    vague = any(map(goods.is_vague, candidates))
    candidates = _latest_of_each_band(candidates) if vague else _latest(candidates)
    known = [rule for rule in candidates if rule.requirement]
    if not known:
        return _fall_back(fallback, day, UNKNOWN_RULE, NOT_VERIFIED)
    unsure = vague and len({rule.requirement for rule in candidates}) > 1
    warnings = (UNKNOWN_STRENGTH,) if unsure else ()
    # What a rule in doubt asks is known only with the fallback beside it.
    decisions = [_decide(rule, fallback, day, warnings) for rule in known]
    return min(decisions, key=_strictness)


def _of_class(rules, classes):
    """Rules of the first of the classes that has any."""
    for code in classes:
        found = [rule for rule in rules if rule.product_class == code]
        if found:
            return found
    return []


def _of_narrower(rules, goods):
    """Rules of the classes below: the product may be any of them."""
    return [rule for rule in rules if rule.product_class in goods.narrower]


def _latest(rules):
    last = max(rule.start for rule in rules)
    return [rule for rule in rules if rule.start == last]


def _latest_of_each_band(rules):
    bands = {}
    for rule in rules:
        bands.setdefault(rule.band, []).append(rule)
    return [rule for same in bands.values() for rule in _latest(same)]


def _strictness(resolution):
    """The strictest first; of those that ask the same, the one that is known best."""
    return resolution.bound, CONFIDENCES.index(resolution.rule.confidence)


def _decide(rule, fallback, day, warnings):
    """The rule, or the fallback where it is stricter than a rule in doubt."""
    if rule.confidence in DOUBTFUL:
        word = CONFLICT if rule.confidence == CONFLICT else NOT_VERIFIED
        warnings = (*warnings, word)
        if fallback.bound_on(day) < rule.requirement.bound_on(day):
            return Resolution(fallback.bound_on(day), fallback, rule, warnings)
    return Resolution(
        rule.requirement.bound_on(day), rule.requirement, rule, tuple(warnings)
    )


def _fall_back(fallback, day, *warnings):
    return Resolution(fallback.bound_on(day), fallback, None, warnings)
