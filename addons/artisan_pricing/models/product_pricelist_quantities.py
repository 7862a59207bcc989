from odoo import fields, models
from odoo.fields import Domain


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_makers_with_tiers(self, date=None):
        """Makers whose tiers these pricelists give, or pricelists that they are based on.

        :param date: of an order; none: now
        :return: ``res.partner`` with sudo: customers and sellers may not read price models
        """
        date = fields.Datetime.to_datetime(date) or fields.Datetime.now()
        Item = self.env["product.pricelist.item"].sudo()
        in_force = Domain("date_start", "=", False) | Domain("date_start", "<=", date)
        in_force &= Domain("date_end", "=", False) | Domain("date_end", ">=", date)
        makers = self.env["res.partner"].sudo()
        seen = level = self.sudo().filtered("has_price_models")
        while level:
            items = Item.search(
                in_force
                & Domain("pricelist_id", "in", level.ids)
                & (
                    Domain("compute_price", "=", "tiers")
                    | Domain("base", "=", "pricelist")
                )
            )
            price_models = items.price_model_id
            makers |= price_models.filtered(lambda m: m._is_in_force(date)).maker_id
            level = items.base_pricelist_id.filtered("has_price_models") - seen
            seen |= level
        return makers
