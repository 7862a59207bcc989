"""Which rule governs: place, class, date, strictness, and what is not known."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import bounds, law
from odoo.addons.age_verification.engine.bounds import Requirement
from odoo.addons.age_verification.engine.law import Goods, Rule, resolve

DAY = date(2026, 11, 22)
FALLBACK = Requirement(bounds.AGE, 18)


def age(years):
    return Requirement(bounds.AGE, years)


def goods(product_class, abv=None, distilled=None):
    alcohol = ("alcohol_beer", "alcohol_wine", "alcohol_spirits")
    above = ("alcohol_any",) if product_class in alcohol else ()
    narrower = frozenset(alcohol) if product_class == "alcohol_any" else frozenset()
    abv = None if abv is None else Decimal(abv)
    return Goods((product_class, *above), narrower, abv, distilled)


def rule(product_class, country, years, **kwargs):
    for name in ("abv_gt", "abv_lte"):
        if name in kwargs:
            kwargs[name] = Decimal(kwargs[name])
    for name in ("date_from", "date_to"):
        if name in kwargs:
            kwargs[name] = date.fromisoformat(kwargs[name])
    requirement = years if isinstance(years, Requirement) else years and age(years)
    values = {"key": 1, "state": None, **kwargs}
    return Rule(
        product_class=product_class, country=country, requirement=requirement, **values
    )


def asked(rules, what, country, day=DAY, state=None):
    return resolve(rules, what, country, state, day, FALLBACK)


#: Germany's Protection of Young Persons Act, section 9
DE = [
    rule("alcohol_beer", "DE", 16),
    rule("alcohol_wine", "DE", 16),
    rule("alcohol_spirits", "DE", 18),
]
#: Denmark before and since 1 April 2025 (Sikkerhedsstyrelsen)
DK = [
    rule("alcohol_wine", "DK", 16, abv_lte="16.5", date_to="2025-03-31"),
    rule("alcohol_wine", "DK", 18, abv_gt="6", date_from="2025-04-01"),
    rule("alcohol_wine", "DK", 16, abv_gt="1.2", abv_lte="6", date_from="2025-04-01"),
]
SCOTLAND = [
    rule("knife", "GB", 18),
    rule("knife_domestic", "GB", 16, state="SCT"),
]
INDIA = [
    rule("alcohol_any", "IN", 21, state="GA", confidence="conflict"),
    rule("alcohol_any", "IN", Requirement(bounds.PROHIBITED), state="GJ"),
    rule("alcohol_any", "IN", 18, state="RJ"),
]


@pytest.mark.parametrize(
    ("product", "years"), [("wine", 16), ("beer", 16), ("spirits", 18)]
)
def test_germany_asks_more_for_spirits(product, years):
    assert asked(DE, goods(f"alcohol_{product}"), "DE").requirement == age(years)


def test_drink_of_no_particular_kind_follows_the_strictest():
    assert asked(DE, goods("alcohol_any"), "DE").requirement == age(18)


@pytest.mark.parametrize(
    ("day", "abv", "years"),
    [
        ("2025-03-31", "12", 16),
        ("2025-04-01", "12", 18),
        ("2025-04-01", "6", 16),
        ("2025-04-01", "6.1", 18),
    ],
)
def test_law_of_the_day_decides(day, abv, years):
    found = asked(DK, goods("alcohol_wine", abv), "DK", date.fromisoformat(day))
    assert found.requirement == age(years)
    assert not found.warnings


def test_unknown_strength_follows_the_strictest_band_and_says_so():
    found = asked(DK, goods("alcohol_wine"), "DK")
    assert found.requirement == age(18)
    assert found.warnings == (law.UNKNOWN_STRENGTH,)


def test_strength_does_not_matter_where_all_bands_ask_the_same():
    rules = [
        rule("alcohol_beer", "FI", 18, abv_lte="22"),
        rule("alcohol_beer", "FI", 18, abv_gt="22"),
    ]
    assert not asked(rules, goods("alcohol_beer"), "FI").warnings


def test_part_of_a_country_goes_before_the_country():
    domestic = Goods(("knife_domestic", "knife"))
    assert asked(SCOTLAND, domestic, "GB", state="SCT").requirement == age(16)
    assert asked(SCOTLAND, domestic, "GB", state="ENG").requirement == age(18)
    assert asked(SCOTLAND, Goods(("knife",)), "GB", state="SCT").requirement == age(18)


def test_unknown_part_of_a_country_follows_the_strictest_and_says_so():
    domestic = Goods(("knife_domestic", "knife"))
    found = asked(SCOTLAND, domestic, "GB")
    assert found.requirement == age(18)
    assert found.warnings == (law.UNKNOWN_STATE,)
    found = asked(INDIA, goods("alcohol_spirits"), "IN")
    assert found.is_prohibited


def test_part_without_a_rule_in_a_country_without_one_is_unknown():
    found = asked(INDIA, goods("alcohol_spirits"), "IN", state="KL")
    assert found.requirement == FALLBACK
    assert found.warnings == (law.UNKNOWN_RULE,)


def test_class_goes_before_the_class_above_it():
    rules = [rule("alcohol_any", "XX", 21), rule("alcohol_beer", "XX", 16)]
    assert asked(rules, goods("alcohol_beer"), "XX").requirement == age(16)
    assert asked(rules, goods("alcohol_wine"), "XX").requirement == age(21)


def test_rule_that_came_last_goes_before_the_one_it_replaced():
    rules = [
        rule("tobacco", "LT", 18),
        rule("tobacco", "LT", 20, date_from="2018-01-01"),
    ]
    assert asked(rules, Goods(("tobacco",)), "LT").requirement == age(20)
    day = date(2017, 12, 31)
    assert asked(rules, Goods(("tobacco",)), "LT", day).requirement == age(18)


def test_stricter_of_two_laws_of_the_same_day_counts():
    cohort = Requirement(bounds.COHORT, born_before=date(2007, 1, 1))
    rules = [
        rule("tobacco", "MV", cohort, date_from="2025-11-01"),
        rule("tobacco", "MV", 21, date_from="2025-11-01"),
    ]
    tobacco = Goods(("tobacco",))
    assert asked(rules, tobacco, "MV").requirement == age(21)
    assert asked(rules, tobacco, "MV", date(2030, 1, 1)).requirement == cohort


def test_distilled_is_told_from_fermented():
    rules = [
        rule("alcohol_any", "BE", 18, distilled=True, abv_gt="1.2"),
        rule("alcohol_any", "BE", 16, distilled=False, abv_gt="0.5"),
    ]
    assert asked(rules, goods("alcohol_any", "5", True), "BE").requirement == age(18)
    assert asked(rules, goods("alcohol_any", "5", False), "BE").requirement == age(16)
    found = asked(rules, goods("alcohol_any", "5"), "BE")
    assert found.requirement == age(18)
    assert found.warnings == (law.UNKNOWN_STRENGTH,)


@pytest.mark.parametrize("confidence", sorted(law.DOUBTFUL))
def test_rule_in_doubt_never_asks_less_than_the_seller(confidence):
    rules = [rule("tobacco", "ZZ", 16, confidence=confidence)]
    found = asked(rules, Goods(("tobacco",)), "ZZ")
    assert found.requirement == FALLBACK
    assert found.rule == rules[0]
    word = law.CONFLICT if confidence == "conflict" else law.NOT_VERIFIED
    assert found.warnings == (word,)


def test_rule_in_doubt_that_asks_more_counts():
    found = asked(INDIA, goods("alcohol_any"), "IN", state="GA")
    assert found.requirement == age(21)
    assert found.warnings == (law.CONFLICT,)


def test_law_that_nobody_knows_is_answered_by_the_seller():
    found = asked([rule("knife", "AT", None)], Goods(("knife",)), "AT")
    assert found.requirement == FALLBACK
    assert law.UNKNOWN_RULE in found.warnings


@pytest.mark.parametrize(
    ("country", "warning"), [(None, law.UNKNOWN_COUNTRY), ("ZZ", law.UNKNOWN_RULE)]
)
def test_unknown_country_is_answered_by_the_seller(country, warning):
    found = asked(DE, goods("alcohol_wine"), country)
    assert found.requirement == FALLBACK
    assert found.warnings == (warning,)


def test_cohort_takes_over_on_its_day():
    rules = [
        rule("tobacco", "GB", 18, date_to="2026-12-31"),
        rule(
            "tobacco",
            "GB",
            Requirement(bounds.COHORT, born_before=date(2009, 1, 1)),
            date_from="2027-01-01",
        ),
    ]
    tobacco = Goods(("tobacco",))
    assert asked(rules, tobacco, "GB", date(2026, 12, 31)).bound == date(2008, 12, 31)
    assert asked(rules, tobacco, "GB", date(2027, 1, 1)).bound == date(2008, 12, 31)
    assert asked(rules, tobacco, "GB", date(2028, 1, 1)).bound == date(2008, 12, 31)


rules_of_a_country = st.lists(
    st.builds(
        Rule,
        key=st.integers(),
        product_class=st.sampled_from(["alcohol_any", "alcohol_beer"]),
        country=st.just("XX"),
        state=st.sampled_from([None, "A", "B"]),
        requirement=st.one_of(st.none(), st.integers(14, 25).map(age)),
        abv_gt=st.sampled_from([None, Decimal(5)]),
        abv_lte=st.sampled_from([None, Decimal(22)]),
        distilled=st.sampled_from([None, True, False]),
        date_from=st.sampled_from([None, date(2020, 1, 1), date(2030, 1, 1)]),
        confidence=st.sampled_from(law.CONFIDENCES),
    ),
    max_size=8,
)


@given(
    rules_of_a_country,
    st.sampled_from([None, Decimal(4), Decimal(20)]),
    st.sampled_from([None, "A", "C"]),
    st.randoms(),
)
def test_order_of_the_rules_does_not_matter(rules, abv, state, random):
    what = Goods(("alcohol_beer", "alcohol_any"), abv=abv)
    found = asked(rules, what, "XX", state=state)
    shuffled = random.sample(rules, len(rules))
    assert asked(shuffled, what, "XX", state=state).bound == found.bound
    assert set(found.warnings) <= set(law.WARNINGS)


@given(rules_of_a_country, st.sampled_from([None, Decimal(4)]))
def test_unknown_state_is_never_answered_more_mildly_than_a_known_one(rules, abv):
    what = Goods(("alcohol_beer", "alcohol_any"), abv=abv)
    unknown = asked(rules, what, "XX")
    for state in {rule.state for rule in rules if rule.state}:
        assert unknown.bound <= asked(rules, what, "XX", state=state).bound


@given(rules_of_a_country)
def test_known_strength_is_never_answered_more_strictly_than_an_unknown_one(rules):
    """For rules of one day and one class, as bands of one law are."""
    same = [
        Rule(
            key=rule.key,
            product_class="alcohol_beer",
            country="XX",
            state=None,
            requirement=rule.requirement or FALLBACK,
            abv_gt=rule.abv_gt,
            abv_lte=rule.abv_lte,
        )
        for rule in rules
    ]
    unknown = asked(same, goods("alcohol_beer"), "XX")
    known = asked(same, goods("alcohol_beer", "10"), "XX")
    if known.rule:
        assert unknown.bound <= known.bound
