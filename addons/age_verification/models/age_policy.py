from odoo import fields, models

from .. import const
from ..engine import bounds


class AgePolicy(models.Model):
    """How buyers prove their age, and what happens until they have."""

    _name = "age.policy"
    _description = "Age Policy"
    _inherit = ["mail.thread"]
    _order = "company_id, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    fallback_age = fields.Integer(
        default=18,
        required=True,
        tracking=True,
        help="Asked where no rule is known, and beside rules that are in doubt.",
    )
    min_assurance = fields.Selection(
        const.ASSURANCES,
        "Weakest proof",
        required=True,
        default="estimated",
        tracking=True,
        help="Proofs weaker than this do not count.",
    )
    proof_valid_days = fields.Integer(
        "Proofs count for (days)",
        default=365,
        tracking=True,
        help="A proof of age cannot become wrong, but it may have been somebody else's: "
        "after so many days the buyer is asked again. 0: it counts for ever.",
    )
    mixed_baskets = fields.Selection(
        [
            ("order", "Hold the whole order"),
            ("lines", "Confirm the order, hold the restricted lines"),
        ],
        required=True,
        default="order",
        tracking=True,
        help="What waits for the proof when only some lines are restricted. Lines that "
        "are held cannot be invoiced.",
    )
    invoice_on_release = fields.Boolean(
        "Invoice at once",
        tracking=True,
        help="An order that goes on after a proof is invoiced, and its invoice posted, "
        "without anybody's doing. Orders paid online follow the setting of online "
        "payments.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        help="Gets the tasks: what no provider can decide, underage buyers, overrides.",
    )
    follow_up_days = fields.Integer(
        "Tell the person responsible after (days)",
        default=7,
        help="A buyer was asked and has done nothing for so many days. 0: never.",
    )
    four_eyes = fields.Boolean(
        "Two persons",
        help="A document that a person has checked counts when a second one has confirmed "
        "it.",
    )
    step_ids = fields.One2many("age.policy.step", "policy_id", copy=True)

    _fallback_positive = models.Constraint(
        "CHECK(fallback_age > 0 AND fallback_age <= 99)", "An age is between 1 and 99."
    )
    _days_positive = models.Constraint(
        "CHECK(proof_valid_days >= 0 AND follow_up_days >= 0)",
        "A number of days cannot be negative.",
    )

    def _get_fallback(self):
        """What is asked where no rule is known; 18 without a policy."""
        return bounds.Requirement(bounds.AGE, self.fallback_age or 18)
