from odoo import fields

from .common import MarketplaceCommon


class TestPayment(MarketplaceCommon):
    """Who holds the money decides whether the invoice shows paid."""

    def test_paid_orders_of_one_day_are_cleared_by_one_entry(self):
        record = self._import(
            [
                self._woo_order(1),
                self._woo_order(2, lines=[("SPOON", 2, "40.00", "6.00")]),
                self._woo_order(3, date_paid_gmt="2024-03-08T09:00:00"),
            ]
        )
        orders = record.order_ids.sorted("external_ref")
        self.assertEqual(set(orders.invoice_id.mapped("payment_state")), {"paid"})
        self.assertEqual(len(orders.clearing_move_id), 2)
        self.assertEqual(orders[0].clearing_move_id, orders[1].clearing_move_id)
        self.assertRecordValues(
            orders[:1].clearing_move_id.line_ids.filtered("debit").sorted("name"),
            [
                {
                    "name": "1",
                    "debit": 115.0,
                    "account_id": self.channel.clearing_account_id.id,
                },
                {
                    "name": "2",
                    "debit": 46.0,
                    "account_id": self.channel.clearing_account_id.id,
                },
            ],
        )
        self.assertEqual(
            orders.clearing_move_id.mapped("date"),
            [fields.Date.to_date("2024-03-06"), fields.Date.to_date("2024-03-08")],
        )

    def test_each_receivable_is_matched_with_its_own_line(self):
        orders = self._import([self._woo_order(number) for number in (1, 2)]).order_ids
        for order in orders:
            receivable = order.invoice_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            counterpart = receivable.matched_credit_ids.credit_move_id
            self.assertEqual(counterpart.name, order.external_ref)
            self.assertFalse(receivable.amount_residual)

    def test_bank_transfer_stays_an_open_receivable(self):
        self.channel.invoice_trigger = "order"
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.paid_through_channel, "no")
        self.assertEqual(order.invoice_id.payment_state, "not_paid")
        self.assertFalse(order.clearing_move_id)

    def test_unpaid_order_waits_for_the_payment(self):
        order = self._import_one(payment_method="stripe", date_paid_gmt=None)
        self.assertEqual((order.state, order.is_due), ("ordered", False))
        self._import([self._woo_order(1, date_modified_gmt="2024-03-07T10:00:00")])
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.payment_state, "paid")

    def test_credit_note_taken_off_before_the_payment_does_not_keep_it_away(self):
        """An accountant deducts 23.00 and takes that back; then the marketplace is paid."""
        self.channel.invoice_trigger = "order"
        order = self._import_one(payment_method="stripe", date_paid_gmt=None)
        invoice = order.invoice_id
        self.assertEqual((order.state, invoice.amount_residual), ("invoiced", 115.0))
        credit_note = invoice._reverse_moves([{"date": "2024-03-06"}])
        credit_note.invoice_line_ids.price_unit = 20.0
        credit_note.action_post()
        receivable = order._get_receivable_line()
        deducted = credit_note.line_ids.filtered(
            lambda line: line.account_id == receivable.account_id
        )
        (receivable | deducted).reconcile()
        self.assertEqual(invoice.amount_residual, 92.0)
        deducted.remove_move_reconcile()
        self.assertFalse(order.is_invoice_undone)
        self._import(
            [
                self._woo_order(
                    1, payment_method="stripe", date_modified_gmt="2024-03-07T10:00:00"
                )
            ]
        )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(order.clearing_move_id.state, "posted")

    def test_without_clearing_account_the_invoice_stays_open(self):
        self.channel.clearing_account_id = False
        order = self._import_one()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.payment_state, "not_paid")

    def test_free_order_is_invoiced_without_a_payment(self):
        order = self._import_one(lines=[("BOWL", 1, "0.00", "0.00")])
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertFalse(order.clearing_move_id)
        self.assertEqual(order.invoice_id.payment_state, "paid")

    def test_foreign_currency_is_cleared_to_the_cent(self):
        """10.00 and 0.99 in a currency of rate 3: core's own conversion on both sides."""
        gold = self.setup_other_currency("CHF", rates=[("2024-01-01", 3.0)])
        orders = self._import(
            [
                self._woo_order(
                    1, currency="CHF", lines=[("BOWL", 1, "10.00", "1.50")]
                ),
                self._woo_order(2, currency="CHF", lines=[("BOWL", 1, "0.86", "0.13")]),
            ]
        ).order_ids.sorted("external_ref")
        self.assertEqual(
            orders.mapped("state"), ["invoiced"] * 2, orders.issue_ids.mapped("message")
        )
        self.assertRecordValues(
            orders.invoice_id.sorted("ref"),
            [
                {"currency_id": gold.id, "amount_total": 11.5, "payment_state": "paid"},
                {"currency_id": gold.id, "amount_total": 0.99, "payment_state": "paid"},
            ],
        )
        clearing = orders.clearing_move_id.line_ids.filtered("debit").sorted("name")
        self.assertRecordValues(
            clearing,
            [
                {"amount_currency": 11.5, "debit": 3.83},
                {"amount_currency": 0.99, "debit": 0.33},
            ],
        )
        self.assertEqual(orders.sale_order_id.currency_id, gold)

    def test_rate_change_between_order_and_payment_is_left_to_core(self):
        self.setup_other_currency(
            "CHF", rates=[("2024-01-01", 2.0), ("2024-03-06", 4.0)]
        )
        order = self._import_one(currency="CHF")
        self.assertEqual(order.invoice_id.payment_state, "paid")
        # 115 CHF at 2 is 57.50 on the invoice, at 4 it is 28.75 when the buyer paid.
        self.assertAlmostEqual(order.invoice_id.amount_total_signed, 57.5)
        self.assertAlmostEqual(
            order.clearing_move_id.line_ids.filtered("debit").debit, 28.75
        )
