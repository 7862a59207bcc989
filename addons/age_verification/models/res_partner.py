from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    age_proof_ids = fields.One2many(
        "age.proof", "partner_id", groups="age_verification.group_age_user"
    )
    age_exemption_ids = fields.One2many(
        "age.exemption", "partner_id", groups="age_verification.group_age_user"
    )
