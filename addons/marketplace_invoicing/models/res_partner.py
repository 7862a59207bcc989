from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    marketplace_mapping_ids = fields.One2many(
        "marketplace.partner.mapping", "partner_id", string="Marketplace Buyer Ids"
    )
