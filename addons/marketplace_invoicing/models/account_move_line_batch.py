from odoo import api, models

from ..const import is_pipeline


class AccountMoveLine(models.Model):
    """The same as in account_move_batch.py, for journal items."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "marketplace.batch.mixin"]

    def _compute_totals(self):
        """Override of `account`: lines of a batch total what core computed for the order's lines.

        Core computes both from the same price, quantity, discount and taxes, in the same way.
        """
        if not is_pipeline(self.env):
            return super()._compute_totals()
        alike = self.filtered(lambda line: line._is_like_order_line())
        for line in alike:
            line.price_subtotal = line.sale_line_ids.price_subtotal
            line.price_total = line.sale_line_ids.price_total
        return super(AccountMoveLine, self - alike)._compute_totals()

    def _is_like_order_line(self):
        """Tell whether the line bills the whole of one order line as it stands there."""
        self.ensure_one()
        ordered = self.sale_line_ids
        return (
            len(ordered) == 1
            and self.move_id.move_type == "out_invoice"
            and self.display_type == "product"
            and self.price_unit == ordered.price_unit
            and self.quantity == ordered.product_uom_qty
            and self.discount == ordered.discount
            and self.product_id == ordered.product_id
            and self.tax_ids == ordered.tax_ids
            and self.currency_id == ordered.currency_id
            and self.company_id == ordered.company_id
        )

    @api.model
    def _reconcile_batch(self, plan):
        """Reconcile each recordset of a plan.

        Core looks through all lines of all moves for what to synchronize. Where no exchange
        difference and no tax on payments comes of it, reconciling leaves them as they are.

        :param plan: list of `account.move.line` recordsets
        """
        plain = [lines for lines in plan if lines._is_plain()]
        others = [lines for lines in plan if not lines._is_plain()]
        if plain:
            context = self.env["account.move"]._without_sync()
            self.with_context(**context)._reconcile_plan(plain)
        if others:
            self._reconcile_plan(others)

    def _is_plain(self):
        """Tell whether matching these lines books nothing but the match."""
        company = self.company_id
        return (
            len(company) == 1
            and not company.tax_exigibility
            and self.currency_id == company.currency_id
        )

    def _reconcile_post_hook(self, data):
        """Override of `account`: what becomes of paid invoices is synchronized as ever."""
        if is_pipeline(self.env):
            data = {name: moves._with_sync() for name, moves in data.items()}
        return super()._reconcile_post_hook(data)
