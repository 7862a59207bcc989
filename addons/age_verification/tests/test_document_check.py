from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .provider_common import REQUIRED, ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDocumentCheck(ProviderCommon):
    """A person looks at a document, or two do, and nothing of it is written down."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_officer("officer_two")
        cls.counter = cls._create_provider(
            "Counter", code="person", state="enabled", simulator_format=False
        )
        cls._set_steps({"provider_id": cls.counter.id})

    def _check(self, session, finding, user=None):
        """An officer fills in the form that the button of the session opens."""
        session = session.with_user(user or self.officer).sudo(False)
        action = session.action_check_document()
        form = Form(
            self.env["age.document.check"]
            .with_user(user or self.officer)
            .with_context(**action["context"])
        )
        form.document_kind = "passport"
        form.finding = finding
        form.save().action_confirm()

    def test_document_that_shows_the_age_is_a_proof_with_the_officer_s_name(self):
        session = self._start()
        self._check(session, "over")
        self.assertRecordValues(
            self._proofs(),
            [
                {
                    "bound_date": REQUIRED,
                    "method": "person",
                    "assurance": "document",
                    "user_id": self.officer.id,
                    "second_user_id": False,
                    "is_test": False,
                }
            ],
        )
        self.assertRecordValues(
            session, [{"state": "accepted", "document_kind": "passport"}]
        )

    def test_form_asks_yes_or_no_about_the_bound_and_has_no_place_for_a_date(self):
        session = self._start()
        form = self.env["age.document.check"].new({"session_id": session.id})
        self.assertIn("06/15/2008", form.question)
        stored = {
            name
            for name, field in form._fields.items()
            if field.store and name not in models.MAGIC_COLUMNS
        }
        self.assertEqual(stored, {"session_id", "document_kind", "finding"})

    def test_too_young_is_refused_and_noted(self):
        session = self._start()
        self._check(session, "under")
        self.assertRecordValues(session, [{"state": "denied", "reason": "underage"}])
        self.assertEqual(self._refusals().bound_date, REQUIRED)
        self.assertEqual(self._kinds(self.counter), ["underage"])

    def test_document_that_decides_nothing_leaves_the_order_held(self):
        session = self._start()
        self._check(session, "unreadable")
        self.assertRecordValues(session, [{"state": "failed", "reason": "unreadable"}])
        self.assertFalse(self._proofs())
        self.assertFalse(self._refusals())

    # === FOUR EYES === #

    def test_with_two_persons_the_first_alone_proves_nothing(self):
        self.policy.four_eyes = True
        session = self._start()
        self._check(session, "over")
        self.assertEqual(session.state, "pending")
        self.assertFalse(self._proofs())

    def test_second_person_is_another_one(self):
        self.policy.four_eyes = True
        session = self._start()
        self._check(session, "over")
        with self.assertRaises(UserError):
            self._check(session, "over")
        self.assertEqual(session.state, "pending")

    def test_two_persons_who_agree_make_a_proof_with_both_names(self):
        self.policy.four_eyes = True
        session = self._start()
        self._check(session, "over")
        self._check(session, "over", self.second)
        self.assertRecordValues(
            self._proofs(),
            [{"user_id": self.officer.id, "second_user_id": self.second.id}],
        )

    def test_two_persons_who_disagree_prove_nothing(self):
        self.policy.four_eyes = True
        for first, second in (("over", "under"), ("under", "over")):
            with self.subTest(first=first):
                buyer = self._create_buyer(f"Buyer {first}")
                session = self._start(buyer=buyer)
                self._check(session, first)
                self._check(session, second, self.second)
                self.assertRecordValues(
                    session, [{"state": "failed", "reason": "disagreement"}]
                )
                self.assertFalse(self._proofs(buyer))
                self.assertFalse(self._refusals(buyer))

    def test_second_person_is_not_told_what_the_first_has_found(self):
        self.policy.four_eyes = True
        session = self._start()
        self._check(session, "under")
        form = (
            self.env["age.document.check"]
            .with_user(self.second)
            .create(
                {
                    "session_id": session.id,
                    "document_kind": "passport",
                    "finding": "over",
                }
            )
        )
        self.assertTrue(form.is_second)
        with self.assertRaises(AccessError):
            session.with_user(self.second).read(["first_finding"])

    # === WHO MAY === #

    def test_salesperson_checks_no_document(self):
        session = self._start()
        mine = session.with_user(self.seller).sudo(False)
        with self.assertRaises(AccessError):
            mine.action_check_document()
        with self.assertRaises(AccessError):
            mine._record_finding("passport", "over")
        with self.assertRaises(AccessError):
            self.env["age.document.check"].with_user(self.seller).create(
                {
                    "session_id": session.id,
                    "document_kind": "passport",
                    "finding": "over",
                }
            )

    def test_nobody_checks_a_document_of_their_own(self):
        session = self._start(buyer=self.officer.partner_id)
        with self.assertRaises(UserError):
            self._check(session, "over")

    def test_officer_of_another_company_does_not_reach_the_session(self):
        session = self._start()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "officer_elsewhere",
            "sales_team.group_sale_salesman,age_verification.group_age_officer",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            self._check(session, "over", stranger)

    def test_session_of_another_provider_is_not_decided_by_a_person(self):
        self._set_steps({"provider_id": self.provider.id})
        session = self._start()
        with self.assertRaises(UserError):
            self._check(session, "over")

    def test_session_that_is_over_is_not_decided_again(self):
        session = self._start()
        self._check(session, "under")
        with self.assertRaises(UserError):
            self._check(session, "over", self.second)

    def test_person_s_session_has_no_link_for_the_buyer(self):
        self.assertFalse(self._start()._get_start_url())
