from odoo import fields, models


class AgePolicy(models.Model):
    _inherit = "age.policy"

    needs_delivery_check = fields.Boolean(
        "Check at the door",
        tracking=True,
        help="All restricted products are handed over by carriers that check the age, "
        "whatever the law asks.",
    )
