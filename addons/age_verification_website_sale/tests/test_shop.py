from lxml import html

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.website_sale.tests.common import MockRequest

from ..controllers.cart import AgeCart


@tagged("post_install", "-at_install")
class TestShop(HttpCase):
    """Nobody pays online for what they may not have; who has proved their age may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.company = cls.website.company_id
        cls.env["age.rule"].search([]).active = False
        cls.belgium = cls.env.ref("base.be")
        spirits = cls.env.ref("age_verification.product_class_alcohol_spirits")
        cls.rule = cls.env["age.rule"].create(
            {
                "class_id": spirits.id,
                "country_id": cls.belgium.id,
                "min_age": 18,
                "confidence": "primary",
                "source": "https://law.example.com",
            }
        )
        cls.provider = cls.env["age.provider"].create(
            {
                "name": "Simulator",
                "code": "simulator",
                "simulator_format": "yoti",
                "state": "test",
                "company_id": cls.company.id,
            }
        )
        cls.policy = cls.env["age.policy"].create(
            {
                "name": "Shop",
                "company_id": cls.company.id,
                "step_ids": [Command.create({"provider_id": cls.provider.id})],
            }
        )
        cls.company.age_policy_id = cls.policy
        cls.company.age_test_mode = True
        cls.gin = cls._create_product("Dry Gin", age_own_class_id=spirits.id)
        cls.cheese = cls._create_product("Cheese")
        cls.buyer = cls.env["res.partner"].create(
            {
                "name": "Ada",
                "email": "ada@example.com",
                "phone": "+32 2 000 00 00",
                "street": "Rue 1",
                "city": "Liège",
                "zip": "4000",
                "country_id": cls.belgium.id,
            }
        )

    @classmethod
    def _create_product(cls, name, **kwargs):
        # A service, so that no carrier is needed: the law is the same for the test.
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": 20.0,
                "website_published": True,
                **kwargs,
            }
        )

    def _create_cart(self, *products):
        return self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "website_id": self.website.id,
                "order_line": [
                    Command.create({"product_id": product.id}) for product in products
                ],
            }
        )

    def _prove(self):
        today = self.company._get_age_today()
        self.env["age.proof"]._record(
            [
                {
                    "partner_id": self.buyer.id,
                    "company_id": self.company.id,
                    "bound_date": fields.Date.subtract(today, years=18),
                    "method": "document",
                    "assurance": "document",
                    "proved_on": today,
                }
            ]
        )

    def _check(self, cart):
        with MockRequest(cart.env, website=self.website, sale_order_id=cart.id):
            return cart._check_cart_is_ready_to_be_paid()

    def test_cart_of_an_unproved_buyer_is_not_paid_and_says_where_to_prove(self):
        cart = self._create_cart(self.gin)
        with self.assertRaises(ValidationError) as refusal:
            self._check(cart)
        self.assertIn(
            "Dry Gin: only for persons aged 18 or over", str(refusal.exception)
        )
        self.assertIn("/shop/payment", str(refusal.exception))

    def test_cart_of_a_proved_buyer_is_paid(self):
        self._prove()
        self._check(self._create_cart(self.gin))

    def test_cart_without_restricted_products_is_paid(self):
        self._check(self._create_cart(self.cheese))

    def test_cart_says_what_may_not_be_sold_there(self):
        self.rule.kind = "prohibited"
        cart = self._create_cart(self.gin, self.cheese)
        self.assertEqual(
            cart._get_age_cart_notices(),
            ["Dry Gin may not be sold to your address."],
        )

    def test_no_wallet_pays_at_once_before_the_age_is_proved(self):
        provider = self.env["payment.provider"].create(
            {
                "name": "Wallet",
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": self.company.id,
                "payment_method_ids": [
                    Command.link(self.env.ref("payment.payment_method_unknown").id)
                ],
            }
        )
        self.patch(
            self.registry["payment.provider"],
            "_get_compatible_providers",
            lambda self, *args, **kwargs: provider,
        )
        for cart, offered in (
            (self._create_cart(self.gin), 0),
            (self._create_cart(self.cheese), 1),
        ):
            with MockRequest(cart.env, website=self.website, sale_order_id=cart.id):
                values = AgeCart()._get_express_shop_payment_values(cart)
            self.assertEqual(len(values["providers_sudo"]), offered)

    def test_product_page_tells_of_the_proof_only_where_one_is_needed(self):
        for product, expected in ((self.gin, 1), (self.cheese, 0)):
            page = html.fromstring(self.url_open(product.website_url).content)
            notices = page.xpath("//div[contains(@class, 'o_age_notice')]")
            self.assertEqual(len(notices), expected, product.name)

    def test_guest_proves_within_the_checkout_and_goes_on_to_the_payment(self):
        self.website.account_on_checkout = "optional"
        self.start_tour(self.gin.website_url, "age_shop_guest")
        order = self.env["sale.order"].search(
            [("website_id", "=", self.website.id)], order="id desc", limit=1
        )
        self.assertEqual(order.partner_id.name, "John Doe")
        self.assertEqual(order.age_verdict, "pass")
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.age_held_since)
