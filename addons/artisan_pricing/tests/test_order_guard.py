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
    "sold_maker_id": False,
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

    def test_who_pays_and_how_makers_are_paid_is_not_told_to_everybody(self):
        order = self._create_sold()
        customer = new_test_user(self.env, "order_customer", "base.group_portal")
        order.sudo().partner_id = customer.partner_id
        self.env.flush_all()
        line = order.order_line.filtered("reward_id").with_user(customer)
        self.assertTrue(line.read(["price_unit"]))
        with self.assertRaises(AccessError):
            line.read(["maker_percent"])
        employee = new_test_user(self.env, "order_employee", "base.group_user")
        maker = self.maker.with_user(employee)
        self.assertTrue(maker.read(["is_maker", "is_payout_missing"]))
        for name in ("maker_payout_bank_id", "maker_payout_minimum"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                maker.read([name])
        salesman = "sales_team.group_sale_salesman,base.group_partner_manager"
        salesman = new_test_user(self.env, "order_salesman", salesman)
        partners = self.env["res.partner"].with_user(salesman)
        self.assertTrue(partners.create({"name": "Customer"}).copy())
        self.assertTrue(maker.with_user(salesman).web_read({"display_name": {}}))

    def test_a_product_is_sold_for_its_maker_of_that_time(self):
        # Of goods on their way nobody changes the product.
        (self.d | self.e).product_tmpl_id.type = "service"
        order = self._create_sold()
        self.d.product_tmpl_id.maker_id = self.other_maker
        [sold] = [
            each for each in order._get_sold_lines()[order].values() if each.maker
        ]
        self.assertEqual(sold.maker, str(self.maker.id))
        companies = order.company_id
        lines = order.sudo().order_line
        for maker, count in ((self.maker, 1), (self.other_maker, 0)):
            found = lines.filtered_domain(maker._get_maker_line_domain(companies))
            self.assertEqual(len(found), count)
        self.assertFalse(order.copy().order_line.sudo().sold_maker_id)
        lines[0].product_id = self.e
        self.assertFalse(lines[0].sold_maker_id)

    def test_a_seller_copies_orders(self):
        order = self._create_order((self.d, 2)).with_user(self.seller)
        order.order_line.sudo().has_agreed_price = True
        self.assertTrue(order.copy().order_line.has_agreed_price)
