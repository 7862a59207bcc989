from odoo import models


class MarketplaceRefund(models.Model):
    _inherit = "marketplace.refund"

    def _prepare_credit_line(self, part):
        """Override of `marketplace_invoicing` to name the line that is taken back: of several
        lines of one product, its maker gives back what that line brought."""
        values = super()._prepare_credit_line(part)
        if not part.is_spread:
            values["refunded_line_id"] = part.key
        return values
