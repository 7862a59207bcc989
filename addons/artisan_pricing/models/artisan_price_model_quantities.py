from odoo import fields, models


class ArtisanPriceModel(models.Model):
    _inherit = "artisan.price.model"

    minimum_quantity = fields.Float(
        "Minimum Order",
        digits="Product Unit",
        tracking=True,
        help="Goes before the minimum order of the products that it prices. Zero: that of "
        "each product counts.",
    )
    case_pack = fields.Float(
        digits="Product Unit",
        tracking=True,
        help="Goes before the case pack of the products that it prices. Zero: that of "
        "each product counts.",
    )

    _quantities_not_negative = models.Constraint(
        "CHECK(minimum_quantity >= 0 AND case_pack >= 0)",
        "Neither the minimum order nor the case pack can be negative.",
    )
