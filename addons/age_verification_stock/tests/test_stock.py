from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestStock(AgeStockCommon):
    """What may leave the warehouse, and when."""

    def _moved(self, order):
        return order.picking_ids.move_ids.product_id

    def _confirm_mixed(self):
        self.policy.mixed_baskets = "lines"
        order = self._create_order(self.gin, self.cheese)
        order.action_confirm()
        return order

    def test_order_of_a_proved_buyer_is_picked(self):
        self._prove(18)
        order = self._create_order(self.gin, self.cheese)
        order.action_confirm()
        self.assertEqual(self._moved(order), self.gin | self.cheese)

    def test_only_free_lines_of_a_mixed_order_are_picked(self):
        order = self._confirm_mixed()
        self.assertEqual(self._moved(order), self.cheese)
        self.assertEqual(
            order.order_line.filtered("is_age_waiting").product_id, self.gin
        )

    def test_waiting_lines_are_picked_when_the_age_is_proved(self):
        order = self._confirm_mixed()
        self._prove(18)
        self._release()
        self.assertEqual(self._moved(order), self.gin | self.cheese)
        self.assertFalse(order.order_line.filtered("is_age_waiting"))

    def test_waiting_lines_are_picked_once(self):
        order = self._confirm_mixed()
        self._prove(18)
        self._release()
        self._release()
        moves = order.picking_ids.move_ids
        self.assertEqual(
            moves.filtered(lambda move: move.product_id == self.gin).product_uom_qty, 1
        )

    def test_without_a_proof_nothing_more_is_picked(self):
        order = self._confirm_mixed()
        self._release()
        self.assertEqual(self._moved(order), self.cheese)

    def test_queries_of_the_job_do_not_grow_with_what_still_waits(self):
        orders = self.env["sale.order"]
        self.policy.mixed_baskets = "lines"
        for number in range(31):
            buyer = self._create_buyer(f"Buyer{number}")
            orders |= self._create_order(self.gin, self.cheese, buyer=buyer)
        orders.action_confirm()
        counts = []
        for batch in (orders[:1], orders[:1], orders[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["age.gate"]._launch_batch(batch)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_buyer_of_a_mixed_order_is_asked(self):
        order = self._confirm_mixed()
        self.assertTrue(self.env["age.request"]._get_for(order).is_ask_due)

    def test_line_added_to_a_held_order_waits(self):
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        order._age_hold("change")
        order.order_line = [(0, 0, {"product_id": self.cheese.id})]
        self.assertEqual(self._moved(order), self.gin)
        self._release()
        self.assertEqual(self._moved(order), self.gin | self.cheese)

    def test_delivery_is_not_validated_when_the_proof_has_ended(self):
        proof = self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        proof._revoke("Not the buyer's")
        with self.assertRaises(UserError):
            picking.button_validate()
        self._prove(18)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_delivery_of_free_goods_is_validated_while_the_rest_waits(self):
        order = self._confirm_mixed()
        order.picking_ids.move_ids.quantity = 1
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, "done")

    def test_return_is_never_stopped(self):
        proof = self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.button_validate()
        proof._revoke("Not the buyer's")
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        returned = wizard._create_return()
        returned.move_ids.quantity = 1
        returned.button_validate()
        self.assertEqual(returned.state, "done")

    def test_parcel_and_slip_tell_the_carrier(self):
        self._prove(18)
        order = self._create_order(self.gin, self.cheese)
        order.action_confirm()
        text = "Spirits: 18 or over, ask for a document"
        self.assertEqual(order.picking_ids.age_parcel_text, text)
        slip, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "stock.report_deliveryslip", order.picking_ids.ids
        )
        self.assertIn(text, slip.decode())
