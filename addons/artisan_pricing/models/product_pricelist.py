from odoo import api, fields, models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    has_price_models = fields.Boolean(
        compute="_compute_has_price_models",
        store=True,
        recursive=True,
        help="A rule of it, or of a pricelist it is based on, uses a maker's tiers.",
    )

    @api.depends(
        "item_ids.compute_price",
        "item_ids.base",
        "item_ids.base_pricelist_id.has_price_models",
    )
    def _compute_has_price_models(self):
        for pricelist in self:
            pricelist.has_price_models = any(
                item.compute_price == "tiers"
                or (
                    item.base == "pricelist" and item.base_pricelist_id.has_price_models
                )
                for item in pricelist.item_ids
            )

    def _get_applicable_rules(self, products, date, **kwargs):
        """Override of `product` to leave out price models that are not in force, and to
        look the rules of a basket up once for all its lines."""
        basket = kwargs.get("basket")
        if self and basket:
            return basket.get_rules(self, products)
        rules = super()._get_applicable_rules(products, date, **kwargs)
        return rules.filtered(lambda rule: rule._is_in_force(date))
