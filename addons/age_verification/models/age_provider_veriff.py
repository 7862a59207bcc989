from urllib.parse import quote

from odoo import fields, models

from ..engine import messages, signatures
from ..exceptions import AgeProviderError
from .age_provider import disable_providers


class AgeProvider(models.Model):
    """Veriff, full check of a document.

    Its answers hold name and date of birth: they are read in memory, compared with the
    bound that was asked for, and dropped.
    """

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("veriff", "Veriff")], ondelete={"veriff": disable_providers}
    )

    def _age_get_required_fields(self):
        """Override: API key and shared secret of the integration."""
        if self.code != "veriff":
            return super()._age_get_required_fields()
        return ("api_key", "api_secret")

    def _age_create_session(self, session):
        """Override: our name of the session is all that Veriff is told."""
        if self._age_get_format() != "veriff":
            return super()._age_create_session(session)
        answer = self._age_send_request(
            "POST",
            "sessions",
            json={
                "verification": {
                    "callback": session._get_return_url(),
                    "vendorData": session.name,
                }
            },
            headers={"X-AUTH-CLIENT": self.api_key or ""},
        )
        reference = self._age_get_user_url(answer, "verification", "id")
        if not reference:
            raise AgeProviderError("no id")
        return reference, self._age_get_user_url(answer, "verification", "url")

    def _age_verify_signature(self, raw_body, headers):
        """Override: HMAC-SHA256 with the shared secret."""
        if self._age_get_format() != "veriff":
            return super()._age_verify_signature(raw_body, headers)
        return signatures.is_from_veriff(
            raw_body, headers.get("X-HMAC-SIGNATURE"), self.api_secret or ""
        )

    def _age_read_event(self, payload):
        """Override: decisions, and the steps before them."""
        if self._age_get_format() != "veriff":
            return super()._age_read_event(payload)
        return messages.read_veriff_event(payload)

    def _age_fetch_result(self, session):
        """Override: the decision, asked for with a signature over the session's id."""
        if self._age_get_format() != "veriff":
            return super()._age_fetch_result(session)
        signature = signatures.sign_veriff(
            session.reference.encode(), self.api_secret or ""
        )
        answer = self._age_send_request(
            "GET",
            f"sessions/{quote(session.reference, safe='')}/decision",
            headers={
                "X-AUTH-CLIENT": self.api_key or "",
                "X-HMAC-SIGNATURE": signature,
            },
        )
        return messages.read_veriff_result(answer, session._get_asked())
