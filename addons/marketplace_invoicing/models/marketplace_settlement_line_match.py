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
            orders = lines._get_orders_by_ref(channel)
            for ref, group in lines.grouped("order_ref").items():
                if ref in orders:
                    group.order_id = orders[ref]
                    items = group.entry_line_id.filtered(
                        lambda item: item.marketplace_role == "order"
                    )
                    if items:
                        items.marketplace_order_id = orders[ref]

    def _get_orders_by_ref(self, channel):
        """Return {what the lines call it: order} of one channel."""
        Order = self.env["marketplace.order"]
        refs = set(self.mapped("order_ref"))
        mine = [("channel_id", "=", channel.id)]
        # The company is compared with the line's as each is written.
        orders = Order.search_fetch(
            [*mine, ("external_ref", "in", list(refs))], ["external_ref", "company_id"]
        )
        found = {order.external_ref: order for order in orders}
        left = refs - found.keys()
        if left:
            named = Order.search_fetch(
                [*mine, ("name", "in", list(left))], ["name", "company_id"]
            )
            for name, group in named.grouped("name").items():
                if len(group) == 1:
                    found[name] = group
        return found
