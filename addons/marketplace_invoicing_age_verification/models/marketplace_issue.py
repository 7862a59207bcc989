from odoo import fields, models


class MarketplaceIssue(models.Model):
    _inherit = "marketplace.issue"

    code = fields.Selection(
        selection_add=[
            ("age_unproved", "Age not proved"),
            ("age_refused", "Not for this buyer"),
        ],
        ondelete={"age_unproved": "cascade", "age_refused": "cascade"},
    )
