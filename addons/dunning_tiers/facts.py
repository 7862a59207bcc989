"""What is known about open debts, read in a fixed number of queries.

Proposing and sending judge by the same facts: the proposal reads them for a whole
company, the send gate for one notice while its rows are locked.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from odoo.tools import SQL

from . import const
from .engine.matching import ReferenceIndex


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
    contact_id: int | None
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
            SELECT line.id, line.move_id, customer.id, move.partner_id,
                   line.currency_id, line.amount_residual_currency, line.amount_residual,
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


class Facts:
    """What speaks against sending, for the customers and invoices of some debts.

    Each property is one query over all of them, made when it is first asked for.
    """

    def __init__(self, env, company, day, debts):
        self.env = env
        self.company = company
        self.day = day
        self.debts = debts
        self.partner_ids = list({debt.partner_id for debt in debts if debt.partner_id})
        self.move_ids = list({debt.move_id for debt in debts})
        policies = {debt.policy_id for debt in debts if debt.policy_id}
        # Archived policies are none: nobody would see what they decide.
        self.policies = {
            policy.id: policy
            for policy in env["dunning.policy"].sudo().browse(policies).exists()
            if policy.active and policy.company_id == company
        }
        self.ladders = {
            key: policy.level_ids._as_ladder() for key, policy in self.policies.items()
        }

    @cached_property
    def family_ids(self):
        """Branches share their customers' payments with the companies above them."""
        companies = self.env["res.company"].sudo()
        return companies.search(
            [("id", "child_of", self.company.sudo().root_id.id)]
        ).ids

    @cached_property
    def level_days(self):
        """Level -> days past due, archived levels too: debts may have climbed them."""
        levels = self.env["dunning.level"].sudo().with_context(active_test=False)
        found = levels.search_fetch([("company_id", "=", self.company.id)], ["days"])
        return {level.id: level.days for level in found}

    def _query(self, sql, **values):
        return self.env.execute_query(
            SQL(
                sql,
                company=self.company.id,
                family=self.family_ids if "%(family)s" in sql else None,
                bearers=self.company.sudo().parent_ids.ids,
                day=self.day,
                partners=self.partner_ids,
                moves=self.move_ids,
                **values,
            )
        )

    @cached_property
    def holds(self):
        """Active holds of these customers, by customer: recordset."""
        holds = (
            self.env["dunning.hold"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company.id),
                    ("state", "=", "active"),
                    ("date_from", "<=", self.day),
                    ("partner_id.commercial_partner_id", "in", self.partner_ids),
                    "|",
                    ("date_end", "=", False),
                    ("date_end", ">=", self.day),
                ]
            )
        )
        # A customer may have become part of another since the hold was made.
        return holds.grouped(lambda hold: hold.partner_id.commercial_partner_id.id)

    @cached_property
    def moves_with_payment(self):
        """Invoices that a payment is linked to which is not matched with them yet.

        Without an outstanding account a payment has no entry: it settles the invoice only
        when the bank line comes, and core then shows the invoice as in payment.
        """
        return {
            move_id
            for (move_id,) in self._query(
                """
                SELECT DISTINCT link.invoice_id
                  FROM account_move__account_payment link
                  JOIN account_payment payment ON payment.id = link.payment_id
                 WHERE link.invoice_id = ANY(%(moves)s)
                   AND payment.state IN ('in_process', 'paid')
                   AND payment.is_reconciled IS NOT TRUE
                   AND (payment.state = 'in_process' OR payment.move_id IS NOT NULL)
                """
            )
        }

    @cached_property
    def moves_with_transaction(self):
        """Online payments under way: invoice -> (last day, is only a wire transfer).

        A customer who chose a wire transfer may change their mind: it stays pending for
        ever. A real provider answers within days.
        """
        return {
            move_id: (created, is_transfer)
            for move_id, created, is_transfer in self._query(
                """
                SELECT link.invoice_id, MAX(transaction.create_date::date),
                       BOOL_AND(provider.code IN ('none', 'custom'))
                  FROM account_invoice_transaction_rel link
                  JOIN payment_transaction transaction
                    ON transaction.id = link.transaction_id
                  JOIN payment_provider provider
                    ON provider.id = transaction.provider_id
                 WHERE link.invoice_id = ANY(%(moves)s)
                   AND (transaction.state IN ('pending', 'authorized')
                        OR (transaction.state = 'done'
                            AND transaction.is_post_processed IS NOT TRUE))
                 GROUP BY link.invoice_id
                """
            )
        }

    @cached_property
    def partners_with_payment(self):
        """Customers with a payment in process that has no entry and names no invoice.

        Without an outstanding account a payment is booked when the bank line comes.
        """
        return {
            partner_id
            for (partner_id,) in self._query(
                """
                SELECT DISTINCT customer.commercial_partner_id
                  FROM account_payment payment
                  JOIN res_partner customer ON customer.id = payment.partner_id
                 WHERE customer.commercial_partner_id = ANY(%(partners)s)
                   AND payment.company_id = ANY(%(family)s)
                   AND payment.payment_type = 'inbound'
                   AND payment.partner_type = 'customer'
                   AND payment.state = 'in_process'
                   AND payment.move_id IS NULL
                   AND NOT EXISTS (SELECT FROM account_move__account_payment link
                                    WHERE link.payment_id = payment.id)
                """
            )
        }

    @cached_property
    def bank_lines(self):
        """Unmatched money in: ({customer: day of the last line}, invoices named).

        Customers may quote an invoice, its payment reference or the number of a notice.
        """
        rows = self._query(
            """
            SELECT customer.commercial_partner_id, move.date,
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
        partners, moves = {}, set()
        index = ReferenceIndex(self._get_references() if rows else ())
        for partner_id, day, text in rows:
            named = index.find(text)
            moves |= {key for kind, key in named if kind == "move"}
            payers = {key for kind, key in named if kind == "partner"}
            for payer in (payers | {partner_id}) - {None}:
                partners[payer] = max(day, partners.get(payer, day))
        return partners, moves

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
    def credits(self):
        """Unmatched credits of these customers: customer -> list of
        (line, currency, amount in it, amount in company currency, is a credit note,
        is of this very company); amounts are positive."""
        credits = defaultdict(list)
        for partner_id, *credit in self._query(
            """
            SELECT customer.commercial_partner_id, line.id, line.currency_id,
                   -line.amount_residual_currency, -line.amount_residual,
                   move.move_type = 'out_refund', line.company_id = %(company)s
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner customer ON customer.id = line.partner_id
             WHERE customer.commercial_partner_id = ANY(%(partners)s)
               AND line.company_id = ANY(%(family)s)
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
               AND line.amount_residual < 0
             ORDER BY line.date, line.id
            """
        ):
            credits[partner_id].append(tuple(credit))
        return credits

    @cached_property
    def open_items(self):
        """(line, cycle) of items in notices that are not finished -> their notice."""
        return {
            (line_id, cycle): notice_id
            for line_id, cycle, notice_id in self._query(
                """
                SELECT move_line_id, cycle, notice_id
                  FROM dunning_item
                 WHERE company_id = %(company)s AND state = 'open'
                """
            )
        }

    @cached_property
    def open_groups(self):
        """(customer, currency) with a notice that is not finished -> notices.

        A letter is finished once it is printed, or what it asks for is paid.
        """
        groups = defaultdict(set)
        for partner_id, currency_id, notice_id in self._query(
            """
            SELECT customer.commercial_partner_id, notice.currency_id, notice.id
              FROM dunning_notice notice
              JOIN res_partner customer ON customer.id = notice.partner_id
             WHERE notice.company_id = %(company)s
               AND customer.commercial_partner_id = ANY(%(partners)s)
               AND (notice.state IN %(states)s
                    OR notice.state = 'sent' AND notice.kind = 'notice'
                       AND notice.letter_id IS NOT NULL
                       AND notice.mail_message_id IS NULL
                       AND notice.letter_printed IS NOT TRUE
                       AND EXISTS (
                           SELECT FROM dunning_item item
                             JOIN account_move_line line
                               ON line.id = item.move_line_id
                            WHERE item.notice_id = notice.id
                              AND line.reconciled IS NOT TRUE))
            """,
            states=(*const.OPEN_STATES, "sending", "uncertain"),
        ):
            groups[partner_id, currency_id].add(notice_id)
        return groups

    @cached_property
    def last_notices(self):
        """(customer, currency) -> day of the last notice that reached them."""
        return {
            (partner_id, currency_id): last
            for partner_id, currency_id, last in self._query(
                """
                SELECT customer.commercial_partner_id, notice.currency_id,
                       MAX(notice.date)
                  FROM dunning_notice notice
                  JOIN res_partner customer ON customer.id = notice.partner_id
                 WHERE notice.company_id = %(company)s
                   AND customer.commercial_partner_id = ANY(%(partners)s)
                   AND notice.state IN %(states)s AND notice.kind = 'notice'
                 GROUP BY customer.commercial_partner_id, notice.currency_id
                """,
                states=const.DELIVERED_STATES,
            )
        }

    @cached_property
    def escalated_partners(self):
        """Customers with an escalation that a person has not closed and who still owe."""
        return {
            partner_id
            for (partner_id,) in self._query(
                """
                SELECT DISTINCT customer.commercial_partner_id
                  FROM dunning_notice notice
                  JOIN res_partner customer ON customer.id = notice.partner_id
                  JOIN dunning_item item
                    ON item.notice_id = notice.id AND item.state = 'sent'
                  JOIN account_move_line line
                    ON line.id = item.move_line_id
                   AND COALESCE(line.dunning_cycle, 0) = item.cycle
                 WHERE notice.company_id = %(company)s
                   AND customer.commercial_partner_id = ANY(%(partners)s)
                   AND notice.kind = 'escalation' AND notice.state = 'sent'
                   AND notice.escalation_closed IS NOT TRUE
                   AND line.reconciled IS NOT TRUE
                """
            )
        }

    @cached_property
    def contacts(self):
        """Customer -> (contact, e-mail, has bounced, has a postal address).

        The first invoice address with an e-mail, else the customer itself, else any
        invoice address.
        """
        chosen = {}
        for partner_id, contact_id, email, bounced, postal in self._query(
            """
            SELECT contact.commercial_partner_id, contact.id, contact.email_normalized,
                   COALESCE(contact.message_bounce, 0) > 0 OR blacklist.id IS NOT NULL,
                   COALESCE(contact.street, '') != '' AND COALESCE(contact.city, '') != ''
              FROM res_partner contact
              LEFT JOIN mail_blacklist blacklist
                     ON blacklist.email = contact.email_normalized AND blacklist.active
             WHERE contact.commercial_partner_id = ANY(%(partners)s)
               AND (contact.active OR contact.id = contact.commercial_partner_id)
               AND (contact.type = 'invoice'
                    OR contact.id = contact.commercial_partner_id)
             ORDER BY (contact.email_normalized IS NULL), (contact.type != 'invoice'),
                      contact.id
            """
        ):
            chosen.setdefault(partner_id, (contact_id, email, bounced, postal))
        return chosen

    @cached_property
    def undelivered(self):
        """Contacts' addresses whose last notice did not arrive: set of e-mails."""
        return {
            email
            for (email,) in self._query(
                """
                SELECT notice.failed_email
                  FROM dunning_notice notice
                  JOIN res_partner customer ON customer.id = notice.partner_id
                 WHERE notice.company_id = %(company)s
                   AND customer.commercial_partner_id = ANY(%(partners)s)
                   AND notice.state = 'failed' AND notice.failed_email IS NOT NULL
                """
            )
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
