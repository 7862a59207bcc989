from .settlement_common import SettlementCommon


class TestSettlementBooked(SettlementCommon):
    """The bank was booked on the clearing account before the payout's file came."""

    def _book(self, amount=97.0, text="Transfer 4711", date="2024-03-16"):
        """Return a bank transaction that the accountant booked on the clearing account."""
        bank_line = self._create_bank_line(amount, text, date=date)
        _liquidity, suspense, _other = bank_line._seek_for_lines()
        suspense.account_id = self.clearing
        return bank_line

    def _pay_out(self, ref="P1"):
        return self._post(ref, [("sale", "1", 100.0), ("fee", "", -3.0)], payout=97.0)

    def test_transaction_without_a_name_is_the_deposit_of_its_amount_and_days(self):
        bank_line = self._book()
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        settlement = self._pay_out()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)
        # Nothing but the unknown order is open.
        self.assertEqual(self._get_balance(self.clearing), -100.0)

    def test_channel_without_payout_journal_finds_it_too(self):
        self.channel.payout_journal_id = False
        self._book()
        self.assertEqual(self._pay_out().state, "banked")

    def test_transaction_booked_later_is_found_by_the_button(self):
        settlement = self._pay_out()
        self._book()
        self.assertEqual(settlement.state, "posted")
        settlement.action_match()
        self.assertEqual(settlement.state, "banked")

    def test_two_that_fit_and_one_of_another_week_are_left_to_a_person(self):
        self._book()
        self._book(text="Transfer 4712")
        self._book(date="2024-04-16")
        self.assertEqual(self._pay_out().state, "posted")

    def test_one_for_two_payouts_is_left_to_a_person(self):
        first = self._pay_out()
        second = self._pay_out("P2")
        self._book()
        (first | second).action_match()
        self.assertEqual((first | second).mapped("state"), ["posted", "posted"])

    def test_banked_payout_of_a_closed_month_is_reversed_and_in_the_bank_again(self):
        bank_line = self._book()
        settlement = self._pay_out()
        closed = self._get_open_items("2024-03-31")
        bank_items = [(x.account_id, x.balance) for x in bank_line.line_ids]
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        settlement.action_reverse()
        self.assertEqual(settlement.state, "ready")
        settlement.action_approve()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)
        self.assertEqual(
            bank_items, [(x.account_id, x.balance) for x in bank_line.line_ids]
        )
        self.assertEqual(self._get_balance(self.clearing, "2024-03-31"), -100.0)
        self.assertEqual(self._get_balance(self.clearing), -100.0)
        # The closed month is as it was, and today nothing but the order is open.
        self.assertEqual(self._get_open_items("2024-03-31"), closed)
        self.assertEqual(self._get_open_items("2024-12-31"), [("no_order", -100.0)])

    def test_twice_reversed_it_is_still_in_the_bank(self):
        bank_line = self._book()
        settlement = self._pay_out()
        for lock in ("2024-03-31", "2024-04-30"):
            self.company.sudo().fiscalyear_lock_date = lock
            settlement.action_reverse()
            settlement.action_approve()
            self.assertEqual(settlement.state, "banked", lock)
            self.assertEqual(settlement.bank_line_id, bank_line, lock)
        self.assertEqual(self._get_open_items("2024-12-31"), [("no_order", -100.0)])

    def test_match_of_a_reversed_payout_is_undone_and_made_again(self):
        bank_line = self._book()
        settlement = self._pay_out()
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        settlement.action_reverse()
        settlement.action_approve()
        settlement.action_undo_deposit()
        self.assertEqual(settlement.state, "posted")
        settlement.action_match()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)

    def _get_open_items(self, date):
        """Return reason and amount of what Clearing Control lists at the end of a day."""
        report = self.env["marketplace.clearing.report"].create(
            {"date": date, "company_id": self.company.id}
        )
        report._fill()
        self.assertEqual(report.amount_ledger, report.amount_explained)
        return sorted((line.reason, line.amount) for line in report.line_ids)
