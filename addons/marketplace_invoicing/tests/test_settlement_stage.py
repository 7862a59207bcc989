from datetime import datetime, timezone
from decimal import Decimal

from odoo.tests import tagged

from .settlement_staging_common import SettlementStagingCommon


@tagged("post_install", "-at_install")
class TestSettlementStage(SettlementStagingCommon):
    """Whatever parts arrive, in whatever order: one settlement, every line once."""

    def test_whole_settlement_is_kept_as_stated(self):
        settlement = self._stage(
            self._parsed(
                status="paid",
                channel_status="PAID",
                bank_ref="TRACE-9",
                deposited_at=datetime(2024, 3, 12, 8, tzinfo=timezone.utc),
            )
        )["created"]
        self.assertRecordValues(
            settlement,
            [
                {
                    "external_ref": "P1",
                    "channel_status": "PAID",
                    "status": "paid",
                    "bank_ref": "TRACE-9",
                    "deposited_date": datetime(2024, 3, 12, 8),
                    "amount_total": 144.70,
                    "total_stated": True,
                    "amount_payout": 144.70,
                    "lines_amount": 144.70,
                    "imbalance": 0.0,
                    "is_waiting": False,
                    "rows": 5,
                    "state": "draft",
                }
            ],
        )
        self.assertEqual(len(settlement.line_ids), 5)

    def test_same_statement_again_changes_nothing(self):
        first = self._stage(self._parsed())
        again = self._stage(self._parsed())
        self.assertEqual(again["unchanged"], first["created"])
        self.assertFalse(again["created"] | again["updated"])
        self.assertEqual(len(first["created"].line_ids), 5)
        self.assertEqual(first["created"].rows, 5)

    def test_head_and_lines_of_different_files_join_in_any_order(self):
        one, two = self._lines()[:2], self._lines()[1:]
        orders = (
            [self._header("A"), self._page("A", one), self._page("A", two)],
            [self._page("B", two), self._header("B"), self._page("B", one)],
            [self._page("C", two), self._page("C", one), self._header("C")],
        )
        for records in orders:
            for record in records:
                self._stage(record)
            settlement = self.Settlement.search(
                [("external_ref", "=", records[0].external_ref)]
            )
            self.assertRecordValues(
                settlement,
                [{"parts": "header,lines", "imbalance": 0.0, "is_waiting": False}],
            )
            self.assertEqual(
                sorted(settlement.line_ids.mapped("external_ref")),
                ["t1", "t1:fee", "t2", "t3", "t4"],
                "the page that overlaps adds no line twice",
            )

    def test_pages_of_one_batch_join_as_those_of_several_do(self):
        settlement = self._stage(
            self._page("A", self._lines()[:3]),
            self._header("A"),
            self._page("A", self._lines()[2:]),
        )["created"]
        self.assertEqual(len(settlement.line_ids), 5)
        self.assertEqual(settlement.imbalance, 0.0)

    def test_settlement_waits_until_head_and_lines_are_there(self):
        settlement = self._stage_one(self._page())
        self.assertRecordValues(settlement, [{"is_waiting": True, "state": "draft"}])
        self._map_fee("charge/fee")
        self._map_fee("adjustment/listing")
        self._stage_one(self._header())
        self.assertRecordValues(settlement, [{"is_waiting": False, "state": "ready"}])

    def test_open_payout_waits_until_the_channel_closes_it(self):
        settlement = self._stage_one(self._parsed(status="open"))
        self.assertRecordValues(settlement, [{"is_waiting": True, "state": "draft"}])
        self._stage(self._header(status="closed"))
        self.assertFalse(settlement.is_waiting)

    def test_total_is_the_transfers_where_none_is_stated(self):
        lines = (*self._lines(), self._line("t9", "transfer", "payout", "-144.70"))
        settlement = self._stage(self._parsed(lines=lines, total=None))["created"]
        self.assertRecordValues(
            settlement,
            [
                {
                    "total_stated": False,
                    "amount_payout": 144.70,
                    "lines_amount": 144.70,
                    "imbalance": 0.0,
                }
            ],
        )

    def test_balances_belong_to_what_the_lines_explain(self):
        # 20.00 before + 144.70 of lines = 150.00 paid out + 14.70 after
        settlement = self._stage(
            self._parsed(
                total="150.00",
                opening_balance=Decimal("20.00"),
                closing_balance=Decimal("14.70"),
            )
        )["created"]
        self.assertEqual(settlement.imbalance, 0.0)

    def test_corrected_statement_replaces_what_is_not_booked(self):
        settlement = self._stage(self._parsed())["created"]
        lines = [
            *self._lines()[:4],
            self._line("t4", "fee", "adjustment/listing", "-4.00"),
        ]
        result = self._stage(self._parsed(lines=lines, total="144.00"))
        self.assertEqual(result["updated"], settlement)
        self.assertRecordValues(
            settlement, [{"amount_total": 144.00, "lines_amount": 144.00}]
        )
        self.assertEqual(len(settlement.line_ids), 5)

    def test_statement_that_says_less_takes_nothing_away(self):
        settlement = self._stage(
            self._parsed(bank_ref="TRACE-9", channel_status="PAID", status="paid")
        )["created"]
        self._stage(self._header(total=None))
        self.assertRecordValues(
            settlement,
            [{"bank_ref": "TRACE-9", "status": "paid", "amount_total": 144.70}],
        )

    # === LINES OF NO PAYOUT YET ===

    def test_lines_of_no_payout_wait_and_move_to_theirs(self):
        waiting = self._stage(self._page("", self._lines()))["created"]
        self.assertRecordValues(
            waiting,
            [{"is_open_account": True, "is_waiting": True, "lines_amount": 144.70}],
        )
        moved = waiting.line_ids[0]
        payout = self._stage(self._parsed("P1", self._lines()[:4], "148.00"))["created"]
        self.assertEqual(moved.settlement_id, payout, "the same line, not a copy")
        self.assertEqual(len(payout.line_ids), 4)
        self.assertEqual(waiting.line_ids.external_ref, "t4")
        self.assertEqual(waiting.lines_amount, -3.30)

    def test_line_of_a_payout_does_not_come_back_to_those_without(self):
        payout = self._stage(self._parsed())["created"]
        result = self._stage(self._page("", self._lines()))
        self.assertFalse(result["created"].line_ids)
        self.assertEqual(len(payout.line_ids), 5)

    def test_line_read_with_and_without_payout_at_once_counts_once(self):
        # As two workers leave it that read both pages at the same moment.
        waiting = self._stage(self._page("", self._lines()[4:]))["created"]
        payout = self._stage(self._parsed("P1", self._lines()[:4], "148.00"))["created"]
        values = {**waiting.line_ids._prepare_facts(self._lines()[4]), "type": "fee"}
        payout.line_ids.create({**values, "settlement_id": payout.id})
        self._stage(self._header("P2", "1.00"))
        self.assertFalse(waiting.line_ids)
        self.assertIn("t4", payout.line_ids.mapped("external_ref"))

    def test_each_currency_has_its_own_account_of_waiting_lines(self):
        result = self._stage(
            self._page("", self._lines()[:1], currency="USD"),
            self._page("", self._lines()[1:2], currency="EUR"),
        )
        self.assertEqual(
            sorted(result["created"].mapped("external_ref")), ["open EUR", "open USD"]
        )

    def test_two_channels_may_have_payouts_of_one_reference(self):
        other = self._create_channel("Second shop", "woocommerce")
        one = self._stage(self._parsed())["created"]
        two = self._stage(self._parsed(), channel=other)["created"]
        self.assertEqual((one | two).mapped("external_ref"), ["P1", "P1"])

    # === AFTER POSTING ===

    def _posted(self):
        settlement = self._stage(self._parsed())["created"]
        settlement._update_state(("draft",), "posted")
        return settlement

    def test_contradiction_after_posting_is_an_issue_and_changes_nothing(self):
        settlement = self._posted()
        lines = [
            *self._lines()[:4],
            self._line("t4", "fee", "adjustment/listing", "-4.00"),
            self._line("t5", "fee", "charge/fee", "-0.70"),
        ]
        self._stage(self._parsed(lines=lines, total="143.30"))
        self.assertRecordValues(
            settlement,
            [{"state": "posted", "amount_total": 144.70, "lines_amount": 144.70}],
        )
        self.assertEqual(self._codes(settlement), ["settlement_changed"])
        issue = settlement.issue_ids
        for text in ("143.30", "144.70", "t4", "charge/fee"):
            self.assertIn(text, issue.message)
        self.assertIn('"-0.70"', issue.payload, "nothing the channel said is lost")

    def test_status_after_posting_is_taken_over_quietly(self):
        settlement = self._posted()
        self._stage(self._header(status="paid", bank_ref="TRACE-9"))
        self.assertRecordValues(
            settlement, [{"status": "paid", "bank_ref": "TRACE-9", "state": "posted"}]
        )
        self.assertFalse(settlement.issue_ids)

    def test_payout_that_fails_after_posting_is_an_issue(self):
        settlement = self._posted()
        self._stage(self._header(status="failed", channel_status="FAILED"))
        self.assertEqual(self._codes(settlement), ["settlement_failed"])
        self.assertIn("FAILED", settlement.issue_ids.message)

    def test_total_that_confirms_the_transfers_is_no_contradiction(self):
        lines = (*self._lines(), self._line("t9", "transfer", "payout", "-144.70"))
        settlement = self._stage(self._parsed(lines=lines, total=None))["created"]
        settlement._update_state(("draft",), "posted")
        self._stage(self._header())
        self.assertRecordValues(
            settlement, [{"total_stated": True, "amount_total": 144.70}]
        )
        self.assertFalse(settlement.issue_ids)

    # === CANCELLED ===

    def test_cancelled_payout_is_dropped_and_revived_by_the_channel(self):
        settlement = self._stage_one(self._header(status="cancelled"))
        self.assertEqual(settlement.state, "cancelled")
        self._stage_one(self._parsed(status="paid"))
        self.assertEqual(settlement.state, "exception", "two fees have no account")

    def test_dropped_by_a_person_stays_dropped(self):
        settlement = self._stage(self._parsed())["created"]
        settlement.action_cancel()
        self._stage(self._parsed(bank_ref="NEW"))
        self.assertEqual(settlement.state, "cancelled")
        settlement.action_reopen()
        self.assertEqual(settlement.state, "exception")

    # === SIZE ===

    def test_queries_do_not_grow_with_lines(self):
        def count(size, ref):
            lines = [
                self._line(f"{ref}-{n}", "sale", "charge", "1.00", str(n))
                for n in range(size)
            ]
            before = self.env.cr.sql_log_count
            self._stage(self._parsed(ref, lines, str(size)))
            return self.env.cr.sql_log_count - before

        count(10, "warm")
        small = count(10, "small")
        large = count(1000, "large")

        # Core inserts 100 rows at a time: nine more insertions, and nothing else.
        self.assertEqual(large, small + 9)


