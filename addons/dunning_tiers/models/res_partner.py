from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        "Dunning policy",
        company_dependent=True,
        check_company=True,
        help="Used for this customer instead of the company's policy.",
    )
    dunning_user_id = fields.Many2one(
        "res.users",
        "Answers dunning replies",
        company_dependent=True,
        help="Answers this customer's replies instead of the policy's person.",
    )
    dunning_hold_ids = fields.One2many("dunning.hold", "partner_id")
    dunning_notice_ids = fields.One2many("dunning.notice", "partner_id")

    def write(self, vals):
        """Override: a corrected address has not bounced."""
        if "email" in vals:
            changed = self.filtered(
                lambda partner: (
                    partner.message_bounce and partner.email != vals["email"]
                )
            )
            changed.message_bounce = 0
        return super().write(vals)
