from odoo import api, fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    age_class_id = fields.Many2one(
        "age.product.class",
        "Age-restricted as",
        help="For all products of this category and those below it that have no class of "
        "their own.",
    )
    age_inherited_class_id = fields.Many2one(
        "age.product.class",
        "Age class with categories above",
        compute="_compute_age_inherited_class_id",
        store=True,
        recursive=True,
    )

    @api.depends("age_class_id", "parent_id.age_inherited_class_id")
    def _compute_age_inherited_class_id(self):
        for category in self:
            category.age_inherited_class_id = (
                category.age_class_id or category.parent_id.age_inherited_class_id
            )
