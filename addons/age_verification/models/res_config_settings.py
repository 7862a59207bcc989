from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    age_policy_id = fields.Many2one(
        related="company_id.age_policy_id", readonly=False, string="Age policy"
    )
    age_test_mode = fields.Boolean(related="company_id.age_test_mode", readonly=False)
    age_proof_keep_days = fields.Integer(
        related="company_id.age_proof_keep_days", readonly=False
    )
    age_evidence_keep_days = fields.Integer(
        related="company_id.age_evidence_keep_days", readonly=False
    )
