from odoo.tests import new_test_user

from .settlement_common import SettlementCommon


class TestSettlementUndone(SettlementCommon):
    """What a person takes apart is open again everywhere, and may be matched again."""

    def _get_open_items(self, date="2024-03-20"):
        report = self.env["marketplace.clearing.report"].create({"date": date})
        report._fill()
        return sorted(
            (line.reason, line.name, line.amount)
            for line in report.line_ids
            if line.order_id
        )

    def _get_order_items(self, settlement):
        return settlement._get_clearing_items("order")

    def test_order_taken_apart_from_its_payout_is_open_until_it_is_matched_again(self):
        orders = self._import_orders(1, 2)
        settlement = self._post(
            "P1", [("sale", "1", 115.0), ("sale", "2", 115.0)], payout=230.0
        )
        self.assertEqual(orders.mapped("state"), ["settled", "settled"])
        item = self._get_order_items(settlement).filtered(lambda item: item.name == "1")
        item.remove_move_reconcile()
        self.assertEqual(orders.mapped("state"), ["invoiced", "settled"])
        self.assertEqual(orders.mapped(lambda o: bool(o.settled_date)), [False, True])
        self.assertEqual(
            self._get_open_items(),
            [("unmatched", "1", -115.0), ("unmatched", "1", 115.0)],
        )
        self.env["marketplace.settlement"].sudo()._match_again()
        self.assertEqual(orders[0].state, "invoiced", "the scheduler leaves it so")
        settlement.action_match()
        self.assertEqual(orders.mapped("state"), ["settled", "settled"])
        self.assertFalse(self._get_open_items())

    def test_accountant_who_knows_no_payouts_takes_apart_and_matches(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        user = new_test_user(
            self.env, "bookkeeper", groups="account.group_account_user"
        )
        item = self._get_order_items(settlement)
        paid = item._get_matched_items()
        item.with_user(user).remove_move_reconcile()
        self.assertEqual(order.state, "invoiced")
        (item | paid).with_user(user).reconcile()
        self.assertEqual(order.state, "settled")

    def _get_paid_item(self, order):
        """Return the receivable of the order's clearing entry."""
        return order.clearing_move_id.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )

    def test_order_is_not_settled_while_its_invoice_is_open(self):
        """A person takes the invoice off its payment; nobody but a person matches them."""
        orders = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.assertEqual(orders.state, "settled")
        paid = self._get_paid_item(orders)
        paid.remove_move_reconcile()
        self.assertEqual(orders.invoice_id.payment_state, "not_paid")
        self.assertEqual(orders.state, "invoiced")
        self.assertFalse(orders.settled_date)
        self.assertFalse(self._get_open_items(), "the payout's match stays")
        domain = orders._to_process_domain()
        self.assertFalse(orders.filtered_domain(domain), "the scheduler leaves it so")
        orders.sudo()._process()
        settlement.action_match()
        self.assertEqual(orders.state, "invoiced")
        self.assertEqual(orders.invoice_id.amount_residual, 115.0)
        (paid | orders._get_receivable_line()).reconcile()
        self.assertEqual(orders.state, "settled")
        self.assertTrue(orders.settled_date)

    def test_open_invoice_stays_apart_through_reversal_of_its_payout(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        paid = self._get_paid_item(order)
        paid.remove_move_reconcile()
        settlement.action_reverse()
        self.assertEqual(order.state, "invoiced")
        settlement.action_approve()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(order.state, "invoiced")
        self.assertFalse(order._get_open_clearing_items())
        (paid | order._get_receivable_line()).reconcile()
        self.assertEqual(order.state, "settled")

    def test_invoice_taken_apart_before_its_payout_waits_for_no_match_of_payouts(self):
        """The order was not paid out yet: only its invoice is open, the payout pays it."""
        [order] = self._import_orders(1)
        self._get_paid_item(order).remove_move_reconcile()
        self.assertFalse(order.is_clearing_undone)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.assertFalse(order._get_open_clearing_items())
        self.assertEqual(order.state, "invoiced")

    def test_invoice_corrected_as_a_draft_takes_up_its_payment_again(self):
        """The price is changed and changed back: the scheduler settles the order again."""
        [order] = self._import_orders(1)
        self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        invoice = order.invoice_id
        invoice.button_draft()
        for price in (90.0, 100.0):
            invoice.invoice_line_ids.price_unit = price
        self.assertEqual(order.state, "invoiced")
        invoice.action_post()
        order.sudo()._process()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(order.state, "settled")

    def test_part_of_an_order_is_told_as_before(self):
        """100.00 of 115.00 are paid out: what is left is no match that is missing."""
        self._import_orders(1)
        self._post("P1", [("sale", "1", 100.0)], payout=100.0)
        self.assertEqual(self._get_open_items(), [("part", "1", 15.0)])

    def test_queries_do_not_grow_with_orders_taken_apart(self):
        """A bulk of orders costs some statements of core each, and none of ours."""

        def count(numbers):
            self._import_orders(*numbers)
            settlement = self._post(
                f"P{len(numbers)}",
                [("sale", str(number), 115.0) for number in numbers],
                payout=115.0 * len(numbers),
            )
            items = self._get_order_items(settlement)
            partials = items.matched_debit_ids | items.matched_credit_ids
            orders = partials._get_paid_orders()
            self.assertEqual(len(orders), len(numbers))
            items.remove_move_reconcile()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            orders._update_settled()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        few = count(range(1, 6))
        self.assertLessEqual(count(range(100, 140)), few)
