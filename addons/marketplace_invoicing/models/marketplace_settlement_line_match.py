from odoo import models


class MarketplaceSettlementLine(models.Model):
    """Which order an amount belongs to."""

    _inherit = "marketplace.settlement.line"

    def _match_to_orders(self):
        """Find the orders of lines that have none yet, one search per channel.

        By the channel's reference, else by the order number where only one order has it.
        A journal item that the line is part of gets the order too.
        """
        loose = self.sudo().filtered(lambda line: line.order_ref and not line.order_id)
        for channel, lines in loose.grouped("channel_id").items():
            refs = set(lines.mapped("order_ref"))
            orders = self.env["marketplace.order"]._get_by_any_ref(channel, refs)
            for ref, group in lines.grouped("order_ref").items():
                if ref in orders:
                    group.order_id = orders[ref]
                    items = group.entry_line_id.filtered(
                        lambda item: item.marketplace_role == "order"
                    )
                    if items:
                        items.marketplace_order_id = orders[ref]
