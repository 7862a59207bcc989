from odoo import models
from odoo.fields import Domain


class MarketplaceOrder(models.Model):
    _inherit = "marketplace.order"

    def _match_settlement_lines(self):
        """Override: claims that came before the invoice hold it once it is there."""
        result = super()._match_settlement_lines()
        claims = (
            self.env["marketplace.settlement.line"]
            .sudo()
            .search(
                Domain("order_id", "in", self.ids)
                & Domain("is_dispute", "=", True)
                & Domain("is_dispute_noted", "=", True)
            )
        )
        # A hold that a person released stays so.
        held = claims.order_id._get_held_invoices()
        told = {
            order: lines
            for order, lines in claims.grouped("order_id").items()
            if order.invoice_id not in held
        }
        if told:
            claims._hold_invoices(told)
        return result

    def _get_held_invoices(self):
        """Return the invoices of these orders that a claim holds or held before."""
        holds = (
            self.env["dunning.hold"]
            .sudo()
            .search(Domain("marketplace_order_id", "in", self.ids))
        )
        return holds.move_id
