from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import ACCEPTABLE_CODES, ISSUE_CODES

#: The field that ties an issue to what it was found on.
TIES = {
    "marketplace.order": "order_id",
    "marketplace.settlement": "settlement_id",
    "marketplace.refund": "refund_id",
}


class MarketplaceIssue(models.Model):
    """A named finding on an order or a payout, or on a record that cannot be read."""

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
        [("blocking", "Blocks"), ("warning", "To be looked at")],
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
            if record := issue._get_record():
                record._message_log(
                    body=self.env._("Accepted: %(message)s", message=issue.message)
                )
        self._requeue_records()

    def _get_record(self):
        """Return what the issue was found on; empty for records that cannot be read."""
        self.ensure_one()
        return next(
            (self[field] for field in TIES.values() if self[field]), self.order_id
        )

    def _requeue_records(self):
        for field in TIES.values():
            self[field]._requeue()

    def action_read_again(self):
        """Read the corrected text of an unreadable record."""
        self.check_access("write")
        for issue in self.filtered(
            lambda i: i.code == "unreadable" and i.state == "open"
        ):
            issue.import_id._replay_record(issue)

    def action_recheck(self):
        self.check_access("write")
        self._requeue_records()

    def action_open_order(self):
        """Open what the issue was found on."""
        self.ensure_one()
        record = self._get_record()
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "view_mode": "form",
            "res_id": record.id,
        }

    @api.model
    def _sync(self, channel, records, findings):
        """Make the open issues of records equal to what the checks found.

        An issue that is found again stays with its date and owner; one that is gone is
        resolved; a new one is created. A finding that a person accepted is not raised again
        while its message is the same.

        :param records: `marketplace.order` or `marketplace.settlement` records of ``channel``
            that were checked
        :param findings: list of dicts with record, code, key, message, severity, suggestion
        """
        tie = TIES[records._name]
        causes = self.env["marketplace.issue.cause"]._get_or_create(
            channel, {(f["code"], f["key"]): f["suggestion"] for f in findings}
        )
        issues = self.search([(tie, "in", records.ids)])
        accepted = {
            (issue[tie].id, issue.code, issue.message)
            for issue in issues
            if issue.state == "accepted"
        }
        found = {
            (f["record"].id, causes[f["code"], f["key"]].id): f
            for f in findings
            if (f["record"].id, f["code"], f["message"]) not in accepted
        }
        still_open = {}
        open_issues = issues.filtered(lambda issue: issue.state == "open")
        for issue in open_issues:
            pair = issue[tie].id, issue.cause_id.id
            if pair in found:
                still_open[pair] = issue
                if issue.message != found[pair]["message"]:
                    issue.message = found[pair]["message"]
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
    def _raise(
        self, records, code, message, key="", severity="blocking", payload=False
    ):
        """Raise an issue for each record that has none of this cause open.

        :param records: of one of the models in :data:`TIES`
        :param payload: text kept with the issue
        :return: the issues that are open already
        """
        tie = TIES[records._name]
        finding = {"code": code, "message": message, "severity": severity}
        known = self.browse()
        for channel, group in records.grouped("channel_id").items():
            cause = self.env["marketplace.issue.cause"]._get_or_create(
                channel, {(code, key): self.env["product.product"]}
            )[code, key]
            found = cause._get_open_issues().filtered_domain([(tie, "in", group.ids)])
            self.create(
                [
                    {
                        **self._prepare_issue(
                            channel, cause, {**finding, "record": record}
                        ),
                        "payload": payload,
                    }
                    for record in group - found[tie]
                ]
            )
            known |= found
        return known

    @api.model
    def _kept_codes(self):
        """Codes that the checks do not find again by themselves: a person closes them."""
        return {"changed_after_invoice", "settlement_changed"}

    @api.model
    def _prepare_issue(self, channel, cause, finding):
        record = finding["record"]
        return {
            "channel_id": channel.id,
            TIES[record._name]: record.id,
            "cause_id": cause.id,
            "code": finding["code"],
            "severity": finding["severity"],
            "message": finding["message"],
            "amount_company": record._get_amount_company(),
        }
