from datetime import datetime, timezone

from .settlement_staging_common import SettlementStagingCommon
from .test_refund import RefundCommon


class TestRefundSettlement(RefundCommon, SettlementStagingCommon):
    """Refunds that a payout tells of, first or last, become one credit note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.review_mode = "automatic"
        cls.order = cls._import_one()

    def _settle(self, *lines, ref="P1"):
        parsed = self._parsed(ref=ref, lines=lines, total=None)
        settlement = self.Settlement._stage(self.channel, [parsed])["created"]
        settlement._match_orders()
        return settlement

    def test_refund_known_from_the_payout_only_is_credited(self):
        self._settle(
            self._line("t1", "refund", "ItemPrice/Principal", "-20.00", "1"),
            self._line("t2", "refund", "ItemPrice/Tax", "-3.00", "1"),
            self._line("t3", "fee", "ItemFees/Commission", "2.00", "1"),
        )
        refund = self._get_refunds(self.order)
        self.assertRecordValues(
            refund, [{"origin": "settlement", "amount": 23.0, "state": "credited"}]
        )
        self.assertEqual(refund.credit_move_id.amount_total, 23.0)

    def test_tax_that_the_marketplace_gives_back_is_not_credited(self):
        self._settle(
            self._line("t1", "refund", "ItemPrice/Principal", "-11.50", "1"),
            self._line("t2", "refund", "ItemPrice/Tax", "-1.00", "1"),
            self._line("t3", "tax_withheld", "ItemWithheldTax", "1.00", "1"),
        )
        self.assertRecordValues(
            self._get_refunds(self.order),
            [{"amount": 12.5, "marketplace_tax": 1.0, "amount_to_credit": 11.5}],
        )

    def test_same_settlement_twice_and_line_by_line_is_one_refund(self):
        line = self._line("t1", "refund", "refund", "-23.00", "1", refund_ref="7")
        self._settle(line)._match_orders()
        self._settle(line, ref="P2")
        self.assertEqual(len(self._get_refunds(self.order)), 1)

    def test_refund_of_the_file_is_the_one_of_the_payout(self):
        self._refund(self._woo_refund(7, "23.00"))
        self._settle(self._line("t1", "refund", "refund", "-23.00", "1"))
        self.assertRecordValues(
            self._get_refunds(self.order), [{"external_ref": "7", "origin": "file"}]
        )

    def test_file_that_comes_after_the_payout_names_its_refund(self):
        self._settle(self._line("t1", "refund", "refund", "-23.00", "1"))
        note = self._get_refunds(self.order).credit_move_id
        self._refund(self._woo_refund(7, "23.00"))
        self.assertRecordValues(
            self._get_refunds(self.order),
            [{"external_ref": "7", "credit_move_id": note.id, "state": "credited"}],
        )

    def test_another_week_is_another_refund(self):
        self._refund(self._woo_refund(7, "23.00"))
        late = datetime(2024, 3, 20, tzinfo=timezone.utc)
        self._settle(
            self._line("t1", "refund", "refund", "-23.00", "1", posted_at=late)
        )
        self.assertEqual(len(self._get_refunds(self.order)), 2)

    def test_claim_is_no_refund_and_its_deadline_is_the_responsibles(self):
        line = self._line(
            "t1",
            "refund",
            "dispute",
            "-115.00",
            "1",
            is_dispute=True,
            refund_ref="D1",
            respond_by=datetime(2024, 3, 25, 12, tzinfo=timezone.utc),
        )
        self._settle(line)._match_orders()
        self._settle(line, ref="P2")
        self.assertFalse(self._get_refunds(self.order))
        self.assertRecordValues(
            self.order.activity_ids,
            [
                {
                    "date_deadline": datetime(2024, 3, 25).date(),
                    "user_id": self.channel.user_id.id,
                }
            ],
        )
