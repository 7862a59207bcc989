from datetime import datetime, timezone

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .test_refund_double import RefundDoubleCommon


class TestRefundByHand(RefundDoubleCommon):
    """A credit note of a person and the payout's money are one refund."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def _credit_by_hand(self, net, date="2024-03-08"):
        """Post core's reversal of the invoice, changed to net and 15 % of it."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(
                active_model="account.move", active_ids=self.order.invoice_id.ids
            )
            .create({"journal_id": self.order.invoice_id.journal_id.id, "date": date})
        )
        wizard.refund_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.write({"price_unit": net, "quantity": 1.0})
        note.action_post()
        return note

    def test_note_by_hand_is_the_refund_of_the_payout(self):
        """40.00 net and 6.00 tax by hand, 46.00 in the payout."""
        note = self._credit_by_hand(40.0)
        self.assertEqual((note.amount_total, note.amount_residual), (46.0, 46.0))
        self._settle(self._back("t1", "-46.00"))
        refund = self._get_refunds(self.order)
        self.assertRecordValues(
            refund, [{"state": "credited", "credit_move_id": note.id}]
        )
        self.assertEqual(self._get_notes(self.order), note)
        self.assertEqual(note.amount_residual, 0.0)
        self.assertEqual(note.marketplace_refund_id, refund)
        self.assertEqual(self.order.amount_credited, 46.0)
        self.assertFalse(self._open_codes(refund))
        self._settle(self._back("t1", "-46.00"), ref="P2")
        self.assertEqual(self._get_notes(self.order), note)

    def test_whole_note_by_hand_is_cleared_with_the_payouts_money(self):
        note = self._credit_by_hand(100.0)
        self._settle(self._back("t1", "-115.00"))
        refund = self._get_refunds(self.order)
        self.assertEqual((refund.state, note.amount_residual), ("credited", 0.0))
        account = self.channel.clearing_account_id
        lines = refund.clearing_move_id.line_ids
        self.assertEqual(
            lines.filtered(lambda line: line.account_id == account).balance, -115.0
        )

    def test_refund_that_waits_for_approval_takes_the_note_of_a_person(self):
        self.channel.review_mode = "review"
        self._settle(self._back("t1", "-46.00"))
        refund = self._get_refunds(self.order)
        self.assertEqual(refund.approval, "needed")
        note = self._credit_by_hand(40.0)
        refund.action_approve()
        self.assertEqual(refund.credit_move_id, note)
        self.assertEqual(self._get_notes(self.order), note)

    def test_note_of_another_amount_waits_for_a_person(self):
        note = self._credit_by_hand(30.0)
        self._settle(self._back("t1", "-46.00"))
        refund = self._get_refunds(self.order)
        self.assertEqual(self._open_codes(refund), ["refund_double"])
        self.assertIn("34.50", refund.issue_ids.message)
        self.assertEqual(self._get_notes(self.order), note)
        refund.action_credit_separately()
        self.assertEqual(refund.state, "credited")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 80.5)
        self.assertEqual(note.amount_residual, 34.5)

    def test_one_of_two_notes_waits_for_a_person(self):
        notes = self._credit_by_hand(20.0) | self._credit_by_hand(20.0)
        self._settle(self._back("t1", "-23.00"))
        self.assertEqual(
            self._open_codes(self._get_refunds(self.order)), ["refund_double"]
        )
        self.assertEqual(self._get_notes(self.order), notes)

    def test_note_of_another_month_waits_for_a_person(self):
        note = self._credit_by_hand(20.0, date="2024-05-02")
        self._settle(self._back("t1", "-23.00"))
        self.assertEqual(
            self._open_codes(self._get_refunds(self.order)), ["refund_double"]
        )
        self.assertEqual(self._get_notes(self.order), note)


class TestRefundStatedAgain(RefundDoubleCommon):
    """What is credited stays; what is stated later becomes a refund of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def test_more_in_the_payout_than_on_the_open_account_is_credited(self):
        """10.00 announced in no payout, then 15.00 paid out: 10.00 and 5.00."""
        announced = self._back("t9", "-10.00", refund_ref="re_9")
        self._stage(self._page(ref="", lines=[announced]))
        self._get_refunds(self.order)._process()
        self.assertEqual(self._get_states(self.order), {"re_9": "credited"})
        self._settle(self._back("t9", "-15.00", refund_ref="re_9"))
        self.assertEqual(
            self._get_states(self.order), {"re_9": "credited", "re_9/2": "credited"}
        )
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 15.0)
        self._stage(self._page(ref="", lines=[announced]))
        open_lines = self.Settlement.search(
            [("channel_id", "=", self.channel.id), ("is_open_account", "=", True)]
        ).line_ids
        self.assertFalse(open_lines)
        self.assertEqual(len(self._get_refunds(self.order)), 2)
        self.assertFalse(self._get_refunds(self.order).issue_ids)

    def test_less_in_the_payout_than_is_credited_is_said(self):
        self._settle(self._back("t1", "-15.00", refund_ref="re_9"))
        self._settle(self._back("t1", "-10.00", refund_ref="re_9"), ref="P2")
        refund = self._get_refunds(self.order)
        self.assertEqual(self._open_codes(refund), ["refund_changed"])
        self.assertEqual(self._get_notes(self.order).mapped("amount_total"), [15.0])


class TestRefundOfOtherChannel(RefundDoubleCommon):
    """A person names an order of the refund's own channel only."""

    def test_order_of_another_channel_is_refused(self):
        refund_data = self._woo_refund(7, "23.00", _links={})
        self._refund(refund_data)
        refund = self._get_refunds()
        self.assertFalse(refund.order_id)
        other = self.channel.copy({"name": "Other shop"})
        moment = datetime(2024, 3, 8, tzinfo=timezone.utc).replace(tzinfo=None)
        foreign = (
            self.env["marketplace.order"]
            .sudo()
            .create(
                {
                    "channel_id": other.id,
                    "external_ref": "99",
                    "name": "99",
                    "ordered_date": moment,
                }
            )
        )
        reviewer = new_test_user(
            self.env,
            "reviewer",
            "marketplace_invoicing.group_marketplace_reviewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(UserError):
            refund.with_user(reviewer).order_id = foreign
        self.assertFalse(refund.order_id)
        order = self._import_one()
        refund.with_user(reviewer).order_id = order
        self.assertEqual(refund.state, "credited")
