from odoo import fields, models


class DunningPolicy(models.Model):
    """Which law or contract the charges follow, and where they are booked."""

    _inherit = "dunning.policy"

    interest_rule_id = fields.Many2one(
        "dunning.interest.rule",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Interest and compensation follow this rule. Empty: the rule of your "
        "company's country.",
    )
    fee_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Income account for reminder fees that are posted. Empty: that of the journal. "
        "Only the taxes of the account itself are added: what is paid for being late is "
        "outside VAT in the EU.",
    )
    interest_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Income account for interest that is posted. Empty: that of the journal.",
    )
    compensation_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        help="Income account for compensation that is posted. Empty: that of the journal.",
    )

    def _get_interest_rules(self):
        """Rules that the policies' levels charge interest by, of business customers."""
        rules = self.env["dunning.interest.rule"]
        charging = self.filtered(
            lambda policy: any(policy.level_ids.mapped("charge_interest"))
        )
        for policy in charging:
            company = policy.company_id
            rules |= policy.interest_rule_id or rules._find_for(
                company, company.partner_id
            )
        return rules
