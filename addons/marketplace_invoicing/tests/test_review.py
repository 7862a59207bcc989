from odoo.exceptions import UserError
from odoo.fields import Domain

from .common import MarketplaceCommon


class TestReview(MarketplaceCommon):
    """Layered review: a person first, then a sample, then the machine."""

    def test_new_channel_posts_nothing_without_approval(self):
        channel = self.env["marketplace.channel"].create(
            {"name": "Fresh", "platform": "woocommerce", "company_id": self.company.id}
        )
        self._map(channel, self.bowl)
        order = self._import_one(channel)
        self.assertRecordValues(order, [{"state": "ready", "approval": "needed"}])
        self.assertFalse(order.sale_order_ids)
        self.assertFalse(order.invoice_ids)
        order.action_approve()
        self.assertRecordValues(
            order,
            [
                {
                    "state": "invoiced",
                    "approval": "approved",
                    "approved_by_id": self.env.uid,
                }
            ],
        )

    def test_processing_again_does_not_get_around_the_approval(self):
        self.channel.review_mode = "review"
        order = self._import_one()
        order.action_process()
        with self.assertRaisesRegex(UserError, "approve or solve"):
            order.action_invoice_now()
        domain = Domain("id", "=", order.id) & order._to_process_domain()
        self.assertFalse(order.search(domain))
        order.sudo()._process()
        self.assertRecordValues(order, [{"state": "ready", "approval": "needed"}])

    def test_sample_goes_to_a_person_and_the_rest_does_not(self):
        self.channel.sample_percent = 50
        orders = self._import(
            [self._woo_order(number) for number in range(1, 41)]
        ).order_ids
        waiting = orders.filtered(lambda order: order.state == "ready")
        invoiced = orders.filtered(lambda order: order.state == "invoiced")
        self.assertEqual(set(waiting.mapped("approval")), {"needed"})
        self.assertEqual(len(waiting) + len(invoiced), 40)
        # A fair coin leaves 8 to 32 of 40 on one side all but once in 10,000 times.
        self.assertTrue(8 <= len(waiting) <= 32)

    def test_sample_of_nothing_and_of_everything(self):
        self.channel.sample_percent = 100
        self.assertTrue(self.channel._needs_approval("1"))
        self.channel.sample_percent = 0
        self.assertFalse(self.channel._needs_approval("1"))

    def test_sample_is_the_same_each_time(self):
        self.channel.sample_percent = 30
        refs = [str(number) for number in range(200)]
        picks = [self.channel._is_sampled(ref) for ref in refs]
        self.assertEqual(picks, [self.channel._is_sampled(ref) for ref in refs])

    def test_approving_nothing_says_so(self):
        order = self._import_one()
        with self.assertRaisesRegex(UserError, "waits for approval"):
            order.action_approve()

    def test_changed_order_needs_a_new_approval(self):
        self.channel.review_mode = "review"
        self.channel.invoice_trigger = "shipped"
        order = self._import_one()
        order.action_approve()
        self.assertEqual(order.state, "ordered")
        self._import(
            [
                self._woo_order(
                    1,
                    lines=[("SPOON", 1, "20.00", "3.00")],
                    date_modified_gmt="2024-03-07T10:00:00",
                )
            ]
        )
        self.assertRecordValues(order, [{"state": "ready", "approval": "needed"}])

    def test_cards_join_orders_of_one_cause(self):
        orders = self._import(
            [
                self._woo_order(1, lines=[("A", 1, "10.00", "1.50")]),
                self._woo_order(2, lines=[("A", 1, "10.00", "1.50")]),
                self._woo_order(3, lines=[("B", 1, "10.00", "1.50")]),
            ]
        ).order_ids
        cards = orders.issue_ids.cause_id
        self.assertEqual(
            {card.key: card.open_count for card in cards}, {"A": 2, "B": 1}
        )
        self.assertEqual(cards.user_id, self.channel.user_id)

    def test_cancelled_by_hand_leaves_the_queue(self):
        order = self._import_one(lines=[("A", 1, "10.00", "1.50")])
        order.action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(order.issue_ids.state, "resolved")

    def test_invoiced_order_cannot_be_cancelled_here(self):
        with self.assertRaisesRegex(UserError, "credit note"):
            self._import_one().action_cancel()

    def test_failing_order_goes_to_review_and_its_neighbours_do_not(self):
        """Core refuses an archived journal account; only orders with that product fail."""
        broken = self._create_article("BROKEN", "Broken", active=True)
        self._map(self.channel, broken)
        broken.property_account_income_id = self.env["account.account"].create(
            {
                "name": "Retired",
                "code": "RETIRED",
                "account_type": "income",
                "active": False,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        orders = self._import(
            [
                self._woo_order(1),
                self._woo_order(2, lines=[("BROKEN", 1, "100.00", "15.00")]),
                self._woo_order(3),
            ]
        ).order_ids.sorted("external_ref")
        self.assertEqual(orders.mapped("state"), ["invoiced", "exception", "invoiced"])
        self.assertEqual(self._open_codes(orders), ["processing_error"])
