from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .ledger_common import TODAY, LedgerCommon

QUARTER = date(2026, 1, 1), date(2026, 3, 31)  # 90 days


@freeze_time("2026-06-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiScreen(LedgerCommon):
    def _invoice(self, amount, day, due, **kwargs):
        """Post an invoice with dates as text."""
        return self._create_debt(amount, self._ago(due), date=self._ago(day), **kwargs)

    def _ago(self, day):
        return (TODAY - date.fromisoformat(day)).days

    def _create_quarter(self):
        """creditguru's quarter: 6,200 opening, sales 10,890, 6,340 closing, 3,590 not due."""
        opening = self._invoice(6200, "2025-12-10", "2026-01-10")
        january = self._invoice(3000, "2026-01-05", "2026-02-05")
        february = self._invoice(2890, "2026-02-05", "2026-03-05")
        self._invoice(3590, "2026-03-05", "2026-04-05")
        late = self._invoice(
            1410, "2026-03-06", "2026-03-31", partner_id=self.partner_b
        )
        self._pay(opening, self._ago("2026-01-20"))
        self._pay(january, self._ago("2026-02-20"))
        self._pay(february, self._ago("2026-03-20"), amount=1550)
        # What happens after the quarter changes nothing in it.
        self._pay(february, self._ago("2026-04-02"), amount=1340)
        self._pay(late, self._ago("2026-04-20"))
        self._invoice(999, "2026-04-01", "2026-05-01")

    def _figures(self, start=QUARTER[0], end=QUARTER[1], company=None):
        return self.env["dunning.kpi"]._get_figures(company or self.company, start, end)

    def test_quarter_gives_the_published_figures(self):
        self._create_quarter()
        late = self._receivable(
            self.env["account.move"].search([("amount_total", "=", 1410)])
        )
        late.date_maturity = date(2026, 3, 30)  # not due is 3,590 and no more
        figures = self._figures()
        self.assertEqual(figures["currency"], self.company.currency_id.name)
        period = figures["period"]
        self.assertEqual((period["days"], period["sales"]), (90, 10890))
        self.assertEqual(period["receivable_opening"], 6200)
        self.assertEqual(period["receivable"], 6340)
        self.assertEqual(period["receivable_not_due"], 3590)
        shown = {
            name: str(round(period[name], digits))
            for name, digits in (
                ("dso", 2),
                ("dso_best_possible", 2),
                ("days_delinquent", 2),
                ("collection_effectiveness", 1),
            )
        }
        self.assertEqual(
            shown,
            {
                "dso": "52.40",
                "dso_best_possible": "29.67",
                "days_delinquent": "22.73",
                "collection_effectiveness": "79.6",
            },
        )

    def test_receivable_of_each_month_is_the_balance_of_core(self):
        self._create_quarter()
        self._create_credit_note(77, self._ago("2026-02-10"))
        self._create_payment(55, self._ago("2026-03-10"))
        months = self._figures()["months"]
        self.assertEqual(len(months), 3)
        for month in months:
            balance = self._ledger_balance(self.company, month["date_to"])
            self.assertEqual(month["receivable"], Decimal(str(balance)))
            self.assertIsInstance(month["receivable"], Decimal)

    def test_buckets_of_each_month_are_those_of_the_ageing_report(self):
        self._create_quarter()
        self._invoice(800, "2025-11-01", "2025-11-20")
        for month in self._figures()["months"]:
            report = self.env["dunning.ageing.report"].with_context(
                dunning_ageing_date=str(month["date_to"])
            )
            [(not_due, over_90, total)] = report._read_group(
                [("company_id", "=", self.company.id)],
                [],
                ["amount_not_due:sum", "amount_91_up:sum", "amount_residual:sum"],
            )
            self.assertEqual(month["receivable_not_due"], Decimal(str(not_due)))
            self.assertEqual(month["receivable_over_90"], Decimal(str(over_90)))
            self.assertEqual(month["receivable"], Decimal(str(total)))
            self.assertEqual(month["at_risk"] > 0, bool(over_90))

    def test_sales_are_the_invoices_and_credit_notes_of_core(self):
        taxed = {"tax_ids": self.tax_sale_a}
        self._invoice(1000, "2026-01-05", "2026-02-05", **taxed)
        self._invoice(400, "2026-01-15", "2026-02-05", move_type="out_refund", **taxed)
        self._create_payment(55, self._ago("2026-01-10"))
        invoices = self.env["account.move"].search(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("invoice_date", ">=", QUARTER[0]),
                ("invoice_date", "<=", QUARTER[1]),
                ("company_id", "=", self.company.id),
            ]
        )
        expected = sum(invoices.mapped("amount_total_signed"))
        self.assertEqual(self._figures()["period"]["sales"], Decimal(str(expected)))

    def test_weighted_delay_of_paid_and_unpaid_is_the_published_one(self):
        # Upflow: 140 paid after 7 days, 85 after 55, 214 overdue since 10 days: 17.8.
        first = self._invoice(140, "2026-01-01", "2026-01-10")
        second = self._invoice(85, "2026-01-01", "2026-01-20")
        self._invoice(214, "2026-02-01", "2026-03-21")
        self._pay(first, self._ago("2026-01-17"))
        self._pay(second, self._ago("2026-03-16"))
        figures = self._figures()
        self.assertEqual(round(figures["period"]["weighted_delay"], 1), Decimal("17.8"))
        self.assertEqual(figures["period"]["amount_due"], 439)
        self.assertEqual(
            [month["weighted_delay"] for month in figures["months"]],
            [Decimal(140 * 7 + 85 * 55) / 225, None, 10],
        )

    def test_credit_note_is_no_payment_in_the_delay(self):
        invoice = self._invoice(100, "2026-01-01", "2026-01-10")
        refund = self._invoice(40, "2026-03-01", "2026-03-01", move_type="out_refund")
        self._match(invoice, refund)
        self._pay(invoice, self._ago("2026-01-15"))
        period = self._figures()["period"]
        self.assertEqual((period["amount_due"], period["weighted_delay"]), (60, 5))

    def test_exchange_difference_is_no_payment_in_the_delay(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2020-01-01", 1.0), ("2026-02-01", 2.0)]
        )
        invoice = self._invoice(100, "2026-01-01", "2026-01-11", currency_id=euro)
        self._pay(invoice, self._ago("2026-02-10"))  # 50 in company currency
        self.assertEqual(invoice.payment_state, "paid")
        period = self._figures()["period"]
        self.assertEqual((period["amount_due"], period["weighted_delay"]), (50, 30))
        self.assertEqual((period["receivable"], period["sales"]), (0, 100))

    def test_count_back_uses_months_before_the_period(self):
        self._invoice(700, "2025-11-10", "2026-05-01")
        self._invoice(800, "2025-12-10", "2026-05-01")
        self._invoice(400, "2026-01-10", "2026-05-01")
        invoice = self._invoice(100, "2026-01-20", "2026-05-01")
        self._pay(invoice, self._ago("2026-01-25"))
        january = self._figures(end=date(2026, 1, 31))["months"][0]
        # 1,900 open: January's 500 and December's 800 whole, 600 of November's 700.
        expected = 31 + 31 + Decimal(600) * 30 / 700
        self.assertAlmostEqual(january["dso_count_back"], expected)

    def test_company_without_entries_has_no_figures_but_counts_nothing_wrong(self):
        company = self.setup_other_company(name="New workshop")["company"]
        period = self._figures(company=company)["period"]
        self.assertEqual((period["receivable"], period["sales"]), (0, 0))
        self.assertIsNone(period["dso"])
        self.assertIsNone(period["collection_effectiveness"])

    def test_period_ends_today_at_the_latest(self):
        figures = self._figures(date(2026, 6, 1), date(2027, 1, 31))
        self.assertEqual(figures["date_to"], TODAY)
        self.assertEqual(len(figures["months"]), 1)
        with self.assertRaises(UserError):
            self._figures(date(2026, 7, 1), date(2026, 8, 1))

    def test_screen_opens_with_the_last_twelve_months(self):
        self._invoice(1000, "2026-05-05", "2026-06-05")
        action = self.env["dunning.kpi"].with_user(self.accountant).action_open()
        screen = (
            self.env["dunning.kpi"].with_user(self.accountant).browse(action["res_id"])
        )
        self.assertEqual(screen.company_ids, self.company)
        self.assertEqual(len(screen.month_ids), 12)
        self.assertEqual(screen.month_ids[0].date_from, date(2025, 7, 1))
        self.assertEqual(screen.month_ids[-1].date_to, TODAY)
        self.assertRecordValues(
            screen.month_ids[-2:],
            [
                {"date_to": date(2026, 5, 31), "sales": 1000, "dso": 31, "at_risk": 0},
                {"date_to": TODAY, "sales": 0, "dso": 0, "at_risk": 0},
            ],
        )
        self.assertEqual(screen.period_ids.receivable, 1000)
        action = screen.action_open_months()
        months = screen.env[action["res_model"]].search(action["domain"])
        self.assertEqual(months, screen.month_ids)

    def test_update_replaces_the_rows(self):
        Screen = self.env["dunning.kpi"].with_user(self.accountant)
        screen = Screen.browse(Screen.action_open()["res_id"])
        with Form(screen) as form:
            form.date_from, form.date_to = QUARTER
        screen.action_update()
        self.assertEqual(
            screen.month_ids.mapped("date_from"),
            [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)],
        )
        self.assertEqual(len(screen.period_ids), 1)

    def test_each_company_has_rows_in_its_own_currency(self):
        euro = self.setup_other_currency("EUR")
        other = self.setup_other_company(name="Atelier", currency_id=euro.id)
        self._invoice(1000, "2026-01-05", "2026-02-05")
        self._invoice(
            300,
            "2026-01-05",
            "2026-02-05",
            company_id=other["company"].id,
            journal_id=other["default_journal_sale"].id,
            account_id=other["default_account_revenue"].id,
            currency_id=euro,
        )
        self.accountant.company_ids |= other["company"]
        companies = self.company | other["company"]
        screen = (
            self.env["dunning.kpi"]
            .with_user(self.accountant)
            .create(
                {
                    "company_ids": companies.ids,
                    "date_from": QUARTER[0],
                    "date_to": QUARTER[1],
                }
            )
        )
        screen.action_update()
        self.assertEqual(len(screen.month_ids), 6)
        self.assertRecordValues(
            screen.period_ids.sorted("sales"),
            [
                {
                    "company_id": other["company"].id,
                    "sales": 300,
                    "currency_id": euro.id,
                },
                {
                    "company_id": self.company.id,
                    "sales": 1000,
                    "currency_id": self.company.currency_id.id,
                },
            ],
        )

    def test_company_one_may_not_see_gives_no_figures(self):
        other = self.setup_other_company(name="Hidden workshop")["company"]
        Screen = self.env["dunning.kpi"].with_user(self.accountant)
        with self.assertRaises(AccessError):
            Screen.create({"company_ids": (self.company | other).ids})
        self.accountant.company_ids |= other
        screen = Screen.create({"company_ids": (self.company | other).ids})
        self.accountant.company_ids -= other
        self.env.invalidate_all()
        screen.action_update()
        self.assertEqual(screen.period_ids.company_id, self.company)

    def test_screen_of_somebody_else_is_closed(self):
        Screen = self.env["dunning.kpi"].with_user(self.accountant)
        screen = Screen.browse(Screen.action_open()["res_id"])
        colleague = self.accountant.copy({"login": "colleague_of_dunning"})
        self.env.invalidate_all()
        for records in (screen, screen.month_ids, screen.period_ids):
            with self.assertRaises(AccessError):
                records.with_user(colleague).read(["display_name"])

    def test_clerk_is_refused(self):
        clerk = new_test_user(self.env, "clerk_of_kpi", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.env["dunning.kpi"].with_user(clerk).action_open()

    def test_queries_do_not_grow_with_lines_or_months(self):
        self._create_quarter()
        other = self.setup_other_company(name="Second workshop")["company"]
        Kpi = self.env["dunning.kpi"]
        Kpi._get_company_figures(self.company | other, *QUARTER)
        self.env.flush_all()
        with self.assertQueryCount(6):
            Kpi._get_company_figures(self.company, *QUARTER)
        for day in range(10, 25):
            self._invoice(100, f"2026-01-{day}", "2026-02-20")
        self.env.flush_all()
        with self.assertQueryCount(6):
            Kpi._get_company_figures(self.company | other, date(2024, 1, 1), TODAY)
