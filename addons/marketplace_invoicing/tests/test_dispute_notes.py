from datetime import datetime, timedelta, timezone

from odoo import fields

from .test_refund_double import RefundDoubleCommon


class TestDisputeNotes(RefundDoubleCommon):
    """However many claims an order has, one person has one thing to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def _claim(self, number, **kwargs):
        return self._back(
            f"d{number}",
            "-10.00",
            code="dispute",
            is_dispute=True,
            refund_ref=f"D{number}",
            **kwargs,
        )

    def test_claims_of_an_order_are_one_activity_that_counts_them(self):
        """2 claims of 10.00 in one payout, a third in the next: 30.00."""
        near = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=5)
        self._settle(self._claim(1), self._claim(2))
        [activity] = self.order.activity_ids
        self.assertIn("2 claims", activity.note)
        self._settle(self._claim(3, respond_by=near), ref="P2")
        self.assertEqual(self.order.activity_ids, activity)
        self.assertIn("3 claims", activity.note)
        self.assertIn("30.00", activity.note)
        self.assertEqual(activity.date_deadline, near.date())

    def test_activity_ends_with_the_last_claim_that_waits(self):
        settlement = self._settle(self._claim(1), self._claim(2))
        [activity] = self.order.activity_ids
        first, second = settlement.line_ids.sorted("external_ref")
        first.dispute_status = "won"
        first._note_disputes()
        self.assertEqual(self.order.activity_ids, activity)
        self.assertIn("10.00 is disputed", self._plain(activity.note))
        self.assertNotIn("claims", activity.note)
        second.dispute_status = "review"
        second._note_disputes()
        self.assertFalse(self.order.activity_ids)

    def test_deadline_that_cannot_be_is_not_believed(self):
        """The end of the century: in 180 days, and the activity says what was stated."""
        self._settle(
            self._claim(1, respond_by=datetime(2099, 1, 1, 12, tzinfo=timezone.utc))
        )
        [activity] = self.order.activity_ids
        self.assertEqual(
            activity.date_deadline, fields.Date.today() + timedelta(days=180)
        )
        self.assertIn("2099", activity.note)

    def test_many_claims_cost_no_more_activities(self):
        self._settle(*(self._claim(number) for number in range(1, 31)))
        [activity] = self.order.activity_ids
        self.assertIn("30 claims", activity.note)
