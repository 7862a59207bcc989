from odoo import api, fields, models


class AgePolicyStep(models.Model):
    """One rung of a policy: who is asked, and how far above the law's age."""

    _name = "age.policy.step"
    _description = "Age Policy Step"
    _order = "policy_id, sequence, id"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "age.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    provider_id = fields.Many2one("age.provider", required=True, check_company=True)
    buffer_years = fields.Integer(
        default=7,
        help="Estimates are not exact: ask for so many years more than the law. 7 years "
        "above 18 is the usual challenge at 25. With 0, who looks a little too young is "
        "refused for good, and who looks a little too old passes.",
    )
    max_attempts = fields.Integer(
        "Attempts", default=3, help="After so many failures the next step is offered."
    )

    _numbers_positive = models.Constraint(
        "CHECK(buffer_years >= 0 AND max_attempts > 0)",
        "Give at least one attempt, and no negative buffer.",
    )

    @api.depends("policy_id.name", "provider_id.name")
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "%(policy)s: %(provider)s",
                policy=step.policy_id.name or "",
                provider=step.provider_id.name or "",
            )
