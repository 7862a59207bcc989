from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .portal_common import MakerPageCase


@tagged("post_install", "-at_install")
class TestMakerAgents(MakerPageCase):
    """Who acts for a maker in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman,base.group_partner_manager"
        cls.contact_seller = new_test_user(cls.env, "contact_seller", groups=groups)
        # Managers of prices who edit contacts as well.
        cls.manager.group_ids |= cls.env.ref("base.group_partner_manager")

    def _get_maker_of(self, user):
        return self.env["res.partner"].with_user(user)._get_current_maker()

    def _merge(self, user, *partners):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        merge = wizard.create({"partner_ids": [Command.set([p.id for p in partners])]})
        merge.dst_partner_id = partners[0]
        merge.action_merge()

    def test_contact_put_below_a_maker_by_a_seller_sees_and_changes_nothing(self):
        change = self.env["artisan.change.request"].create(
            {
                "maker_id": self.maker.id,
                "kind": "story",
                "new_text": "<p>x</p>",
                "asked_by_id": self.ana.id,
                "subject": "Story",
            }
        )
        carl = self.customer_user
        carl.partner_id.with_user(self.contact_seller).parent_id = self.maker
        self.assertEqual(carl.partner_id.commercial_partner_id, self.maker)
        self.assertFalse(self._get_maker_of(carl))
        self.authenticate("carl", "carl")
        for path in ("", "/products", "/orders", "/statements", "/story", "/changes"):
            with self.subTest(path=path):
                self._get(path, status=404)
        self._post_with_token("/story", status=404, text="Mine", action="send")
        self.assertFalse(change.with_user(carl).search([]))
        with self.assertRaises(AccessError):
            change.with_user(carl).read(["new_text"])

    def test_contact_whom_a_manager_names_acts_for_the_maker(self):
        carl = self.customer_user
        carl.partner_id.parent_id = self.maker
        with self.assertRaises(AccessError):
            self.maker.with_user(self.contact_seller).maker_agent_ids = carl.partner_id
        self.maker.with_user(self.manager).maker_agent_ids = carl.partner_id
        self.assertEqual(self._get_maker_of(carl), self.maker)
        self.assertFalse(self._get_maker_of(self.ana))

    def test_maker_needs_no_naming_for_the_own_login(self):
        dora = self._create_login("dora", is_maker=True)
        self.assertEqual(self._get_maker_of(dora), dora.partner_id)
        self.authenticate("dora", "dora")
        self._get("/products")

    def test_contact_named_by_one_maker_does_not_act_for_another(self):
        self.ana.partner_id.with_user(self.contact_seller).parent_id = self.other_maker
        self.assertFalse(self._get_maker_of(self.ana))
        self.ana.partner_id.with_user(self.contact_seller).parent_id = False
        self.assertFalse(self._get_maker_of(self.ana))

    def test_contact_who_left_and_comes_back_is_to_be_named_anew(self):
        ana = self.ana.partner_id.with_user(self.contact_seller)
        for place in (self.other_maker, False):
            with self.subTest(place=place):
                ana.parent_id = place
                ana.parent_id = self.maker
                self.assertFalse(self._get_maker_of(self.ana))
                self.assertFalse(self.maker.maker_agent_ids)
                self.assertIn("Ana", self.maker.message_ids[0].body)
                self.maker.with_user(self.manager).maker_agent_ids = self.ana.partner_id
                self.assertEqual(self._get_maker_of(self.ana), self.maker)

    def test_contact_of_a_department_leaves_with_it(self):
        workshop = self.env["res.partner"].create(
            {"name": "Workshop", "parent_id": self.maker.id}
        )
        self.ana.partner_id.parent_id = workshop
        self.assertEqual(self._get_maker_of(self.ana), self.maker)
        workshop.parent_id = False
        workshop.parent_id = self.maker
        self.assertFalse(self._get_maker_of(self.ana))

    def test_maker_who_moves_keeps_who_acts_for_the_maker(self):
        self.maker.parent_id = self.other_maker
        self.assertFalse(self._get_maker_of(self.ana))
        self.maker.parent_id = False
        self.assertEqual(self._get_maker_of(self.ana), self.maker)
        self.ana.partner_id.with_user(self.contact_seller).write(
            {"parent_id": self.maker.id, "is_company": False}
        )
        self.assertEqual(self._get_maker_of(self.ana), self.maker)

    def test_seller_merges_no_login_into_a_maker(self):
        carl = self.customer_user.partner_id
        carl.email = self.maker.email = "same@example.com"
        with self.assertRaises(AccessError):
            self._merge(self.contact_seller, self.maker, carl)
        agent = self.env["res.partner"].create(
            {"name": "Agent", "parent_id": self.maker.id, "email": carl.email}
        )
        self.maker.maker_agent_ids = agent
        with self.assertRaises(AccessError):
            self._merge(self.contact_seller, agent, carl)
        other = self.env["res.partner"].create({"name": "Ca", "email": carl.email})
        self._merge(self.contact_seller, carl, other)
        self.assertFalse(other.exists())
