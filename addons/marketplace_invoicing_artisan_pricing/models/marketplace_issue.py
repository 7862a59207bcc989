from odoo import fields, models


class MarketplaceIssue(models.Model):
    _inherit = "marketplace.issue"

    code = fields.Selection(
        selection_add=[("maker_price", "Makers' prices differ")],
        ondelete={"maker_price": "cascade"},
    )

    def _compute_can_accept(self):
        """Override: an order may be invoiced at the makers' prices though more or less
        was paid."""
        result = super()._compute_can_accept()
        self.filtered(lambda issue: issue.code == "maker_price").can_accept = True
        return result
