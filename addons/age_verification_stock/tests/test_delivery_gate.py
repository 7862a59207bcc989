from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDeliveryGate(AgeStockCommon):
    """Nothing restricted leaves for somebody who may not have it, whatever the way."""

    def _assert_refused(self, pickings, words=None):
        with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
            pickings.button_validate()
        if words:
            self.assertIn(words, str(refusal.exception))
        self.assertNotIn("done", pickings.mapped("state"))

    def _attempt(self, pickings):
        """Validate without the rollback that follows, which undoes what was written."""
        try:
            pickings.button_validate()
        except UserError:
            return
        self.fail("It was not refused.")

    def _assert_done(self, pickings):
        pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def _checks(self, order):
        return order.age_check_ids.filtered(lambda check: check.gate == "delivery")

    # === WHAT AND WHO === #

    def test_restricted_product_added_to_a_delivery_is_refused(self):
        picking = self._deliver(self.cheese)
        self._add(picking, self.gin)
        self._assert_refused(picking, "Gin")
        self._prove(18)
        self._assert_done(picking)

    def test_added_product_is_judged_by_its_own_rule(self):
        self._prove(16)
        picking = self._deliver(self.wine)
        self._add(picking, self.gin)
        self._assert_refused(picking)

    def test_delivery_by_hand_asks_for_the_proof_of_its_contact(self):
        picking = self._create_picking(self.buyer, self.gin)
        self._assert_refused(picking)
        self._prove(18)
        self._assert_done(picking)

    def test_delivery_by_hand_to_an_address_asks_its_person(self):
        home = self._create_buyer("Home", parent_id=self.buyer.id, type="delivery")
        picking = self._create_picking(home, self.gin)
        self._assert_refused(picking)
        self._prove(18)
        self._assert_done(picking)

    def test_delivery_by_hand_to_nobody_is_refused(self):
        self._assert_refused(self._create_picking(self.env["res.partner"], self.gin))

    def test_free_goods_need_nobody(self):
        self._assert_done(self._create_picking(self.env["res.partner"], self.cheese))

    def test_what_is_not_handed_over_is_not_judged(self):
        picking = self._create_picking(self.buyer, self.cheese, self.gin)
        gin = picking.move_ids.filtered(lambda move: move.product_id == self.gin)
        gin.quantity = 0
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertNotIn(self.gin, picking.move_ids.product_id)

    def test_goods_that_stay_in_the_house_are_free(self):
        picking = self._create_picking(
            self.env["res.partner"],
            self.gin,
            picking_type_id=self.warehouse.int_type_id,
            location_dest_id=self.warehouse.lot_stock_id.id,
        )
        self._assert_done(picking)

    # === WHERE TO === #

    def test_delivery_sent_to_another_country_is_judged_by_its_law(self):
        self._create_rule(self.spirits_class, self.denmark, 20)
        self._prove(18)
        picking = self._deliver(self.gin)
        picking.partner_id = self._create_buyer(
            "Aarhus",
            parent_id=self.buyer.id,
            type="delivery",
            country_id=self.denmark.id,
        )
        self._assert_refused(picking, "elsewhere")
        self._attempt(picking)
        self.assertIn("destination", self._incidents(picking.sale_id))

    def test_delivery_sent_to_another_state_is_judged_by_its_law(self):
        state, self.buyer.state_id = self.env["res.country.state"].create(
            [
                {"name": name, "code": name.upper(), "country_id": self.germany.id}
                for name in ("Dry", "Wet")
            ]
        )
        self._create_rule(
            self.spirits_class, self.germany, 0, kind="prohibited", state_ids=state.ids
        )
        self._prove(18)
        picking = self._deliver(self.gin)
        picking.partner_id = self._create_buyer(
            "Dry", parent_id=self.buyer.id, type="delivery", state_id=state.id
        )
        self._assert_refused(picking, "may not be sold there")

    def test_delivery_sent_to_somebody_else_asks_for_their_proof_as_well(self):
        self._prove(18)
        picking = self._deliver(self.gin)
        friend = self._create_buyer("Bob")
        picking.partner_id = friend
        self._assert_refused(picking)
        self._prove(18, buyer=friend)
        self._assert_done(picking)

    def test_present_goes_to_the_address_of_its_order(self):
        self._prove(18)
        friend = self._create_buyer("Bob")
        self._assert_done(self._deliver(self.gin, partner_shipping_id=friend.id))

    def test_delivery_sent_to_another_address_of_the_buyer_passes(self):
        self._prove(18)
        picking = self._deliver(self.gin)
        picking.partner_id = self._create_buyer(
            "Office", parent_id=self.buyer.id, type="delivery"
        )
        self._assert_done(picking)

    # === EVIDENCE OF THE ORDER === #

    def test_proof_of_the_order_counts_for_its_delivery_only(self):
        order = self._create_order(self.gin)
        self._prove(18, order_id=order.id)
        order.action_confirm()
        order.picking_ids.move_ids.quantity = 1
        self._assert_done(order.picking_ids)
        self._assert_refused(self._create_picking(self.buyer, self.gin))

    def _override(self, order):
        officer = "age_verification.group_age_officer,sales_team.group_sale_manager"
        first, second = (
            new_test_user(self.env, name, officer, company_id=self.company.id)
            for name in ("first_officer", "second_officer")
        )
        override = (
            self.env["age.override"]
            .with_user(first)
            .create({"order_id": order.id, "reason": "Seen in the shop"})
        )
        override.with_user(second).action_approve()

    def test_override_of_the_order_counts_for_its_delivery_to_the_same_place(self):
        order = self._create_order(self.gin, self.cheese)
        self._override(order)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.partner_id = self._create_buyer("Bob")
        self._assert_refused(picking)
        picking.partner_id = order.partner_shipping_id
        self._assert_done(picking)

    def test_override_of_the_order_does_not_cover_what_is_added(self):
        order = self._create_order(self.wine)
        self._override(order)
        order.action_confirm()
        order.picking_ids.move_ids.quantity = 1
        self._add(order.picking_ids, self.gin)
        self._assert_refused(order.picking_ids)

    def test_override_of_the_order_does_not_cover_a_delivery_of_more(self):
        order = self._create_order(self.wine)
        self._override(order)
        order.action_confirm()
        order.picking_ids.move_ids.quantity = 2
        self._assert_refused(order.picking_ids)
        order.picking_ids.move_ids.quantity = 1
        self._assert_done(order.picking_ids)

    def test_delivery_of_a_held_order_waits(self):
        self._prove(18)
        picking = self._deliver(self.gin)
        picking.sale_id._age_hold("change")
        self._assert_refused(picking)

    # === WHICH WAY === #

    def test_vendor_that_delivers_to_the_buyer_is_gated(self):
        vendor = self._create_buyer("Distillery")
        picking = self._create_picking(
            vendor,
            self.gin,
            picking_type_id=self.warehouse.in_type_id,
            location_id=self.env.ref("stock.stock_location_suppliers").id,
        )
        picking.move_ids.partner_id = self.buyer
        self._prove(18, buyer=vendor)
        self._assert_refused(picking)
        self._prove(18)
        self._assert_done(picking)

    def test_moves_and_transfers_finished_by_other_addons_are_gated(self):
        picking = self._create_picking(self.buyer, self.gin)
        picking.move_ids.picked = True
        for records in (picking, picking.move_ids):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                records._action_done()
            with self.assertRaises(UserError), self.env.cr.savepoint():
                # What a client sends along makes no difference.
                records.with_context(age_judged=records.ids)._action_done()
        self.assertNotEqual(picking.state, "done")

    def test_move_is_not_written_to_be_done(self):
        picking = self._create_picking(self.buyer, self.gin, self.cheese)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            picking.move_ids.write({"state": "done"})
        self.assertNotEqual(picking.state, "done")

    def test_move_without_a_transfer_is_gated(self):
        move = self.env["stock.move"].create(
            {
                "product_id": self.gin.id,
                "product_uom_qty": 1,
                "quantity": 1,
                "picked": True,
                "partner_id": self.buyer.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customers.id,
            }
        )
        with self.assertRaises(UserError), self.env.cr.savepoint():
            move._action_done()
        self._prove(18)
        move._action_done()
        self.assertEqual(move.state, "done")

    def test_draft_that_is_validated_at_once_is_gated(self):
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.buyer.id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "move_ids": [
                    Command.create({"product_id": self.gin.id, "product_uom_qty": 1})
                ],
            }
        )
        self._assert_refused(picking)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            picking.move_ids.write({"quantity": 1, "picked": True})
            picking.move_ids._action_done()

    def test_product_added_to_a_finished_delivery_is_refused(self):
        picking = self._deliver(self.cheese)
        self._assert_done(picking)
        line = {
            "picking_id": picking.id,
            "product_id": self.gin.id,
            "quantity": 1,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
        }
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.env["stock.move.line"].create(line)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._add(picking, self.gin)

    def test_warehouse_worker_is_told(self):
        worker = new_test_user(
            self.env, "worker", "stock.group_stock_user", company_id=self.company.id
        )
        proof = self._prove(18)
        picking = self._deliver(self.gin)
        proof._revoke("Not the buyer's")
        self._assert_refused(picking.with_user(worker), "born on or before")
        self._prove(18)
        self._assert_done(picking.with_user(worker))

    # === SEVERAL AT ONCE === #

    def _ready(self):
        """A delivery that may leave, one that may not, and another one that may."""
        self._prove(18)
        child = self._create_buyer("Bob")
        good = self._deliver(self.gin)
        bad = self._create_picking(child, self.wine)
        return good | bad | self._create_picking(child, self.cheese)

    def test_who_validates_several_is_told_and_none_is_done(self):
        pickings = self._ready()
        self._assert_refused(pickings, pickings[1].name)

    def test_background_job_goes_on_without_the_refused_one(self):
        pickings = self._ready().with_context(cron_id=1)
        for _twice in range(2):
            pickings.button_validate()
            self.assertEqual(pickings.mapped("state"), ["done", "assigned", "done"])
        self.assertFalse(pickings[1].date_done)
        self.assertEqual(len(pickings[1].activity_ids), 1)
        self.assertIn("Riesling", pickings[1].activity_ids.note)
        self.assertFalse((pickings[0] | pickings[2]).activity_ids)

    def test_background_job_that_finishes_moves_goes_on_as_well(self):
        pickings = self._ready()
        moves = pickings.move_ids
        moves.picked = True
        moves.with_context(cron_id=1)._action_done()
        self.assertEqual(pickings.mapped("state"), ["done", "assigned", "done"])

    # === EVIDENCE === #

    def test_attempt_and_success_are_on_record_with_their_order(self):
        proof = self._prove(18)
        picking = self._deliver(self.gin)
        order = picking.sale_id
        proof._revoke("Not the buyer's")
        self._attempt(picking)
        self.assertEqual(self._checks(order).mapped("verdict"), ["unproved"])
        self._prove(18)
        picking.button_validate()
        self.assertEqual(self._checks(order).mapped("verdict"), ["pass", "unproved"])

    def test_attempt_without_an_order_is_on_record_with_its_person(self):
        self._attempt(self._create_picking(self.buyer, self.gin))
        check = self.env["age.check"].search([("gate", "=", "delivery")], limit=1)
        self.assertRecordValues(
            check,
            [
                {
                    "partner_id": self.buyer.id,
                    "verdict": "unproved",
                    "order_id": False,
                    "move_id": False,
                }
            ],
        )

    def test_expired_proof_at_the_delivery_is_an_incident(self):
        self._prove(18, valid_until="2026-06-15")
        picking = self._deliver(self.gin)
        with freeze_time("2026-06-20 12:00:00"):
            self._attempt(picking)
        self.assertEqual(self._incidents(picking.sale_id), ["expired"])
        incident = self.env["age.incident"].search([], order="id desc", limit=1)
        self.assertRecordValues(
            incident, [{"gate": "delivery", "note": picking.name, "kind": "expired"}]
        )

    # === SPEED === #

    def _count_queries(self, pickings):
        self.env.flush_all()
        self.env.invalidate_all()
        # What validating reads anyway.
        pickings.move_ids.location_dest_id.mapped("usage")
        pickings.move_line_ids.location_dest_id.mapped("usage")
        pickings.move_ids.product_id.product_tmpl_id.mapped("name")
        pickings.partner_id.country_id.mapped("code")
        before = self.cr.sql_log_count
        pickings.move_ids._age_find_refused()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_many_deliveries_cost_as_many_queries_as_one(self):
        pickings = self.env["stock.picking"]
        for number in range(31):
            buyer = self._create_buyer(f"Buyer{number}")
            self._prove(18, buyer=buyer)
            pickings |= self._deliver(self.gin, self.wine, self.cheese, buyer=buyer)
        one, many = pickings[:1], pickings[1:]
        self._count_queries(one)  # access rules and the like are read once
        count = self._count_queries(one)
        self.assertEqual(self._count_queries(many), count)
        self.assertLessEqual(count, 20)
