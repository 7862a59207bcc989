from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    maker_percent = fields.Float(
        string="Borne by Maker (%)",
        digits=(6, 3),
        readonly=True,
        copy=False,
        aggregator=None,
        help="On the line of a reward: how much of it lowers what makers are paid, as it "
        "was when the order got the reward.",
    )

    def _is_sold(self):
        """Whether it is something that the customer gets for the price: no section, bundle
        (its parts are), down payment or discount of a reward. A free product is."""
        self.ensure_one()
        if self.display_type or self.is_downpayment:
            return False
        if self.product_id.type == "combo" and not self.price_subtotal:
            return False
        return not self.reward_id or self.reward_id.reward_type == "product"
