from odoo import fields, models


class MarketplaceIssueCause(models.Model):
    _inherit = "marketplace.issue.cause"

    code = fields.Selection(
        selection_add=[
            ("age_unproved", "Age not proved"),
            ("age_refused", "Not for this buyer"),
        ],
        ondelete={"age_unproved": "cascade", "age_refused": "cascade"},
    )

    def _compute_suggested_action(self):
        """Override: what to do about the age of a buyer."""
        result = super()._compute_suggested_action()
        actions = {
            "age_unproved": self.env._(
                "Ask the buyer for proof of age; the order goes on by itself"
            ),
            "age_refused": self.env._("Cancel and refund it on the channel"),
        }
        for cause in self.filtered(lambda cause: cause.code in actions):
            cause.suggested_action = actions[cause.code]
        return result
