from odoo import fields, models
from odoo.fields import Domain


class MarketplaceSettlementLine(models.Model):
    """Which order an amount belongs to."""

    _inherit = "marketplace.settlement.line"

    reference = fields.Char(index="btree_not_null")

    def _match_to_orders(self):
        """Find the orders of lines that have none yet, some searches per channel.

        A journal item that the line is part of gets the order too.
        """
        loose = self.sudo().filtered(
            lambda line: (line.order_ref or line.reference) and not line.order_id
        )
        found = self.browse()
        for channel, lines in loose.grouped("channel_id").items():
            for order, group in lines._find_orders(channel).items():
                group.order_id = order
                found |= group
        found._tie_items()

    def _find_orders(self, channel):
        """Return {order: lines} of what is found.

        As a person said of the same reference; else by the channel's reference, or the order
        number where only one order has it; else by the payment.
        """
        Order = self.env["marketplace.order"]
        chosen = self._get_chosen_orders(channel)
        by_ref = Order._get_by_any_ref(
            channel, set(self.mapped("order_ref")) - {False, ""}
        )
        payments = {
            line.reference
            for line in self
            if line.reference and line.order_ref not in by_ref
        }
        by_payment = Order._get_by_payment(channel, payments)
        found = {}
        for line in self:
            order = (
                chosen.get(line._get_choice_key())
                or by_ref.get(line.order_ref)
                or by_payment.get(line.reference)
            )
            if order:
                found.setdefault(order, []).append(line.id)
        return {
            order: self.browse(ids).with_prefetch(self._prefetch_ids)
            for order, ids in found.items()
        }

    def _get_choice_key(self):
        """Return what lines have in common that a person's choice is for."""
        self.ensure_one()
        return self.order_ref or "", "" if self.order_ref else self.reference or ""

    def _get_chosen_orders(self, channel):
        """Return {what names it: order} as persons said of other lines of the channel."""
        refs = set(self.mapped("order_ref")) - {False, ""}
        references = set(self.mapped("reference")) - {False, ""}
        told = self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("chosen_order_id", "!=", False)
            & (
                Domain("order_ref", "in", list(refs))
                | Domain("reference", "in", list(references))
            )
        )
        found = {}
        for key, lines in told.grouped(lambda line: line._get_choice_key()).items():
            if len(lines.chosen_order_id) == 1 and any(key):
                found[key] = lines.chosen_order_id
        return found
