from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.kpi_periods import LedgerFacts
from .dunning_ageing_report import bucket_sql


class DunningKpiLedger(models.AbstractModel):
    """Sums of receivables for the key figures: one query a subject, whatever the size.

    Reads the ledger of the companies asked for without access rules; who may ask for which
    company is checked by the caller.
    """

    _name = "dunning.kpi.ledger"
    _description = "Sums of Receivables for Key Figures"

    @api.model
    def _get_facts(self, companies, months):
        """Return what happened in the ledgers in these months.

        :param companies: ``res.company`` records
        :param months: list of :class:`~..engine.kpi_periods.Period` that follow each other
        :rtype: dict[res.company, LedgerFacts]
        """
        self._flush()
        open_at = self._get_open_amounts(companies, months)
        sales, earlier = self._get_sales(companies, months)
        delays = self._get_delays(companies, months)
        return {
            company: LedgerFacts(
                open_at[company.id],
                sales[company.id],
                earlier[company.id],
                delays[company.id],
            )
            for company in companies
        }

    def _flush(self):
        self.env["account.move"].flush_model(["move_type"])
        self.env["account.move.line"].flush_model(
            [
                "account_id",
                "balance",
                "date",
                "date_maturity",
                "journal_id",
                "parent_state",
            ]
        )
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.account"].flush_model(["account_type"])
        self.env["res.company"].flush_model(["currency_exchange_journal_id"])

    def _receivable_lines(self, companies, condition):
        """Query of posted receivable lines as ``line``, with their entry as ``move``."""
        return SQL(
            """
            SELECT line.id, line.company_id, line.balance, line.date,
                   COALESCE(line.date_maturity, line.date) AS due
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.company_id IN %(companies)s
               AND %(condition)s
            """,
            companies=tuple(companies.ids),
            condition=condition,
        )

    def _get_open_amounts(self, companies, months):
        """Company id -> day -> ageing bucket -> what was open at the end of the day.

        Each posting and each matching changes the open amount of one due date on one day;
        what had cancelled out by the first day is dropped before the days are looked at.
        """
        days = [months[0].opening_day, *(month.end for month in months)]
        query = SQL(
            """
            WITH line AS (%(lines)s), change AS (
                SELECT company_id, GREATEST(day, %(first)s) AS day, due,
                       SUM(amount) AS amount
                  FROM (SELECT company_id, date AS day, due, balance AS amount
                          FROM line
                     UNION ALL
                        SELECT line.company_id, part.max_date, line.due, -part.amount
                          FROM account_partial_reconcile part
                          JOIN line ON line.id = part.debit_move_id
                     UNION ALL
                        SELECT line.company_id, part.max_date, line.due, part.amount
                          FROM account_partial_reconcile part
                          JOIN line ON line.id = part.credit_move_id) AS event
              GROUP BY 1, 2, 3
                HAVING SUM(amount) <> 0
            )
            SELECT change.company_id, at.day, %(bucket)s, SUM(change.amount)::text
              FROM change
              JOIN UNNEST(%(days)s::date[]) AS at(day) ON change.day <= at.day
          GROUP BY 1, 2, 3
            """,
            lines=self._receivable_lines(companies, SQL("line.date <= %s", days[-1])),
            first=days[0],
            days=days,
            bucket=bucket_sql(SQL("at.day - change.due")),
        )
        amounts = {company.id: {day: {} for day in days} for company in companies}
        for company_id, day, bucket, amount in self.env.execute_query(query):
            amounts[company_id][day][bucket] = Decimal(amount)
        return amounts

    def _get_sales(self, companies, months):
        """Company id -> first day of month -> credit sales, in the months and before them.

        Gross: what customer invoices and credit notes put on the receivable account.
        """
        query = SQL(
            """
            SELECT company_id, DATE_TRUNC('month', date)::date, date < %s,
                   SUM(balance)::text
              FROM (%s) AS line
          GROUP BY 1, 2, 3
            """,
            months[0].start,
            self._receivable_lines(
                companies,
                SQL(
                    """move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                       AND line.date <= %s""",
                    months[-1].end,
                ),
            ),
        )
        sales = {company.id: {} for company in companies}
        earlier = {company.id: {} for company in companies}
        for company_id, month, is_earlier, amount in self.env.execute_query(query):
            (earlier if is_earlier else sales)[company_id][month] = Decimal(amount)
        return sales, earlier

    def _get_delays(self, companies, months):
        """Company id -> first day of month -> (amount, days late) of what fell due in it.

        Paid parts are late until the date of the payment, what is open at the end of the
        months until that end. Parts settled by a credit note were never to be paid, and
        exchange differences are no payment: both are left out.
        """
        query = SQL(
            """
            WITH debt AS (%(debts)s), matched AS (
                SELECT debt.id, part.amount, credit.date AS paid_on,
                       move.move_type <> 'out_refund' AND credit.journal_id
                       IS DISTINCT FROM company.currency_exchange_journal_id AS is_payment
                  FROM debt
                  JOIN account_partial_reconcile part ON part.debit_move_id = debt.id
                  JOIN account_move_line credit ON credit.id = part.credit_move_id
                  JOIN account_move move ON move.id = credit.move_id
                  JOIN res_company company ON company.id = debt.company_id
                 WHERE part.max_date <= %(end)s
             UNION ALL
                SELECT debt.id, -part.amount, part.max_date, FALSE
                  FROM debt
                  JOIN account_partial_reconcile part ON part.credit_move_id = debt.id
                 WHERE part.max_date <= %(end)s
            ), piece AS (
                SELECT id, amount, paid_on FROM matched WHERE is_payment
             UNION ALL
                SELECT debt.id, debt.balance - COALESCE(SUM(matched.amount), 0), %(end)s
                  FROM debt LEFT JOIN matched ON matched.id = debt.id
              GROUP BY debt.id, debt.balance
            )
            SELECT debt.company_id, DATE_TRUNC('month', debt.due)::date,
                   piece.paid_on - debt.due, SUM(piece.amount)::text
              FROM piece JOIN debt ON debt.id = piece.id
          GROUP BY 1, 2, 3
            HAVING SUM(piece.amount) <> 0
            """,
            debts=self._receivable_lines(
                companies,
                SQL(
                    """move.move_type IN ('out_invoice', 'out_receipt')
                       AND line.balance > 0
                       AND line.date <= %(end)s
                       AND COALESCE(line.date_maturity, line.date)
                       BETWEEN %(start)s AND %(end)s""",
                    start=months[0].start,
                    end=months[-1].end,
                ),
            ),
            end=months[-1].end,
        )
        delays = {company.id: {} for company in companies}
        for company_id, month, days, amount in self.env.execute_query(query):
            delays[company_id].setdefault(month, []).append((Decimal(amount), days))
        return delays
