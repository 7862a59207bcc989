from odoo import models

from ..const import is_pipeline


class SaleOrder(models.Model):
    """The same as in account_move_batch.py, for sale orders."""

    _inherit = "sale.order"

    def _create_account_invoices(self, invoice_vals_list, final):
        """Override of `sale`: invoices of a batch come with all their lines."""
        if not is_pipeline(self.env):
            return super()._create_account_invoices(invoice_vals_list, final)
        complete = self.env["account.move"]._complete_invoice_values(invoice_vals_list)
        moves = {}
        for is_complete in (True, False):
            places = [i for i, done in enumerate(complete) if done == is_complete]
            # What is complete needs no other look at each line.
            orders = self._without_invoice_sync() if is_complete else self
            made = super(SaleOrder, orders)._create_account_invoices(
                [invoice_vals_list[place] for place in places], final
            )
            made = made.with_env(self.env(su=True))
            moves.update(zip(places, made, strict=True))
        return self.env["account.move"].concat(
            *(moves[place] for place in range(len(complete)))
        )

    def _compute_lines(self):
        """Compute what the lines store of their invoices, all of it at once.

        Core's look-up for the status of an order writes what is computed until then, and the
        rest would be written later.
        """
        for name in ("untaxed_amount_invoiced", "untaxed_amount_to_invoice"):
            self.order_line.mapped(name)

    def _without_invoice_sync(self):
        """Return these orders, whose invoices are created as they are given."""
        context = self.env["account.move"]._without_sync()
        return self.with_context(skip_analytic_sync=True, **context)

    def _is_invoiced_by_delivery(self):
        """Tell whether something is left out of the invoice until it is delivered."""
        self.ensure_one()
        return any(
            line.qty_to_invoice != line.product_uom_qty - line.qty_invoiced
            for line in self.order_line
        )

    def message_post(self, **kwargs):
        """Override of `sale`: what is only a note waits for those of the whole batch."""
        if is_pipeline(self.env) and kwargs.keys() == {"body"}:
            self.env["account.move"]._note_later(self, kwargs["body"])
            return self.env["mail.message"]
        return super().message_post(**kwargs)
