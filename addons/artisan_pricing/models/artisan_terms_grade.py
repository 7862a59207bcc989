from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..decimals import to_decimal
from ..engine import grades


@dataclass(frozen=True, slots=True)
class KeptGrade:
    """A grade as orders need it.

    :ivar payment_term_id: id of a payment term of its own; False: one of its net days
    """

    grade: grades.Grade
    payment_term_id: int


class ArtisanTermsGrade(models.Model):
    _name = "artisan.terms.grade"
    _description = "Grade of Earned Terms"
    _inherit = ["artisan.kept.mixin"]
    _order = "policy_id, sequence, min_score, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The lowest grade comes first.")
    policy_id = fields.Many2one(
        "artisan.terms.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id")
    currency_id = fields.Many2one(related="policy_id.currency_id")
    min_score = fields.Float(
        "Points",
        digits=(5, 1),
        required=True,
        default=0,
        help="Points from which it is earned, 0 to 100. The first grade needs none.",
    )
    min_turnover = fields.Monetary(
        "Turnover",
        compute="_compute_needs",
        help="Of 12 months, that gives these points to who pays in time.",
    )
    days_late_allowed = fields.Float(
        "Days Late",
        digits=(5, 1),
        compute="_compute_needs",
        help="On average, at most, with the full turnover and without disputes.",
    )
    disputes_allowed = fields.Integer(
        "Disputes",
        compute="_compute_needs",
        help="At most, with the full turnover and all paid in time.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        check_company=True,
        help="Leave it empty for a payment term of so many net days.",
    )
    net_days = fields.Integer(
        compute="_compute_net_days",
        store=True,
        readonly=False,
        help="Days to pay. Of several makers in an order the fewest days count.",
    )
    credit_limit = fields.Monetary(
        help="What the customer may owe at a time, in open invoices and the order that is "
        "confirmed. 0: no limit."
    )

    _not_negative = models.Constraint(
        "CHECK(net_days >= 0 AND credit_limit >= 0)",
        "Days to pay and credit limit must not be negative.",
    )

    @api.depends(
        "min_score",
        "policy_id.full_turnover",
        "policy_id.points_per_day",
        "policy_id.points_per_dispute",
    )
    def _compute_needs(self):
        for grade in self:
            policy, spare = grade.policy_id, 100 - grade.min_score
            grade.min_turnover = policy.full_turnover * grade.min_score / 100
            per_day, per_dispute = policy.points_per_day, policy.points_per_dispute
            grade.days_late_allowed = spare / per_day if per_day > 0 else 0
            grade.disputes_allowed = spare // per_dispute if per_dispute > 0 else 0

    @api.depends("payment_term_id.line_ids.nb_days")
    def _compute_net_days(self):
        for grade in self:
            if grade.payment_term_id:
                grade.net_days = grade.payment_term_id._get_longest_days()
            else:
                grade.net_days = grade.net_days

    @api.constrains("name", "sequence", "min_score", "net_days", "credit_limit")
    def _check_policy(self):
        if not self.env.cr.cache.get("artisan_policy_is_checked"):
            self.policy_id.invalidate_recordset(["grade_ids"])
            self.policy_id._check_policy()

    @api.model_create_multi
    def create(self, vals_list):
        graded = super().create(vals_list)
        graded._prepare_payment_terms()
        return graded

    def write(self, vals):
        res = super().write(vals)
        if {"net_days", "payment_term_id"} & set(vals):
            self._prepare_payment_terms()
        return res

    def unlink(self):
        """A policy needs grades, as long as there is the policy."""
        policies = self.policy_id
        res = super().unlink()
        if not self.env.cr.cache.get("artisan_policy_is_checked"):
            policies.exists()._check_policy()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        held = self.env["artisan.customer.standing"].sudo()
        if held := held.search([("grade_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%(customer)s has the grade %(grade)s: it cannot be deleted.",
                    customer=held.partner_id.display_name,
                    grade=held.grade_id.name,
                )
            )

    def _prepare_payment_terms(self):
        """Have the payment terms at hand before two orders need them at once."""
        Term = self.env["account.payment.term"]
        for days, company in {(grade.net_days, grade.company_id) for grade in self}:
            Term._get_net_days(days, company)

    def _to_kept(self):
        """What orders need of a grade: :class:`KeptGrade`."""
        self.ensure_one()
        return KeptGrade(self._to_grade(), self.payment_term_id.id)

    def _to_grade(self, by_name=False):
        """The engine's grade.

        :raise PricingError: points out of reach
        """
        self.ensure_one()
        limit = to_decimal(self.credit_limit)
        return grades.Grade(
            self.name if by_name else str(self.id),
            to_decimal(self.min_score),
            self.net_days,
            limit or None,
        )
