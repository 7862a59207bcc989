from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .ledger_common import TODAY, LedgerCommon


@freeze_time("2026-06-15 12:00:00")
@tagged("post_install", "-at_install")
class TestAgeingReport(LedgerCommon):
    def _report(self, user=None, **context):
        report = self.env["dunning.ageing.report"].with_user(user or self.accountant)
        return report.with_context(**context)

    def _rows(self, moves, **context):
        report = self._report(**context)
        return report.search([("move_id", "in", moves.ids)], order="date_maturity desc")

    def test_every_bucket_starts_and_ends_on_its_day(self):
        days = [-5, 0, 1, 30, 31, 60, 61, 90, 91, 400]
        for position, due in enumerate(days):
            self._create_debt(10 + position, due, date=410)
        rows = self._report().search([("partner_id", "=", self.customer.id)])
        rows = rows.sorted("days_overdue")
        self.assertEqual(rows.mapped("days_overdue"), days)
        self.assertEqual(
            rows.mapped("bucket"),
            ["0_not_due"] * 2
            + ["1_1_30"] * 2
            + ["2_31_60"] * 2
            + ["3_61_90"] * 2
            + ["4_91_up"] * 2,
        )
        self.assertEqual(sum(rows.mapped("amount_not_due")), 10 + 11)
        self.assertEqual(sum(rows.mapped("amount_1_30")), 12 + 13)
        self.assertEqual(sum(rows.mapped("amount_31_60")), 14 + 15)
        self.assertEqual(sum(rows.mapped("amount_61_90")), 16 + 17)
        self.assertEqual(sum(rows.mapped("amount_91_up")), 18 + 19)

    def test_groups_by_age_come_in_order_of_age(self):
        for due in (200, 5, -5, 70, 40):
            self._create_debt(100, due)
        groups = self._report()._read_group(
            [("partner_id", "=", self.customer.id)], ["bucket"], ["amount_residual:sum"]
        )
        self.assertEqual(
            groups,
            [
                ("0_not_due", 100),
                ("1_1_30", 100),
                ("2_31_60", 100),
                ("3_61_90", 100),
                ("4_91_up", 100),
            ],
        )

    def test_rows_carry_the_open_amounts_of_core(self):
        partly_paid = self._create_debt(500, 40)
        self._pay(partly_paid, 10, amount=180)
        self._pay(self._create_debt(75, 40), 3)
        refund = self._create_credit_note(60, 20)
        self._create_payment(33, 2)
        rows = self._report().search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(rows), 3)  # what is paid in full is no row
        self.assertEqual(sum(rows.mapped("amount_residual")), 320 - 60 - 33)
        self.assertEqual(
            sum(rows.mapped("amount_residual")),
            self._ledger_balance(self.company, TODAY),
        )
        self.assertRecordValues(
            self._rows(partly_paid | refund),
            [
                {
                    "move_id": refund.id,
                    "kind": "credit",
                    "amount_residual": -60,
                    "amount_1_30": -60,
                    "amount_31_60": 0,
                },
                {
                    "move_id": partly_paid.id,
                    "kind": "debt",
                    "amount_residual": 320,
                    "amount_1_30": 0,
                    "amount_31_60": 320,
                },
            ],
        )

    def test_instalments_are_aged_one_by_one(self):
        move = self._create_debt(1000, 45, invoice_payment_term_id=self.pay_terms_b)
        lines = self._receivable(move)
        rows = self._rows(move)
        self.assertEqual(len(rows), 2)
        self.assertEqual(
            {row.move_line_id: row.date_maturity for row in rows},
            {line: line.date_maturity for line in lines},
        )

    def test_foreign_invoice_shows_both_currencies(self):
        euro = self.setup_other_currency("EUR")  # 2 EUR = 1 USD since 2017
        move = self._create_debt(200, 10, currency_id=euro)
        self._pay(move, 5, amount=50)
        row = self._rows(move)
        self.assertEqual(row.currency_id, euro)
        self.assertEqual(row.company_currency_id, self.company.currency_id)
        self.assertEqual(row.amount_residual_currency, 150)
        self.assertEqual(row.amount_residual, 75)
        self.assertEqual(row.amount_residual, self._receivable(move).amount_residual)

    def test_debts_of_a_contact_belong_to_the_company_behind(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id, "type": "invoice"}
        )
        move = self._create_debt(10, 3, partner_id=contact)
        self.assertEqual(self._rows(move).partner_id, self.customer)

    def test_payment_of_today_leaves_the_report_at_once(self):
        move = self._create_debt(10, 3)
        self.assertTrue(self._rows(move))
        self._pay(move, 0)
        self.assertFalse(self._rows(move))

    def test_today_is_the_day_of_the_user(self):
        move = self._create_debt(10, 0)
        self.assertEqual(self._rows(move).days_overdue, 0)
        # Noon in Greenwich is already tomorrow on Kiritimati (UTC+14).
        self.assertEqual(self._rows(move, tz="Pacific/Kiritimati").days_overdue, 1)
        islander = self.accountant.copy(
            {"login": "islander", "tz": "Pacific/Kiritimati"}
        )
        self.env.invalidate_all()  # one request has one user
        row = self._report(islander).search([("move_id", "=", move.id)])
        self.assertEqual((row.days_overdue, row.bucket), (1, "1_1_30"))

    def test_past_day_undoes_later_entries_and_later_matching(self):
        early = self._create_debt(100, 50)
        late = self._create_debt(40, -10, date=5)
        half_paid = self._create_debt(300, 70)
        self._pay(half_paid, 60, amount=120)
        self._pay(half_paid, 8, amount=180)
        self._pay(early, 20)
        moves = early | late | half_paid
        open_amounts = {}
        for days in (80, 65, 55, 30, 10, 0):
            past = {"dunning_ageing_date": str(self._day(days))}
            rows = self._rows(moves, **past)
            open_amounts[days] = {row.move_id: row.amount_residual for row in rows}
            total = self._report(**past)._read_group(
                [("company_id", "=", self.company.id)], [], ["amount_residual:sum"]
            )[0][0]
            self.assertAlmostEqual(
                total or 0, self._ledger_balance(self.company, self._day(days)) or 0
            )
        self.assertEqual(
            open_amounts,
            {
                80: {},
                65: {half_paid: 300},
                55: {half_paid: 180},
                30: {half_paid: 180, early: 100},
                10: {half_paid: 180},
                0: {late: 40},
            },
        )

    def test_past_day_counts_days_to_that_day(self):
        move = self._create_debt(100, 50, date=60)
        past = self._rows(move, dunning_ageing_date=str(self._day(55)))
        self.assertEqual((past.days_overdue, past.bucket), (-5, "0_not_due"))
        # The same row, read for today in the same transaction.
        self.assertEqual(self._rows(move).days_overdue, 50)
        self.assertEqual(self._rows(move).amount_31_60, 100)

    def test_past_day_keeps_foreign_amounts_apart(self):
        euro = self.setup_other_currency("EUR")
        move = self._create_debt(200, 30, currency_id=euro)
        self._pay(move, 5)
        row = self._rows(move, dunning_ageing_date=str(self._day(10)))
        self.assertEqual(
            (row.amount_residual_currency, row.amount_residual), (200, 100)
        )

    def test_day_that_is_no_date_is_ignored(self):
        move = self._create_debt(100, 50)
        self.assertEqual(self._rows(move, dunning_ageing_date="'; --").days_overdue, 50)

    def test_wizard_opens_the_report_at_its_day(self):
        move = self._create_debt(100, 50)
        self._pay(move, 3)
        with Form(self.env["dunning.ageing.date"].with_user(self.accountant)) as form:
            form.date = self._day(10)
        action = form.record.action_open_report()
        self.assertIn("06/05/2026", action["name"])
        rows = self.env[action["res_model"]].with_user(self.accountant)
        rows = rows.with_context(**action["context"]).search(
            [("move_id", "=", move.id)]
        )
        self.assertEqual(rows.amount_residual, 100)
        self.assertEqual(rows.action_open_move()["res_id"], move.id)

    def _hold(self, move=None, **kwargs):
        return self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "move_id": move.id if move else False,
                "kind": "dispute",
                "reason": "Broken on arrival",
                "date_from": self._day(5),
                "date_end": self._day(-5),
                "user_id": self.accountant.id,
                **kwargs,
            }
        )

    def _held(self, moves):
        self.env.invalidate_all()  # the rows of a request stay as first read
        rows = self._rows(moves).sorted("date_maturity")
        return [(row.amount_disputed, row.amount_promised) for row in rows]

    def test_disputed_part_is_shown_apart(self):
        move = self._create_debt(100, 10)
        hold = self._hold(move, amount=30)
        self.assertEqual(self._held(move), [(30, 0)])
        hold.amount = 0  # all of it
        self.assertEqual(self._held(move), [(100, 0)])
        hold.action_release()
        self.assertEqual(self._held(move), [(0, 0)])

    def test_disputed_lines_count_with_their_tax(self):
        move = self._create_debt(100, 10, tax_ids=self.tax_sale_a)
        line = move.invoice_line_ids
        self._hold(move, line_ids=line.ids)
        self.assertEqual(self._held(move), [(line.price_total, 0)])

    def test_disputed_part_is_taken_from_the_first_instalments(self):
        move = self._create_debt(1000, 45, invoice_payment_term_id=self.pay_terms_b)
        self.assertEqual(self._receivable(move).mapped("balance"), [300, 700])
        self._hold(move, amount=250)
        self._hold(move, amount=250)
        self.assertEqual(self._held(move), [(300, 0), (200, 0)])

    def test_promise_for_the_customer_covers_all_debts(self):
        moves = self._create_debt(100, 10) | self._create_debt(50, 20)
        hold = self._hold(kind="promise")
        self.assertEqual(self._held(moves), [(0, 50), (0, 100)])
        hold.amount = 70  # the oldest debts first
        self.assertEqual(self._held(moves), [(0, 50), (0, 20)])
        other = self._create_debt(10, 5, partner_id=self._create_customer("Other"))
        self.assertEqual(self._held(other), [(0, 0)])

    def test_dispute_in_foreign_currency_counts_in_that_of_the_company(self):
        euro = self.setup_other_currency("EUR")  # 2 EUR = 1 USD
        move = self._create_debt(200, 10, currency_id=euro)
        self._hold(move, amount=60)
        self.assertEqual(self._held(move), [(30, 0)])

    def test_hold_that_is_over_or_not_begun_counts_nothing(self):
        move = self._create_debt(100, 10)
        self._hold(move, date_from=self._day(9), date_end=self._day(1))
        self._hold(move, date_from=self._day(-1))
        self.assertEqual(self._held(move), [(0, 0)])

    def test_level_and_holds_are_of_today_only(self):
        level = (
            self.env["dunning.policy"].sudo().create({"name": "Standard"}).level_ids[0]
        )
        move = self._create_debt(100, 10)
        self._receivable(move).dunning_level_id = level
        self._hold(move)
        self.assertEqual(self._rows(move).dunning_level_id, level)
        past = self._rows(move, dunning_ageing_date=str(self._day(1)))
        self.assertFalse(past.dunning_level_id)
        self.assertEqual((past.amount_disputed, past.amount_residual), (0, 100))

    def test_accountant_sees_the_companies_chosen_only(self):
        other = self.setup_other_company(name="Second workshop")
        ours = self._create_debt(10, 3)
        theirs = self._create_debt(
            20,
            3,
            company_id=other["company"].id,
            journal_id=other["default_journal_sale"].id,
            account_id=other["default_account_revenue"].id,
        )
        self.assertEqual(theirs.company_id, other["company"])
        moves = ours | theirs
        self.assertEqual(self._rows(moves).move_id, ours)
        self.accountant.company_ids |= other["company"]
        one = self.company.ids
        self.assertEqual(self._rows(moves, allowed_company_ids=one).move_id, ours)
        both = (self.company | other["company"]).ids
        self.assertEqual(self._rows(moves, allowed_company_ids=both).move_id, moves)

    def test_user_without_dunning_or_accounting_is_refused(self):
        clerk = new_test_user(self.env, "clerk_of_sales", "base.group_user")
        with self.assertRaises(AccessError):
            self._report(clerk).search([])
        auditor = new_test_user(
            self.env, "auditor_of_dunning", "account.group_account_readonly"
        )
        move = self._create_debt(10, 3)
        self.assertIn(move, self._report(auditor).search([]).move_id)

    def test_report_is_read_only(self):
        move = self._create_debt(10, 3)
        with self.assertRaises(AccessError):
            self._rows(move).write({"date": TODAY})

    def test_queries_do_not_grow_with_lines(self):
        self._create_debt(10, 3)
        self._report().search([]).mapped("bucket")  # warm the caches of rights
        counts = []
        for _round in range(2):
            for due in range(5):
                self._create_debt(10, due)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._report().search([]).mapped("bucket")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
