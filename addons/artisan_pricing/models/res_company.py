from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    order_quantity_policy = fields.Selection(
        [
            ("stop", "Cannot be confirmed"),
            ("warn", "Can be confirmed, with a warning before"),
        ],
        default="stop",
        help="What happens to quotations below a minimum of a maker, or with a broken "
        "case. Customers can then sign or pay them online, or not.",
    )
