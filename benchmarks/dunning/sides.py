"""The two sides: `dunning_tiers`, and OCA's `account_credit_control` (AGPL-3, only called)."""

from __future__ import annotations

from odoo import fields

STEPS = ("propose", "group")


class DunningTiers:
    """Ours: a run proposes items with their verdicts and groups them into notices."""

    name = "dunning_tiers"
    steps = STEPS

    def __init__(self, env):
        company = env.company
        # Not who runs it, as with a cron: the default policy is as it comes otherwise.
        company.dunning_policy_id.user_id = env.ref("base.user_admin")
        self.run = env["dunning.run"].create(
            {"company_id": company.id, "date": fields.Date.today()}
        )

    def before(self, step):
        pass

    def propose(self):
        self.run._propose()

    def group(self):
        self.run._group()

    def count(self, step):
        if step == "group":
            return len(self.run.notice_ids)
        return len(self.run.item_ids.filtered(lambda item: item.verdict == "send"))


class AccountCreditControl:
    """The rival: a run generates lines of its three-level policy, made ready for mail; then
    communications are created from them.
    """

    name = "account_credit_control 19.0.1.0.0.13"
    steps = STEPS

    def __init__(self, env):
        policy = env.ref("account_credit_control.credit_control_3_time")
        policy.account_ids = env["account.account"].search(
            [("account_type", "=", "asset_receivable")]
        )
        env.company.credit_policy_id = policy
        self.run = env["credit.control.run"].create(
            {"date": fields.Date.today(), "policy_ids": policy.ids}
        )

    def before(self, step):
        if step == "group":
            self.run.set_to_ready_lines()

    def propose(self):
        self.run.generate_credit_lines()

    def group(self):
        communication = self.run.env["credit.control.communication"]
        lines = self.run.line_ids.filtered(lambda line: line.channel == "email")
        communication._generate_comm_from_credit_lines(lines)

    def count(self, step):
        lines = self.run.line_ids
        return len(lines.communication_id if step == "group" else lines)
