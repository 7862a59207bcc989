"""What is known about open debts, read in a fixed number of queries.

Proposing and sending judge by the same facts: the proposal reads them for a whole
company, the send gate for one notice while its rows are locked.
"""

from collections import defaultdict
from functools import cached_property

from odoo.tools import SQL

from . import const
from .bank_facts import BankFacts


class Facts(BankFacts):
    """What speaks against sending, for the customers and invoices of some debts.

    Each property is one query over all of them, made when it is first asked for.

    :param debts: :class:`debts.Debt` whose customers and invoices are looked at
    :param partner_ids: customers to look at instead of those of the debts
    """

    def __init__(self, env, company, day, debts=(), partner_ids=None):
        self.env = env
        self.company = company
        self.day = day
        self.debts = debts
        if partner_ids is None:
            partner_ids = {debt.partner_id for debt in debts if debt.partner_id}
        self.partner_ids = list(partner_ids)
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
                   AND move_line_id = ANY(%(lines)s)
                """,
                lines=[debt.line_id for debt in self.debts],
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
