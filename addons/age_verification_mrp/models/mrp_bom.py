from odoo import api, models


class MrpBom(models.Model):
    _inherit = "mrp.bom"

    def _get_age_parts(self, product):
        """What a kit hands over as one variant of its product.

        What the buyer chooses without a variant of its own is not known here: it counts.
        """
        return self.bom_line_ids.filtered(
            lambda line: (
                "no_variant"
                in line.bom_product_template_attribute_value_ids.attribute_id.mapped(
                    "create_variant"
                )
                or not line._skip_bom_line(product)
            )
        ).product_id

    @api.model
    def _get_age_restricted_kits(self):
        """Templates of kits with something restricted in them, or in a kit in them."""
        templates = kits = self.env["product.template"]
        lines = self.env["mrp.bom.line"]
        found = lines.search(
            [
                ("bom_id.type", "=", "phantom"),
                ("product_id.age_class_id.is_restricted", "=", True),
            ]
        )
        while found:
            kits = found.bom_id.product_tmpl_id - templates
            templates |= kits
            found = lines.search(
                [
                    ("bom_id.type", "=", "phantom"),
                    ("product_id.product_tmpl_id", "in", kits.ids),
                ]
            )
        return templates
