from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..engine.messages import Result
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestSessionReport(ProviderCommon):
    """How many each step lets through, refuses wrongly and loses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_provider("Other")
        cls._set_steps(
            {"provider_id": cls.provider.id, "max_attempts": 1},
            {"provider_id": cls.other.id, "max_attempts": 1},
        )
        cls.first_step, cls.second_step = cls.policy.step_ids
        cls.buyers = [cls._create_buyer(f"Buyer {number}") for number in range(4)]

    def _go(self, buyer, outcome):
        session, _check = self._open(buyer=buyer)
        self._decide(session, outcome)
        return session

    def _rates(self, step, *names):
        [values] = self.env["age.session.report"]._read_group(
            [("step_id", "=", step.id)], [], [f"{name}:avg" for name in names]
        )
        return [value if value is None else round(value, 2) for value in values]

    def test_rates_of_a_ladder(self):
        """Four buyers at the first step: one accepted, two refused, one leaves. Of the
        refused one proves the age at the second step."""
        ada, ben, cem, dan = self.buyers
        self._go(ada, "over")
        self._go(ben, "unreadable")
        self._go(ben, "over")
        self._go(cem, "unreadable")
        self._go(dan, "left")
        names = ("accepted_rate", "refused_rate", "false_reject_rate", "abandoned_rate")
        self.assertEqual(self._rates(self.first_step, *names), [25.0, 50.0, 50.0, 25.0])
        self.assertEqual(self._rates(self.second_step, *names)[0], 100.0)

    def test_provider_that_changes_its_mind_refused_wrongly(self):
        self.provider.simulator_format = "agechecker"
        session = self._go(self.buyer, "under")
        self._decide(session, "over")
        self.assertEqual(
            self._rates(self.first_step, "accepted_rate", "false_reject_rate"),
            [100.0, 100.0],
        )

    def test_proof_that_comes_much_later_says_nothing_about_the_refusal(self):
        session = self._go(self.buyer, "unreadable")
        session.closed_at = fields.Datetime.now() - timedelta(days=8)
        self._go(self.buyer, "over")
        self.assertEqual(self._rates(self.first_step, "false_reject_rate"), [0.0])

    def test_proof_of_a_lower_age_says_nothing_about_the_refusal(self):
        session = self._go(self.buyer, "unreadable")
        session.required_date = fields.Date.subtract(session.required_date, years=3)
        self._go(self.buyer, "over")
        self.assertEqual(self._rates(self.first_step, "false_reject_rate"), [0.0])

    def test_waiting_and_unopened_sessions_do_not_count(self):
        self._open()
        session = self._start(buyer=self.buyers[0])
        session._apply(Result("expired", reason="too_late"))
        self.assertFalse(self.env["age.session.report"].search([]))

    def test_report_follows_a_change_at_once(self):
        session = self._go(self.buyer, "unreadable")
        reports = self.env["age.session.report"]
        self.assertEqual(reports.search_count([("state", "=", "failed")]), 1)
        self._decide(session, "over")
        self.assertEqual(reports.search_count([("state", "=", "failed")]), 0)
        self.assertEqual(reports.search_count([("state", "=", "accepted")]), 1)

    def test_report_is_read_by_its_company_only(self):
        session = self._go(self.buyer, "over")
        report = self.env["age.session.report"].browse(session.id)
        self.assertEqual(report.with_user(self.seller).state, "accepted")
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "user_elsewhere",
            "sales_team.group_sale_salesman,age_verification.group_age_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.env["age.session.report"].with_user(stranger).search([]))
        clerk = new_test_user(self.env, "clerk", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["age.session.report"].with_user(clerk).search([])
