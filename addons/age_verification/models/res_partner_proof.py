from odoo import models
from odoo.fields import Domain

from ..engine import names


class ResPartner(models.Model):
    """Who becomes somebody else has not proved the age of that somebody, nor is exempt."""

    _inherit = "res.partner"

    def write(self, vals):
        """Override: proofs and exemptions do not go with a contact to another name."""
        if "name" not in vals:
            return super().write(vals)
        former = {partner: partner.name for partner in self}
        result = super().write(vals)
        renamed = self.filtered(
            lambda partner: not names.is_same(former[partner], partner.name)
        )
        renamed._drop_age_evidence(self.env._("The contact was given another name."))
        return result

    def _drop_age_evidence(self, reason, note_on=None):
        """Nothing that was known of the contacts lets them buy any more.

        :param reason: why, for the proofs, the exemptions and the notes
        :param note_on: contact that gets the note instead of those concerned
        """
        if self:
            self._drop_age_proofs(reason, note_on)
            self.env["age.exemption"]._drop_renamed(self, reason)

    def _drop_age_proofs(self, reason, note_on):
        """Revoke the proofs, and end the checks that could still make one."""
        of_these = Domain("partner_id", "in", self.ids)
        proofs = self.env["age.proof"].sudo()
        proofs = proofs.search(of_these & Domain("revoked_on", "=", False))
        sessions = self.env["age.session"].sudo()
        sessions.search(of_these & sessions._to_end_domain())._end("renamed")
        if not proofs:
            return
        proofs._revoke(reason)
        for partner in note_on or proofs.partner_id:
            partner.sudo()._message_log(
                body=self.env._("Proofs of age no longer count: %s", reason)
            )
