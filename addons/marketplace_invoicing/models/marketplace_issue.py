from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import ACCEPTABLE_CODES, ISSUE_CODES


class MarketplaceIssue(models.Model):
    """A named finding on an order, or on a record of a file that cannot be read."""

    _name = "marketplace.issue"
    _description = "Marketplace Issue"
    _inherit = ["marketplace.fact.mixin"]
    _order = "state, id desc"
    _rec_name = "message"

    order_id = fields.Many2one(
        "marketplace.order", index=True, readonly=True, ondelete="cascade"
    )
    settlement_id = fields.Many2one(
        "marketplace.settlement",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    import_id = fields.Many2one(
        "marketplace.import", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    channel_id = fields.Many2one(
        "marketplace.channel",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, index=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    cause_id = fields.Many2one(
        "marketplace.issue.cause",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
    )
    code = fields.Selection(ISSUE_CODES, required=True, readonly=True, index=True)
    severity = fields.Selection(
        [("blocking", "Blocks the order"), ("warning", "To be looked at")],
        required=True,
        default="blocking",
        readonly=True,
    )
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved"), ("accepted", "Accepted")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    message = fields.Char(required=True, readonly=True)
    payload = fields.Text(
        help="The record as received. Correct it here and read it again.",
    )
    where = fields.Char(string="Place", help="Where in the file.")
    amount_company = fields.Monetary(
        string="Amount", currency_field="company_currency_id", help="Value that waits."
    )
    user_id = fields.Many2one(
        related="cause_id.user_id", string="Owner", readonly=False
    )
    can_accept = fields.Boolean(
        compute="_compute_can_accept",
        help="Whether the order can exist with this finding.",
    )
    resolved_date = fields.Datetime(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True)

    _order_code_open_uniq = models.UniqueIndex(
        "(order_id, cause_id) WHERE state = 'open' AND order_id IS NOT NULL"
    )
    _settlement_cause_open_uniq = models.UniqueIndex(
        "(settlement_id, cause_id) WHERE state = 'open' AND settlement_id IS NOT NULL"
    )

    @api.depends("code")
    def _compute_can_accept(self):
        for issue in self:
            issue.can_accept = issue.code in ACCEPTABLE_CODES

    def _close(self, state):
        """Close open issues as ``resolved`` (gone) or ``accepted`` (a person takes it)."""
        self.sudo().filtered(lambda issue: issue.state == "open").write(
            {
                "state": state,
                "resolved_date": fields.Datetime.now(),
                "resolved_by_id": self.env.uid,
            }
        )

    def action_accept(self):
        """Let the order go on with this finding on record.

        :raises UserError: the order cannot exist with such a finding (no product, no rate ...)
        """
        self.check_access("write")
        refused = self.filtered(lambda issue: not issue.can_accept)
        if refused:
            raise UserError(
                self.env._(
                    "This cannot be accepted, it must be solved: %(message)s",
                    message=refused[0].message,
                )
            )
        self._close("accepted")
        for issue in self:
            issue.order_id._message_log(
                body=self.env._("Accepted: %(message)s", message=issue.message)
            )
        self.order_id._requeue()

    def action_read_again(self):
        """Read the corrected text of an unreadable record."""
        self.check_access("write")
        for issue in self.filtered(
            lambda i: i.code == "unreadable" and i.state == "open"
        ):
            issue.import_id._replay_record(issue)

    def action_recheck(self):
        self.check_access("write")
        self.order_id._requeue()

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketplace.order",
            "view_mode": "form",
            "res_id": self.order_id.id,
        }

    @api.model
    def _sync(self, channel, orders, findings):
        """Make the open issues of orders equal to what the checks found.

        An issue that is found again stays with its date and owner; one that is gone is
        resolved; a new one is created. A finding that a person accepted is not raised again
        while its message is the same.

        :param orders: `marketplace.order` records of ``channel`` that were checked
        :param findings: list of dicts with order, code, key, message, severity, product
        """
        causes = self.env["marketplace.issue.cause"]._get_or_create(
            channel, {(f["code"], f["key"]): f["product"] for f in findings}
        )
        issues = self.search([("order_id", "in", orders.ids)])
        accepted = {
            (issue.order_id.id, issue.code, issue.message)
            for issue in issues
            if issue.state == "accepted"
        }
        found = {
            (f["order"].id, causes[f["code"], f["key"]].id): f
            for f in findings
            if (f["order"].id, f["code"], f["message"]) not in accepted
        }
        open_issues = issues.filtered(lambda issue: issue.state == "open")
        still_open = {}
        for issue in open_issues:
            finding = found.get((issue.order_id.id, issue.cause_id.id))
            if not finding:
                continue
            still_open[issue.order_id.id, issue.cause_id.id] = issue
            if issue.message != finding["message"]:
                issue.message = finding["message"]
        gone = open_issues - self.union(*still_open.values())
        gone.filtered(lambda issue: issue.code not in self._kept_codes())._close(
            "resolved"
        )
        return self.create(
            [
                self._prepare_issue(
                    channel, causes[finding["code"], finding["key"]], finding
                )
                for pair, finding in found.items()
                if pair not in still_open
            ]
        )

    @api.model
    def _kept_codes(self):
        """Codes that the checks do not find again by themselves: a person closes them."""
        return {"changed_after_invoice"}

    @api.model
    def _prepare_issue(self, channel, cause, finding):
        order = finding["order"]
        return {
            "channel_id": channel.id,
            "order_id": order.id,
            "cause_id": cause.id,
            "code": finding["code"],
            "severity": finding["severity"],
            "message": finding["message"],
            "amount_company": order._get_amount_company(),
        }
