"""The receivable ledger of past months as a replay needs it, in a fixed number of queries.

``create_date`` tells when the ledger came to know something. What happened in between and
left no trace cannot be told: matching that was undone, invoices that were drafts, holds,
and flags or addresses that have changed since.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo.tools import SQL

from .engine.simulation_data import Credit, Debt, Payment

#: Matching recorded so many days after the money moved looks like an imported ledger.
LATE_DAYS = 30


@dataclass(slots=True)
class History:
    """Debts and open credits of a period.

    :param late_share: percent of the payments that were recorded more than
        :data:`LATE_DAYS` days after the money moved
    """

    debts: list = field(default_factory=list)
    credits: list = field(default_factory=list)
    late_share: float = 0.0


def read_history(env, company, start, end, horizon_days=0, bank_delay_days=None):
    """Debts that a run could have met in the period, with what settled them.

    :param company: the company whose ledger is read
    :param date start: first day of the period
    :param date end: last day of the period
    :param int horizon_days: also debts due so many days after the end
    :param bank_delay_days: when given, debts count from the date of the invoice, and
        payments are to be taken as known so many days after their date
    :return: :class:`History`; amounts are ``Decimal``
    """
    env.flush_all()
    reader = _Reader(env, company, start, end, bank_delay_days)
    return reader.read(horizon_days)


class _Matching(NamedTuple):
    """A partial reconciliation; amounts are texts, so that no cent is lost."""

    debit_line: int
    customer: int | None
    credit_currency: int
    debit_amount: str
    credit_amount: str
    balance: str
    credit_date: date
    value_date: date
    credit_recorded: date
    recorded: date
    is_credit_note: bool


class _Reader:
    def __init__(self, env, company, start, end, bank_delay_days):
        self.env = env
        self.by_date = bank_delay_days is not None
        self.values = {
            "company": company.id,
            # What was paid by then is known before the first run, in any time zone.
            "start": start - timedelta(days=(bank_delay_days or 0) + 1),
            "end": end,
        }
        self.zone = company.partner_id.tz or env.user.tz or "UTC"

    def _recorded(self, column):
        """Day, where the company is, on which a row was made."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            SQL.identifier(*column.split(".")),
            self.zone,
        )

    def _query(self, sql, **values):
        return self.env.execute_query(SQL(sql, **self.values, **values))

    def read(self, horizon_days):
        rows = self._read_debts(horizon_days)
        keys = [row[0] for row in rows]
        customers = list({row[1] for row in rows})
        matching = self._read_matching(customers, keys)
        payments = self._get_payments(matching)
        return History(
            debts=[self._prepare_debt(row, payments.get(row[0], ())) for row in rows],
            credits=self._get_credits(matching) + self._read_open_credits(customers),
            late_share=self._get_late_share(matching, set(keys)),
        )

    def _read_debts(self, horizon_days):
        return self._query(
            """
            SELECT line.id, customer.id, line.currency_id, line.amount_currency::text,
                   line.balance::text, line.date_maturity,
                   COALESCE(move.invoice_date, line.date), %(recorded)s
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN res_partner customer ON customer.id = partner.commercial_partner_id
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.balance > 0 AND line.amount_currency > 0
               AND line.no_followup IS NOT TRUE
               AND line.date <= %(end)s
               AND line.date_maturity <= %(end)s::date + %(horizon)s
               AND (line.reconciled IS NOT TRUE
                    OR EXISTS (SELECT FROM account_partial_reconcile partial
                                WHERE partial.debit_move_id = line.id
                                  AND (partial.max_date >= %(start)s
                                       OR partial.create_date >= %(start)s)))
             ORDER BY customer.id, line.date_maturity, line.id
            """,
            recorded=self._recorded("move.create_date"),
            horizon=horizon_days,
        )

    def _prepare_debt(self, row, payments):
        key, customer, currency, amount, balance, due, issued, recorded = row
        return Debt(
            key=key,
            customer=customer,
            currency=currency,
            amount=Decimal(amount),
            balance=Decimal(balance),
            due=due,
            issued=issued if self.by_date else max(issued, recorded),
            payments=tuple(payments),
        )

    def _read_matching(self, customers, line_ids):
        """Credits matched in the period, or with one of the debts at any time."""
        rows = self._query(
            """
            SELECT partial.debit_move_id, customer.id, credit.currency_id,
                   partial.debit_amount_currency::text,
                   partial.credit_amount_currency::text, partial.amount::text,
                   credit.date, partial.max_date, %(credit_recorded)s,
                   %(match_recorded)s, move.move_type = 'out_refund'
              FROM account_partial_reconcile partial
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_account account ON account.id = credit.account_id
              JOIN account_move move ON move.id = credit.move_id
              LEFT JOIN res_partner partner ON partner.id = credit.partner_id
              LEFT JOIN res_partner customer
                     ON customer.id = partner.commercial_partner_id
             WHERE credit.company_id = %(company)s
               AND account.account_type = 'asset_receivable'
               AND (partial.debit_move_id = ANY(%(lines)s)
                    OR (customer.id = ANY(%(customers)s)
                        AND (partial.max_date >= %(start)s
                             OR partial.create_date >= %(start)s)))
             ORDER BY partial.id
            """,
            credit_recorded=self._recorded("credit.create_date"),
            match_recorded=self._recorded("partial.create_date"),
            customers=customers,
            lines=line_ids,
        )
        return [_Matching(*row) for row in rows]

    @staticmethod
    def _get_payments(matching):
        """What settled the debts, by debt."""
        payments = defaultdict(list)
        for row in matching:
            payments[row.debit_line].append(
                Payment(
                    value_date=row.value_date,
                    known_date=min(row.credit_recorded, row.recorded),
                    amount=Decimal(row.debit_amount),
                    balance=Decimal(row.balance),
                    matched_date=row.recorded,
                    is_credit_note=row.is_credit_note,
                )
            )
        return payments

    @staticmethod
    def _get_credits(matching):
        """The open credits that payments were until they were matched."""
        return [
            Credit(
                customer=row.customer,
                currency=row.credit_currency,
                amount=Decimal(row.credit_amount),
                balance=Decimal(row.balance),
                value_date=row.credit_date,
                known_date=row.credit_recorded,
                matched_date=row.recorded,
                is_credit_note=row.is_credit_note,
            )
            for row in matching
            if row.credit_recorded < row.recorded
        ]

    def _read_open_credits(self, customers):
        rows = self._query(
            """
            SELECT customer.id, line.currency_id, (-line.amount_residual_currency)::text,
                   (-line.amount_residual)::text, line.date, %(recorded)s, NULL::date,
                   move.move_type = 'out_refund'
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN res_partner customer ON customer.id = partner.commercial_partner_id
             WHERE line.company_id = %(company)s
               AND customer.id = ANY(%(customers)s)
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
               AND line.amount_residual < 0
             ORDER BY line.id
            """,
            recorded=self._recorded("line.create_date"),
            customers=customers,
        )
        return [
            Credit(customer, currency, Decimal(amount), Decimal(balance), *dates)
            for customer, currency, amount, balance, *dates in rows
        ]

    @staticmethod
    def _get_late_share(matching, keys):
        """Percent of the matching that was recorded long after the money moved."""
        rows = [row for row in matching if row.debit_line in keys]
        limit = timedelta(days=LATE_DAYS)
        late = sum(row.recorded - row.value_date > limit for row in rows)
        return late * 100 / len(rows) if rows else 0.0
