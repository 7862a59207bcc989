from odoo import fields, models


class ArtisanPriceModel(models.Model):
    _inherit = "artisan.price.model"

    counts_history = fields.Boolean(
        "Last 12 Months",
        tracking=True,
        help="What the customer ordered in the 12 months before counts for the tiers as "
        "well: confirmed orders, less what was credited. Within the same lines, "
        "products or category as in the order itself.",
    )
