"""Goods that come back: what their part of price, discounts and bundle is worth."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .refund_common import RefundCommon


@tagged("post_install", "-at_install")
class TestRefundGoods(RefundCommon):
    # The worked example

    def test_w09_part_of_a_bundle_brings_its_share(self):
        invoice = self._invoice(self._create_bundle_order(self.bundle))
        credit = self._refund(invoice, {self.towel: 1})
        self.assertEqual(credit.amount_untaxed, 12.75)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.state, "draft")
        self.assertEqual(credit.reversed_entry_id, invoice)

    def test_w09_parts_that_are_kept_are_charged_at_their_own_price(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        invoice = self._invoice(self._create_bundle_order(self.bundle))
        self.parts.list_price = 999  # those of the sale count
        wizard = self._ask(invoice, {self.towel: 1})
        self.assertEqual((wizard.amount, wizard.amount_kept), (3, 9.75))
        self.assertEqual(wizard.line_ids.mapped("amount"), [0, 0, 3])
        credit = wizard._make_credit_note()
        self.assertEqual(credit.amount_untaxed, 3)
        self.assertEqual(
            self._amounts(credit), {self.towel: 12.75, self.candle: -6, self.mug: -3.75}
        )

    def test_w09_any_way_of_sending_all_back_brings_what_was_paid(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        for way in (
            [self.towel, self.mug, self.candle],
            [self.candle, self.towel, self.mug],
            [self.towel | self.candle, self.mug],
            [self.parts],
        ):
            invoice = self._invoice(self._create_bundle_order(self.bundle))
            credits_ = [
                self._refund(invoice, dict.fromkeys(products, 1)) for products in way
            ]
            amounts = [credit.amount_untaxed for credit in credits_]
            self.assertAlmostEqual(sum(amounts), 68)
            self.assertGreaterEqual(min(amounts), 0)

    def test_of_several_bundles_those_that_stay_whole_keep_their_price(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        invoice = self._invoice(self._create_bundle_order(self.bundle, 3))
        self.assertEqual(self._refund(invoice, {self.towel: 1}).amount_untaxed, 3)
        rest = self._refund(invoice, {self.towel: 2, self.candle: 3, self.mug: 3})
        self.assertEqual(rest.amount_untaxed, 3 * 68 - 3)

    def test_discount_on_a_bundle_lessens_what_is_charged(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        self._claim(order)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_untaxed, 61.2)
        # 61.20 less what candle and mug cost with the same discount.
        credit = self._refund(invoice, {self.towel: 1})
        self.assertAlmostEqual(credit.amount_untaxed, 61.2 - 0.9 * 65, delta=0.011)
        rest = self._refund_rest(invoice)
        self.assertAlmostEqual(credit.amount_untaxed + rest.amount_untaxed, 61.2)

    def test_refund_is_never_below_zero(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        order = self._create_bundle_order(self.bundle)
        order.order_line.filtered(
            lambda line: line.product_id == self.towel
        ).discount = 60
        invoice = self._invoice(order)
        # The towel was paid with 5.10, less than is to be charged for the others.
        credit = self._refund(invoice, {self.towel: 1})
        self.assertEqual(credit.amount_untaxed, 0)
        rest = self._refund_rest(invoice)
        self.assertAlmostEqual(rest.amount_untaxed, 60.35)

    # Goods and discounts

    def test_part_of_a_discount_goes_back_with_its_goods(self):
        self._take_off(10)
        order = self._create_order((self.candle, 3), (self.mug, 1))
        self._claim(order)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_untaxed, 130.5)
        first = self._refund(invoice, {self.candle: 1})
        self.assertEqual(first.amount_untaxed, 36)
        second = self._refund(invoice, {self.candle: 2})
        self.assertEqual(second.amount_untaxed, 72)
        rest = self._refund_rest(invoice)
        self.assertEqual(rest.amount_untaxed, 22.5)

    def test_discount_on_one_product_stays_with_it(self):
        self._take_off(
            20,
            discount_applicability="specific",
            discount_product_ids=[Command.set(self.candle.ids)],
        )
        order = self._create_order((self.candle, 1), (self.mug, 1))
        self._claim(order)
        invoice = self._invoice(order)
        self.assertEqual(self._refund(invoice, {self.mug: 1}).amount_untaxed, 25)
        self.assertEqual(self._refund(invoice, {self.candle: 1}).amount_untaxed, 32)

    def test_credit_note_leads_to_order_lines_and_reason(self):
        order = self._create_order((self.candle, 3))
        invoice = self._invoice(order)
        wizard = self._ask(invoice, {self.candle: 2})
        wizard.reason = "arrived broken"
        credit = wizard._make_credit_note()
        self.assertEqual(credit.invoice_line_ids.sale_line_ids, order.order_line)
        self.assertEqual(
            credit.invoice_line_ids.refunded_line_id, invoice.invoice_line_ids
        )
        self.assertIn("arrived broken", credit.ref)
        self.assertEqual(order.order_line.qty_invoiced, 1)

    def test_makers_give_back_what_they_were_paid(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        invoice = self._invoice(self._create_bundle_order(self.bundle))

        def owed():
            entries = self.env["artisan.payout.entry"].search(
                [("maker_id", "in", (self.maker | self.potter | self.weaver).ids)]
            )
            return [
                sum(
                    entries.filtered(lambda e, m=maker: e.maker_id == m).mapped(
                        "amount"
                    )
                )
                for maker in (self.maker, self.potter, self.weaver)
            ]

        before = owed()
        self.assertEqual(before, [34, 21.25, 12.75])
        self._refund(invoice, {self.towel: 1}, post=True)
        self.assertEqual(owed(), [40, 25, 0])
        self._refund_rest(invoice).action_post()
        self.assertEqual(owed(), [0, 0, 0])

    # What came back already

    def test_what_came_back_cannot_come_back_again(self):
        invoice = self._invoice(self._create_order((self.candle, 3)))
        stale = self._ask(invoice, {self.candle: 2})
        draft = self._refund(invoice, {self.candle: 2})
        with self.assertRaisesRegex(UserError, "Somebody may have refunded it"):
            stale._make_credit_note()
        draft.button_cancel()
        stale._make_credit_note()

    def test_credit_note_of_accounting_counts(self):
        invoice = self._invoice(self._create_order((self.candle, 3), (self.mug, 1)))
        core = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        core = core.create({"journal_id": invoice.journal_id.id})
        credit = self.env["account.move"].browse(core.refund_moves()["res_id"])
        wizard = self._ask(invoice)
        self.assertEqual(wizard.line_ids.mapped("quantity_left"), [0, 0])
        credit.invoice_line_ids[0].quantity = 1
        wizard = self._ask(invoice)
        self.assertEqual(wizard.line_ids.mapped("quantity_left"), [2, 0])

    def test_more_or_less_than_can_come_back_is_refused(self):
        invoice = self._invoice(self._create_order((self.candle, 3)))
        wizard = self._ask(invoice)
        for quantity in (-1, 3.5):
            with self.assertRaisesRegex(ValidationError, "cannot come back"):
                wizard.line_ids.quantity = quantity
        wizard = self._ask(invoice)
        with self.assertRaisesRegex(UserError, "enter what comes back"):
            wizard.action_refund()

    def test_only_posted_invoices_of_customers(self):
        invoice = self._invoice(self._create_order((self.candle, 3)))
        credit = self._refund(invoice, {self.candle: 1})
        with self.assertRaisesRegex(UserError, "customer invoice that is posted"):
            credit.action_refund_goods()
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "customer invoice that is posted"):
            invoice.action_refund_goods()

    # People

    def test_accountant_who_sells_nothing_refunds_with_discounts_and_bundles(self):
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        self._take_off(10)
        order = self._create_bundle_order(self.bundle)
        self._claim(order)
        invoice = self._invoice(order)
        accountant = new_test_user(
            self.env, "refunder", "account.group_account_invoice"
        )
        invoice = invoice.with_user(accountant)
        action = invoice.action_refund_goods()
        wizard = self.env["artisan.refund"].with_user(accountant)
        with Form(wizard.browse(action["res_id"])) as form:
            with form.line_ids.edit(2) as line:
                line.quantity = 1
            self.assertAlmostEqual(form.amount, 2.7, delta=0.011)
        action = form.record.action_refund()
        self.assertEqual(action["res_model"], "account.move")

    def test_seller_cannot_refund(self):
        invoice = self._invoice(self._create_order((self.candle, 3)))
        seller = new_test_user(
            self.env, "no_refunder", "sales_team.group_sale_salesman"
        )
        with self.assertRaises(AccessError):
            invoice.with_user(seller).action_refund_goods()
