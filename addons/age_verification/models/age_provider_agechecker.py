from urllib.parse import quote

from odoo import fields, models

from ..engine import messages, signatures
from ..exceptions import AgeProviderError
from .age_provider import disable_providers

#: The highest age that may be asked for.
MAX_AGE = 75


class AgeProvider(models.Model):
    """AgeChecker.Net.

    A session is opened and the buyer enters the rest there, so that no personal data
    leaves Odoo. The verification made within it has a reference of its own, which comes
    with the messages; what is believed is what the session leads to.
    """

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("agechecker", "AgeChecker.Net")],
        ondelete={"agechecker": disable_providers},
    )
    agechecker_document = fields.Boolean(
        "Photo of a document from everybody",
        help="Set when the account asks everybody for a photo of a document. Otherwise a "
        "match in public records counts as an estimate.",
    )

    def _age_get_required_fields(self):
        """Override: the domain's key and the account's secret."""
        if self.code != "agechecker":
            return super()._age_get_required_fields()
        return ("api_key", "api_secret")

    def _age_get_assurance(self):
        """Override: what the account is set up for."""
        if self._age_get_format() != "agechecker":
            return super()._age_get_assurance()
        return "document" if self.agechecker_document else "estimated"

    def _age_can_ask(self, age):
        """Override: 75 at most. Who is asked for less proves 18."""
        if self._age_get_format() != "agechecker":
            return super()._age_can_ask(age)
        return age <= MAX_AGE

    def _age_create_session(self, session):
        """Override: a session with a link; messages come to an address of its own."""
        if self._age_get_format() != "agechecker":
            return super()._age_create_session(session)
        answer = self._age_send_request(
            "POST",
            "session/create",
            json={
                "key": self.api_key,
                "secret": self.api_secret,
                "options": {
                    "min_age": max(
                        session._get_asked().age, messages.AGECHECKER_MIN_AGE
                    ),
                    "contact_customer": False,
                    "callback_url": session._get_webhook_url(),
                    "metadata": {"session": session.name},
                },
                "output": {"link": True},
            },
        )
        reference = answer.get("uuid")
        if not isinstance(reference, str):
            raise AgeProviderError("no uuid")
        return reference, self._age_get_user_url(answer, "link")

    def _age_verify_signature(self, raw_body, headers):
        """Override: HMAC-SHA1 with the account's secret."""
        if self._age_get_format() != "agechecker":
            return super()._age_verify_signature(raw_body, headers)
        signature = headers.get("X-AgeChecker-Signature")
        return signatures.is_from_agechecker(
            raw_body, signature, self._age_get_agechecker_secret()
        )

    def _age_get_agechecker_secret(self):
        return self.api_secret or ""

    def _age_read_event(self, payload):
        """Override: a verification's new status."""
        if self._age_get_format() != "agechecker":
            return super()._age_read_event(payload)
        return messages.read_agechecker_event(payload)

    def _age_fetch_result(self, session):
        """Override: the session names its verification, which has the status."""
        if self._age_get_format() != "agechecker":
            return super()._age_fetch_result(session)
        opened = self._age_send_request(
            "GET", f"session/get/{quote(session.reference, safe='')}"
        )
        verification = opened.get("verification")
        if not isinstance(verification, str):
            return messages.Result(messages.PENDING)
        answer = self._age_send_request(
            "GET",
            f"status/{quote(verification, safe='')}",
            headers={"X-AgeChecker-Secret": self.api_secret or ""},
        )
        return messages.read_agechecker_result(
            answer, session._get_asked(), self.agechecker_document
        )
