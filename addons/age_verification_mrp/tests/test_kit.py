from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.age_verification_stock.tests.common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestKit(AgeStockCommon):
    """A box with gin in it is gin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box = cls._create_goods("Box")
        cls._create_bom(cls.box, cls.gin, cls.cheese)

    @classmethod
    def _create_bom(cls, product, *parts, **kwargs):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id}) for part in parts
                ],
                **kwargs,
            }
        )

    def _assert_waits(self, product):
        with self.assertRaisesRegex(UserError, "Gin"), self.env.cr.savepoint():
            self._create_order(product).action_confirm()

    def test_kit_with_a_restricted_part_waits_for_the_proof(self):
        self._assert_waits(self.box)
        self._prove(18)
        picking = self._deliver(self.box)
        self.assertEqual(picking.move_ids.product_id, self.gin | self.cheese)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_override_of_an_order_covers_as_many_parts_as_are_in_its_kits(self):
        self.box.product_tmpl_id.bom_ids.bom_line_ids[0].product_qty = 6
        half_dozen = self._create_goods("Half dozen boxes")
        self._create_bom(half_dozen, self.box, product_qty=2)  # two hold one box
        order = self._create_order(half_dozen)
        order.order_line.product_uom_qty = 4
        officer = "age_verification.group_age_officer,sales_team.group_sale_manager"
        first, second = (
            new_test_user(self.env, name, officer, company_id=self.company.id)
            for name in ("first_officer", "second_officer")
        )
        overrides = self.env["age.override"].with_user(first)
        override = overrides.create({"order_id": order.id, "reason": "Seen"})
        override.with_user(second).action_approve()
        order.action_confirm()
        picking = order.picking_ids
        gin = picking.move_ids.filtered(lambda move: move.product_id == self.gin)
        self.assertEqual(gin.product_uom_qty, 12)
        (picking.move_ids - gin).quantity = 2
        gin.quantity = 13
        picking.move_ids.picked = True
        with self.assertRaises(UserError), self.env.cr.savepoint():
            picking.button_validate()
        gin.quantity = 12
        picking.button_validate()
        self.assertEqual(gin.state, "done")
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_kit_in_a_kit_is_judged_as_well(self):
        hamper, half = self._create_goods("Hamper"), self._create_goods("Half")
        self._create_bom(half, self.box)
        self._create_bom(hamper, half, self.cheese)
        self._assert_waits(hamper)
        # Both at once: each is what is in it, whichever is looked at first.
        for products in ((hamper, half), (half, hamper), (self.box, hamper)):
            self.env.invalidate_all()
            for product in self.env["product.product"].union(*products):
                self.assertIn(self.gin, product.age_part_ids)

    def test_kit_of_free_parts_is_free(self):
        box = self._create_goods("Cheese box")
        self._create_bom(box, self.cheese)
        order = self._create_order(box)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_is_made_of_gin_is_not_gin(self):
        cake = self._create_goods("Cake")
        self._create_bom(cake, self.gin, type="normal")
        order = self._create_order(cake)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_variant_is_judged_by_its_own_parts(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Drink",
                "value_ids": [
                    Command.create({"name": name}) for name in ("Gin", "Tea")
                ],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Gift",
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        gin, tea = template.product_variant_ids
        bom = self._create_bom(gin, self.gin, self.cheese)
        bom.bom_line_ids[
            0
        ].bom_product_template_attribute_value_ids = (
            gin.product_template_attribute_value_ids
        )
        self._assert_waits(gin)
        order = self._create_order(tea)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_kit_of_a_mixed_order_is_not_picked(self):
        self.policy.mixed_baskets = "lines"
        order = self._create_order(self.box, self.cheese)
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_ids.product_id, self.cheese)
        self._prove(18)
        self._release()
        self.assertIn(self.gin, order.picking_ids.move_ids.product_id)

    def test_invoice_of_a_kit_waits(self):
        proof = self._prove(18)
        order = self._create_order(self.box)
        order.action_confirm()
        proof._revoke("Not the buyer's")
        with self.assertRaises(UserError):
            order._create_invoices().action_post()

    def test_order_of_a_kit_that_gets_a_restricted_part_is_held_by_night(self):
        box, hamper = self._create_goods("Cheese box"), self._create_goods("Hamper")
        bom = self._create_bom(box, self.cheese)
        self._create_bom(hamper, box)
        order = self._create_order(hamper)
        order.action_confirm()
        bom.bom_line_ids.product_id = self.gin
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_judge_again").method_direct_trigger()
        self.assertEqual(order.age_held_by, "change")

    def test_kit_that_was_not_taken_apart_does_not_leave(self):
        move = self.env["stock.move"].create(
            {
                "product_id": self.box.id,
                "product_uom_qty": 1,
                "quantity": 1,
                "picked": True,
                "partner_id": self.buyer.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customers.id,
            }
        )
        with self.assertRaisesRegex(UserError, "Gin"):
            move._action_done()

    def test_many_kits_cost_as_many_queries_as_two(self):
        orders = self.env["sale.order"]
        for number in range(32):
            box = self._create_goods(f"Box {number}")
            self._create_bom(box, self.gin, self.cheese)
            orders |= self._create_order(box)
        counts = []
        for batch in (orders[:2], orders[:2], orders[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._get_age_verdicts()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
