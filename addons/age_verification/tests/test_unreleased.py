from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .payment_common import AgePaymentCommon

SUMMARY = "Refund or cancel what is paid and not delivered"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestUnreleased(AgePaymentCommon):
    """Money that was taken for what is never delivered is given back by somebody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write(
            {
                "mixed_baskets": "lines",
                "follow_up_days": 7,
                "user_id": cls.seller.id,
            }
        )

    def _paid(self, *products, **kwargs):
        order = self._create_order(*products, **kwargs)
        self._pay(order)
        return order

    def _refuse(self):
        self.env["age.refusal"].sudo().create(
            {
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "day": TODAY,
                "bound_date": "2010-06-15",
                "assurance": "document",
            }
        )

    def test_sellers_do_not_write_that_somebody_was_told(self):
        day = {"age_unreleased_told_on": "2026-06-15 12:00:00"}
        order = self._create_order(self.gin)
        with self.assertRaises(AccessError):
            order.with_user(self.seller).write(day)
        orders = self.env["sale.order"].with_user(self.seller)
        with self.assertRaises(AccessError):
            orders.create({"partner_id": self.buyer.id, **day})
        context = {f"default_{name}": value for name, value in day.items()}
        order = orders.with_context(
            default_age_held_since="2026-06-15 12:00:00", **context
        ).create({"partner_id": self.buyer.id})
        self.assertFalse(order.age_unreleased_told_on)
        self.assertFalse(order.age_held_since)

    def _nights(self, *days):
        """Run the nightly job on days of June."""
        for day in days:
            with (
                freeze_time(f"2026-06-{day} 12:00:00"),
                self.enter_registry_test_mode(),
            ):
                self.env.ref(
                    "age_verification.ir_cron_judge_again"
                ).method_direct_trigger()

    def _tasks(self, order):
        return order.activity_ids.filtered(lambda task: task.summary == SUMMARY)

    def test_line_of_a_buyer_who_never_proves_the_age_is_a_task_with_its_amount(self):
        order = self._paid(self.gin, self.cheese)
        self.assertEqual(order.state, "sale")
        self._nights(16, 21)
        self.assertFalse(self._tasks(order))
        self._nights(22)
        task = self._tasks(order)
        self.assertEqual(task.user_id, self.seller)
        self.assertIn("20.00", task.note)
        self.assertIn("Gin", task.note)

    def test_task_is_given_once_also_when_it_is_done(self):
        order = self._paid(self.gin, self.cheese)
        self._nights(22)
        self._tasks(order).action_feedback()
        self._nights(23, 24)
        self.assertFalse(self._tasks(order))

    def test_underage_buyer_is_a_task_at_once(self):
        order = self._paid(self.gin, self.cheese)
        self._refuse()
        self._nights(16)
        self.assertEqual(len(self._tasks(order)), 1)

    def test_order_that_is_held_as_a_whole_is_a_task_with_all_of_the_money(self):
        self.policy.mixed_baskets = "order"
        order = self._paid(self.gin, self.cheese)
        self.assertEqual(order.state, "draft")
        self._nights(22)
        self.assertIn("40.00", self._tasks(order).note)

    def test_what_was_refunded_is_no_task(self):
        order = self._paid(self.gin, self.cheese)
        self._refund(order.transaction_ids, amount=20.0)
        self._nights(22)
        self.assertFalse(self._tasks(order))

    def test_rest_of_what_was_refunded_in_part_is_a_task(self):
        order = self._paid(self.gin, self.cheese)
        self._refund(order.transaction_ids, amount=5.0)
        self._nights(22)
        self.assertIn("15.00", self._tasks(order).note)

    def test_no_more_than_was_paid_is_refunded(self):
        order = self._create_order(self.gin, self.cheese, require_payment=True)
        order.prepayment_percent = 0.25
        self._create_transaction(
            flow="direct",
            amount=10.0,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
            state="done",
        )._post_process()
        self.assertEqual(order.state, "sale")
        self._nights(22)
        self.assertIn("10.00", self._tasks(order).note)

    def test_nothing_to_give_back_is_no_task(self):
        unpaid = self._create_order(self.gin, self.cheese)
        unpaid.action_confirm()
        cancelled = self._paid(self.gin, self.cheese)
        gin = cancelled.order_line.filtered(lambda line: line.product_id == self.gin)
        gin.product_uom_qty = 0
        free = self._paid(self.cheese)
        grown_up = self._create_buyer("Grace")
        self._prove(18, buyer=grown_up)
        proved = self._paid(self.gin, self.cheese, buyer=grown_up)
        self._nights(22)
        for order in (unpaid, cancelled, free, proved):
            self.assertFalse(self._tasks(order))

    def test_policy_without_a_term_waits_for_a_proof_but_not_for_a_child(self):
        self.policy.follow_up_days = 0
        order = self._paid(self.gin, self.cheese)
        self._nights(30)
        self.assertFalse(self._tasks(order))
        self._refuse()
        self._nights(30)
        self.assertEqual(len(self._tasks(order)), 1)

    def test_queries_of_the_job_do_not_grow_with_what_still_waits(self):
        orders = self.env["sale.order"]
        for number in range(31):
            buyer = self._create_buyer(f"Buyer{number}")
            orders |= self._create_order(self.gin, self.cheese, buyer=buyer)
        for order in orders:
            self._pay(order)
        counts = []
        for batch in (orders[:1], orders[:1], orders[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for order, verdict in batch._get_age_verdicts().items():
                self.assertFalse(order._is_age_unreleased(verdict))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
