from datetime import datetime, timezone

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .settlement_staging_common import SettlementStagingCommon
from .test_refund import RefundCommon

NOON = datetime(2024, 3, 10, 12, tzinfo=timezone.utc)


class RefundDoubleCommon(RefundCommon, SettlementStagingCommon):
    """Refunds of the channel on 8 March, the payout of 10 March that has their money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.review_mode = "automatic"

    def _settle(self, *lines, ref="P1"):
        parsed = self._parsed(ref=ref, lines=lines, total=None)
        result = self.Settlement._stage(self.channel, [parsed])
        settlement = result["created"] | result["updated"] | result["unchanged"]
        settlement._match_orders()
        return settlement

    def _back(self, ref, amount, order_ref="1", code="refund", **kwargs):
        return self._line(ref, "refund", code, amount, order_ref, **kwargs)

    def _get_notes(self, order):
        return self.env["account.move"].search(
            [
                ("reversed_entry_id", "=", order.invoice_id.id),
                ("state", "!=", "cancel"),
            ]
        )

    def _get_states(self, order):
        return {
            refund.external_ref: refund.state for refund in self._get_refunds(order)
        }


class TestRefundDouble(RefundDoubleCommon):
    """The same money is credited once, in however many parts it is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def _tell(self, number, amount):
        return self._refund(self._woo_refund(number, amount), name=f"{number}.json")

    def test_sum_of_a_payout_is_the_channels_two_refunds(self):
        """20.00 and 3.00 of the channel, 23.00 of the payout: 23.00 credited."""
        self._refund(self._woo_refund(7, "20.00"), self._woo_refund(8, "3.00"))
        settlement = self._settle(self._back("t1", "-23.00"))
        settlement._match_orders()
        self.assertEqual(
            self._get_states(self.order),
            {"7": "credited", "8": "credited", "1:2024-03-10": "cancelled"},
        )
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)
        self.assertFalse(self._get_refunds(self.order).issue_ids)

    def test_two_refunds_that_come_after_the_payout_are_its_sum(self):
        self._settle(self._back("t1", "-23.00"))
        self._refund(self._woo_refund(7, "20.00"), self._woo_refund(8, "3.00"))
        self.assertEqual(
            self._get_states(self.order),
            {"7": "cancelled", "8": "cancelled", "1:2024-03-10": "credited"},
        )
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)

    def test_refunds_that_come_one_by_one_after_the_payout_are_its_sum(self):
        """The first may be the same or another: it waits. The second tells."""
        self._settle(self._back("t1", "-23.00"))
        self._tell(7, "20.00")
        first = self._get_refunds(self.order).filtered(lambda r: r.external_ref == "7")
        self.assertEqual(first.state, "exception")
        self.assertEqual(self._open_codes(first), ["refund_double"])
        self._tell(8, "3.00")
        self.assertEqual(
            self._get_states(self.order),
            {"7": "cancelled", "8": "cancelled", "1:2024-03-10": "credited"},
        )
        self.assertFalse(self._open_codes(first))
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)

    def test_sum_that_fits_nothing_waits_for_a_person_and_names_both(self):
        self._tell(7, "20.00")
        self._settle(self._back("t1", "-23.00"))
        payout = self._get_refunds(self.order).filtered(
            lambda refund: refund.origin == "settlement"
        )
        self.assertEqual(payout.state, "exception")
        self.assertEqual(self._open_codes(payout), ["refund_double"])
        for word in ("23.00", "20.00", "(7,"):
            self.assertIn(word, payout.issue_ids.message)
        payout.action_process()
        self.assertEqual(payout.state, "exception")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 20.0)
        # The rest of it comes: it was the same money.
        self._tell(8, "3.00")
        self.assertEqual(payout.state, "cancelled")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)

    def test_person_says_that_it_is_another_refund(self):
        self._tell(7, "20.00")
        self._settle(self._back("t1", "-23.00"))
        payout = self._get_refunds(self.order).filtered("may_be_double")
        reviewer = new_test_user(
            self.env, "reviewer", "marketplace_invoicing.group_marketplace_reviewer"
        )
        user = new_test_user(
            self.env, "user", "marketplace_invoicing.group_marketplace_user"
        )
        with self.assertRaises(AccessError):
            payout.with_user(user).action_credit_separately()
        payout.with_user(reviewer).action_credit_separately()
        self.assertEqual(payout.state, "credited")
        self.assertFalse(self._open_codes(payout))
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 43.0)
        with self.assertRaises(UserError):
            payout.with_user(reviewer).action_credit_separately()

    def test_person_says_that_it_is_the_same_money(self):
        self._tell(7, "20.00")
        self._settle(self._back("t1", "-23.00"))
        payout = self._get_refunds(self.order).filtered("may_be_double")
        payout.action_drop()
        self._settle(self._back("t1", "-23.00"), ref="P2")
        self.assertEqual(payout.state, "cancelled")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 20.0)

    def test_refund_that_a_payout_has_already_is_not_taken_for_the_next(self):
        self._tell(7, "20.00")
        self._settle(self._back("t1", "-20.00"))
        later = datetime(2024, 3, 11, 12, tzinfo=timezone.utc)
        self._settle(self._back("t2", "-3.00", posted_at=later), ref="P2")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)

    def test_payout_that_is_read_again_finds_its_refund_by_its_own_name(self):
        """Also when the channel has corrected the moment since."""
        self._settle(self._back("t1", "-23.00"))
        self._tell(7, "23.00")
        refund = self._get_refunds(self.order)
        self.assertEqual((refund.external_ref, refund.origin), ("7", "file"))
        refund.sudo().created_date = "2024-02-01 12:00:00"
        self._settle(self._back("t1", "-23.00"), ref="P2")
        self.assertEqual(self._get_refunds(self.order), refund)

    def test_corrected_part_opens_the_sum_again(self):
        """Not paid back yet: 20.00 and 3.00 are told, then 18.00 and 3.00."""
        pending = {"refunded_payment": True}
        self.channel.review_mode = "review"
        self._refund(
            self._woo_refund(7, "20.00", **pending), self._woo_refund(8, "3.00")
        )
        self._settle(self._back("t1", "-23.00"))
        payout = self._get_refunds(self.order).filtered("is_double")
        self.assertEqual(payout.external_ref, "1:2024-03-10")
        self._refund(self._woo_refund(7, "18.00"), name="corrected.json")
        self.assertFalse(payout.is_double)
        self.assertFalse(self._get_refunds(self.order).filtered("is_double"))

    def test_refund_of_the_rest_is_less_by_the_sum_once(self):
        """Cancelled after 23.00 went back: 92.00 are left, not 69.00."""
        self._refund(self._woo_refund(7, "20.00"), self._woo_refund(8, "3.00"))
        self._settle(self._back("t1", "-23.00"))
        later = {"date_modified_gmt": "2024-03-12T10:00:00"}
        self._import([self._woo_order(1, status="cancelled", **later)])
        rest = self._get_refunds(self.order).filtered(lambda r: r.origin == "rest")
        self.assertEqual(rest.amount, 92.0)

    def test_double_that_a_person_takes_up_again_waits_for_a_decision(self):
        self._refund(self._woo_refund(7, "20.00"), self._woo_refund(8, "3.00"))
        self._settle(self._back("t1", "-23.00"))
        payout = self._get_refunds(self.order).filtered("is_double")
        payout.action_restore()
        self.assertEqual(payout.state, "exception")
        self.assertEqual(sum(self._get_notes(self.order).mapped("amount_total")), 23.0)


