"""Verdicts on a buyer."""

from datetime import date

import pytest

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


def test_refusal_is_underage_until_a_later_proof():
    refusal = Refusal(REQUIRED, date(2026, 7, 1))
    assert judge(REQUIRED, [], DAY, refusals=[refusal]).verdict == "underage"
    assert judge(REQUIRED, [proof()], DAY, refusals=[refusal]).verdict == "underage"
    later = proof(proved_on=date(2026, 8, 1))
    assert judge(REQUIRED, [later], DAY, refusals=[refusal]).verdict == "pass"


def test_who_was_too_young_for_18_may_be_asked_again_when_they_may_be_old_enough():
    refusal = Refusal(bounds.bound_of_age(18, date(2025, 11, 22)), date(2025, 11, 22))
    assert judge(REQUIRED, [], DAY, refusals=[refusal]).verdict == "unproved"


def test_who_was_too_young_for_18_is_too_young_for_21():
    refusal = Refusal(REQUIRED, DAY)
    required = date(2005, 11, 22)
    assert judge(required, [], DAY, refusals=[refusal]).verdict == "underage"


def test_who_was_too_young_for_21_may_still_be_over_18():
    refusal = Refusal(date(2005, 11, 22), DAY)
    assert judge(REQUIRED, [], DAY, refusals=[refusal]).verdict == "unproved"


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


def test_two_persons_let_pass_what_is_not_proved_and_never_what_is_prohibited():
    for verdict in judging.VERDICTS:
        found = judging.let_pass(judging.Judgement(verdict)).verdict
        expected = {
            "pass": "pass",
            "exempt": "exempt",
            "prohibited": "prohibited",
        }.get(verdict, "overridden")
        assert found == expected
