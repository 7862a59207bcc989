from odoo import api, models

#: What decides about the age that is asked for a line.
JUDGED_FIELDS = {
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "order_id",
}


class SaleOrderLine(models.Model):
    """Lines that are added or changed without their order."""

    _inherit = "sale.order.line"

    def _is_age_sold(self):
        """Whether the line sells something; two signs make it a sale again."""
        amount = self.product_uom_qty * self.price_unit
        is_positive = self.product_uom_qty > 0 or amount > 0
        return bool(self.product_id) and not self.display_type and is_positive

    def _is_age_open(self):
        """Whether there is something left to hand over or to charge.

        What was delivered and then credited is over, though core would charge it again.
        """
        if self.qty_delivered < self.product_uom_qty:
            return True
        moves = self.invoice_lines.move_id
        is_credited = "out_refund" in moves.mapped("move_type")
        return self.qty_to_invoice > 0 and not is_credited

    def _get_age_products(self):
        """What the line hands over to the buyer."""
        return self.product_id._get_age_products(self.company_id[:1])

    def _get_age_quantity(self, product):
        """How much of a product the line hands over, in the product's unit."""
        quantity = self.product_uom_id._compute_quantity(
            abs(self.product_uom_qty), self.product_id.uom_id, round=False
        )
        return self.product_id._get_age_quantity(product, quantity, self.company_id[:1])

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what is added to a confirmed order is judged."""
        lines = super().create(vals_list)
        lines.order_id._age_judge_lines()
        return lines

    def write(self, vals):
        """Override: another product or quantity in a confirmed order is judged."""
        result = super().write(vals)
        if JUDGED_FIELDS & vals.keys():
            self.order_id._age_judge_lines()
        return result
