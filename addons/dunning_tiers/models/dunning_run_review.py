from odoo import api, fields, models

from .. import const
from ..facts import Facts


class DunningRun(models.Model):
    """What a person sees of a run while reviewing it."""

    _inherit = "dunning.run"

    live_notice_ids = fields.One2many(
        "dunning.notice",
        "run_id",
        "Notices not cancelled",
        domain=[("state", "!=", "cancelled")],
    )
    notice_count = fields.Integer(compute="_compute_notice_count")
    attention_item_ids = fields.One2many(
        "dunning.item",
        "run_id",
        "Items that need attention",
        domain=[("verdict", "=", const.BLOCKED)],
    )
    waiting_item_ids = fields.One2many(
        "dunning.item",
        "run_id",
        "Items that wait",
        domain=[("verdict", "in", (const.WAIT, const.HELD, const.STOPPED))],
    )
    last_bank_date = fields.Date(
        "Last bank statement line", compute="_compute_bank_data"
    )
    bank_data = fields.Selection(
        [
            ("fresh", "Up to date"),
            ("stale", "Out of date"),
            ("none", "No statements"),
            ("unchecked", "Not checked"),
        ],
        compute="_compute_bank_data",
    )

    rule_without_rate_ids = fields.Many2many(
        "dunning.interest.rule",
        string="Interest rules without a current rate",
        compute="_compute_rule_without_rate_ids",
    )

    @api.depends("company_id", "policy_id")
    def _compute_rule_without_rate_ids(self):
        for run in self:
            run.company_id._check_dunning_access()
            rules = run._get_policies()._get_interest_rules()
            run.rule_without_rate_ids = rules.filtered("missing_half_year")

    @api.depends("notice_ids")
    def _compute_notice_count(self):
        counts = dict(
            self.env["dunning.notice"]._read_group(
                [("run_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["run_id"],
                ["__count"],
            )
        )
        for run in self:
            run.notice_count = counts.get(run, 0)

    @api.depends("company_id", "date", "policy_id", "stale_reason")
    def _compute_bank_data(self):
        for run in self:
            run.company_id._check_dunning_access()
            facts = Facts(self.env, run.company_id, run.date)
            run.last_bank_date = facts.last_bank_date
            run.bank_data = run._get_bank_data(facts.bank_age)

    def _get_policies(self):
        """The run's policy, or all of its company."""
        return self.policy_id or self.env["dunning.policy"].search(
            [("company_id", "=", self.company_id.id)]
        )

    def _get_bank_data(self, age):
        """Whether the bank statements are recent enough for the run's policies."""
        days = self._get_policies().mapped("bank_max_age_days")
        limits = list(filter(None, days))
        if not limits:
            return "unchecked"
        if age is None:
            return "none"
        return "stale" if age > min(limits) else "fresh"

    def action_refresh(self):
        """Show how far the background job is: the form loads anew after each button."""
        return True

    def action_open_problems(self):
        """Notices that did not arrive, or of which nobody knows."""
        self.ensure_one()
        action = self.action_open_notices()
        problems = [("state", "in", ("failed", "uncertain"))]
        return {**action, "domain": [*action["domain"], *problems]}
