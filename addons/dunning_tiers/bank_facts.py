"""What the bank statements say about open debts."""

from functools import cached_property

from . import const
from .engine import send_window
from .engine.matching import ReferenceIndex


class BankFacts:
    """The part of :class:`facts.Facts` that looks at bank statements."""

    @cached_property
    def bank_lines(self):
        """Unmatched money in: ({customer: day of the last line}, invoices named)."""
        partners, moves = {}, set()
        for _line_id, day, payers, named in self.matched_bank_lines:
            moves |= named
            for payer in payers:
                partners[payer] = max(day, partners.get(payer, day))
        return partners, moves

    @cached_property
    def matched_bank_lines(self):
        """Unmatched money in that may be for somebody: (line, day, customers, invoices).

        Customers may quote an invoice, its payment reference or the number of a notice.
        """
        rows = self._query(
            """
            SELECT line.id, move.date, customer.commercial_partner_id,
                   CONCAT_WS(' | ', line.payment_ref, move.ref)
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN res_partner customer ON customer.id = line.partner_id
             WHERE line.company_id = ANY(%(family)s)
               AND line.is_reconciled IS NOT TRUE
               AND line.amount > 0
               AND move.state = 'posted'
            """
        )
        index = ReferenceIndex(self._get_references() if rows else ())
        matched = []
        for line_id, day, partner_id, text in rows:
            named = index.find(text)
            moves = {key for kind, key in named if kind == "move"}
            payers = {key for kind, key in named if kind == "partner"}
            matched.append((line_id, day, (payers | {partner_id}) - {None}, moves))
        return matched

    def get_bank_line_ids(self):
        """Unmatched money in from these customers, or that names their invoices."""
        partners, moves = set(self.partner_ids), set(self.move_ids)
        return [
            line_id
            for line_id, _day, payers, named in self.matched_bank_lines
            if payers & partners or named & moves
        ]

    def _get_references(self):
        """What a bank text may name: ((kind, key), reference).

        Most often an invoice's number is its payment reference; it is indexed once.
        """
        references = {
            (("move", debt.move_id), reference)
            for debt in self.debts
            for reference in (debt.name, debt.payment_reference)
        }
        notices = self._query(
            """
            SELECT customer.commercial_partner_id, notice.name
              FROM dunning_notice notice
              JOIN res_partner customer ON customer.id = notice.partner_id
             WHERE notice.company_id = %(company)s
               AND customer.commercial_partner_id = ANY(%(partners)s)
               AND notice.state IN %(states)s
            """,
            states=const.DELIVERED_STATES,
        )
        return references | {
            (("partner", partner_id), name) for partner_id, name in notices
        }

    @cached_property
    def last_bank_date(self):
        """Day of the oldest among the last lines of the watched bank journals, or None.

        A journal without any statement line takes no statements and is left out.
        """
        rows = self._query(
            """
            SELECT MAX(move.date)
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_journal journal ON journal.id = line.journal_id
             WHERE line.company_id = ANY(%(bearers)s) AND journal.type = 'bank'
               AND move.state = 'posted' AND move.date <= %(day)s
               AND journal.active AND journal.dunning_watch IS NOT FALSE
             GROUP BY journal.id
            """
        )
        return min((last for (last,) in rows if last), default=None)

    @cached_property
    def bank_age(self):
        """Business days of the company since :attr:`last_bank_date`, or None."""
        if self.last_bank_date is None:
            return None
        return send_window.business_days_between(
            self.last_bank_date, self.day, self.company.country_id.code
        )
