from odoo import models

from .age_declassification import Change


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_age_products(self, company):
        """What is handed over with the products. Hook for products made of others.

        :param company: who sells them
        """
        return self

    def _get_age_quantity(self, part, quantity, company):
        """How much of a part is in so much of the product. Hook, as above.

        :param part: one of :meth:`_get_age_products`
        :param float quantity: of the product, in its unit
        :return: of the part, in its unit
        """
        return quantity

    def write(self, vals):
        """Override: a variant does not become one of a less restricted product."""
        if "product_tmpl_id" not in vals:
            return super().write(vals)
        before = {
            variant: variant.product_tmpl_id._get_age_traits() for variant in self
        }
        result = super().write(vals)
        changes = []
        for variant in self.sudo():
            [traits] = before[variant].values()
            after = variant.product_tmpl_id
            changes.append(
                Change(
                    variant.display_name,
                    after.company_id,
                    traits,
                    after._get_age_traits()[after],
                )
            )
        self.env["age.declassification"]._check(changes)
        return result
