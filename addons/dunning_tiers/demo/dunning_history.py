from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL

from .dunning_history_data import (
    CUSTOMERS,
    INVOICES_EACH,
    MONTH_DAYS,
    OPEN_INVOICES,
    PAID_EARLY,
    PROMISES,
    RECORDED_AFTER,
    RECORDED_NEXT_DAY,
    RUNS,
)

MODULE = "dunning_tiers."


class DunningDemoHistory(models.AbstractModel):
    """Makes the past months of the demo company, in the order in which they happened.

    Key figures and the replay simulator read the ledger and the notices of the past, which
    data files cannot hold: each proposal has to find what was open on its day. Nothing is
    mailed: the past notices are counted as sent on their day.
    """

    _name = "dunning.demo.history"
    _description = "Past Months of the Demo Company"

    @api.model
    def _load_history(self):
        """Make invoices, bank lines, proposals with their notices, and promises.

        Only for demo databases, and once: what is there already is left alone.

        :return: how many notices count as sent
        :rtype: int
        """
        company = self.env.ref("base.main_company")
        if self.env["dunning.run"].search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            return 0
        history = self.with_company(company).with_context(tracking_disable=True)
        today = company._get_dunning_today()
        plan = history._plan_invoices()
        moves = history._create_invoices(plan, today)
        payments = history._plan_payments(plan, moves, today)
        promises = history._prepare_promises(plan, moves)
        recorded, sent = [], 0
        run_days = history._get_run_days(today)
        history._record_takings(run_days)
        for day in run_days:
            recorded += history._record_payments(payments, until=day)
            history._create_promises(promises, until=day)
            sent += history._send_notices(company, day)
        recorded += history._record_payments(payments, until=today)
        history._date_back(moves, recorded)
        return sent

    # === INVOICES === #

    def _plan_invoices(self):
        """Rows of customer, number, days ago, amount and days late, the oldest first."""
        plan = []
        for offset, (customer, amount, delays) in enumerate(CUSTOMERS):
            for number in range(INVOICES_EACH):
                days = MONTH_DAYS * number + 2 * offset + 3
                late = delays[number % len(delays)] if number > 1 else PAID_EARLY
                late = late if number else ()
                plan.append((customer, number, days, amount + 35 * (number % 4), late))
        plan += [(name, None, days, amount, ()) for name, days, amount in OPEN_INVOICES]
        return sorted(plan, key=lambda row: row[2], reverse=True)

    def _create_invoices(self, plan, today):
        moves = self.env["account.move"].create(
            [
                self._prepare_invoice(today, customer, days, amount)
                for customer, _number, days, amount, _late in plan
            ]
        )
        moves.action_post()
        return moves

    def _prepare_invoice(self, today, customer, days, amount):
        line = {"name": "Delivery of the month", "price_unit": amount, "tax_ids": []}
        return {
            "move_type": "out_invoice",
            "partner_id": self.env.ref(MODULE + customer).id,
            "invoice_date": today - timedelta(days=days),
            "invoice_payment_term_id": self.env.ref(
                "account.account_payment_term_30days"
            ).id,
            "is_move_sent": True,
            "invoice_line_ids": [Command.create(line)],
        }

    # === MONEY === #

    def _plan_payments(self, plan, moves, today):
        """Rows of the day of recording, day of the bank line, invoice and amount."""
        payments = []
        for (customer, *_row, delays), move in zip(plan, moves, strict=True):
            wait = timedelta(days=RECORDED_AFTER.get(customer, RECORDED_NEXT_DAY))
            for late in delays:
                paid = move.invoice_date_due + timedelta(days=late)
                amount = move.amount_total / len(delays)
                payments.append((paid + wait, paid, move, amount))
        payments = [row for row in payments if row[0] <= today]
        return sorted(payments, key=lambda row: row[0])

    def _record_payments(self, payments, until):
        """Make and match the bank lines that are known by a day; take them off the plan.

        :return: rows of credit line and day of recording
        """
        known = [row for row in payments if row[0] <= until]
        del payments[: len(known)]
        journal = self._get_bank_journal()
        lines = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": paid,
                    "payment_ref": f"Transfer {move.name}",
                    "partner_id": move.partner_id.id,
                    "amount": amount,
                    "counterpart_account_id": self._get_debt(move).account_id.id,
                }
                for _seen, paid, move, amount in known
            ]
        )
        recorded, matches = [], []
        for line, (seen, _paid, move, _amount) in zip(lines, known, strict=True):
            debt = self._get_debt(move)
            credit = line.line_ids.filtered(
                lambda aml, account=debt.account_id: aml.account_id == account
            )
            matches.append(debt | credit)
            recorded.append((credit, seen))
        # All at once: one by one takes twice the time.
        self.env["account.move.line"]._reconcile_plan(matches)
        return recorded

    def _record_takings(self, days):
        """A bank line on each of the days: no proposal has to wait for bank data."""
        accounts = self.env["account.account"]
        domain = accounts._check_company_domain(self.env.company)
        income = accounts.search([*domain, ("account_type", "=", "income")], limit=1)
        self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self._get_bank_journal().id,
                    "date": day,
                    "payment_ref": "Card terminal, takings of the day",
                    "amount": 180 + day.day * 7.5,
                    "counterpart_account_id": income.id,
                }
                for day in days
            ]
        )

    def _get_bank_journal(self):
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )

    @api.model
    def _get_debt(self, move):
        return move.line_ids.filtered(lambda line: line.display_type == "payment_term")

    # === REMINDERS === #

    @api.model
    def _get_run_days(self, today):
        """Mondays, the last of them two to three weeks ago."""
        last = today - timedelta(days=today.weekday() + 14)
        return [last - timedelta(weeks=week) for week in reversed(range(RUNS))]

    def _send_notices(self, company, day):
        """Propose on a day, and count what is proposed as sent on it.

        :return: how many notices that were
        """
        run = self.env["dunning.run"].create(
            {
                "company_id": company.id,
                "date": day,
                "user_id": self.env.ref("base.user_admin").id,
            }
        )
        run.action_propose()
        notices = run.notice_ids.filtered(
            lambda notice: (
                notice.kind == "notice" and notice.partner_id in self._get_customers()
            )
        )
        # Other demo data have debts too: what becomes of them is not for us to tell.
        (run.notice_ids - notices).action_cancel()
        notices.action_approve()
        sent = notices.sudo()
        sent._count_as_sent()
        moment = datetime.combine(day, time(14))
        sent.write({"sent_at": moment, "checked_at": moment, "follow_up_due": False})
        run.sudo().write({"state": "done"})
        return len(notices)

    def _get_customers(self):
        return self.env["res.partner"].union(
            *(self.env.ref(MODULE + row[0]) for row in CUSTOMERS)
        )

    def _prepare_promises(self, plan, moves):
        """Day -> values of the promises that customers made on it."""
        by_number = {row[:2]: move for row, move in zip(plan, moves, strict=True)}
        promises = defaultdict(list)
        for customer, number, said_after, promised_after in PROMISES:
            move = by_number[customer, number]
            said = move.invoice_date_due + timedelta(days=said_after)
            promises[said].append(
                {
                    "move_id": move.id,
                    "kind": "promise",
                    "reason": "Said on the phone when the payment will leave.",
                    "date_from": said,
                    "date_end": move.invoice_date_due + timedelta(days=promised_after),
                    "user_id": self.env.ref("base.user_admin").id,
                }
            )
        return promises

    def _create_promises(self, promises, until):
        for day in sorted(day for day in promises if day <= until):
            self.env["dunning.hold"].create(promises.pop(day))

    # === DATES === #

    def _date_back(self, moves, recorded):
        """Let the ledger look as if each row had been made in its time.

        The simulator and the rate of wrong reminders read when rows were made, and the
        ORM always says now.
        """
        self._make_rows_old((move, move.invoice_date) for move in moves)
        self._make_rows_old(
            (line, move.invoice_date) for move in moves for line in move.line_ids
        )
        for get_rows in (
            lambda credit: credit,
            lambda credit: credit.move_id,
            lambda credit: credit.matched_debit_ids,
        ):
            self._make_rows_old((get_rows(credit), seen) for credit, seen in recorded)

    def _make_rows_old(self, dated_records):
        """Say that records of one model were made in the morning of a day each.

        :param dated_records: pairs of record and day
        """
        records, days = zip(*dated_records, strict=True)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS record SET create_date = made.day + TIME '09:00'
                  FROM UNNEST(%s, %s::date[]) AS made(id, day)
                 WHERE record.id = made.id
                """,
                SQL.identifier(records[0]._table),
                [record.id for record in records],
                list(days),
            )
        )
        self.env.invalidate_all()
