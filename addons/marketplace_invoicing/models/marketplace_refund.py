import json
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..channels.base import ParseFailure

#: States in which nothing is in the books yet.
OPEN_STATES = ("waiting", "ready", "exception")
#: A refund known from a payout and one known from an order are the same within these days.
SAME_DAYS = 3
#: What makes a refund another one; lines may be told later.
MONEY_FIELDS = ("amount", "marketplace_amount", "marketplace_tax", "currency_name")


class MarketplaceRefund(models.Model):
    """Money that a channel gave back to a buyer, and the credit note made of it."""

    _name = "marketplace.refund"
    _description = "Marketplace Refund"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "marketplace.fact.mixin",
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

        :raises UserError: the channel named the order itself, or the refund is booked
        """
        if "order_id" in vals and not self.env.su:
            if any(refund.order_ref or refund.credit_move_id for refund in self):
                raise UserError(
                    self.env._("The order of this refund is known and stays.")
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

    # === STAGING ===

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Write parsed refunds to the staging table; books nothing.

        Known refunds go by order and reference; a reference that is new may still be of a
        known refund, see :meth:`_find_same`. What is credited never changes: a larger amount
        of the same reference becomes a refund of its own for the difference.

        :param channel: `marketplace.channel` record
        :param records: list of `channels.base.ParsedRefund`, each with its ``order_ref``
            where the channel says so
        :param import_record: `marketplace.import` they come from
        :return: {"created" | "updated" | "unchanged": refunds, "failures": list of
            `channels.base.ParseFailure`}
        """
        result = {
            "created": self.browse(),
            "updated": self.browse(),
            "unchanged": self.browse(),
            "failures": [],
        }
        records = [
            self._complete(channel, record, import_record)
            for record in records
            if not isinstance(record, ParseFailure)
        ]
        orders = self.env["marketplace.order"]._get_by_external_ref(
            channel, list({record.order_ref for record in records} - {""})
        )
        known = self._get_known(channel, records)
        stated = {(record.order_ref, record.external_ref) for record in records}
        for record in {(r.order_ref, r.external_ref): r for r in records}.values():
            order = orders.get(record.order_ref, self.env["marketplace.order"])
            values = self._prepare_from_parsed(channel, record, order, import_record)
            own = known.filtered(lambda refund, ref=record.order_ref: refund._of(ref))
            refund = own._find(record.external_ref) or own._find_same(values, stated)
            if refund:
                status = refund._update_from(values)
            else:
                refund = self.with_context(tracking_disable=True).create(values)
                known |= refund
                status = "created"
            result[status] |= refund
        self._link_import(result, import_record)
        return result

    def _link_import(self, result, import_record):
        if import_record:
            touched = result["created"] | result["updated"] | result["unchanged"]
            touched.import_ids |= import_record

    @api.model
    def _complete(self, channel, record, import_record):
        """Name the order by the file's name where the record does not.

        A number in the name counts when it is the number of exactly one order.
        """
        if record.order_ref or not import_record:
            return record
        numbers = re.findall(r"\d+", import_record.name or "")
        orders = self.env["marketplace.order"]._get_by_external_ref(channel, numbers)
        return (
            record.replace(order_ref=next(iter(orders))) if len(orders) == 1 else record
        )

    @api.model
    def _get_known(self, channel, records):
        """Return the refunds of the orders at hand, and those of no order so far."""
        refs = {record.order_ref for record in records}
        domain = Domain("channel_id", "=", channel.id) & (
            Domain("order_ref", "in", list(refs - {""}))
            | (
                Domain("order_ref", "in", (False, ""))
                & Domain("external_ref", "in", [r.external_ref for r in records])
            )
        )
        return self.search(domain)

    def _of(self, order_ref):
        return (self.order_ref or "") in ("", order_ref or "")

    def _find(self, external_ref):
        """Return the refund of this reference, one that already has an order first."""
        return self.filtered(lambda refund: refund.external_ref == external_ref).sorted(
            lambda refund: not refund.order_ref
        )[:1]

    def _find_same(self, values, stated):
        """Return the refund that another source told of under another reference.

        The same order and amount, and either the same moment, or one of the two comes from
        a settlement and the moments are at most three days apart. What was only known from
        the order's status has no moment of its own.

        :param stated: pairs (order reference, reference) of this statement: refunds that it
            tells apart itself are never the same
        """
        moment = values["created_date"]
        for refund in self:
            pair = (refund.order_ref or "", refund.external_ref)
            if pair in stated or refund.currency_id.compare_amounts(
                refund.amount, values["amount"]
            ):
                continue
            if refund.origin == "rest" or (moment and refund.created_date == moment):
                return refund
            near = (
                not moment
                or not refund.created_date
                or abs(refund.created_date - moment) <= timedelta(days=SAME_DAYS)
            )
            if near and "settlement" in (refund.origin, values["origin"]):
                return refund
        return self.browse()

    def _update_from(self, values):
        """Take over what is stated now; return "updated" or "unchanged"."""
        self.ensure_one()
        if self.origin == "rest":
            self._take_place(values)
        if self.state == "credited":
            return self._update_credited(values)
        names = (*MONEY_FIELDS, "lines", "reason", "created_date", "is_done", "payload")
        keep = not values["lines"] and self.lines
        facts = {
            name: values[name]
            for name in names
            if values[name] != self[name] and not (keep and name == "lines")
        }
        if values["order_id"] and not self.order_id:
            facts.update(order_id=values["order_id"], order_ref=values["order_ref"])
        # The channel's own id is better known than one of ours.
        if self.origin == "settlement" and values["origin"] != "settlement":
            facts.update(origin=values["origin"], external_ref=values["external_ref"])
        if values["origin"] == "settlement" and self.origin != "settlement":
            return "unchanged"
        if not facts:
            return "unchanged"
        if any(name in facts for name in (*MONEY_FIELDS, "lines")):
            facts.update(approval="none", approved_by_id=False)
        self.write(facts)
        self._update_state(("ready", "exception"), "waiting")
        return "updated"

    def _take_place(self, values):
        """Let what the channel tells in detail stand for what only the status had told."""
        names = (
            "external_ref",
            "origin",
            "format",
            "payload",
            "reason",
            "created_date",
        )
        self.write({name: values[name] for name in names})

    def _update_credited(self, values):
        """Keep what is in the books; more money of the same reference is a further refund."""
        more = values["amount"] - self._get_family_amount()
        if values["origin"] == "settlement" or self.currency_id.is_zero(more):
            return "unchanged"
        if more < 0:
            message = self.env._(
                "The channel now says %(new)s was refunded; %(old)s is credited.",
                new=self.currency_id.format(values["amount"]),
                old=self.currency_id.format(self.amount),
            )
            self._add_issue("refund_changed", message, severity="warning")
            return "updated"
        count = self.search_count(self._family_domain())
        self.create(
            {
                **values,
                "external_ref": f"{self.external_ref}/{count + 1}",
                "amount": more,
                "marketplace_amount": 0.0,
                "marketplace_tax": 0.0,
                "lines": [],
            }
        )
        return "updated"

    def _family_domain(self):
        return (
            Domain("channel_id", "=", self.channel_id.id)
            & Domain("order_ref", "=", self.order_ref)
            & (
                Domain("external_ref", "=", self.external_ref)
                | Domain("external_ref", "=like", f"{self.external_ref}/%")
            )
        )

    def _get_family_amount(self):
        """Return what is known of this reference, further refunds of it included."""
        return sum(self.search(self._family_domain()).mapped("amount"))

    @api.model
    def _prepare_from_parsed(self, channel, record, order, import_record=None):
        """Return the values of a staged refund.

        :param record: `channels.base.ParsedRefund`
        :param order: its `marketplace.order`, maybe empty
        """
        return {
            "channel_id": channel.id,
            "order_ref": record.order_ref,
            "order_id": order.id,
            "external_ref": record.external_ref[:250],
            "origin": "file" if record.format else "order",
            "format": record.format,
            "payload": record.raw,
            "created_date": self.env["marketplace.order"]._naive(record.created_at),
            "reason": record.reason[:250],
            "is_done": record.is_done,
            "currency_name": record.currency or False,
            "amount": float(record.amount),
            "marketplace_amount": float(record.marketplace_amount),
            "marketplace_tax": float(record.marketplace_tax),
            "excludes_marketplace_tax": record.excludes_marketplace_tax,
            "lines": [self._prepare_line(line) for line in record.lines],
            "import_ids": [Command.link(import_record.id)] if import_record else [],
        }

    @api.model
    def _prepare_line(self, line):
        """Return a `channels.base.ParsedRefundLine` as it is stored, amounts as text."""
        values = {name: getattr(line, name) for name in line.__slots__}
        for name in ("quantity", "amount", "marketplace_tax"):
            values[name] = str(values[name])
        values["tax"] = None if line.tax is None else str(line.tax)
        return json.loads(json.dumps(values))

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
        """Take up refunds again that a person had decided against."""
        self.check_access("write")
        refunds = self.sudo().filtered(lambda refund: refund.state == "cancelled")
        refunds.is_dropped = False
        refunds._update_state(("cancelled",), "waiting")
        refunds._process()

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._open_document(self.order_id)

    def action_open_credit_note(self):
        self.ensure_one()
        return self.order_id._open_document(self.credit_move_id)
