from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    age_own_class_id = fields.Many2one(
        "age.product.class",
        "Age-restricted as",
        tracking=True,
        help="Which laws on age apply. Empty: as the category says.",
    )
    age_class_id = fields.Many2one(
        "age.product.class",
        "Age class",
        compute="_compute_age_class_id",
        store=True,
        index="btree_not_null",
    )
    age_uses_abv = fields.Boolean(related="age_class_id.uses_abv")
    age_abv = fields.Float(
        "Alcohol (% vol.)",
        digits=(5, 2),
        tracking=True,
        help="Strength as on the label. 0: not known, the strictest rule applies.",
    )
    age_distilled = fields.Selection(
        [("distilled", "Distilled"), ("fermented", "Fermented")],
        "Made by",
        tracking=True,
        help="Some laws tell distilled drinks from fermented ones. Empty: not known.",
    )

    _age_abv_range = models.Constraint(
        "CHECK(age_abv >= 0 AND age_abv <= 100)",
        "Alcohol is between 0 and 100 % by volume.",
    )

    @api.depends("age_own_class_id", "categ_id.age_inherited_class_id")
    def _compute_age_class_id(self):
        for product in self:
            product.age_class_id = (
                product.age_own_class_id or product.categ_id.age_inherited_class_id
            )
