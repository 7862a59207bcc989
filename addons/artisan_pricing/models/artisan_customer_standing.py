from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..decimals import to_decimal
from ..engine import grades
from ..terms_words import TermsWords, from_json, to_json


class ArtisanCustomerStanding(models.Model):
    """The grade of a customer by a policy, as it was judged last."""

    _name = "artisan.customer.standing"
    _description = "Earned Terms of a Customer"
    _order = "company_id, policy_id, partner_id, id"
    _rec_name = "partner_id"

    policy_id = fields.Many2one(
        "artisan.terms.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    maker_id = fields.Many2one(related="policy_id.maker_id")
    currency_id = fields.Many2one(related="policy_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    grade_id = fields.Many2one(
        "artisan.terms.grade",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('policy_id', '=', policy_id)]",
    )
    net_days = fields.Integer(related="grade_id.net_days")
    credit_limit = fields.Monetary(related="grade_id.credit_limit")
    since = fields.Date(required=True, help="The day on which the grade was got.")
    judged_on = fields.Date("Judged", required=True)
    next_review = fields.Date(
        help="The first day on which the grade may change by what is known today: an open "
        "invoice gets too late, or the time without lateness is over."
    )
    points = fields.Float(digits=(5, 1))
    turnover = fields.Monetary(help="Of the 12 months before, without tax.")
    days_late = fields.Float(
        digits=(16, 1), help="On average of invoices, weighted by amount."
    )
    disputes = fields.Integer()
    reasons = fields.Json(
        "Reason Codes", help="Codes and figures of the last judgement."
    )
    reason_text = fields.Text(
        "Reasons",
        compute="_compute_reason_text",
        compute_sudo=True,
        help="Why the customer has this grade.",
    )
    change_ids = fields.One2many("artisan.standing.change", "standing_id")

    _customer_uniq = models.UniqueIndex(
        "(policy_id, partner_id)", "A customer has one grade by a policy."
    )

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        words = TermsWords(self.env)
        for standing in self:
            reasons = from_json(standing.reasons)
            standing.reason_text = words.say_all(reasons, standing.currency_id)

    @api.model
    def _get_standings(self, policies, customers):
        """Standings and grades, for each order that is made: one plain query.

        :return: dict {(id of a policy, id of a customer): (standing, grade)}
        """
        fields_read = ["policy_id", "partner_id", "grade_id"]
        self.flush_model(fields_read)
        rows = self.env.execute_query(
            SQL(
                """SELECT policy_id, partner_id, id, grade_id
                     FROM artisan_customer_standing
                    WHERE policy_id IN %s AND partner_id IN %s""",
                tuple(policies.ids) or (0,),
                tuple(customers.ids) or (0,),
            )
        )
        grade = self.env["artisan.terms.grade"]
        return {
            (policy, partner): (self.browse(standing), grade.browse(grade_id))
            for policy, partner, standing, grade_id in rows
        }

    def _to_standing(self):
        """The engine's standing."""
        self.ensure_one()
        return grades.Standing(str(self.grade_id.id), self.since, self.judged_on)

    def _to_judgement(self):
        """The engine's last judgement."""
        self.ensure_one()
        score = grades.Score(
            to_decimal(self.turnover),
            to_decimal(self.days_late),
            self.disputes,
            to_decimal(self.points),
        )
        return grades.Judgement(
            self.grade_id._to_grade(),
            self._to_standing(),
            score,
            from_json(self.reasons),
        )

    @api.model
    def _keep(self, policy, judgements, known, history):
        """Keep judgements of one policy.

        :param judgements: dict {customer: engine.grades.Judgement}
        :param known: dict {id of a customer: its standing until now}
        :param history: dict {id of a customer: [engine.grades.Invoice]}
        """
        changed, before, new = self.browse(), {}, []
        for customer, judgement in judgements.items():
            vals = self._prepare_judged(judgement)
            vals["next_review"] = self._get_next_review(
                policy, judgement, history[customer.id]
            )
            standing = known.get(customer.id)
            if not standing:
                new.append(vals | {"policy_id": policy.id, "partner_id": customer.id})
                continue
            before[standing] = standing.grade_id
            standing.write(standing._get_changed(vals))
            if standing.grade_id != before[standing]:
                changed |= standing
        changed |= self.create(new)
        changed._log_change(before)
        changed._on_grade_changed()

    @api.model
    def _prepare_judged(self, judgement):
        score = judgement.score
        return {
            "grade_id": int(judgement.grade.key),
            "since": judgement.standing.since,
            "judged_on": judgement.standing.judged_on,
            "points": float(score.points),
            "turnover": float(score.turnover),
            "days_late": float(score.days_late),
            "disputes": score.disputes,
            "reasons": to_json(judgement.reasons),
        }

    def _get_changed(self, vals):
        """Those of the values that are new: most customers stay as they are."""
        self.ensure_one()
        return {
            name: value
            for name, value in vals.items()
            if (self[name].id if name == "grade_id" else self[name]) != value
        }

    @api.model
    def _get_next_review(self, policy, judgement, invoices):
        """The first later day on which the grade may change by what is known today."""
        today = judgement.standing.judged_on
        too_late = timedelta(days=policy.late_after_days + 1)
        days = [each.due + too_late for each in invoices if not each.paid]
        for reason in judgement.reasons:
            if reason.code == grades.WAITING:
                days.append(dict(reason.figures)["until"])
        return min((day for day in days if day > today), default=False)

    def _log_change(self, before):
        """Keep a row of history of each.

        :param before: dict {standing: grade until now}, without those that are new
        """
        self.env["artisan.standing.change"].sudo().create(
            [
                {
                    "standing_id": standing.id,
                    "date": standing.judged_on,
                    "grade_from_id": before[standing].id
                    if standing in before
                    else False,
                    "grade_id": standing.grade_id.id,
                    "reasons": standing.reasons,
                }
                for standing in self
            ]
        )

    def _on_grade_changed(self):
        """Hook: the grades of these customers are new."""

    def action_judge(self):
        """Judge these customers again, by what is known now."""
        self.check_access("read")
        for policy, standings in self.grouped("policy_id").items():
            policy._judge(standings.partner_id)
