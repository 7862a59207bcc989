"""Verdicts on a buyer."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import bounds, judging
from odoo.addons.age_verification.engine.judging import Proof, Refusal, judge

DAY = date(2026, 11, 22)
REQUIRED = date(2008, 11, 22)


def proof(bound=REQUIRED, **kwargs):
    values = {"key": 1, "assurance": "document", "proved_on": date(2026, 6, 1)}
    return Proof(bound=bound, **{**values, **kwargs})


@pytest.mark.parametrize(
    ("proofs", "verdict"),
    [
        ([], "unproved"),
        ([proof()], "pass"),
        ([proof(date(2008, 11, 23))], "unproved"),
        ([proof(valid_until=date(2026, 11, 21))], "expired"),
        ([proof(valid_until=DAY)], "pass"),
        ([proof(assurance="declared")], "weak"),
        ([proof(proved_on=date(2026, 11, 23))], "expired"),
        ([proof(assurance="declared"), proof(key=2)], "pass"),
        ([proof(valid_until=date(2026, 1, 1)), proof(key=2)], "pass"),
    ],
)
def test_verdict_follows_from_what_is_proved(proofs, verdict):
    assert judge(REQUIRED, proofs, DAY, minimum="estimated").verdict == verdict


def refusal(bound=REQUIRED, day=date(2026, 7, 1), assurance="document", **kwargs):
    return Refusal(bound, day, assurance, **kwargs)


def verdict_of(proofs, refusals):
    return judge(REQUIRED, proofs, DAY, minimum="declared", refusals=refusals).verdict


def test_refusal_is_underage_until_a_later_proof_that_is_as_sure():
    assert verdict_of([], [refusal()]) == "underage"
    assert verdict_of([proof()], [refusal()]) == "underage"
    later = proof(proved_on=date(2026, 8, 1))
    assert verdict_of([later], [refusal()]) == "pass"


@pytest.mark.parametrize("said", judging.ASSURANCES)
@pytest.mark.parametrize("proved", judging.ASSURANCES)
def test_weaker_proof_never_outweighs_a_refusal(said, proved):
    later = proof(proved_on=date(2026, 8, 1), assurance=proved)
    is_as_sure = judging.ASSURANCES.index(proved) >= judging.ASSURANCES.index(said)
    expected = "pass" if is_as_sure else "underage"
    assert verdict_of([later], [refusal(assurance=said)]) == expected


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(-1, "underage"), (0, "underage"), (1, "pass"), (None, "underage")],
)
def test_of_one_day_the_later_one_counts_and_in_doubt_the_refusal(minutes, verdict):
    noon = datetime(2026, 7, 1, 12)
    made = None if minutes is None else noon + timedelta(minutes=minutes)
    same_day = proof(proved_on=date(2026, 7, 1), recorded_at=made)
    assert verdict_of([same_day], [refusal(recorded_at=noon)]) == verdict


def test_proof_that_has_ended_has_still_outweighed_the_refusal():
    ended = proof(proved_on=date(2026, 8, 1), valid_until=date(2026, 9, 1))
    assert verdict_of([ended], [refusal()]) == "expired"


def test_proof_from_the_future_outweighs_nothing():
    future = proof(proved_on=date(2026, 11, 23))
    assert verdict_of([future], [refusal()]) == "underage"


def test_each_refusal_has_to_be_outweighed():
    later = proof(proved_on=date(2026, 8, 1))
    refusals = [refusal(), refusal(day=date(2026, 9, 1))]
    assert verdict_of([later], refusals) == "underage"


days = st.dates(date(2026, 6, 1), date(2026, 6, 4))
moments = st.none() | st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 4))
assurances = st.sampled_from(judging.ASSURANCES)
limits = st.sampled_from(
    [REQUIRED, REQUIRED - timedelta(days=1), REQUIRED + timedelta(days=1)]
)
proofs_of_a_person = st.lists(
    st.builds(
        Proof,
        key=st.integers(1, 9),
        bound=limits,
        assurance=assurances,
        proved_on=days,
        valid_until=st.none() | st.dates(date(2026, 6, 4), date(2027, 1, 1)),
        recorded_at=moments,
    ),
    max_size=4,
)
one_refusal = st.builds(Refusal, limits, days, assurances, moments)
refusals_of_a_person = st.lists(one_refusal, max_size=3)


@given(proofs_of_a_person, refusals_of_a_person, one_refusal)
def test_refusal_never_makes_a_sale_lawful(proofs, refusals, more):
    before = judge(REQUIRED, proofs, DAY, refusals=refusals)
    after = judge(REQUIRED, proofs, DAY, refusals=[*refusals, more])
    assert before.is_allowed or not after.is_allowed
    assert before.verdict != "underage" or after.verdict == "underage"


@given(proofs_of_a_person, refusals_of_a_person, st.randoms())
def test_order_in_which_all_is_read_does_not_matter(proofs, refusals, random):
    before = judge(REQUIRED, proofs, DAY, refusals=refusals).verdict
    random.shuffle(proofs)
    random.shuffle(refusals)
    assert judge(REQUIRED, proofs, DAY, refusals=refusals).verdict == before


@given(proofs_of_a_person, refusals_of_a_person)
def test_proofs_weaker_than_a_refusal_change_nothing_about_it(proofs, refusals):
    sure = [replace(found, assurance="attested", bound=REQUIRED) for found in refusals]
    weak = [found for found in proofs if found.assurance != "attested"]
    expected = "underage" if sure else judge(REQUIRED, weak, DAY).verdict
    assert judge(REQUIRED, weak, DAY, refusals=sure).verdict == expected


@given(proofs_of_a_person, refusals_of_a_person)
def test_sale_that_is_allowed_has_a_proof_later_than_each_refusal(proofs, refusals):
    if not judge(REQUIRED, proofs, DAY, refusals=refusals).is_allowed:
        return
    for found in refusals:
        if found.bound >= REQUIRED:
            assert any(
                made.proved_on >= found.day
                and judging.assurance_rank(made.assurance)
                >= judging.assurance_rank(found.assurance)
                for made in proofs
            )


def test_who_was_too_young_for_18_may_be_asked_again_when_they_may_be_old_enough():
    last_year = date(2025, 11, 22)
    found = refusal(bounds.bound_of_age(18, last_year), last_year)
    assert judge(REQUIRED, [], DAY, refusals=[found]).verdict == "unproved"


def test_who_was_too_young_for_18_is_too_young_for_21():
    required = date(2005, 11, 22)
    found = refusal(REQUIRED, DAY)
    assert judge(required, [], DAY, refusals=[found]).verdict == "underage"


def test_who_was_too_young_for_21_may_still_be_over_18():
    found = refusal(date(2005, 11, 22), DAY)
    assert judge(REQUIRED, [], DAY, refusals=[found]).verdict == "unproved"


def test_prohibited_sale_is_not_allowed_to_anybody():
    old = proof(date(1950, 1, 1))
    judgement = judge(bounds.NOBODY, [old], DAY, exempt=True)
    assert judgement.verdict == "prohibited"
    assert not judgement.is_allowed


def test_exempt_business_needs_no_proof():
    assert judge(REQUIRED, [], DAY, exempt=True).is_allowed


def test_surest_proof_is_named():
    sure = proof(key=3, assurance="attested")
    found = judge(REQUIRED, [proof(key=1), sure, proof(key=2)], DAY)
    assert found.proof == sure


def test_verdicts_are_ranked_from_harmless_to_serious():
    assert judging.VERDICTS[0] == "pass"
    assert judging.VERDICTS[-1] == "prohibited"


def test_two_persons_let_pass_what_is_not_proved_and_never_what_may_be_prohibited():
    for verdict in judging.VERDICTS:
        found = judging.let_pass(judging.Judgement(verdict)).verdict
        expected = {
            "pass": "pass",
            "exempt": "exempt",
            "incomplete": "incomplete",
            "prohibited": "prohibited",
        }.get(verdict, "overridden")
        assert found == expected
