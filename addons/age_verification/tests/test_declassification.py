from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDeclassification(AgeCommon):
    """Who edits products does not edit the law: orders go on when the age is proved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.editor, cls.manager = (
            new_test_user(
                cls.env,
                login,
                f"product.group_product_manager,{group}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
                tz="UTC",
            )
            for login, group in (
                ("editor", "sales_team.group_sale_manager"),
                ("decider", "age_verification.group_age_manager"),
            )
        )
        cls.free = cls.env.ref("age_verification.product_class_none")
        cls.cellar = cls.env["product.category"].create(
            {"name": "Cellar", "age_class_id": cls.spirits_class.id}
        )
        cls.shelf = cls.env["product.category"].create({"name": "Shelf"})
        cls.rum = cls._create_goods("Rum", categ_id=cls.cellar.id, age_abv=40)

    def _assert_refused(self, record, vals):
        with self.assertRaises(AccessError) as caught:  # undone, unlike with a regex
            record.with_user(self.editor).write(vals)
        self.assertIn("Only managers of age verification", str(caught.exception))

    def _declassified(self):
        incidents = self.env["age.incident"].search(
            [("kind", "=", "declassified"), ("company_id", "=", self.company.id)],
            order="id",
        )
        return incidents.mapped("document")

    def _judge_again(self):
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_judge_again").method_direct_trigger()

    # === ASKING LESS === #

    def test_product_editor_does_not_get_an_order_through(self):
        order = self._create_order(self.gin)
        for vals in (
            {"age_own_class_id": False},
            {"age_own_class_id": self.free.id},
            {"age_own_class_id": self.wine_class.id},
            {"age_abv": 0.5},
            {"age_distilled": "fermented"},
            {"name": "Gin", "age_own_class_id": False, "categ_id": self.cellar.id}
            | {"age_abv": 1},
        ):
            for product in (self.gin, self.gin.product_tmpl_id):
                with self.subTest(vals):
                    self._assert_refused(product, vals)
        self.assertEqual(order.age_verdict, "unproved")
        self.assertFalse(self._declassified())

    def test_class_that_is_computed_is_not_written(self):
        self.gin.with_user(self.editor).write({"age_class_id": self.free.id})
        self.cellar.with_user(self.editor).write(
            {"age_inherited_class_id": self.free.id}
        )
        self.env.invalidate_all()
        self.assertEqual(self.gin.age_class_id, self.spirits_class)
        self.assertEqual(self.rum.age_class_id, self.spirits_class)
        made = (
            self.env["product.template"]
            .with_user(self.editor)
            .with_context(default_age_class_id=self.free.id)
            .create({"name": "Whisky", "categ_id": self.cellar.id})
        )
        self.assertEqual(made.age_class_id, self.spirits_class)

    def test_categories_are_no_way_round(self):
        self._assert_refused(self.rum, {"categ_id": self.shelf.id})
        self._assert_refused(self.rum, {"categ_id": False})
        self._assert_refused(self.cellar, {"age_class_id": False})
        self._assert_refused(self.cellar, {"age_class_id": self.wine_class.id})
        self._assert_refused(self.cellar, {"age_class_id": self.free.id})
        self.cellar.write({"age_class_id": False, "parent_id": self.shelf.id})
        self.shelf.age_class_id = self.spirits_class
        self._assert_refused(self.cellar, {"parent_id": False})
        self._assert_refused(self.shelf, {"age_class_id": False})
        with self.assertRaises(UserError) as caught:
            self.shelf.unlink()
        self.assertIn("Move them first", str(caught.exception))
        self.assertEqual(self.rum.age_class_id, self.spirits_class)

    def test_variants_do_not_move_to_a_free_product(self):
        self.cheese.active = False  # its own variant would be in the way
        self._assert_refused(
            self.gin, {"product_tmpl_id": self.cheese.product_tmpl_id.id}
        )

    def test_import_does_not_take_a_class_away(self):
        self.env["ir.model.data"].create(
            {
                "name": "gin",
                "module": "shop",
                "model": "product.template",
                "res_id": self.gin.product_tmpl_id.id,
            }
        )
        for column, value in (
            ("age_own_class_id", "Not age-restricted"),
            ("age_abv", "2"),
        ):
            result = (
                self.env["product.template"]
                .with_user(self.editor)
                .load(["id", column], [["shop.gin", value]])
            )
            self.assertIn("Only managers", result["messages"][0]["message"])
        self.assertEqual(self.gin.age_class_id, self.spirits_class)

    def test_new_products_and_copies_are_not_declared_free_by_their_editor(self):
        products = self.env["product.template"].with_user(self.editor)
        vals = {"name": "Gin", "age_own_class_id": self.free.id}
        with self.assertRaises(AccessError):
            products.create(vals)
        with self.assertRaises(AccessError):
            products.with_context(default_age_own_class_id=self.free.id).create(
                {"name": "Gin"}
            )
        glass = self._create_goods("Wine glass", self.free).product_tmpl_id
        self.assertFalse(glass.with_user(self.editor).copy().age_class_id)
        self.assertEqual(glass.with_user(self.manager).copy().age_class_id, self.free)
        with self.assertRaises(AccessError):
            self.cheese.product_tmpl_id.with_user(
                self.editor
            ).action_age_not_restricted()

    def test_wizard_asks_for_the_same_right(self):
        wizard = (
            self.env["age.product.classify"]
            .with_user(self.editor)
            .create(
                {
                    "product_ids": self.gin.product_tmpl_id.ids,
                    "class_id": self.free.id,
                }
            )
        )
        with self.assertRaisesRegex(AccessError, "Gin"):
            wizard.action_apply()

    def test_law_of_another_country_or_day_counts(self):
        """Denmark, from 2027 on: spirits from 18, tobacco from 21, knives from 18."""
        tobacco, knife = (
            self.env.ref(f"age_verification.product_class_{code}")
            for code in ("tobacco", "knife")
        )
        self._create_rule(tobacco, self.denmark, 21, date_from="2027-01-01")
        self._create_rule(tobacco, self.denmark, 18, date_to="2026-12-31")
        self._create_rule(knife, self.denmark, 18)
        cigar = self._create_goods("Cigar", tobacco)
        self._assert_refused(cigar, {"age_own_class_id": knife.id})

    def test_class_whose_policy_takes_weaker_proofs_asks_less(self):
        beer = self.env.ref("age_verification.product_class_alcohol_beer")
        self._create_rule(beer, self.germany, 16)
        beer.with_company(self.company).policy_id = self.policy.copy(
            {"min_assurance": "declared"}
        )
        self._assert_refused(self.wine, {"age_own_class_id": beer.id})

    # === ASKING MORE, OR THE SAME === #

    def test_anybody_who_edits_products_makes_them_stricter(self):
        wine = self.wine.with_user(self.editor)
        wine.write({"age_own_class_id": self.spirits_class.id, "age_abv": 16})
        self.cheese.with_user(self.editor).age_own_class_id = self.wine_class
        self.shelf.with_user(self.editor).age_class_id = self.wine_class
        self.rum.with_user(self.editor).write({"name": "Old rum", "age_abv": 41})
        self.assertEqual(self.wine.age_class_id, self.spirits_class)
        self.assertFalse(self._declassified())

    def test_strength_is_stated_where_no_law_asks_for_it(self):
        self.wine.age_abv = 0
        self.wine.with_user(self.editor).age_abv = 12
        self._create_rule(self.wine_class, self.denmark, 18, abv_gt=6)
        self._create_rule(self.wine_class, self.denmark, 16, abv_lte=6)
        self.wine.age_abv = 0
        self._assert_refused(self.wine, {"age_abv": 5})
        self.wine.with_user(self.editor).age_abv = 12

    def test_products_without_a_class_are_moved_as_before(self):
        toys = self.env["product.category"].create(
            {"name": "Toys", "age_class_id": self.free.id}
        )
        self.cheese.with_user(self.editor).categ_id = toys
        self.cheese.with_user(self.editor).categ_id = self.shelf
        self.assertFalse(self._declassified())

    # === WHO DECIDES === #

    def test_manager_asks_less_and_an_incident_tells(self):
        for product in (self.gin, self.wine):
            product.with_user(self.manager).age_own_class_id = self.free
        self.cellar.with_user(self.manager).age_class_id = self.wine_class
        names = ["Gin", "Riesling", "Cellar"]
        self.assertEqual(self._declassified(), names)
        incident = self.env["age.incident"].search([("document", "=", "Gin")])
        self.assertRecordValues(
            incident,
            [
                {
                    "user_id": self.manager.id,
                    "note": "Gin: Spirits, 43 %, Distilled → Not age-restricted, 43 %, "
                    "Distilled",
                }
            ],
        )

    def test_second_change_within_a_minute_is_told_as_well(self):
        gin = self.gin.with_user(self.manager)
        gin.age_own_class_id = self.wine_class
        gin.age_own_class_id = self.free
        self.assertEqual(self._declassified(), ["Gin", "Gin"])

    def test_class_that_becomes_free_is_told(self):
        self.spirits_class.with_user(self.manager).is_restricted = False
        self.assertEqual(self._declassified(), ["Spirits"])

    def test_class_in_use_is_not_deleted(self):
        made = self.env["age.product.class"].create({"name": "Toys", "code": "toys"})
        self.cheese.age_own_class_id = made
        with self.assertRaisesRegex(UserError, "of this class"):
            made.with_user(self.manager).unlink()

    # === WHAT IS CONFIRMED === #

    def _is_woken(self):
        cron = self.env.ref("age_verification.ir_cron_judge_again")
        return bool(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        )

    def test_confirmed_order_is_held_when_its_product_becomes_restricted(self):
        order = self._create_order(self.cheese)
        order.action_confirm()
        self.assertFalse(self._is_woken())
        self.cheese.with_user(self.editor).age_own_class_id = self.spirits_class
        self.assertTrue(self._is_woken())
        self._judge_again()
        self.assertTrue(order.age_held_since)

    def test_confirmed_order_is_held_when_its_product_becomes_stricter(self):
        self._prove(16)
        order = self._create_order(self.wine)
        order.action_confirm()
        self.wine.with_user(self.editor).age_own_class_id = self.spirits_class
        self._judge_again()
        self.assertTrue(order.age_held_since)

    def test_change_that_laws_do_not_look_at_wakes_nobody(self):
        self.gin.with_user(self.editor).write({"name": "Gin II", "list_price": 30})
        self.gin.with_user(self.editor).age_abv = 43
        self.assertFalse(self._is_woken())
