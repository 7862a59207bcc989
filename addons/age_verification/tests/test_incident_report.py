from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestIncidentReport(AgeCommon):
    """Incidents are counted against the sales that were judged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["age.incident.report"]
        cls.mine = [("company_id", "=", cls.company.id)]
        cls._prove(18)

    def _judge(self, *records):
        for record in records:
            self.env["age.gate"]._judge_and_record(record, "confirm")

    def _happen(self, *kinds):
        self.env["age.incident"]._record(
            [{"kind": kind, "company_id": self.company.id} for kind in kinds]
        )

    def _groups(self, *groupby):
        return self.report._read_group(
            self.mine, groupby, ["incidents:sum", "judged:sum", "rate:avg"]
        )

    def _two_months(self):
        """June: 4 sales, 2 incidents. July: 1 sale, 1 incident."""
        orders = [self._create_order(self.gin, self.wine) for _number in range(5)]
        self._judge(*orders[:4])
        self._judge(orders[0])
        self._happen("underage", "forged")
        with freeze_time("2026-07-01 00:00:00"):
            self._judge(orders[4])
            self._happen("underage")

    def test_rate_of_a_month_is_its_incidents_by_its_sales(self):
        self._two_months()
        june, july = self._groups("month:month")
        self.assertEqual(june[1:], (2, 4, 50.0))
        self.assertEqual(july[1:], (1, 1, 100.0))

    def test_rate_of_all_months_is_that_of_all_sales(self):
        """3 incidents by 5 sales, not the mean of 50 and 100."""
        self._two_months()
        [total] = self._groups()
        self.assertEqual(total, (3, 5, 60.0))

    def test_rate_of_a_kind_is_by_all_sales(self):
        self._two_months()
        found = {kind: values for kind, *values in self._groups("kind")}
        self.assertEqual(found["underage"], [2, 5, 40.0])
        self.assertEqual(found["forged"], [1, 5, 20.0])
        self.assertEqual(found["mismatch"], [0, 5, 0.0])

    def test_incident_without_any_sale_has_no_rate(self):
        self._happen("forged")
        self.assertEqual(self._groups(), [(1, 0, 0.0)])

    def test_free_goods_are_no_restricted_sale(self):
        self._judge(self._create_order(self.cheese))
        self.assertEqual(self.report.search_count(self.mine), 0)

    def test_company_is_counted_for_itself(self):
        other = self.setup_other_company()["company"]
        self.env["age.incident"]._record([{"kind": "forged", "company_id": other.id}])
        self._happen("underage")
        user = new_test_user(
            self.env,
            "age_user_of_one",
            "age_verification.group_age_user",
            company_id=self.company.id,
        )
        seen = self.report.with_user(user).search([])
        self.assertEqual(seen.company_id, self.company)
        stranger = new_test_user(self.env, "just_anybody", "base.group_user")
        with self.assertRaises(AccessError):
            self.report.with_user(stranger).search([])
