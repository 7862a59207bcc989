from odoo.tests import tagged

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementBank(SettlementCommon):
    """Payouts and bank transactions find each other, whoever came first and however."""

    def _run_scheduler(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "marketplace_invoicing.ir_cron_process_marketplace_settlement"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _reconcile_by_hand(self, settlement, bank_line):
        """As the widget of core and of `account_reconcile_oca` do it."""
        _liquidity, suspense, _other = bank_line._seek_for_lines()
        payout = settlement._get_clearing_items("payout")
        suspense.write({"account_id": payout.account_id.id})
        (payout | suspense).reconcile()

    # === DAYS ===

    def test_transfer_is_looked_for_around_its_own_day(self):
        """The entry is of March 26, the month's last sale; the transfer left on March 8."""
        settlement = self._post(
            "statement 2024-03",
            [
                ("sale", "901", 93.5, 5),
                ("transfer", "", -93.5, 8),
                ("sale", "902", 40.0, 26),
                ("transfer", "", -40.0, 28),
            ],
            deposited_date=False,
        )
        self.assertEqual(str(settlement.move_ids.date), "2024-03-26")
        early = self._create_bank_line(93.5, "WEB SHOP", date="2024-03-11")
        self.assertTrue(early.is_reconciled)
        self.assertEqual(settlement.state, "posted")
        late = self._create_bank_line(40.0, "WEB SHOP", date="2024-03-30")
        self.assertTrue(late.is_reconciled)
        self.assertEqual(settlement.state, "banked")

    def test_two_transfers_of_one_amount_find_the_deposits_of_their_days(self):
        settlement = self._post(
            "statement 2024-03",
            [
                ("sale", "901", 80.0, 4),
                ("transfer", "", -40.0, 5),
                ("transfer", "", -40.0, 26),
            ],
            deposited_date=False,
        )
        for date in ("2024-03-07", "2024-03-28"):
            bank_line = self._create_bank_line(40.0, "WEB SHOP", date=date)
            self.assertTrue(bank_line.is_reconciled, date)
        self.assertEqual(settlement.state, "banked")

    # === BY OTHER MEANS ===

    def test_payout_reconciled_by_other_means_is_in_the_bank(self):
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        bank_line = self._create_bank_line(88.0, "A friend", date="2024-03-30")
        self.assertFalse(bank_line.is_reconciled)
        self._reconcile_by_hand(settlement, bank_line)
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": bank_line.id}]
        )
        settlement._get_clearing_items("payout").remove_move_reconcile()
        self.assertRecordValues(
            settlement, [{"state": "posted", "bank_line_id": False}]
        )

    def test_transaction_booked_on_the_clearing_account_before_the_payout_is_found(
        self,
    ):
        """Who closes a month before the payout's file comes books the deposit so."""
        bank_line = self._create_bank_line(88.0, "Web shop P1")
        _liquidity, suspense, _other = bank_line._seek_for_lines()
        suspense.write({"account_id": self.clearing.id})
        self.assertTrue(bank_line.is_reconciled)
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": bank_line.id}]
        )

    # === LATER ===

    def test_scheduler_finds_the_bank_transaction_that_nobody_looked_for(self):
        """Both were made at the same moment: neither transaction saw the other's."""
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        journal, self.channel.payout_journal_id = self.bank_journal, False
        bank_line = self._create_bank_line(88.0, "Web shop P1")
        self.channel.payout_journal_id = journal
        self.assertEqual(settlement.state, "posted")
        self._run_scheduler()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)

    def test_scheduler_posts_and_finds_the_deposit_in_one_run(self):
        bank_line = self._create_bank_line(88.0, "Web shop P1")
        settlement = self._create_settlement("P1", [("sale", "9", 88.0)], 88.0)
        self._run_scheduler()
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": bank_line.id}]
        )

    def test_match_that_somebody_undid_is_not_made_again_by_the_scheduler(self):
        settlement = self._post("P1", [("sale", "9", 88.0)], payout=88.0)
        self._create_bank_line(88.0, "Web shop P1")
        self.assertEqual(settlement.state, "banked")
        settlement.action_undo_deposit()
        self._run_scheduler()
        self.assertEqual(settlement.state, "posted")
        settlement.action_match()
        self.assertEqual(settlement.state, "banked")

    def test_scheduler_matches_the_order_that_came_while_its_payout_was_posted(self):
        [order] = self._import_orders(1)
        settlement = self._create_settlement("P1", [("sale", "1", 115.0)], 115.0)
        # The posting's snapshot has no such order yet.
        order.sudo().external_ref = "unseen"
        order.sudo().name = "unseen"
        settlement._post_entries()
        order.sudo().external_ref = "1"
        self.env.flush_all()
        self._run_scheduler()
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertEqual(order.state, "settled")

    def test_scheduler_matches_what_two_transactions_booked_for_one_order(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        settlement._get_clearing_items("order").remove_move_reconcile()
        # Nobody took them apart: they never met.
        order.sudo().is_clearing_undone = False
        order.sudo()._update_settled()
        self.assertEqual(order.state, "invoiced")
        self._run_scheduler()
        self.assertEqual(order.state, "settled")

    # === RESERVES ===

    def test_reserve_in_a_foreign_currency_leaves_nothing_open_when_released(self):
        """40 francs held at 2 (20.00), released at 4 (10.00): a loss of 10.00."""
        francs = self.setup_other_currency(
            "CHF", rates=[("2024-01-01", 2.0), ("2024-04-01", 4.0)]
        )
        self._post(
            "P1",
            [("sale", "8", 100.0), ("reserve", "", -40.0)],
            payout=60.0,
            currency=francs,
        )
        self.assertEqual(self._get_balance(self.reserve_account), 20.0)
        self._post(
            "P2",
            [
                ("sale", "9", 20.0, "2024-04-05"),
                ("reserve", "", 40.0, "2024-04-05", {"code": "Reserve release"}),
            ],
            payout=60.0,
            currency=francs,
            deposited_date="2024-04-06 12:00:00",
        )
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.reserve_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(self._get_balance(self.reserve_account), 0.0)
        self.assertTrue(all(items.mapped("reconciled")))
        self.assertEqual(
            self._get_balance(self.company.expense_currency_exchange_account_id), 10.0
        )

    def test_release_of_a_part_leaves_the_rest_open(self):
        self._post("P1", [("sale", "8", 100.0), ("reserve", "", -40.0)], payout=60.0)
        self._post("P2", [("reserve", "", 25.0, 20)], payout=25.0)
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.reserve_account.id),
                ("reconciled", "=", False),
            ]
        )
        self.assertEqual(items.mapped("amount_residual"), [15.0])
