import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import SETTLEMENT_STATES, SETTLEMENT_STATUSES

_logger = logging.getLogger(__name__)

#: States in which nothing is in the books yet.
OPEN_STATES = ("draft", "ready", "exception")


class MarketplaceSettlement(models.Model):
    """One payout of a channel, or one period of its account, as the channel stated it."""

    _name = "marketplace.settlement"
    _description = "Marketplace Settlement"
    _inherit = ["mail.thread", "marketplace.queue.mixin"]
    _mail_post_access = "read"
    _order = "deposited_date desc, period_end desc, id desc"
    _check_company_auto = True

    # Identity
    name = fields.Char(required=True, readonly=True)
    external_ref = fields.Char(
        string="Channel Reference",
        required=True,
        readonly=True,
        copy=False,
        help="The channel's id of the settlement or payout.",
    )
    channel_id = fields.Many2one(
        "marketplace.channel",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, index=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    import_ids = fields.Many2many("marketplace.import", readonly=True, copy=False)
    format = fields.Char(readonly=True)
    parts = fields.Char(readonly=True, help="Which parts have arrived: header, lines.")
    is_open_account = fields.Boolean(
        readonly=True,
        help="Not a payout: it keeps the lines that the channel has put into none yet.",
    )

    # State
    state = fields.Selection(
        SETTLEMENT_STATES,
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    state_message = fields.Char(readonly=True)
    approval = fields.Selection(
        [("none", "Not needed"), ("needed", "To approve"), ("approved", "Approved")],
        default="none",
        required=True,
        readonly=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_waiting = fields.Boolean(
        compute="_compute_is_waiting",
        store=True,
        help="The channel has not finished with it: still open, or its head or its lines "
        "have not arrived.",
    )

    # What the channel said
    channel_status = fields.Char(string="Status as Stated", readonly=True)
    status = fields.Selection(
        SETTLEMENT_STATUSES,
        string="Channel Status",
        default="unknown",
        required=True,
        readonly=True,
    )
    period_start = fields.Datetime(readonly=True)
    period_end = fields.Datetime(readonly=True)
    deposited_date = fields.Datetime(
        readonly=True, index=True, help="When the money is or was due in the bank."
    )
    bank_ref = fields.Char(
        string="Bank Reference",
        readonly=True,
        help="What the bank statement names: a trace id, the payout's reference.",
    )
    account_tail = fields.Char(
        string="Bank Account", readonly=True, help="Last digits of the account paid."
    )
    rows = fields.Integer(
        readonly=True, help="Rows of the files that it was read from."
    )

    # Amounts, in the settlement's currency, seen from us
    currency_name = fields.Char(string="Currency as Stated", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_total = fields.Monetary(
        string="Payout as Stated", readonly=True, help="Negative: we pay the channel."
    )
    total_stated = fields.Boolean(
        readonly=True, help="Off: the files have no total to compare with."
    )
    opening_balance = fields.Monetary(
        readonly=True, help="What the channel's account held before."
    )
    closing_balance = fields.Monetary(
        readonly=True, help="What the channel's account holds after."
    )
    opening_stated = fields.Boolean(readonly=True)
    closing_stated = fields.Boolean(readonly=True)
    amount_payout = fields.Monetary(
        string="Payout",
        compute="_compute_amounts",
        store=True,
        help="The stated total; without one, the transfers among the lines.",
    )
    lines_amount = fields.Monetary(
        string="Sum of the Lines",
        compute="_compute_amounts",
        store=True,
        help="Transfers to the bank are no part of it.",
    )
    imbalance = fields.Monetary(
        compute="_compute_amounts",
        store=True,
        help="Payout and closing balance less opening balance and lines: zero when the "
        "lines explain the payout.",
    )

    # Links
    line_ids = fields.One2many(
        "marketplace.settlement.line", "settlement_id", readonly=True
    )
    issue_ids = fields.One2many("marketplace.issue", "settlement_id", readonly=True)
    move_ids = fields.One2many(
        "account.move", "marketplace_settlement_id", string="Entries", readonly=True
    )
    bank_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Transaction",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )

    # Overview
    line_count = fields.Integer(compute="_compute_counts")
    order_count = fields.Integer(compute="_compute_counts")
    entry_count = fields.Integer(compute="_compute_counts")
    open_issue_count = fields.Integer(compute="_compute_counts")
    suggestion_count = fields.Integer(
        compute="_compute_counts",
        help="Unknown fees for which an account is suggested.",
    )

    _external_ref_uniq = models.Constraint(
        "UNIQUE(channel_id, external_ref)",
        "This settlement of the channel was already imported.",
    )
    _todo_idx = models.Index("(channel_id, id) WHERE state IN ('draft', 'ready')")

    # === COMPUTE ===

    @api.depends("name", "channel_id.name")
    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = f"{settlement.channel_id.name} {settlement.name}"

    @api.depends("status", "parts", "is_open_account", "start_status")
    def _compute_is_waiting(self):
        for settlement in self:
            parts = set((settlement.parts or "").split(","))
            settlement.is_waiting = (
                settlement.is_open_account
                or settlement.status == "open"
                or settlement.start_status in ("unknown", "gap")
                or not {"header", "lines"} <= parts
            )

    @api.depends(
        "line_ids.amount",
        "line_ids.type",
        "parts",
        "amount_total",
        "total_stated",
        "opening_balance",
        "closing_balance",
        "currency_id",
        "is_period",
    )
    def _compute_amounts(self):
        groups = self.env["marketplace.settlement.line"]._read_group(
            [("settlement_id", "in", self.ids)],
            ["settlement_id", "type"],
            ["amount:sum"],
        )
        sums = {(settlement.id, kind): amount for settlement, kind, amount in groups}
        lines = dict.fromkeys(self.ids, 0.0)
        for (settlement_id, kind), amount in sums.items():
            if kind != "transfer":
                lines[settlement_id] += amount
        for settlement in self:
            transferred = sums.get((settlement.id, "transfer"))
            settlement.lines_amount = lines.get(settlement.id, 0.0)
            settlement.amount_payout = (
                settlement.amount_total
                if settlement.total_stated
                else -(transferred or 0.0)
            )
            settlement.imbalance = (
                settlement.amount_payout
                + settlement.closing_balance
                - settlement.opening_balance
                - settlement.lines_amount
                if settlement._is_comparable(transferred)
                else 0.0
            )

    def _is_comparable(self, transferred):
        """Tell whether there is a payout that lines can be compared with.

        :param transferred: sum of the transfers among the lines; None: there are none
        """
        self.ensure_one()
        return "lines" in (self.parts or "").split(",") and (
            self.total_stated or self.is_period or transferred is not None
        )

    @api.depends("line_ids.order_id", "move_ids", "issue_ids.state")
    def _compute_counts(self):
        lines = {
            settlement: (count, orders)
            for settlement, count, orders in self.env[
                "marketplace.settlement.line"
            ]._read_group(
                [("settlement_id", "in", self.ids)],
                ["settlement_id"],
                ["__count", "order_id:count_distinct"],
            )
        }
        for settlement in self:
            settlement.line_count, settlement.order_count = lines.get(
                settlement, (0, 0)
            )
            settlement.entry_count = len(settlement.move_ids)
            issues = settlement.issue_ids.filtered(lambda i: i.state == "open")
            settlement.open_issue_count = len(issues)
            settlement.suggestion_count = len(
                issues.filtered(
                    lambda i: (
                        i.code == "unknown_fee" and i.cause_id.suggested_account_id
                    )
                )
            )

    # === CRUD ===

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entries(self):
        if self.move_ids:
            raise UserError(self.env._("Settlements with an entry stay."))

    # === STATE ===

    def _update_state(self, allowed_states, target_state, message=False):
        """Move to the target state the settlements that may go there, and return them."""
        moved = self.filtered(lambda settlement: settlement.state in allowed_states)
        moved.write({"state": target_state, "state_message": message})
        wrong = (self - moved).filtered(lambda record: record.state != target_state)
        if wrong:
            _logger.info("Settlements %s cannot go to %s", wrong.ids, target_state)
        return moved
