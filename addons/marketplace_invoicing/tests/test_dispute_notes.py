from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.tests import new_test_user

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


class TestDisputeNotesInBulk(RefundDoubleCommon):
    """A payout with claims on hundreds of orders: queries do not grow with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.user_id = new_test_user(
            cls.env,
            "claims",
            groups="marketplace_invoicing.group_marketplace_reviewer",
            email="claims@example.com",
        )
        # Orders without an invoice: what other addons do about invoices is not counted.
        cls.channel.review_mode = "review"

    def _claim(self, number, round_of=1, **kwargs):
        return self._back(
            f"d{number}-{round_of}",
            "-10.00",
            str(number),
            code="dispute",
            is_dispute=True,
            refund_ref=f"D{number}-{round_of}",
            **kwargs,
        )

    def _tell(self, numbers, round_of):
        """Stage a payout with one claim for each order; return it and its queries."""
        lines = [self._claim(number, round_of) for number in numbers]
        parsed = self._parsed(f"P{numbers[0]}-{round_of}", lines, None)
        _result, queries = self._count_queries(
            self.Settlement._stage, self.channel, [parsed]
        )
        lines = (
            self.env["marketplace.settlement.line"]
            .sudo()
            .search([("settlement_id.external_ref", "=", parsed.external_ref)])
        )
        return lines, queries

    def _decide(self, lines, status):
        lines.dispute_status = status
        return self._count_queries(lines._note_disputes)[1]

    def _go_through(self, numbers):
        """Return the queries of new, further, answered and decided claims of orders."""
        numbers = list(numbers)
        self._import([self._woo_order(number) for number in numbers])
        first, told = self._tell(numbers, 1)
        second, joined = self._tell(numbers, 2)
        return [
            told,
            joined,
            self._decide(first, "review"),
            self._decide(first | second, "lost"),
        ]

    def test_queries_do_not_grow_with_claims(self):
        """6 orders with two claims each, then 60: every step as many queries."""
        few = self._go_through(range(1, 7))
        many = self._go_through(range(101, 161))
        for step, (small, large) in enumerate(zip(few, many, strict=True)):
            with self.subTest(step=step, few=few, many=many):
                self.assertLessEqual(large, small + 5)

    def test_each_order_has_its_activity_and_the_responsible_one_message(self):
        responsible = self.channel.user_id
        numbers = list(range(1, 9))
        self._import([self._woo_order(number) for number in numbers])
        lines, _queries = self._tell(numbers, 1)
        orders = lines.order_id
        self.assertEqual(len(orders), 8)
        self.assertRecordValues(
            orders.activity_ids,
            [
                {"summary": "Answer the buyer's claim", "user_id": responsible.id}
                for _number in numbers
            ],
        )
        self.assertEqual(lines.dispute_activity_id, orders.activity_ids)
        notified = self.env["mail.message"].search(
            [
                ("notified_partner_ids", "in", responsible.partner_id.ids),
                ("message_type", "=", "user_notification"),
                ("model", "in", ("marketplace.order", "marketplace.settlement")),
            ]
        )
        self.assertEqual(notified.model, "marketplace.settlement")
        self.assertIn("8 orders", notified.body)
