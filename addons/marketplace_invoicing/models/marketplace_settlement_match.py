from odoo import models

from .marketplace_order_settlement import SETTLED_STATES


class MarketplaceSettlement(models.Model):
    """What settlements tell about orders and bank transactions, by reference."""

    _inherit = "marketplace.settlement"

    # === ORDERS ===

    def _match_orders(self):
        """Find the orders of these settlements' lines; reconcile what is booked already."""
        self.sudo().line_ids._match_to_orders()
        booked = self.filtered(lambda settlement: settlement.state in SETTLED_STATES)
        booked.sudo().line_ids.order_id._reconcile_clearing()

    def _reconcile_entries(self):
        """Reconcile the entries among themselves, with orders and with their neighbours."""
        plan = []
        for settlement in self:
            carried = settlement._get_clearing_items("carry").sorted(
                lambda item: (item.move_id.marketplace_settlement_month, item.id)
            )
            # Out of one month and into the next, in turn; a month in between has its
            # "in" before its "out" as the plan lists them.
            plan += [carried[n : n + 2] for n in range(0, len(carried), 2)]
        plan += self._get_continued_balances()
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
        self._reconcile_reserves()
        self.line_ids.order_id._reconcile_clearing()

    def _get_clearing_items(self, role):
        """Return the items of one role in the entries that stand."""
        return self.move_ids.filtered(
            lambda move: move.state == "posted" and not move.marketplace_is_reversed
        ).line_ids.filtered(lambda item: item.marketplace_role == role)

    def _get_continued_balances(self):
        """Return pairs of a closing balance and the opening balance that takes it up."""
        if not any(s.opening_balance or s.closing_balance for s in self):
            return []
        items = self.env["account.move.line"].search(
            [
                ("marketplace_role", "in", ("opening", "closing")),
                ("account_id", "in", self.channel_id.clearing_account_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="date, id",
        )
        closings, openings = {}, []
        for item in items:
            settlement = item.move_id.marketplace_settlement_id
            is_closing = item.marketplace_role == "closing"
            amount = item.amount_residual_currency * (1 if is_closing else -1)
            key = (settlement.channel_id, item.currency_id, amount)
            if is_closing:
                closings.setdefault(key, []).append(item)
            else:
                openings.append((item, key))
        pairs = []
        for opening, key in openings:
            if closing := opening._choose_closing(closings.get(key, [])):
                closings[key].remove(closing)
                pairs.append(closing | opening)
        return pairs

    # === ACTIONS ===

    def action_match(self):
        """Look again for orders and bank transactions of these settlements."""
        self.check_access("write")
        self._match_orders()
        self._match_deposits()
