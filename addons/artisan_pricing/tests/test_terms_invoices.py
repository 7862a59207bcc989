from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .terms_common import TODAY, TermsCommon


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestTermsInvoices(TermsCommon):
    """The customer may owe 500.00 and owes 490.00; a candle costs 40.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.terms_limit_policy = "stop"
        cls.at_once = cls.env.ref("account.account_payment_term_immediate")
        cls.month = cls.env.ref("account.account_payment_term_30days")
        cls.clerk = new_test_user(
            cls.env,
            "terms_clerk",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )

    def _owe(self, amount=490):
        return self._create_invoice(amount, TODAY)

    def _sell_at_once(self, post=False):
        """An invoice of an order that was confirmed for payment at once."""
        order = self._create_order(self.candle, payment_term_id=self.at_once.id)
        order.action_confirm()
        invoice = order._create_invoices().with_user(self.clerk)
        if post:
            invoice.invoice_payment_term_id = False
            invoice.invoice_date_due = TODAY
            invoice.action_post()
        return invoice

    def test_longer_term_on_the_invoice_is_refused_over_the_limit(self):
        self._owe()
        invoice = self._sell_at_once()
        invoice.invoice_payment_term_id = self.month
        # 490.00 and 40.00 are 30.00 over 500.00.
        with self.assertRaisesRegex(UserError, r"Walnut Shop by \$\s30\.00"):
            invoice.action_post()
        invoice.invoice_payment_term_id = self.at_once
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_later_due_date_on_the_invoice_is_refused_over_the_limit(self):
        self._owe()
        invoice = self._sell_at_once()
        invoice.invoice_payment_term_id = False
        invoice.invoice_date_due = "2026-12-22"
        with self.assertRaisesRegex(UserError, "due later than its order"):
            invoice.action_post()

    def test_due_date_of_a_confirmed_invoice_is_not_moved_over_the_limit(self):
        self._owe()
        invoice = self._sell_at_once(post=True)
        with self.assertRaisesRegex(UserError, r"\$\s490\.00 are open already"):
            invoice.invoice_date_due = "2026-12-22"
        invoice.invoice_date_due = TODAY

    def test_longer_term_within_the_limit_is_the_accountants_to_give(self):
        self._owe(460)
        invoice = self._sell_at_once()
        invoice.invoice_payment_term_id = self.month
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_released_order_and_company_that_warns_stop_no_invoice(self):
        self._owe()
        for release in (True, False):
            with self.subTest(release=release):
                invoice = self._sell_at_once()
                invoice.invoice_payment_term_id = self.month
                if release:
                    invoice.sudo().line_ids.sale_line_ids.order_id.action_release_limit()
                else:
                    self.company.terms_limit_policy = "warn"
                invoice.action_post()
                self.assertEqual(invoice.state, "posted")

    def test_invoice_over_two_orders_takes_the_longer_term_of_neither(self):
        self._owe(450)
        within = self._create_order(self.candle)
        within.payment_term_id = self.month
        within.action_confirm()
        at_once = self._create_order(self.candle, payment_term_id=self.at_once.id)
        at_once.action_confirm()
        invoice = (within | at_once)._create_invoices().with_user(self.clerk)
        self.assertEqual(len(invoice), 1)
        invoice.invoice_payment_term_id = self.month
        # 450.00 and 80.00
        with self.assertRaisesRegex(UserError, r"by \$\s30\.00"):
            invoice.action_post()

    def test_invoices_without_an_order_are_not_asked(self):
        self._owe()
        invoice = self._create_invoice(100, TODAY, "2026-12-31")
        self.assertEqual(invoice.state, "posted")
