from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain


class MarketplaceSettlementLine(models.Model):
    _inherit = "marketplace.settlement.line"

    def _note_dispute(self, order):
        """Override: an invoice whose money is disputed rests until the claim's deadline."""
        result = super()._note_dispute(order)
        self._hold_invoice(order)
        return result

    def _hold_invoice(self, order):
        """Hold the order's invoice where it is posted and the claim goes on.

        :param order: the `marketplace.order` that these lines are of
        """
        if order.invoice_id.state == "posted" and not self._is_decided():
            self.env["dunning.hold"].sudo().create(self._prepare_hold(order))

    def _is_decided(self):
        return bool({"won", "lost"} & set(self.mapped("dispute_status")))

    def _note_decision(self, order, status):
        """Override: a claim that we won holds nothing any more."""
        result = super()._note_decision(order, status)
        if status == "won":
            self.env["dunning.hold"].sudo().search(
                Domain("marketplace_order_id", "=", order.id)
                & Domain("kind", "=", "dispute")
                & Domain("state", "=", "active")
            ).action_release()
        return result

    def _prepare_hold(self, order):
        """Return the values of the hold on the order's invoice."""
        today = fields.Date.context_today(self)
        deadlines = [line.respond_by for line in self if line.respond_by]
        answer = order._to_local_date(min(deadlines)) if deadlines else today
        invoice = order.invoice_id
        usual = (
            self.env["dunning.hold"]
            .sudo()
            .new(
                {
                    "company_id": order.company_id.id,
                    "move_id": invoice.id,
                    "partner_id": invoice.commercial_partner_id.id,
                    "kind": "dispute",
                }
            )
            ._get_usual_days()
        )
        return {
            "company_id": order.company_id.id,
            "partner_id": invoice.commercial_partner_id.id,
            "move_id": invoice.id,
            "marketplace_order_id": order.id,
            "kind": "dispute",
            "reason": self.env._(
                "Disputed on %(channel)s: %(text)s",
                channel=order.channel_id.name,
                text=self[:1].description or self[:1].code or "",
            ),
            "date_from": today,
            "date_end": max(answer, today + timedelta(days=usual or 0)),
            "user_id": order.channel_id.user_id.id or self.env.uid,
        }
