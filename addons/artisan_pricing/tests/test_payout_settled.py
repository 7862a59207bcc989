"""Invoices of one order, however they are reset, confirmed anew, credited and edited: what they
bring sums to what one invoice would bring."""

import random

from odoo.tests import tagged

from .bundle_common import BundleCommon
from .payout_common import PayoutCommon


class SettledCommon(PayoutCommon):
    def _get_fees(self, *moves):
        """The commission that each of the documents takes."""
        currency = self.company.currency_id
        return [
            currency.round(
                -sum(
                    entry.amount
                    for entry in self._get_entries(move)
                    if entry.kind == "commission"
                )
            )
            + 0.0
            for move in moves
        ]

    def _agree(self, *parts, **kwargs):
        scheme = self._create_scheme(*parts, **kwargs)
        self.company.artisan_commission_scheme_id = scheme


@tagged("post_install", "-at_install")
class TestSettledParts(SettledCommon):
    """10 candles at 3.30 cost 33.00; 15 % of it are 4.95.

    Of 3 of them 1.485, rounded 1.49; the other 7 pay the rest, 3.46. 7 alone pay 3.465,
    rounded 3.47, and the other 3 the rest, 1.48.
    """

    def _invoice_in_two(self):
        order = self._create_order((self.candle, 10, {"price_unit": 3.3}))
        first = self._invoice(order, Candle=3)
        return first, self._invoice(order, Candle=7)

    def test_first_part_that_is_booked_anew_brings_what_it_brought(self):
        first, second = self._invoice_in_two()
        self.assertEqual(self._get_fees(first, second), [1.49, 3.46])
        first.button_draft()
        first.action_post()
        self.assertEqual(self._get_fees(first, second), [1.49, 3.46])
        self.assertEqual(self._get_owed(first, second), {self.candle: 28.05})

    def test_parts_that_change_places_sum_to_the_whole(self):
        first, second = self._invoice_in_two()
        (first | second).button_draft()
        second.action_post()
        first.action_post()
        self.assertEqual(self._get_fees(first, second), [1.48, 3.47])
        refunds = [self._reverse(first), self._reverse(second)]
        self.assertEqual(self._get_owed(first, second, *refunds), {self.candle: 0})

    def test_other_rate_is_no_cent_that_a_part_would_settle(self):
        first, second = self._invoice_in_two()
        first.button_draft()
        self.scheme.part_ids.value = 20
        first.action_post()
        # 20 % of 9.90
        self.assertEqual(self._get_fees(first, second), [1.98, 3.46])

    def test_slightly_other_scheme_leaves_what_was_settled_before(self):
        """Half of 100 pays 15 %, 7.50; the other half 15.02 %, 7.51. The cent that the first
        half would pay more by today's scheme is not taken by the second."""
        order = self._create_order((self.candle, 10, {"price_unit": 10}))
        first = self._invoice(order, Candle=5)
        self._agree({"value": 15.02})
        second = self._invoice(order)
        self.assertEqual(self._get_fees(first, second), [7.5, 7.51])
        refunds = [self._reverse(first), self._reverse(second)]
        self.assertEqual(self._get_fees(*refunds), [-7.5, -7.51])

    def test_sold_again_after_the_scheme_changed_slightly_pays_todays_rate(self):
        order = self._create_order((self.candle, 10, {"price_unit": 10}))
        invoice = self._invoice(order)
        refund = self._reverse(invoice, Candle=5)
        self._agree({"value": 15.02})
        again = self._invoice(order)
        self.assertEqual(self._get_fees(invoice, refund, again), [15, -7.5, 7.51])

    def test_credited_part_that_is_booked_anew_leaves_nothing(self):
        first, second = self._invoice_in_two()
        refund = self._reverse(second)
        (first | second).button_draft()
        second.action_post()
        self.assertEqual(self._get_fees(second, refund), [3.46, -3.46])
        first.action_post()
        self.assertEqual(self._get_fees(first), [1.49])

    def test_what_is_sold_again_after_a_credit_sums_to_the_whole(self):
        order = self._create_order((self.candle, 10, {"price_unit": 3.3}))
        invoice = self._invoice(order)
        refund = self._reverse(invoice, Candle=3)
        again = self._invoice(order)
        self.assertEqual(self._get_fees(invoice, refund, again), [4.95, -1.49, 1.49])

    def test_any_parts_in_any_order_sum_to_one_invoice(self):
        self._create_promotion(maker_percent=50, discount=7)
        self._agree({"value": 12.5}, {"code": "fee", "kind": "fixed", "value": 1})
        goods = (
            (self.d, 7, {"price_unit": 3.33}),
            (self.candle, 9, {"price_unit": 1.17}),
        )
        whole = self._create_order(*goods)
        self._claim(whole)
        expected = self._get_owed(self._invoice(whole))
        for seed in range(4):
            dice = random.Random(seed)
            order = self._create_order(*goods)
            self._claim(order)
            moves = [
                self._invoice(order, D=dice.randint(1, 3), Candle=dice.randint(1, 4))
                for _part in range(2)
            ]
            moves.append(self._reverse(moves[0], D=1, Candle=1))
            moves.append(self._invoice(order))
            invoices = [move for move in moves if move.move_type == "out_invoice"]
            for _time in range(3):
                some = dice.sample(invoices, 2)
                for invoice in some:
                    invoice.button_draft()
                if dice.choice((True, False)):
                    (some[0] | some[1]).action_post()
                for invoice in some:
                    if invoice.state == "draft":
                        invoice.action_post()
            self.assertFalse(any(move.artisan_booking_note for move in moves))
            self.assertEqual(self._get_owed(*moves), expected, seed)


