import json
from contextlib import nullcontext
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user

from .common import TODAY, AgeCommon

#: What a buyer has to be born on or before to get gin in Germany on the tests' day.
REQUIRED = fields.Date.subtract(TODAY, years=18)


class ProviderCommon(AgeCommon):
    """A policy with one simulated provider; a buyer who is asked for gin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._create_officer("officer_one")
        cls.policy.user_id = cls.officer
        cls.provider = cls._create_provider("Simulator")
        cls._set_steps({"provider_id": cls.provider.id})

    @classmethod
    def _create_officer(cls, login, group="officer"):
        return new_test_user(
            cls.env,
            login,
            "sales_team.group_sale_salesman_all_leads,"
            f"age_verification.group_age_{group}",
            company_id=cls.company.id,
            tz="UTC",
        )

    @classmethod
    def _create_provider(cls, name, **kwargs):
        return (
            cls.env["age.provider"]
            .sudo()
            .create(
                {
                    "name": name,
                    "code": "simulator",
                    "simulator_format": "yoti",
                    "state": "test",
                    "company_id": cls.company.id,
                    **kwargs,
                }
            )
        )

    @classmethod
    def _set_steps(cls, *steps):
        cls.policy.step_ids = [
            Command.clear(),
            *(
                Command.create({"sequence": number, **step})
                for number, step in enumerate(steps)
            ),
        ]

    def _start(self, buyer=None, required=REQUIRED, **kwargs):
        return (
            self.env["age.session"]
            .sudo()
            ._start(buyer or self.buyer, self.company, required, **kwargs)
        )

    def _open(self, **kwargs):
        """A session that the buyer has opened, and the check at the simulator."""
        session = self._start(**kwargs)
        session._open()
        return session, self._get_check(session)

    def _get_check(self, session):
        return (
            self.env["age.simulation"].sudo().search([("session_id", "=", session.id)])
        )

    def _decide(self, session, outcome):
        """The buyer does something at the simulator, and we ask how it ended."""
        self._get_check(session).outcome = outcome
        session._poll()

    def _proofs(self, buyer=None):
        return (
            self.env["age.proof"]
            .sudo()
            .search([("partner_id", "=", (buyer or self.buyer).id)])
        )

    def _refusals(self, buyer=None):
        return (
            self.env["age.refusal"]
            .sudo()
            .search([("partner_id", "=", (buyer or self.buyer).id)])
        )

    def _kinds(self, provider=None):
        """Kinds of the incidents about a provider, the oldest first."""
        incidents = self.env["age.incident"].search([], order="id")
        provider = provider or self.provider
        return incidents.filtered(lambda i: i.provider_id == provider).mapped("kind")

    def _run_jobs(self, *names):
        """What background jobs do, by default once a message is there."""
        is_served = isinstance(self, HttpCase)
        names = names or ("handle_provider_event", "poll_session", "release")
        with nullcontext() if is_served else self.enter_registry_test_mode():
            for name in names:
                cron = self.env.ref(f"age_verification.ir_cron_{name}")
                cron.method_direct_trigger()

    def _later(self, **kwargs):
        return fields.Datetime.now() + timedelta(**kwargs)


def headers_of(message):
    """Headers of a message of the simulator as a request has them."""
    return {"Content-Type": "application/json", **message.headers}


def body_of(message):
    return json.loads(message.body)
