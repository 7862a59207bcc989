from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    maker_price_difference = fields.Monetary(
        related="marketplace_line_id.maker_price_difference",
        string="To Maker's Price",
        groups="marketplace_invoicing.group_marketplace_user",
    )
