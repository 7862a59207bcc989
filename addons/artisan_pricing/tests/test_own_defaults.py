"""Whoever is no manager sets defaults of their own, in the context of a call or for their
user. They decide neither who is a maker nor who pays what."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestOwnDefaults(PayoutCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "defaulting_seller",
            "sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
            company_id=cls.company.id,
        )

    def _set_default(self, model, name, value):
        self.env["ir.default"].with_user(self.seller).set(model, name, value, True)

    def test_own_default_makes_no_maker(self):
        for name, value in (
            ("is_maker", True),
            ("maker_price_permission", "free"),
            ("maker_max_increase", 900),
        ):
            self._set_default("res.partner", name, value)
            with self.subTest(name), self.assertRaises(AccessError):
                self.env["res.partner"].with_user(self.seller).create({"name": "Me"})
            self.env["ir.default"].search([("user_id", "=", self.seller.id)]).unlink()

    def test_default_that_a_manager_gives_all_users_is_no_hindrance(self):
        self.env["ir.default"].set("res.partner", "maker_max_increase", 30)
        partner = self.env["res.partner"].with_user(self.seller).create({"name": "Me"})
        self.assertEqual(partner.sudo().maker_max_increase, 30)

    def test_own_default_releases_no_credit_limit(self):
        self._set_default("sale.order", "is_limit_released", True)
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.seller).create(
                {"partner_id": self.partner.id}
            )

    def test_own_default_moves_no_discount_from_maker_to_platform(self):
        """D at 100 less 10 % that makers bear, 15 % of 90.00: 76.50 for the maker."""
        for by_user in (True, False):
            with self.subTest(by_user=by_user):
                self._check_discount_is_borne(by_user)

    def _check_discount_is_borne(self, by_user):
        self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1))
        self._claim(order)
        order.action_confirm()
        self.d.invoice_policy = "order"
        name, context = "is_bundle_correction", {}
        if by_user:
            self._set_default("account.move.line", name, True)
        else:
            context = {f"default_{name}": True}
        order.user_id = self.seller
        invoice = (
            order.with_user(self.seller).with_context(**context)._create_invoices()
        )
        invoice.sudo().with_context(default_is_bundle_correction=False).action_post()
        self.assertEqual(self._get_owed(invoice.sudo()), {self.d: 76.5})
        self.env["loyalty.program"].search([]).active = False
        self.env["ir.default"].search([("user_id", "=", self.seller.id)]).unlink()

    def test_seller_does_not_say_where_a_maker_is_paid(self):
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.maker.id, "acc_number": "FR7630006000011234567890189"}
        )
        self.maker.maker_payout_bank_id = bank
        other = bank.copy({"acc_number": "12345"})
        other.with_user(self.seller).acc_number = "54321"
        mine = bank.with_user(self.seller)
        mine.write({"acc_number": bank.acc_number})
        with self.assertRaises(AccessError):
            mine.acc_number = "DE89370400440532013000"
        bank.acc_number = "DE89370400440532013000"
