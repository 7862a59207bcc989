import time
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import messages, signatures
from ..exceptions import AgeProviderError
from .age_provider import disable_providers


class AgeProvider(models.Model):
    """Stripe Identity, check of a document.

    The date of birth is asked for with a restricted key, compared in memory with the
    bound, and dropped; Stripe is then told to redact the session.
    """

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("stripe", "Stripe Identity")],
        ondelete={"stripe": disable_providers},
    )

    def _age_get_required_fields(self):
        """Override: a restricted key, and the secret of the webhook."""
        if self.code != "stripe":
            return super()._age_get_required_fields()
        return ("api_key", "webhook_secret")

    @api.constrains("state", "api_key")
    def _check_stripe_key(self):
        """A test key in real use would let everybody pass."""
        for provider in self.sudo().filtered(lambda p: p.code == "stripe"):
            is_test_key = "_test_" in (provider.api_key or "")
            if (provider.state == "enabled" and is_test_key) or (
                provider.state == "test" and not is_test_key
            ):
                raise ValidationError(
                    self.env._("The key of %s is not of this mode.", provider.name)
                )

    def _age_create_session(self, session):
        """Override: one session; the key stops a second one when an answer is lost."""
        if self._age_get_format() != "stripe":
            return super()._age_create_session(session)
        answer = self._age_send_request(
            "POST",
            "identity/verification_sessions",
            data={
                "type": "document",
                "client_reference_id": session.name,
                "metadata[session]": session.name,
                "options[document][require_matching_selfie]": "true",
                "return_url": session._get_return_url(),
            },
            headers={"Idempotency-Key": session.name},
            auth=(self.api_key or "", ""),
        )
        reference = answer.get("id")
        if not isinstance(reference, str):
            raise AgeProviderError("no id")
        return reference, self._age_get_user_url(answer, "url")

    def _age_verify_signature(self, raw_body, headers):
        """Override: time and HMAC-SHA256 with the webhook's secret."""
        if self._age_get_format() != "stripe":
            return super()._age_verify_signature(raw_body, headers)
        return signatures.is_from_stripe(
            raw_body,
            headers.get("Stripe-Signature"),
            self.webhook_secret or "",
            time.time(),
        )

    def _age_read_event(self, payload):
        """Override: events of verification sessions."""
        if self._age_get_format() != "stripe":
            return super()._age_read_event(payload)
        return messages.read_stripe_event(payload)

    def _age_fetch_result(self, session):
        """Override: the session with the date of birth, which is not returned."""
        if self._age_get_format() != "stripe":
            return super()._age_fetch_result(session)
        answer = self._age_send_request(
            "GET",
            f"identity/verification_sessions/{quote(session.reference, safe='')}",
            params={"expand[]": "verified_outputs.dob"},
            auth=(self.api_key or "", ""),
        )
        is_live = self.state == "enabled"
        return messages.read_stripe_result(answer, session._get_asked(), is_live)

    def _age_has_to_forget(self):
        """Override: Stripe keeps documents until it is told otherwise."""
        if self._age_get_format() != "stripe":
            return super()._age_has_to_forget()
        return True

    def _age_forget(self, session):
        """Override: redact the session."""
        if self._age_get_format() != "stripe":
            return super()._age_forget(session)
        self._age_send_request(
            "POST",
            f"identity/verification_sessions/{quote(session.reference, safe='')}/redact",
            headers={"Idempotency-Key": f"{session.name}-redact"},
            auth=(self.api_key or "", ""),
        )
