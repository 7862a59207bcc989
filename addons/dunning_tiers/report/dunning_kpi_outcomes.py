from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.kpi_outcomes import OutcomeFacts


class DunningKpiOutcomes(models.AbstractModel):
    """What became of promises and notices: one query a subject, whatever the size.

    Reads without access rules; who may ask for which company is checked by the caller.
    """

    _name = "dunning.kpi.outcomes"
    _description = "Outcomes of Promises and Notices"

    @api.model
    def _get_facts(self, companies, date_from, date_to):
        """Return the counts of the companies between two days, both included.

        :rtype: dict[res.company, OutcomeFacts]
        """
        promises = self._count_promises(companies, date_from, date_to)
        sent, wrong, reminded = self._count_reminders(companies, date_from, date_to)
        held_out = self._count_held_out(companies, date_from, date_to)
        return {
            company: OutcomeFacts(
                promises[company.id, "kept"],
                promises[company.id, "broken"],
                sent[company.id],
                wrong[company.id],
                reminded[company.id],
                held_out[company.id],
            )
            for company in companies
        }

    def _count_promises(self, companies, date_from, date_to):
        """(Company id, state) -> promises whose promised day is in the period."""
        domain = Domain(
            [
                ("company_id", "in", companies.ids),
                ("kind", "=", "promise"),
                ("state", "in", ("kept", "broken")),
                ("date_end", ">=", date_from),
                ("date_end", "<=", date_to),
            ]
        )
        groups = self.env["dunning.hold"]._read_group(
            domain, ["company_id", "state"], ["__count"]
        )
        counts = {(company.id, state): count for company, state, count in groups}
        return defaultdict(int, counts)

    def _flush(self):
        self.env["account.move"].flush_model(["invoice_date", "move_type"])
        self.env["account.move.line"].flush_model(
            ["date", "date_maturity", "journal_id", "move_id", "reconciled"]
        )
        self.env["account.partial.reconcile"].flush_model()
        self.env["dunning.item"].flush_model()
        self.env["dunning.level"].flush_model(["kind", "days", "policy_id"])
        self.env["dunning.notice"].flush_model(
            ["kind", "sent_at", "state", "was_wrong"]
        )
        self.env["res.company"].flush_model(["currency_exchange_journal_id"])
        self.env["res.partner"].flush_model(["tz"])

    # === REMINDERS === #

    def _count_reminders(self, companies, date_from, date_to):
        """Reminders sent and wrong by company id, and level id -> days to pay -> count.

        A reminder is one item of a notice that was sent and did not come back. It was wrong
        when a person says so, or when a payment of that day or before, or a credit note
        dated so, was matched only after it went. Invoices that were paid before it, or that
        a credit note alone settled, are left out of the days to pay: it moved nobody.
        """
        self._flush()
        sent, wrong = defaultdict(int), defaultdict(int)
        reminded = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        for row in self.env.execute_query(
            self._reminders_query(companies, date_from, date_to)
        ):
            company_id, level_id, is_wrong, is_settled, days, count = row
            sent[company_id] += count
            wrong[company_id] += count if is_wrong else 0
            if not is_settled:
                reminded[company_id][level_id][days] += count
        return sent, wrong, reminded

    def _reminders_query(self, companies, date_from, date_to):
        return SQL(
            """
            WITH sent AS (%(sent)s), outcome AS (
                SELECT sent.id,
                       BOOL_OR(part.create_date > sent.sent_at
                               AND credit.value_date <= sent.sent_on) AS was_early,
                       MAX(credit.value_date) FILTER (WHERE credit.is_payment) AS paid_on
                  FROM sent
                  JOIN account_partial_reconcile part
                    ON part.debit_move_id = sent.move_line_id
                  JOIN LATERAL (%(credit)s) AS credit ON TRUE
              GROUP BY sent.id
            )
            SELECT sent.company_id, sent.level_id,
                   COALESCE(sent.was_wrong, FALSE) OR COALESCE(was_early, FALSE),
                   COALESCE(line.reconciled AND (paid_on IS NULL OR paid_on < sent_on), FALSE),
                   CASE WHEN line.reconciled THEN paid_on - sent.sent_on END,
                   COUNT(*)
              FROM sent
              JOIN account_move_line line ON line.id = sent.move_line_id
         LEFT JOIN outcome ON outcome.id = sent.id
          GROUP BY 1, 2, 3, 4, 5
            """,
            sent=self._sent_items(companies, date_from, date_to),
            credit=self._credit(),
        )

    def _sent_items(self, companies, date_from, date_to):
        """Query of the items that went out in the period, on days of the company's zone."""
        return SQL(
            """
            SELECT * FROM (
                SELECT item.id, item.company_id, item.level_id, item.move_line_id,
                       notice.was_wrong, notice.sent_at,
                       (notice.sent_at AT TIME ZONE 'UTC'
                        AT TIME ZONE COALESCE(contact.tz, %(zone)s))::date AS sent_on
                  FROM dunning_item item
                  JOIN dunning_notice notice ON notice.id = item.notice_id
                  JOIN res_company company ON company.id = item.company_id
                  JOIN res_partner contact ON contact.id = company.partner_id
                 WHERE item.state = 'sent'
                   AND notice.state = 'sent'
                   AND notice.kind = 'notice'
                   AND item.company_id IN %(companies)s
            ) AS dated
             WHERE sent_on BETWEEN %(date_from)s AND %(date_to)s
            """,
            zone=self.env.user.tz or "UTC",
            companies=tuple(companies.ids),
            date_from=date_from,
            date_to=date_to,
        )

    def _credit(self):
        """Query of what a partial reconciliation ``part`` matched with a debt."""
        return SQL(
            """
            SELECT move.move_type <> 'out_refund' AS is_payment,
                   CASE WHEN move.move_type = 'out_refund'
                        THEN COALESCE(move.invoice_date, line.date) ELSE line.date
                    END AS value_date
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_company company ON company.id = line.company_id
             WHERE line.id = part.credit_move_id
               AND line.journal_id IS DISTINCT FROM company.currency_exchange_journal_id
            """
        )

    # === COMPARISON GROUP === #

    def _count_held_out(self, companies, date_from, date_to):
        """Company id -> level id -> days to pay -> invoices of the comparison group.

        They get no notice, so they have no level either: each level of the policy counts
        them from the day on which it would have been reached, if they were unpaid then.
        """
        self._flush()
        counts = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        for company_id, level_id, days, count in self.env.execute_query(
            self._held_out_query(companies, date_from, date_to)
        ):
            counts[company_id][level_id][days] += count
        return counts

    def _held_out_query(self, companies, date_from, date_to):
        return SQL(
            """
            WITH held_out AS (
                SELECT company_id, policy_id, move_line_id, MIN(date) AS noted_on
                  FROM dunning_item
                 WHERE reason = 'hold_out' AND company_id IN %(companies)s
              GROUP BY company_id, policy_id, move_line_id
            ), outcome AS (
                SELECT held_out.move_line_id, MAX(credit.value_date) AS paid_on
                  FROM held_out
                  JOIN account_partial_reconcile part
                    ON part.debit_move_id = held_out.move_line_id
                  JOIN LATERAL (%(credit)s) AS credit ON credit.is_payment
              GROUP BY held_out.move_line_id
            ), debt AS (
                SELECT held_out.company_id, level.id AS level_id,
                       GREATEST(held_out.noted_on, level.days
                                + COALESCE(line.date_maturity, line.date)) AS reached_on,
                       line.reconciled, outcome.paid_on
                  FROM held_out
                  JOIN account_move_line line ON line.id = held_out.move_line_id
                  JOIN dunning_level level ON level.policy_id = held_out.policy_id
             LEFT JOIN outcome ON outcome.move_line_id = held_out.move_line_id
                 WHERE level.kind = 'notice'
                   AND level.active
            )
            SELECT company_id, level_id,
                   CASE WHEN reconciled THEN paid_on - reached_on END, COUNT(*)
              FROM debt
             WHERE reached_on BETWEEN %(date_from)s AND %(date_to)s
               AND (reconciled IS NOT TRUE OR paid_on >= reached_on)
          GROUP BY 1, 2, 3
            """,
            companies=tuple(companies.ids),
            credit=self._credit(),
            date_from=date_from,
            date_to=date_to,
        )
