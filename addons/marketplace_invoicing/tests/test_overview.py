from .settlement_common import SettlementCommon


class TestOverview(SettlementCommon):
    """A channel's card counts what waits for somebody, whatever it is."""

    def _get_counts(self):
        self.channel.invalidate_recordset()
        return {
            name: self.channel[name]
            for name in (
                "count_to_review",
                "count_payouts_to_approve",
                "count_payouts_not_banked",
                "count_refunds_to_approve",
            )
            if self.channel[name]
        }

    def _open(self, method, **context):
        action = getattr(self.channel.with_context(**context), method)()
        return self.env[action["res_model"]].search(action["domain"])

    def test_payouts_are_counted_until_they_are_in_the_bank(self):
        self.assertFalse(self._get_counts())
        settlement = self._create_settlement("P1", [("sale", "1", 115.0)], payout=115.0)
        settlement.approval = "needed"
        self.assertEqual(self._get_counts(), {"count_payouts_to_approve": 1})
        self.assertEqual(self._open("action_open_settlements"), settlement)
        settlement.approval = "approved"
        settlement._post_entries()
        self.assertEqual(self._get_counts(), {"count_payouts_not_banked": 1})
        settlement.state = "banked"
        self.assertFalse(self._get_counts())

    def test_refunds_and_what_needs_a_look_are_counted(self):
        values = {"channel_id": self.channel.id, "order_ref": "1", "external_ref": "R"}
        refund = self.env["marketplace.refund"].sudo().create(values)
        refund.write({"state": "ready", "approval": "needed"})
        self.assertEqual(self._get_counts(), {"count_refunds_to_approve": 1})
        self.assertEqual(self._open("action_open_refunds"), refund)
        refund.state = "exception"
        settlement = self._create_settlement("P1", [("sale", "1", 5.0)], payout=5.0)
        settlement.state = "exception"
        self.assertEqual(self._get_counts(), {"count_to_review": 2})
