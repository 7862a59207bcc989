from unittest.mock import patch

from odoo.exceptions import UserError

from .settlement_common import SettlementCommon


class TestSettlementWaysOut(SettlementCommon):
    """Whatever state a settlement is in, a person can go on with it and can go back."""

    def _create_draft(self, **kwargs):
        values = {"payout": 88.0, "state": "draft", **kwargs}
        return self._create_settlement("P1", [("sale", "9", 88.0)], **values)

    def _send_to_review(self, **kwargs):
        settlement = self._create_draft(**kwargs)
        settlement._process()
        self.assertEqual(settlement.state, "exception")
        return settlement

    # === DROPPED AND TAKEN UP ===

    def test_what_waits_for_the_channel_is_dropped_and_waits_again(self):
        settlement = self._create_draft(parts="header")
        settlement.action_cancel()
        self.assertEqual(settlement.state, "cancelled")
        settlement.action_reopen()
        self.assertRecordValues(settlement, [{"state": "draft", "is_waiting": True}])

    def test_what_is_to_review_is_dropped_and_taken_up_again(self):
        settlement = self._send_to_review(payout=90.0)
        self.assertEqual(self._open_codes(settlement), ["settlement_imbalance"])
        settlement.action_cancel()
        self.assertFalse(self._open_codes(settlement))
        settlement.action_reopen()
        self.assertEqual(settlement.state, "exception")
        self.assertEqual(self._open_codes(settlement), ["settlement_imbalance"])

    def test_what_waits_for_approval_is_dropped_and_approved_after_all(self):
        self.channel.review_mode = "review"
        settlement = self._create_draft()
        settlement._process()
        self.assertEqual(settlement.state, "ready")
        settlement.action_cancel()
        settlement.action_reopen()
        settlement.action_approve()
        self.assertEqual(settlement.state, "posted")

    def test_what_is_in_the_books_is_reversed_dropped_and_posted_again(self):
        settlement = self._create_draft(state="ready")
        settlement._post_entries()
        for state in ("posted", "banked"):
            with self.subTest(state=state):
                self.assertEqual(settlement.state, state)
                with self.assertRaises(UserError):
                    settlement.action_cancel()
                settlement.action_reverse()
                self.assertEqual(settlement.state, "ready")
                settlement.action_cancel()
                self.assertEqual(self._get_balance(self.clearing), 0.0)
                settlement.action_reopen()
                settlement.action_approve()
                self._create_bank_line(88.0, "P1")
        self.assertEqual(settlement.state, "banked")

    def test_account_of_what_is_in_no_payout_yet_is_not_dropped(self):
        account = self._create_draft(is_open_account=True)
        with self.assertRaisesRegex(UserError, "in no payout yet"):
            account.action_cancel()

    # === STUCK IN REVIEW ===

    def test_what_could_not_be_posted_is_checked_again_and_posted(self):
        settlement = self._create_draft(state="ready")
        failing = patch.object(
            self.env.registry["marketplace.settlement"],
            "_post_entries",
            side_effect=UserError("The journal is closed"),
        )
        with failing:
            settlement._process()
        self.assertEqual(settlement.state, "exception")
        self.assertEqual(self._open_codes(settlement), ["processing_error"])
        settlement.action_process()
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(self._open_codes(settlement))

    def test_failed_payout_whose_money_never_comes_back_is_booked_when_accepted(self):
        settlement = self._send_to_review(status="failed")
        settlement.issue_ids.action_accept()
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(settlement._get_clearing_items("payout").reconciled)
        settlement.action_reverse()
        settlement.action_process()
        settlement.action_approve()
        self.assertEqual(settlement.state, "posted", "it is accepted once for all")

    def test_payout_that_fails_after_posting_is_accepted_as_it_is(self):
        settlement = self._create_draft(state="ready")
        settlement._post_entries()
        settlement._note_failure()
        settlement.issue_ids.action_accept()
        self.assertFalse(self._open_codes(settlement))
        self.assertEqual(settlement.state, "posted")

    # === WAITING FOR THE BANK ===

    def test_settlement_that_paid_nothing_out_waits_for_no_bank(self):
        self._post("P0", [("sale", "9", 5.0), ("fee", "", -5.0)], payout=0.0)
        self.assertEqual(self.channel.count_payouts_not_banked, 0)
        self._post("P1", [("sale", "8", 5.0)], payout=5.0)
        self.channel.invalidate_recordset(["count_payouts_not_banked"])
        self.assertEqual(self.channel.count_payouts_not_banked, 1)