@tagged("post_install", "-at_install")
class TestSettledEdited(SettledCommon):
    """Several invoices of one order that charge something else: the scheme is taken on the
    order as they charge it together, and the later one settles the difference."""

    def _invoice_at(self, order, product, price):
        invoice = self._invoice(order, post=False, **{product.name: 1})
        invoice.invoice_line_ids.filtered("quantity").price_unit = price
        invoice.action_post()
        return invoice

    def _invoice_both(self, agreed, charged):
        order = self._create_order(
            (self.d, 1, {"price_unit": agreed[0]}),
            (self.candle, 1, {"price_unit": agreed[1]}),
        )
        return [
            self._invoice_at(order, product, price)
            for product, price in zip((self.d, self.candle), charged, strict=True)
        ]

    def test_prices_edited_on_two_invoices_pay_the_section_of_both_together(self):
        sections = self._create_sections("whole", (0, 10), (1000, 8))
        self._agree(sections | {"unit": "order"})
        # Agreed: 8 % of 1100 are 88, 48 and 40 of it. D at 450: 10 % of 950 are 95, 7 more.
        # Candle at 600: 8 % of 1050 are 84, 11 less than 95.
        first, second = self._invoice_both((600, 500), (450, 600))
        self.assertEqual(self._get_fees(first, second), [55, 29])
        first.button_draft()
        first.action_post()
        self.assertEqual(self._get_fees(first, second), [55, 29])
        # The other way round: 8 % of 1200 are 96, 8 more than 88; then 84 again.
        (first | second).button_draft()
        second.action_post()
        first.action_post()
        self.assertEqual(self._get_fees(first, second), [36, 48])
        refunds = [self._reverse(first), self._reverse(second)]
        self.assertFalse(any(self._get_owed(first, second, *refunds).values()))

    def test_prices_edited_on_two_invoices_pay_the_minimum_once(self):
        self._agree({"value": 10, "minimum": 5, "unit": "order"})
        # Agreed: 6, 3 each. D at 10: 5 of 40, so 1 less. Candle at 10: 5 of 20, no less.
        invoices = self._invoice_both((30, 30), (10, 10))
        self.assertEqual(self._get_fees(*invoices), [2, 3])

    def test_minimum_of_the_scheme_holds_for_quantities_that_are_edited(self):
        self._agree({"value": 10}, minimum=5)
        order = self._create_order((self.candle, 2, {"price_unit": 10}))
        # 2 ordered: 5. The first invoice has 3, 10 more: 5. The second 40 more: 7 of 70.
        first = self._invoice(order, Candle=3)
        self.assertEqual(self._get_fees(first), [5])
        second = first.copy({"invoice_date": "2026-08-12"})
        second.invoice_line_ids.write(
            {"quantity": 4, "sale_line_ids": [(6, 0, order.order_line.ids)]}
        )
        second.action_post()
        self.assertEqual(self._get_fees(first, second), [5, 2])

    def test_credited_invoice_counts_no_more_for_the_next(self):
        sections = self._create_sections("whole", (0, 10), (1000, 8))
        self._agree(sections | {"unit": "order"})
        order = self._create_order(
            (self.d, 1, {"price_unit": 600}), (self.candle, 1, {"price_unit": 500})
        )
        first = self._invoice_at(order, self.d, 450)
        refund = self._reverse(first)
        self.assertEqual(self._get_fees(first, refund), [55, -55])
        # As if the first had never been there: 8 % of 1200 are 96, 8 more than 88.
        second = self._invoice_at(order, self.candle, 600)
        self.assertEqual(self._get_fees(second), [48])

    def test_another_rate_is_not_taken_on_what_was_charged_before(self):
        self._agree({"value": 10})
        order = self._create_order(
            (self.d, 1, {"price_unit": 100}), (self.candle, 1, {"price_unit": 100})
        )
        first = self._invoice_at(order, self.d, 150)
        self._agree({"value": 20})
        second = self._invoice_at(order, self.candle, 150)
        self.assertEqual(self._get_fees(first, second), [15, 30])


