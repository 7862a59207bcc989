"""Credit notes in parts: whatever was rounded on the way, they sum to what was booked."""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..payout_reconciliation import PayoutReconciliation
from .bundle_common import BundleCommon
from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestPayoutParts(PayoutCommon):
    def _credit(self, invoice, **lines):
        """A posted credit note: (quantity, price) by the name of the product."""
        refund = self._reverse(invoice, post=False)
        for line in refund.invoice_line_ids:
            line.quantity, line.price_unit = lines.get(
                line.product_id.name, (0, line.price_unit)
            )
        refund.action_post()
        return refund

    def _get_sum(self, *moves, kinds=("sale", "refund", "discount", "commission")):
        entries = self.env["artisan.payout.entry"].search(
            [
                ("move_id", "in", [move.id for move in moves]),
                ("kind", "in", kinds),
            ]
        )
        return self.company.currency_id.round(sum(entries.mapped("amount")))

    def _assert_back_to_zero(self, *moves):
        for kinds in (("sale", "refund"), ("discount",), ("commission",)):
            self.assertEqual(self._get_sum(*moves, kinds=kinds), 0, kinds)
        for move in moves:
            self.assertFalse(move.artisan_entry_ids.filtered("platform_amount"))

    def test_six_pieces_returned_alone_bring_the_whole_fee_back(self):
        invoice = self._create_direct_invoice((self.candle, 6, 3.3))
        self.assertEqual(self._get_sum(invoice, kinds=("commission",)), -2.97)
        refunds = [self._credit(invoice, Candle=(1, 3.3)) for _piece in range(6)]
        self._assert_back_to_zero(invoice, *refunds)

    def test_price_credited_in_seven_amounts_leaves_the_maker_nothing(self):
        invoice = self._create_direct_invoice((self.candle, 1, 100))
        refunds = [
            self._credit(invoice, Candle=(1, amount))
            for amount in [14.29] * 6 + [14.26]
        ]
        self._assert_back_to_zero(invoice, *refunds)

    def test_small_credits_of_a_large_line_count_for_the_full_one(self):
        invoice = self._create_direct_invoice((self.candle, 1, 10000))
        refunds = [self._credit(invoice, Candle=(1, 33.33)) for _time in range(3)]
        refunds.append(self._credit(invoice, Candle=(1, 10000)))
        self.assertEqual(self._get_sum(invoice, *refunds), 0)
        # The customer got 99.99 beyond the price: the platform's.
        platform = refunds[-1].artisan_entry_ids.mapped("platform_amount")
        self.assertAlmostEqual(sum(platform), -99.99)

    def test_discounted_order_credited_in_thirds_is_back_at_zero(self):
        self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 2))
        self._claim(order)
        invoice = self._invoice(order)
        refunds = []
        for time in range(3):
            refund = self._reverse(invoice, post=False)
            for line in refund.invoice_line_ids:
                third = round(line.price_unit / 3, 2)
                line.price_unit = (
                    third if time < 2 else round(line.price_unit - 2 * third, 2)
                )
            refund.action_post()
            refunds.append(refund)
        self._assert_back_to_zero(invoice, *refunds)
        self.assertFalse(refunds[-1].activity_ids)

    def test_refund_of_an_invoice_booked_anew_takes_the_rest(self):
        invoice = self._create_direct_invoice((self.candle, 3, 3.33))
        refunds = [self._credit(invoice, Candle=(1, 3.33))]
        invoice.button_draft()
        self.scheme.part_ids.value = 33
        invoice.action_post()
        refunds += [self._credit(invoice, Candle=(1, 3.33)) for _piece in range(2)]
        self._assert_back_to_zero(invoice, *refunds)

    # Credit notes from the order

    def _lower(self, order, quantity):
        """The credit note for what an order has less than was invoiced."""
        order.order_line.filtered(
            lambda line: not line.is_reward_line
        ).product_uom_qty = quantity
        return self._invoice(order, date="2026-08-20")

    def test_order_lowered_to_nothing_takes_back_what_was_booked(self):
        order = self._create_order((self.d, 1))
        invoice = self._invoice(order)
        self.company.artisan_commission_scheme_id = self._create_scheme({"value": 20})
        refund = self._lower(order, 0)
        self.assertEqual(refund.move_type, "out_refund")
        self._assert_back_to_zero(invoice, refund)

    def test_discounted_order_lowered_to_nothing_leaves_the_maker_nothing(self):
        self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1))
        self._claim(order)
        invoice = self._invoice(order)
        self.assertEqual(self._get_sum(invoice), 76.5)
        self._assert_back_to_zero(invoice, self._lower(order, 0))

    def test_order_lowered_to_nothing_before_its_invoice_is_booked_waits(self):
        self.d.maker_id = False
        order = self._create_order((self.d, 1))
        invoice = self._invoice(order)
        self.d.maker_id = self.maker
        refund = self._lower(order, 0)
        self.assertIn("book it first", refund.artisan_booking_note)
        (invoice | refund)._book_payouts()
        self._assert_back_to_zero(invoice, refund)

    def test_return_on_an_order_charges_who_made_it_when_it_was_sold(self):
        for maker in (self.other_maker, self.maker.browse()):
            self.d.maker_id = self.maker
            order = self._create_order((self.d, 2))
            invoice = self._invoice(order)
            self.d.maker_id = maker
            refund = self._lower(order, 1)
            self.assertEqual(self._get_entries(refund).maker_id, self.maker)
            self.assertEqual(self._get_owed(invoice, refund), {self.d: 85})

    # Receipts

    def test_receipt_brings_the_maker_what_an_invoice_does(self):
        receipt = self._create_direct_invoice((self.d, 1, 100), move_type="out_receipt")
        self.assertEqual(self._get_sum(receipt), 85)
        self.assertEqual(receipt.artisan_entry_ids.source_move_id, receipt)
        august = date(2026, 8, 1), date(2026, 8, 31)
        figures, _platform = PayoutReconciliation(
            self.company, self.company.currency_id, *august
        ).get_figures()
        self.assertEqual((figures.net, figures.difference), (100, 0))
        self._assert_back_to_zero(receipt, self._reverse(receipt))

    def test_receipt_set_to_draft_is_booked_anew(self):
        receipt = self._create_direct_invoice((self.d, 1, 100), move_type="out_receipt")
        receipt.button_draft()
        self.assertFalse(self._get_entries(receipt))
        receipt.action_post()
        self.assertEqual(self._get_sum(receipt), 85)


