from odoo import api, fields, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    age_part_ids = fields.Many2many(
        "product.product",
        compute="_compute_age_part_ids",
        compute_sudo=True,
        help="What a kit hands over, with what is in the kits in it.",
    )

    def _get_age_products(self, company):
        """Override of `age_verification`: a kit is what is in it."""
        products = super()._get_age_products(company)
        return products | products.with_company(company).age_part_ids

    def _get_age_quantity(self, part, quantity, company):
        """Override of `age_verification`: a kit may hold several of a part."""
        kit = self.env["mrp.bom"]
        if self and part != self:
            kit = kit._bom_find(self, company_id=company.id, bom_type="phantom")[self]
        if not kit:
            return super()._get_age_quantity(part, quantity, company)
        times = self.uom_id._compute_quantity(quantity, kit.product_uom_id, round=False)
        _boms, lines = kit.explode(self, times / kit.product_qty)
        return sum(
            line.product_uom_id._compute_quantity(vals["qty"], part.uom_id)
            for line, vals in lines
            if line.product_id == part
        )

    @api.depends("bom_ids.type", "bom_ids.bom_line_ids.product_id")
    @api.depends_context("company")
    def _compute_age_part_ids(self):
        """Read level by level for all products at once."""
        below, level = {}, self
        while level:
            kits = self.env["mrp.bom"]._bom_find(
                level, company_id=self.env.company.id, bom_type="phantom"
            )
            # At once: each kit looks only at its own lines later.
            self.env["mrp.bom"].union(*kits.values()).bom_line_ids.mapped("product_id")
            below |= {
                product: kits[product]._get_age_parts(product) for product in level
            }
            parts = self.browse().union(*(below[product] for product in level))
            level = parts - self.browse().union(*below)
        for product in self:
            product.age_part_ids = product._collect_age_parts(below)

    def _collect_age_parts(self, below):
        """All that is in a kit.

        :param below: {product: what is directly in it}
        """
        parts = level = below[self]
        while level:
            level = level.union(*(below[part] for part in level)) - parts
            parts |= level
        return parts
