from odoo import models

from ..const import REVERSAL


class AccountMoveLine(models.Model):
    """What happens to the items of a settlement whose entry gets a reverse entry."""

    _inherit = "account.move.line"

    def _is_marketplace_reversal(self):
        """Tell whether a settlement takes an entry back that stays in the books."""
        return self.env.context.get("marketplace_keep_orders") is REVERSAL

    def _get_reversal_key(self, sign):
        """Return what an item and its reverse have in common.

        :param sign: 1 for the item, -1 for its reverse
        """
        self.ensure_one()
        return (
            self.account_id,
            self.currency_id,
            self.name,
            self.marketplace_order_id,
            self.marketplace_role,
            self.currency_id.round(sign * self.amount_currency),
            self.company_currency_id.round(sign * self.balance),
        )

    def _copy_data_extend_business_fields(self, values):
        """Override of `account`: a reverse item stands for the same, the other way round.

        An order is open again by it, and the payout's next entry pays it.
        """
        result = super()._copy_data_extend_business_fields(values)
        if self._is_marketplace_reversal():
            values["marketplace_order_id"] = self.marketplace_order_id.id
            values["marketplace_role"] = self.marketplace_role
        return result

    def remove_move_reconcile(self):
        """Override of `account`: what orders were paid by stays matched.

        In the closed month they were paid, and every list of a day in it goes on saying so.
        """
        items = self
        if self._is_marketplace_reversal():
            items = self.filtered(lambda item: not item.marketplace_order_id)
        return super(AccountMoveLine, items).remove_move_reconcile()

    def _get_matched_items(self):
        """Return the items that these are matched with, directly."""
        return (
            self.matched_debit_ids.debit_move_id
            | self.matched_credit_ids.credit_move_id
        )

    def _choose_closing(self, closings):
        """Return the closing balance of another settlement that this opening one takes up.

        The last one before it; after a reversal in a closed month a later one, too.

        :param closings: list of items of the same amount, oldest first
        """
        self.ensure_one()
        own = self.move_id.marketplace_settlement_id
        others = [
            item for item in closings if item.move_id.marketplace_settlement_id != own
        ]
        earlier = [item for item in others if item.date <= self.date]
        return (earlier[-1:] or others[:1] or [self.browse()])[0]
