from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    maker_sees_customer = fields.Boolean(
        help="Makers read in their portal who bought their products: the name, never the "
        "address."
    )
