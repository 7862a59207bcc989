from datetime import date

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.dunning_tiers.tests.common import DunningCommon
from odoo.addons.dunning_tiers.tests.ledger_common import TODAY

APRIL, MAY, JUNE = "2026-04", "2026-05", "2026-06"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestKpiDunningTiers(DunningCommon):
    """The key figures of receivables and of reminders, by company and month."""

    def _figures(self, start=date(2026, 4, 1), end=TODAY, company=None):
        company = company or self.company
        report = self.env["kpi.report"]._get_report(company, start, end)
        [section] = [
            section
            for section in report["sections"]
            if section["code"] == "dunning_tiers"
        ]
        [found] = section["companies"]
        self.assertEqual(found["currency"], company.currency_id.name)
        return {figure["code"]: figure for figure in found["figures"]}

    def _remind(self, at):
        with freeze_time(at):
            return self._propose_and_send(fields.Date.to_date(at[:10]))

    def _create_ledger(self):
        """Sales of 3,000 in April, paid in May, 900 in May and 600 in June, both open."""
        april = self._create_debt(3000, due=30, date=60)
        self._pay(april, 20)
        self._create_debt(900, due=20, date=40)
        self._create_debt(600, due=-30, date=10)

    def test_receivable_and_sales_of_each_month(self):
        self._create_ledger()
        figures = self._figures()
        self.assertEqual(
            figures["sales"]["months"],
            {APRIL: "3000.00", MAY: "900.00", JUNE: "600.00"},
        )
        self.assertEqual(
            figures["receivable"]["months"],
            {APRIL: "3000.00", MAY: "900.00", JUNE: "1500.00"},
        )
        self.assertEqual(figures["sales"]["value"], "4500.00")
        self.assertEqual(figures["receivable"]["value"], "1500.00")
        self.assertEqual(figures["sales"]["unit"], self.company.currency_id.name)

    def test_days_sales_outstanding_simple_and_counted_back(self):
        """Simple: 1,500 / 4,500 x 76 days = 25.33. Back: June's 15 days and May's 31."""
        self._create_ledger()
        figures = self._figures()
        self.assertEqual(figures["dso"]["value"], "25.33")
        self.assertEqual(figures["dso"]["months"][MAY], "31.00")
        self.assertEqual(figures["dso_count_back"]["value"], "46.00")

    def test_collection_effectiveness_of_the_month(self):
        """May: 3,000 opening, 900 sold, 900 left, all due: 3,000 of 3,900."""
        self._create_ledger()
        effectiveness = self._figures()["collection_effectiveness"]
        self.assertEqual(effectiveness["months"][MAY], "76.92")

    def test_figures_are_those_of_the_screen(self):
        self._create_ledger()
        screen = self.env["dunning.kpi"]._get_figures(
            self.company, date(2026, 4, 1), TODAY
        )
        for code, figure in self._figures().items():
            whole = screen["period"][code]
            shown = figure["value"]
            if whole is None:
                self.assertIsNone(shown, code)
            else:
                self.assertAlmostEqual(float(shown), float(whole), 2, code)
            for month in screen["months"]:
                if code in month and month[code] is not None:
                    shown = figure["months"][f"{month['date_from']:%Y-%m}"]
                    self.assertAlmostEqual(float(shown), float(month[code]), 2, code)

    def test_reminders_are_counted_in_the_month_they_went(self):
        self._create_debt(100, due=40)
        self._create_debt(200, due=40)
        self._remind("2026-05-20 12:00:00")
        self._create_debt(300, due=12)
        self._remind("2026-06-12 12:00:00")
        reminders = self._figures()["reminders_sent"]
        by_month = reminders["months"]
        self.assertEqual((by_month[APRIL], by_month[MAY]), (0, 2))
        self.assertGreater(by_month[JUNE], 0)
        self.assertEqual(reminders["value"], sum(by_month.values()))
        wrong = self._figures()["wrong_reminder_rate"]["months"]
        self.assertEqual((wrong[APRIL], wrong[MAY]), (None, "0.00"))

    def test_company_without_entries_has_no_days(self):
        other = self.setup_other_company(name="New workshop")["company"]
        self._create_ledger()
        figures = self._figures(company=other)
        self.assertEqual(figures["receivable"]["value"], "0.00")
        self.assertIsNone(figures["dso"]["value"])
        self.assertIsNone(figures["collection_effectiveness"]["months"][MAY])

    def test_month_that_is_cut_off_has_its_part_only(self):
        self._create_ledger()
        figures = self._figures(date(2026, 5, 7), date(2026, 6, 4))
        self.assertEqual(figures["sales"]["months"], {MAY: "0.00", JUNE: "0.00"})
        self.assertEqual(figures["receivable"]["value"], "900.00")
