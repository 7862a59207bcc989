from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .reward_common import RewardCommon

KEPT = {
    "maker_percent": 100,
    "price_trace": "{}",
    "price_trace_names": "[]",
    "prior_price": 9999,
    "prior_price_percent": 50,
    "bundle_list_price": 999,
    "reward_scope": {"lines": []},
}


@tagged("post_install", "-at_install")
class TestOrderGuard(RewardCommon):
    """What a seller does not decide by writing to an order from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman_all_leads"
        cls.seller = new_test_user(cls.env, "order_guard", groups=groups)

    def _create_sold(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1)).with_user(self.seller)
        self._claim(order)
        order.action_confirm()
        return order

    def test_a_seller_does_not_say_who_pays_a_discount(self):
        order = self._create_sold()
        reward_line = order.order_line.filtered("reward_id")
        self.assertEqual(reward_line.sudo().maker_percent, 50)
        with self.assertRaises(AccessError):
            reward_line.write({"maker_percent": 100})
        with self.assertRaises(AccessError):
            order.write({"order_line": [(1, reward_line.id, {"maker_percent": 100})]})
        self.assertEqual(reward_line.sudo().maker_percent, 50)

    def test_a_seller_does_not_write_what_is_kept_of_prices(self):
        line = self._create_sold().order_line[0]
        for name, value in {**KEPT, "has_agreed_price": True}.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                line.write({name: value})

    def test_what_is_kept_of_prices_is_not_given_at_creation(self):
        lines = self.env["sale.order.line"].with_user(self.seller)
        order = self._create_order((self.d, 1)).with_user(self.seller)
        vals = {"order_id": order.id, "product_id": self.d.id}
        for name, value in KEPT.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                lines.create({**vals, name: value})
            context = {f"default_{name}": value}
            with self.subTest(context=name), self.assertRaises(AccessError):
                lines.with_context(**context).create(vals)
        self.env["ir.default"].set(
            "sale.order.line", "maker_percent", 100, user_id=self.seller.id
        )
        with self.assertRaises(AccessError):
            lines.create(vals)

    def test_a_seller_does_not_say_that_a_term_was_earned(self):
        order = self._create_sold()
        with self.assertRaises(AccessError):
            order.write({"terms_origin": "given"})
        orders, vals = order.browse(), {"partner_id": self.partner.id}
        with self.assertRaises(AccessError):
            orders.create({**vals, "terms_origin": "earned"})
        with self.assertRaises(AccessError):
            orders.with_context(default_terms_origin="earned").create(vals)

    def test_a_seller_copies_orders(self):
        order = self._create_order((self.d, 2)).with_user(self.seller)
        order.order_line.sudo().has_agreed_price = True
        self.assertTrue(order.copy().order_line.has_agreed_price)
