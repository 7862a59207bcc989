from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestGateInvoice(AgeCommon):
    """What may be posted, by whichever way it comes to that."""

    @classmethod
    def _create_invoice(cls, *products, move_type="out_invoice", **kwargs):
        return cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.buyer.id,
                "invoice_date": TODAY,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "price_unit": 20})
                    for product in products
                ],
                **kwargs,
            }
        )

    def test_free_goods_are_invoiced_as_ever(self):
        invoice = self._create_invoice(self.cheese)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(invoice.age_check_ids)

    def test_button_says_why_the_invoice_waits(self):
        invoice = self._create_invoice(self.gin)
        with self.assertRaisesRegex(UserError, "Gin"):
            invoice.action_post()
        self.assertEqual(invoice.state, "draft")

    def test_batch_posts_the_others(self):
        held = self._create_invoice(self.gin)
        free = self._create_invoice(self.cheese)
        self.assertEqual((held | free)._post(soft=True), free)
        now = fields.Datetime.now()
        self.assertRecordValues(held, [{"state": "draft", "age_held_since": now}])

    def test_held_invoice_is_posted_when_the_age_is_proved(self):
        invoice = self._create_invoice(self.gin)
        invoice._post(soft=True)
        self._release()
        self.assertEqual(invoice.state, "draft")
        self._prove(18)
        self._release()
        self.assertRecordValues(invoice, [{"state": "posted", "age_held_since": False}])

    def test_07_proof_that_expired_since_the_order_holds_the_invoice(self):
        self._prove(18, valid_until="2026-06-20")
        order = self._create_order(self.gin)
        order.action_confirm()
        invoice = order._create_invoices()
        with freeze_time("2026-06-21 12:00:00"):
            invoice.invoice_date = "2026-06-21"
            invoice._post(soft=True)
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(invoice.age_check_ids.verdict, "expired")
        self.assertEqual(self._incidents(invoice), ["expired"])

    def test_law_of_the_invoice_day_counts(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        self.rule_wine.date_to = "2026-06-30"
        self._create_rule(self.wine_class, self.germany, 18, date_from="2026-07-01")
        invoice = order._create_invoices()
        with freeze_time("2026-07-01 12:00:00"):
            invoice.invoice_date = "2026-07-01"
            self.assertFalse(invoice._post(soft=True))
        with freeze_time("2026-06-30 12:00:00"):
            invoice.invoice_date = "2026-06-30"
            self.assertTrue(invoice._post(soft=True))

    def test_date_in_the_past_does_not_bring_back_a_former_law(self):
        self._prove(16)
        self.rule_wine.date_to = "2026-06-30"
        self._create_rule(self.wine_class, self.germany, 18, date_from="2026-07-01")
        invoice = self._create_invoice(self.wine, invoice_date="2026-06-30")
        with freeze_time("2026-07-01 12:00:00"):
            self.assertFalse(invoice._post(soft=True))

    def test_date_in_the_future_does_not_make_anybody_older(self):
        self._prove(16)
        invoice = self._create_invoice(self.gin, invoice_date="2028-06-16")
        with self.assertRaises(UserError):
            invoice.action_post()

    def test_proof_made_after_the_date_of_the_invoice_counts(self):
        invoice = self._create_invoice(self.gin, invoice_date="2026-06-10")
        self._prove(18, proved_on=TODAY)
        self.assertTrue(invoice._post(soft=True))

    def test_14_down_payment_on_a_restricted_order_is_blocked(self):
        self._prove(18, valid_until="2026-06-16")
        order = self._create_order(self.gin)
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        )
        invoice = wizard._create_invoices(order)
        self.assertFalse(invoice.invoice_line_ids.product_id)
        invoice.invoice_date = "2026-06-17"
        with freeze_time("2026-06-17 12:00:00"):
            self.assertFalse(invoice._post(soft=True))
            with self.assertRaisesRegex(UserError, "Gin"):
                invoice.action_post()
        self.assertEqual(set(invoice.age_check_ids.mapped("verdict")), {"expired"})

    def test_15_credit_note_is_always_posted(self):
        self._prove(18, valid_until="2026-06-15")
        invoice = self._create_invoice(self.gin)
        invoice.action_post()
        with freeze_time("2026-06-20 12:00:00"):
            values = [{"invoice_date": "2026-06-20"}]
            refund = invoice._reverse_moves(values, cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertFalse(refund.age_check_ids)

    def test_15_credit_note_without_an_invoice_is_always_posted(self):
        refund = self._create_invoice(self.gin, move_type="out_refund")
        refund.action_post()
        self.assertEqual(refund.state, "posted")

    def test_15_order_with_returned_goods_is_credited_without_a_proof(self):
        self._prove(18, valid_until="2026-06-15")
        order = self._create_order(self.gin)
        order.action_confirm()
        order._create_invoices().action_post()
        order.order_line.product_uom_qty = 0
        with freeze_time("2026-06-20 12:00:00"):
            refund = order._create_invoices(final=True)
            refund.action_post()
        self.assertRecordValues(
            refund, [{"move_type": "out_refund", "state": "posted"}]
        )

    def test_vendor_bill_is_none_of_its_business(self):
        bill = self._create_invoice(self.gin, move_type="in_invoice")
        bill.action_post()
        self.assertEqual(bill.state, "posted")

    def test_receipt_is_held_like_an_invoice(self):
        receipt = self._create_invoice(self.gin, move_type="out_receipt")
        with self.assertRaises(UserError):
            receipt.action_post()

    def test_scheduled_posting_leaves_what_waits(self):
        held = self._create_invoice(self.gin, auto_post="at_date", date=TODAY)
        free = self._create_invoice(self.cheese, auto_post="at_date", date=TODAY)
        with self.enter_registry_test_mode():
            cron = self.env.ref("account.ir_cron_auto_post_draft_entry")
            cron.method_direct_trigger()
        self.assertEqual((held.state, free.state), ("draft", "posted"))

    def test_buyer_of_the_order_is_judged_and_not_who_pays(self):
        father = self._create_buyer("Father")
        self._prove(18, buyer=father)
        order = self._create_order(self.gin, partner_invoice_id=father.id)
        with self.assertRaises(UserError):
            order.action_confirm()
        self._prove(18)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.age_check_ids.partner_id, self.buyer)

    def test_draft_says_why_it_waits(self):
        invoice = self._create_invoice(self.gin)
        self.assertIn("Gin", invoice._get_alerts()["age_verification"]["message"])
        self._prove(18)
        self.assertNotIn("age_verification", invoice._get_alerts())

    def test_prohibited_sale_is_not_invoiced_to_anybody(self):
        self.rule_spirits.kind = "prohibited"
        self._prove(18)
        invoice = self._create_invoice(self.gin)
        with self.assertRaisesRegex(UserError, "may not be sold"):
            invoice.action_post()
        self.assertEqual(self._incidents(invoice), ["prohibited"])
