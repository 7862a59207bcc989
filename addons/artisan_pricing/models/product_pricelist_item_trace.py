from odoo import models


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _get_price_version(self):
        """Day on which the rule, or the price model behind it, was last changed."""
        self.ensure_one()
        model = self.sudo().price_model_id
        records = [self, model, *model.tier_ids]
        return max(each.write_date for each in records if each).date()

    def _get_plain_percent(self):
        """The percent off the price below it, where that is all that the rule does.

        :return: None for a price, a rounding or a surcharge, and for what is derived from
            the cost
        """
        self.ensure_one()
        if self.base == "standard_price":
            return None
        if self.compute_price == "percentage":
            return self.percent_price
        more = (
            self.price_round,
            self.price_surcharge,
            self.price_min_margin,
            self.price_max_margin,
        )
        if self.compute_price == "formula" and not any(more):
            return self.price_discount
        return None

    def _get_trace_name(self):
        """What a price trace calls it, in the language of the environment."""
        self.ensure_one()
        names = [self.pricelist_id.name, self.sudo().price_model_id.name]
        return ": ".join(name for name in names if name)
