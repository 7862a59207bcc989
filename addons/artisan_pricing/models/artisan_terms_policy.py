import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import split_every

from ..basket import at_hand
from ..decimals import to_decimal
from ..engine import grades
from ..engine.money import PricingError
from ..order_terms import get_today
from ..refusal_words import say_refusal
from ..registry_cache import kept
from ..terms_history import TermsHistory

_logger = logging.getLogger(__name__)

#: Customers that are judged, and kept, at a time.
BATCH = 200


class ArtisanTermsPolicy(models.Model):
    _name = "artisan.terms.policy"
    _description = "Policy of Earned Terms"
    _inherit = ["mail.thread", "artisan.kept.mixin"]
    _order = "company_id, maker_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Only this maker's products count, and only they are sold on these terms. "
        "Leave it empty for all makers without a policy of their own.",
    )
    full_turnover = fields.Monetary(
        required=True,
        tracking=True,
        help="Turnover of 12 months, without tax, that gives 100 points. Less gives fewer "
        "points, more gives no more.",
    )
    points_per_day = fields.Float(
        default=1,
        required=True,
        tracking=True,
        help="Points lost for each day that invoices were late on average, weighted by "
        "amount.",
    )
    points_per_dispute = fields.Float(
        default=10,
        required=True,
        tracking=True,
        help="Points lost for each dispute of the last 12 months that was without cause.",
    )
    late_after_days = fields.Integer(
        "Too Late After (Days)",
        default=15,
        required=True,
        tracking=True,
        help="An invoice that is later than this costs one grade at once.",
    )
    clean_days = fields.Integer(
        "Days without Lateness",
        default=180,
        required=True,
        tracking=True,
        help="After so many days without a late payment the next grade is won, if the "
        "points are enough for it.",
    )
    grade_ids = fields.One2many("artisan.terms.grade", "policy_id", copy=True)
    standing_count = fields.Integer(compute="_compute_standing_count")

    _maker_uniq = models.UniqueIndex(
        "(company_id, COALESCE(maker_id, 0)) WHERE active",
        "There is a policy for this already. Archive that one first.",
    )

    def _compute_standing_count(self):
        counts = dict(
            self.env["artisan.customer.standing"]._read_group(
                [("policy_id", "in", self.ids)], ["policy_id"], ["__count"]
            )
        )
        for policy in self:
            policy.standing_count = counts.get(policy, 0)

    @api.constrains(
        "grade_ids",
        "full_turnover",
        "points_per_day",
        "points_per_dispute",
        "late_after_days",
        "clean_days",
    )
    def _check_policy(self):
        for policy in self:
            try:
                policy._to_policy(by_name=True)
            except PricingError as error:
                raise ValidationError(
                    self.env._(
                        "No terms can be earned by %(name)s: %(error)s",
                        name=policy.name,
                        error=say_refusal(self.env, error),
                    )
                ) from error

    def _with_checks(self):
        """Grades are checked together with the policy, not one after another. No context:
        whoever writes grades gives one."""
        return at_hand(self.env, "artisan_policy_is_checked", True)

    @api.model_create_multi
    def create(self, vals_list):
        with self._with_checks():
            return super().create(vals_list)

    def write(self, vals):
        with self._with_checks():
            return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_judged(self):
        for policy in self:
            if policy.standing_count:
                raise UserError(
                    self.env._(
                        "Customers were judged by %(name)s: archive it instead.",
                        name=policy.name,
                    )
                )

    @api.model
    @kept()
    def _get_policies_in_use(self):
        """Which policy is for whom; orders of companies without one cost nothing.

        :return: dict {id of a company: {id of a maker, False for all others: id}}
        """
        found = {}
        for policy in self.sudo().search([("active", "=", True)]):
            makers = found.setdefault(policy.company_id.id, {})
            makers[policy.maker_id.id] = policy.id
        return found

    def _get_grades(self):
        """What orders ask of the grades of a policy, the lowest first.

        :return: dict {id of a grade: :class:`.artisan_terms_grade.KeptGrade`}
        """
        self.ensure_one()
        return self._find_grades(self.id)

    @api.model
    @kept("policy_id")
    def _find_grades(self, policy_id):
        graded = self.sudo().browse(policy_id).grade_ids.sorted()
        return {grade.id: grade._to_kept() for grade in graded}

    @api.model
    def _is_used_by(self, companies):
        """Whether terms can be earned with any of these companies."""
        in_use = self._get_policies_in_use()
        return bool(in_use) and not in_use.keys().isdisjoint(companies.ids)

    def _to_policy(self, by_name=False):
        """The engine's policy.

        :param by_name: grades go by their names, for messages; else by their ids
        :raise PricingError: a policy by which nothing can be judged
        """
        self.ensure_one()
        return grades.Policy(
            tuple(grade._to_grade(by_name) for grade in self.grade_ids),
            full_turnover=to_decimal(self.full_turnover),
            points_per_day=to_decimal(self.points_per_day),
            points_per_dispute=to_decimal(self.points_per_dispute),
            late_after_days=self.late_after_days,
            clean_days=self.clean_days,
        )

    def _get_disputes(self, move_ids):
        """Which invoices were disputed without cause; hook for whoever knows of disputes.

        :param move_ids: ids of posted customer invoices
        :return: dict {id: date on which it was found}
        """
        return {}

    # Judging

    @api.model
    def _cron_judge(self):
        """Every night: judge all customers that have bought, each once a day.

        A batch is kept as a whole: whoever is stopped in between goes on with the next.
        """
        cron = self.env["ir.cron"]
        todo = {policy: policy._get_due_customers() for policy in self.search([])}
        cron._commit_progress(remaining=sum(map(len, todo.values())))
        for policy, customers in todo.items():
            for batch in split_every(BATCH, customers.ids, customers.browse):
                policy.with_company(policy.company_id)._judge_at_night(batch)
                if not cron._commit_progress(len(batch)):
                    return

    def _get_due_customers(self):
        """Customers whose day of judgement this is: they bought, and were not judged yet."""
        self.ensure_one()
        try:
            self._to_policy()
        except PricingError:
            _logger.exception("nobody can be judged by the policy %s", self.id)
            return self.env["res.partner"]
        today = get_today(self)
        judged = dict(
            self.env["artisan.customer.standing"]._read_group(
                [("policy_id", "=", self.id)], ["partner_id"], ["judged_on:max"]
            )
        )
        bought = TermsHistory(self, today).get_customers()
        due = [
            partner.id
            for partner in bought | self.env["res.partner"].union(*judged)
            if not judged.get(partner) or judged[partner] != today
        ]
        return bought.browse(sorted(due))

    def _judge_at_night(self, customers):
        try:
            self._judge_safely(customers)
        except OperationalError:
            # A person judges at the same time: whom that leaves is judged after it.
            self.env.cr.rollback()
            self._judge_safely(customers & self._get_due_customers())

    def _judge_safely(self, customers):
        """Judge customers; if one cannot be judged, the others are all the same.

        :raise OperationalError: somebody judges at the same time
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._judge(customers)
        except OperationalError:
            raise  # all of it is tried again
        except Exception:
            if len(customers) == 1:
                _logger.exception(
                    "customer %s cannot be judged by the policy %s",
                    customers.id,
                    self.id,
                )
                return
            for customer in customers:
                self._judge_safely(customer)

    def _judge(self, customers):
        """Judge customers today and keep what it says.

        :param customers: commercial partners
        :raise PricingError: a standing that does not fit the policy
        :raise OperationalError: somebody judges at the same time
        """
        self.ensure_one()
        # Whoever judges at the same time would not see these standings, and make others.
        self.env.cr.execute(
            "UPDATE artisan_terms_policy SET write_date = write_date WHERE id = %s",
            [self.id],
        )
        today = get_today(self)
        Standing = self.env["artisan.customer.standing"].sudo()
        known = Standing.search(
            [("policy_id", "=", self.id), ("partner_id", "in", customers.ids)]
        )
        known = {standing.partner_id.id: standing for standing in known}
        since = min((s.judged_on for s in known.values()), default=None)
        history = TermsHistory(self, today, since).get_invoices(customers)
        policy = self._to_policy()
        judgements = {}
        for customer in customers:
            standing = known.get(customer.id)
            judgements[customer] = grades.judge(
                policy,
                history[customer.id],
                today,
                standing and standing._to_standing(),
            )
        Standing._keep(self, judgements, known, history)

    def action_open_standings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_customer_standing_action"
        )
        return action | {"domain": [("policy_id", "=", self.id)]}

    def action_judge(self):
        """Judge all customers now that were not judged today."""
        self.check_access("write")
        for policy in self:
            policy._judge_safely(policy._get_due_customers())
        return self[:1].action_open_standings()
