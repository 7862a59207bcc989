from odoo import fields, models


class ArtisanTermsGrade(models.Model):
    _inherit = "artisan.terms.grade"

    partner_grade_id = fields.Many2one(
        "res.partner.grade",
        "Partner Level",
        index="btree_not_null",
        ondelete="restrict",
        help="The level that comes with the grade. Empty: none.",
    )
