from odoo import models


class MarketplaceSettlement(models.Model):
    """What persons said about the orders of a payout."""

    _inherit = "marketplace.settlement"

    def _log_choice(self, lines, order):
        """Write into the chatter of payouts and order who named it, and for what."""
        for settlement in self:
            mine = lines.filtered(lambda line, s=settlement: line.settlement_id == s)
            names = sorted({x.order_ref or x.reference or x.external_ref for x in mine})
            values = {
                "names": ", ".join(names),
                "amount": settlement._format(sum(mine.mapped("amount"))),
                "order": order.display_name or self.env._("no order"),
                "payout": settlement.display_name,
            }
            settlement._message_log(
                body=self.env._(
                    "%(names)s (%(amount)s) belongs to %(order)s.", **values
                )
            )
            if order:
                order.sudo()._message_log(
                    body=self.env._(
                        "%(names)s (%(amount)s) of %(payout)s belongs to this order.",
                        **values,
                    )
                )

    def _prepare_item(self, item, partners):
        """Override: an order of another channel is open on that one's clearing account."""
        values = super()._prepare_item(item, partners)
        if item.kind == "order" and item.key[0]:
            order = self.env["marketplace.order"].browse(item.key[0])
            if order.channel_id != self.channel_id:
                account = order.channel_id.clearing_account_id
                values["account_id"] = account.id or values["account_id"]
        return values
