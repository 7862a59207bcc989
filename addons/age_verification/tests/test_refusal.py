from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from ..engine import messages, simulated
from ..engine.messages import Result
from .provider_common import REQUIRED, ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRefusal(ProviderCommon):
    """Who was found too young: by what, until when, and what becomes of other checks."""

    def setUp(self):
        super().setUp()
        self.other = self._create_provider("Other")
        self._set_steps(
            {"provider_id": self.provider.id}, {"provider_id": self.other.id}
        )

    def _verdict(self):
        order = self._create_order(self.gin)
        return self.env["age.gate"]._judge(order._get_age_baskets())[0].worst

    def _refuse(self, assurance="document"):
        """The buyer is found too young at the first provider."""
        session, _check = self._open(step=self.policy.step_ids[0])
        session._apply(
            Result("denied", 18, None, "document", assurance, reason="underage")
        )
        return session

    def _accept(self, assurance, **later):
        """A later check that finds the buyer old enough."""
        with freeze_time(self._later(**later)):
            session, _check = self._open(step=self.policy.step_ids[1])
            session._apply(Result("accepted", 18, None, "document", assurance))
            self.assertEqual(session.state, "accepted")

    # === WHAT OUTWEIGHS A REFUSAL === #

    def test_refusal_says_how_sure_it_is_and_when_it_was_recorded(self):
        self._refuse()
        self.assertRecordValues(
            self._refusals(),
            [{"assurance": "document", "recorded_at": fields.Datetime.now()}],
        )

    def test_estimate_does_not_outweigh_what_a_document_said(self):
        self._refuse()
        for days in (0, 1, 30):
            self._accept("estimated", days=days, minutes=1)
        self.assertEqual(self._verdict(), "underage")

    def test_document_later_on_the_same_day_outweighs_a_document(self):
        self._refuse()
        self._accept("document", minutes=1)
        self.assertEqual(self._verdict(), "pass")

    def test_document_earlier_on_the_same_day_does_not(self):
        self._prove(
            proved_on=fields.Date.today(),
            recorded_at=fields.Datetime.now() - timedelta(hours=1),
        )
        self.assertEqual(self._verdict(), "pass")
        self._refuse()
        self.assertEqual(self._verdict(), "underage")

    def test_estimate_outweighs_an_earlier_estimate(self):
        self._refuse("estimated")
        self._accept("estimated", minutes=1)
        self.assertEqual(self._verdict(), "pass")

    def test_provider_that_takes_its_refusal_back_outweighs_it_at_once(self):
        session = self._refuse()
        session._apply(Result("accepted", 18, None, "document", "document"))
        self.assertTrue(self._refusals().withdrawn_on)
        self.assertEqual(self._verdict(), "pass")

    def test_estimate_in_the_check_whose_document_was_refused_takes_nothing_back(self):
        """Yoti lets a buyer try again by another method."""
        session = self._refuse()
        estimate = Result("accepted", 18, None, "estimate", "estimated")
        self.assertFalse(session._apply(estimate))
        self.assertEqual(session.state, "denied")
        self.assertFalse(self._refusals().withdrawn_on or self._proofs())
        session._apply(Result("accepted", 18, None, "document", "document"))
        self.assertEqual(self._verdict(), "pass")

    def test_document_that_yoti_cannot_use_refuses_nobody(self):
        session, check = self._open(step=self.policy.step_ids[0])
        check.outcome = "under"
        answer = simulated.result_yoti(check._get_case())
        asked = session._get_asked()
        for more in ({"error_code": "DOCUMENT_EXPIRED"}, {"age": None}):
            session._apply(messages.read_yoti_result({**answer, **more}, asked))
            self.assertRecordValues(
                session, [{"state": "failed", "reason": "unreadable"}]
            )
            self.assertFalse(self._refusals())
            self.assertFalse(self._kinds())

    # === HOW LONG IT IS KEPT === #

    def _is_kept(self, day):
        with freeze_time(f"{day} 12:00:00"):
            self.env["age.refusal"]._gc_refusals()
        return bool(self._refusals())

    def test_refusal_that_speaks_against_nothing_any_more_goes_after_a_year(self):
        self._refuse()
        self.assertTrue(self._is_kept("2027-06-15"))
        self.assertFalse(self._is_kept("2027-06-17"))

    def test_refusal_stays_while_a_rule_or_policy_asks_for_an_age_it_denies(self):
        for asks in (
            lambda: self._create_rule(self.spirits_class, self.denmark, 21),
            lambda: self.policy.write({"fallback_age": 21}),
        ):
            self._refuse()
            asks()
            self.assertTrue(self._is_kept("2029-06-15"))
            self.assertFalse(self._is_kept("2029-06-16"))
            self.env["age.rule"].search([("min_age", "=", 21)]).active = False

    def test_refusal_stays_while_a_cohort_is_asked_for(self):
        self.rule_spirits.write({"kind": "cohort", "born_before": "2008-06-15"})
        self._refuse()
        self.assertTrue(self._is_kept("2040-06-15"))

    # === OTHER CHECKS === #

    def test_open_checks_end_when_a_document_finds_the_buyer_too_young(self):
        rival, _check = self._open(step=self.policy.step_ids[1])
        older = self._start(
            required=fields.Date.subtract(REQUIRED, years=3),
            step=self.policy.step_ids[1],
        )
        self._refuse()
        for session in rival | older:
            self.assertRecordValues(
                session,
                [
                    {
                        "state": "cancelled",
                        "reason": "refused_elsewhere",
                        "reference": False,
                    }
                ],
            )

    def test_check_that_was_ended_proves_nothing_any_more(self):
        rival, check = self._open(step=self.policy.step_ids[1])
        check.outcome = "over"
        result = self.other._age_fetch_result(rival)
        self._refuse()
        self.assertFalse(rival._apply(result))
        self.assertFalse(self._proofs())

    def test_second_look_of_another_provider_proves_nothing_any_more(self):
        rival, check = self._open(step=self.policy.step_ids[1])
        self._decide(rival, "unreadable")
        check.outcome = "over"
        result = self.other._age_fetch_result(rival)
        self._refuse()
        self.assertFalse(rival._apply(result))
        self.assertRecordValues(
            rival, [{"state": "failed", "reason": "unreadable", "reference": False}]
        )

    def test_checks_of_other_buyers_and_for_less_go_on(self):
        younger = self._start(required=REQUIRED + timedelta(days=700))
        stranger = self._start(buyer=self._create_buyer("Ben"))
        self._refuse()
        self.assertEqual(set((younger | stranger).mapped("state")), {"pending"})

    def test_estimate_leaves_other_checks_open(self):
        rival, _check = self._open(step=self.policy.step_ids[1])
        self._refuse("estimated")
        self.assertEqual(rival.state, "pending")

    def test_person_is_not_asked_by_itself_after_a_document(self):
        person = self._create_provider("Counter", code="person")
        self._set_steps(
            {"provider_id": self.provider.id, "max_attempts": 1},
            {"provider_id": person.id},
        )
        self._refuse()
        pending = self.env["age.session"].search([("state", "=", "pending")])
        self.assertFalse(pending)

    def test_buyer_s_page_says_that_it_cannot_be_sold(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        self._open(step=self.policy.step_ids[1], order=order)
        self._refuse()
        record = self.env["age.request"]._get_for(order)
        self.assertEqual(record._get_page_values()["state"], "underage")
