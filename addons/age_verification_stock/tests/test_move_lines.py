from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestMoveLines(AgeStockCommon):
    """What leaves is what the operations say, whatever their move says."""

    def _prepare_line(self, move, product, **kwargs):
        return {
            "move_id": move.id,
            "picking_id": move.picking_id.id,
            "product_id": product.id,
            "quantity": 1,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
            **kwargs,
        }

    def _create_line(self, move, product, **kwargs):
        return self.env["stock.move.line"].create(
            self._prepare_line(move, product, **kwargs)
        )

    def _create_transfer(self, product, **kwargs):
        """A transfer within the house."""
        return self._create_picking(
            kwargs.pop("partner", self.env["res.partner"]),
            product,
            picking_type_id=self.warehouse.int_type_id,
            location_dest_id=self.warehouse.lot_stock_id.id,
            **kwargs,
        )

    def _finish(self, picking):
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def _assert_refused(self, act, *args, **kwargs):
        """The buyer may not have it, nothing leaves."""
        with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
            act(*args, **kwargs)
        self.assertIn("Gin", str(refusal.exception))
        self.assertFalse(self._get_quantity(), "Something has left")

    def _get_quantity(self):
        """So much gin is at the customers."""
        quants = self.env["stock.quant"].search(
            [("product_id", "=", self.gin.id), ("location_id", "=", self.customers.id)]
        )
        return sum(quants.mapped("quantity"))

    # === BEFORE VALIDATION === #

    def test_restricted_operation_on_a_move_of_free_goods_is_refused(self):
        picking = self._create_picking(self.buyer, self.cheese)
        self._create_line(picking.move_ids, self.gin, picked=True)
        picking.move_ids.picked = True
        self._assert_refused(picking.button_validate)
        self._prove(18)
        self._finish(picking)
        self.assertEqual(self._get_quantity(), 1)

    def test_operation_of_a_transfer_sent_to_a_customer_is_refused(self):
        picking = self._create_transfer(self.gin)
        picking.move_line_ids.location_dest_id = self.customers
        self._assert_refused(picking.button_validate)

    def test_operation_of_a_transfer_sent_to_a_customer_of_age_passes(self):
        picking = self._create_transfer(self.gin, partner=self.buyer)
        picking.move_line_ids.location_dest_id = self.customers
        self._assert_refused(picking.button_validate)
        self._prove(18)
        self._finish(picking)

    def test_restricted_operation_that_leaves_has_a_text_on_the_parcel(self):
        picking = self._create_picking(self.buyer, self.cheese)
        self.assertFalse(picking.age_parcel_text)
        self._create_line(picking.move_ids, self.gin)
        self.assertIn("Spirits", picking.age_parcel_text)

    # === AFTER VALIDATION === #

    def test_restricted_operation_added_to_a_finished_move_is_refused(self):
        move = self._finish(self._create_picking(self.buyer, self.cheese)).move_ids
        self._assert_refused(self._create_line, move, self.gin)
        self._assert_refused(
            move.write,
            {"move_line_ids": [Command.create(self._prepare_line(move, self.gin))]},
        )
        self._prove(18)
        self._create_line(move, self.gin)
        self.assertEqual(self._get_quantity(), 1)

    def test_operation_to_a_customer_added_to_a_finished_transfer_is_refused(self):
        picking = self._finish(self._create_transfer(self.gin))
        to_customer = {"location_dest_id": self.customers.id}
        self._assert_refused(
            self._create_line, picking.move_ids, self.gin, **to_customer
        )
        self._assert_refused(
            self._create_line, picking.move_ids, self.gin, **to_customer, move_id=False
        )

    def test_finished_operation_sent_on_to_a_customer_is_refused(self):
        picking = self._finish(self._create_transfer(self.gin))
        self._assert_refused(
            picking.move_line_ids.write, {"location_dest_id": self.customers.id}
        )

    def test_finished_operation_of_another_product_is_refused(self):
        line = self._finish(self._create_picking(self.buyer, self.cheese)).move_line_ids
        self._assert_refused(
            line.write, {"state": "draft", "product_id": self.gin.id, "quantity": 2}
        )

    def test_more_of_a_finished_delivery_needs_a_proof_that_still_counts(self):
        proof = self._prove(18)
        line = self._finish(self._create_picking(self.buyer, self.gin)).move_line_ids
        proof._revoke("Not the buyer's")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.quantity = 2
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.move_id.quantity = 2
        self.assertEqual(self._get_quantity(), 1)
        line.quantity = 0  # a miscount is corrected all the same
        self.assertEqual(self._get_quantity(), 0)
        self._prove(18)
        line.quantity = 2
        self.assertEqual(self._get_quantity(), 2)

    def test_free_goods_are_added_to_a_finished_delivery_without_proof(self):
        move = self._finish(self._create_picking(self.buyer, self.cheese)).move_ids
        self._create_line(move, self.cheese)
        move.move_line_ids.quantity = 3
        self.assertEqual(move.quantity, 6)
