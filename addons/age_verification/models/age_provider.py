import hashlib
import hmac
import json
import logging
import secrets
import time

import requests
from werkzeug.urls import url_join

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..engine import judging
from ..exceptions import AgeProviderError

_logger = logging.getLogger(__name__)

#: Seconds to wait for a connection, and then for each part of the answer.
TIMEOUT = 15
#: Seconds after which an answer that comes in drops is given up.
DEADLINE = 30
#: Bytes of an answer that are read at most, and at once.
MAX_ANSWER, CHUNK = 1_000_000, 65536


def disable_providers(providers):
    """What becomes of providers whose code goes: proofs they made still name them."""
    providers.write({"code": "none", "state": "disabled"})


def _read_answer(response):
    """The body of an answer, never more of it than an honest provider sends.

    :raises ValueError: it is too long, or takes too long
    """
    end = time.monotonic() + DEADLINE
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise ValueError("answer too long")
        if time.monotonic() > end:
            raise ValueError("answer too slow")
    return bytes(body)


class AgeProvider(models.Model):
    """A way to have a buyer's age checked.

    A provider adds its code to the selection and overrides the methods below; every
    override begins with ``if self._age_get_format() != "its code": return super()…``.
    """

    _name = "age.provider"
    _description = "Age Provider"
    _order = "company_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(
        [("none", "No provider set up")],
        "Provider",
        required=True,
        default="none",
        help="Another addon may bring more of them.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("disabled", "Disabled"), ("test", "Test mode"), ("enabled", "Enabled")],
        required=True,
        default="disabled",
        copy=False,
        help="In test mode, use the keys of the provider's test system: proofs are marked "
        "so, and are revoked when the test mode ends. They count only where the settings "
        "say that checks in test mode do.",
    )
    age_test_mode = fields.Boolean(related="company_id.age_test_mode")
    active = fields.Boolean(default=True)
    api_key = fields.Char(
        "API key",
        copy=False,
        groups="base.group_system",
    )
    api_secret = fields.Char(
        "API secret",
        copy=False,
        groups="base.group_system",
    )
    webhook_secret = fields.Char(
        copy=False,
        groups="base.group_system",
        help="Signs what the provider sends.",
    )
    reference_salt = fields.Char(
        copy=False,
        default=lambda self: secrets.token_hex(16),
        groups="base.group_system",
    )
    webhook_url = fields.Char(
        "Webhook address",
        compute="_compute_webhook_url",
        help="Where the provider sends its messages: enter it there.",
    )
    session_ids = fields.One2many("age.session", "provider_id")

    def _compute_webhook_url(self):
        for provider in self:
            provider.webhook_url = provider.id and url_join(
                provider.get_base_url(), provider._get_webhook_path()
            )

    @api.constrains("code", "state", "api_key", "api_secret", "webhook_secret")
    def _check_credentials(self):
        for provider in self.sudo():
            if provider.state == "disabled":
                continue
            if provider.code == "none":
                raise ValidationError(
                    self.env._("Choose which provider %s is.", provider.name)
                )
            names = [
                provider._fields[name].get_description(self.env)["string"]
                for name in provider._age_get_required_fields()
                if not provider[name]
            ]
            if names:
                raise ValidationError(
                    self.env._(
                        "%(provider)s needs: %(fields)s.",
                        provider=provider.name,
                        fields=", ".join(names),
                    )
                )

    def write(self, vals):
        """Override: what was proved in test mode does not outlive it."""
        tested = self.browse()
        if vals.get("state", "test") != "test":
            tested = self.filtered(lambda provider: provider.state == "test")
        result = super().write(vals)
        if tested:
            self.env["age.proof"].sudo().search(
                [
                    ("provider_id", "in", tested.ids),
                    ("is_test", "=", True),
                    ("revoked_on", "=", False),
                ]
            )._revoke(self.env._("Made in test mode"))
        return result

    @api.model
    def _get_usable(self, company):
        """Providers that may be offered to the company's buyers, in their order."""
        providers = self.sudo().search(
            [("company_id", "=", company.id), ("state", "!=", "disabled")]
        )
        return providers.filtered(lambda provider: provider._is_in_use())

    # === WHAT A PROVIDER OVERRIDES === #

    def _age_get_format(self):
        """The code whose messages the provider speaks: its own."""
        self.ensure_one()
        return self.code

    def _age_get_required_fields(self):
        """Names of the fields without which the provider cannot be used."""
        return ()

    def _age_get_assurance(self):
        """The surest proof the provider can make, a code of ``const.ASSURANCES``."""
        return "document"

    def _age_can_ask(self, age):
        """Whether the provider can be asked for this age."""
        return True

    def _age_create_session(self, session):
        """Open a check at the provider.

        :param session: ``age.session``
        :return: the provider's reference, and where to send the buyer; None for neither
        :raises AgeProviderError: the provider is down
        """
        raise AgeProviderError(f"no way to ask a provider of code {self.code}")

    def _age_verify_signature(self, raw_body, headers):
        """Whether a message comes from the provider.

        :param bytes raw_body: as received
        :param headers: of the request, case does not matter
        """
        return False

    def _age_read_event(self, payload):
        """Read a message whose signature is right.

        :param dict payload: the body, parsed
        :return: :class:`engine.messages.Event`, None when it is about something else
        :raises MessageError: it cannot be read
        """
        return None

    def _age_fetch_result(self, session):
        """Ask the provider how a check has ended, which is the only thing to be trusted.

        :return: :class:`engine.messages.Result`
        :raises AgeProviderError: the provider is down
        """
        raise AgeProviderError(f"no way to ask a provider of code {self.code}")

    def _age_has_to_forget(self):
        """Whether the provider is told to delete what it has once a check is over."""
        return False

    def _age_forget(self, session):
        """Have the provider delete what it knows of a check.

        :raises AgeProviderError: the provider is down
        """

    # === REQUESTS === #

    def _age_get_user_url(self, answer, *path):
        """Where the buyer is sent, from the answer to the request for a session."""
        for name in path:
            answer = answer.get(name) if isinstance(answer, dict) else None
        return answer if isinstance(answer, str) else None

    def _age_send_request(self, method, path, **options):
        """Ask the provider's server.

        :param path: below the provider's address
        :param options: ``json``, ``data``, ``params``, ``headers`` or ``auth``
        :return: the answer, parsed
        :raises AgeProviderError: no answer, or none that can be used
        """
        self.ensure_one()
        url = f"{const.API_URLS[self._age_get_format()]}/{path}"
        try:
            with requests.request(
                method,
                url,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                **options,
            ) as response:
                response.raise_for_status()
                answer = json.loads(_read_answer(response))
        except (requests.RequestException, ValueError, RecursionError) as error:
            # Neither body nor address is logged: they hold keys and references.
            status = getattr(getattr(error, "response", None), "status_code", "-")
            _logger.info(
                "age provider %s: %s failed, status %s, %s",
                self.id,
                method,
                status,
                type(error).__name__,
            )
            raise AgeProviderError(f"{type(error).__name__} {status}") from None
        if not isinstance(answer, dict):
            raise AgeProviderError("answer is no object")
        return answer

    # === SHARED === #

    def _age_ask(self, session):
        """The result of a check, from a provider that may be asked."""
        if not self._is_in_use():
            raise AgeProviderError("not in use")
        return self._age_fetch_result(session)

    def _is_in_use(self):
        """Whether the provider is on; one in test mode is where the company says so."""
        self.ensure_one()
        if self.state == "test":
            return self.sudo().company_id.age_test_mode
        return self.state == "enabled"

    def _hash_reference(self, reference):
        """What finds a session by the provider's reference without keeping that."""
        self.ensure_one()
        key = (self.sudo().reference_salt or "").encode()
        return hmac.new(key, reference.encode(), hashlib.sha256).hexdigest()

    def _get_webhook_path(self, session=None):
        path = f"/age/webhook/{self.code}/{self.id}"
        return f"{path}/{session.name}" if session else path

    def _is_usable_for(self, policy, age):
        """Whether the provider may be asked for an age under a policy."""
        self.ensure_one()
        minimum = policy.min_assurance or "estimated"
        return (
            self._is_in_use()
            and self.active
            and judging.assurance_rank(self._age_get_assurance())
            >= judging.assurance_rank(minimum)
            and self._age_can_ask(age)
        )
