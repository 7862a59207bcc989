from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.marketplace_invoicing.models.marketplace_settlement_dispute import (
    DECIDED,
    NOTIFIED_APART,
)


class MarketplaceSettlementLine(models.Model):
    _inherit = "marketplace.settlement.line"

    @api.model
    def _note_new_claims(self, told, known):
        """Override: an invoice whose money is disputed rests until the claim's deadline."""
        result = super()._note_new_claims(told, known)
        self._hold_invoices(told)
        return result

    @api.model
    def _hold_invoices(self, told):
        """Hold the orders' invoices that are posted and a claim of which goes on.

        One hold for an order: further claims make it longer.

        :param told: {`marketplace.order`: lines of its new claims}
        """
        Order = self.env["marketplace.order"]
        holds = self._get_claim_holds(Order.union(*told))
        holds = holds.grouped("marketplace_order_id")
        new = []
        for order, lines in told.items():
            undecided = lines._get_claims_without(DECIDED)
            if order.invoice_id.state != "posted" or not undecided:
                continue
            values = undecided._prepare_hold(order)
            hold = holds[order][:1] if order in holds else None
            if not hold:
                new.append(values)
            elif hold.date_end and hold.date_end < values["date_end"]:
                hold.date_end = values["date_end"]
        # Holds belong to dunning: who imports a payout need not see them.
        Hold = self.env["dunning.hold"].sudo()
        Hold.with_context(mail_activity_quick_update=len(new) > NOTIFIED_APART).create(
            new
        )

    @api.model
    def _get_claim_holds(self, orders):
        """Return the holds of the orders' claims that are active."""
        return (
            self.env["dunning.hold"]
            .sudo()
            .search(
                Domain("marketplace_order_id", "in", orders.ids)
                & Domain("kind", "=", "dispute")
                & Domain("state", "=", "active")
            )
        )

    @api.model
    def _note_decisions(self, decided):
        """Override: claims that we won hold nothing any more, while no other is open."""
        result = super()._note_decisions(decided)
        if won := decided.get("won"):
            claims = self.search(
                Domain("order_id", "in", won.ids) & Domain("is_dispute", "=", True)
            )
            still_open = claims._get_claims_without(DECIDED).order_id
            self._get_claim_holds(won - still_open).action_release()
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
