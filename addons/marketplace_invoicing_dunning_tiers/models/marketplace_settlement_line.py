from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.marketplace_invoicing.models.marketplace_settlement_dispute import (
    DECIDED,
)


class MarketplaceSettlementLine(models.Model):
    _inherit = "marketplace.settlement.line"

    def _note_dispute(self, order):
        """Override: an invoice whose money is disputed rests until the claim's deadline."""
        result = super()._note_dispute(order)
        self._hold_invoice(order)
        return result

    def _hold_invoice(self, order):
        """Hold the order's invoice where it is posted and a claim goes on.

        One hold for an order: further claims make it longer.

        :param order: the `marketplace.order` that these lines are of
        """
        undecided = self._get_claims_without(DECIDED)
        if order.invoice_id.state != "posted" or not undecided:
            return
        values = undecided._prepare_hold(order)
        hold = self._get_claim_holds(order)[:1]
        if not hold:
            hold.create(values)
        elif hold.date_end and hold.date_end < values["date_end"]:
            hold.date_end = values["date_end"]

    def _get_claim_holds(self, order):
        """Return the holds of the order's claims that are active."""
        # Holds belong to dunning: who imports a payout need not see them.
        return (
            self.env["dunning.hold"]
            .sudo()
            .search(
                Domain("marketplace_order_id", "=", order.id)
                & Domain("kind", "=", "dispute")
                & Domain("state", "=", "active")
            )
        )

    def _note_decision(self, order, status):
        """Override: claims that we won hold nothing any more, while no other is open."""
        result = super()._note_decision(order, status)
        if status == "won" and not self._get_other_claims(order):
            self._get_claim_holds(order).action_release()
        return result

    def _prepare_hold(self, order):
        """Return the values of the hold on the order's invoice."""
        today = fields.Date.context_today(self)
        answer = self._get_answer_day(order)
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
