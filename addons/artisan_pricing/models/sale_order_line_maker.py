from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    sold_maker_id = fields.Many2one(
        "res.partner",
        "Maker When Sold",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="Whose product it was when the order was confirmed: they are paid for it.",
    )

    def write(self, vals):
        """Override of `sale`: another product may be another maker's."""
        if "product_id" in vals:
            changed = self.sudo().filtered(
                lambda line: (
                    line.sold_maker_id and line.product_id.id != vals["product_id"]
                )
            )
            changed.sold_maker_id = False
        return super().write(vals)

    def _get_sold_maker(self):
        """Whose product a line sells: as it was when that was agreed on."""
        self.ensure_one()
        return self.sold_maker_id or self.product_id.maker_id
