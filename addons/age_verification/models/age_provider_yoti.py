from urllib.parse import quote

from odoo import fields, models

from ..engine import messages, signatures
from ..exceptions import AgeProviderError
from .age_provider import disable_providers

USER_URL = "https://age.yoti.com?sessionId=%(session)s&sdkId=%(sdk)s"


class AgeProvider(models.Model):
    """Yoti Age Verification Service."""

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("yoti", "Yoti")], ondelete={"yoti": disable_providers}
    )
    yoti_sdk = fields.Char("SDK ID", copy=False, groups="base.group_system")
    yoti_public_key = fields.Text(
        "Yoti's public key",
        copy=False,
        groups="base.group_system",
        help="PEM: messages signed by another key are refused.",
    )
    yoti_estimation = fields.Boolean(
        "Estimate the age from the face",
        default=True,
        help="Only asked for where the policy takes estimates.",
    )
    yoti_document = fields.Boolean("Scan a document", default=True)
    yoti_digital_id = fields.Boolean("Digital ID", default=True)

    def _age_get_required_fields(self):
        """Override: Yoti's keys."""
        if self.code != "yoti":
            return super()._age_get_required_fields()
        return ("api_key", "yoti_sdk", "yoti_public_key")

    def _age_get_assurance(self):
        """Override: an estimate, unless documents are allowed."""
        if self._age_get_format() != "yoti":
            return super()._age_get_assurance()
        has_document = self.yoti_document or self.yoti_digital_id
        return "document" if has_document else "estimated"

    def _age_create_session(self, session):
        """Override: one session with the methods that the policy takes."""
        if self._age_get_format() != "yoti":
            return super()._age_create_session(session)
        answer = self._age_send_request(
            "POST",
            "sessions",
            json=self._prepare_yoti_session(session),
            headers=self._get_yoti_headers(),
        )
        reference = answer.get("id")
        if not isinstance(reference, str):
            raise AgeProviderError("no id")
        return reference, self._age_get_yoti_url(answer)

    def _age_get_yoti_url(self, answer):
        return USER_URL % {"session": answer["id"], "sdk": self.yoti_sdk}

    def _get_yoti_headers(self):
        return {"Authorization": f"Bearer {self.api_key}", "Yoti-SDK-Id": self.yoti_sdk}

    def _prepare_yoti_session(self, session):
        """Thresholds are the law's age; only estimates get the policy's buffer."""
        asked = session._get_asked()
        has_estimate = self.yoti_estimation and session._is_estimate_enough()
        return {
            "type": "OVER",
            "ttl": session._get_open_seconds(),
            "reference_id": session.name,
            "notification_url": session._get_webhook_url(),
            "callback": {"auto": True, "url": session._get_return_url()},
            "cancel_url": session._get_return_url(),
            "retry_enabled": True,
            "resume_enabled": True,
            "synchronous_checks": False,
            "age_estimation": {
                "allowed": bool(has_estimate),
                "threshold": asked.estimate_age,
                "level": "PASSIVE",
            },
            "doc_scan": {
                "allowed": self.yoti_document,
                "threshold": asked.age,
                "authenticity": "AUTO",
                "level": "PASSIVE",
            },
            "digital_id": {"allowed": self.yoti_digital_id, "threshold": asked.age},
            "credit_card": {"allowed": False, "threshold": asked.age},
            "mobile": {"allowed": False, "threshold": asked.age},
        }

    def _age_verify_signature(self, raw_body, headers):
        """Override: the signature is part of the body."""
        if self._age_get_format() != "yoti":
            return super()._age_verify_signature(raw_body, headers)
        return signatures.is_from_yoti(raw_body, self.yoti_public_key or "")

    def _age_read_event(self, payload):
        """Override: several come for a session, as FAIL and then COMPLETE."""
        if self._age_get_format() != "yoti":
            return super()._age_read_event(payload)
        return messages.read_yoti_event(payload)

    def _age_fetch_result(self, session):
        """Override: the session's result."""
        if self._age_get_format() != "yoti":
            return super()._age_fetch_result(session)
        answer = self._age_send_request(
            "GET",
            f"sessions/{quote(session.reference, safe='')}/result",
            headers=self._get_yoti_headers(),
        )
        return messages.read_yoti_result(answer, session._get_asked())
