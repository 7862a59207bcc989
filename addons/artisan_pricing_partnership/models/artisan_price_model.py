from odoo import fields, models


class ArtisanPriceModel(models.Model):
    _inherit = "artisan.price.model"

    grade_ids = fields.Many2many(
        "res.partner.grade",
        string="Partner Levels",
        tracking=True,
        help="It prices orders of customers of these levels only. Leave it empty for all.",
    )

    def _is_for_customer(self, customer):
        """Whether it prices orders of a customer; with levels never outside an order."""
        self.ensure_one()
        if not self.grade_ids:
            return True
        grade = customer.grade_id or customer.commercial_partner_id.grade_id
        return grade in self.grade_ids
