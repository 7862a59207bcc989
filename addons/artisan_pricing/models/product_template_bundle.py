from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.bundles import REPRICE, SIMPLE


class ProductTemplate(models.Model):
    _inherit = "product.template"

    bundle_refund = fields.Selection(
        [
            (SIMPLE, "Its part of the bundle's price"),
            (REPRICE, "What is kept is charged at its own price"),
        ],
        string="Refund of a Part",
        # Not required in the database: other addons create products before this is loaded.
        default=SIMPLE,
        help="What a customer gets back for a part of this bundle. Of a bundle for 68.00, of "
        "parts for 40.00, 25.00 and 15.00, the last one brings back its part, 12.75; or, "
        "since the others cost 65.00 on their own, 3.00.",
    )

    def _is_maker_bundle(self):
        """Whether a maker is paid for a part of it."""
        self.ensure_one()
        if self.type != "combo":
            return False
        # Who orders may not read what a choice consists of.
        return bool(self.sudo().combo_ids.combo_item_ids.product_id.maker_id)

    @api.constrains("type", "combo_ids", "list_price")
    def _check_bundle_prices(self):
        for template in self.filtered(lambda t: t.list_price > 0):
            if template._is_maker_bundle() and not any(
                template.combo_ids.mapped("base_price")
            ):
                raise ValidationError(
                    self.env._(
                        "%(bundle)s: none of its parts has a price, so that the price "
                        "of the bundle cannot be split between their makers.",
                        bundle=template.display_name,
                    )
                )

    @api.constrains("type", "combo_ids")
    def _check_bundle_is_no_part(self):
        bundles = self.filtered(lambda template: template.type == "combo")
        items = self.env["product.combo.item"].sudo()
        for item in items.search(
            [("product_id.product_tmpl_id", "in", bundles.ids)], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "%(bundle)s is a choice of %(combo)s: a bundle cannot be part of a "
                    "bundle, nor of itself.",
                    bundle=item.product_id.display_name,
                    combo=item.combo_id.name,
                )
            )
