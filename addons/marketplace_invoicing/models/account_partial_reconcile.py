from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payout is in the bank as soon as it is matched with a transaction, by whomever."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._get_paid_settlements()._update_banked()
        return partials

    def unlink(self):
        settlements = self._get_paid_settlements()
        result = super().unlink()
        settlements._update_banked()
        settlements.filtered(lambda s: s.state == "posted").is_deposit_undone = True
        return result

    def _get_paid_settlements(self):
        """Return the settlements whose payouts are matched here."""
        # Who reconciles the bank need not be one who reviews settlements.
        items = (self.debit_move_id | self.credit_move_id).sudo()
        payouts = items.filtered(lambda item: item.marketplace_role == "payout")
        return payouts.move_id.marketplace_settlement_id
