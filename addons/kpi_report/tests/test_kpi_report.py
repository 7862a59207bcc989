import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, freeze_time, tagged

from ..periods import list_months
from ..workbook import SHEET_NAME_LENGTH, write_workbook

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestKpiReport(TransactionCase):
    """The frame of the report: periods, values and the spreadsheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["kpi.report"]
        cls.company = cls.env["res.company"].create(
            {"name": "=1+1 & Sons", "currency_id": cls.env.ref("base.EUR").id}
        )

    def _figure(self, value, unit="percent", months=None):
        return self.report._prepare_figure("code", "Title", unit, value, months or {})

    def _document(self, title="Orders"):
        """A report of one company, of an amount, a count and a rate in two months."""
        months = {JANUARY: Decimal("1234.5"), FEBRUARY: Decimal("-2.345")}
        figures = [
            self._figure(Decimal("1232.155"), self.company.currency_id, months),
            self._figure(7, "count", {JANUARY: 7, FEBRUARY: 0}),
            self._figure(None, "percent", {JANUARY: None, FEBRUARY: None}),
        ]
        report = self.report._get_report(self.company, JANUARY, date(2026, 2, 28))
        section = self.report._prepare_section("orders", title, {self.company: figures})
        return {**report, "sections": [section, section]}

    def _load(self, report):
        return openpyxl.load_workbook(io.BytesIO(write_workbook(report)))

    # === PERIOD === #

    def test_months_are_those_with_a_day_in_the_span(self):
        self.assertEqual(
            list_months(date(2025, 11, 30), date(2026, 2, 1)),
            [date(2025, 11, 1), date(2025, 12, 1), JANUARY, FEBRUARY],
        )
        self.assertEqual(list_months(date(2026, 1, 9), date(2026, 1, 9)), [JANUARY])
        self.assertEqual(list_months(FEBRUARY, JANUARY), [])

    def test_report_states_each_company_with_its_currency(self):
        companies = self.company | self.env.company
        report = self.report._get_report(companies, JANUARY, date(2026, 3, 3))
        self.assertEqual(report["months"], ["2026-01", "2026-02", "2026-03"])
        self.assertEqual(
            report["companies"],
            [
                {"company": "=1+1 & Sons", "currency": "EUR"},
                {
                    "company": self.env.company.name,
                    "currency": self.env.company.currency_id.name,
                },
            ],
        )

    def test_report_of_no_company_is_empty(self):
        companies = self.env["res.company"]
        report = self.report._get_report(companies, JANUARY, date(2026, 3, 3))
        self.assertEqual((report["companies"], report["sections"]), ([], []))

    def test_days_after_today_are_left_out(self):
        report = self.report._get_report(
            self.company, date(2026, 5, 1), date(2027, 1, 1)
        )
        self.assertEqual(report["date_to"], "2026-06-15")
        self.assertEqual(report["months"], ["2026-05", "2026-06"])

    def test_period_without_a_day_is_refused(self):
        for start, end in (
            (date(2026, 6, 16), date(2026, 7, 1)),
            (FEBRUARY, JANUARY),
        ):
            with self.assertRaisesRegex(UserError, "no day between"):
                self.report._get_report(self.company, start, end)

    def test_period_that_nobody_can_read_is_refused(self):
        with self.assertRaisesRegex(UserError, "more than 240 months"):
            self.report._get_report(self.company, date(1, 1, 1), FEBRUARY)

    # === VALUES === #

    def test_amount_has_the_decimal_places_of_its_currency_and_states_it(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        figure = self._figure(Decimal("99.5"), yen, {JANUARY: Decimal("99.4")})
        self.assertEqual((figure["unit"], figure["value"]), ("JPY", "100"))
        self.assertEqual(figure["months"], {"2026-01": "99"})
        euro = self._figure(0.1 + 0.2, self.env.ref("base.EUR"))
        self.assertEqual((euro["unit"], euro["value"]), ("EUR", "0.30"))

    def test_rate_is_a_decimal_string_rounded_half_up(self):
        self.assertEqual(self._figure(Decimal("12.345"))["value"], "12.35")
        self.assertEqual(self._figure(Decimal("-0.001"))["value"], "0.00")
        self.assertEqual(self._figure(50.0)["value"], "50.00")

    def test_count_stays_a_number_and_nothing_stays_nothing(self):
        count = self.report._prepare_count("code", "Title", {JANUARY: 2, FEBRUARY: 3})
        self.assertEqual((count["value"], count["unit"]), (5, "count"))
        self.assertEqual(count["months"], {"2026-01": 2, "2026-02": 3})
        self.assertIsNone(self._figure(None)["value"])
        self.assertIsNone(self._figure(False)["value"])

    def test_rate_of_nothing_has_no_meaning(self):
        self.assertIsNone(self.report._get_rate(0, 0))
        self.assertEqual(self.report._get_rate(1, 8), Decimal("12.5"))

    # === SPREADSHEET === #

    def test_figures_are_numbers_and_months_are_dates(self):
        sheet = self._load(self._document()).worksheets[1]
        head, amount, count, rate = sheet.iter_rows(values_only=True)
        self.assertEqual(head[5:], (datetime(2026, 1, 1), datetime(2026, 2, 1)))
        self.assertEqual(amount[2:], ("Title", "EUR", 1232.16, 1234.5, -2.35))
        self.assertEqual(count[3:], ("count", 7, 7, 0))
        self.assertEqual(rate[3:], ("percent", None, None, None))
        self.assertEqual(sheet.freeze_panes, "D2")
        self.assertEqual(sheet["E2"].number_format, "#,##0.00")
        self.assertEqual(sheet["E3"].number_format, "#,##0")

    def test_period_is_on_a_sheet_of_its_own(self):
        rows = list(self._load(self._document()).worksheets[0].values)
        self.assertEqual(rows[0], ("From", datetime(2026, 1, 1)))
        self.assertEqual(rows[1], ("To", datetime(2026, 2, 28)))
        self.assertEqual(rows[4], ("=1+1 & Sons", "EUR"))

    def test_company_named_like_a_formula_is_text(self):
        for sheet in self._load(self._document()).worksheets:
            cells = [cell for row in sheet.iter_rows() for cell in row]
            self.assertNotIn("f", {cell.data_type for cell in cells})
            self.assertIn("=1+1 & Sons", [cell.value for cell in cells])

    def test_title_that_no_sheet_may_have_is_made_fit(self):
        book = self._load(self._document("Sales [a/b]: " + "long " * 9))
        self.assertEqual(len(set(book.sheetnames)), 3)
        self.assertTrue(all(len(name) <= SHEET_NAME_LENGTH for name in book.sheetnames))

    def test_report_without_sections_is_a_spreadsheet_of_the_period(self):
        report = {**self._document(), "sections": []}
        self.assertEqual(self._load(report).sheetnames, ["Period"])
