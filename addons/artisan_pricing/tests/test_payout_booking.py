from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestPayoutBooking(PayoutCommon):
    def test_invoice_says_what_it_brings_the_maker(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1))
        self._claim(order)
        invoice = self._invoice(order)
        reward = str(order.order_line.reward_id.id)
        self.assertEqual(
            self._get_rows(invoice),
            [
                ("sale", "", 100, 0),
                ("discount", reward, -5, -5),
                ("commission", "sales", -14.25, 0),
            ],
        )
        self.assertRecordValues(
            self._get_entries(invoice).sorted("id")[-1],
            [
                {
                    "maker_id": self.maker.id,
                    "document": invoice.name,
                    "order_ref": order.name,
                    "name": "Commission",
                    "rate": "15 %",
                    "date": invoice.date,
                    "statement_id": False,
                }
            ],
        )

    def test_products_of_no_maker_bring_no_maker_anything(self):
        invoice = self._invoice(self._create_order((self.product, 1)))
        self.assertFalse(self._get_entries(invoice))

    def test_invoices_of_an_order_in_parts_sum_to_the_order(self):
        self._create_promotion(maker_percent=50, discount=7)
        self.d.list_price = 33.33
        self.company.artisan_commission_scheme_id = self._create_scheme(
            {"value": 12.5}, {"code": "fee", "kind": "fixed", "value": 1}
        )
        whole = self._create_order((self.d, 3), (self.e, 1))
        parts = self._create_order((self.d, 3), (self.e, 1))
        for order in whole | parts:
            self._claim(order)
        first = self._invoice(parts, D=1)
        second = self._invoice(parts, D=1, E=1)
        third = self._invoice(parts)
        self.assertEqual(
            self._get_owed(first, second, third), self._get_owed(self._invoice(whole))
        )

    def test_reward_that_is_edited_between_invoices_is_borne_once(self):
        """Makers bear 10 on each line, though the reward is for D alone by now."""
        program = self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        invoices = self._invoice(order, D=0, E=1)
        program.reward_ids.write(
            {
                "discount_applicability": "specific",
                "discount_product_ids": [Command.set(self.d.ids)],
            }
        )
        invoices |= self._invoice(order, date="2026-08-12")
        self.assertEqual(order.invoice_status, "invoiced")
        # 90 less 15 % of it
        self.assertEqual(self._get_owed(*invoices), {self.d: 76.5, self.e: 76.5})

    def test_program_that_becomes_a_makers_between_invoices_is_borne_once(self):
        program = self._create_promotion(maker_percent=0)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        invoices = self._invoice(order, D=0, E=1)
        program.maker_id = self.maker
        invoices |= self._invoice(order, date="2026-08-12")
        entries = self._get_entries(invoices).filtered(
            lambda entry: entry.kind == "discount"
        )
        self.assertEqual(sum(entries.mapped("amount")), 0)
        self.assertEqual(sum(entries.mapped("platform_amount")), -20)

    def test_reward_computed_anew_is_for_what_it_is_for_now(self):
        program = self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        order.action_confirm()
        program.reward_ids.write(
            {
                "discount_applicability": "specific",
                "discount_product_ids": [Command.set(self.d.ids)],
            }
        )
        nets = {
            key.name: float(each.net) for key, each in self._get_sold(order).items()
        }
        self.assertEqual(nets, {"D": 90, "E": 90})
        order._update_programs_and_rewards()
        nets = {
            key.name: float(each.net) for key, each in self._get_sold(order).items()
        }
        self.assertEqual(nets, {"D": 90, "E": 100})

    def test_full_credit_note_returns_every_figure_to_zero(self):
        self._create_promotion(maker_percent=30, discount=7)
        order = self._create_order((self.d, 3), (self.e, 1))
        self._claim(order)
        invoice = self._invoice(order)
        self.company.artisan_commission_scheme_id = self._create_scheme({"value": 50})
        refund = self._reverse(invoice)
        for code in ("", "sales", str(order.order_line.reward_id.id)):
            entries = self._get_entries(invoice | refund).filtered(
                lambda entry, code=code: (entry.code or "") == code
            )
            self.assertEqual(len(entries), 4)
            self.assertFalse(
                self.company.currency_id.round(sum(entries.mapped("amount")))
            )
        self.assertEqual(self._get_platform(invoice, refund), 0)
        self.assertEqual(
            set(self._get_entries(refund).mapped("kind")),
            {"refund", "discount", "commission"},
        )

    def test_credit_notes_in_parts_reverse_at_the_rate_of_the_sale(self):
        order = self._create_order((self.candle, 3, {"price_unit": 33.33}))
        invoice = self._invoice(order)
        before = self._get_owed(invoice)
        self.scheme.part_ids.value = 40
        refunds = [self._reverse(invoice, Candle=quantity) for quantity in (1, 1, 1)]
        self.assertEqual(self._get_owed(invoice, *refunds), {self.candle: 0})
        self.assertEqual(before, {self.candle: 84.99})
        commission = refunds[-1].artisan_entry_ids.filtered("rate")
        self.assertEqual(commission.rate, "15 %")

    def test_credit_of_a_part_of_the_price_takes_that_part_back(self):
        invoice = self._invoice(self._create_order((self.candle, 1)))
        refund = self._reverse(invoice, post=False)
        refund.invoice_line_ids.price_unit = 10
        refund.action_post()
        self.assertEqual(self._get_owed(refund), {self.candle: -8.5})
        rest = self._reverse(invoice, post=False)
        rest.invoice_line_ids.price_unit = 30
        rest.action_post()
        self.assertEqual(self._get_owed(invoice, refund, rest), {self.candle: 0})

    def test_credit_of_more_than_was_sold_is_the_platforms_and_noted(self):
        invoice = self._invoice(self._create_order((self.candle, 2)))
        self._reverse(invoice)
        again = self._reverse(invoice, Candle=1)
        self.assertEqual(self._get_rows(again), [("refund", "excess", 0, -40)])
        self.assertEqual(self._get_platform(again), -40)
        self.assertIn("more is credited", again.activity_ids.note)
        self.assertEqual(again.state, "posted")

    def test_credit_note_of_nothing_mirrors_todays_scheme(self):
        refund = self._create_direct_invoice(
            (self.candle, 1, 40), move_type="out_refund"
        )
        self.assertEqual(self._get_owed(refund), {self.candle: -34})
        self.assertEqual(
            self._get_rows(refund),
            [("refund", "", -40, 0), ("commission", "sales", 6, 0)],
        )

    def test_return_on_an_order_takes_back_what_was_booked(self):
        order = self._create_order((self.candle, 2))
        self._invoice(order)
        self.scheme.part_ids.value = 50
        order.action_unlock()
        order.order_line.product_uom_qty = 1
        refund = self._invoice(order)
        self.assertEqual(refund.move_type, "out_refund")
        self.assertFalse(refund.reversed_entry_id)
        self.assertEqual(self._get_owed(refund), {self.candle: -34})
        order.order_line.product_uom_qty = 2
        self.assertEqual(self._get_owed(self._invoice(order)), {self.candle: 20})

    def test_price_changed_on_the_invoice_is_what_was_sold(self):
        order = self._create_order((self.candle, 2))
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.price_unit = 30
        invoice.action_post()
        self.assertEqual(self._get_owed(invoice), {self.candle: 51})

    def test_more_than_was_ordered_is_sold_by_the_invoice(self):
        order = self._create_order((self.candle, 2))
        invoice = self._invoice(order, Candle=3)
        self.assertEqual(self._get_owed(invoice), {self.candle: 102})

    def test_free_product_is_given_by_who_pays_for_it(self):
        for percent, owed in ((100, 34), (0, 68)):
            with self.subTest(maker_percent=percent):
                self.env["loyalty.program"].search([]).active = False
                self._create_promotion(
                    reward_type="product",
                    reward_product_id=self.candle.id,
                    reward_product_qty=1,
                    maker_percent=percent,
                )
                order = self._create_order((self.candle, 1))
                self._claim(order)
                invoice = self._invoice(order)
                self.assertEqual(self._get_owed(invoice), {self.candle: owed})
                refund = self._reverse(invoice)
                self.assertEqual(self._get_owed(invoice, refund), {self.candle: 0})

    def test_credit_note_charges_who_made_it_when_it_was_sold(self):
        first = self._invoice(self._create_order((self.candle, 1)))
        second = self._invoice(self._create_order((self.candle, 1)))
        self.candle.maker_id = self.other_maker
        refunds = self._reverse(first)
        self.candle.maker_id = False
        refunds |= self._reverse(second)
        self.assertEqual(self._get_entries(refunds).maker_id, self.maker)
        self.assertEqual(self._get_owed(first, second, *refunds), {self.candle: 0})

    def test_goods_that_leave_the_maker_after_the_order_bring_what_was_sold(self):
        """A maker who was paid for nothing that was ordered before: not booked, not told."""
        order = self._create_order((self.candle, 2), (self.product, 1))
        first = self._invoice(order, Candle=1)
        self.candle.maker_id = False
        second = self._invoice(order)
        self.assertEqual(self._get_owed(first, second), {self.candle: 68})
        first.button_draft()
        first.action_post()
        refund = self._reverse(second)
        self.assertEqual(self._get_owed(first, second), {self.candle: 68})
        self.assertEqual(self._get_owed(refund), {self.candle: -34})
        self.assertEqual(
            self._get_entries(first | second | refund).maker_id, self.maker
        )

    def test_order_from_before_its_maker_left_is_booked_by_hand(self):
        order = self._create_order((self.candle, 1))
        invoice = self._invoice(order, post=False)
        invoice.state = "posted"  # as if booking had failed
        self.candle.maker_id = False
        for makers in (self.maker, self.other_maker):
            wizard = self.env["artisan.payout.book"].create(
                {"date_from": "2026-08-01", "maker_ids": makers.ids}
            )
            is_found = invoice in self.env["account.move"].search(wizard._get_domain())
            self.assertEqual(is_found, makers == self.maker)
        reconciliation = self.env["artisan.reconciliation"].create(
            {"date_from": "2026-08-01", "date_to": "2026-08-31"}
        )
        self.assertEqual(reconciliation.not_booked_count, 1)
        wizard.maker_ids = False
        wizard.action_book()
        self.assertEqual(self._get_owed(invoice), {self.candle: 34})

    def test_reset_to_draft_takes_back_and_confirming_books_anew(self):
        invoice = self._create_direct_invoice((self.candle, 1, 40))
        invoice.button_draft()
        self.assertFalse(self._get_entries(invoice))
        invoice.invoice_line_ids.price_unit = 100
        invoice.action_post()
        self.assertEqual(self._get_owed(invoice), {self.candle: 85})

    def test_booking_twice_books_once(self):
        invoice = self._create_direct_invoice((self.candle, 1, 40))
        invoice._book_payouts()
        self.assertEqual(len(self._get_entries(invoice)), 2)

    def test_second_worker_cannot_book_the_same_line(self):
        entry = self._get_entries(self._create_direct_invoice((self.candle, 1, 40)))[0]
        vals = entry.copy_data()[0]
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            entry.sudo().create(vals)

    def test_what_cannot_be_booked_is_confirmed_noted_and_booked_later(self):
        euro = self.env["res.currency"].create({"name": "EUX", "symbol": "X"})
        self.maker.commission_scheme_id = self._create_scheme(
            {"value": 15}, currency_id=euro.id
        )
        moves = self._create_direct_invoice((self.candle, 1, 40)).browse()
        moves |= self._create_direct_invoice((self.e, 1, 40))
        bad = self._create_direct_invoice((self.candle, 1, 40))
        moves |= bad
        self.assertEqual(moves.mapped("state"), ["posted", "posted"])
        self.assertIn("EUX has no rate", bad.artisan_booking_note)
        self.assertEqual(len(bad.activity_ids), 1)
        self.assertFalse(self._get_entries(bad))
        moves.button_draft()
        self.assertFalse(bad.activity_ids)
        moves._post()
        self.assertEqual(self._get_owed(*moves), {self.e: 34})
        self.maker.commission_scheme_id = self.scheme
        bad.action_book_payouts()
        self.assertFalse(bad.artisan_booking_note)
        self.assertFalse(bad.activity_ids)
        self.assertEqual(self._get_owed(bad), {self.candle: 34})

    def test_credit_note_of_an_invoice_that_is_not_booked_waits_for_it(self):
        self.candle.maker_id = False
        invoice = self._create_direct_invoice((self.candle, 1, 40))
        self.candle.maker_id = self.maker
        refund = self._reverse(invoice)
        self.assertIn("book it first", refund.artisan_booking_note)
        (refund | invoice)._book_payouts()
        self.assertEqual(self._get_owed(invoice, refund), {self.candle: 0})

    def test_accountant_without_sales_confirms_invoices_of_makers(self):
        user = new_test_user(
            self.env,
            "biller",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1))
        self._claim(order)
        invoice = self._invoice(order, post=False)
        invoice.with_user(user).action_post()
        self.assertEqual(self._get_owed(invoice), {self.d: 80.75})

    def test_parts_of_a_bundle_go_to_their_makers(self):
        combos = self.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for product in self.d | self.e
            ]
        )
        bundle = self._create_craft(
            "Bundle", 150, type="combo", combo_ids=[Command.set(combos.ids)]
        )
        order = self._create_order((bundle, 1))
        order.order_line = [
            Command.create(
                self._line_vals(
                    combo.combo_item_ids.product_id,
                    1,
                    {
                        "combo_item_id": combo.combo_item_ids.id,
                        "linked_line_id": order.order_line[0].id,
                    },
                )
            )
            for combo in combos
        ]
        invoice = self._invoice(order)
        self.assertEqual(self._get_owed(invoice), {self.d: 63.75, self.e: 63.75})

    def test_queries_do_not_grow_with_lines_or_invoices(self):
        counts = []
        for times in (2, 20):
            order = self._create_order(*[(self.d, 1), (self.e, 1)] * times)
            invoice = self._invoice(order, post=False)
            invoice |= self._invoice(self._create_order((self.d, 1)), post=False)
            invoice.state = "posted"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            invoice._book_payouts()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertTrue(self._get_entries(invoice))
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_confirming_costs_no_query_where_no_maker_sells(self):
        invoice = self._invoice(self._create_order((self.product, 1)), post=False)
        invoice.action_post()
        with self.assertQueryCount(0):
            invoice._book_payouts()

    def test_invoice_booked_anew_after_its_refund_leaves_nothing_owed(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 2))
        self._claim(order)
        invoice = self._invoice(order)
        refund = self._reverse(invoice)
        self.assertEqual(self._get_owed(invoice, refund), {self.d: 0})
        invoice.button_draft()
        invoice.action_post()
        self.assertEqual(self._get_owed(invoice, refund), {self.d: 0})
        self.assertEqual(self._get_platform(invoice, refund), 0)
