from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestGateWays(AgeCommon):
    """Ways past the button: imports, RPC, lists, single lines, shared invoices."""

    def _create_invoice(self, *lines, **kwargs):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.buyer.id,
                "invoice_date": TODAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": 20,
                            "quantity": quantity,
                        }
                    )
                    for product, quantity in lines
                ],
                **kwargs,
            }
        )

    def _judge_again(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("age_verification.ir_cron_judge_again")
            cron.method_direct_trigger()

    def _is_judging_due(self):
        """Whether something has asked for orders to be judged again."""
        cron = self.env.ref("age_verification.ir_cron_judge_again")
        trigger = self.env["ir.cron.trigger"]
        return bool(trigger.search_count([("cron_id", "=", cron.id)]))

    # === WHAT THE CALLER ASKS FOR === #

    def test_archived_rule_is_not_brought_back_by_the_context(self):
        self._prove(16)
        self._create_rule(
            self.spirits_class, self.germany, 12, date_from="2026-01-01", active=False
        )
        order = self._create_order(self.gin).with_context(active_test=False)
        self.assertEqual(order.age_verdict, "unproved")
        with self.assertRaises(UserError):
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        invoice = self._create_invoice((self.gin, 1)).with_context(active_test=False)
        with self.assertRaises(UserError):
            invoice.action_post()
        self.assertEqual(invoice.state, "draft")

    # === STATES THAT ARE WRITTEN === #

    def test_state_that_is_written_does_not_confirm_an_order(self):
        order = self._create_order(self.gin)
        with self.assertRaisesRegex(UserError, "is not confirmed"):
            order.with_user(self.seller).write({"state": "sale"})
        self._prove(18)
        order.with_user(self.seller).write({"state": "sale"})
        self.assertEqual(order.state, "sale")

    def test_order_that_is_imported_as_confirmed_is_held(self):
        order = self._create_order(self.gin, state="sale")
        self.assertRecordValues(order, [{"age_held_by": "change", "state": "sale"}])
        self.assertFalse(self._create_order(self.cheese, state="sale").age_held_since)

    def test_state_that_is_written_does_not_post_an_invoice(self):
        invoice = self._create_invoice((self.gin, 1))
        with self.assertRaisesRegex(UserError, "is not posted"):
            invoice.write({"state": "posted"})

    def test_context_of_a_client_opens_no_gate(self):
        order = self._create_order(self.gin)
        forged = {
            "age_verdicts": {str(order.id): "pass"},
            "age_hold_silently": True,
            "age_verification.verdicts": {},
        }
        with self.assertRaises(UserError):
            order.with_context(**forged).action_confirm()
        invoice = self._create_invoice((self.gin, 1))
        invoice.with_context(**forged)._post(soft=False)
        self.assertEqual(invoice.state, "draft")

    def test_seller_does_not_let_go_what_is_held(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        invoice = self._create_invoice((self.gin, 1))
        invoice._post(soft=True)
        for document in (order, invoice):
            with self.assertRaises(AccessError):
                document.with_user(self.seller).write({"age_held_since": False})
        with self.assertRaises(AccessError):
            order.with_user(self.seller).write({"age_held_by": "change"})
        orders = self.env["sale.order"].with_user(self.seller)
        with self.assertRaises(AccessError):
            orders.create({"partner_id": self.buyer.id, "age_held_since": "2026-01-01"})

    def test_buyer_who_comes_with_the_state_is_judged(self):
        ada = self._create_buyer("Proved")
        self._prove(18, buyer=ada)
        order = self._create_order(self.gin, buyer=ada)
        order.write({"state": "sale", "partner_id": self.buyer.id})
        self.assertEqual(order.age_held_by, "change")

    def test_many_states_that_are_written_are_judged_at_once(self):
        buyers = [self._create_buyer(f"Many{number}") for number in range(20)]
        for buyer in buyers:
            self._prove(18, buyer=buyer)
        orders = self.env["sale.order"].union(
            *(self._create_order(self.gin, buyer=buyer) for buyer in buyers)
        )
        counts = []
        for some in (orders[:2], orders[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._check_age_before_confirmation()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_goods_that_are_called_a_down_payment_are_goods(self):
        order = self._create_order(self.gin)
        order.order_line.is_downpayment = True
        with self.assertRaises(UserError):
            order.action_confirm()
        self._prove(18, valid_until="2026-06-16")
        order.action_confirm()
        invoice = self._create_invoice((self.gin, 1))
        invoice.invoice_line_ids.sale_line_ids = order.order_line
        with freeze_time("2026-06-17 12:00:00"):
            self.assertFalse(invoice._post(soft=True))

    def test_invoice_line_becomes_nothing_restricted_once_it_is_posted(self):
        invoice = self._create_invoice((self.cheese, 1))
        invoice.action_post()
        with self.assertRaisesRegex(UserError, "Gin"):
            invoice.invoice_line_ids.product_id = self.gin

    def test_same_order_twice_in_a_list_is_judged_once(self):
        order = self._create_order(self.gin)
        twice = self.env["sale.order"].browse([order.id, order.id])
        self.assertFalse(twice._get_age_verdicts()[order].is_allowed)

    # === MANY AT ONCE === #

    def test_of_many_orders_those_that_wait_are_held_and_the_others_confirmed(self):
        held, free = self._create_order(self.gin), self._create_order(self.cheese)
        (held | free).with_user(self.seller).action_confirm()
        self.assertRecordValues(
            held | free,
            [
                {"state": "draft", "age_held_by": "confirm"},
                {"state": "sale", "age_held_by": False},
            ],
        )
        self._prove(18)
        self._release()
        self.assertEqual(held.state, "sale")

    def test_of_many_invoices_those_that_wait_are_held_and_the_others_posted(self):
        held = self._create_invoice((self.gin, 1))
        free = self._create_invoice((self.cheese, 1))
        (held | free).action_post()
        self.assertEqual((held.state, free.state), ("draft", "posted"))
        self.assertTrue(held.age_held_since)

    # === LINES, ADDRESSES, PRODUCTS === #

    def test_line_that_is_created_by_itself_is_judged(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": self.gin.id}
        )
        self.assertEqual(order.age_held_by, "change")

    def test_line_whose_quantity_comes_back_is_judged(self):
        self._prove(16)
        order = self._create_order(self.wine, self.gin)
        order.order_line[1].product_uom_qty = 0
        order.action_confirm()
        self.assertFalse(order.age_held_since)
        order.order_line[1].product_uom_qty = 1
        self.assertEqual(order.age_held_by, "change")

    def test_several_lines_of_an_order_are_judged_once(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        before = order.age_check_ids
        order.order_line = [
            Command.create({"product_id": self.gin.id}),
            Command.create({"product_id": self.wine.id}),
            Command.update(order.order_line.id, {"product_uom_qty": 2}),
        ]
        new = order.age_check_ids - before
        self.assertEqual(len(new), 2)  # a rule each

    def test_address_that_moves_to_another_country_is_judged_soon(self):
        self._create_rule(self.spirits_class, self.denmark, 21)
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        self.assertFalse(self._is_judging_due())
        self.buyer.country_id = self.denmark
        self.assertTrue(self._is_judging_due())
        self._judge_again()
        self.assertTrue(order.age_held_since)

    def test_product_that_becomes_restricted_holds_open_orders(self):
        order = self._create_order(self.cheese)
        order.action_confirm()
        self.cheese.age_own_class_id = self.spirits_class
        self._judge_again()
        self.assertEqual(order.age_held_by, "change")

    def test_nightly_job_leaves_no_trace_of_what_may_go_on(self):
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        before = order.age_check_ids
        self._judge_again()
        self.assertEqual(order.age_check_ids, before)

    def test_nightly_job_counts_a_held_order_once(self):
        self._prove(18, valid_until="2026-06-20")
        order = self._create_order(self.gin)
        order.action_confirm()
        with freeze_time("2026-06-21 12:00:00"):
            self._judge_again()
            self._judge_again()
        self.assertEqual(self._incidents(order), ["expired"])

    def test_order_that_is_delivered_and_credited_is_left_in_peace(self):
        self._prove(18, valid_until="2026-06-16")
        order = self._create_order(self.gin)
        order.action_confirm()
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        invoice._reverse_moves([{"invoice_date": TODAY}], cancel=True)
        self.assertEqual(order.invoice_status, "to invoice")
        with freeze_time("2026-06-17 12:00:00"):
            self._judge_again()
        self.assertFalse(order.age_held_since)

    # === RELEASE === #

    def test_cancelled_order_is_held_no_longer(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        order._action_cancel()
        self._prove(18)
        self._release()
        self.assertRecordValues(order, [{"state": "cancel", "age_held_since": False}])

    def test_failed_release_is_one_task_however_often_it_is_tried(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        order.order_line = [Command.create({"display_type": False, "name": "x"})]
        self._prove(18)
        with mute_logger("odoo.addons.age_verification.models.age_gate"):
            self._release()
            self._release()
        self.assertEqual(len(order.activity_ids), 1)

    def test_queries_of_the_job_do_not_grow_with_what_still_waits(self):
        def wait(count):
            buyers = [self._create_buyer(f"Waiting{n}") for n in range(count)]
            orders = [self._create_order(self.gin, buyer=buyer) for buyer in buyers]
            for order in orders:
                order.action_age_request()
            return self.env["sale.order"].union(*orders)

        def count(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertFalse(self.env["age.gate"]._find_due(orders))
            return self.cr.sql_log_count - before

        few, many = wait(5), wait(40)
        count(few)
        self.assertLessEqual(count(many), count(few) + 5)

    def test_order_that_is_brought_back_is_not_confirmed_by_itself(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        order._action_cancel()
        order.action_draft()
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "draft")

    def test_invoice_that_a_person_has_posted_is_just_held_no_longer(self):
        invoice = self._create_invoice((self.gin, 1))
        invoice._post(soft=True)
        self._prove(18)
        invoice.action_post()
        self.assertTrue(invoice.age_held_since)
        self._release()
        self.assertFalse(invoice.age_held_since)
        self.assertFalse(invoice.activity_ids)

    def test_order_that_is_held_no_longer_is_not_confirmed(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        self._prove(18)
        order._age_unhold()
        self.env["age.gate"]._release_isolated(order)
        self.assertEqual(order.state, "draft")

    def test_shipping_alone_is_no_free_part_of_an_order(self):
        self.policy.mixed_baskets = "lines"
        order = self._create_order(self.gin)
        order.order_line = [
            Command.create({"product_id": self._create_goods("Shipping").id})
        ]
        shipping = self.registry["sale.order.line"]
        with patch.object(shipping, "_is_delivery", self._is_shipping):
            with self.assertRaises(UserError):
                order.action_confirm()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    @staticmethod
    def _is_shipping(line):
        """What the addon `delivery` says of its lines."""
        return line.product_id.name == "Shipping"

    # === INVOICES OF SEVERAL ORDERS === #

    def _invoice_together(self, *orders):
        """One invoice to the first buyer's address, as a person puts it together."""
        orders = self.env["sale.order"].union(*orders)
        orders.action_confirm()
        invoices = orders._create_invoices()
        invoice = invoices[0]
        for other in invoices[1:]:
            for line in other.invoice_line_ids:
                invoice.invoice_line_ids = [
                    Command.create(
                        {
                            "product_id": line.product_id.id,
                            "price_unit": 20,
                            "sale_line_ids": [Command.set(line.sale_line_ids.ids)],
                        }
                    )
                ]
            other.unlink()
        return invoice

    def test_each_buyer_of_a_shared_invoice_has_to_be_of_age(self):
        bob = self._create_buyer("Bob")
        self._prove(18, valid_until="2026-06-20")
        self._prove(18, buyer=bob, valid_until="2026-06-16")
        invoice = self._invoice_together(
            self._create_order(self.gin), self._create_order(self.gin, buyer=bob)
        )
        with freeze_time("2026-06-17 12:00:00"):
            self.assertFalse(invoice._post(soft=True))
            verdicts = {
                check.partner_id: check.verdict for check in invoice.age_check_ids
            }
            self.assertEqual(verdicts, {self.buyer: "pass", bob: "expired"})

    def test_address_of_the_invoice_is_judged_beside_that_of_the_order(self):
        self._create_rule(self.spirits_class, self.denmark, 21)
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.partner_shipping_id = self._create_buyer(
            "Depot", country_id=self.denmark.id
        )
        self.assertFalse(invoice._post(soft=True))

    def test_lines_that_were_not_ordered_are_those_of_who_pays(self):
        father = self._create_buyer("Father")
        self._prove(18)
        order = self._create_order(self.gin, partner_invoice_id=father.id)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_line_ids = [
            Command.create({"product_id": self.wine.id, "price_unit": 20})
        ]
        self.assertFalse(invoice._post(soft=True))
        self.assertEqual(
            invoice.age_check_ids.filtered(
                lambda c: c.verdict == "unproved"
            ).partner_id,
            father,
        )

    def test_product_that_is_changed_on_the_invoice_is_judged(self):
        order = self._create_order(self.cheese)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_line_ids.product_id = self.gin
        self.assertFalse(invoice._post(soft=True))

    # === SIGNS === #

    def test_15_what_comes_back_on_an_invoice_needs_no_proof(self):
        invoice = self._create_invoice((self.cheese, 5), (self.gin, -1))
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_what_is_sold_on_a_credit_note_needs_a_proof(self):
        refund = self._create_invoice(
            (self.cheese, 5), (self.gin, -1), move_type="out_refund"
        )
        with self.assertRaises(UserError):
            refund.action_post()
        self._prove(18)
        refund.action_post()
        self.assertEqual(refund.state, "posted")

    def test_15_reversal_of_an_invoice_with_returns_is_always_posted(self):
        invoice = self._create_invoice((self.cheese, 5), (self.gin, -1))
        invoice.action_post()
        refund = invoice._reverse_moves([{"invoice_date": TODAY}], cancel=True)
        self.assertEqual(refund.state, "posted")

    def test_two_negative_signs_are_a_sale(self):
        invoice = self._create_invoice((self.gin, -1))
        invoice.invoice_line_ids.price_unit = -50
        with self.assertRaises(UserError):
            invoice.action_post()
        order = self._create_order(self.gin)
        order.order_line.write({"product_uom_qty": -1, "price_unit": -50})
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_credit_note_that_was_switched_into_an_invoice_is_judged(self):
        invoice = self._create_invoice((self.cheese, 1))
        invoice.action_post()
        refund = invoice._reverse_moves([{"invoice_date": TODAY}])
        refund.action_switch_move_type()
        refund.invoice_line_ids.product_id = self.gin
        with self.assertRaises(UserError):
            refund.action_post()

    def test_what_is_added_to_a_reversal_is_judged(self):
        invoice = self._create_invoice((self.cheese, 5))
        invoice.action_post()
        refund = invoice._reverse_moves([{"invoice_date": TODAY}])
        refund.invoice_line_ids = [
            Command.create(
                {"product_id": self.gin.id, "price_unit": 20, "quantity": -1}
            )
        ]
        with self.assertRaises(UserError):
            refund.action_post()

    def test_invoice_that_is_made_out_to_somebody_else_asks_for_their_proof(self):
        ada = self._create_buyer("Proved")
        self._prove(18, buyer=ada)
        order = self._create_order(self.gin, buyer=ada)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.partner_id = self.buyer
        with self.assertRaises(UserError):
            invoice.action_post()
        by_hand = self._create_invoice((self.gin, 9))
        by_hand.invoice_line_ids.sale_line_ids = order.order_line
        with self.assertRaises(UserError):
            by_hand.action_post()

    # === STATE OF THE DESTINATION === #

    def test_missing_state_is_asked_for_where_the_law_differs_within_a_country(self):
        self.env["age.rule"].create(
            {
                "class_id": self.spirits_class.id,
                "country_id": self.germany.id,
                "state_ids": self.env.ref("base.state_de_by").ids,
                "kind": "prohibited",
                "confidence": "primary",
                "source": "https://law.example.com",
            }
        )
        self._prove(18)
        order = self._create_order(self.gin)
        self.assertEqual(order.age_verdict, "incomplete")
        with self.assertRaisesRegex(UserError, "Give the state"):
            order.action_confirm()
        self.buyer.state_id = self.env.ref("base.state_de_be")
        order.invalidate_recordset()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
