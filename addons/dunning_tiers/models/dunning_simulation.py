from datetime import timedelta
from decimal import Decimal
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine import send_window, simulation, simulation_figures
from ..engine.simulation_data import Policy
from ..replay_history import read_history

#: Field of a simulation for each figure of a policy; the other policy has ``compare_``.
FIGURES = (
    "reminder_count",
    "wrong_count",
    "wrong_share",
    "amount_asked",
    "amount_wrong",
    "escalation_count",
    "customer_count",
    "over_count",
    "first_date",
    "last_date",
)


def _count(label, **kwargs):
    return fields.Integer(label, readonly=True, copy=False, **kwargs)


def _money(label, **kwargs):
    return fields.Monetary(label, readonly=True, copy=False, **kwargs)


class DunningSimulation(models.Model):
    """What a policy would have sent in past months, and how much of it wrongly.

    The ledger is read, nothing is sent, and only the simulation's own rows are written.
    """

    _name = "dunning.simulation"
    _description = "Dunning Simulation"
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, default=lambda self: self.env._("Replay of past months")
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self._get_default_start(),
        help="The replay begins here as if nobody had been reminded before, so old debts "
        "get their first level in the first days.",
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: self._get_default_start(months=0) - timedelta(days=1),
        help="Payments for the last weeks may still be unknown, which makes too few "
        "notices look wrong.",
    )
    policy_id = fields.Many2one(
        "dunning.policy",
        required=True,
        ondelete="cascade",
        check_company=True,
        default=lambda self: self.env.company.dunning_policy_id,
        help="Applied to all customers, also to those with a policy of their own.",
    )
    compare_policy_id = fields.Many2one(
        "dunning.policy",
        "Compare with",
        ondelete="cascade",
        check_company=True,
        help="Replayed on the same ledger, to set the figures side by side.",
    )
    run_weekday = fields.Selection(
        [
            ("all", "Every day on which notices go out"),
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
        ],
        "Runs on",
        required=True,
        default="all",
        help="Weekends and public holidays of the company's country are left out as each "
        "policy says.",
    )
    known_by = fields.Selection(
        [
            ("recorded", "On the day it was recorded"),
            ("delay", "A fixed number of days after its date"),
        ],
        "A payment is known",
        required=True,
        default="recorded",
        help="A ledger that was imported does not tell when payments were recorded: use "
        "a fixed number of days there. It also shows what faster bank data would change.",
    )
    bank_delay_days = fields.Integer(
        "Days until known",
        default=2,
        help="Days from the date of a payment until it is matched. Credit notes are known "
        "on their date, and invoices on theirs.",
    )
    max_reminders = fields.Integer(
        "Reminders a customer may get",
        default=3,
        help="Customers with more than this in the period are counted.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    late_share = fields.Float(
        "Recorded late",
        readonly=True,
        copy=False,
        help="Percent of the payments that were matched more than 30 days after their "
        "date.",
    )
    has_late_records = fields.Boolean(compute="_compute_has_late_records")
    line_ids = fields.One2many(
        "dunning.simulation.line",
        "simulation_id",
        "Levels",
        domain=[("month", "=", False)],
        readonly=True,
        copy=False,
    )
    month_line_ids = fields.One2many(
        "dunning.simulation.line",
        "simulation_id",
        "Months",
        domain=[("month", "!=", False)],
        readonly=True,
        copy=False,
    )
    reminder_count = _count("Reminders")
    compare_reminder_count = _count("Reminders (other policy)")
    wrong_count = _count(
        "Wrong reminders",
        help="Reminders for something that had been paid or credited by that day, at "
        "least in part, though the ledger showed it only later.",
    )
    compare_wrong_count = _count("Wrong reminders (other policy)")
    wrong_share = fields.Float("Wrong share", readonly=True, copy=False)
    compare_wrong_share = fields.Float(
        "Wrong share (other policy)", readonly=True, copy=False
    )
    amount_asked = _money(
        "Asked for", help="Sum over all reminders, in the company's currency."
    )
    compare_amount_asked = _money("Asked for (other policy)")
    amount_wrong = _money("Asked for wrongly")
    compare_amount_wrong = _money("Asked for wrongly (other policy)")
    escalation_count = _count("Handed to a person")
    compare_escalation_count = _count("Handed to a person (other policy)")
    customer_count = _count("Customers reminded")
    compare_customer_count = _count("Customers reminded (other policy)")
    over_count = _count("Customers with too many")
    compare_over_count = _count("Customers with too many (other policy)")
    first_date = fields.Date("First notice", readonly=True, copy=False)
    compare_first_date = fields.Date(
        "First notice (other policy)", readonly=True, copy=False
    )
    last_date = fields.Date("Last notice", readonly=True, copy=False)
    compare_last_date = fields.Date(
        "Last notice (other policy)", readonly=True, copy=False
    )

    _period = models.Constraint(
        "CHECK(date_from <= date_to)", "The period ends before it begins."
    )
    _numbers_positive = models.Constraint(
        "CHECK(bank_delay_days >= 0 AND max_reminders >= 0)",
        "Numbers of days and reminders cannot be negative.",
    )

    @api.model
    def _get_default_start(self, months=6):
        """First day of the month so many months ago."""
        today = self.env.company._get_dunning_today()
        return fields.Date.subtract(today.replace(day=1), months=months)

    @api.depends("late_share", "known_by")
    def _compute_has_late_records(self):
        for replay in self:
            replay.has_late_records = (
                replay.known_by == "recorded" and replay.late_share > 50
            )

    # === ACTIONS === #

    def action_run(self):
        """Replay the policies and keep the figures; those of an earlier replay go."""
        self.env["account.move.line"].check_access("read")
        for replay in self:
            if replay.date_to > replay.company_id._get_dunning_today():
                raise UserError(
                    self.env._(
                        "A replay looks back: end it today at the latest, as nobody "
                        "knows yet what will be paid."
                    )
                )
            replay._run()
        return True

    def action_draft(self):
        """Let the questions be changed; the figures no longer answer them."""
        lines = self.line_ids | self.month_line_ids
        lines.unlink()
        self.write({"state": "draft", **self._prepare_empty_figures()})

    def action_open_months(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_simulation_line_action"
        )
        domain = [("simulation_id", "=", self.id), ("month", "!=", False)]
        return {**action, "domain": domain}

    # === REPLAY === #

    def _run(self):
        self.ensure_one()
        policies = self.policy_id | self.compare_policy_id
        history = self._read_history(policies)
        vals = {"state": "done", **self._prepare_empty_figures()}
        vals["late_share"] = history.late_share
        lines = []
        for policy in policies:
            notices = self._replay(policy, history)
            prefix = "" if policy == self.policy_id else "compare_"
            summary = self._prepare_figures(notices)
            vals.update({prefix + name: summary[name] for name in FIGURES})
            lines += self._prepare_lines(policy, notices)
        (self.line_ids | self.month_line_ids).unlink()
        self.write({**vals, "line_ids": [Command.create(line) for line in lines]})
        self.invalidate_recordset(["line_ids", "month_line_ids"])

    def _get_bank_delay(self):
        return self.bank_delay_days if self.known_by == "delay" else None

    def _read_history(self, policies):
        horizon = max([0, *(-level.days for level in policies.level_ids)])
        return read_history(
            self.env,
            self.company_id,
            self.date_from,
            self.date_to,
            horizon,
            self._get_bank_delay(),
        )

    def _replay(self, policy, history):
        """The notices of a policy: list of :class:`simulation_data.Notice`."""
        gate = self.env["dunning.gate"]
        held_out = {
            customer
            for customer in {debt.customer for debt in history.debts}
            if gate._in_share(policy.holdout_percent, f"{policy.id}:{customer}")
        }
        return simulation.replay(
            [debt for debt in history.debts if debt.customer not in held_out],
            self._prepare_policy(policy),
            self._get_run_days(policy),
            history.credits,
            self._get_bank_delay(),
        )

    @api.model
    def _prepare_policy(self, policy):
        """The policy as the engine wants it."""
        return Policy(
            levels=policy.level_ids._as_ladder(),
            customer_gap_days=policy.customer_gap_days,
            minimum=Decimal(str(policy.minimum_amount)),
            minimums={
                minimum.currency_id.id: Decimal(str(minimum.amount))
                for minimum in policy.minimum_ids
            },
            highest_only=policy.grouping == "highest",
            waits_for_matching=policy.unmatched_credit == "block",
        )

    def _get_run_days(self, policy):
        """Days of the period on which notices of the policy go out."""
        weekdays = range(7) if self.run_weekday == "all" else [int(self.run_weekday)]
        address = self.company_id.partner_id
        is_working_day = partial(
            send_window.is_business_day,
            country=address.country_id.code,
            state=address.state_id.code,
            send_weekends=policy.send_weekends,
            respect_holidays=policy.respect_holidays,
        )
        return simulation.run_days(
            self.date_from, self.date_to, weekdays, is_working_day
        )

    @api.model
    def _prepare_empty_figures(self):
        return {
            prefix + name: False for prefix in ("", "compare_") for name in FIGURES
        } | {"late_share": 0.0}

    def _prepare_figures(self, notices):
        summary = simulation_figures.summarise(notices, self.max_reminders)
        reminders = summary.reminders
        return {
            "reminder_count": reminders.notices,
            "wrong_count": reminders.wrong,
            "wrong_share": float(reminders.wrong_share or 0),
            "amount_asked": float(reminders.balance),
            "amount_wrong": float(reminders.wrong_balance),
            "escalation_count": summary.escalations.notices,
            "customer_count": summary.customers,
            "over_count": summary.customers_over,
            "first_date": summary.first,
            "last_date": summary.last,
        }

    @api.model
    def _prepare_lines(self, policy, notices):
        """Values of the rows of a policy: one a level, then one a level and month."""
        per_level = simulation_figures.figures_by(notices, simulation_figures.level_key)
        # A level that sent nothing is a result too.
        none = simulation_figures.figures(())
        lines = [
            self._prepare_line(level, per_level.get((level.days, level.id), none))
            for level in policy.level_ids.sorted("days")
        ]
        levels = {level.id: level for level in policy.level_ids}
        per_month = simulation_figures.figures_by(
            notices,
            lambda notice: (
                simulation_figures.month_key(notice),
                *simulation_figures.level_key(notice),
            ),
        )
        return lines + [
            self._prepare_line(levels[level_id], found, month=month)
            for (month, _days, level_id), found in per_month.items()
        ]

    @api.model
    def _prepare_line(self, level, found, month=False):
        return {
            "policy_id": level.policy_id.id,
            "level_id": level.id,
            "level_name": level.name,
            "days": level.days,
            "kind": level.kind,
            "month": month,
            "notice_count": found.notices,
            "item_count": found.items,
            "wrong_count": found.wrong,
            "wrong_share": float(found.wrong_share or 0),
            "amount_asked": float(found.balance),
            "amount_wrong": float(found.wrong_balance),
        }