@tagged("post_install", "-at_install")
class TestSettledKept(BundleCommon, SettledCommon):
    def _give_back(self, invoice, product):
        wizard = self.env["artisan.refund"].create({"move_id": invoice.id})
        for line in wizard.line_ids:
            line.quantity = line.move_line_id.product_id == product
        credit = wizard._make_credit_note()
        credit.action_post()
        return credit

    def test_w09_kept_parts_are_charged_by_the_rate_of_the_sale(self):
        """Shares of 34 and 21.25 and 12.75; charged for what is kept: 6 and 3.75."""
        self.bundle.product_tmpl_id.bundle_refund = "reprice"
        invoice = self._invoice(self._create_bundle_order(self.bundle))
        makers = self.maker, self.potter, self.weaver
        moves = invoice

        def get_fees():
            entries = self._get_entries(moves)
            return [
                round(
                    -sum(
                        entry.amount
                        for entry in entries
                        if entry.kind == "commission" and entry.maker_id == maker
                    ),
                    2,
                )
                + 0.0
                for maker in makers
            ]

        # 15 % of the shares
        self.assertEqual(get_fees(), [5.1, 3.19, 1.91])
        self.scheme.part_ids.value = 50
        moves |= self._give_back(invoice, self.towel)
        # 15 % of 40 and of 25
        self.assertEqual(get_fees(), [6, 3.75, 0])
        rates = self._get_entries(moves).filtered(lambda e: e.kind == "commission")
        self.assertEqual(set(rates.mapped("rate")), {"15 %"})
        self.company.artisan_commission_scheme_id = self._create_scheme(
            {"kind": "fixed", "value": 3, "unit": "order"}
        )
        moves |= self._give_back(invoice, self.mug)
        self.assertEqual(get_fees(), [6, 0, 0])
        moves |= self._give_back(invoice, self.candle)
        self.assertEqual(get_fees(), [0, 0, 0])
        for maker in makers:
            entries = self._get_entries(moves).filtered(
                lambda entry, maker=maker: entry.maker_id == maker
            )
            self.assertAlmostEqual(sum(entries.mapped("amount")), 0)
