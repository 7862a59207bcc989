from odoo import api, models

#: What changes the price of a product, or whether it can be bought.
PRODUCT_FIELDS = {"active", "standard_price", "lst_price"}
TEMPLATE_FIELDS = {
    "active",
    "categ_id",
    "list_price",
    "maker_id",
    "sale_ok",
    "standard_price",
    "uom_id",
}


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `product` to log the first price."""
        products = super().create(vals_list)
        products._log_prices()
        return products

    def write(self, vals):
        """Override of `product` to log the prices that change."""
        res = super().write(vals)
        if PRODUCT_FIELDS & vals.keys():
            self._log_prices()
        return res

    def _log_prices(self):
        """Have the prices of makers' products logged, on all pricelists that keep a log."""
        pricelists = list(self.env["product.pricelist"]._get_logged_ids())
        if self.env["res.company"]._logs_list_prices():
            pricelists.append(False)
        if pricelists:
            self.env["artisan.price.log"]._log_later(
                self.filtered("maker_id"), pricelists
            )


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        """Override of `product` to log the prices that change."""
        res = super().write(vals)
        if TEMPLATE_FIELDS & vals.keys():
            variants = self.with_context(active_test=False).product_variant_ids
            variants._log_prices()
        return res


class ProductTemplateAttributeValue(models.Model):
    _inherit = "product.template.attribute.value"

    def write(self, vals):
        """Override of `product` to log the prices that change."""
        res = super().write(vals)
        if "price_extra" in vals:
            self.product_tmpl_id.product_variant_ids._log_prices()
        return res
