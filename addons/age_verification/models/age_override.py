from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..engine import judging
from ..scope import Scope, get_scope

#: What follows from asking and deciding, and is not written by hand.
DECIDED = {
    "order_id",
    "move_id",
    "company_id",
    "state",
    "requested_by_id",
    "requested_on",
    "approved_by_id",
    "approved_on",
    "fingerprint",
    "quantities",
}


class AgeOverride(models.Model):
    """Two persons let one document pass without proof: one asks, another one approves.

    It counts for the document as it was then, that of an order also for its deliveries and
    invoices. Other products, more of them, another buyer or another destination need a
    new one. What is prohibited nobody can let pass.
    """

    _name = "age.override"
    _description = "Age Override"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "reason"

    order_id = fields.Many2one(
        "sale.order", index="btree_not_null", ondelete="cascade", readonly=True
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    reason = fields.Text(
        required=True, tracking=True, help="Why the sale is lawful without a proof."
    )
    state = fields.Selection(
        [
            ("draft", "To approve"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="draft",
        readonly=True,
        tracking=True,
        copy=False,
    )
    requested_by_id = fields.Many2one("res.users", "Asked by", readonly=True)
    requested_on = fields.Datetime("Asked on", readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    fingerprint = fields.Char(readonly=True, help="What was asked for.")
    quantities = fields.Json(readonly=True, help="How much of each product.")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _one_document = models.Constraint(
        "CHECK((order_id IS NULL) <> (move_id IS NULL))",
        "An override is about one order or one invoice.",
    )

    @api.depends("state", "requested_by_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        officer = self._is_officer()
        nobody = self.env["res.users"]
        for override in self:
            override.may_decide = (
                officer
                and override.state == "draft"
                and override.requested_by_id not in (self.env.user, nobody)
            )

    @api.depends("order_id", "move_id")
    def _compute_display_name(self):
        for override in self:
            override.display_name = self.env._(
                "Override of %s", override._get_document().display_name or ""
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: who asks is who is logged in, and nobody begins with an approval."""
        vals_list = [self._prepare_request(vals) for vals in vals_list]
        return super().create(vals_list)

    def _prepare_request(self, vals):
        if not (vals.get("reason") or "").strip():
            raise UserError(self.env._("Give the reason."))
        document = self._find_document(vals)
        document.check_access("read")
        verdict = self._judge(document)
        self._check_can_be_overridden(verdict)
        scope = get_scope(verdict.baskets)
        return {
            "order_id": vals.get("order_id"),
            "move_id": vals.get("move_id"),
            "reason": vals.get("reason"),
            "company_id": document.company_id.id,
            "requested_by_id": self.env.uid,
            "requested_on": fields.Datetime.now(),
            "fingerprint": scope.fingerprint,
            "quantities": scope.quantities,
            # Said, not left out: what is left out comes from the caller's context.
            "state": "draft",
            "approved_by_id": False,
            "approved_on": False,
        }

    def _find_document(self, vals):
        if bool(vals.get("order_id")) == bool(vals.get("move_id")):
            raise UserError(self.env._("An override is about one order or invoice."))
        name = "order_id" if vals.get("order_id") else "move_id"
        return self.env[self._fields[name].comodel_name].browse(vals[name])

    def write(self, vals):
        """Override: only who asks words the reason, and only until it is decided."""
        if not self.env.su:
            for override in self:
                override._check_write(vals)
        return super().write(vals)

    def _check_write(self, vals):
        if "reason" in vals and (
            self.state != "draft" or self.requested_by_id != self.env.user
        ):
            raise AccessError(self.env._("The reason is that of who asked."))
        if DECIDED & vals.keys():
            raise AccessError(self.env._("Approve or reject overrides instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(override.state != "draft" for override in self):
            raise UserError(self.env._("Overrides that were decided are evidence."))

    # === ACTIONS === #

    def action_approve(self):
        """Let the documents pass. Not for who asked for it.

        :raises AccessError: the user is no officer, or asked for it
        :raises UserError: the sale is prohibited, or is not what it was
        """
        self._check_decider()
        verdicts = [override._judge_approvable() for override in self]
        self.sudo().write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        self.env["age.gate"]._wake_up()
        # Incidents stay when the rest is rolled back: they come last.
        self.env.flush_all()
        self.env["age.incident"]._record(
            [
                override._prepare_incident(verdict)
                for override, verdict in zip(self, verdicts, strict=True)
            ]
        )

    def action_reject(self):
        self._check_decider()
        self.sudo().write({"state": "rejected", "approved_by_id": False})

    def action_withdraw(self):
        """It no longer counts; what has passed has passed."""
        self.check_access("write")
        if not self._is_officer():
            raise AccessError(self.env._("Only age officers decide about overrides."))
        approved = self.filtered(lambda override: override.state == "approved")
        approved.sudo().write({"state": "withdrawn"})

    def _is_officer(self):
        return self.env.user.has_group("age_verification.group_age_officer")

    def _check_decider(self):
        self.check_access("write")
        if not self._is_officer():
            raise AccessError(self.env._("Only age officers decide about overrides."))
        if self.env.user in self.requested_by_id:
            raise AccessError(
                self.env._("It takes two: somebody else has to decide about this.")
            )
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if any(override.state != "draft" for override in self):
            raise UserError(self.env._("This was decided already."))

    def _judge_approvable(self):
        """The :class:`facts.Verdict` that the override is to change.

        :raises UserError: the sale is prohibited, or is not what it was
        """
        verdict = self._judge(self._get_document())
        self._check_can_be_overridden(verdict)
        if not self._get_scope().covers(get_scope(verdict.baskets)):
            raise UserError(
                self.env._("The sale has changed since it was asked for. Ask again.")
            )
        return verdict

    def _get_scope(self):
        """What was asked for, as :class:`scope.Scope`."""
        return Scope(self.fingerprint, self.quantities or {})

    def _prepare_incident(self, verdict):
        """Values of the incident about the approval."""
        gate = self.env["age.gate"]
        worst = max(
            verdict.refused,
            key=lambda line: judging.VERDICTS.index(line.judgement.verdict),
        )
        vals = gate._prepare_incident(verdict.basket, "override", False, worst)
        vals["note"] = self.env._(
            "Asked by %(first)s, approved by %(second)s: %(reason)s",
            first=self.requested_by_id.name,
            second=self.env.user.name,
            reason=self.reason,
        )
        return vals

    # === JUDGING === #

    def _get_document(self):
        self.ensure_one()
        return self.order_id or self.move_id

    def _judge(self, document):
        documents = document.sudo()
        return self.env["age.gate"].sudo()._judge(documents._get_age_baskets())[0]

    def _check_can_be_overridden(self, verdict):
        if any(line.resolution.is_prohibited for line in verdict.lines):
            raise UserError(
                self.env._("This sale is prohibited: nobody can let it pass.")
            )
        if verdict.is_allowed:
            raise UserError(self.env._("Nothing here needs an override."))

    @api.model
    def _get_for(self, orders, moves):
        """{order or invoice: list of :class:`scope.Scope` that two persons let pass}"""
        overrides = self.sudo().search_fetch(
            Domain("state", "=", "approved")
            & (
                Domain("order_id", "in", orders.ids)
                | Domain("move_id", "in", moves.ids)
            )
        )
        found = {}
        for override in overrides:
            scopes = found.setdefault(override._get_document(), [])
            scopes.append(override._get_scope())
        return found
