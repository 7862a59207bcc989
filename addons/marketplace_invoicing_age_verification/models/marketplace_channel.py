from odoo import fields, models

from odoo.addons.age_verification import const


class MarketplaceChannel(models.Model):
    _inherit = "marketplace.channel"

    age_assurance = fields.Selection(
        const.ASSURANCES,
        "Age checked by the marketplace",
        tracking=True,
        help="How the marketplace checks the age of those who buy restricted products "
        "there, by its own terms. Each order keeps that as evidence. Empty: it does not, "
        "and orders wait for a proof of yours.",
    )
