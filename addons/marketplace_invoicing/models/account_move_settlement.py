from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..const import REVERSAL

#: What ties an entry to a month of a settlement.
SETTLEMENT_TIES = {
    "marketplace_settlement_id",
    "marketplace_settlement_month",
    "marketplace_is_reversed",
}


class AccountMove(models.Model):
    """Entries of a settlement stand and fall together."""

    _inherit = "account.move"

    marketplace_is_reversed = fields.Boolean(
        readonly=True,
        copy=False,
        help="The settlement was reversed; another entry takes this one's place.",
    )

    _marketplace_settlement_uniq = models.UniqueIndex(
        "(marketplace_settlement_id, marketplace_settlement_month) "
        "WHERE state != 'cancel' AND marketplace_is_reversed IS NOT TRUE "
        "AND marketplace_settlement_id IS NOT NULL",
        "This month of the settlement is booked already.",
    )

    @api.model
    def _get_ties(self):
        return super()._get_ties() | SETTLEMENT_TIES

    def _check_tie(self, vals):
        """Override of `marketplace.document.mixin`: nor does a person tie a settlement."""
        if not self.env.su and self._changes(vals, SETTLEMENT_TIES):
            raise AccessError(self.env._("A settlement makes its entries itself."))
        return super()._check_tie(vals)

    def _open_entries(self, name):
        """Return the action that shows these entries; several as the journal lists them.

        Core's first list of this model is that of invoices, with due dates and an upload.

        :param str name: title of the screen
        """
        action = self._get_records_action(name=name)
        if len(self) != 1:
            journal_entries = self.env.ref("account.view_move_tree")
            action["views"] = [(journal_entries.id, "list"), (False, "form")]
            action["context"] = {**action.get("context", {}), "create": False}
        return action

    def _check_draftable(self):
        """Override of `account`: one month alone would leave the others in the air."""
        self._check_whole_settlement()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Override of `account`: a settlement is reversed as a whole."""
        self._check_whole_settlement()
        return super()._reverse_moves(default_values_list, cancel)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Override of `account`: each item of a settlement with its own reverse.

        Core would match all of an account: orders with the payout that paid them.
        """
        if not self.line_ids._is_marketplace_reversal():
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        plan = []
        for move, reverse in zip(self, reverse_moves, strict=True):
            waiting = {}
            for item in reverse.line_ids:
                waiting.setdefault(item._get_reversal_key(-1), []).append(item)
            for item in move.line_ids:
                others = waiting.get(item._get_reversal_key(1))
                other = others.pop(0) if others else item.browse()
                if other and item.account_id.reconcile and not item.reconciled:
                    plan.append(item | other)
        if plan:
            items = self.line_ids.with_context(move_reverse_cancel=move_reverse_cancel)
            items._reconcile_plan(plan)
        return reverse_moves

    def _check_whole_settlement(self):
        """Refuse to undo one entry of a settlement by itself.

        :raises UserError: an entry of a settlement that is in the books
        """
        if self.env.context.get("marketplace_reverse_settlement") is REVERSAL:
            return
        tied = self.filtered(
            lambda move: (
                move.marketplace_settlement_id
                and not move.marketplace_is_reversed
                and move.state == "posted"
            )
        )
        if tied:
            # Who asks need not be one who may read settlements.
            settlement = tied[0].sudo().marketplace_settlement_id
            raise UserError(
                self.env._(
                    "%(entry)s belongs to the settlement %(settlement)s. Reverse the "
                    "settlement, it takes all its entries back.",
                    entry=tied[0].name,
                    settlement=settlement.display_name,
                )
            )

    def _is_marketplace_kept(self):
        """Tell whether this entry can only be reversed: secured, or of a closed period."""
        self.ensure_one()
        locks = self.company_id._get_violated_lock_dates(
            self.date, bool(self.line_ids.tax_ids), self.journal_id
        )
        return bool(self.inalterable_hash or locks)
