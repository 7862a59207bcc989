from odoo import api, fields, models

from ..decimals import to_decimal
from ..engine import tiers


class ArtisanPriceTier(models.Model):
    _name = "artisan.price.tier"
    _description = "Tier of a Price Model"
    _inherit = ["artisan.kept.mixin"]
    _order = "price_model_id, min_quantity"

    price_model_id = fields.Many2one(
        "artisan.price.model", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="price_model_id.currency_id")
    min_quantity = fields.Float(
        "From",
        digits="Product Unit",
        required=True,
        help="First quantity that it counts for, in the product's unit of measure.",
    )
    kind = fields.Selection(
        [
            (tiers.PERCENT, "Percent off"),
            (tiers.FIXED, "Price of a unit"),
            (tiers.AMOUNT, "Amount off a unit"),
        ],
        default=tiers.PERCENT,
        required=True,
    )
    value = fields.Float(
        digits=(16, 6),
        required=True,
        help="A percent, or money in the currency of the price model. Where an amount "
        "off leaves nothing of a product's price, its list price counts.",
    )

    value_unit = fields.Char("Unit of the Value", compute="_compute_value_unit")

    _begin_uniq = models.Constraint(
        "UNIQUE(price_model_id, min_quantity)",
        "Two tiers of a price model begin with the same quantity.",
    )

    @api.depends("kind", "price_model_id.currency_id")
    def _compute_value_unit(self):
        for tier in self:
            is_percent = tier.kind == tiers.PERCENT
            currency = tier.price_model_id.currency_id
            tier.value_unit = "%" if is_percent else currency.symbol

    @api.constrains("min_quantity", "kind", "value")
    def _check_ladder(self):
        self.price_model_id._check_ladder()

    def _to_tiers(self):
        """The engine's tiers.

        :raise PricingError: a value that makes no price
        """
        return tuple(
            tiers.Tier(
                to_decimal(tier.min_quantity),
                tier.kind,
                to_decimal(tier.value),
                key=tier.id,
            )
            for tier in self
        )
