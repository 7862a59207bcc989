from datetime import datetime, timezone
from decimal import Decimal

from odoo.tests import tagged

from .settlement_staging_common import SettlementStagingCommon


@tagged("post_install", "-at_install")
class TestSettlementCheck(SettlementStagingCommon):
    """What does not tie out to the cent does not reach the books, and says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._map_fee("charge/fee")
        cls._map_fee("adjustment/listing")

    def _issue(self, settlement, code):
        return settlement.issue_ids.filtered(
            lambda issue: issue.code == code and issue.state == "open"
        )

    def test_settlement_that_ties_out_waits_for_approval(self):
        settlement = self._stage_one(self._parsed())
        self.assertFalse(settlement.issue_ids)
        self.assertRecordValues(settlement, [{"state": "ready", "approval": "needed"}])

    def test_a_cent_too_much_is_an_issue_with_the_difference_and_the_largest_sums(self):
        settlement = self._stage_one(self._parsed(total="144.71"))
        self.assertEqual(settlement.state, "exception")
        self.assertEqual(self._codes(settlement), ["settlement_imbalance"])
        message = self._plain(settlement.issue_ids.message)
        # charge: 115 + 85 = 200; refund: -40; fee: -12; listing: -3.30
        for text in (
            "0.01",
            "144.70",
            "144.71",
            "charge",
            "200.00",
            "refund",
            "-40.00",
        ):
            self.assertIn(text, message)
        self.assertLess(message.index("200.00"), message.index("40.00"))

    def test_missing_page_solves_the_imbalance(self):
        settlement = self._stage_one(self._parsed(lines=self._lines()[:4]))
        self.assertEqual(self._codes(settlement), ["settlement_imbalance"])
        self._stage_one(self._page(lines=self._lines()[4:]))
        self.assertRecordValues(settlement, [{"state": "ready"}])
        self.assertEqual(settlement.issue_ids.state, "resolved")

    def test_payout_without_total_and_transfer_is_an_issue(self):
        settlement = self._stage_one(self._parsed(total=None))
        self.assertEqual(self._codes(settlement), ["settlement_without_total"])

    def test_failed_payout_is_not_booked_until_it_is_paid(self):
        settlement = self._stage_one(self._parsed(status="failed"))
        self.assertRecordValues(settlement, [{"state": "exception"}])
        self.assertEqual(self._codes(settlement), ["settlement_failed"])
        self._stage_one(self._header(status="paid"))
        self.assertRecordValues(settlement, [{"state": "ready"}])

    # === CONFIGURATION AND CURRENCY ===

    def test_channel_without_clearing_account_is_an_issue(self):
        self.channel.clearing_account_id = False
        settlement = self._stage_one(self._parsed())
        self.assertEqual(self._codes(settlement), ["configuration"])

    def test_reserve_needs_the_channels_reserve_account(self):
        lines = (*self._lines(), self._line("t5", "reserve", "reserve/hold", "-44.70"))
        settlement = self._stage_one(self._parsed(lines=lines, total="100.00"))
        self.assertEqual(self._codes(settlement), ["configuration"])
        self.channel.reserve_account_id = self._create_account(
            "Reserves", "103999", "asset_current"
        )
        settlement.action_process()
        self.assertEqual(settlement.state, "ready")

    def test_currency_without_rate_is_an_issue(self):
        currency = self.env["res.currency"].create(
            {"name": "XQQ", "symbol": "Q", "active": True}
        )
        settlement = self._stage_one(self._parsed(currency="XQQ"))
        self.assertEqual(self._codes(settlement), ["currency_without_rate"])
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2024-01-01", "rate": 2.0}
        )
        settlement.action_process()
        self.assertEqual(settlement.state, "ready")

    def test_unknown_currency_is_an_issue(self):
        settlement = self._stage_one(self._parsed(currency="ZZZ"))
        self.assertIn("currency_without_rate", self._codes(settlement))

    # === OTHER SETTLEMENTS ===

    def _period(self, ref, first, last, opening, closing, **kwargs):
        return self._parsed(
            ref,
            tuple(
                self._line(
                    f"{ref}-{line.external_ref}", line.type, line.code, line.amount
                )
                for line in self._lines()
            ),
            kwargs.pop("total", "144.70"),
            period_start=datetime(2024, 3, first, tzinfo=timezone.utc),
            period_end=datetime(2024, 3, last, tzinfo=timezone.utc),
            opening_balance=Decimal(opening),
            closing_balance=Decimal(closing),
            **kwargs,
        )

    def test_balance_that_does_not_continue_is_pointed_out_and_stops_nothing(self):
        self._stage_one(self._period("P1", 1, 8, "0.00", "0.00"))
        late = self._stage_one(self._period("P3", 15, 22, "5.00", "5.00"))
        self.assertRecordValues(late, [{"state": "ready"}])
        self.assertEqual(self._codes(late), ["settlement_gap"])
        self.assertIn("5.00", late.issue_ids.message)

    def test_settlement_in_between_fills_the_gap(self):
        self._stage_one(self._period("P1", 1, 8, "0.00", "0.00"))
        late = self._stage_one(self._period("P3", 15, 22, "5.00", "5.00"))
        # 144.70 of lines, 139.70 paid out: 5.00 stay.
        self._stage_one(self._period("P2", 8, 15, "0.00", "5.00", total="139.70"))
        self.assertFalse(self._codes(late))

    def test_first_settlement_has_no_gap(self):
        settlement = self._stage_one(self._period("P3", 15, 22, "5.00", "5.00"))
        self.assertFalse(settlement.issue_ids)

    def test_settlement_with_lines_of_another_one_is_a_possible_duplicate(self):
        self._stage_one(self._parsed("P1"))
        second = self._stage_one(self._parsed("P2"))
        self.assertEqual(self._codes(second), ["settlement_duplicate"])
        self.assertEqual(second.state, "exception")
        second.action_cancel()
        self.assertEqual(second.state, "cancelled")

    def test_person_may_accept_a_possible_duplicate(self):
        self._stage_one(self._parsed("P1"))
        second = self._stage_one(self._parsed("P2"))
        second.issue_ids.action_accept()
        self.assertRecordValues(second, [{"state": "ready"}])

    def test_same_payout_in_another_report_is_a_possible_duplicate(self):
        moment = datetime(2024, 3, 12, 8, tzinfo=timezone.utc)
        self._stage_one(self._period("P1", 1, 8, "0", "0", deposited_at=moment))
        other = self._period("G1", 1, 8, "0", "0", deposited_at=moment)
        object.__setattr__(other, "format", "test.other")
        second = self._stage_one(other)
        self.assertEqual(self._codes(second), ["settlement_duplicate"])

    # === APPROVAL ===

    def test_changed_figures_take_the_approval_back(self):
        settlement = self._stage_one(self._parsed())
        settlement.write({"approval": "approved"})
        self._stage_one(self._parsed(lines=(*self._lines()[:4],), total="148.00"))
        self.assertEqual(settlement.approval, "none")
        self.assertEqual(self._codes(settlement), ["settlement_imbalance"])

    def test_one_bad_settlement_does_not_hold_the_others(self):
        good, bad, fine = self._stage(
            self._parsed("A"),
            self._parsed(
                "B", [self._line("b1", "sale", "charge", "9.00")], total="8.00"
            ),
            self._parsed("C", [self._line("c1", "sale", "charge", "9.00")], "9.00"),
        )["created"]
        (good | bad | fine)._process()
        self.assertEqual(
            (good | bad | fine).mapped("state"), ["ready", "exception", "ready"]
        )

    # === WATERFALL ===

    def test_waterfall_leads_from_opening_balance_to_payout(self):
        settlement = self._stage(
            self._parsed(
                total="150.00",
                opening_balance=Decimal("20.00"),
                closing_balance=Decimal("14.70"),
            )
        )["created"]
        rows = settlement.waterfall
        self.assertEqual(
            [(row["kind"], round(row["amount"], 2)) for row in rows],
            [
                ("opening", 20.0),
                ("sale", 200.0),
                ("refund", -40.0),
                ("fee", -15.3),
                ("closing", -14.7),
                ("payout", 150.0),
            ],
        )
        self.assertEqual(
            [(code["code"], code["amount"]) for code in rows[3]["codes"]],
            [("charge/fee", -12.0), ("adjustment/listing", -3.3)],
        )
