from odoo import api, fields, models

from ..terms_words import TermsWords, from_json


class ArtisanStandingChange(models.Model):
    """Append-only: each grade that a customer got, and why."""

    _name = "artisan.standing.change"
    _description = "Change of a Customer's Grade"
    _order = "date desc, id desc"
    _rec_name = "grade_id"

    standing_id = fields.Many2one(
        "artisan.customer.standing",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="standing_id.company_id")
    date = fields.Date(required=True, readonly=True)
    grade_from_id = fields.Many2one(
        "artisan.terms.grade",
        "Before",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    grade_id = fields.Many2one(
        "artisan.terms.grade",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    reasons = fields.Json("Reason Codes", readonly=True)
    reason_text = fields.Text(
        "Reasons", compute="_compute_reason_text", compute_sudo=True
    )

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        words = TermsWords(self.env)
        for change in self:
            change.reason_text = words.say_all(
                from_json(change.reasons), change.standing_id.currency_id
            )