@tagged("post_install", "-at_install")
class TestPayoutEdited(PayoutCommon):
    """What an invoice charges beside its order: the scheme is not taken a second time."""

    def _get_fee(self, price, ordered=100, quantity=1):
        """The commission on one piece, whose price or quantity the invoice changes."""
        order = self._create_order((self.d, 1, {"price_unit": ordered}))
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.write({"price_unit": price, "quantity": quantity})
        invoice.action_post()
        fees = self._get_entries(invoice).filtered(lambda e: e.kind == "commission")
        refund = self._reverse(invoice)
        self.assertEqual(self._get_owed(invoice, refund), {self.d: 0})
        return self.company.currency_id.round(-sum(fees.mapped("amount")))

    def _agree(self, *parts):
        self.company.artisan_commission_scheme_id = self._create_scheme(*parts)

    def test_fixed_fee_stays_whatever_the_invoice_charges(self):
        self._agree({"kind": "fixed", "value": 2, "unit": "order"})
        fees = [self._get_fee(price) for price in (99, 101, 100)]
        self.assertEqual(fees, [2, 2, 2])
        self.assertEqual(self._get_fee(100, quantity=2), 2)

    def test_minimum_of_a_percentage_is_not_taken_on_the_difference(self):
        self._agree({"value": 10, "minimum": 5})
        fees = [self._get_fee(price) for price in (98, 102, 30)]
        self.assertEqual(fees, [9.8, 10.2, 5])

    def test_w19_price_lowered_into_another_section_takes_its_rate(self):
        self._agree(self._create_sections("whole", (0, 10), (1000, 8)))
        self.assertEqual(self._get_fee(1000.5, ordered=1000.5), 80.04)
        self.assertEqual(self._get_fee(950, ordered=1000.5), 95)

    def test_line_added_after_an_invoice_pays_no_second_fixed_fee(self):
        self._agree(
            {"kind": "fixed", "value": 5, "unit": "order"},
            {"value": 10, "code": "percent"},
        )
        order = self._create_order((self.d, 1))
        first = self._invoice(order)
        order.order_line = [Command.create(self._line_vals(self.candle, 1))]
        second = self._invoice(order)
        # 10 % of 100 and 40, and 5.00 once.
        self.assertEqual(self._get_owed(first, second), {self.d: 85, self.candle: 36})
        refunds = [self._reverse(each) for each in (first, second)]
        self.assertFalse(any(self._get_owed(first, second, *refunds).values()))
        # What was given back is owed anew.
        self.assertEqual(sum(self._get_owed(self._invoice(order)).values()), 121)

    def test_two_lines_with_other_prices_pay_the_fee_once(self):
        self._agree({"kind": "fixed", "value": 5, "unit": "order"})
        order = self._create_order((self.d, 1), (self.d, 1))
        invoice = self._invoice(order, post=False)
        first, second = invoice.invoice_line_ids
        first.price_unit, second.price_unit = 150, 20
        invoice.action_post()
        self.assertEqual(self._get_owed(invoice), {self.d: 165})


@tagged("post_install", "-at_install")
class TestPayoutKeptParts(BundleCommon, PayoutCommon):
    def _give_back(self, invoice, product):
        wizard = self.env["artisan.refund"].create({"move_id": invoice.id})
        for line in wizard.line_ids:
            line.quantity = line.move_line_id.product_id == product
        credit = wizard._make_credit_note()
        credit.action_post()
        return credit

    def test_w09_kept_parts_of_a_bundle_pay_no_second_fixed_fee(self):
        self.company.artisan_commission_scheme_id = self._create_scheme(
            {"kind": "fixed", "value": 2, "unit": "order"}
        )
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        invoice = self._invoice(self._create_bundle_order(self.bundle))
        moves = [invoice]
        for product, fees in ((self.towel, -4), (self.mug, -2), (self.candle, 0)):
            moves.append(self._give_back(invoice, product))
            entries = self.env["artisan.payout.entry"].search(
                [("move_id", "in", [move.id for move in moves])]
            )
            taken = entries.filtered(lambda entry: entry.kind == "commission")
            self.assertAlmostEqual(sum(taken.mapped("amount")), fees)
        for owed in entries.grouped("maker_id").values():
            self.assertAlmostEqual(sum(owed.mapped("amount")), 0)
