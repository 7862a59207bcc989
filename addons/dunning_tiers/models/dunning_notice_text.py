from odoo import fields, models

from ..engine import ladder

#: A mail lists so many invoices; the sum of the others stands in one more row.
MAX_SHOWN_ITEMS = 100
#: More invoices than this are not named one by one in a reference.
MAX_NAMED_INVOICES = 3
#: What firm and final notices ask for: payment within so many days.
PAY_WITHIN_DAYS = 7


class DunningNotice(models.Model):
    """What mail templates and the letter show of a notice."""

    _inherit = "dunning.notice"

    def _get_sorted_items(self):
        """Items, the longest overdue first."""
        self.ensure_one()
        return self.item_ids.sorted(
            lambda item: (item.date_maturity or item.date, item.id)
        )

    def _get_shown_items(self):
        """Items that get a row of their own."""
        return self._get_sorted_items()[:MAX_SHOWN_ITEMS]

    def _get_hidden_items(self):
        """Items that share the last row."""
        return self._get_sorted_items()[MAX_SHOWN_ITEMS:]

    def _get_days_overdue(self, item):
        """Days past due on the day of the notice; 0 or below is not overdue."""
        return ladder.days_overdue(item.date_maturity, self.date)

    def _is_first_reminder(self, item):
        """Whether a notice that speaks of earlier reminders names an item for once.

        The words of a notice are those of its highest level.
        """
        return self.level_id._get_tone_index() > 0 >= item.level_id._get_tone_index()

    def _get_instalment(self, item):
        """Which part of its invoice an item is, as 2/3; empty when there is one part."""
        parts = item.move_id.sudo().line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        if len(parts) < 2 or item.move_line_id not in parts:
            return ""
        ordered = parts.sorted(lambda line: (line.date_maturity or line.date, line.id))
        return f"{ordered.ids.index(item.move_line_id.id) + 1}/{len(parts)}"

    def _get_invoice_names(self):
        """Numbers of the invoices in the order of the table, each once."""
        return list(dict.fromkeys(self._get_sorted_items().move_id.mapped("name")))

    def _get_short_reference(self):
        """Invoice numbers for a subject: all, or the first ones and how many more."""
        names = self._get_invoice_names()
        more = len(names) - MAX_NAMED_INVOICES
        shown = ", ".join(names[:MAX_NAMED_INVOICES])
        return f"{shown} +{more}" if more > 0 else shown

    def _get_payment_reference(self):
        """What the customer should write on the transfer."""
        return self._join_payment_references(self._get_sorted_items().move_id)

    def _join_payment_references(self, moves):
        """Reference of one transfer for these entries.

        :param moves: ``account.move`` records; of many, the first ones are enough
        :return: their references in their order, or the notice's number when they are
            too many to be named on a transfer
        :rtype: str
        """
        if len(moves) > MAX_NAMED_INVOICES:
            return self.name
        return ", ".join(move.payment_reference or move.name for move in moves)

    def _get_greeting_name(self):
        """Name of the person addressed; empty for a company."""
        contact = self.contact_id
        return "" if contact.is_company else contact.name or ""

    def _get_pay_by_date(self):
        """Day until which firm and final notices ask for the payment."""
        return fields.Date.add(self.date, days=PAY_WITHIN_DAYS)

    def _get_bank_account(self):
        """Account to pay to: that of the newest invoice, else the company's first."""
        self.ensure_one()
        invoices = self.item_ids.move_id.filtered(lambda move: move.is_sale_document())
        newest = invoices.sorted(lambda move: (move.date, move.id))[-1:]
        own = self.company_id.partner_id.bank_ids.filtered(
            lambda bank: not bank.company_id or bank.company_id == self.company_id
        )
        return newest.partner_bank_id.sudo() or own[:1].sudo()

    def _get_payee(self):
        """Name to pay to."""
        return self._get_bank_account().acc_holder_name or self.company_id.name

    def _get_reply_email(self):
        """Address of the person who answers replies, else the company's."""
        company = self.company_id.partner_id
        return self._get_owner().email_normalized or company.email_normalized or ""

    def _get_credit_rows(self):
        """Credits to show: kind (`refund` or `payment`), name, date and amount.

        Amounts are in the currency of the notice and reduce what is due.
        """
        return [
            {
                "kind": "refund"
                if line.move_id.move_type == "out_refund"
                else "payment",
                "name": line.move_id.name,
                "date": line.date,
                "amount": -line.amount_residual_currency,
            }
            for line in self.credit_line_ids.sudo()
        ]

    def _get_amount_in_words(self):
        """The total in words, in the language of the context."""
        return self.currency_id.amount_to_text(self.amount_total)
