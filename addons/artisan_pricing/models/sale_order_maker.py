from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _action_confirm(self):
        """Override of `sale` to keep whose products are sold: a product that goes to
        another maker later was not sold for them."""
        # A customer who pays confirms too.
        lines = self.sudo().order_line
        for maker, same in lines.grouped(lambda line: line.product_id.maker_id).items():
            same.filtered(lambda line, m=maker: line.sold_maker_id != m).write(
                {"sold_maker_id": maker.id}
            )
        return super()._action_confirm()
