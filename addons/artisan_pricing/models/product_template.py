from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Who makes it, and whose price models apply to it.",
    )
