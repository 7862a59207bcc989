from odoo import models

from ..const import REVERSAL, SETTLED_STATES


class MarketplaceSettlement(models.Model):
    """Taking the entries of a settlement back, whole."""

    _inherit = "marketplace.settlement"

    def action_reverse(self):
        """Take all entries of these settlements back; they wait for approval again.

        Entries that nothing has secured are cancelled and keep their numbers; others, and
        those of a closed period, get a reverse entry. Orders, bank transactions and
        neighbouring settlements are free to be matched anew.
        """
        self.check_access("write")
        settlements = self.sudo().filtered(lambda s: s.state in SETTLED_STATES)
        settlements = settlements.with_context(
            marketplace_reverse_settlement=REVERSAL, tracking_disable=True
        )
        orders = settlements.line_ids.order_id
        settlements._undo_deposits()
        moves = settlements.move_ids.filtered(
            lambda move: move.state != "cancel" and not move.marketplace_is_reversed
        )
        kept = moves.filtered(lambda move: move._is_marketplace_kept())
        settlements._reverse_kept_entries(kept)
        (moves - kept).button_cancel()
        # The unique index must see them gone before their successors come.
        moves.flush_recordset(["state", "marketplace_is_reversed"])
        settlements.line_ids.entry_line_id = False
        settlements.write(
            {
                "approval": "needed",
                "approved_by_id": False,
                "bank_line_id": False,
                "is_deposit_undone": False,
            }
        )
        settlements._update_state(SETTLED_STATES, "ready")
        orders._reconcile_clearing()
        for settlement in settlements:
            settlement._message_log(body=self.env._("All entries were taken back."))

    def _reverse_kept_entries(self, moves):
        """Reverse entries that cannot be cancelled, on the day their successors get.

        That is their own day, or the first open one: so nothing is doubled at the end of any
        month in between.
        """
        values = [
            {
                "date": move.marketplace_settlement_id._get_entry_date(
                    move.date, bool(move.line_ids.tax_ids)
                ),
                "ref": self.env._("Reversal of: %(entry)s", entry=move.name),
            }
            for move in moves
        ]
        moves.marketplace_is_reversed = True
        moves.with_context(marketplace_keep_orders=REVERSAL)._reverse_moves(
            values, cancel=True
        )
