from odoo import fields, models


class MarketplaceIssueCause(models.Model):
    _inherit = "marketplace.issue.cause"

    code = fields.Selection(
        selection_add=[("maker_price", "Makers' prices differ")],
        ondelete={"maker_price": "cascade"},
    )

    def _compute_suggested_action(self):
        """Override: what to do where the makers' prices come to another total."""
        result = super()._compute_suggested_action()
        self.filtered(
            lambda cause: cause.code == "maker_price"
        ).suggested_action = self.env._(
            "Keep the marketplace's prices, or accept the makers'"
        )
        return result

    def action_fix(self):
        """Override: the choice is made on the orders."""
        self.ensure_one()
        if self.code == "maker_price":
            return self.action_open_orders()
        return super().action_fix()
