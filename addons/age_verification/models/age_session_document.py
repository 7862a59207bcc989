from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .. import const
from ..engine import messages

FINDINGS = [
    ("over", "Yes, and it is the buyer's"),
    ("under", "No, the buyer is too young"),
    ("unreadable", "It cannot be decided"),
]


class AgeSession(models.Model):
    """A document that a person looks at, or two persons in turn."""

    _inherit = "age.session"

    document_kind = fields.Selection(const.DOCUMENT_KINDS, "Document", readonly=True)
    first_finding = fields.Selection(
        FINDINGS,
        readonly=True,
        groups="base.group_system",
        help="Not shown: the second person decides on their own.",
    )
    first_user_id = fields.Many2one("res.users", "Checked by", readonly=True)
    second_user_id = fields.Many2one("res.users", "Confirmed by", readonly=True)

    def action_check_document(self):
        """Open the form in which an officer says what a document shows."""
        self.ensure_one()
        self._check_officer()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "age_verification.age_document_check_action"
        )
        return {**action, "context": {"default_session_id": self.id}}

    def _check_officer(self):
        """Officers decide, but not about themselves and not twice about one document."""
        user = self.env.user
        if not user.has_group("age_verification.group_age_officer"):
            raise AccessError(self.env._("Only officers check documents."))
        self.check_access("read")
        for session in self:
            if session.provider_code != "person" or session.state != "pending":
                raise UserError(
                    self.env._("No document is waiting to be checked by a person.")
                )
            if user.partner_id == session.partner_id:
                raise UserError(self.env._("Nobody checks a document of their own."))
            if user == session.first_user_id:
                raise UserError(
                    self.env._("Somebody else has to confirm what you have found.")
                )

    def _record_finding(self, kind, finding):
        """What the present user has seen on the buyer's document.

        :param kind: of document, a code of ``const.DOCUMENT_KINDS``
        :param finding: a code of ``FINDINGS``
        :return: whether the check is done; with two persons it takes both
        """
        self.ensure_one()
        self._check_officer()
        session = self.sudo()
        session.lock_for_update(allow_referencing=True)
        if session.policy_id.four_eyes and not session.first_user_id:
            session.write(
                {
                    "first_user_id": self.env.uid,
                    "first_finding": finding,
                    "document_kind": kind,
                }
            )
            return False
        agreed = not session.first_user_id or session.first_finding == finding
        field = "second_user_id" if session.first_user_id else "first_user_id"
        session.write({field: self.env.uid, "document_kind": kind})
        session._apply(session._get_finding_result(finding, agreed))
        return True

    def _get_finding_result(self, finding, agreed):
        if not agreed:
            return messages.Result(messages.FAILED, reason="disagreement")
        if finding == "unreadable":
            return messages.Result(messages.FAILED, reason="unreadable")
        values = {
            "bound": self.required_date,
            "method": "person",
            "assurance": "document",
        }
        if finding == "under":
            return messages.Result(messages.DENIED, reason="underage", **values)
        return messages.Result(messages.ACCEPTED, **values)

    def _prepare_proof(self, result, bound, day):
        """Override: who has checked it."""
        vals = super()._prepare_proof(result, bound, day)
        vals["user_id"] = self.first_user_id.id
        vals["second_user_id"] = self.second_user_id.id
        return vals
