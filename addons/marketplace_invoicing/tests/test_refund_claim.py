from .settlement_common import SettlementCommon

CLAIM = {
    "is_dispute": True,
    "code": "ItemPrice/Principal",
    "refund_ref": "adj1",
    "description": "A-to-z Guarantee Refund",
}


class TestRefundClaim(SettlementCommon):
    """Claims that Amazon decided become credit notes when a person approves them."""

    def _post_claim(self, file_format="amazon.settlement.v2"):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.assertEqual(order.state, "settled")
        settlement = self._post(
            "P2",
            [("refund", "1", -115.0, 20, CLAIM), ("fee", "1", 15.0, 20)],
            payout=-100.0,
            format=file_format,
        )
        return order, settlement

    def test_claim_in_a_settlement_of_amazon_waits_for_approval_and_is_credited(self):
        order, settlement = self._post_claim()
        self.assertRecordValues(
            order.refund_ids,
            [{"state": "ready", "approval": "needed", "amount": 115.0}],
        )
        order.refund_ids.action_approve()
        self.assertEqual(order.refund_ids.state, "credited")
        self.assertEqual(order.refund_ids.credit_move_id.amount_total, 115.0)
        self.assertEqual(order.refund_ids.credit_move_id.amount_residual, 0.0)
        self.assertFalse(order._get_open_clearing_items())
        self.assertEqual(order.state, "settled")
        self.assertFalse(self._open_codes(order))
        # 115.00 - 115.00 paid out and taken back: what the bank has to bring is left.
        self.assertEqual(
            self._get_balance(self.clearing),
            sum((settlement.amount_payout, 115.0)),
        )

    def test_claim_told_twice_is_one_refund(self):
        order, settlement = self._post_claim()
        settlement._match_orders()
        self.assertEqual(len(order.refund_ids), 1)

    def test_claim_of_a_platform_that_may_still_be_won_is_none(self):
        order, _settlement = self._post_claim("stripe.balance")
        self.assertFalse(order.refund_ids)
