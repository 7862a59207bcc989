import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import bulk, const
from ..debts import read_debts

_logger = logging.getLogger(__name__)

REVIEW_ACTIVITY = "dunning_tiers.mail_activity_type_review"
#: So long a person's approval waits for somebody to press Send.
KEEP_APPROVED_DAYS = 3
#: What a run is about: fixed once it was proposed.
SCOPE_FIELDS = {"company_id", "date", "policy_id"}


class DunningRun(models.Model):
    """One look at a company's open debts: propose, review, send.

    Each step can be repeated. Proposing again replaces what nobody approved yet; sending
    again goes on with what is approved and was not sent.
    """

    _name = "dunning.run"
    _description = "Dunning Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._get_dunning_today(),
        help="Day that decides how long invoices are overdue.",
    )
    policy_id = fields.Many2one(
        "dunning.policy",
        check_company=True,
        help="Look only at invoices of this policy. Empty: at all.",
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, required=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("review", "To review"),
            ("sending", "Sending"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    stale_reason = fields.Char(
        "Send in spite of old bank data because",
        tracking=True,
        copy=False,
        help="Notices are not sent while bank statements are out of date. A reason here "
        "lets this run pass; it stays on record.",
    )
    item_ids = fields.One2many("dunning.item", "run_id")
    notice_ids = fields.One2many("dunning.notice", "run_id")
    item_count = fields.Integer(compute="_compute_counts")
    send_count = fields.Integer("To send", compute="_compute_counts")
    attention_count = fields.Integer("Needs attention", compute="_compute_counts")
    review_count = fields.Integer("To review", compute="_compute_notice_counts")
    approved_count = fields.Integer("Approved", compute="_compute_notice_counts")
    sent_count = fields.Integer("Sent", compute="_compute_notice_counts")
    problem_count = fields.Integer("Problems", compute="_compute_notice_counts")

    @api.depends("item_ids.verdict")
    def _compute_counts(self):
        counts = defaultdict(dict)
        for run, verdict, count in self.env["dunning.item"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "verdict"], ["__count"]
        ):
            counts[run][verdict] = count
        for run in self:
            run.item_count = sum(counts[run].values())
            run.send_count = counts[run].get(const.SEND, 0)
            run.attention_count = counts[run].get(const.BLOCKED, 0)

    @api.depends("notice_ids.state")
    def _compute_notice_counts(self):
        counts = defaultdict(lambda: defaultdict(int))
        for run, state, count in self.env["dunning.notice"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            counts[run][state] = count
        for run in self:
            states = counts[run]
            run.review_count = states["review"]
            run.approved_count = states["approved"]
            run.sent_count = states["sent"]
            run.problem_count = states["failed"] + states["uncertain"]

    @api.constrains("date")
    def _check_date(self):
        """A notice of tomorrow would state days and interest that are not there yet."""
        for run in self:
            if run.date > run.company_id._get_dunning_today():
                raise ValidationError(
                    self.env._("A day to come can only be forecast: %s", run.date)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = vals.get("company_id") or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company)
                    .next_by_code("dunning.run")
                )
        runs = super().create(vals_list)
        runs._check_by_hand(runs.filtered(lambda run: run.state != "draft"), {"state"})
        runs.company_id._check_dunning_access()
        return runs

    def write(self, vals):
        """Override: a run is a record of what was done, so its steps write its state."""
        names = vals.keys()
        self._check_by_hand(self, {"name", "state"} & names)
        proposed = self.filtered(lambda run: run.state != "draft")
        self._check_by_hand(proposed, SCOPE_FIELDS & names)
        result = super().write(vals)
        if "company_id" in vals:
            # Record rules look at what was there before.
            self.company_id._check_dunning_access()
        return result

    def _check_by_hand(self, runs, names):
        """Refuse what only the steps of the runs write.

        :raises AccessError: a person writes one of the fields
        """
        if runs and names and not self.env.su:
            raise AccessError(
                self.env._(
                    "A run cannot be changed by hand: %s", ", ".join(sorted(names))
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """What was proposed and sent is the record of what was done."""
        used = self.sudo().filtered("notice_ids")[:1]
        if used:
            raise UserError(
                self.env._(
                    "Proposal %s has notices: cancel it instead of deleting it.",
                    used.name,
                )
            )

    def _act(self):
        """The runs with the rights of their steps, for users who may take them.

        Users see items and notices but do not write them: what was proposed and sent is
        the record of what was done.
        """
        self.check_access("write")
        return self.sudo()

    # === ACTIONS === #

    def action_propose(self):
        """Look at the ledger and make notices of what may be sent."""
        runs = self._act()
        for run in runs:
            if run.state not in ("draft", "review"):
                raise UserError(self.env._("Run %s has been sent already.", run.name))
        runs._propose()
        runs._group()
        return True

    def action_approve_all(self):
        self.notice_ids.filtered(
            lambda notice: notice.state == "review"
        ).action_approve()

    def action_send(self):
        """Send what is approved, in the background."""
        if not self.notice_ids.filtered(lambda notice: notice.state == "approved"):
            raise UserError(self.env._("Approve notices first."))
        self._act()._send()

    def action_cancel(self):
        open_states = const.OPEN_STATES
        self.notice_ids.filtered(lambda n: n.state in open_states).action_cancel()
        self._act().write({"state": "cancelled"})

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_item_action"
        )
        return {**action, "domain": [("run_id", "=", self.id)]}

    def action_open_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_notice_action"
        )
        return {
            **action,
            "domain": [("run_id", "=", self.id)],
            "context": {"search_default_not_cancelled": 1},
        }

    # === PROPOSE === #

    def _propose(self):
        """Write an item for each overdue debt: what may be sent, and why not the others.

        What a person has approved or what was sent stays; the rest of an earlier proposal
        of the run, and unreviewed proposals before it, are replaced.
        """
        for run in self:
            run._clear_proposal()
            self.env["dunning.hold"].sudo()._update_ended(run.date, run.company_id)
            debts = run._judge_debts()
            bulk.insert(self.env["dunning.item"], list(map(run._prepare_item, debts)))
            run.sudo().state = "review"

    def _clear_proposal(self):
        """Make room: this run's own unapproved notices, and what earlier ones left.

        What waits for review is proposed anew from the ledger as it is now. Approved
        notices of a run that nobody sends are kept for a few days, then proposed anew.
        """
        self.ensure_one()
        earlier = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("review", "sending")),
                ("policy_id", "=", self.policy_id.id),
            ]
        )
        runs = earlier | self
        stale = runs.notice_ids.filtered(lambda notice: self._is_superseded(notice))
        stale.item_ids._drop()
        stale.write({"state": "cancelled"})
        self.item_ids.filtered(lambda item: item.state == "noted").unlink()
        runs.activity_unlink([REVIEW_ACTIVITY])
        (runs - self)._update_state()
        left = (runs - self).filtered(
            lambda run: (
                run.state == "review"
                and not run.notice_ids.filtered(lambda n: n.state == "approved")
            )
        )
        left.write({"state": "cancelled"})

    def _is_superseded(self, notice):
        if notice.state == "review":
            return True
        unsent = notice.state == "approved" and notice.run_id.state == "review"
        limit = fields.Date.subtract(self.date, days=KEEP_APPROVED_DAYS)
        by_nobody = not notice.approved_by_id and notice.run_id != self
        return unsent and (by_nobody or notice.run_id.date < limit)

    def _judge_debts(self):
        """The run's debts with verdicts. Writes nothing."""
        self.ensure_one()
        company = self.company_id
        company._check_dunning_access()
        levels = (
            self.env["dunning.level"].sudo().search([("company_id", "=", company.id)])
        )
        horizon = max([0, *(-level.days for level in levels)])
        debts = read_debts(self.env, company, self.date, horizon)
        facts = self.env["dunning.gate"]._judge(
            company, self.date, debts, ignore_stale=bool(self.stale_reason)
        )
        self._leave_lower_levels(debts, facts)
        if self.policy_id:
            debts = [debt for debt in debts if debt.policy_id == self.policy_id.id]
        return [debt for debt in debts if self._is_shown(debt)]

    def _is_shown(self, debt):
        """Debts before their due date are shown only when a courtesy level is reached."""
        return debt.sendable or debt.due is None or debt.due < self.date

    @api.model
    def _leave_lower_levels(self, debts, facts):
        """Where a policy sends the highest level only, the others wait."""
        groups = self.env["dunning.gate"]._sendable_by(debts, lambda debt: debt.group)
        for same in groups.values():
            policy = self.env["dunning.gate"]._leading_policy(same, facts)
            if policy.grouping != "highest":
                continue
            top = max(debt.level.days for debt in same)
            for debt in same:
                if debt.level.days < top:
                    debt.stop("lower_level")

    def _prepare_item(self, debt):
        return {
            "run_id": self.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "move_line_id": debt.line_id,
            "cycle": debt.cycle,
            "amount_disputed": debt.disputed,
            **self.env["dunning.gate"]._prepare_judged(debt, self.date),
        }

    def _forecast(self, company, date, policy=None):
        """What a run on that day would do. Writes nothing.

        :param company: whose ledger
        :param date date: the day, also in the future
        :param policy: only this policy
        :return: :class:`debts.Debt` with verdicts, from the ledger as it is now
        :raises AccessError: the user does not work in the company
        """
        company._check_dunning_access()
        run = self.new(
            {"company_id": company.id, "date": date, "policy_id": policy and policy.id}
        )
        if date > company._get_dunning_today():
            # The statements of the days until then cannot be here yet.
            run.stale_reason = self.env._("Forecast")
        return run._judge_debts()

    # === SEND === #

    def _send(self):
        """Let the background job send what is approved."""
        self.sudo().write({"state": "sending"})
        self._update_state()
        self.env.ref("dunning_tiers.ir_cron_send_dunning_notice").sudo()._trigger()

    def _update_state(self):
        """A run is done when none of its notices waits for anybody."""
        waiting = [*const.OPEN_STATES, "sending"]
        for run in self.filtered(lambda run: run.state == "sending"):
            domain = [("run_id", "=", run.id), ("state", "in", waiting)]
            if not self.env["dunning.notice"].search_count(domain, limit=1):
                run.sudo().state = "done"

    @api.model
    def _cron_propose(self):
        """Every day: a proposal for each company that wants one."""
        companies = self.env["res.company"].search([("dunning_automatic", "=", True)])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._run_daily_isolated(company)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _run_daily_isolated(self, company):
        """The daily run of a company; its errors do not stop the companies after it."""
        try:
            self._run_daily(company)
            self.env.flush_all()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("dunning: company %s has no proposal", company.id)

    @api.model
    def _run_daily(self, company):
        """Propose for today, once a day, and send what needs nobody."""
        today = company._get_dunning_today()
        done = self.search_count(
            [
                ("company_id", "=", company.id),
                ("date", "=", today),
                ("policy_id", "=", False),
                ("state", "!=", "draft"),
            ],
            limit=1,
        )
        if done:
            return self.browse()
        run = self.create(
            {
                "company_id": company.id,
                "date": today,
                "user_id": company.dunning_policy_id.user_id.id or self.env.uid,
            }
        )
        run._propose()
        run._group()
        run._ask_for_review()
        if run.notice_ids.filtered(lambda notice: notice.state == "approved"):
            run._send()
        return run

    def _ask_for_review(self):
        """Tell the responsible person that notices wait: nobody looks for them.

        Once a run: what comes back while it is sent is seen with the rest.
        """
        for run in self:
            waiting = run.notice_ids.filtered(lambda notice: notice.state == "review")
            if waiting and not run.activity_search([REVIEW_ACTIVITY]):
                run.activity_schedule(
                    REVIEW_ACTIVITY,
                    date_deadline=run.company_id._get_dunning_today(),
                    note=run.env._("%s notices wait for review.", len(waiting)),
                    user_id=run.user_id.id,
                )

    @api.autovacuum
    def _gc_items(self):
        """Forget after three months what was not sent.

        The comparison group stays: its days to pay are measured over a year and more.
        """
        limit = fields.Datetime.subtract(fields.Datetime.now(), months=3)
        domain = [
            ("state", "=", "noted"),
            ("create_date", "<", limit),
            ("reason", "!=", "hold_out"),
        ]
        self.env["dunning.item"].search(domain, limit=10000).unlink()
