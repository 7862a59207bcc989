"""Open debts as the ledger holds them, and what is decided about each."""

from dataclasses import dataclass, field
from datetime import date

from odoo.tools import SQL


@dataclass(slots=True, eq=False)
class Debt:
    """One open receivable line and what is decided about it.

    Amounts are floats as the ledger holds them: ``residual`` in the document's currency,
    ``balance`` in the company's. ``reasons`` are dicts with a ``code`` of
    :data:`const.REASONS`; none at all means that the debt may be sent.
    """

    line_id: int
    move_id: int
    partner_id: int | None
    currency_id: int
    residual: float
    balance: float
    due: date | None
    cycle: int
    last_level_id: int | None
    last_date: date | None
    no_followup: bool
    name: str
    payment_reference: str | None
    payment_state: str | None
    booked: date
    policy_id: int | None
    level: object = None
    next_date: date | None = None
    disputed: float = 0.0
    reasons: list = field(default_factory=list)

    @property
    def asked(self):
        return max(self.residual - self.disputed, 0.0)

    @property
    def group(self):
        return (self.partner_id, self.currency_id)

    @property
    def sendable(self):
        return not self.reasons

    def stop(self, code, **detail):
        self.reasons.append({"code": code, **detail})


def read_debts(env, company, day, horizon_days=0, line_ids=(), partner_id=None):
    """Open receivable lines of customers that are overdue, or due within the horizon.

    :param company: the company whose ledger is read
    :param date day: lines due before this day are overdue
    :param int horizon_days: also lines due within so many days (for courtesy notices)
    :param line_ids: also these move lines, whatever their due date and state
    :param partner_id: only lines of this customer
    :return: :class:`Debt` in the order of customer, due date and line
    """
    env.flush_all()
    which = SQL(
        """(line.id = ANY(%(lines)s::int[])
            OR line.reconciled IS NOT TRUE AND line.amount_residual > 0
               AND (line.date_maturity < %(day)s
                    OR line.date_maturity <= %(day)s + %(horizon)s
                    OR line.date_maturity IS NULL))""",
        lines=list(line_ids),
        day=day,
        horizon=horizon_days,
    )
    if partner_id:
        which = SQL("%s AND customer.id = %s", which, partner_id)
    rows = env.execute_query(
        SQL(
            """
            SELECT line.id, line.move_id, customer.id, line.currency_id,
                   line.amount_residual_currency, line.amount_residual,
                   line.date_maturity, COALESCE(line.dunning_cycle, 0),
                   line.dunning_level_id, line.dunning_date,
                   COALESCE(line.no_followup, FALSE), move.name, move.payment_reference,
                   move.payment_state, line.date,
                   COALESCE(move.dunning_policy_id,
                            (customer.dunning_policy_id ->> %(key)s)::int, %(default)s)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN res_partner partner ON partner.id = line.partner_id
              LEFT JOIN res_partner customer ON customer.id = partner.commercial_partner_id
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND %(which)s
             ORDER BY customer.id, line.date_maturity, line.id
            """,
            key=str(company.id),
            default=company.dunning_policy_id.id or None,
            company=company.id,
            which=which,
        )
    )
    return [Debt(*row) for row in rows]
