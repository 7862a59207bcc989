import secrets
import time

from odoo import api, fields, models

from ..engine import simulated, simulator
from ..exceptions import AgeProviderError

#: Kept for so many days.
KEEP_DAYS = 30
DOWN = "down"


class AgeSimulation(models.Model):
    """A check at the simulated provider: what its server would know.

    Dates of birth are made up for each answer and are in no field.
    """

    _name = "age.simulation"
    _description = "Simulated Age Check"

    name = fields.Char(
        "Reference",
        required=True,
        default=lambda self: secrets.token_hex(12),
        index=True,
    )
    access_token = fields.Char(
        required=True, default=lambda self: secrets.token_urlsafe(16), index=True
    )
    provider_id = fields.Many2one(
        "age.provider", required=True, index=True, ondelete="cascade"
    )
    session_id = fields.Many2one(
        "age.session", required=True, index=True, ondelete="cascade"
    )
    outcome = fields.Selection(
        [
            (simulated.OVER, "Over the age"),
            (simulated.UNDER, "Underage"),
            (simulated.UNREADABLE, "Document unreadable"),
            (simulated.LEFT, "Leave"),
            (DOWN, "Provider down"),
        ]
    )
    sequence = fields.Integer()
    is_redacted = fields.Boolean()

    # === THE PROVIDER'S SERVER === #

    @api.model
    def _serve(self, provider, method, path, options):
        """Answer a request as the simulated provider's server would.

        :raises AgeProviderError: it is not in test mode, "down", or does not know the path
        """
        if not provider._is_simulating():
            raise AgeProviderError("the simulator runs in test mode only")
        known = self.search(
            [
                ("provider_id", "=", provider.id),
                ("name", "in", [part.removeprefix("v") for part in path.split("/")]),
            ],
            limit=1,
        )
        if known:
            return known._answer(method, path)
        if method != "POST":
            raise AgeProviderError("not found")
        return self._open_check(provider, options)

    @api.model
    def _open_check(self, provider, options):
        name = self._read_session_name(provider, options)
        session = self.env["age.session"].search([("name", "=", name)], limit=1)
        if not session:
            raise AgeProviderError("bad request")
        check = self.create({"provider_id": provider.id, "session_id": session.id})
        url = check._get_url()
        return {
            "yoti": {"id": check.name, "url": url},
            "agechecker": {"uuid": check.name, "link": url},
            "veriff": {"verification": {"id": check.name, "url": url}},
            "stripe": {"id": check.name, "url": url},
        }[provider.simulator_format]

    @api.model
    def _read_session_name(self, provider, options):
        body = options.get("json") or options.get("data") or {}
        places = {
            "yoti": ("reference_id",),
            "agechecker": ("options", "metadata", "session"),
            "veriff": ("verification", "vendorData"),
            "stripe": ("client_reference_id",),
        }
        for part in places[provider.simulator_format]:
            body = body.get(part, {})
        return body or ""

    def _answer(self, method, path):
        if self.outcome == DOWN:
            raise AgeProviderError("down")
        if path.endswith("/redact"):
            self.is_redacted = True
            return {"id": self.name}
        if path.startswith("session/get/"):
            done = self.outcome and simulated.verification_of(self.name)
            return {"verification": done or None}
        return simulated.RESULTS[self.provider_id.simulator_format](self._get_case())

    def _get_case(self):
        session = self.session_id
        return simulated.Case(
            reference=self.name,
            asked=session._get_asked(),
            outcome=self.outcome or None,
            sequence=self.sequence,
            now=fields.Datetime.now(),
            is_estimate=self.provider_id.yoti_estimation
            and session._is_estimate_enough(),
        )

    # === THE BUYER === #

    def _get_url(self):
        return f"/age/simulator/{self.access_token}"

    def _choose(self, outcome):
        """The buyer does something; the provider has a message about it.

        :return: :class:`engine.simulator.Message`
        """
        self.ensure_one()
        self.write({"outcome": outcome, "sequence": self.sequence + 1})
        case = self._get_case()
        provider = self.provider_id
        payload = simulated.EVENTS[provider.simulator_format](case)
        if provider.simulator_format == "yoti":
            return simulator.message_yoti(payload, provider.simulator_private_key)
        if provider.simulator_format == "agechecker":
            return simulator.message_agechecker(payload, provider.api_secret)
        if provider.simulator_format == "veriff":
            return simulator.message_veriff(payload, provider.api_secret)
        return simulator.message_stripe(
            payload, provider.webhook_secret, int(time.time())
        )

    @api.autovacuum
    def _gc_simulations(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=10000).unlink()
