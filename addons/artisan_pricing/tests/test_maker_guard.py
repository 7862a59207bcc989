from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ArtisanCommon

AGREED = {
    "is_maker": False,
    "maker_payout_bank_id": False,
    "commission_scheme_id": 1,
    "maker_payout_minimum": 50,
    "maker_payout_when": "invoiced",
    "maker_story_permission": "free",
    "maker_price_permission": "free",
    "maker_max_increase": 999,
    "maker_agent_ids": [Command.clear()],
    "opening_minimum": 1,
    "keeps_own_terms": True,
}


@tagged("post_install", "-at_install")
class TestMakerGuard(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman_all_leads,base.group_partner_manager"
        cls.seller = new_test_user(cls.env, "guard_seller", groups=groups)
        cls.env = cls.env(user=cls.seller)

    def test_who_edits_contacts_agrees_nothing_with_makers(self):
        maker = self.maker.with_user(self.seller)
        maker.write({"phone": "+49 931 123456"})
        for name, value in AGREED.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                maker.write({name: value})

    def test_what_stays_as_it_is_may_be_written(self):
        maker = self.maker.with_user(self.seller)
        maker.write({"is_maker": True, "maker_payout_when": "paid", "phone": "1"})
        with self.assertRaises(AccessError):
            (maker | self.partner.with_user(self.seller)).is_maker = True

    def test_who_edits_contacts_locks_no_maker_out(self):
        maker, customer = self.maker.with_user(self.seller), self.partner
        with self.assertRaises(AccessError):
            maker.active = False
        with self.assertRaises(AccessError):
            maker.parent_id = customer
        maker.write({"active": True, "parent_id": False})
        customer.with_user(self.seller).active = False
        self.assertFalse(customer.active)

    def test_who_creates_contacts_makes_no_makers(self):
        contacts = self.env["res.partner"].with_user(self.seller)
        with self.assertRaises(AccessError):
            contacts.create({"name": "Turner", "is_maker": True})
        with self.assertRaises(AccessError):
            contacts.with_context(default_is_maker=True).create({"name": "Turner"})
        contact = contacts.create(
            # As a form sends it that shows the fields.
            {"name": "Weaver", "is_maker": False, "maker_price_permission": "approval"}
        )
        self.assertFalse(contact.is_maker)

    def test_users_are_created_by_who_knows_nothing_of_makers(self):
        groups = "base.group_erp_manager,base.group_partner_manager"
        admin = new_test_user(self.env(su=True), "guard_admin", groups=groups)
        user = (
            self.env["res.users"]
            .with_user(admin)
            .create({"name": "New", "login": "guard_new"})
        )
        self.assertEqual(user.partner_id.maker_price_permission, "approval")
