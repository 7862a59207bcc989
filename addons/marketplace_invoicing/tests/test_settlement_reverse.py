from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .settlement_common import SettlementCommon

MONTH_ENDS = ("2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30")


@tagged("post_install", "-at_install")
class TestSettlementReverse(SettlementCommon):
    """What is in closed or secured books is taken back so that no month end is doubled."""

    def _get_report(self, date):
        report = self.env["marketplace.clearing.report"].create({"date": date})
        report._fill()
        self.assertAlmostEqual(report.amount_explained, report.amount_ledger)
        self.assertAlmostEqual(
            report.amount_ledger, self._get_balance(self.clearing, date)
        )
        return sorted((line.reason, line.name, line.amount) for line in report.line_ids)

    def _reverse_and_post(self, settlement, day="2024-06-10"):
        with freeze_time(day):
            settlement.action_reverse()
            settlement.action_approve()

    def _post_in_march(self, *args, **kwargs):
        with freeze_time("2024-03-20"):
            return self._post(*args, **kwargs)

    # === DATES ===

    def test_locked_month_is_reversed_and_booked_anew_on_the_first_open_day(self):
        settlement = self._post_in_march(
            "P1", [("sale", "900", 100.0), ("fee", "", -3.0)], payout=97.0
        )
        march = self._get_report("2024-03-31")
        self.company.fiscalyear_lock_date = "2024-03-31"
        self._reverse_and_post(settlement)
        self.assertEqual(settlement.state, "posted")
        old = settlement.move_ids.filtered("marketplace_is_reversed")
        new = settlement.move_ids - old
        first_open_day = fields.Date.to_date("2024-04-01")
        self.assertEqual(
            [old.reversal_move_ids.date, new.date], [first_open_day, first_open_day]
        )
        for date in MONTH_ENDS:
            with self.subTest(date=date):
                self.assertEqual(self._get_balance(self.fee_account, date), 3.0)
                self.assertEqual(self._get_balance(self.clearing, date), -3.0)
                self.assertEqual(self._get_report(date), march)

    def test_secured_entry_is_reversed_on_its_own_day(self):
        """A hash needs no lock: all three entries are of March 10."""
        self.channel.clearing_journal_id.restrict_mode_hash_table = True
        settlement = self._post_in_march(
            "P1", [("sale", "900", 100.0), ("fee", "", -3.0)], payout=97.0
        )
        self.assertTrue(settlement.move_ids.inalterable_hash)
        self._reverse_and_post(settlement)
        moves = settlement.move_ids | settlement.move_ids.reversal_move_ids
        self.assertEqual(len(moves), 3)
        self.assertEqual(set(moves.mapped("date")), {fields.Date.to_date("2024-03-10")})
        self.assertEqual(self._get_balance(self.fee_account, "2024-03-31"), 3.0)

    # === ITEMS ===

    def test_order_that_was_paid_in_the_closed_month_stays_so_there(self):
        """Every day before the reversal explains the balance as it did at that day."""
        [order] = self._import_orders(1)
        settlement = self._post_in_march(
            "P1", [("sale", "1", 115.0), ("fee", "", -3.0)], payout=112.0
        )
        days = ("2024-03-06", "2024-03-10", "2024-03-31")
        before = {day: self._get_report(day) for day in days}
        self.company.fiscalyear_lock_date = "2024-03-31"
        with freeze_time("2024-06-10"):
            settlement.action_reverse()
        self.assertEqual(order.state, "invoiced")
        # The payout's money is owed again, by the same 115.00.
        self.assertEqual(
            sum(order._get_open_clearing_items().mapped("amount_residual")), 115.0
        )
        with freeze_time("2024-06-11"):
            settlement.action_approve()
        self.assertEqual(order.state, "settled")
        self.assertFalse(order._get_open_clearing_items())
        for day, lines in before.items():
            with self.subTest(day=day):
                self.assertEqual(self._get_report(day), lines)
        self.assertEqual(
            self._get_report("2024-06-30"), [("no_bank", "Payout P1", 112.0)]
        )

    def test_order_is_never_matched_with_its_own_payout(self):
        settlement = self._post_in_march(
            "P1", [("sale", "900", 100.0), ("sale", "901", 97.0)], payout=197.0
        )
        self.company.fiscalyear_lock_date = "2024-03-31"
        with freeze_time("2024-06-10"):
            settlement.action_reverse()
        entry = settlement.move_ids
        for item in entry.line_ids:
            other = item.matched_debit_ids.debit_move_id
            other |= item.matched_credit_ids.credit_move_id
            self.assertEqual(other.move_id, entry.reversal_move_ids)
            self.assertEqual(other.balance, -item.balance)

    def test_balances_carried_on_are_matched_with_the_new_entry(self):
        first = self._post_in_march(
            "P1", [("sale", "900", 100.0)], payout=85.0, closing_balance=15.0
        )
        second = self._post_in_march(
            "P2", [("fee", "", -5.0, 12)], payout=10.0, opening_balance=15.0
        )
        self.assertTrue(second._get_clearing_items("opening").reconciled)
        self.company.fiscalyear_lock_date = "2024-03-31"
        self._reverse_and_post(first)
        closing = first._get_clearing_items("closing")
        self.assertTrue(closing.reconciled)
        self.assertEqual(
            closing.matched_credit_ids.credit_move_id,
            second._get_clearing_items("opening"),
        )

    # === BANK ===

    def test_banked_payout_of_a_closed_month_keeps_its_bank_transaction(self):
        """The bank's entry is of March and may not be touched."""
        with freeze_time("2024-03-20"):
            settlement = self._post("P1", [("sale", "900", 97.0)], payout=97.0)
            bank_line = self._create_bank_line(97.0, "Web shop P1")
        self.assertEqual(settlement.state, "banked")
        self.company.fiscalyear_lock_date = "2024-03-31"
        with freeze_time("2024-06-10"):
            settlement.action_reverse()
            self.assertEqual(settlement.state, "ready")
            settlement.action_approve()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(settlement.bank_line_id, bank_line)
        self.assertEqual(self._get_balance(self.clearing), -97.0 + 97.0 - 97.0)

    # === GUARDS ===

    def test_no_context_sent_over_rpc_undoes_one_entry(self):
        settlement = self._post(
            "P1",
            [("sale", "900", 100.0, "2024-02-20"), ("fee", "", -10.0, 12)],
            payout=90.0,
        )
        user = new_test_user(
            self.env,
            "settlement_accountant",
            groups="account.group_account_manager",
            company_id=self.company.id,
        )
        entry = settlement.move_ids.sorted("date")[0].with_user(user)
        forged = entry.with_context(marketplace_reverse_settlement=True)
        for method in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.assertRaisesRegex(UserError, "Reverse the settlement"):
                getattr(forged, method)()
        self.assertEqual(entry.state, "posted")

    def test_lines_of_a_payout_in_the_books_stay(self):
        settlement = self._post("P1", [("sale", "900", 100.0)], payout=100.0)
        manager = new_test_user(
            self.env,
            "settlement_manager",
            groups="marketplace_invoicing.group_marketplace_manager",
            company_id=self.company.id,
        )
        for lines in (settlement.line_ids.with_user(manager), settlement.line_ids):
            with self.assertRaisesRegex(UserError, "in the books"):
                lines.unlink()
        draft = self._create_settlement("P2", [("fee", "", -1.0)], -1.0, state="draft")
        with self.assertRaisesRegex(UserError, "whole settlement"):
            draft.line_ids.with_user(manager).unlink()
        draft.with_user(manager).unlink()
        self.assertFalse(draft.line_ids.exists())

    def test_foreign_entry_of_the_month_is_named_in_plain_words(self):
        settlement = self._create_settlement("P1", [("fee", "", -10.0)], -10.0)
        entry = (
            self.env["account.move"]
            .sudo()
            .create(
                {
                    "move_type": "entry",
                    "ref": "Made by somebody",
                    "date": "2024-03-16",
                    "marketplace_settlement_id": settlement.id,
                    "marketplace_settlement_month": "2024-03-01",
                }
            )
        )
        self.env.flush_all()
        settlement._process()
        self.assertEqual(settlement.state, "exception")
        message = settlement.issue_ids.message
        self.assertIn("Made by somebody", message)
        self.assertNotIn("UniqueViolation", message)
        entry.unlink()
        settlement.action_process()
        self.assertEqual(settlement.state, "posted")

    # === CLEARING ACCOUNT ===

    def _create_clearing_account(self):
        return self.env["account.account"].create(
            {
                "name": "Another clearing account",
                "code": "109911",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )

    def test_clearing_account_with_open_items_is_not_left(self):
        settlement = self._post("P1", [("sale", "900", 100.0)], payout=100.0)
        account = self._create_clearing_account()
        with self.assertRaisesRegex(ValidationError, "still has open items"):
            self.channel.clearing_account_id = account
        with self.assertRaisesRegex(ValidationError, "still has open items"):
            self.channel.clearing_account_id = False
        self.channel.write({"clearing_account_id": self.clearing.id, "name": "Shop"})
        settlement.action_reverse()
        self.channel.clearing_account_id = account
        self.assertEqual(self.channel.clearing_account_id, account)

    def test_items_of_a_shared_account_say_whose_they_are(self):
        other = self._create_channel("Second shop", "woocommerce")
        other.clearing_account_id = self.clearing
        self._post("P1", [("sale", "900", 100.0)], payout=100.0)
        self._post("P2", [("sale", "901", 50.0)], payout=50.0, channel=other)
        report = self.env["marketplace.clearing.report"].create({"date": "2024-03-31"})
        report._fill()
        whose = {line.name: line.channel_id for line in report.line_ids}
        self.assertEqual(
            whose,
            {
                "900": self.channel,
                "Payout P1": self.channel,
                "901": other,
                "Payout P2": other,
            },
        )
        # The other shop's items hold nobody else.
        self.env["marketplace.settlement"].search(
            [("name", "=", "P1")]
        ).action_reverse()
        self.channel.clearing_account_id = self._create_clearing_account()
        self.assertNotEqual(self.channel.clearing_account_id, self.clearing)
