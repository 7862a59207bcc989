from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import ArtisanCommon


@tagged("post_install", "-at_install")
class TestMaker(ArtisanCommon):
    def _create_account(self, partner, number):
        return self.env["res.partner.bank"].create(
            {"partner_id": partner.id, "acc_number": number}
        )

    def test_user_without_rights_on_makers_creates_users_but_sets_no_limits(self):
        groups = "base.group_erp_manager,base.group_partner_manager"
        clerk = new_test_user(self.env, "clerk", groups)
        new = self.env["res.users"].with_user(clerk).create({"name": "N", "login": "n"})
        self.assertEqual(new.partner_id.sudo().maker_story_permission, "approval")
        self.assertEqual(new.partner_id.sudo().maker_max_decrease, 50)
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(clerk).create(
                {"name": "Maker", "maker_story_permission": "free"}
            )

    def test_maker_without_payout_account_is_told_and_found(self):
        self.assertTrue(self.maker.is_payout_missing)
        missing = [("is_payout_missing", "=", True)]
        self.assertIn(self.maker, self.env["res.partner"].search(missing))
        account = self._create_account(self.maker, "FR7630006000011234567890189")
        self.maker.maker_payout_bank_id = account
        self.assertFalse(self.maker.is_payout_missing)
        self.assertNotIn(self.maker, self.env["res.partner"].search(missing))
        payable = self.env["res.partner"].search([("is_payout_missing", "=", False)])
        self.assertIn(self.maker, payable)
        self.assertIn(self.partner, payable)

    def test_payout_account_of_somebody_else_is_refused(self):
        account = self._create_account(self.partner, "FR7630006000011234567890189")
        with self.assertRaisesRegex(ValidationError, "belongs to"):
            self.maker.maker_payout_bank_id = account

    def test_maker_with_products_stays_maker(self):
        with self.assertRaisesRegex(ValidationError, "still has 1 products"):
            self.maker.is_maker = False
        self.candle.maker_id = False
        self.maker.is_maker = False
        self.assertFalse(self.maker.is_maker)

    def test_maker_page_leads_to_own_products(self):
        self._create_craft("Soap", 7)
        self._create_product(name="Nobody's")
        self.assertEqual(self.maker.maker_product_count, 2)
        action = self.maker.action_open_maker_products()
        found = self.env["product.template"].search(action["domain"])
        self.assertEqual(found.mapped("name"), ["Candle", "Soap"])

    def test_seller_makes_a_maker_on_the_contact_form(self):
        with Form(self.partner) as contact:
            contact.is_maker = True
        self.assertRecordValues(
            self.partner, [{"is_maker": True, "is_payout_missing": True}]
        )

    def test_copy_of_a_product_is_of_the_same_maker(self):
        self.assertEqual(self.candle.product_tmpl_id.copy().maker_id, self.maker)
