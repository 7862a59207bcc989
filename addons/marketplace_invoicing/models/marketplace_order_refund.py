from odoo import api, fields, models
from odoo.fields import Domain

from .marketplace_refund_credit import BOOKED_STATES

#: States in which refunds of an order can be decided.
FINAL_STATES = (*BOOKED_STATES, "cancelled")


class MarketplaceOrder(models.Model):
    """Refunds of an order: staged with it, credited once it is invoiced."""

    _inherit = "marketplace.order"

    refund_ids = fields.One2many("marketplace.refund", "order_id", readonly=True)
    refund_count = fields.Integer(compute="_compute_refund_count")
    amount_credited = fields.Monetary(
        string="Credited", readonly=True, copy=False, help="Credit notes of refunds."
    )

    def _compute_refund_count(self):
        counts = dict(
            self.env["marketplace.refund"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.refund_count = counts.get(order, 0)

    is_to_give_back = fields.Boolean(
        readonly=True,
        copy=False,
        help="The channel says that all was refunded or cancelled; what is left of the "
        "invoice is still to be looked at.",
    )

    # === STAGING ===

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Override: refunds of the orders are staged, refunds without order find theirs."""
        result = super()._stage(channel, records, import_record)
        Refund = self.env["marketplace.refund"]
        orders = result["created"] | result["updated"] | result["unchanged"]
        refs = set(orders.mapped("external_ref"))
        Refund._adopt_orders(channel, {o.external_ref: o for o in result["created"]})
        refunds = [
            refund.replace(order_ref=record.external_ref, where=record.where)
            for record in records
            if record.external_ref in refs
            for refund in record.refunds
        ]
        if refunds:
            Refund._stage(channel, refunds, import_record)
        touched = result["created"] | result["updated"]
        touched.filtered(lambda order: order._is_given_back()).is_to_give_back = True
        return result

    # === PIPELINE ===

    @api.model
    def _to_process_domain(self):
        """Override: also booked orders that the channel gave back whole."""
        return super()._to_process_domain() | (
            Domain("channel_id.active", "=", True)
            & Domain("state", "in", BOOKED_STATES)
            & Domain("is_to_give_back", "=", True)
        )

    def _process(self):
        """Override: what is in the books by now is credited what was refunded."""
        result = super()._process()
        final = self.filtered(lambda order: order.state in FINAL_STATES)
        if final:
            final._make_up_refunds()
            Refund = self.env["marketplace.refund"]
            Refund.search(
                Refund._to_process_domain() & Domain("order_id", "in", final.ids)
            )._process()
        return result

    def _is_given_back(self):
        """Tell whether the channel says that nothing of this order stays sold."""
        self.ensure_one()
        return (
            self.payment_status in ("refunded", "voided") or self.status == "cancelled"
        )

    def _make_up_refunds(self):
        """Make one refund of what is left where the channel says that all was given back.

        Its amount follows what else is known until it is credited. It holds our money only.
        """
        due = self.filtered(
            lambda order: order.state in BOOKED_STATES and order.is_to_give_back
        )
        for order in due:
            order._make_up_refund()
        due.is_to_give_back = False

    def _make_up_refund(self):
        self.ensure_one()
        rest = self.refund_ids.filtered(lambda refund: refund.origin == "rest")
        if rest.is_dropped or rest.state == "credited":
            return
        values = self._prepare_rest()
        if not rest and values["amount"]:
            self.env["marketplace.refund"].create(values)
        elif rest and rest.amount != values["amount"]:
            rest.amount = values["amount"]
            rest._update_state(("ready", "exception", "cancelled"), "waiting")

    def _prepare_rest(self):
        """Return the values of the refund of all that no other refund takes back."""
        self.ensure_one()
        others = self.refund_ids.filtered(
            lambda refund: (
                refund.origin != "rest"
                and not refund.is_dropped
                and not refund.is_double
            )
        )
        given_back = sum(
            refund.amount_to_credit
            if refund.state == "credited"
            else refund._get_amount_to_credit()
            for refund in others.filtered(
                lambda refund: refund.currency_id == self.currency_id
            )
        )
        rest = self.invoice_id.amount_total - given_back
        cancelled = self.status == "cancelled"
        return {
            "channel_id": self.channel_id.id,
            "order_id": self.id,
            "order_ref": self.external_ref,
            "external_ref": f"{self.external_ref}:rest",
            "origin": "rest",
            "created_date": self.channel_update_date,
            "reason": self.env._("Cancelled on the channel after invoicing")
            if cancelled
            else self.env._("Refunded on the channel"),
            "currency_name": self.currency_name,
            "amount": max(self.currency_id.round(rest), 0.0),
            "excludes_marketplace_tax": True,
            "lines": [],
        }

    def action_open_refunds(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_refund_action"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        if self.refund_count == 1:
            action.update(
                res_id=self.refund_ids.id, view_mode="form", views=[(False, "form")]
            )
        return action
