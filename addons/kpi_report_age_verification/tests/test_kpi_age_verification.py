from datetime import date
from decimal import Decimal

from odoo.tests import freeze_time, tagged

from odoo.addons.age_verification.tests.provider_common import ProviderCommon

JUNE, JULY = "2026-06", "2026-07"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestKpiAgeVerification(ProviderCommon):
    """The figures of the reports on incidents and checks, by company and month."""

    def _figures(self, start=date(2026, 6, 1), end=date(2026, 7, 31), company=None):
        """Code -> figure of a company."""
        company = company or self.company
        with freeze_time("2026-08-01 12:00:00"):
            report = self.env["kpi.report"]._get_report(company, start, end)
        [section] = [
            section
            for section in report["sections"]
            if section["code"] == "age_verification"
        ]
        [found] = section["companies"]
        self.assertEqual(found["company"], company.name)
        return {figure["code"]: figure for figure in found["figures"]}

    def _happen(self, *kinds, company=None):
        self.env["age.incident"]._record(
            [
                {"kind": kind, "company_id": (company or self.company).id}
                for kind in kinds
            ]
        )

    def _two_months(self):
        """June: 4 sales, 2 incidents. July: 1 sale, 1 incident, at its first moment."""
        self._prove(18)
        orders = [self._create_order(self.gin, self.wine) for _number in range(5)]
        for order in (*orders[:4], orders[0]):
            self.env["age.gate"]._judge_and_record(order, "confirm")
        self._happen("underage", "forged")
        with freeze_time("2026-07-01 00:00:00"):
            self.env["age.gate"]._judge_and_record(orders[4], "confirm")
            self._happen("underage")

    # === INCIDENTS === #

    def test_rate_is_incidents_by_sales_of_the_month_and_of_all(self):
        """2 of 4 sales, 1 of 1, 3 of 5."""
        self._two_months()
        rate = self._figures()["incident_rate"]
        self.assertEqual(rate["months"], {JUNE: "50.00", JULY: "100.00"})
        self.assertEqual(rate["value"], "60.00")

    def test_figures_are_those_of_the_pivot(self):
        self._two_months()
        figures = self._figures()
        pivot = self.env["age.incident.report"]
        mine = [("company_id", "=", self.company.id)]
        sums = ["incidents:sum", "judged:sum", "rate:avg"]
        for month, *values in pivot._read_group(mine, ["month:month"], sums):
            self._assert_totals(figures, values, f"{month:%Y-%m}")
        self._assert_totals(figures, pivot._read_group(mine, [], sums)[0])
        groups = pivot._read_group(mine, ["kind", "month:month"], ["incidents:sum"])
        self.assertEqual(
            len(groups), 2 * sum(c.startswith("incidents_") for c in figures)
        )
        for kind, month, count in groups:
            shown = figures[f"incidents_{kind}"]["months"][f"{month:%Y-%m}"]
            self.assertEqual(shown, count, (kind, month))

    def _assert_totals(self, figures, values, month=None):
        incidents, judged, rate = (
            figures[code]["months"][month] if month else figures[code]["value"]
            for code in ("incidents", "sales_judged", "incident_rate")
        )
        self.assertEqual([incidents, judged, float(Decimal(rate))], list(values))

    def test_days_outside_the_period_are_left_out(self):
        self._two_months()
        figures = self._figures(date(2026, 6, 16), date(2026, 6, 30))
        self.assertEqual(figures["incidents"]["months"], {JUNE: 0})
        self.assertEqual(figures["sales_judged"]["value"], 0)
        figures = self._figures(date(2026, 6, 15), date(2026, 6, 15))
        self.assertEqual(figures["incidents"]["value"], 2)
        self.assertEqual(figures["sales_judged"]["value"], 4)

    def test_incident_without_any_sale_has_no_rate(self):
        self._happen("forged")
        figures = self._figures()
        self.assertEqual(figures["incidents_forged"]["value"], 1)
        self.assertIsNone(figures["incident_rate"]["value"])
        self.assertEqual(figures["incident_rate"]["months"], {JUNE: None, JULY: None})

    def test_company_is_counted_for_itself(self):
        other = self.setup_other_company()["company"]
        self._happen("forged", company=other)
        self._happen("underage", "expired")
        self.assertEqual(self._figures()["incidents"]["value"], 2)
        self.assertEqual(self._figures(company=other)["incidents"]["value"], 1)

    # === CHECKS === #

    def test_checks_have_the_rates_of_the_report_on_steps(self):
        """Four opened in June: two accepted, one refused, one left. One in July, accepted."""
        buyers = [self._create_buyer(f"Buyer {number}") for number in range(5)]
        for buyer, outcome in zip(
            buyers, ("over", "over", "unreadable", "left"), strict=False
        ):
            self._go(buyer, outcome)
        with freeze_time("2026-07-02 12:00:00"):
            self._go(buyers[4], "over")
        self._leave_test_mode()
        figures = self._figures()
        shown = {
            code: [figures[code]["value"], *figures[code]["months"].values()]
            for code in figures
            if code.startswith("checks_")
        }
        self.assertEqual(
            shown,
            {
                "checks_opened": [5, 4, 1],
                "checks_accepted_rate": ["60.00", "50.00", "100.00"],
                "checks_abandoned_rate": ["20.00", "25.00", "0.00"],
                "checks_refused_rate": ["20.00", "25.00", "0.00"],
                "checks_false_reject_rate": ["0.00", "0.00", None],
            },
        )

    def _go(self, buyer, outcome):
        session, _check = self._open(buyer=buyer)
        self._decide(session, outcome)

    def _leave_test_mode(self):
        """Make the checks real ones: the simulator makes none."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE age_session SET is_test = FALSE")
        self.env.invalidate_all()

    def test_checks_of_test_mode_do_not_count(self):
        self._go(self.buyer, "over")
        self.assertEqual(self._figures()["checks_opened"]["value"], 0)
        self.assertIsNone(self._figures()["checks_accepted_rate"]["value"])
