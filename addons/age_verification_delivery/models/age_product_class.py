from odoo import fields, models


class AgeProductClass(models.Model):
    _inherit = "age.product.class"

    needs_delivery_check = fields.Boolean(
        "Check at the door",
        help="These products are handed over by carriers that check the age, whatever the "
        "law of the destination asks.",
    )
