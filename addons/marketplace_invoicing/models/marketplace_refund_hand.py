from datetime import timedelta

from odoo import models

from .marketplace_refund_match import DOUBLE_CODE

#: A person may write a credit note this long before or after the money goes back.
HAND_DAYS = timedelta(days=14)


class MarketplaceRefund(models.Model):
    """Credit notes that a person made of what the channel then tells: one is enough."""

    _inherit = "marketplace.refund"

    def _take_notes(self):
        """Take the one posted credit note by hand that is a refund's, with its money.

        :return: the refunds that have a credit note now
        """
        notes = self._get_notes_by_hand()
        taken, done = self.env["account.move"], self.browse()
        for refund in self.sorted("id"):
            fits = (notes.get(refund.invoice_id, taken) - taken).filtered(
                refund._is_own_note
            )
            if len(fits) == 1 and refund._is_note_open(fits) and not refund.is_distinct:
                refund._take_note(fits)
                taken |= fits
                done |= refund
        if done:
            done._clear()
        return done

    def _take_note(self, note):
        """Let a credit note by hand be this refund's.

        Two workers cannot: the note's row and the order's are written.
        """
        self.ensure_one()
        note.write(
            {
                "marketplace_refund_id": self.id,
                "marketplace_order_id": self.order_id.id,
            }
        )
        self.credit_move_id = note
        self.order_id.amount_credited += self.amount_to_credit
        self.issue_ids.filtered(lambda i: i.code != "refund_changed")._close("resolved")
        self._update_state(
            ("waiting",),
            "credited",
            self.env._("Credited by hand with %(note)s", note=note.name),
        )

    def _hold_by_hand(self):
        """Send to review refunds that a credit note by hand may be of; return them.

        One of the same amount whose money went elsewhere, one of several, or one of another
        amount whose money is open.
        """
        notes = self._get_notes_by_hand()
        held = self.browse()
        for refund in self.filtered(lambda refund: not refund.is_distinct):
            doubtful = notes.get(refund.invoice_id, self.env["account.move"]).filtered(
                lambda note, refund=refund: (
                    note.amount_residual > 0 or refund._is_own_note(note)
                )
            )
            if doubtful:
                held |= refund
                refund._send_to_review(DOUBLE_CODE, refund._get_hand_message(doubtful))
        return held

    def _get_hand_message(self, notes):
        self.ensure_one()
        return self.env._(
            "%(refund)s was given back, and credited by hand was %(notes)s: it may be the "
            "same money. Correct the credit note to the refund's amount and check again, or "
            "credit the refund separately.",
            refund=self.currency_id.format(self.amount_to_credit),
            notes=", ".join(
                f"{note.currency_id.format(note.amount_total)} ({note.name})"
                for note in notes
            ),
        )

    def _get_notes_by_hand(self):
        """Return {invoice: posted credit notes of it that are no refund's}."""
        return (
            self._get_credit_notes()
            .filtered(
                lambda note: note.state == "posted" and not note.marketplace_refund_id
            )
            .grouped("reversed_entry_id")
        )

    def _is_own_note(self, note):
        """Tell whether a credit note by hand comes to this refund, at about its time."""
        self.ensure_one()
        if note.currency_id != self.currency_id:
            return False
        if self.currency_id.compare_amounts(note.amount_total, self.amount_to_credit):
            return False
        if not self.created_date:
            return True
        day = self.order_id._to_local_date(self.created_date)
        return abs(note.invoice_date - day) <= HAND_DAYS

    def _is_note_open(self, note):
        """Tell whether nobody else got the money of a credit note, where we clear it."""
        self.ensure_one()
        return (
            self.order_id.paid_through_channel != "yes"
            or note.currency_id.compare_amounts(note.amount_residual, note.amount_total)
            == 0
        )
