from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import const
from ..debts import read_debts
from ..engine import ladder
from ..facts import Facts

#: What a person may change on a notice; everything else follows from what was done.
EDITABLE_FIELDS = {"contact_id", "user_id", "was_wrong", "attachment_ids"}


class DunningNotice(models.Model):
    """One message to one customer: what is due in one currency, in the words of a level.

    An escalation is a notice without a message: its customer is handed to a person.
    """

    _name = "dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    run_id = fields.Many2one(
        "dunning.run", required=True, ondelete="restrict", index=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    date = fields.Date(required=True, readonly=True)
    policy_id = fields.Many2one(
        "dunning.policy", required=True, readonly=True, index=True
    )
    level_id = fields.Many2one(
        "dunning.level", required=True, readonly=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(related="level_id.kind", store=True)
    tone = fields.Selection(related="level_id.tone")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, readonly=True
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Recipient",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who gets it: the customer's invoice address with an e-mail.",
        index="btree_not_null",
    )
    email = fields.Char(related="contact_id.email")
    lang = fields.Char("Language", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Answers replies", required=True, tracking=True, index=True
    )
    item_ids = fields.One2many(
        "dunning.item",
        "notice_id",
        domain=[("state", "!=", "dropped")],
    )
    dropped_item_ids = fields.One2many(
        "dunning.item", "notice_id", "Left out", domain=[("state", "=", "dropped")]
    )
    credit_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_notice_credit_rel",
        string="Credits",
        readonly=True,
    )
    amount_items = fields.Monetary("Due", readonly=True)
    amount_credits = fields.Monetary("Credits deducted", readonly=True)
    amount_fee = fields.Monetary("Fee", readonly=True)
    amount_interest = fields.Monetary("Interest", readonly=True)
    amount_compensation = fields.Monetary("Compensation", readonly=True)
    amount_total = fields.Monetary(
        "Total", compute="_compute_amount_total", store=True, precompute=True
    )
    state = fields.Selection(
        [
            ("review", "To review"),
            ("approved", "Approved"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("failed", "Did not arrive"),
            ("uncertain", "May have left"),
            ("skipped", "Not sent"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="review",
        tracking=True,
        readonly=True,
        index=True,
    )
    reason = fields.Selection(const.REASON_SELECTION, "Main reason", readonly=True)
    reasons = fields.Json(readonly=True, export_string_translation=False)
    reason_text = fields.Char("Why not", compute="_compute_reason_text")
    error_text = fields.Char("Last error", readonly=True)
    spot_check = fields.Boolean(
        readonly=True,
        help="Drawn for a person to look at, although sending is automatic.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True)
    send_after = fields.Datetime(
        readonly=True, help="Not before this time, for the customer's business hours."
    )
    sent_at = fields.Datetime(readonly=True, index="btree_not_null")
    checked_at = fields.Datetime(
        readonly=True,
        help="When the gate last looked at payments, credits, holds and addresses.",
    )
    bank_date = fields.Date(
        readonly=True,
        help="Up to which day bank statements were known to the gate.",
    )
    failed_email = fields.Char(readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null"
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", "dunning_notice_attachment_rel", bypass_search_access=True
    )
    attachments_ready = fields.Boolean(readonly=True)
    escalation_closed = fields.Boolean(
        readonly=True,
        tracking=True,
        help="A person is done with it: letters to this customer may go on.",
    )
    was_wrong = fields.Boolean(
        "Should not have been sent",
        tracking=True,
        help="Mark notices that turned out wrong: they count in the wrong-reminder rate.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE(company_id, name)", "There is a notice with this number already."
    )
    _queue_idx = models.Index("(state, send_after) WHERE state = 'approved'")
    _customer_idx = models.Index("(company_id, partner_id, currency_id, state)")

    @api.depends(
        "amount_items",
        "amount_credits",
        "amount_fee",
        "amount_interest",
        "amount_compensation",
    )
    def _compute_amount_total(self):
        for notice in self:
            notice.amount_total = (
                notice.amount_items
                - notice.amount_credits
                + notice.amount_fee
                + notice.amount_interest
                + notice.amount_compensation
            )

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        gate = self.env["dunning.gate"]
        for notice in self:
            notice.reason_text = gate._describe(notice.reasons)

    def write(self, vals):
        """Override: a notice is evidence, so its facts are written by its steps only."""
        own = {name for name in vals if name in self._get_fact_fields()}
        if own and not self.env.su:
            raise AccessError(
                self.env._(
                    "A notice cannot be changed by hand: %s", ", ".join(sorted(own))
                )
            )
        return super().write(vals)

    @api.model
    def _get_fact_fields(self):
        """Fields of the addon itself that only its steps write."""
        return {
            name
            for name, field in self._fields.items()
            if field._module == "dunning_tiers" and name not in EDITABLE_FIELDS
        }

    def _act(self):
        """The notices with the rights of their steps, for users who may take them."""
        self.check_access("write")
        return self.sudo()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(notice.state in const.DELIVERED_STATES for notice in self):
            raise UserError(
                self.env._("Notices that were sent are kept: they are evidence.")
            )

    # === ACTIONS === #

    def action_approve(self):
        """Release notices for sending; the gate looks again when they go."""
        waiting = self._act().filtered(lambda notice: notice.state == "review")
        waiting.write({"state": "approved", "approved_by_id": self.env.uid})

    def action_cancel(self):
        """Do not send; the invoices may be proposed again tomorrow."""
        waiting = self._act().filtered(lambda notice: notice.state in const.OPEN_STATES)
        waiting.item_ids._drop()
        waiting.write({"state": "cancelled"})
        waiting.run_id._update_state()

    def action_back_to_review(self):
        self._act().filtered(lambda n: n.state == "approved").write({"state": "review"})

    def action_check_again(self):
        """Look at the ledger again: what was paid or held meanwhile is left out."""
        self._act()._refresh()

    def action_send_now(self):
        """Approve and send in the background, within the customer's business hours."""
        self.action_approve()
        self._act().run_id._send()

    def action_close_escalation(self):
        """Letters may go to these customers again; what was to be done for it is done."""
        escalations = self._act().filtered(lambda n: n.kind == "escalation")
        escalations.write({"escalation_closed": True})
        escalations.activity_ids.action_done()

    def action_mark_arrived(self):
        """A person found out that an uncertain notice did leave."""
        uncertain = self._act().filtered(lambda notice: notice.state == "uncertain")
        uncertain._count_as_sent()
        uncertain._follow_up_sent()

    def action_send_again(self):
        """Try once more what failed or may not have left."""
        again = self._act().filtered(
            lambda notice: notice.state in ("failed", "uncertain")
        )
        again._forget_dispatch()
        failed = again.item_ids.filtered(lambda item: item.state == "failed")
        failed._reopen()
        again.write(
            {
                "state": "approved",
                "failed_email": False,
                "error_text": False,
                "mail_message_id": False,
            }
        )
        again.run_id._send()

    # === REVIEW === #

    def _auto_approve(self):
        """In automatic mode nobody looks, but at spot checks and where a level asks."""
        gate = self.env["dunning.gate"]
        for notice in self:
            policy = notice.policy_id
            if policy.mode != "automatic" or notice.level_id.needs_approval:
                continue
            # The same the next day, so that waiting does not pass the check by.
            due = min(notice.item_ids.mapped("date_maturity"))
            key = f"{notice.partner_id.id}:{notice.level_id.id}:{due}"
            if gate._in_share(policy.spot_check_percent, key):
                notice.spot_check = True
            else:
                notice.state = "approved"

    def _refresh(self):
        """Judge the notices' items again and leave out what must not be sent any more.

        :return: notices with something left to send
        """
        waiting = self.filtered(lambda notice: notice.state in const.OPEN_STATES)
        for notice in waiting:
            notice._refresh_one()
        return waiting.filtered(lambda notice: notice.state in const.OPEN_STATES)

    def _refresh_one(self):
        """Judge the notice as of today; its days, amounts and words follow."""
        self.ensure_one()
        self._update_contact()
        self._update_date()
        debts = self._judge_items()
        reasons = {}
        for item in self.item_ids:
            debt = debts.get(item.move_line_id.id)
            reasons[item] = self._get_item_reasons(item, debt)
            if debt:
                item._update_amounts(debt)
        refused = self.item_ids.filtered(lambda item: reasons[item])
        refused._drop(reasons)
        self.invalidate_recordset(["item_ids", "dropped_item_ids"])
        if self.item_ids:
            self._update_level()
            self._set_amounts()
            self._recall_approval()
        else:
            first = next(iter(reasons.values()), None) or [{"code": "paid"}]
            self._skip(first)

    def _update_date(self):
        """Days overdue, dates to pay by and gaps count from when a notice goes."""
        today = self.company_id._get_dunning_today()
        if self.date == today:
            return
        self.date = today
        for item in self.item_ids:
            days = ladder.days_overdue(item.date_maturity, today)
            item.write({"date": today, "days_overdue": days})

    def _update_level(self):
        """Speak in the words of what is left: the highest level may have gone."""
        top = self.item_ids._get_leading()
        if top.level_id == self.level_id:
            return
        self.write({"level_id": top.level_id.id, "policy_id": top.policy_id.id})
        if self.approved_by_id:
            # Somebody approved another text.
            self.write({"state": "review", "approved_by_id": False})

    def _recall_approval(self):
        """What nobody looked at waits when its policy went back to reviewing."""
        if (
            self.state == "approved"
            and not self.approved_by_id
            and self.policy_id.mode == "review"
        ):
            self.state = "review"

    def _update_contact(self):
        """Another recipient when the one there was cannot be written to any more."""
        if self.contact_id.active and self.contact_id.email_normalized:
            return
        facts = Facts(
            self.env, self.company_id, self.date, partner_ids=self.partner_id.ids
        )
        contact = facts.contacts.get(self.partner_id.id)
        if contact:
            self.contact_id = contact[0]

    def _get_item_reasons(self, item, debt):
        """Reasons against an item now; its level must still be the one that comes next."""
        if debt is None:
            return [{"code": "paid"}]
        if debt.reasons:
            return debt.reasons
        if debt.level is None or debt.level.key != item.level_id.id:
            return [{"code": "not_due"}]
        return None

    def _judge_items(self):
        """The notice's debts as the ledger is now, by move line.

        All that the customer owes is judged with them: credits, disputes and the minimum
        concern the whole, as they did in the proposal.
        """
        self.ensure_one()
        company = self.company_id
        debts = read_debts(
            self.env,
            company,
            self.date,
            line_ids=self.item_ids.move_line_id.ids,
            partner_id=self.partner_id.commercial_partner_id.id,
        )
        facts = self.env["dunning.gate"]._judge(
            company,
            self.date,
            debts,
            own_notice=self,
            ignore_stale=bool(self.run_id.stale_reason),
        )
        self.checked_at = fields.Datetime.now()
        self.bank_date = facts.last_bank_date
        return {debt.line_id: debt for debt in debts}

    def _skip(self, reasons):
        """Nothing is left to send."""
        self.write(
            {
                "state": "skipped",
                "reason": reasons[0]["code"],
                "reasons": reasons,
            }
        )
        self.run_id._update_state()

    def _set_amounts(self):
        for notice in self:
            due = sum(notice.item_ids.mapped("amount_asked"))
            notice.amount_items = notice.currency_id.round(due)
        self._set_credits()
        self._set_charges()

    def _set_credits(self):
        """Show and deduct what the customer has open, in the notice's currency."""
        for (run, currency), notices in self.grouped(
            lambda notice: (notice.run_id, notice.currency_id)
        ).items():
            facts = Facts(
                self.env,
                run.company_id,
                run.date,
                partner_ids=notices.partner_id.ids,
            )
            for notice in notices:
                credits = [
                    credit
                    for credit in facts.credits.get(notice.partner_id.id, ())
                    if credit[1] == currency.id and credit[5]
                ]
                if credits or notice.credit_line_ids:
                    notice.credit_line_ids = [
                        fields.Command.set([credit[0] for credit in credits])
                    ]
                    notice.amount_credits = sum(credit[2] for credit in credits)
