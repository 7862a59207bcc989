from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.messages import Result
from .common import TODAY
from .provider_common import REQUIRED, ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestSession(ProviderCommon):
    """One attempt of one buyer: what is asked, what comes of it, what is forgotten."""

    # === START === #

    def test_session_asks_the_first_step_for_the_age_that_meets_the_bound(self):
        session = self._start()
        self.assertRecordValues(
            session,
            [
                {
                    "provider_id": self.provider.id,
                    "asked_age": 18,
                    "required_date": REQUIRED,
                    "state": "pending",
                    "attempt": 1,
                    "is_test": True,
                    "opened_at": False,
                }
            ],
        )

    def test_cohort_asks_for_the_age_that_reaches_back_to_it(self):
        # Born before 2009-01-01: over 17 in June 2026 may be born later, over 18 is not.
        session = self._start(required=fields.Date.to_date("2008-12-31"))
        self.assertEqual(session.asked_age, 18)

    def test_session_of_an_order_has_the_policy_of_what_is_in_it(self):
        strict = self.policy.copy({"name": "Strict", "company_id": self.company.id})
        self.spirits_class.with_company(self.company).policy_id = strict
        session = self._start(order=self._create_order(self.gin))
        self.assertEqual(session.policy_id, strict)

    def test_prohibited_sale_asks_nobody(self):
        self.assertFalse(self._start(required=fields.Date.to_date("0001-01-01")))

    def test_open_session_is_used_again(self):
        session = self._start()
        self.assertEqual(self._start(), session)
        self.assertNotEqual(
            self._start(required=fields.Date.subtract(REQUIRED, years=3)), session
        )

    def test_session_that_asks_more_serves_for_less(self):
        session = self._start(required=fields.Date.subtract(REQUIRED, years=3))
        self.assertEqual(self._start(), session)

    def test_contact_can_be_written_while_a_check_is_opened(self):
        buyer = self.env.ref("base.partner_admin")  # others can see it
        self._start(buyer=buyer)._open()
        self.env.flush_all()
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT id FROM res_partner WHERE id = %s FOR NO KEY UPDATE NOWAIT",
                [buyer.id],
            )

    def test_provider_that_is_off_is_passed_over(self):
        other = self._create_provider("Other")
        self._set_steps({"provider_id": self.provider.id}, {"provider_id": other.id})
        self.provider.state = "disabled"
        self.assertEqual(self._start().provider_id, other)

    def test_provider_whose_proofs_are_too_weak_is_passed_over(self):
        self.provider.write({"yoti_document": False, "yoti_digital_id": False})
        other = self._create_provider("Other")
        self._set_steps({"provider_id": self.provider.id}, {"provider_id": other.id})
        self.policy.min_assurance = "document"
        self.assertEqual(self._start().provider_id, other)

    def test_without_a_step_the_person_in_charge_has_a_task(self):
        self._set_steps()
        order = self._create_order(self.gin)
        self.assertFalse(self._start(order=order))
        self._start(order=order)
        self.assertEqual(order.activity_ids.user_id, self.officer)
        self.assertEqual(len(order.activity_ids), 1)

    # === ACCEPTED === #

    def test_accepted_makes_a_proof_of_the_bound_and_drops_the_reference(self):
        session, _check = self._open()
        reference = session.reference
        self._decide(session, "over")
        proof = self._proofs()
        self.assertRecordValues(
            proof,
            [
                {
                    "bound_date": REQUIRED,
                    "method": "estimate",
                    "assurance": "estimated",
                    "proved_on": TODAY,
                    "valid_until": TODAY + timedelta(days=365),
                    "is_test": True,
                }
            ],
        )
        self.assertTrue(proof._has_reference(reference))
        self.assertRecordValues(
            session,
            [
                {
                    "state": "accepted",
                    "proof_id": proof.id,
                    "reference": False,
                    "reference_hash": False,
                    "start_url": False,
                }
            ],
        )

    def test_result_that_comes_twice_makes_one_proof(self):
        session, check = self._open()
        check.outcome = "over"
        result = self.provider._age_fetch_result(session)
        self.assertTrue(session._apply(result))
        self.assertFalse(session._apply(result))
        self.assertEqual(len(self._proofs()), 1)

    def test_accepted_stays_accepted(self):
        session, _check = self._open()
        self._decide(session, "over")
        for state in ("denied", "failed", "expired", "cancelled", "pending"):
            self.assertFalse(session._apply(Result(state, reason="underage")))
        self.assertEqual(session.state, "accepted")
        self.assertFalse(self._refusals())

    def test_accepted_without_an_age_or_bound_proves_nothing(self):
        session, _check = self._open()
        session._apply(Result("accepted", method="document", assurance="document"))
        self.assertEqual(session.state, "failed")
        self.assertFalse(self._proofs())

    def test_day_of_a_clock_that_is_ahead_is_not_kept_and_gives_no_day_away(self):
        session, _check = self._open()
        tomorrow = TODAY + timedelta(days=1)
        session._apply(
            Result("accepted", 18, None, "document", "document", proved_on=tomorrow)
        )
        proof = self._proofs()
        self.assertEqual(proof.proved_on, TODAY)
        self.assertEqual(proof.bound_date, fields.Date.subtract(tomorrow, years=18))

    def test_held_order_goes_on_when_the_buyer_has_proved_the_age(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        session, check = self._open(order=order)
        check.outcome = "over"
        session._poll()
        self._run_jobs()
        self.assertEqual(order.state, "sale")

    def test_proofs_of_the_test_mode_end_with_it(self):
        session, _check = self._open()
        self._decide(session, "over")
        self.provider.state = "disabled"
        self.assertEqual(self._proofs().revoked_on, fields.Date.today())

    # === DENIED === #

    def test_too_young_is_refused_and_noted_but_no_bound_of_the_person_is_kept(self):
        self.provider.yoti_estimation = False
        session, _check = self._open()
        self._decide(session, "under")
        self.assertRecordValues(session, [{"state": "denied", "reason": "underage"}])
        self.assertRecordValues(
            self._refusals(), [{"bound_date": REQUIRED, "day": TODAY}]
        )
        self.assertEqual(self._kinds(), ["underage"])
        self.assertFalse(self._proofs())

    def test_who_is_found_too_young_is_a_task_for_who_answers(self):
        self.provider.yoti_estimation = False
        order = self._create_order(self.gin)
        order.action_age_request()
        self._run_jobs("ask")
        session, check = self._open(order=order)
        self._decide(session, "under")
        self._run_jobs("ask")
        self.assertEqual(session.reason, "underage")
        self.assertIn("Cannot be sold", order.activity_ids.summary)
        self.assertFalse(order._is_age_asked(), "nothing that the buyer does helps")

    def test_estimate_below_its_buffer_says_nobody_is_too_young(self):
        self._set_steps({"provider_id": self.provider.id, "buffer_years": 7})
        session, check = self._open()
        self.assertEqual(check._get_case().asked.estimate_age, 25)
        self._decide(session, "under")
        self.assertRecordValues(session, [{"state": "denied", "reason": "near_age"}])
        self.assertFalse(self._refusals())
        self.assertFalse(self._kinds())

    def test_estimate_above_its_buffer_proves_the_age_without_it(self):
        self._set_steps({"provider_id": self.provider.id, "buffer_years": 7})
        session, _check = self._open()
        self._decide(session, "over")
        self.assertEqual(self._proofs().bound_date, REQUIRED)

    def test_policy_that_wants_documents_is_not_given_an_estimate(self):
        self.policy.min_assurance = "document"
        session, _check = self._open()
        self._decide(session, "over")
        self.assertEqual(self._proofs().assurance, "document")

    def test_two_buyers_who_are_too_young_at_once_are_two_incidents(self):
        self.provider.yoti_estimation = False
        for name in ("Ben", "Cem"):
            session, _check = self._open(buyer=self._create_buyer(name))
            self._decide(session, "under")
        self.assertEqual(self._kinds(), ["underage", "underage"])

    def test_denied_that_comes_twice_is_refused_once(self):
        self.provider.yoti_estimation = False
        session, _check = self._open()
        self._decide(session, "under")
        self._decide(session, "under")
        self.assertEqual(len(self._refusals()), 1)

    # === LADDER === #

    def test_after_so_many_attempts_the_next_step_is_offered(self):
        other = self._create_provider("Other")
        self._set_steps(
            {"provider_id": self.provider.id, "max_attempts": 2},
            {"provider_id": other.id, "max_attempts": 1},
        )
        asked = []
        for _attempt in range(3):
            session, _check = self._open()
            self._decide(session, "unreadable")
            asked.append((session.provider_id, session.attempt))
        self.assertEqual(asked, [(self.provider, 1), (self.provider, 2), (other, 1)])
        self.assertFalse(self._start())
        self.assertEqual(self.buyer.activity_ids.user_id, self.officer)

    def test_step_of_a_person_begins_by_itself(self):
        person = self._create_provider("Counter", code="person")
        self._set_steps(
            {"provider_id": self.provider.id, "max_attempts": 1},
            {"provider_id": person.id},
        )
        session, _check = self._open()
        self._decide(session, "unreadable")
        waiting = self.env["age.session"].search([("state", "=", "pending")])
        self.assertEqual(waiting.provider_id, person)
        self.assertEqual(self.buyer.activity_ids.user_id, self.officer)

    def test_attempts_of_long_ago_do_not_count(self):
        self._set_steps({"provider_id": self.provider.id, "max_attempts": 1})
        session, _check = self._open()
        self._decide(session, "unreadable")
        session.opened_at = fields.Datetime.now() - timedelta(days=31)
        self.assertEqual(self._start().attempt, 1)

    def test_invitation_that_nobody_took_up_uses_no_attempt(self):
        session = self._start()
        session._apply(Result("expired", reason="too_late"))
        self.assertEqual(self._start().attempt, 1)
        self.assertFalse(self.buyer.activity_ids)

    # === PROVIDER DOWN === #

    def test_12_provider_down_means_hold_not_pass(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        session, check = self._open(order=order)
        check.outcome = "down"
        for number in range(1, 4):
            self.assertFalse(session._poll())
            self.assertEqual(session.failures, number)
        self.assertEqual(session.state, "pending")
        self._run_jobs()
        self.assertTrue(order.age_held_since)
        self.assertNotEqual(order.state, "sale")
        self.assertFalse(self._proofs())
        self.assertIn("does not answer", order.activity_ids.summary)

    def test_12_provider_that_cannot_be_opened_leaves_the_session_waiting(self):
        session = self._start()
        self.provider.state = "disabled"
        self.assertFalse(session._open())
        self.assertRecordValues(
            session, [{"state": "pending", "failures": 1, "opened_at": False}]
        )
        self.provider.state = "test"
        self.assertTrue(session._open())
        self.assertFalse(session.failures)

    @mute_logger("odoo.addons.age_verification.models.age_session_result")
    def test_session_that_breaks_the_job_does_not_hold_up_the_others(self):
        broken, check = self._open()
        healthy, other = self._open(buyer=self._create_buyer("Ben"))
        check.outcome = other.outcome = "over"
        broken.asked_age = 1000
        with freeze_time(self._later(minutes=11)):
            self._run_jobs()
        self.assertEqual(broken.state, "pending")
        self.assertEqual(healthy.state, "accepted")

    def test_silent_provider_is_asked_again(self):
        session, check = self._open()
        check.outcome = "over"
        with freeze_time(self._later(minutes=11)):
            self._run_jobs()
        self.assertEqual(session.state, "accepted")

    def test_check_that_is_not_done_in_time_ends(self):
        session, _check = self._open()
        with freeze_time(self._later(hours=25)):
            self._run_jobs()
        self.assertRecordValues(session, [{"state": "expired", "reason": "too_late"}])

    def test_what_was_decided_in_time_counts_when_it_is_late(self):
        session, check = self._open()
        check.outcome = "over"
        with freeze_time(self._later(hours=25)):
            self._run_jobs()
        self.assertEqual(session.state, "accepted")

    def test_reference_of_a_denied_check_is_forgotten_after_a_month(self):
        session, _check = self._open()
        self._decide(session, "unreadable")
        self.assertTrue(session.reference)
        with freeze_time(self._later(days=31)):
            self._run_jobs()
        self.assertRecordValues(
            session, [{"reference": False, "reference_hash": False}]
        )

    # === RIGHTS === #

    def test_salesperson_sees_the_check_but_no_bound_link_or_reference(self):
        session = self._start().with_user(self.seller)
        self.assertEqual(session.state, "pending")
        for name in ("required_date", "access_token", "reference", "start_url"):
            with self.assertRaises(AccessError):
                session.read([name])

    def test_nobody_writes_sessions_by_hand(self):
        session = self._start()
        manager = self._create_officer("age_manager", "manager")
        for user in (self.seller, self.officer, manager):
            with self.assertRaises(AccessError):
                session.with_user(user).write({"state": "accepted"})
            with self.assertRaises(AccessError):
                session.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["age.session"].with_user(user).create({})

    def test_buttons_are_for_those_who_see_the_session(self):
        session, check = self._open()
        check.outcome = "over"
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        for method in ("action_poll", "action_cancel", "action_check_document"):
            with self.assertRaises(AccessError):
                getattr(session.with_user(stranger), method)()
        session.with_user(self.seller).action_poll()
        self.assertEqual(session.state, "accepted")

    def test_seller_ends_a_check_that_nobody_waits_for(self):
        session = self._start()
        session.with_user(self.seller).action_cancel()
        self.assertRecordValues(
            session, [{"state": "cancelled", "reason": "abandoned"}]
        )
