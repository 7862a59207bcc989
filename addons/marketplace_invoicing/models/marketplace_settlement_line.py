from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import DISPUTE_STATUSES, SETTLED_STATES, SETTLEMENT_LINE_TYPES


class MarketplaceSettlementLine(models.Model):
    """One amount of a payout; what raises the payout is positive."""

    _name = "marketplace.settlement.line"
    _description = "Marketplace Settlement Line"
    _inherit = ["marketplace.fact.mixin"]
    _order = "settlement_id, sequence, id"
    _rec_name = "description"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "marketplace.settlement",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    # Known before the insertion: no update of each line after it.
    channel_id = fields.Many2one(
        related="settlement_id.channel_id", store=True, precompute=True
    )
    company_id = fields.Many2one(
        related="settlement_id.company_id", store=True, precompute=True, index=True
    )
    state = fields.Selection(related="settlement_id.state")
    sequence = fields.Integer(readonly=True)
    external_ref = fields.Char(string="Line Reference", required=True, readonly=True)
    type = fields.Selection(
        SETTLEMENT_LINE_TYPES,
        required=True,
        readonly=True,
        help="What it is booked as; a fee mapping may read a code as another type.",
    )
    stated_type = fields.Selection(
        SETTLEMENT_LINE_TYPES, required=True, readonly=True, help="Before any mapping."
    )
    code = fields.Char(readonly=True, help="The channel's own words for this amount.")
    currency_id = fields.Many2one(
        related="settlement_id.currency_id", store=True, precompute=True
    )
    amount = fields.Monetary(readonly=True)
    original_amount = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="What was converted, where currencies differ.",
    )
    original_currency = fields.Char(readonly=True)
    posted_date = fields.Datetime(string="Date", readonly=True)
    order_ref = fields.Char(
        string="Order Reference", readonly=True, index="btree_not_null"
    )
    order_line_ref = fields.Char(string="Order Line Reference", readonly=True)
    refund_ref = fields.Char(string="Refund Reference", readonly=True)
    reference = fields.Char(
        readonly=True, help="Anything else it can be found by: a payment, a charge."
    )
    payment_ref = fields.Char(
        string="Payment Reference",
        readonly=True,
        index="btree_not_null",
        help="The channel's id of the buyer's payment; its order is told elsewhere.",
    )
    sku = fields.Char(string="SKU", readonly=True)
    quantity = fields.Float(readonly=True, digits="Product Unit")
    description = fields.Char(readonly=True)
    marketplace = fields.Char(readonly=True, help="The site: Amazon.de, EBAY_US ...")
    ledger = fields.Char(
        readonly=True, help="The running account that it is an entry of."
    )
    position = fields.Integer(
        readonly=True,
        help="Place in the running account; none: not of such an account.",
    )
    balance_after = fields.Monetary(
        readonly=True, help="What the running account held after this amount."
    )
    is_dispute = fields.Boolean(
        string="Dispute", readonly=True, help="A claim of the buyer is behind it."
    )
    respond_by = fields.Datetime(
        readonly=True, help="Until when the claim can be answered."
    )
    dispute_status = fields.Selection(
        DISPUTE_STATUSES,
        readonly=True,
        help="How the claim stands, as the channel says. Won: we keep the money, or it came "
        "back. Lost: the buyer has it.",
    )
    # Both are of the channel's company: the pipeline finds them by channel, and checking
    # thousands one by one takes seconds.
    order_id = fields.Many2one(
        "marketplace.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    entry_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The journal item that this amount is part of.",
    )
    where = fields.Char(string="Place", readonly=True, help="Where in the file.")

    _external_ref_uniq = models.Constraint(
        "UNIQUE(settlement_id, external_ref)",
        "A line belongs to its settlement once.",
    )
    _channel_ref_idx = models.Index("(channel_id, external_ref)")

    # === CRUD ===

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        """Keep what an entry was made of; and nobody makes the rest tie out by deleting."""
        if self.settlement_id.filtered(lambda s: s.state in SETTLED_STATES):
            raise UserError(
                self.env._(
                    "These lines are in the books; reverse the settlement first."
                )
            )
        if not self.env.su:
            raise UserError(
                self.env._(
                    "Lines are as the channel stated them. Delete the whole settlement "
                    "and import it again, or drop it."
                )
            )

    # === STAGING ===

    @api.model
    def _prepare_facts(self, line):
        """Return the values of what the channel said of a line.

        :param line: `channels.settlement.ParsedSettlementLine`
        """
        naive = self.env["marketplace.settlement"]._naive
        return {
            "external_ref": line.external_ref,
            "stated_type": line.type,
            "code": line.code,
            "amount": float(line.amount),
            "posted_date": naive(line.posted_at) or False,
            "order_ref": line.order_ref,
            "order_line_ref": line.order_line_ref,
            "refund_ref": line.refund_ref,
            "reference": line.reference,
            "payment_ref": line.payment_ref,
            "sku": line.sku,
            "quantity": float(line.quantity or 0),
            "description": line.description,
            "marketplace": line.marketplace,
            "original_amount": float(line.original_amount or 0),
            "original_currency": line.original_currency,
            "ledger": line.ledger,
            "position": line.position or 0,
            "balance_after": float(line.balance_after or 0),
            "is_dispute": line.is_dispute,
            "respond_by": naive(line.respond_by) or False,
            "dispute_status": line.dispute_status or False,
            "where": line.where,
        }

    @api.model
    def _get_content_key(self, line):
        """Return what makes two statements of a line one line.

        :param line: record, or values of :meth:`_prepare_facts`
        """
        return (
            line["external_ref"],
            line["code"] or "",
            round(line["amount"], 6),
            line["posted_date"] or False,
        )

    def _get_differing(self, values):
        """Return the stated values that differ from the line's; empty ones say nothing."""
        self.ensure_one()
        return {
            name: value
            for name, value in values.items()
            if value and name != "where" and not self._is_same(name, value)
        }

    def _is_same(self, name, value):
        self.ensure_one()
        if name == "amount" and self.currency_id:
            return not self.currency_id.compare_amounts(self.amount, value)
        if isinstance(value, float):
            return round(self[name], 6) == round(value, 6)
        return self[name] == value

    @api.model
    def _search_waiting(self, channel, domain=()):
        """Return the channel's lines that belong to no payout yet."""
        return self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("settlement_id.is_open_account", "=", True)
            & Domain(list(domain))
        )

    @api.model
    def _search_in_payouts(self, channel, refs):
        """Return the lines of these references in payouts of the channel."""
        return self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("external_ref", "in", list(refs))
            & Domain("settlement_id.is_open_account", "=", False)
            & Domain("settlement_id.state", "!=", "cancelled")
        )

    def _hand_over_disputes(self):
        """Pass what is known of announced disputes on to the lines that move their money.

        :return: the announcements whose money has moved
        """
        announced = self.filtered(lambda line: line.is_dispute and line.refund_ref)
        moved = self.search(
            [
                ("channel_id", "in", announced.channel_id.ids),
                ("refund_ref", "in", announced.mapped("refund_ref")),
                ("settlement_id.is_open_account", "=", False),
            ]
        ).grouped("refund_ref")
        done = announced.filtered(lambda line: line.refund_ref in moved)
        for line in done:
            moved[line.refund_ref]._take_over_dispute(line)
        self.browse().union(
            *(moved[ref] for ref in set(done.mapped("refund_ref")))
        )._match_to_orders()
        return done