class TestSettlementQueries(SettlementStagingCommon):
    """A payout from its file to its matched entry needs no query for each line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.review_mode = "automatic"
        cls._map_fee("charge/fee")

    def _count(self, ref, orders):
        """Stage and post a payout of a sale and a fee per order; return the queries."""
        parsed = self._parsed(
            ref,
            [
                line
                for order in orders
                for line in (
                    self._line(
                        f"s{order.name}", "sale", "charge", "115.00", order.name
                    ),
                    self._line(
                        f"f{order.name}", "fee", "charge/fee", "-15", order.name
                    ),
                )
            ],
            str(100 * len(orders)),
        )
        settlement, queries = self._count_queries(self._stage_one, parsed)
        self.assertEqual(settlement.state, "posted", self._codes(settlement))
        self.assertEqual(set(orders.mapped("state")), {"settled"})
        return queries

    def test_queries_from_file_to_matched_entry_do_not_grow_with_lines(self):
        """20 and 80 lines, their orders cleared: both fit in one batch of rows."""

        def pay_out(ref, start, number):
            record = self._import(
                [self._woo_order(start + position) for position in range(number)]
            )
            return self._count(ref, record.order_ids)

        pay_out("P0", 1, 2)
        few, many = pay_out("P1", 101, 10), pay_out("P2", 201, 40)
        self.assertLessEqual(many, few + 3)
