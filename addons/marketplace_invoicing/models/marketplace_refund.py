from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: States in which nothing is in the books yet.
OPEN_STATES = ("waiting", "ready", "exception")


class MarketplaceRefund(models.Model):
    """Money that a channel gave back to a buyer, and the credit note made of it."""

    _name = "marketplace.refund"
    _description = "Marketplace Refund"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "marketplace.queue.mixin",
    ]
    _mail_post_access = "read"
    _order = "created_date desc, id desc"
    _check_company_auto = True

    # Identity
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
    order_ref = fields.Char(string="Order Reference", readonly=True)
    order_id = fields.Many2one(
        "marketplace.order",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('channel_id', '=', channel_id)]",
        tracking=True,
        help="Choose the order where the channel does not name it.",
    )
    external_ref = fields.Char(
        string="Refund Reference",
        required=True,
        readonly=True,
        copy=False,
        help="The channel's id; without one, made of the order, the moment and the amount.",
    )
    origin = fields.Selection(
        [
            ("order", "Order data"),
            ("file", "Refund file"),
            ("settlement", "Settlement"),
            ("rest", "Status of the order"),
        ],
        default="order",
        required=True,
        readonly=True,
        help="What told of the refund first. Status of the order: the channel says that all "
        "was refunded or cancelled, and not how much.",
    )
    import_ids = fields.Many2many("marketplace.import", readonly=True, copy=False)
    format = fields.Char(readonly=True)
    payload = fields.Text(string="Data as Received", readonly=True, copy=False)

    # State
    state = fields.Selection(
        [
            ("waiting", "Waits for the order or invoice"),
            ("ready", "Ready"),
            ("exception", "To review"),
            ("credited", "Credited"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
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
    is_dropped = fields.Boolean(
        readonly=True, copy=False, help="A person decided against a credit note."
    )

    # What the channel said
    created_date = fields.Datetime(string="Refunded on", readonly=True, index=True)
    reason = fields.Char(readonly=True)
    is_done = fields.Boolean(
        string="Paid Back",
        default=True,
        readonly=True,
        help="Off: only promised so far.",
    )
    lines = fields.Json(readonly=True)
    lines_text = fields.Text(string="What Came Back", compute="_compute_lines_text")

    # Amounts, in the refund's currency
    currency_name = fields.Char(string="Currency as Stated", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True
    )
    amount = fields.Monetary(
        readonly=True,
        help="What the buyer got back, with tax, as the channel states it.",
    )
    marketplace_amount = fields.Monetary(
        string="Borne by the Marketplace",
        readonly=True,
        help="What the marketplace paid out of its own pocket; it is not credited.",
    )
    marketplace_tax = fields.Monetary(
        string="Tax of the Marketplace",
        readonly=True,
        help="Tax that the marketplace had collected and gave back; it was never on our "
        "invoice.",
    )
    excludes_marketplace_tax = fields.Boolean(readonly=True)
    amount_to_credit = fields.Monetary(
        readonly=True, help="What the credit note comes to, with our tax."
    )

    # Documents
    invoice_id = fields.Many2one(related="order_id.invoice_id")
    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    clearing_move_id = fields.Many2one(
        "account.move",
        string="Clearing Entry",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
        help="Entry that takes what was given back off the clearing account.",
    )
    issue_ids = fields.One2many("marketplace.issue", "refund_id", readonly=True)

    _external_ref_uniq = models.UniqueIndex(
        "(channel_id, COALESCE(order_ref, ''), external_ref)",
        "This refund of the channel is already known.",
    )
    _todo_idx = models.Index("(order_id) WHERE state IN ('waiting', 'ready')")

    # === COMPUTE ===

    @api.depends("external_ref", "order_id.name", "order_ref")
    def _compute_display_name(self):
        for refund in self:
            order = refund.order_id.name or refund.order_ref or ""
            refund.display_name = self.env._(
                "Refund %(ref)s of %(order)s", ref=refund.external_ref, order=order
            )

    @api.depends("currency_name", "order_id.currency_id")
    def _compute_currency_id(self):
        """The stated currency; of refunds that state none, the order's."""
        names = set(self.mapped("currency_name")) - {False, ""}
        currencies = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", list(names))])
        )
        by_name = {currency.name: currency for currency in currencies}
        for refund in self:
            refund.currency_id = by_name.get(
                refund.currency_name, refund.order_id.currency_id
            )

    @api.depends("lines")
    def _compute_lines_text(self):
        for refund in self:
            refund.lines_text = "\n".join(
                " ".join(
                    filter(
                        None,
                        (
                            f"{float(line['quantity']):g} x"
                            if float(line["quantity"])
                            else "",
                            line["title"] or line["sku"] or line["kind"],
                            line["amount"],
                        ),
                    )
                )
                for line in refund.lines or []
            )

    # === CRUD ===

    def write(self, vals):
        """Override of `marketplace.fact.mixin`: a person may only name a missing order.

        :raises UserError: the channel named the order itself, the refund is booked, or the
            order is another channel's
        """
        if "order_id" in vals and not self.env.su:
            if any(refund.order_ref or refund.credit_move_id for refund in self):
                raise UserError(
                    self.env._("The order of this refund is known and stays.")
                )
            order = self.env["marketplace.order"].browse(vals["order_id"] or [])
            if order and self.channel_id != order.channel_id:
                raise UserError(
                    self.env._(
                        "%(order)s is an order of %(channel)s. A refund is of an order of "
                        "its own channel: the credit note goes to its accounts.",
                        order=order.display_name,
                        channel=order.channel_id.display_name,
                    )
                )
        result = super().write(vals)
        if vals.get("order_id") and not self.env.su:
            self.sudo()._adopt_order()
        return result

    def _adopt_order(self):
        """Go on with the order that a person named."""
        for refund in self:
            refund.order_ref = refund.order_id.external_ref
        self._requeue()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_documents(self):
        if self.credit_move_id:
            raise UserError(self.env._("Refunds with a credit note stay."))

    # === STATE ===

    def _update_state(self, allowed_states, target_state, message=False):
        """Move to the target state the refunds that may go there, and return them."""
        moved = self.filtered(lambda refund: refund.state in allowed_states)
        moved.write({"state": target_state, "state_message": message})
        return moved

    @api.model
    def _to_process_domain(self):
        """Return the refunds for which the pipeline has something to do now."""
        decidable = Domain("order_ref", "in", (False, "")) | Domain(
            "order_id.state", "in", ("invoiced", "settled", "cancelled")
        )
        return Domain("channel_id.active", "=", True) & (
            (Domain("state", "=", "waiting") & Domain("is_done", "=", True) & decidable)
            | (Domain("state", "=", "ready") & Domain("approval", "!=", "needed"))
        )

    # === ACTIONS ===

    def action_approve(self):
        """Make the credit notes of these refunds.

        :raises UserError: none of them waits for approval
        """
        self.check_access("write")
        refunds = self.sudo().filtered(
            lambda refund: refund.state == "ready" and refund.approval == "needed"
        )
        if not refunds:
            raise UserError(self.env._("None of these refunds waits for approval."))
        refunds.write({"approval": "approved", "approved_by_id": self.env.uid})
        # Somebody may have written a credit note since.
        refunds._update_state(("ready",), "waiting")
        refunds._process()

    def action_process(self):
        """Look again whether the refunds can be credited."""
        self.check_access("write")
        self._requeue()

    def _requeue(self):
        refunds = self.sudo()
        refunds._update_state(("exception", "ready"), "waiting")
        refunds._process()

    def action_drop(self):
        """Decide that there will be no credit note.

        :raises UserError: a refund is in the books
        """
        self.check_access("write")
        if self.filtered(lambda refund: refund.state == "credited"):
            raise UserError(
                self.env._("This refund is credited; cancel its credit note.")
            )
        refunds = self.sudo()
        refunds.issue_ids._close("resolved")
        refunds.is_dropped = True
        refunds._update_state(
            OPEN_STATES, "cancelled", self.env._("Decided by a person")
        )

    def action_restore(self):
        """Take up refunds again that a person had decided against.

        :raises UserError: another refund is the same by its reference
        """
        self.check_access("write")
        refunds = self.sudo().filtered(lambda refund: refund.state == "cancelled")
        for refund in refunds.filtered("is_double"):
            if refund.order_id and refund.order_id.external_ref != refund.order_ref:
                raise UserError(
                    self.env._(
                        "%(refund)s: %(message)s",
                        refund=refund.display_name,
                        message=refund.state_message,
                    )
                )
        refunds.write({"is_dropped": False, "is_double": False})
        refunds._update_state(("cancelled",), "waiting")
        refunds._process()

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._open_document(self.order_id)

    def action_open_credit_note(self):
        self.ensure_one()
        return self.order_id._open_document(self.credit_move_id)
