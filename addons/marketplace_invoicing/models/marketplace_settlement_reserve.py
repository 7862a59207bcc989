from odoo import models


class MarketplaceSettlement(models.Model):
    """Money held back, and its release."""

    _inherit = "marketplace.settlement"

    def _reconcile_reserves(self):
        """Reconcile what was held back with what was released, per channel and account.

        The oldest first; what the exchange rate did in between core books itself. Only
        accounts that allow reconciliation take part.
        """
        accounts = self.line_ids.filtered(
            lambda line: line.type == "reserve"
        ).entry_line_id.account_id.filtered("reconcile")
        if not accounts:
            return
        items = self.env["account.move.line"].search(
            [
                ("account_id", "in", accounts.ids),
                (
                    "move_id.marketplace_settlement_id.channel_id",
                    "in",
                    self.channel_id.ids,
                ),
                ("marketplace_role", "=", False),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="date, id",
        )
        groups = items.grouped(
            lambda item: (
                item.move_id.marketplace_settlement_id.channel_id,
                item.account_id,
                item.currency_id,
            )
        )
        plan = [
            group
            for group in groups.values()
            if len({item.amount_residual_currency > 0 for item in group}) == 2
        ]
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
