from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import kpi
from .dunning_ageing_holds import held_amounts_sql

#: Context key of the day at which the receivables are aged, as "YYYY-MM-DD".
CONTEXT_DAY = "dunning_ageing_date"

# The codes of the buckets are the engine's; the labels belong to the screen.
BUCKETS = list(
    zip(
        kpi.AGEING_BUCKETS,
        ("Not due", "1-30 days", "31-60 days", "61-90 days", "91 days and more"),
        strict=True,
    )
)


def bucket_sql(days):
    """The code of the ageing bucket of an SQL expression of days past due."""
    return SQL(
        "CASE %s ELSE %s END",
        SQL(" ").join(
            SQL("WHEN %s <= %s THEN %s", days, limit, code)
            for limit, code in zip(kpi.AGEING_LIMITS, kpi.AGEING_BUCKETS, strict=False)
        ),
        kpi.AGEING_BUCKETS[-1],
    )


def _dated(kind, *args, **kwargs):
    """A field whose value depends on the day at which the receivables are aged."""
    return kind(*args, readonly=True, depends_context=(CONTEXT_DAY, "tz"), **kwargs)


class DunningAgeingReport(models.Model):
    """Open receivables by days past due, one row a journal item.

    Without the context key ``dunning_ageing_date`` these are today's open amounts, today
    being the user's. With it, they are the amounts that were open at the end of that day:
    later entries are left out and later matching is undone. Their sum is the balance of the
    receivable accounts. Levels and holds are known for today only.
    """

    _name = "dunning.ageing.report"
    _description = "Aged Receivables"
    _auto = False
    _order = "days_overdue desc, id"
    _rec_name = "move_id"

    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        help="The company a contact belongs to, so that all debts of a customer are together.",
    )
    move_line_id = fields.Many2one("account.move.line", "Journal Item", readonly=True)
    move_id = fields.Many2one("account.move", "Entry", readonly=True)
    invoice_user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    date = fields.Date("Accounting Date", readonly=True)
    date_maturity = fields.Date(
        "Due Date",
        readonly=True,
        help="The accounting date where no due date is known.",
    )
    kind = fields.Selection(
        [("debt", "Debt"), ("credit", "Payment or credit not matched")],
        "Type",
        readonly=True,
    )
    days_overdue = _dated(
        fields.Integer,
        aggregator="max",
        help="Days since the due date; 0 and less is not due. In totals, the oldest.",
    )
    bucket = _dated(
        fields.Selection,
        BUCKETS,
        "Age",
        help="Days past due. What is due today is not overdue.",
    )
    amount_residual = _dated(
        fields.Monetary, "Open", currency_field="company_currency_id"
    )
    amount_residual_currency = _dated(
        fields.Monetary,
        "Open in Currency",
        currency_field="currency_id",
        help="In the currency of the document. Group by currency to see totals.",
    )
    amount_not_due = _dated(
        fields.Monetary, "Not Due", currency_field="company_currency_id"
    )
    amount_1_30 = _dated(fields.Monetary, "1-30", currency_field="company_currency_id")
    amount_31_60 = _dated(
        fields.Monetary, "31-60", currency_field="company_currency_id"
    )
    amount_61_90 = _dated(
        fields.Monetary, "61-90", currency_field="company_currency_id"
    )
    amount_91_up = _dated(fields.Monetary, "91+", currency_field="company_currency_id")

    amount_disputed = _dated(
        fields.Monetary,
        "Disputed",
        currency_field="company_currency_id",
        help="The part that the customer disputes at present. It is not asked for.",
    )
    amount_promised = _dated(
        fields.Monetary,
        "Promised",
        currency_field="company_currency_id",
        help="The part that the customer has promised to pay by a day that has not passed.",
    )
    dunning_level_id = _dated(
        fields.Many2one,
        "dunning.level",
        "Last Level",
        help="The last level whose notice reached the customer.",
    )

    _depends = {
        "account.account": ["account_type"],
        "account.move": ["invoice_user_id"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "balance",
            "company_currency_id",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "dunning_level_id",
            "move_id",
            "parent_state",
            "partner_id",
            "price_total",
            "reconciled",
        ],
        "account.partial.reconcile": [
            "amount",
            "credit_amount_currency",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
            "max_date",
        ],
        "dunning.hold": [
            "amount",
            "company_id",
            "currency_id",
            "date_end",
            "date_from",
            "kind",
            "line_ids",
            "move_id",
            "partner_id",
            "state",
        ],
        "res.currency": ["decimal_places"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT %s FROM (%s) AS open_line %s",
            self._select(),
            self._from(),
            self._join_holds(),
        )

    @api.model
    def _get_past_day(self):
        """The day in the context at which to age; ``None`` for now or when it is no date."""
        try:
            return fields.Date.to_date(self.env.context.get(CONTEXT_DAY)) or None
        except (TypeError, ValueError):
            return None  # a context comes from outside

    def _select(self):
        bucket = bucket_sql(SQL("days_overdue"))
        amounts = [
            SQL(
                "CASE WHEN %s = %s THEN amount_residual ELSE 0 END AS %s",
                bucket,
                code,
                SQL.identifier(field),
            )
            for code, field in zip(
                kpi.AGEING_BUCKETS, self._bucket_fields(), strict=True
            )
        ]
        return SQL(
            """open_line.*, %s AS bucket, %s,
               COALESCE(held.amount_disputed, 0) AS amount_disputed,
               COALESCE(held.amount_promised, 0) AS amount_promised""",
            bucket,
            SQL(", ").join(amounts),
        )

    def _join_holds(self):
        # Which holds were active on a past day is not kept: that day shows none.
        day = fields.Date.context_today(self)
        held = held_amounts_sql(self.env, day)
        is_known = SQL("FALSE") if self._get_past_day() else SQL("TRUE")
        return SQL(
            "LEFT JOIN (%s) AS held ON held.line_id = open_line.id AND %s",
            held,
            is_known,
        )

    @api.model
    def _bucket_fields(self):
        """Names of the amount fields, one a bucket, in the order of the buckets."""
        return [
            "amount_not_due",
            "amount_1_30",
            "amount_31_60",
            "amount_61_90",
            "amount_91_up",
        ]

    def _from(self):
        """One row an open receivable line, with its residual and days past due."""
        past_day = self._get_past_day()
        day = past_day or fields.Date.context_today(self)
        return SQL(
            """
            SELECT line.id,
                   line.id AS move_line_id,
                   line.move_id,
                   line.company_id,
                   line.company_currency_id,
                   line.currency_id,
                   partner.commercial_partner_id AS partner_id,
                   move.invoice_user_id,
                   line.date,
                   COALESCE(line.date_maturity, line.date) AS date_maturity,
                   %(day)s::date - COALESCE(line.date_maturity, line.date) AS days_overdue,
                   CASE WHEN line.balance < 0 OR line.amount_currency < 0
                        THEN 'credit' ELSE 'debt' END AS kind,
                   %(columns)s
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
                   %(joins)s
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND %(condition)s
            """,
            day=day,
            **(self._open_at(past_day) if past_day else self._open_now()),
        )

    def _open_now(self):
        return {
            "columns": SQL(
                """line.amount_residual, line.amount_residual_currency,
                   line.dunning_level_id"""
            ),
            "joins": SQL(),
            "condition": SQL("line.reconciled IS NOT TRUE"),
        }

    def _open_at(self, day):
        # What was matched after the day was still open then.
        return {
            "columns": SQL(
                """line.amount_residual + COALESCE(later.amount, 0) AS amount_residual,
                   line.amount_residual_currency + COALESCE(later.amount_currency, 0)
                   AS amount_residual_currency,
                   NULL::int AS dunning_level_id"""
            ),
            "joins": SQL(
                """LEFT JOIN (SELECT line_id,
                                     SUM(amount) AS amount,
                                     SUM(amount_currency) AS amount_currency
                                FROM (SELECT debit_move_id AS line_id, amount,
                                             debit_amount_currency AS amount_currency
                                        FROM account_partial_reconcile
                                       WHERE max_date > %(day)s
                                   UNION ALL
                                      SELECT credit_move_id, -amount,
                                             -credit_amount_currency
                                        FROM account_partial_reconcile
                                       WHERE max_date > %(day)s) AS matched
                            GROUP BY line_id) AS later ON later.line_id = line.id""",
                day=day,
            ),
            "condition": SQL(
                """line.date <= %s
                   AND (line.reconciled IS NOT TRUE OR later.amount <> 0
                        OR later.amount_currency <> 0)""",
                day,
            ),
        }

    def action_open_move(self):
        """Open the invoice or entry of the row."""
        self.ensure_one()
        return self.move_id._get_records_action()