class TestRefundOfFee(RefundDoubleCommon):
    """What the channel gives back of its own charges is no refund of the buyer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def test_refunded_commission_makes_no_credit_note(self):
        self._settle(self._back("t1", "-3.00", code="Refund/Commission"))
        self.assertFalse(self._get_refunds(self.order))
        self.assertFalse(self._get_notes(self.order))

    def test_fee_among_the_lines_of_a_refund_is_left_out(self):
        self._settle(
            self._back("t1", "-20.00", code="Refund/Principal"),
            self._back("t2", "-3.00", code="Refund/Commission"),
        )
        self.assertEqual(self._get_notes(self.order).mapped("amount_total"), [20.0])

    def test_restocking_fee_that_the_buyer_bears_lowers_the_refund(self):
        self._settle(
            self._back("t1", "-23.00", code="ItemPrice/Principal"),
            self._back("t2", "5.00", code="ItemPrice/RestockingFee"),
        )
        self.assertEqual(self._get_notes(self.order).mapped("amount_total"), [18.0])

    def test_code_that_a_person_maps_to_an_account_is_no_refund(self):
        self._map_fee("Rebate")
        self._settle(self._back("t1", "-3.00", code="Rebate"))
        self.assertFalse(self._get_notes(self.order))

    def test_code_that_a_person_reads_as_a_fee_is_none_before_the_payout_is_booked(
        self,
    ):
        self._map_fee("Rebate", type="fee")
        line = self._back("t1", "-3.00", code="Rebate")
        self.Settlement._stage(self.channel, [self._page(lines=[line])])
        self.assertFalse(self._get_refunds(self.order))

    def test_code_that_a_person_reads_as_a_refund_is_one(self):
        self.env["marketplace.fee.mapping"].create(
            {
                "channel_id": self.channel.id,
                "code": "Refund/Provision",
                "type": "refund",
            }
        )
        self._settle(self._back("t1", "-3.00", code="Refund/Provision"))
        self.assertEqual(self._get_notes(self.order).mapped("amount_total"), [3.0])

    def test_staged_refund_is_closed_when_a_person_says_that_it_is_a_fee(self):
        self.channel.review_mode = "review"
        settlement = self._settle(self._back("t1", "-3.00", code="Rebate"))
        refund = self._get_refunds(self.order)
        self.assertEqual((refund.state, refund.approval), ("ready", "needed"))
        self._map_fee("Rebate", type="fee")
        settlement._match_orders()
        self.assertEqual(refund.state, "cancelled")
        self.assertFalse(self._get_notes(self.order))


class TestRefundOfOrderNumber(RefundDoubleCommon):
    """A payout that names the order by its number, before the order is there."""

    def _come(self, *numbers, **kwargs):
        """Import orders that all call themselves #1001."""
        return self._import(
            [
                {**self._woo_order(number, **kwargs), "number": "#1001"}
                for number in numbers or [4711]
            ]
        ).order_ids

    def test_refund_waits_under_the_number_and_is_taken_up(self):
        settlement = self._settle(self._back("t1", "-23.00", order_ref="#1001"))
        parked = self._get_refunds()
        self.assertEqual((parked.state, parked.order_ref), ("waiting", "#1001"))
        order = self._come()
        self.assertEqual(order.name, "#1001")
        self.assertRecordValues(
            self._get_refunds(),
            [
                {
                    "id": parked.id,
                    "order_id": order.id,
                    "order_ref": "4711",
                    "external_ref": "4711:2024-03-10",
                    "state": "credited",
                }
            ],
        )
        settlement._match_orders()
        self.assertEqual(self._get_refunds(), parked)

    def test_order_that_tells_of_the_refund_itself_is_credited_once(self):
        self._settle(self._back("t1", "-23.00", order_ref="#1001"))
        refunds = [{"id": 7, "reason": "", "total": "-23.00"}]
        order = self._come(refunds=refunds)
        self.assertEqual(self._get_states(order), {"7": "credited"})
        self.assertFalse(self._get_refunds() - self._get_refunds(order))

    def test_number_of_two_orders_names_none(self):
        self._settle(self._back("t1", "-23.00", order_ref="#1001"))
        self._come(4711, 4712)
        self.assertEqual(self._get_refunds().state, "waiting")

    def test_refund_left_behind_earlier_is_closed(self):
        """As it was before numbers were looked for: two refunds of one line."""
        order = self._come()
        self._settle(self._back("t1", "-23.00", order_ref="4711"))
        old = (
            self.env["marketplace.refund"]
            .sudo()
            .create(
                {
                    "channel_id": self.channel.id,
                    "order_ref": "#1001",
                    "external_ref": "#1001:2024-03-10",
                    "origin": "settlement",
                    "currency_name": order.currency_name,
                    "amount": 23.0,
                    "created_date": "2024-03-10 12:00:00",
                    "lines": [],
                }
            )
        )
        self._settle(self._back("t1", "-23.00", order_ref="4711"), ref="P2")
        self.assertEqual((old.state, old.order_id), ("cancelled", order))
        self.assertEqual(len(self._get_notes(order)), 1)
        with self.assertRaises(UserError):
            old.action_restore()


