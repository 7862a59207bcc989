from odoo import api, models
from odoo.fields import Domain

from odoo.addons.marketplace_invoicing.const import PAID_STATUSES


class DunningGate(models.AbstractModel):
    _inherit = "dunning.gate"

    @api.model
    def _get_checks(self):
        """Override: what the buyer paid to the marketplace is not asked for again."""
        return [*super()._get_checks(), "_check_collected"]

    @api.model
    def _check_collected(self, debts, facts, options):
        """Money that a marketplace collected, also before it stands on its account."""
        moves = self.env["account.move"].sudo()
        collected = set(
            moves.search(
                Domain("id", "in", list({debt.move_id for debt in debts}))
                & Domain("marketplace_order_id.paid_through_channel", "=", "yes")
                & Domain("marketplace_order_id.payment_status", "in", PAID_STATUSES)
            ).ids
        )
        for debt in debts:
            if debt.move_id in collected:
                debt.stop("payment_linked")
