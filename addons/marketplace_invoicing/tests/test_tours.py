from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestTours(SettlementCommon, HttpCase):
    """What people do all day, in a real browser, with no more rights than they need."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("marketplace_user", "user")
        cls.reviewer = cls._create_user("marketplace_reviewer", "reviewer")

    @classmethod
    def _create_user(cls, login, level):
        return new_test_user(
            cls.env,
            login,
            f"marketplace_invoicing.group_marketplace_{level}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _lamp_lines(self, code):
        return ((code, 1, "100.00", "15.00"),)

    def test_user_previews_and_imports_a_file(self):
        imports = self.env["marketplace.import"]
        before = imports.search_count([])
        self.start_tour(
            "/odoo/marketplaces", "marketplace_import", login=self.user.login
        )
        self.assertEqual(
            imports.search_count([]), before + 1, "the broken file is left out"
        )
        orders = self._get_orders(self.channel)
        self.assertEqual(sorted(orders.mapped("name")), ["11", "12"])
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        self.assertEqual(sum(orders.invoice_id.mapped("amount_total")), 230.0)

    def test_file_dropped_on_a_card_is_only_previewed(self):
        self._create_channel("Second shop", "woocommerce")
        before = self.env["marketplace.import"].search_count([])
        self.start_tour(
            "/odoo/marketplaces", "marketplace_import_drop", login=self.user.login
        )
        self.assertEqual(self.env["marketplace.import"].search_count([]), before)
        self.assertFalse(self._get_orders(self.channel))

    def test_reviewer_fixes_an_unknown_sku_and_its_orders_are_invoiced(self):
        lamp = self._create_article("LAMP", "Reading lamp")
        self._import(
            [
                self._woo_order(31, self._lamp_lines("LAMP-7")),
                self._woo_order(32, self._lamp_lines("LAMP-7")),
                self._woo_order(33, self._lamp_lines("RUG-9")),
            ]
        )
        orders = self._get_orders(self.channel)
        self.assertEqual(set(orders.mapped("state")), {"exception"})
        self.start_tour(
            "/odoo/marketplace-review",
            "marketplace_fix_unknown_sku",
            login=self.reviewer.login,
        )
        states = {order.name: order.state for order in orders}
        self.assertEqual(
            states, {"31": "invoiced", "32": "invoiced", "33": "exception"}
        )
        mapping = self.env["marketplace.product.mapping"].search(
            [("code", "=", "LAMP-7")]
        )
        self.assertEqual(mapping.product_id, lamp)
        self.assertEqual(mapping.create_uid, self.reviewer)

    def test_reviewer_approves_an_order_in_review_mode(self):
        channel = self._create_channel("Wholesale", "woocommerce", review_mode="review")
        self._map(channel, self.bowl)
        order = self._import_one(channel, 41)
        self.assertRecordValues(order, [{"state": "ready", "approval": "needed"}])
        self.start_tour(
            "/odoo/marketplaces", "marketplace_approve", login=self.reviewer.login
        )
        self.assertRecordValues(
            order,
            [
                {
                    "state": "invoiced",
                    "approval": "approved",
                    "approved_by_id": self.reviewer.id,
                    "invoice_payment_state": "paid",
                }
            ],
        )

    def test_reviewer_maps_a_fee_and_the_payout_is_booked(self):
        self._import([self._woo_order(51), self._woo_order(52)])
        account = self.env["account.account"].create(
            {
                "name": "Card costs",
                "code": "621900",
                "account_type": "expense",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.start_tour(
            "/odoo/marketplaces", "marketplace_map_fee", login=self.reviewer.login
        )
        settlement = self.env["marketplace.settlement"].search(
            [("channel_id", "=", self.channel.id)]
        )
        self.assertRecordValues(
            settlement,
            [{"state": "posted", "amount_payout": 222.70, "imbalance": 0.0}],
        )
        items = settlement.move_ids.line_ids
        # Two fees of 3.65.
        fee = items.filtered(lambda item: item.account_id == account)
        self.assertEqual(fee.balance, 7.30)
        self.assertEqual(
            set(self._get_orders(self.channel).mapped("state")), {"settled"}
        )

    def test_reviewer_approves_a_refund_and_sees_its_credit_note(self):
        channel = self._create_channel("Wholesale", "woocommerce", review_mode="review")
        self._map(channel, self.bowl)
        order = self._import_one(channel, 51)
        order.action_approve()
        refund = {
            "id": 777,
            "date_created_gmt": "2024-03-08T12:00:00",
            "amount": "23.00",
            "reason": "Broken",
            "refunded_by": 1,
            "line_items": [],
            "_links": {"up": [{"href": "https://shop.example.com/orders/51"}]},
        }
        self._import([refund], channel, name="refunds.json")
        self.start_tour(
            "/odoo/marketplaces", "marketplace_refund", login=self.reviewer.login
        )
        self.assertRecordValues(
            order.refund_ids,
            [{"state": "credited", "approved_by_id": self.reviewer.id}],
        )
        self.assertEqual(order.refund_ids.credit_move_id.amount_total, 23.0)

    def test_accountant_finds_what_a_payout_left_open(self):
        orders = self._import_orders(62, 61)
        self._post("P1", [("sale", "61", 100.0), ("sale", "62", 115.0)], payout=215.0)
        self.start_tour(
            "/odoo/marketplaces", "marketplace_tie_out", login=self.reviewer.login
        )
        self.assertEqual(
            {order.name: order.state for order in orders},
            {"61": "invoiced", "62": "settled"},
        )
        self._post("P2", [("sale", "61", 15.0, 20)], payout=15.0)
        self.assertEqual(set(orders.mapped("state")), {"settled"})

    def test_reviewer_names_order_and_deposit_of_a_payout(self):
        [order] = self._import_orders(71)
        self._create_bank_line(115.0, "First transfer")
        bank_line = self._create_bank_line(115.0, "Second transfer")
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        self.start_tour(
            "/odoo/marketplaces", "marketplace_choose", login=self.reviewer.login
        )
        self.assertEqual(order.state, "settled")
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": bank_line.id}]
        )
        self.assertEqual(self._get_balance(self.clearing), 0.0)

    def _get_orders(self, channel):
        return self.env["marketplace.order"].search([("channel_id", "=", channel.id)])
