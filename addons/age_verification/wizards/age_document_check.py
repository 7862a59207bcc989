from odoo import api, fields, models
from odoo.tools import format_date

from .. import const
from ..models.age_session_document import FINDINGS


class AgeDocumentCheck(models.TransientModel):
    """What an officer has seen: the kind of document and yes or no, nothing else."""

    _name = "age.document.check"
    _description = "Check of a Document"

    session_id = fields.Many2one("age.session", required=True, readonly=True)
    partner_id = fields.Many2one(related="session_id.partner_id")
    document_kind = fields.Selection(const.DOCUMENT_KINDS, "Document", required=True)
    finding = fields.Selection(FINDINGS, "Answer", required=True)
    question = fields.Char(compute="_compute_question")
    is_second = fields.Boolean(compute="_compute_question")

    @api.depends("session_id")
    def _compute_question(self):
        for check in self:
            session = check.session_id.sudo()
            check.is_second = bool(session.first_user_id)
            check.question = self.env._(
                "Does the document show that the buyer was born on or before %s?",
                format_date(self.env, session.required_date),
            )

    def action_confirm(self):
        """Hand what was seen to the session."""
        self.ensure_one()
        self.session_id._record_finding(self.document_kind, self.finding)
        return {"type": "ir.actions.act_window_close"}
