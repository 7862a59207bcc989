from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestFaults(DunningCommon):
    """Bad data gives a verdict or a message; nothing goes out wrongly."""

    def test_invoice_of_zero_is_no_debt(self):
        self._create_debt(0, due=8)
        self.assertFalse(self._propose().item_ids)

    def test_overpaid_customer_gets_nothing(self):
        invoice = self._create_debt(100, due=8)
        self._create_payment(250, date=1)
        self._assert_reason(invoice, "unmatched_credit")

    def test_credit_notes_alone_make_no_notice(self):
        self._create_credit_note(100, date=20)
        self.assertFalse(self._propose().item_ids)

    def test_customer_without_language_gets_the_companys(self):
        self.customer.lang = False
        self.company.partner_id.lang = "en_US"
        self._create_debt(100, due=8)
        self.assertEqual(self._propose().notice_ids.lang, "en_US")

    def test_language_that_does_not_exist_is_for_a_person_to_mend(self):
        self._create_debt(100, due=8)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET lang = 'xx_YY' WHERE id = %s", [self.customer.id]
        )
        self.env.invalidate_all()
        run = self._propose()
        self.assertEqual(run.notice_ids.lang, "en_US")
        self.assertEqual(self._send(run), [])
        self.assertEqual(run.notice_ids.state, "review")
        self.assertIn("xx_YY", run.notice_ids.error_text)

    def test_malformed_email_is_no_address(self):
        self.customer.email = "walnut at example"
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "no_address")

    def test_deleted_policy_of_a_customer_falls_back_to_the_companys(self):
        own = self._create_policy(name="Own")
        self.customer.dunning_policy_id = own
        invoice = self._create_debt(100, due=8)
        own.unlink()
        run = self._propose()
        self.assertEqual(run.item_ids.move_id, invoice)
        self.assertEqual(run.item_ids.policy_id, self.policy)

    def test_policy_of_another_company_is_not_used(self):
        other = self.setup_other_company()["company"]
        foreign = self.env["dunning.policy"].create(
            {"name": "Foreign", "company_id": other.id}
        )
        invoice = self._create_debt(100, due=8)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET dunning_policy_id = %s WHERE id = %s",
            [foreign.id, invoice.id],
        )
        self.env.invalidate_all()
        self._assert_reason(invoice, "no_policy")

    def test_level_removed_after_it_was_sent_does_not_restart_the_ladder(self):
        invoice = self._create_debt(100, due=8)
        self._propose_and_send()
        self.friendly.active = False
        with freeze_time("2026-06-24 12:00:00"):
            run = self._propose(fields.Date.to_date("2026-06-24"))
        self.assertEqual(run.item_ids.move_id, invoice)
        self.assertEqual(run.item_ids.level_id, self.firm)

    def test_one_bad_debt_does_not_stop_the_others(self):
        bad = self._create_debt(100, due=8)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET partner_id = NULL WHERE move_id = %s",
            [bad.id],
        )
        self.env.invalidate_all()
        good = self._create_debt(50, due=8)
        run = self._propose()
        items = {item.move_id: item.verdict for item in run.item_ids}
        self.assertEqual(items, {bad: "blocked", good: "send"})
        self.assertEqual(
            run.item_ids.filtered(lambda i: i.move_id == bad).reason, "no_partner"
        )

    def test_empty_ledger_gives_an_empty_run_that_can_be_repeated(self):
        run = self._propose()
        run.action_propose()
        self.assertFalse(run.item_ids)
        self.assertFalse(run.notice_ids)
        self.assertEqual(run.state, "review")


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestManyInvoices(DunningCommon):
    """One customer with a very long list, from one invoice in many instalments."""

    def _create_instalments(self, count):
        invoice = self._create_debt(count * 10, due=400)
        line = self._receivable(invoice)
        self.env.flush_all()
        # Real instalments of this number would take minutes to post; to the ladder
        # they are lines of the ledger like these.
        self.env.cr.execute(
            """
            UPDATE account_move_line
               SET debit = 10, balance = 10, amount_currency = 10,
                   amount_residual = 10, amount_residual_currency = 10
             WHERE id = %(line)s;
            INSERT INTO account_move_line
                   (move_id, move_name, company_id, journal_id, account_id, partner_id,
                    currency_id, company_currency_id, parent_state, display_type, date,
                    date_maturity, debit, credit, balance, amount_currency,
                    amount_residual, amount_residual_currency, reconciled, no_followup)
            SELECT move_id, move_name, company_id, journal_id, account_id, partner_id,
                   currency_id, company_currency_id, parent_state, display_type, date,
                   date_maturity + number %% 300, 10, 0, 10, 10, 10, 10, FALSE, FALSE
              FROM account_move_line, generate_series(2, %(count)s) number
             WHERE id = %(line)s
            """,
            {"line": line.id, "count": count},
        )
        self.env.invalidate_all()
        return invoice

    def test_ten_thousand_debts_of_one_customer_make_one_readable_notice(self):
        self._create_instalments(10000)
        run = self._propose()
        notice = run.notice_ids
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.amount_total, 100000)
        [mail] = self._send(run)
        self.assertEqual(notice.state, "sent")
        self.assertLess(len(mail["body"]), 2_000_000)
        again = self._propose()
        self.assertEqual(set(again.item_ids.mapped("verdict")), {"wait"})

    def test_number_of_queries_does_not_depend_on_the_number_of_debts(self):
        self._propose()
        counts = []
        for size in (100, 1000):
            with self.env.cr.savepoint() as savepoint:
                self._create_instalments(size)
                run = self.env["dunning.run"].create(
                    {"company_id": self.company.id, "date": "2026-06-15"}
                )
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                run.sudo()._propose()
                run.sudo()._group()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
                savepoint.rollback()
            self.env.invalidate_all()
        # 900 more rows go in batches of a hundred.
        self.assertLessEqual(counts[1] - counts[0], 3 * 9)
        self.assertLessEqual(counts[0], 60)
