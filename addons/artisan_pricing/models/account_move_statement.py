from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..groups import MONEY_GROUPS


class AccountMove(models.Model):
    _inherit = "account.move"

    artisan_undone_statement_id = fields.Many2one(
        "artisan.statement",
        "Statement Taken Back",
        groups=MONEY_GROUPS,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The statement whose bill is taken back by this credit note, and which can be "
        "billed again.",
    )

    # Copies have it, too: they are known by it.
    artisan_made_for_id = fields.Many2one(
        "artisan.statement",
        "Made for Statement",
        groups=MONEY_GROUPS,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The statement that this bill, or the one that it is a copy of, was made for.",
    )

    def _post(self, soft=True):
        """Override of `account` to keep a statement's bill to what the statement pays, and to
        let a statement be billed again once its bill is credited."""
        self._check_pays_statement()
        self._check_pays_none_again()
        posted = super()._post(soft)
        posted._undo_statements()
        return posted

    def button_draft(self):
        """Override of `account` to make a bill count again whose credit note does not."""
        res = super().button_draft()
        self._redo_statements()
        return res

    def action_open_artisan_statement(self):
        """The statement that this bill was made for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "artisan.statement",
            "res_id": self.artisan_made_for_id.id,
            "view_mode": "form",
        }

    def _get_statement_bills(self):
        """Those of these that pay out statements."""
        bills = self.sudo().filtered(lambda move: move.move_type == "in_invoice")
        return bills.filtered("artisan_statement_ids")

    def _check_pays_statement(self):
        """
        :raise UserError: a bill of another amount, currency or maker than its statement
        """
        for bill in self._get_statement_bills():
            statement = bill.artisan_statement_ids
            currency = statement.currency_id
            if (
                bill.currency_id == currency
                and bill.commercial_partner_id
                == statement.maker_id.commercial_partner_id
                and not currency.compare_amounts(
                    bill.amount_untaxed, sum(statement.mapped("payout"))
                )
            ):
                continue
            raise UserError(
                self.env._(
                    "This bill is %(amount)s without tax to %(partner)s, but %(statement)s "
                    "pays %(payout)s to %(maker)s. Delete it and bill the statement again; "
                    "what is to be changed is an adjustment, on the next statement.",
                    amount=bill.currency_id.format(bill.amount_untaxed),
                    partner=bill.partner_id.display_name,
                    statement=", ".join(statement.mapped("display_name")),
                    payout=currency.format(sum(statement.mapped("payout"))),
                    maker=statement.maker_id.display_name,
                )
            )

    def _check_pays_none_again(self):
        """
        :raise UserError: a bill that is no statement's, but was made for one, is a copy of
            one that was, or names a statement of its vendor
        """
        bills = self.sudo().filtered(
            lambda move: (
                move.move_type == "in_invoice" and not move.artisan_statement_ids
            )
        )
        names = {*bills.mapped("ref"), *bills.mapped("invoice_origin")} - {False}
        named = self.env["artisan.statement"].sudo()
        if names:
            named = named.search(
                Domain("name", "in", list(names))
                & Domain("company_id", "in", bills.company_id.ids)
            )
        for bill in bills:
            statement = bill.artisan_made_for_id or bill._get_named(named)[:1]
            if statement:
                raise UserError(
                    self.env._(
                        "This bill would pay %(statement)s once more: it is not the bill "
                        "that was made there, or was given up. Delete it, and use Make Bill "
                        "on the statement if it is not billed.",
                        statement=statement.display_name,
                    )
                )

    def _get_named(self, statements):
        """Those of statements that this bill names, of its vendor."""
        self.ensure_one()
        return statements.filtered(
            lambda each: (
                each.name in (self.ref, self.invoice_origin)
                and each.company_id == self.company_id
                and each.maker_id.commercial_partner_id == self.commercial_partner_id
            )
        )

    def _undo_statements(self):
        """Statements whose bill is credited in full are confirmed, and not billed."""
        notes = self.sudo().filtered(lambda move: move.move_type == "in_refund")
        for bill in notes.reversed_entry_id._get_statement_bills():
            notes = bill.reversal_move_ids.filtered(
                lambda move: move.move_type == "in_refund" and move.state == "posted"
            )
            credited = sum(notes.mapped("amount_total"))
            if bill.currency_id.compare_amounts(credited, bill.amount_total) >= 0:
                notes.artisan_undone_statement_id = bill.artisan_statement_ids[:1]
                bill._release_statements()

    def _redo_statements(self):
        """What `_undo_statements` did, undone.

        :raise UserError: the statement is paid by another bill, or open, meanwhile
        """
        notes = self.sudo().filtered("artisan_undone_statement_id")
        for note in notes:
            statement, bill = note.artisan_undone_statement_id, note.reversed_entry_id
            if not statement or bill.artisan_made_for_id != statement:
                continue  # done with another credit note of the bill, or no bill of it
            if statement.state != "confirmed":
                raise UserError(
                    self.env._(
                        "%(statement)s is billed or open again since %(note)s took its bill "
                        "back: delete its new bill, or confirm it, first.",
                        statement=statement.display_name,
                        note=note.display_name,
                    )
                )
            bill.reversal_move_ids.artisan_undone_statement_id = False
            statement.write({"bill_id": bill.id, "state": "billed"})
