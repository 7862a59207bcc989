from odoo import api, fields, models
from odoo.fields import Domain

from .artisan_price_log import SYNC_LIMIT


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `product` to log the prices that change."""
        items = super().create(vals_list)
        items._log_prices()
        return items

    def write(self, vals):
        """Override of `product` to log the prices that change, where the rule was and
        where it is."""
        self._log_prices()
        res = super().write(vals)
        self._log_prices()
        return res

    def unlink(self):
        """Override of `product` to log the prices that change."""
        self._log_prices()
        return super().unlink()

    def _log_prices(self):
        """Have the prices logged that these rules may make."""
        if not self.env["product.pricelist"]._get_logged_ids():
            return
        for pricelist_id, products in self._get_logged_prices():
            if products is None:
                self.env["artisan.price.log.task"]._add(pricelist_id)
            else:
                self.env["artisan.price.log"]._log_later(products, [pricelist_id])
        self._wake_log_at_dates()

    def _get_logged_prices(self):
        """Which prices these rules may change.

        :return: [(id of a pricelist that keeps a log, products)]; None: more of them than
            are logged at once
        """
        found = []
        for pricelist, items in self.sudo().grouped("pricelist_id").items():
            logged = pricelist._get_logged_above()
            if not logged:
                continue
            products = items._get_maker_products()
            found += [(pricelist_id, products) for pricelist_id in logged]
        return found

    def _get_maker_products(self):
        """The makers' products that rules apply to; None: more than are logged at once."""
        domain = Domain.OR(item._get_product_domain() for item in self)
        products = (
            self.env["product.product"]
            .with_context(active_test=False)
            .search(domain & Domain("maker_id", "!=", False), limit=SYNC_LIMIT + 1)
        )
        return products if len(products) <= SYNC_LIMIT else None

    def _get_product_domain(self):
        self.ensure_one()
        if self.applied_on == "0_product_variant":
            return Domain("id", "=", self.product_id.id)
        if self.applied_on == "1_product":
            return Domain("product_tmpl_id", "=", self.product_tmpl_id.id)
        if self.applied_on == "2_product_category":
            return Domain("categ_id", "child_of", self.categ_id.id)
        if self.compute_price == "tiers":
            return Domain("maker_id", "=", self.sudo().price_model_id.maker_id.id)
        return Domain.TRUE

    def _is_dated(self):
        """Whether it prices for a time only, or the price model behind it does."""
        self.ensure_one()
        model = self.sudo().price_model_id
        return any(rule.date_start or rule.date_end for rule in (self, model))

    def _wake_log_at_dates(self):
        """Have the job look when the rules begin and end, not once a day only."""
        now = fields.Datetime.now()
        models_used = self.sudo().price_model_id
        moments = {
            date
            for records in (self, models_used)
            for field in ("date_start", "date_end")
            for date in records.mapped(field)
            if date and date > now
        }
        if moments:
            cron = self.env.ref("artisan_pricing.ir_cron_log_prices")
            cron._trigger(at=sorted(moments))
