from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    is_age_waiting = fields.Boolean(
        "Not picked until the age is proved",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Override of `sale_stock`: what waits for a proof is not picked, the rest is."""
        waiting = self._get_age_waiting()
        if waiting:
            waiting.sudo().is_age_waiting = True
        ready = self - waiting
        ready.filtered("is_age_waiting").sudo().is_age_waiting = False
        return super(SaleOrderLine, ready)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _get_age_waiting(self):
        """The confirmed lines whose goods may not leave yet, orders judged at once."""
        confirmed = self.filtered(lambda line: line.state == "sale")
        held = confirmed.filtered("order_id.age_held_since")
        restricted = (confirmed - held).filtered(
            lambda line: any(
                line._get_age_products().age_class_id.mapped("is_restricted")
            )
        )
        orders = restricted.order_id
        if not orders:
            return held
        judged = orders._get_age_verdicts()
        refused = self.browse().union(
            *(line.line for order in orders for line in judged[order].refused)
        )
        return held | (restricted & refused)
