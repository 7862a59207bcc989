import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..access import is_dunning_user

_logger = logging.getLogger(__name__)

#: Kinds that end by a person's decision, not by a date.
ENDLESS_KINDS = ("legal", "collection")


class DunningHold(models.Model):
    """A reason not to remind: of a whole customer, an invoice, or a part of one."""

    _name = "dunning.hold"
    _description = "Dunning Hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_end, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        help="Leave empty to hold everything of this customer.",
    )
    kind = fields.Selection(
        [
            ("dispute", "Dispute"),
            ("promise", "Promise to pay"),
            ("paid_claim", "Says it is paid"),
            ("legal", "Legal case or insolvency"),
            ("collection", "Handed to collection"),
            ("other", "Other"),
        ],
        required=True,
        default="dispute",
        tracking=True,
    )
    reason = fields.Text(required=True, tracking=True)
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        tracking=True,
        help="Disputed or promised amount. 0 means all of it. What is not disputed is "
        "still asked for.",
    )
    line_ids = fields.Many2many(
        "account.move.line",
        string="Disputed lines",
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
        help="Only these lines are disputed; the rest of the invoice is still asked for.",
    )
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date(
        "Until",
        tracking=True,
        help="Reminders go on after this day. For a promise: the day on which the "
        "customer wants to pay.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        tracking=True,
        default=lambda self: self.env.user,
        help="Gets an activity for the last day.",
    )
    origin = fields.Selection(
        [("user", "Accounting"), ("customer", "Customer page")],
        required=True,
        default="user",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        [
            ("active", "Active"),
            ("kept", "Kept"),
            ("broken", "Broken"),
            ("expired", "Expired"),
            ("released", "Released"),
        ],
        required=True,
        default="active",
        tracking=True,
        index=True,
        copy=False,
    )

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "An amount on hold cannot be negative."
    )
    _end_after_start = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_from)",
        "A hold cannot end before it starts.",
    )
    _customer_once = models.UniqueIndex(
        "(company_id, partner_id, COALESCE(move_id, 0), kind)"
        " WHERE state = 'active' AND origin = 'customer'",
        "The customer has said this before, and that hold is still active.",
    )
    _active_idx = models.Index("(company_id, partner_id) WHERE state = 'active'")

    @api.depends("kind", "move_id.name", "partner_id.name")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for hold in self:
            subject = hold.move_id.name or hold.partner_id.name or ""
            hold.name = f"{kinds.get(hold.kind, '')}: {subject}"

    @api.depends("move_id")
    def _compute_partner_id(self):
        for hold in self:
            partner = hold.move_id.commercial_partner_id or hold.partner_id
            hold.partner_id = partner.commercial_partner_id

    @api.depends("move_id", "company_id")
    def _compute_currency_id(self):
        for hold in self:
            hold.currency_id = hold.move_id.currency_id or hold.company_id.currency_id

    @api.onchange("kind", "move_id", "partner_id")
    def _onchange_kind(self):
        """Suggest how long reminders rest, as the customer's policy has it."""
        if self._origin:
            return
        days = self._get_usual_days()
        start = self.date_from or fields.Date.context_today(self)
        self.date_end = days and start + timedelta(days=days)

    def _get_usual_days(self):
        """How many days a hold of this kind lasts; False when a person ends it."""
        if self.kind in ENDLESS_KINDS:
            return False
        partner = self.partner_id.with_company(self.company_id)
        policy = (
            self.move_id.dunning_policy_id
            or partner.dunning_policy_id
            or self.company_id.dunning_policy_id
        )
        usual = {
            "dispute": policy.dispute_days,
            "paid_claim": policy.paid_claim_days,
            "promise": min(policy.promise_max_days, 7),
        }
        return usual.get(self.kind) or 14

    @api.constrains("kind", "date_end", "move_id", "line_ids", "amount")
    def _check_kind(self):
        for hold in self:
            if not hold.date_end and hold.kind not in ENDLESS_KINDS:
                raise ValidationError(self.env._("Say until when reminders rest."))
            if hold.line_ids and hold.line_ids.move_id != hold.move_id:
                raise ValidationError(
                    self.env._("The disputed lines are not of the invoice on hold.")
                )
            if hold.kind == "dispute" and hold.amount and not hold.move_id:
                raise ValidationError(
                    self.env._("Say which invoice the disputed amount belongs to.")
                )

    @api.constrains("partner_id")
    def _check_partner(self):
        for hold in self:
            if hold.partner_id != hold.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "A hold is for the customer, not for a contact: %s",
                        hold.partner_id.commercial_partner_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_id"):
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
        holds = super().create(vals_list)
        holds._check_collection_access()
        holds._check_by_hand(holds.mapped("state"), {"active"})
        holds._check_by_hand(holds.mapped("origin"), {"user"})
        holds._remind_owner()
        holds._hold_notices()
        return holds

    def write(self, vals):
        self._check_collection_access()
        self._check_legal_access()
        if "origin" in vals:
            self._check_by_hand([vals["origin"]], set())
        if "state" in vals:
            self._check_by_hand([vals["state"]], {"active", "released"})
        result = super().write(vals)
        self._check_collection_access()
        if {"date_end", "user_id", "state"} & vals.keys():
            self._remind_owner()
        if {"state", "move_id", "partner_id", "amount", "line_ids"} & vals.keys():
            self._hold_notices()
        return result

    def _check_collection_access(self):
        """Only a dunning manager hands a customer to collection, or takes it back.

        :raises AccessError: the user is no dunning manager
        """
        if self.env.su or self.env.user.has_group(
            "dunning_tiers.group_dunning_manager"
        ):
            return
        if any(hold.kind == "collection" for hold in self):
            raise AccessError(
                self.env._("Only a dunning manager hands customers to collection.")
            )

    def _check_legal_access(self):
        """Billing reports a legal case, but only a dunning user decides about it.

        :raises AccessError: the user is no dunning user
        """
        if any(hold.kind == "legal" for hold in self) and not is_dunning_user(self.env):
            raise AccessError(
                self.env._("Only a dunning user changes or ends legal holds.")
            )

    @api.model
    def _check_by_hand(self, values, allowed):
        """Refuse what only the customer says, or the payments show.

        :raises AccessError: a person writes another value than those allowed
        """
        if not self.env.su and set(values) - allowed:
            raise AccessError(
                self.env._(
                    "What customers said, and whether they kept it, is not written by "
                    "hand."
                )
            )

    def _remind_owner(self):
        """Keep one activity for the last day of each hold that has one."""
        self.activity_unlink(["dunning_tiers.mail_activity_type_hold_end"])
        for hold in self.filtered(
            lambda hold: hold.state == "active" and hold.date_end
        ):
            hold.activity_schedule(
                "dunning_tiers.mail_activity_type_hold_end",
                date_deadline=hold.date_end,
                user_id=hold.user_id.id,
            )

    def _hold_notices(self):
        """Take what is held out of notices that were not sent yet, at once."""
        active = self.filtered(lambda hold: hold.state == "active")
        items = self.env["dunning.item"].sudo()
        for hold in active:
            domain = [
                ("partner_id", "=", hold.partner_id.id),
                ("company_id", "=", hold.company_id.id),
                ("notice_id.state", "in", ("review", "approved")),
            ]
            if hold.move_id:
                domain.append(("move_id", "=", hold.move_id.id))
            items |= items.search(domain)
        items.notice_id._refresh()

    def _get_disputed_amount(self):
        """Amount of the invoice that is disputed, in its currency; None for all of it."""
        self.ensure_one()
        if self.line_ids:
            return abs(sum(self.line_ids.mapped("price_total")))
        return self.amount or None

    def _is_promise_kept(self):
        """Whether what was promised has been paid since."""
        self.ensure_one()
        if not self.move_id:
            return not self._get_open_lines()
        residual = self.move_id.amount_residual
        paid = self.move_id.amount_total - residual
        currency = self.currency_id
        if currency.is_zero(residual):
            return True
        return bool(self.amount) and (
            currency.compare_amounts(paid - self._paid_before(), self.amount) >= 0
        )

    def _paid_before(self):
        """What was paid on the invoice before the promise."""
        partials = self.move_id.line_ids.matched_credit_ids
        return sum(
            partial.debit_amount_currency
            for partial in partials
            if partial.max_date < self.date_from
        )

    def _get_open_lines(self):
        return self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("date_maturity", "<=", self.date_end),
                ("amount_residual", ">", 0),
            ],
            limit=1,
        )

    @api.model
    def _update_ended(self, day, company=None, partner=None):
        """End the holds whose last day is over, and promises that were kept.

        :param date day: the day to judge; a hold still counts on its last day
        :param company: only holds of this company
        :param partner: only holds of this customer
        """
        domain = [("state", "=", "active")]
        if company:
            domain.append(("company_id", "=", company.id))
        if partner:
            domain.append(("partner_id", "=", partner.id))
        promises = self.search([*domain, ("kind", "=", "promise")])
        kept = promises.filtered(lambda hold: hold._is_promise_kept())
        kept.sudo().write({"state": "kept"})
        ended = self.search([*domain, ("date_end", "<", day)])
        broken = ended.filtered(lambda hold: hold.kind == "promise")
        broken.sudo().write({"state": "broken"})
        (ended - broken).sudo().write({"state": "expired"})

    @api.model
    def _cron_update_holds(self):
        """Every day: end what is over on the day that it is in each company."""
        cron = self.env["ir.cron"]
        active = self._read_group([("state", "=", "active")], ["company_id"])
        cron._commit_progress(remaining=len(active))
        for (company,) in active:
            holds = self.with_company(company)
            try:
                holds._update_ended(company._get_dunning_today(), company)
                self.env.flush_all()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("dunning holds of %s cannot be ended", company.name)
            if not cron._commit_progress(1):
                break

    def action_release(self):
        self.filtered(lambda hold: hold.state == "active").write({"state": "released"})

    def action_extend(self):
        """One more week."""
        for hold in self.filtered("date_end"):
            start = max(hold.date_end, fields.Date.context_today(hold))
            hold.write({"date_end": start + timedelta(days=7), "state": "active"})
