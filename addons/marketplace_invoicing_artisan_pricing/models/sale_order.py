from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    maker_price_difference = fields.Monetary(
        related="marketplace_order_id.maker_price_difference",
        string="Marketplace Price Differs by",
        groups="marketplace_invoicing.group_marketplace_user",
    )
