from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .settlement_common import SettlementCommon


class TestClearingReport(SettlementCommon):
    """The balance of the clearing account, explained item by item, at any day."""

    def _get_report(self, date, **kwargs):
        report = self.env["marketplace.clearing.report"].create(
            {"date": date, **kwargs}
        )
        report._fill()
        return report

    def _get_reasons(self, date):
        return {
            (line.reason, line.name): line.amount
            for line in self._get_report(date).line_ids
        }

    def _book_by_hand(self, amount, date="2024-03-20"):
        other = self.fee_account
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date,
                "line_ids": [
                    fields.Command.create(
                        {"name": name, "account_id": account.id, "balance": balance}
                    )
                    for name, account, balance in (
                        ("By hand", self.clearing, amount),
                        ("By hand", other, -amount),
                    )
                ],
            }
        ).action_post()

    def test_every_open_item_has_its_reason(self):
        """Orders of 115.00, paid on March 6; N is 14 days."""
        self._import_orders(1, 2, 3)
        self._post(
            "P1",
            [("sale", "1", 115.0), ("sale", "9", 50.0), ("sale", "2", 100.0)],
            payout=250.0,
            closing_balance=15.0,
        )
        self._book_by_hand(7.0)
        self.assertEqual(
            self._get_reasons("2024-03-20"),
            {
                ("no_bank", "Payout P1"): 250.0,
                ("carried", "Balance after P1"): 15.0,
                ("no_order", "9"): -50.0,
                ("part", "2"): 15.0,
                ("waiting", "3"): 115.0,
                ("other", "By hand"): 7.0,
            },
        )
        self.assertIn(("late", "3"), self._get_reasons("2024-03-21"))
        self.channel.unsettled_after_days = 30
        self.assertIn(("waiting", "3"), self._get_reasons("2024-04-05"))

    def test_summary_comes_to_the_balance_by_reason_and_channel(self):
        self._import_orders(1, 2)
        self._post("P1", [("sale", "9", 50.0)], payout=50.0)
        report = self._get_report("2024-03-20")
        rows = {row["kind"]: row["amount"] for row in report.summary}
        self.assertEqual(
            rows,
            {"waiting": 230.0, "no_order": -50.0, "no_bank": 50.0, "payout": 230.0},
        )
        self.assertEqual(report.summary[-1]["total"], report.amount_ledger)
        self.assertEqual(
            report.line_ids.sorted().mapped("reason"),
            ["waiting", "waiting", "no_order", "no_bank"],
            "the list is in the order of the sums",
        )
        self.assertEqual(
            report.summary[0]["codes"],
            [{"code": self.channel.name, "count": 2, "amount": 230.0}],
        )
        self.assertFalse(self._get_report("2024-01-01").summary)

    def test_order_of_a_channel_without_payouts_is_not_called_late(self):
        """Whoever imports orders only learns nothing of what was paid out."""
        self._import_orders(1)
        self.assertIn(("untold", "1"), self._get_reasons("2024-05-31"))
        self._post("P1", [("fee", "", -5.0)], payout=-5.0)
        self.assertIn(("late", "1"), self._get_reasons("2024-05-31"))

    def test_credit_note_waits_for_the_payout_that_gives_the_money_back(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        item = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "entry",
                    "date": "2024-03-18",
                    "line_ids": [
                        fields.Command.create(
                            {
                                "name": "1",
                                "account_id": self.clearing.id,
                                "balance": -20.0,
                                "marketplace_order_id": order.id,
                                "marketplace_role": "order",
                            }
                        ),
                        fields.Command.create(
                            {"account_id": self.fee_account.id, "balance": 20.0}
                        ),
                    ],
                }
            )
        )
        item.action_post()
        self.assertEqual(
            self._get_reasons("2024-03-20"),
            {("no_bank", "Payout P1"): 115.0, ("credit_note", "1"): -20.0},
        )
        self._post("P2", [("sale", "1", -20.0, 21)], payout=-20.0)
        self.assertNotIn(("credit_note", "1"), self._get_reasons("2024-03-21"))
        self.assertIn(("credit_note", "1"), self._get_reasons("2024-03-20"))

    def test_sum_is_the_general_ledgers_balance_on_any_day(self):
        """With two months, two currencies, a deposit, a reversal and entries by hand."""
        francs = self.setup_other_currency(
            "CHF", rates=[("2024-01-01", 2.0), ("2024-03-09", 4.0)]
        )
        self._import_orders(1, 2)
        self._import_orders(3, currency="CHF")
        self._post(
            "P1",
            [
                ("sale", "1", 115.0, 28),
                ("fee", "", -15.0, 29),
                ("sale", "2", 110.0, "2024-04-02"),
            ],
            payout=210.0,
            deposited_date="2024-04-03 12:00:00",
        )
        self._post(
            "P2",
            [("sale", "3", 115.0), ("reserve", "", -15.0)],
            payout=100.0,
            currency=francs,
        )
        self._create_bank_line(210.0, "P1", date="2024-04-05")
        self._book_by_hand(-3.33)
        with freeze_time("2024-05-10"):
            self._post("P3", [("sale", "8", 20.0, 30)], payout=20.0)
            self.company.fiscalyear_lock_date = "2024-03-31"
            settlement = self.env["marketplace.settlement"].search(
                [("name", "=", "P3")]
            )
            settlement.action_reverse()
        for date in (
            "2024-03-05",
            "2024-03-06",
            "2024-03-10",
            "2024-03-28",
            "2024-03-31",
            "2024-04-02",
            "2024-04-05",
            "2024-05-09",
            "2024-05-10",
            "2030-01-01",
        ):
            with self.subTest(date=date):
                report = self._get_report(date)
                balance = self._get_balance(self.clearing, date)
                self.assertAlmostEqual(sum(report.line_ids.mapped("amount")), balance)
                self.assertAlmostEqual(report.amount_ledger, balance)
                self.assertAlmostEqual(report.amount_explained, balance)

    def test_day_before_the_deposit_the_payout_was_on_its_way(self):
        self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        self._create_bank_line(88.0, "P1", date="2024-03-18")
        self.assertIn(("no_bank", "Payout P1"), self._get_reasons("2024-03-17"))
        self.assertNotIn(("no_bank", "Payout P1"), self._get_reasons("2024-03-18"))

    def test_fee_that_takes_more_of_the_sales_than_usual_is_pointed_out(self):
        """10 % four times, then 15 %: 50 % more; ads stay at 2 %."""
        self._map_fee("Fee/Ads")
        for number, fee in enumerate((10.0, 10.0, 11.0, 10.0, 15.0), start=1):
            self._post(
                f"P{number}",
                [
                    ("sale", f"9{number}", 100.0),
                    ("fee", "", -fee),
                    ("fee", "", -2.0, 10, {"code": "Fee/Ads"}),
                ],
                payout=98.0 - fee,
                deposited_date=f"2024-03-{10 + number} 12:00:00",
            )
        report = self._get_report("2024-03-31")
        self.assertRecordValues(
            report.drift_ids,
            [{"code": "Fee/Commission", "share": 15.0, "usual": 10.0, "drift": 50.0}],
        )
        self.channel.fee_drift_percent = 60.0
        self.assertFalse(self._get_report("2024-03-31").drift_ids)

    def test_queries_do_not_grow_with_items(self):
        counts = []
        for numbers in (range(1, 4), range(4, 24)):
            self._import_orders(*numbers)
            self.env.flush_all()
            report = self.env["marketplace.clearing.report"].create(
                {"date": "2024-03-20"}
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report._fill()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(report.line_ids), numbers[-1])
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_report_is_its_makers_own(self):
        report = self._get_report("2024-03-20")
        user = new_test_user(
            self.env,
            "clearing_user",
            groups="marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            report.with_user(user).read(["date"])
        action = self.env["marketplace.clearing.report"].with_user(user).action_open()
        own = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        self.assertEqual(own.date, fields.Date.context_today(own))
