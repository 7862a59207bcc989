from odoo import models


class MarketplaceOrder(models.Model):
    """Orders whose payment comes by a line that names it by the payment only."""

    _inherit = "marketplace.order"

    def _match_settlement_lines(self):
        """Override: what such a line gave back becomes a refund now that its order is known."""
        payments = [ref for order in self for ref in (order.payment_refs or "").split()]
        lines = self.env["marketplace.settlement.line"].sudo()
        if payments:
            lines = lines.search(
                [
                    ("channel_id", "in", self.channel_id.ids),
                    ("order_id", "=", False),
                    ("order_ref", "in", (False, "")),
                    ("reference", "in", payments),
                    ("type", "=", "refund"),
                ]
            )
        result = super()._match_settlement_lines()
        lines.filtered("order_id").settlement_id._stage_refunds()
        return result
