import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import mdoc
from ..engine.messages import Result
from .age_provider import disable_providers


class AgeProvider(models.Model):
    """The European proof of age, shown by an app on the buyer's own phone.

    There is no server to ask: the answer of the app carries the signature of whoever
    issued the proof, and that is the evidence. So there are no secrets, no webhook, and
    nothing to fetch again before an answer is believed.
    """

    _inherit = "age.provider"

    code = fields.Selection(
        selection_add=[("eu_wallet", "EU proof of age (wallet)")],
        ondelete={"eu_wallet": disable_providers},
    )
    simulator_format = fields.Selection(
        selection_add=[("eu_wallet", "EU proof of age (wallet)")]
    )
    wallet_anchors = fields.Text(
        "Trusted certificates",
        help="Whose proofs count: certificates in PEM of the issuers on the European "
        "trusted list for proofs of age, one after the other.",
    )
    wallet_anchor_names = fields.Text("Issuers", compute="_compute_wallet_anchor_names")

    @api.depends("wallet_anchors")
    def _compute_wallet_anchor_names(self):
        for provider in self:
            try:
                anchors = provider._get_wallet_anchors()
            except ValueError:
                anchors = ()
            provider.wallet_anchor_names = "\n".join(map(mdoc.describe, anchors))

    @api.constrains("wallet_anchors")
    def _check_wallet_anchors(self):
        self._check_credentials()
        for provider in self:
            try:
                provider._get_wallet_anchors()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The trusted certificates of %s cannot be read: give them in PEM, "
                        "from “BEGIN CERTIFICATE” to “END CERTIFICATE”.",
                        provider.name,
                    )
                ) from error

    def _get_wallet_anchors(self):
        """The trusted certificates.

        :raises ValueError: they cannot be read
        """
        self.ensure_one()
        text = (self.wallet_anchors or "").strip()
        return mdoc.load_anchors(text) if text else ()

    def _age_get_required_fields(self):
        """Override: nobody is believed unless somebody is trusted."""
        if self.code != "eu_wallet":
            return super()._age_get_required_fields()
        return ("wallet_anchors",)

    def _age_get_assurance(self):
        """Override: an authority vouches for the age."""
        if self._age_get_format() != "eu_wallet":
            return super()._age_get_assurance()
        return "attested"

    def _age_create_session(self, session):
        """Override: the reference is the nonce, and the buyer goes to a page of ours."""
        if self._age_get_format() != "eu_wallet":
            return super()._age_create_session(session)
        page = session._get_url(f"/age/wallet/{session.access_token}")
        return secrets.token_urlsafe(32), page

    def _age_fetch_result(self, session):
        """Override: nobody knows more than what the app has sent, or has not."""
        if self._age_get_format() != "eu_wallet":
            return super()._age_fetch_result(session)
        return Result("pending")
