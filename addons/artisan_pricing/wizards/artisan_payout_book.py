from odoo import fields, models
from odoo.fields import Domain

from ..payout_refund import CUSTOMER_TYPES

#: Invoices that are booked, and committed, at a time.
BATCH = 100


class ArtisanPayoutBook(models.TransientModel):
    _name = "artisan.payout.book"
    _description = "Book Invoices For Makers"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "Invoices From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1),
    )
    maker_ids = fields.Many2many(
        "res.partner", string="Makers", domain=[("is_maker", "=", True)]
    )

    def action_book(self):
        """Book confirmed invoices that are not booked yet, and show what they bring."""
        self.ensure_one()
        moves = self.env["account.move"].search(self._get_domain(), order="date, id")
        for start in range(0, len(moves), BATCH):
            # Who books at the same time in another window has done these.
            moves[start : start + BATCH].try_lock_for_update()._book_payouts()
        if moves.sudo().filtered("artisan_booking_note"):
            return self.env["ir.actions.act_window"]._for_xml_id(
                "artisan_pricing.account_move_not_booked_action"
            )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_payout_entry_action"
        )

    def _get_domain(self):
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "posted")
            & Domain("date", ">=", self.date_from)
            & Domain("move_type", "in", CUSTOMER_TYPES)
            & Domain("artisan_entry_ids", "=", False)
            & self.env["account.move"]._sold_for_domain(self.maker_ids)
        )
