from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .settlement_common import SettlementCommon

GROUPS = "account.group_account_manager,marketplace_invoicing.group_marketplace_user"


class TestWriteOff(SettlementCommon):
    """Cents that payouts leave open of an order of 115.00; the tolerance is 0.02."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(cls.env, "accountant", GROUPS)
        cls.rounding = cls.channel.rounding_account_id

    def _pay(self, amount, number=1, ref="P1"):
        [order] = self._import_orders(number)
        self._post(ref, [("sale", str(number), amount)], payout=amount)
        return order

    def _get_last_row(self, order):
        order.invalidate_recordset(["tie_out"])
        return order.tie_out[-1]["kind"], order.tie_out[-1]["total"]

    def test_cents_go_to_the_rounding_account_and_the_order_is_settled(self):
        order = self._pay(114.98)
        self.assertEqual((order.state, order.amount_to_write_off), ("invoiced", 0.02))
        order.with_user(self.accountant).action_write_off_difference()
        self.assertRecordValues(
            order.write_off_move_ids.line_ids.sorted("balance"),
            [
                {"account_id": self.clearing.id, "balance": -0.02, "reconciled": True},
                {"account_id": self.rounding.id, "balance": 0.02, "reconciled": False},
            ],
        )
        self.assertEqual(
            order.write_off_move_ids.date, fields.Date.to_date("2024-03-10")
        )
        self.assertEqual(order.state, "settled")
        self.assertEqual(
            (order.amount_to_write_off, order.amount_written_off), (0, 0.02)
        )
        self.assertEqual(self._get_last_row(order), ("tied", 0.0))

    def test_cents_too_many_are_income(self):
        order = self._pay(115.01)
        order.with_user(self.accountant).action_write_off_difference()
        self.assertEqual(self._get_balance(self.rounding), -0.01)
        self.assertEqual(self._get_last_row(order), ("tied", 0.0))

    def test_second_click_books_nothing(self):
        order = self._pay(114.98)
        order.with_user(self.accountant).action_write_off_difference()
        with self.assertRaises(UserError):
            order.with_user(self.accountant).action_write_off_difference()
        self.assertEqual(len(order.write_off_move_ids), 1)

    def test_more_than_the_tolerance_stays_open(self):
        order = self._pay(114.97)
        self.assertFalse(order.amount_to_write_off)
        with self.assertRaises(UserError):
            order.with_user(self.accountant).action_write_off_difference()
        self.channel.rounding_tolerance = 0.03
        order.with_user(self.accountant).action_write_off_difference()
        self.assertEqual(order.state, "settled")

    def test_order_that_no_payout_has_named_is_not_written_off(self):
        """Its whole amount is within the tolerance; the payout still comes."""
        self.channel.rounding_tolerance = 200.0
        [order] = self._import_orders(1)
        with self.assertRaises(UserError):
            order.with_user(self.accountant).action_write_off_difference()

    def test_nothing_is_written_off_by_itself(self):
        order = self._pay(114.98)
        order.sudo()._reconcile_clearing()
        self.assertFalse(order.write_off_move_ids)
        self.assertEqual(self._get_balance(self.rounding), 0.0)

    def test_only_accountants_write_off(self):
        order = self._pay(114.98)
        reviewer = new_test_user(
            self.env, "reviewer", "marketplace_invoicing.group_marketplace_reviewer"
        )
        for action in ("action_write_off_difference", "action_undo_write_off"):
            with self.assertRaises(AccessError):
                getattr(order.with_user(reviewer), action)()
        stranger = new_test_user(self.env, "stranger", "account.group_account_manager")
        with self.assertRaises(AccessError):
            order.with_user(stranger).action_write_off_difference()

    def test_nobody_ties_an_entry_to_an_order_as_its_write_off(self):
        order = self._pay(114.98)
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.accountant).create(
                {"move_type": "entry", "marketplace_write_off_order_id": order.id}
            )

    def test_undone_write_off_leaves_the_difference_open(self):
        order = self._pay(114.98)
        accountant = order.with_user(self.accountant)
        accountant.action_write_off_difference()
        accountant.action_undo_write_off()
        self.assertEqual(order.write_off_move_ids.state, "cancel")
        self.assertEqual((order.state, order.amount_to_write_off), ("invoiced", 0.02))
        self.assertEqual(self._get_last_row(order), ("difference", 0.02))
        accountant.action_write_off_difference()
        self.assertEqual(order.state, "settled")

    def test_write_off_of_a_closed_period_is_reversed_in_the_open_one(self):
        order = self._pay(114.98)
        accountant = order.with_user(self.accountant)
        accountant.action_write_off_difference()
        move = order.write_off_move_ids
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        accountant.action_undo_write_off()
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.reversal_move_ids.state, "posted")
        self.assertEqual((order.state, order.amount_to_write_off), ("invoiced", 0.02))
        self.assertEqual(self._get_balance(self.rounding), 0.0)

    def test_write_off_in_a_closed_period_is_of_the_first_open_day(self):
        order = self._pay(114.98)
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        order.with_user(self.accountant).action_write_off_difference()
        self.assertEqual(
            order.write_off_move_ids.date, fields.Date.to_date("2024-04-01")
        )

    def test_foreign_order_is_written_off_in_its_currency(self):
        """0.02 CHF at 2 CHF each: 0.01 in company currency."""
        francs = self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        [order] = self._import_orders(1, currency="CHF")
        self._post("P1", [("sale", "1", 114.98)], payout=114.98, currency=francs)
        self.assertEqual(order.amount_to_write_off, 0.02)
        order.with_user(self.accountant).action_write_off_difference()
        self.assertEqual(order.state, "settled")
        self.assertEqual(self._get_balance(self.rounding), 0.01)

    def test_several_orders_at_once_have_an_entry_each(self):
        orders = self._import_orders(1, 2, 3)
        lines = [("sale", "1", 114.98), ("sale", "2", 115.01), ("sale", "3", 115.0)]
        self._post("P1", lines, payout=344.99)
        orders.with_user(self.accountant).action_write_off_difference()
        self.assertEqual([len(o.write_off_move_ids) for o in orders], [1, 1, 0])
        self.assertEqual(set(orders.mapped("state")), {"settled"})