class TestCreditNoteAgain(RefundDoubleCommon):
    """A credit note that a person puts back to draft and posts once more."""

    def test_note_is_matched_with_its_clearing_entry_again(self):
        """23.00 is corrected to 11.50, and back: each time the entry takes what there is."""
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        note, entry = refund.credit_move_id, refund.clearing_move_id
        [receivable] = entry.line_ids.filtered("debit")
        for price, left in ((10.0, 11.5), (20.0, 0.0)):
            note.button_draft()
            note.invoice_line_ids.price_unit = price
            self.assertEqual(receivable.amount_residual, 23.0)
            note.action_post()
            self.assertEqual(note.amount_residual, 0.0)
            self.assertEqual(receivable.amount_residual, left)
        self.assertEqual(refund.clearing_move_id, entry)
        self.assertEqual(refund.state, "credited")

    def test_note_posted_by_an_accountant_without_marketplaces_is_matched_too(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        note = self._get_refunds(order).credit_move_id
        accountant = new_test_user(
            self.env, "accountant", "account.group_account_manager"
        )
        note.with_user(accountant).button_draft()
        note.line_ids.remove_move_reconcile()
        self.assertEqual(note.amount_residual, 23.0)
        note.with_user(accountant).action_post()
        self.assertEqual(note.amount_residual, 0.0)
