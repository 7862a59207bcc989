from odoo import models
from odoo.fields import Domain

from .artisan_payout_entry import SETTLED

#: Where the invoices are kept until the end of the transaction.
CHANGED = "artisan_pricing.payment_changed"


class AccountMove(models.Model):
    _inherit = "account.move"

    def _compute_payment_state(self):
        """Override of `account` to notice invoices that are unpaid again, or paid after all."""
        invoices = self.filtered(
            lambda move: move.id and move.move_type == "out_invoice"
        )
        paid = invoices.filtered(lambda move: move.payment_state in SETTLED)
        res = super()._compute_payment_state()
        changed = invoices.filtered(
            lambda move: (move in paid) != (move.payment_state in SETTLED)
        )
        if changed:
            precommit = self.env.cr.precommit
            # Payments are taken off and put on again: what counts is how it ends.
            if CHANGED not in precommit.data:
                precommit.data[CHANGED] = set()
                precommit.add(self.sudo().browse()._tell_payment_changed)
            precommit.data[CHANGED].update(changed.ids)
        return res

    def _tell_payment_changed(self):
        """Have somebody look at statements that paid out what customers now have not paid;
        or nobody any more, once they have."""
        moves = self.browse(self.env.cr.precommit.data.pop(CHANGED, ())).exists()
        moves = moves.filtered(lambda move: move.state == "posted")
        if not moves:
            return
        Entry = self.env["artisan.payout.entry"]
        rows = Entry._read_group(
            Entry._live_domain()
            & Domain("source_move_id", "in", moves.ids)
            & Domain("statement_id.state", "in", ("confirmed", "billed"))
            & Domain("maker_id.maker_payout_when", "!=", "invoiced"),
            ["statement_id", "source_move_id"],
            ["amount:sum"],
        )
        for statement, move, amount in rows:
            if move.payment_state in SETTLED:
                statement._tell_paid_after_all(move)
            elif statement.currency_id.compare_amounts(amount, 0) > 0:
                statement._tell_unpaid(move, amount)
        self.env.flush_all()  # runs after the last flush of the transaction
