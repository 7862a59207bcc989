from odoo import api, models

from ..const import is_matching, is_pipeline


class AccountPartialReconcile(models.Model):
    """What is matched by whomever tells which payouts arrived and which orders are paid."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._get_paid_settlements()._update_banked()
        invoiced = partials._get_invoiced_orders()
        if orders := partials._get_paid_orders() | invoiced:
            orders._update_settled()
            invoiced._note_invoice_paid()
        return partials

    def unlink(self):
        settlements = self._get_paid_settlements()
        orders = self._get_paid_orders()
        invoiced = self._get_invoiced_orders()
        parted = self._get_orders_paid_by_clearing(invoiced)
        result = super().unlink()
        settlements._update_banked()
        settlements.filtered(lambda s: s.state == "posted").is_deposit_undone = True
        if touched := orders | invoiced:
            touched._update_settled()
            orders._note_undone()
            parted._note_invoice_undone()
        return result

    def _get_paid_settlements(self):
        """Return the settlements whose payouts are matched here."""
        payouts = self._get_items().filtered(
            lambda item: item.marketplace_role == "payout"
        )
        return payouts.move_id.marketplace_settlement_id

    def _get_paid_orders(self):
        """Return the orders whose items on a clearing account are matched here.

        None while a payout pays orders: their states follow in one go once all is matched.
        """
        orders = self.env["marketplace.order"].sudo()
        if is_matching(self.env):
            return orders
        # By their ids: the items may be gone when the orders are read.
        return orders.browse(self._get_items().marketplace_order_id.ids)

    def _get_invoiced_orders(self):
        """Return the orders whose invoices are matched here; none for the pipeline's own work."""
        orders = self.env["marketplace.order"].sudo()
        if is_pipeline(self.env) or is_matching(self.env):
            return orders
        invoices = self._get_items().move_id.filtered(
            lambda move: move.move_type == "out_invoice"
        )
        return orders.browse(invoices.marketplace_order_id.ids)

    def _get_orders_paid_by_clearing(self, orders):
        """Return those of the orders whose invoices are matched here with their clearing entries.

        A credit note that is taken off an invoice leaves it to be paid as ever.
        """
        pairs = {
            frozenset((partial.debit_move_id.move_id, partial.credit_move_id.move_id))
            for partial in self.sudo()
        }
        return orders.filtered(
            lambda order: frozenset((order.invoice_id, order.clearing_move_id)) in pairs
        )

    def _get_items(self):
        """Return the journal items, for whoever reconciles: maybe no reviewer of payouts."""
        return (self.debit_move_id | self.credit_move_id).sudo()
