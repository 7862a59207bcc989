from datetime import date

import pytz

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    age_policy_id = fields.Many2one(
        "age.policy",
        "Age policy",
        domain="[('company_id', '=', id)]",
        help="How buyers prove their age, unless a rule or class of products says "
        "otherwise.",
    )

    age_test_mode = fields.Boolean(
        "Count checks made in test mode",
        help="For trying out only. Otherwise providers in test mode are offered to nobody, "
        "and what was proved or refused with them does not count.",
    )
    age_proof_keep_days = fields.Integer(
        "Keep proofs of age (days)",
        default=30,
        help="A proof is deleted so many days after it stopped counting.",
    )
    age_evidence_keep_days = fields.Integer(
        "Keep age evidence (days)",
        default=1095,
        help="Checks and the log of readings are deleted after so many days. Incidents "
        "stay, but no longer say who the buyer was.",
    )

    _age_keep_days_positive = models.Constraint(
        "CHECK(age_proof_keep_days >= 0 AND age_evidence_keep_days > 0)",
        "Keep proofs for no negative number of days, and evidence for one day at least.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new company begins with a policy, as others do at installation."""
        companies = super().create(vals_list)
        companies._create_age_policies()
        return companies

    @api.model
    def _init_age_policies(self):
        """Give each company without a policy one that is careful."""
        self.search([("age_policy_id", "=", False)])._create_age_policies()

    def _create_age_policies(self):
        for company in self.filtered(lambda company: not company.age_policy_id):
            company.age_policy_id = (
                self.env["age.policy"]
                .sudo()
                .create(
                    {
                        "name": self.env._("Proof of age"),
                        "company_id": company.id,
                        "user_id": False,
                    }
                )
            )

    def _get_age_today(self) -> date:
        """The day by whose law a sale of now is judged: today where the company is."""
        self.ensure_one()
        # Not the user's zone: who looks must not change how old somebody is.
        zone = self.partner_id.tz or "UTC"
        now = fields.Datetime.now().replace(tzinfo=pytz.utc)
        return now.astimezone(pytz.timezone(zone)).date()
