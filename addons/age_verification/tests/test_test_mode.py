from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..engine.messages import Result
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestTestMode(ProviderCommon):
    """What is tried out does not decide about real sales."""

    def _verdict(self):
        order = self._create_order(self.gin)
        return self.env["age.gate"]._judge(order._get_age_baskets())[0].worst

    def _finish(self, state, **values):
        session, _check = self._open()
        session._apply(
            Result(state, 18, None, "document", "document", **values),
        )

    def test_checks_in_test_mode_do_not_count_by_default(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertFalse(company.age_test_mode)

    def test_proof_of_the_test_mode_does_not_count_for_real_orders(self):
        self._finish("accepted")
        self.assertEqual(self._verdict(), "pass")
        self.company.age_test_mode = False
        self.assertEqual(self._verdict(), "unproved")
        with self.assertRaises(UserError):
            self._create_order(self.gin).action_confirm()

    def test_refusal_of_the_test_mode_does_not_count_for_real_orders(self):
        self._finish("denied", reason="underage")
        self.assertEqual(self._verdict(), "underage")
        self.company.age_test_mode = False
        self.assertEqual(self._verdict(), "unproved")

    def test_real_proof_counts_in_either_mode(self):
        self._prove()
        for is_on in (True, False):
            self.company.age_test_mode = is_on
            self.assertEqual(self._verdict(), "pass")

    def test_provider_in_test_mode_is_offered_to_nobody(self):
        self.company.age_test_mode = False
        self.assertFalse(self._start())
        self.assertFalse(self.env["age.provider"]._get_usable(self.company))

    def test_check_that_was_begun_before_the_test_mode_ended_proves_nothing(self):
        session, check = self._open()
        waiting = self._start(buyer=self._create_buyer("Ben"))
        check.outcome = "over"
        self.company.age_test_mode = False
        self.assertFalse(session._poll())
        self.assertFalse(waiting._open())
        self.assertFalse(self.provider._is_simulating())
        self.assertFalse(self._proofs())

    def test_simulated_wallet_answers_in_test_mode_only(self):
        self.provider.simulator_format = "eu_wallet"
        session, _check = self._open()
        self.company.age_test_mode = False
        self.assertIsNone(session._get_wallet_request())
        self.assertIsNone(session._simulate_wallet("over"))

    def test_another_company_s_test_mode_changes_nothing(self):
        self._finish("accepted")
        self.company.age_test_mode = False
        other = self.env["res.company"].create({"name": "Other"})
        other.age_test_mode = True
        self.assertEqual(self._verdict(), "unproved")

    def test_estimates_are_asked_for_seven_years_more_by_default(self):
        session = self._start()
        self.assertEqual((session.asked_age, session.buffer_years), (18, 7))
        self.assertEqual(session._get_asked().estimate_age, 25)
