import logging
from datetime import timezone

from odoo import fields, models

from ..engine import mdoc, openid4vp
from ..engine.mdoc import MdocError, errors, simulated
from ..engine.messages import Result

_logger = logging.getLogger(__name__)

#: Why an answer was refused -> reason of the session; all others cannot be read.
REASONS = {
    errors.WRONG_REQUEST: "foreign",
    errors.UNTRUSTED: "fake",
    errors.ISSUER_SIGNATURE: "fake",
    errors.DIGEST: "fake",
    errors.EXPIRED: "document_expired",
    errors.NOT_YET_VALID: "document_expired",
    errors.CERTIFICATE_EXPIRED: "document_expired",
    errors.NOT_DISCLOSED: "not_disclosed",
    errors.REFUSED: "consent_declined",
}


class AgeSession(models.Model):
    """The question to a wallet, and its answer."""

    _inherit = "age.session"

    def _get_wallet_request(self):
        """The question that waits for a wallet's answer.

        :return: :class:`engine.openid4vp.Request`; None when none is open any more
        """
        self.ensure_one()
        session = self.sudo()
        provider = session.provider_id
        if (
            provider._age_get_format() != "eu_wallet"
            or not provider._is_in_use()
            or session.state != "pending"
            or not session.reference
            or session.expires_at <= fields.Datetime.now()
        ):
            return None
        return openid4vp.Request(
            response_uri=session._get_url(
                f"/age/wallet/response/{session.access_token}"
            ),
            nonce=session.reference,
            age=session.asked_age,
        )

    def _receive_wallet_answer(self, vp_token=None, anchors=None):
        """Take over the one answer that a question has, whatever it is.

        It is believed at once: the issuer's signature is all the evidence there is.

        :param str vp_token: the wallet's answer; None when it declined to give one
        :param anchors: certificates to be trusted in place of the provider's
        :return: :class:`engine.messages.Result`; None when no answer is waited for
        """
        self.ensure_one()
        session = self.sudo().try_lock_for_update(allow_referencing=True)
        if not session:
            return None  # another answer to the same question is being read
        session.invalidate_recordset(["state", "reference"])
        request = session._get_wallet_request()
        if not request:
            return None
        if anchors is None:
            anchors = session.provider_id._get_wallet_anchors()
        result = session._read_wallet_answer(request, vp_token, anchors)
        session._apply(result)
        return result

    def _read_wallet_answer(self, request, vp_token, anchors):
        if vp_token is None:
            return Result("cancelled", reason="consent_declined")
        try:
            attestation = mdoc.verify(
                openid4vp.read_vp_token(vp_token),
                request.get_transcript(),
                anchors,
                fields.Datetime.now().replace(tzinfo=timezone.utc),
            )
            attestation.prove(request.age)
        except MdocError as error:
            return self._refuse_wallet_answer(request, error.code)
        # Kept is the age that was asked, even if the wallet has told a higher one.
        return Result(
            "accepted", age=request.age, method="wallet", assurance="attested"
        )

    def _refuse_wallet_answer(self, request, code):
        _logger.info("age session %s: answer of the wallet refused, %s", self.id, code)
        if code == errors.NOT_TRUE:
            return Result("denied", age=request.age, method="wallet", reason="underage")
        if code in errors.FORGED and REASONS[code] == "fake":
            incident = self._prepare_incident("foreign")
            self.env["age.incident"]._record([{**incident, "kind": "forged"}])
        return Result("failed", method="wallet", reason=REASONS.get(code, "unreadable"))

    def _simulate_wallet(self, outcome):
        """Answer the question as a wallet would, and read that answer.

        :param outcome: a code of :data:`engine.mdoc.simulated.OUTCOMES`
        :return: as :meth:`_receive_wallet_answer`
        """
        self.ensure_one()
        session = self.sudo()
        request = session._get_wallet_request()
        if not request or not session.provider_id._is_simulating():
            return None
        moment = fields.Datetime.now().replace(tzinfo=timezone.utc)
        issuer = simulated.make_issuer(moment)
        if outcome == simulated.LEFT:
            return session._receive_wallet_answer()
        response = simulated.present(
            issuer,
            request.get_transcript(),
            {request.age: outcome != simulated.UNDER},
            moment,
        )
        if outcome == simulated.UNREADABLE:
            response = response[:-1]
        trusted = () if outcome == simulated.FORGED else (issuer.certificate,)
        return session._receive_wallet_answer(
            simulated.pack(openid4vp.QUERY, response), trusted
        )

    def _close(self, result, vals):
        """Override: a question that was answered is forgotten with its nonce."""
        closed = super()._close(result, vals)
        if self.provider_id._age_get_format() == "eu_wallet":
            self._drop_reference()
        return closed
