from .settlement_common import SettlementCommon


class TestSettlementMatch(SettlementCommon):
    """Who finds whom: orders, credit notes, bank transactions."""

    # === ORDERS ===

    def test_order_that_comes_later_is_paid_by_the_payout_that_was_first(self):
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        [item] = settlement._get_clearing_items("order")
        self.assertFalse(item.reconciled)
        self.assertEqual(item.name, "1")
        [order] = self._import_orders(1)
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertTrue(item.reconciled)
        self.assertEqual(order.state, "settled", order.issue_ids.mapped("message"))
        self.assertTrue(order.invoiced_date)

    def test_order_cleared_later_is_paid_then(self):
        order = self._import_one(date_paid_gmt=None)
        self.channel.invoice_trigger = "order"
        order.sudo()._process()
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertEqual(order.state, "invoiced")
        self._import([self._woo_order(1, date_modified_gmt="2024-03-07T10:00:00")])
        self.assertEqual(order.state, "settled")

    def test_order_number_serves_where_the_reference_does_not(self):
        order = self._import_one(number=1001)
        order.sudo().name = "#1001"
        settlement = self._post("P1", [("sale", "#1001", 115.0)], payout=115.0)
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertEqual(order.state, "settled")

    def test_order_number_of_two_orders_is_left_open(self):
        self._import_orders(1, 2).sudo().name = "#7"
        settlement = self._post("P1", [("sale", "#7", 115.0)], payout=115.0)
        self.assertFalse(settlement.line_ids.order_id)

    def test_orders_of_another_channel_are_not_taken(self):
        self._import_orders(1)
        other = self._create_channel("Other shop", "woocommerce")
        settlement = self._post(
            "P1", [("sale", "1", 115.0)], payout=115.0, channel=other
        )
        self.assertFalse(settlement.line_ids.order_id)

    def test_part_of_an_order_leaves_it_open_until_the_rest_comes(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 100.0)], payout=100.0)
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order._get_open_clearing_items().amount_residual, 15.0)
        self._post("P2", [("sale", "1", 15.0, 20)], payout=15.0)
        self.assertEqual(order.state, "settled")

    def test_refund_that_has_no_credit_note_opens_a_settled_order_again(self):
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.assertEqual(order.state, "settled")
        # A person has not approved the credit note yet.
        self.channel.review_mode = "review"
        self._post("P2", [("refund", "1", -20.0, 20)], payout=-20.0)
        self.assertEqual(order.state, "invoiced")
        self.assertFalse(order.settled_date)

    # === BANK ===

    def test_deposit_named_by_its_reference_is_matched_as_it_is_imported(self):
        settlement = self._post("P-4711", [("sale", "9", 88.0)], payout=88.0)
        bank_line = self._create_bank_line(88.0, "SHOP PAYOUT P-4711/EUR")
        self.assertTrue(bank_line.is_reconciled)
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)
        self.assertTrue(settlement._get_clearing_items("payout").reconciled)

    def test_bank_statement_may_come_first(self):
        bank_line = self._create_bank_line(88.0, "trace 00-77")
        settlement = self._post(
            "P1", [("sale", "9", 88.0)], payout=88.0, bank_ref="00-77"
        )
        self.assertTrue(bank_line.is_reconciled)
        self.assertEqual(settlement.state, "banked")

    def test_without_reference_name_amount_and_days_are_enough_if_unambiguous(self):
        self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        unnamed = self._create_bank_line(88.0, "Transfer of a friend")
        self.assertFalse(unnamed.is_reconciled)
        early = self._create_bank_line(88.0, "Web shop", date="2024-03-07")
        self.assertFalse(early.is_reconciled)
        wrong = self._create_bank_line(88.01, "Web shop P1")
        self.assertFalse(wrong.is_reconciled)
        named = self._create_bank_line(88.0, "Web shop", date="2024-03-22")
        self.assertTrue(named.is_reconciled)

    def test_two_deposits_of_one_amount_wait_for_a_person(self):
        bank_lines = self._create_bank_line(88.0, "Web shop")
        bank_lines |= self._create_bank_line(88.0, "Web shop", date="2024-03-16")
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        self.assertEqual(bank_lines.mapped("is_reconciled"), [False, False])
        bank_lines[0].payment_ref = "Web shop P1"
        settlement.action_match()
        self.assertEqual(bank_lines.mapped("is_reconciled"), [True, False])

    def test_reference_is_a_word_not_a_piece_of_one(self):
        self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        bank_line = self._create_bank_line(88.0, "invoice P10")
        self.assertFalse(bank_line.is_reconciled)

    def test_each_transfer_of_a_period_finds_its_own_deposit(self):
        lines = [
            ("sale", "9", 90.0),
            ("transfer", "", -60.0, 11),
            ("transfer", "", -30.0, 12),
        ]
        settlement = self._post("statement-3", lines)
        self._create_bank_line(60.0, "Web shop", date="2024-03-12")
        self.assertEqual(settlement.state, "posted")
        self._create_bank_line(30.0, "Web shop", date="2024-03-13")
        self.assertEqual(settlement.state, "banked")

    def test_payout_the_seller_owes_is_matched_with_the_debit(self):
        settlement = self._post("P1", [("fee", "", -29.0)], payout=-29.0)
        self._create_bank_line(-29.0, "Fees P1")
        self.assertEqual(settlement.state, "banked")

    def test_undone_on_either_side_it_is_open_again(self):
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        bank_line = self._create_bank_line(88.0, "P1")
        for undo in (
            settlement.action_undo_deposit,
            bank_line.action_undo_reconciliation,
        ):
            undo()
            self.assertEqual(settlement.state, "posted")
            self.assertFalse(settlement.bank_line_id)
            self.assertFalse(bank_line.is_reconciled)
            settlement.action_match()
            self.assertEqual(settlement.state, "banked")
        bank_line.unlink()
        self.assertEqual(settlement.state, "posted")

    def test_foreign_payout_arrives_at_another_rate_and_core_books_the_difference(self):
        francs = self.setup_other_currency(
            "CHF", rates=[("2024-01-01", 2.0), ("2024-03-15", 4.0)]
        )
        journal = self.bank_journal.copy({"currency_id": francs.id})
        self.channel.payout_journal_id = journal
        settlement = self._post(
            "P1", [("sale", "9", 100.0)], payout=100.0, currency=francs
        )
        payout = settlement._get_clearing_items("payout")
        self.assertEqual(payout.balance, 50.0)
        bank_line = self._create_bank_line(100.0, "P1", journal_id=journal.id)
        self.assertTrue(bank_line.is_reconciled)
        self.assertEqual(settlement.state, "banked")
        exchange = payout.matched_credit_ids.exchange_move_id
        self.assertEqual(exchange.amount_total_signed, 25.0)

    # === MANY ===

    def test_queries_do_not_grow_with_lines(self):
        """What 40 orders need is enough for 330, but for batches of rows in SQL."""
        counts = []
        for start, number in ((1, 40), (1001, 330)):
            orders = self._import_orders(*range(start, start + number))
            settlement = self._create_settlement(
                f"P{start}",
                [
                    line
                    for order in orders
                    for line in (
                        ("sale", order.external_ref, 115.0),
                        ("fee", order.external_ref, -10.0),
                        ("tax_withheld", order.external_ref, -5.0),
                    )
                ],
                payout=100.0 * number,
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            settlement._post_entries()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(settlement.state, "posted")
            self.assertTrue(all(settlement.line_ids.mapped("entry_line_id")))
        small, large = counts
        # 290 orders more: each batch of 100 rows is one statement more.
        self.assertLess(large - small, 120, counts)
