from odoo import api, fields, models

from ..registry_cache import forget, kept

#: Changes of a pricelist after which all its prices are looked at.
LOGGED_FIELDS = {"keeps_price_log", "currency_id"}


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    keeps_price_log = fields.Boolean(
        help="Prices of makers' products are logged when they change, and quotations and "
        "invoices name the lowest of the 30 days before a cut.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `product` to begin the log."""
        pricelists = super().create(vals_list)
        logged = pricelists.filtered("keeps_price_log")
        logged._begin_log()
        logged._log_all_prices()
        return pricelists

    def write(self, vals):
        """Override of `product` to begin the log, or log prices in another currency."""
        if vals.get("keeps_price_log"):
            # What else is written may change prices.
            self.filtered(lambda each: not each.keeps_price_log)._begin_log()
        res = super().write(vals)
        if LOGGED_FIELDS & vals.keys():
            self._log_all_prices()
        return res

    def unlink(self):
        """Override of `product` to forget who keeps a log."""
        res = super().unlink()
        forget(self.env)
        return res

    def _begin_log(self):
        """Log the prices of these as they are."""
        for pricelist in self:
            self.env["artisan.price.log"].sudo()._log_all(pricelist.id)

    def _log_all_prices(self):
        """Have the prices of these, and of those based on them, logged by the job."""
        forget(self.env)
        for pricelist_id in self._get_logged_above():
            self.env["artisan.price.log.task"]._add(pricelist_id)

    @api.model
    @kept()
    def _get_logged_ids(self):
        """Ids of the pricelists that keep a log."""
        logged = self.sudo().with_context(active_test=False)
        return tuple(logged.search([("keeps_price_log", "=", True)]).ids)

    def _get_logged_above(self):
        """Of these and the pricelists based on them, ids of those that keep a log."""
        logged = self._get_logged_ids()
        if not logged:
            return []
        Item = self.env["product.pricelist.item"].sudo()
        found = level = self.sudo()
        while level:
            items = Item.search(
                [("base", "=", "pricelist"), ("base_pricelist_id", "in", level.ids)]
            )
            level = items.pricelist_id - found
            found |= level
        return [pricelist_id for pricelist_id in found.ids if pricelist_id in logged]
