from psycopg2 import OperationalError

from odoo import Command, fields, models
from odoo.exceptions import UserError


class DunningNotice(models.Model):
    """Invoicing of charges, for policies that post them."""

    _inherit = "dunning.notice"

    charge_move_id = fields.Many2one(
        "account.move",
        "Invoice of charges",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _post_charges(self):
        """Invoice the charges of notices that were sent, where the policy says so.

        Called again it finds nothing to do: a notice has one such invoice, and its row is
        locked until the link is written. What cannot be invoiced is noted on the notice
        for its owner; it never stops the sending.
        """
        todo = self.filtered(
            lambda notice: (
                notice.policy_id.charges_posting == "post"
                and notice.kind == "notice"
                and notice.state == "sent"
                and notice.charge_ids
            )
        )
        todo = todo.try_lock_for_update(allow_referencing=True)
        todo.invalidate_recordset(["charge_move_id"])
        for notice in todo.filtered(lambda notice: not notice.charge_move_id):
            try:
                with self.env.cr.savepoint():
                    notice._create_charge_invoice()
            except OperationalError:
                raise  # somebody writes the same rows: all of it again later
            except Exception as error:
                # Chart and journals are people's work: what they raise is theirs to mend.
                notice._note_unposted_charges(str(error))

    def _create_charge_invoice(self):
        """One posted customer invoice, which is never dunned itself."""
        self.ensure_one()
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(self._prepare_charge_invoice())
        )
        move.no_followup = True
        self.charge_move_id = move
        move.action_post()

    def _reverse_charges(self):
        """Take back the invoice of charges of a notice that did not arrive.

        The notice may be sent again and then invoices them anew. Where something was
        paid on the invoice the customer knows of it: it stays, and so does the link.
        """
        self.ensure_one()
        move = self.sudo().charge_move_id
        if move.state == "posted":
            if move.payment_state != "not_paid":
                return
            today = self.company_id._get_dunning_today()
            values = {
                "date": today,
                "invoice_date": today,
                "ref": self.env._("Notice %s did not arrive", self.name),
            }
            move.with_company(self.company_id)._reverse_moves([values], cancel=True)
            move.reversal_move_ids.no_followup = True
        self.charge_move_id = False

    def _prepare_charge_invoice(self):
        journal = self._get_charge_journal()
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "invoice_date_due": self.date,
            "invoice_payment_term_id": False,
            "invoice_origin": self.name,
            "invoice_user_id": self.user_id.id,
            "invoice_line_ids": [
                Command.create(charge._prepare_invoice_line(journal))
                for charge in self.charge_ids
            ],
        }

    def _get_charge_journal(self):
        journal = self.policy_id.charge_journal_id or self.env[
            "account.journal"
        ].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._("Company %s has no sales journal.", self.company_id.name)
            )
        return journal

    def _note_unposted_charges(self, error):
        """Leave the reason, and a task for whoever answers the customer."""
        self.ensure_one()
        reason = {"code": "not_invoiced", "error": error}
        self.charge_reasons = [*(self.charge_reasons or []), reason]
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Charges were not invoiced"),
            note=error,
            user_id=self.user_id.id,
        )
