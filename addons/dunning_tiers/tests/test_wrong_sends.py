from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestWrongSends(DunningCommon):
    """The seven wrong sends that were reproduced with the best free module."""

    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)

    def test_a_customer_with_unmatched_credit_is_not_reminded(self):
        self._create_payment(100, date=2)
        self._assert_reason(self.invoice, "unmatched_credit")

    def test_b_customer_with_open_credit_note_is_not_reminded(self):
        self._create_credit_note(100, date=2)
        self._assert_reason(self.invoice, "credit_note")

    def test_c_invoice_with_linked_payment_in_process_is_not_reminded(self):
        payment = self.init_payment(100, post=False, partner=self.customer)
        payment.invoice_ids = self.invoice
        payment.action_post()
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self._assert_reason(self.invoice, "payment_linked")

    def test_d_invoice_marked_no_follow_up_is_not_reminded(self):
        self.invoice.no_followup = True
        self._assert_reason(self.invoice, "no_followup")

    def test_e_invoice_paid_after_the_proposal_is_not_sent(self):
        run = self._propose()
        notice = run.notice_ids
        self.assertEqual(notice.state, "approved")
        self._pay(self.invoice, date=0)
        self.assertFalse(self._send(run))
        self.assertEqual(notice.state, "skipped")
        self.assertEqual(notice.reason, "paid")

    def test_f_level_of_a_failed_mail_is_sent_again_before_the_next(self):
        run = self._propose()
        notice = run.notice_ids
        run._send()
        with (
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self._mail_server_refuses("walnut@example.com"),
        ):
            self._trigger_send()
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self.invoice.dunning_level_id)
        again = self._propose("2026-06-22")
        self.assertEqual(again.item_ids.level_id, self.friendly)
        self.assertEqual(again.item_ids.reason, "bounced")
        self.customer.email = "new@example.com"
        mended = self._propose("2026-06-22")
        self.assertEqual(mended.notice_ids.level_id, self.friendly)

    def test_g_small_amount_in_foreign_currency_counts_with_its_own_value(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.assertEqual(self.company.currency_id.name, "USD")
        self.policy.minimum_amount = 10
        small = self._create_debt(12, due=8, currency_id=euro)
        self.assertEqual(small.amount_residual_signed, 6)
        self._pay(self.invoice, date=0)
        self._assert_reason(small, "below_minimum")
        large = self._create_debt(30, due=8, currency_id=euro)
        run = self._propose()
        self.assertEqual(run.notice_ids.item_ids.move_id, small + large)
