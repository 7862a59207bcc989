import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..channels.base import ChannelParseError
from ..const import ORDER_STATES, PAID_STATUSES
from .marketplace_queue_mixin import SYNCHRONOUS_LIMIT

_logger = logging.getLogger(__name__)

#: States in which nothing has been promised to the books yet.
OPEN_STATES = ("draft", "ready", "exception")
#: What a person may set on an order until it is in the books.
OPEN_FIELDS = {"country_id", "invoice_date_forced", "payload_edited"}


class MarketplaceOrder(models.Model):
    """What a channel said about one order, unaltered, and the documents made from it."""

    _name = "marketplace.order"
    _description = "Marketplace Order"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "marketplace.queue.mixin",
    ]
    _mail_post_access = "read"
    _order = "ordered_date desc, id desc"
    _check_company_auto = True

    # Identity
    name = fields.Char(string="Order Number", required=True, readonly=True)
    external_ref = fields.Char(
        string="Channel Reference", required=True, readonly=True, copy=False
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
    platform = fields.Selection(related="channel_id.platform")
    import_ids = fields.Many2many("marketplace.import", readonly=True, copy=False)
    format = fields.Char(readonly=True)
    parts = fields.Char(
        readonly=True, help="Which pages of the order have arrived: header, items, ..."
    )
    payload = fields.Text(
        string="Data as Received", readonly=True, copy=False, help="Never altered."
    )
    payload_edited = fields.Text(
        string="Corrected Data",
        copy=False,
        help="A copy that you may correct; Read Again takes it instead of what the channel "
        "sent. The original stays.",
    )

    # State
    state = fields.Selection(
        ORDER_STATES,
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
        help="The channel has not finished with this order: still pending, or its lines "
        "have not arrived.",
    )
    is_due = fields.Boolean(
        compute="_compute_is_due", store=True, help="The channel's trigger has fired."
    )
    invoice_requested = fields.Boolean(
        readonly=True, copy=False, help="A person asked for the invoice."
    )

    # What the channel said
    status = fields.Selection(
        [
            ("pending", "Pending"),
            ("open", "Open"),
            ("shipped", "Shipped"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        string="Channel Status",
        required=True,
        default="open",
        readonly=True,
    )
    channel_status = fields.Char(string="Status as Stated", readonly=True)
    payment_status = fields.Selection(
        [
            ("unpaid", "Unpaid"),
            ("partial", "Partially paid"),
            ("paid", "Paid"),
            ("partially_refunded", "Partially refunded"),
            ("refunded", "Refunded"),
            ("voided", "Voided"),
            ("unknown", "Unknown"),
        ],
        required=True,
        default="unknown",
        readonly=True,
    )
    payment_method = fields.Char(readonly=True)
    paid_through_channel = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        required=True,
        default="unknown",
        readonly=True,
        help="Yes: the marketplace collected the money and pays it out. No: the buyer pays "
        "you directly, so the invoice stays open.",
    )
    marketplace = fields.Char(readonly=True, help="The site: Amazon.de, EBAY_US ...")
    shipping_option = fields.Char(readonly=True)
    fulfilled_by = fields.Char(readonly=True)
    note = fields.Text(readonly=True)
    is_test = fields.Boolean(
        string="Test Order",
        readonly=True,
        help="Placed to try the checkout; never invoiced.",
    )
    ordered_date = fields.Datetime(readonly=True, index=True)
    channel_update_date = fields.Datetime(readonly=True)
    paid_date = fields.Datetime(readonly=True)
    shipped_date = fields.Datetime(readonly=True)
    invoiced_date = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When the invoice was posted.",
    )

    # Amounts, in the order's currency
    currency_name = fields.Char(string="Currency as Stated", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    total_stated = fields.Boolean(
        readonly=True, help="Off: the file has no total to compare with."
    )
    tax_stated = fields.Boolean(readonly=True)
    amount_total = fields.Float(
        string="Channel Total",
        digits=(16, 6),
        readonly=True,
        help="As the channel states it.",
    )
    amount_tax = fields.Float(string="Channel Tax", digits=(16, 6), readonly=True)
    amount_shipping = fields.Float(digits=(16, 6), readonly=True)
    amount_discount = fields.Float(digits=(16, 6), readonly=True)
    marketplace_tax = fields.Float(
        string="Collected by the Marketplace",
        digits=(16, 6),
        readonly=True,
        help="Tax that the marketplace owes. It is not part of our invoice.",
    )
    order_marketplace_tax = fields.Float(digits=(16, 6), readonly=True)
    total_includes_marketplace_tax = fields.Boolean(default=True, readonly=True)
    refund_amount = fields.Float(digits=(16, 6), readonly=True)
    amount_to_invoice = fields.Monetary(
        readonly=True,
        help="Channel total without the tax that the marketplace owes: what our invoice "
        "must come to.",
    )
    amount_computed = fields.Monetary(
        string="Computed Total",
        readonly=True,
        help="What core computes from the lines.",
    )
    tax_computed = fields.Monetary(string="Computed Tax", readonly=True)
    rounding_amount = fields.Monetary(
        readonly=True, help="Booked to the channel's rounding account."
    )
    is_rounding_taxed = fields.Boolean(readonly=True)

    # Buyer
    buyer = fields.Json(readonly=True)
    buyer_ref = fields.Char(string="Buyer Id", readonly=True)
    buyer_name = fields.Char(readonly=True)
    buyer_vat = fields.Char(string="VAT Number", readonly=True)
    is_business = fields.Boolean(string="Business Buyer", readonly=True)
    country_id = fields.Many2one(
        "res.country",
        string="Delivery Country",
        tracking=True,
        help="Decides the taxes. You may set it when the channel withholds it.",
    )
    address_text = fields.Text(
        string="Delivery Address", compute="_compute_address_text"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null"
    )
    partner_invoice_id = fields.Many2one(
        "res.partner",
        string="Invoice Contact",
        readonly=True,
        index="btree_not_null",
    )
    partner_shipping_id = fields.Many2one(
        "res.partner", string="Delivery Contact", readonly=True, index="btree_not_null"
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position", readonly=True, check_company=True
    )
    is_correction_overtaken = fields.Boolean(readonly=True, copy=False)
    invoice_date_forced = fields.Date(
        tracking=True,
        help="Overrides the channel's rule, for orders of a closed period.",
    )

    # Links
    line_ids = fields.One2many("marketplace.order.line", "order_id", readonly=True)
    issue_ids = fields.One2many("marketplace.issue", "order_id", readonly=True)
    open_issue_count = fields.Integer(compute="_compute_open_issue_count")
    sale_order_ids = fields.One2many(
        "sale.order", "marketplace_order_id", string="All Sale Orders", readonly=True
    )
    invoice_ids = fields.One2many(
        "account.move", "marketplace_order_id", string="All Invoices", readonly=True
    )
    sale_order_id = fields.Many2one(
        "sale.order", compute="_compute_documents", store=True, index="btree_not_null"
    )
    invoice_id = fields.Many2one(
        "account.move", compute="_compute_documents", store=True, index="btree_not_null"
    )
    invoice_payment_state = fields.Selection(
        related="invoice_id.payment_state", string="Payment State"
    )
    clearing_move_id = fields.Many2one(
        "account.move",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Entry that moved the paid amount to the clearing account.",
    )

    _external_ref_uniq = models.Constraint(
        "UNIQUE(channel_id, external_ref)",
        "This order of the channel was already imported.",
    )
    _todo_idx = models.Index(
        "(channel_id, id) WHERE state IN ('draft', 'ready', 'ordered')"
    )

    # === COMPUTE ===

    @api.depends("name", "channel_id.name")
    def _compute_display_name(self):
        for order in self:
            order.display_name = f"{order.channel_id.name} {order.name}"

    @api.depends("status", "parts")
    def _compute_is_waiting(self):
        for order in self:
            parts = set((order.parts or "").split(","))
            order.is_waiting = (
                order.status == "pending" or not {"header", "items"} <= parts
            )

    @api.depends(
        "channel_id.invoice_trigger", "status", "payment_status", "invoice_requested"
    )
    def _compute_is_due(self):
        for order in self:
            trigger = order.channel_id.invoice_trigger
            order.is_due = order.invoice_requested or (
                trigger == "order"
                or (trigger == "paid" and order._is_paid())
                or (trigger == "shipped" and order.status in ("shipped", "done"))
            )

    def _compute_open_issue_count(self):
        counts = dict(
            self.env["marketplace.issue"]._read_group(
                [("order_id", "in", self.ids), ("state", "=", "open")],
                ["order_id"],
                ["__count"],
            )
        )
        for order in self:
            order.open_issue_count = counts.get(order, 0)

    @api.depends("sale_order_ids.state", "invoice_ids.state", "invoice_ids.move_type")
    def _compute_documents(self):
        for order in self:
            order.sale_order_id = order.sale_order_ids.filtered(
                lambda sale: sale.state != "cancel"
            )[:1]
            order.invoice_id = order.invoice_ids.filtered(
                lambda move: move.move_type == "out_invoice" and move.state != "cancel"
            )[:1]

    @api.depends("buyer", "country_id")
    def _compute_address_text(self):
        for order in self:
            address = (order.buyer or {}).get("shipping") or {}
            city = " ".join(filter(None, (address.get("zip"), address.get("city"))))
            parts = [
                address.get(key) for key in ("name", "company", "street", "street2")
            ]
            parts += [city, address.get("state"), order.country_id.name]
            order.address_text = "\n".join(part for part in parts if part)

    def _is_paid(self):
        self.ensure_one()
        return self.payment_status in PAID_STATUSES

    # === CRUD ===

    def write(self, vals):
        """Override of `marketplace.fact.mixin`: freeze also what people may set.

        :raises UserError: the order is in the books
        """
        if (
            not self.env.su
            and vals.keys() & OPEN_FIELDS
            and any(order.state not in OPEN_STATES for order in self)
        ):
            raise UserError(self.env._("This order is already in the books."))
        result = super().write(vals)
        if not self.env.su and vals.get("country_id"):
            self._requeue()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_documents(self):
        if self.sale_order_ids or self.invoice_ids:
            raise UserError(self.env._("Orders with a sale order or an invoice stay."))

    # === STATE ===

    def _update_state(self, allowed_states, target_state, message=False):
        """Move to the target state the orders that may go there, and return them."""
        moved = self.filtered(lambda order: order.state in allowed_states)
        moved.write({"state": target_state, "state_message": message})
        wrong = (self - moved).filtered(lambda order: order.state != target_state)
        if wrong:
            _logger.info("Orders %s cannot go to %s", wrong.ids, target_state)
        return moved

    def _requeue(self):
        """Check and process again; at once for a handful, else by the scheduler."""
        orders = self.sudo().filtered(lambda order: order.state in OPEN_STATES)
        orders._update_state(("exception", "ready"), "draft")
        if len(orders) <= SYNCHRONOUS_LIMIT:
            orders._process()
        else:
            self._enqueue()

    # === ISSUES ===

    def _add_issue(self, code, message, key="", severity="blocking"):
        """Raise one issue outside the checks."""
        self.env["marketplace.issue"]._raise(self, code, message, key, severity)

    def _get_amount_company(self):
        """Return the invoice value in company currency at today's rate."""
        self.ensure_one()
        amount = self.amount_to_invoice or self.amount_total
        if not self.currency_id:
            return 0.0
        return self.currency_id._convert(
            amount,
            self.company_id.currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    # === ACTIONS ===

    def action_approve(self):
        """Let the orders go on to sale order and invoice.

        They are checked once more: what is approved is what the reviewer sees.

        :raises UserError: none of the orders waits for approval
        """
        self.check_access("write")
        orders = self.sudo().filtered(
            lambda order: order.state == "ready" and order.approval == "needed"
        )
        if not orders:
            raise UserError(self.env._("None of these orders waits for approval."))
        seen = {order: order._get_figures() for order in orders}
        orders._update_state(("ready",), "draft")
        orders._run_isolated("_map_and_check")
        approved = orders.filtered(
            lambda order: order.state == "ready" and order._get_figures() == seen[order]
        )
        approved.write({"approval": "approved", "approved_by_id": self.env.uid})
        approved._process()
        if changed := orders - approved:
            return self._notify(
                self.env._(
                    "%(count)s orders come to other figures now. Look at them again: "
                    "%(names)s",
                    count=len(changed),
                    names=", ".join(changed.mapped("name")[:10]),
                ),
                "warning",
            )
        return True

    def _get_figures(self):
        """Return what a reviewer approves."""
        self.ensure_one()
        return (
            self.amount_to_invoice,
            self.amount_computed,
            self.tax_computed,
            self.fiscal_position_id,
        )

    @api.model
    def _notify(self, message, kind="success"):
        """Return an action that shows a message and goes on with the screen."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_process(self):
        """Check and process again what can still change."""
        self.check_access("write")
        self._requeue()
        ordered = self.sudo().filtered(lambda order: order.state == "ordered")
        ordered._process()

    def action_invoice_now(self):
        """Invoice although the channel's trigger has not fired."""
        self.check_access("write")
        eligible = self.sudo().filtered(
            lambda order: (
                order.state == "ordered"
                or (order.state == "ready" and order.approval != "needed")
            )
        )
        if not eligible:
            raise UserError(
                self.env._(
                    "None of these orders can be invoiced: approve or solve first."
                )
            )
        eligible.invoice_requested = True
        eligible._process()

    def action_edit_payload(self):
        self.ensure_one()
        self.payload_edited = self.payload_edited or self.payload

    def action_replay(self):
        """Read the corrected copy of the data instead of what the channel sent.

        :raises UserError: the order is invoiced already, or the text cannot be read
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("This order is already in the books."))
        try:
            record = self._parse_payload(
                self.payload_edited or "", self.format, self.channel_id._get_profile()
            )
        except ChannelParseError as error:
            raise UserError(
                self.env._("The corrected data cannot be read: %(error)s", error=error)
            ) from error
        values = self._prepare_from_parsed(self.channel_id, record, self._get_lookups())
        if values["external_ref"] != self.external_ref:
            raise UserError(self.env._("The corrected data is of another order."))
        values.update(
            line_ids=[Command.clear(), *values["line_ids"]],
            approval="none",
            approved_by_id=False,
            is_correction_overtaken=False,
        )
        # The original stays what the channel sent.
        for name in ("payload", "channel_id", "external_ref"):
            del values[name]
        if not values["country_id"]:
            del values["country_id"]
        self.sudo().write(values)
        self._message_log(body=self.env._("Read again from corrected data."))
        self._requeue()

    def action_cancel(self):
        """Drop orders that never became a document.

        :raises UserError: an order is in the books
        """
        self.check_access("write")
        if self.filtered(lambda order: order.state in ("invoiced", "settled")):
            raise UserError(
                self.env._("An invoiced order is corrected by a credit note.")
            )
        orders = self.sudo()
        orders._update_state((*OPEN_STATES, "ordered"), "cancelled")
        orders.sale_order_ids.filtered(
            lambda sale: sale.state != "cancel"
        )._action_cancel()
        orders.issue_ids._close("resolved")

    def action_open_sale_order(self):
        self.ensure_one()
        return self._open_document(self.sale_order_id)

    def action_open_invoice(self):
        self.ensure_one()
        return self._open_document(self.invoice_id)

    def _open_document(self, document):
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "view_mode": "form",
            "res_id": document.id,
        }

    def action_open_issues(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_issue_action"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action
