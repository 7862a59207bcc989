from odoo import Command
from odoo.tests import freeze_time, tagged

from .payment_common import AgePaymentCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestGatePayment(AgePaymentCommon):
    """Money that has come in is never without an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")

    def test_16_paid_order_is_held_and_the_transaction_is_not_stuck(self):
        order = self._create_order(self.gin)
        transaction = self._pay(order)
        self.assertTrue(transaction.is_post_processed)
        self.assertRecordValues(order, [{"state": "draft", "age_held_by": "payment"}])

    def test_16_authorized_order_is_held_and_goes_on_without_an_invoice(self):
        order = self._create_order(self.gin)
        self.provider.support_manual_capture = "full_only"
        transaction = self._pay(order, state="authorized")
        self.assertRecordValues(order, [{"state": "draft", "age_held_by": "payment"}])
        self._prove(18)
        self._release()
        self.assertEqual((order.state, transaction.state), ("sale", "authorized"))
        self.assertFalse(order.invoice_ids)

    def test_16_payment_that_is_pending_holds_nothing_yet(self):
        order = self._create_order(self.gin)
        self._pay(order, state="pending")
        self.assertFalse(order.age_held_since)
        self.assertIn(order.state, ("draft", "sent"))

    def test_16_order_that_is_cancelled_while_it_waits_stays_cancelled(self):
        order = self._create_order(self.gin)
        transaction = self._pay(order)
        order._action_cancel()
        self._prove(18)
        self._release()
        self.assertRecordValues(order, [{"state": "cancel", "age_held_since": False}])
        self.assertEqual(transaction.state, "done")

    def test_held_order_is_confirmed_and_invoiced_when_the_age_is_proved(self):
        order = self._create_order(self.gin)
        self._pay(order)
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(order.invoice_ids.amount_total, order.amount_total)
        invoice = order.invoice_ids
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())

    def test_16_part_of_the_price_confirms_nothing(self):
        order = self._create_order(self.gin, require_payment=True)
        transaction = self._create_transaction(
            flow="direct",
            amount=1.0,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
            state="done",
        )
        transaction._post_process()
        self.assertFalse(order.age_held_since)
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "draft")

    def test_16_payment_that_was_taken_back_confirms_nothing(self):
        order = self._create_order(self.gin)
        transaction = self._pay(order)
        transaction.state = "cancel"
        self._prove(18)
        self._release()
        self.assertRecordValues(order, [{"state": "draft", "age_held_since": False}])
        self.assertIn("not there any more", order.message_ids[:1].body)

    def test_16_payment_that_was_refunded_confirms_nothing(self):
        for state in ("pending", "done"):
            with self.subTest(state):
                buyer = self._create_buyer(f"Refunded {state}")
                order = self._create_order(self.gin, buyer=buyer)
                self._refund(self._pay(order), state=state)
                self._prove(18, buyer=buyer)
                self._release()
                self.assertRecordValues(
                    order, [{"state": "draft", "age_held_since": False}]
                )
                self.assertIn("not there any more", order.message_ids[:1].body)

    def test_16_refund_that_leaves_too_little_confirms_nothing(self):
        order = self._create_order(
            self.gin, require_payment=True, prepayment_percent=1.0
        )
        self._refund(self._pay(order), amount=1.0)
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "draft")

    def test_16_refund_that_failed_keeps_the_order_going(self):
        order = self._create_order(self.gin)
        self._refund(self._pay(order), state="error")
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "sale")

    def test_invoice_that_cannot_be_posted_leaves_the_order_confirmed(self):
        order = self._create_order(self.gin)
        self._pay(order)
        self.company_data["default_journal_sale"].active = False
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "sale")
        self.assertIn("Not invoiced", order.activity_ids.summary)

    def test_order_that_is_paid_while_a_person_holds_it_is_invoiced(self):
        order = self._create_order(self.gin, require_payment=True)
        order.action_age_request()
        self._pay(order)
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_paid_order_of_a_proved_buyer_goes_through(self):
        self._prove(18)
        order = self._create_order(self.gin)
        transaction = self._pay(order)
        self.assertTrue(transaction.is_post_processed)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_order_is_not_offered_for_payment_before_the_proof(self):
        order = self._create_order(
            self.gin, require_payment=True, require_signature=True
        )
        self.assertFalse(order._has_to_be_paid())
        self.assertFalse(order._has_to_be_signed())
        self._prove(18)
        self.assertTrue(order._has_to_be_paid())
        self.assertTrue(order._has_to_be_signed())

    def test_attempts_to_pay_where_no_rule_is_known_do_not_flood_the_chain(self):
        def attempt():
            order = self._create_order(self.gin, partner_shipping_id=there.id)
            order._age_judge("payment")
            self.assertEqual(order.age_check_ids.warnings, ["unknown_rule"])
            return order

        there = self._create_buyer("There", country_id=self.denmark.id)
        told = [self._incidents(attempt()) for _number in range(8)]
        self.assertEqual(told, [["unknown_rule"]] * 5 + [[]] * 3)
        self.env.flush_all()
        self.env.cr.execute("UPDATE age_portal_log SET create_date = '2026-06-15'")
        self.env.invalidate_all()
        order = attempt()
        incident = self.env["age.incident"].search([("order_id", "=", order.id)])
        self.assertEqual(incident.note, "3 more before this one were only counted.")
