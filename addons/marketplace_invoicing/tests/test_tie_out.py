from odoo import fields

from .settlement_common import SettlementCommon


class TestTieOut(SettlementCommon):
    """Channel total, invoice and payouts of one order of 115.00, to the cent."""

    def _get_rows(self, order):
        order.invalidate_recordset(["tie_out"])
        return [(row["kind"], row["amount"], row["total"]) for row in order.tie_out]

    def test_order_that_is_paid_whole_leaves_nothing(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0), ("fee", "1", -5.0)], payout=110.0)
        self.assertEqual(
            self._get_rows(order),
            [
                ("charged", 115.0, 115.0),
                ("payout", 115.0, 115.0),
                ("sale", -115.0, 0.0),
                ("tied", 0.0, 0.0),
            ],
        )
        self.assertFalse(self._open_codes(order))

    def test_too_little_and_too_much_are_issues_until_the_rest_comes(self):
        orders = self._import_orders(1, 2)
        self._post("P1", [("sale", "1", 100.0), ("sale", "2", 120.0)], payout=220.0)
        self.assertEqual(
            [self._open_codes(order) for order in orders], [["underpaid"], ["overpaid"]]
        )
        self.assertIn("15.00", orders[0].issue_ids.message)
        self.assertEqual(self._get_rows(orders[0])[-1], ("difference", 15.0, 15.0))
        self._post("P2", [("sale", "1", 10.0, 20)], payout=10.0)
        self.assertEqual(self._open_codes(orders[0]), ["underpaid"])
        self.assertIn("5.00", orders[0].issue_ids.message)
        self._post("P3", [("sale", "1", 5.0, 21)], payout=5.0)
        self.assertFalse(self._open_codes(orders[0]))

    def test_difference_within_the_tolerance_is_none(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 114.98)], payout=114.98)
        self.assertFalse(self._open_codes(order))
        self.assertEqual(self._get_rows(order)[-1], ("difference", 0.02, 0.02))

    def test_refund_in_a_payout_needs_a_credit_note(self):
        """Where a person drops the refund that was made of it, the books lack it."""
        [order] = self._import_orders(1)
        self._post(
            "P1", [("sale", "1", 115.0), ("refund", "1", -11.5, 12)], payout=103.5
        )
        self.assertFalse(self._open_codes(order))
        sums = {"sale": {"Item/sale": 115.0}, "refund": {"Item/refund": -31.5}}
        self.assertEqual(order._get_tie_out_cause(sums), "refund_missing")
        self.assertIn("20.00", order._get_tie_out_message("refund_missing", sums))

    def test_fee_that_the_channel_calls_a_refund(self):
        [order] = self._import_orders(1)
        values = {"code": "Refund/Commission"}
        self._post(
            "P1",
            [("sale", "1", 115.0), ("refund", "1", -3.0, 12, values)],
            payout=112.0,
        )
        self.assertEqual(self._open_codes(order), ["fee_as_refund"])

    def test_claim_is_no_difference_before_it_is_lost(self):
        [order] = self._import_orders(1)
        claim = {"is_dispute": True, "dispute_status": "open", "refund_ref": "D1"}
        settlement = self._post(
            "P1",
            [("sale", "1", 115.0), ("refund", "1", -115.0, 12, claim)],
            payout=0.0,
        )
        self.assertFalse(self._open_codes(order))
        line = settlement.line_ids.filtered("is_dispute")
        line.dispute_status = "lost"
        line._note_disputes()
        self.assertEqual(self._open_codes(order), ["refund_missing"])
        self.assertIn("115.00", order.issue_ids.message)

    def test_credit_note_before_its_payout_is_no_difference(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        note = order.invoice_id._reverse_moves()
        note.action_post()
        order._check_tie_out()
        self.assertFalse(self._open_codes(order))

    def test_accepted_difference_is_not_raised_again(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 100.0)], payout=100.0)
        order.issue_ids.action_accept()
        order._check_tie_out()
        self.assertFalse(self._open_codes(order))

    def test_reversed_payout_says_nothing_any_more(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 100.0)], payout=100.0)
        settlement.action_reverse()
        self.assertFalse(self._open_codes(order))

    def test_converted_payout_ties_by_what_it_was_converted_from(self):
        francs = self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        [order] = self._import_orders(1)
        values = {
            "original_amount": 115.0,
            "original_currency": self.company.currency_id.name,
        }
        self._post(
            "P1", [("sale", "1", 240.0, 10, values)], payout=240.0, currency=francs
        )
        self.assertEqual(self._get_rows(order)[-1], ("tied", 0.0, 0.0))
        self.assertTrue(fields.Datetime.to_datetime(order.settled_date))
