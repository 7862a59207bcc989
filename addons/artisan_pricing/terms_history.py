"""What customers bought and how they paid, as the engine wants it."""

from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from .decimals import to_decimal
from .engine.grades import Invoice

# For a policy of one maker, only what is theirs counts.
_AMOUNT_OF_MAKER = """
    JOIN LATERAL (
        SELECT -SUM(line.balance) AS amount
          FROM account_move_line line
          JOIN product_product product ON product.id = line.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
         WHERE line.move_id = move.id
           AND line.display_type = 'product'
           AND template.maker_id = %s
        HAVING COUNT(*) > 0
    ) made ON TRUE
"""
_FROM = """
      FROM account_move move
      %(made)s
      LEFT JOIN LATERAL (
        SELECT MAX(partial.max_date) AS day
          FROM account_move_line line
          JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
          JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
          JOIN account_move settled_by ON settled_by.id = counterpart.move_id
         WHERE line.move_id = move.id
           -- Goods that came back are no payment, and no late one.
           AND settled_by.move_type != 'out_refund'
    ) paid ON TRUE
     WHERE move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.company_id = %(company)s
       AND move.commercial_partner_id IS NOT NULL
       AND move.invoice_date IS NOT NULL
       AND (
            move.invoice_date > %(horizon)s
            OR move.amount_residual != 0
            OR paid.day > %(horizon)s
       )
"""


class TermsHistory:
    """Invoices of a policy's company that matter on a day.

    These are the ones of 12 months, those still open, and those paid since a day on which
    lateness may have cost a grade. One query, whatever the number of customers.

    :param policy: ``artisan.terms.policy``
    :param day: date of the judgement
    :param since: day of the judgements before; none: there is none
    """

    def __init__(self, policy, day, since=None):
        self._policy = policy
        self._env = policy.env
        clean = day - timedelta(days=policy.clean_days)
        self._horizon = min(day - relativedelta(years=1), clean, since or day)
        for model in (
            "account.move",
            "account.move.line",
            "account.partial.reconcile",
            "product.product",
            "product.template",
        ):
            self._env[model].flush_model()

    def get_customers(self):
        """Commercial partners with invoices that matter."""
        query = SQL(
            "SELECT DISTINCT move.commercial_partner_id %s", self._from_clause()
        )
        rows = self._env.execute_query(query)
        return self._env["res.partner"].browse(sorted(row[0] for row in rows))

    def get_invoices(self, customers):
        """Invoices and credit notes by customer, in the company's currency.

        :param customers: commercial partners
        :return: dict {id of a customer: list of engine.grades.Invoice}
        """
        made = SQL("made.amount") if self._maker else SQL("move.amount_untaxed_signed")
        query = SQL(
            """SELECT move.commercial_partner_id, move.id, move.name, move.invoice_date,
                      COALESCE(move.invoice_date_due, move.invoice_date), %s, paid.day,
                      move.amount_residual = 0
               %s AND move.commercial_partner_id IN %s
             ORDER BY move.id""",
            made,
            self._from_clause(),
            tuple(customers.ids) or (0,),
        )
        rows = self._env.execute_query(query)
        disputes = self._policy._get_disputes([row[1] for row in rows])
        found = defaultdict(list)
        for partner, move, name, issued, due, amount, paid, is_paid in rows:
            found[partner].append(
                Invoice(
                    name or str(move),
                    issued,
                    due,
                    to_decimal(amount or 0),
                    # Nothing to pay, or set against itself: paid when it was due.
                    (paid or min(issued, due)) if is_paid else None,
                    disputes.get(move),
                )
            )
        return found

    @property
    def _maker(self):
        return self._policy.maker_id

    def _from_clause(self):
        made = SQL(_AMOUNT_OF_MAKER, self._maker.id) if self._maker else SQL()
        return SQL(
            _FROM,
            made=made,
            company=self._policy.company_id.id,
            horizon=self._horizon,
        )
