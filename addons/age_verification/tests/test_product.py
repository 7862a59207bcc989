from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestProduct(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        for login, group in (
            ("age_manager", "age_verification.group_age_manager"),
            ("age_user", "age_verification.group_age_user"),
            (
                "product_manager",
                "product.group_product_manager,sales_team.group_sale_salesman",
            ),
        ):
            setattr(cls, login, new_test_user(cls.env, login, group))
        for code in ("wine", "beer", "spirits"):
            product_class = cls.env.ref(
                f"age_verification.product_class_alcohol_{code}"
            )
            setattr(cls, code, product_class)
        cls.tobacco = cls.env.ref("age_verification.product_class_tobacco")
        cls.free = cls.env.ref("age_verification.product_class_none")
        cls.category = cls.env["product.category"].create({"name": "Goods"})

    @classmethod
    def _create_product(cls, name, **kwargs):
        values = {"name": name, "categ_id": cls.category.id, **kwargs}
        return cls.env["product.template"].create(values)

    def _search_suspects(self, products):
        domain = [("age_looks_restricted", "=", True), ("id", "in", products.ids)]
        return products.with_user(self.age_user).search(domain)

    # === CLASS OF A PRODUCT === #

    def test_a_product_has_its_own_class_else_that_of_its_nearest_category(self):
        cellar = self.category.create({"name": "Cellar", "parent_id": self.category.id})
        product = self._create_product("Box", categ_id=cellar.id)
        self.assertFalse(product.age_class_id)
        self.category.age_class_id = self.wine
        self.assertEqual(product.age_class_id, self.wine)
        cellar.age_class_id = self.beer
        self.assertEqual(product.age_class_id, self.beer)
        product.age_own_class_id = self.spirits
        self.assertEqual(product.age_class_id, self.spirits)
        self.assertEqual(product.product_variant_id.age_class_id, self.spirits)

    def test_a_class_without_strength_asks_for_none(self):
        self.env.user.group_ids = [
            Command.link(self.env.ref("product.group_product_manager").id)
        ]
        with Form(self.env["product.template"]) as form:
            form.name = "Box"
            form.age_own_class_id = self.tobacco
            with self.assertRaises(AssertionError):
                form.age_abv = 5
            form.age_own_class_id = self.wine
            form.age_abv = 12.5
        self.assertEqual(form.record.age_abv, 12.5)

    def test_a_class_above_others_or_in_use_is_not_deleted(self):
        above = self.wine.parent_id
        with self.assertRaisesRegex(UserError, "classes below"):
            above.with_user(self.age_manager).unlink()
        classes = self.env["age.product.class"].create({"name": "Toys", "code": "toy"})
        classes |= classes.create(
            {"name": "Dolls", "code": "doll", "parent_id": classes.id}
        )
        classes.with_user(self.age_manager).unlink()
        self.assertFalse(classes.exists())

    # === PRODUCTS THAT LOOK RESTRICTED === #

    def test_products_that_look_restricted_and_have_no_class_are_listed(self):
        gin = self._create_product("London Dry GIN")
        ginger = self._create_product("Ginger bread")
        classified = self._create_product("Gin", age_own_class_id=self.spirits.id)
        declared = self._create_product("Wine glass", age_own_class_id=self.free.id)
        material = self._create_product("Gin", sale_ok=False)
        products = gin + ginger + classified + declared + material
        self.assertEqual(self._search_suspects(products), gin)
        self.assertEqual(gin.age_suggested_class_id, self.spirits)
        self.assertFalse((products - gin).age_suggested_class_id)
        domain = [("age_looks_restricted", "=", False), ("id", "in", products.ids)]
        self.assertEqual(products.search(domain), products - gin)

    def test_names_of_every_language_and_categories_count(self):
        self.env["res.lang"]._activate_lang("de_DE")
        product = self._create_product("Red, dry")
        product.with_context(lang="de_DE").name = "Rotwein, trocken"
        shelf = self.category.create({"name": "Zigarren"})
        other = self._create_product("Robusto", categ_id=shelf.id)
        self.assertEqual(self._search_suspects(product + other), product + other)
        self.assertEqual(product.age_suggested_class_id, self.wine)
        self.assertEqual(other.age_suggested_class_id, self.tobacco)

    def test_keywords_of_the_delivered_classes_find_goods_of_several_languages(self):
        for name, code in (
            ("Champagne brut", "alcohol_wine"),
            ("Bière blonde", "alcohol_beer"),
            ("Küchenmesser 20 cm", "knife_domestic"),
            ("Couteau pliant", "knife"),
            ("Sigaro toscano", "tobacco"),
            ("E-Liquid 10 ml", "vape"),
            ("Rum truffles", "liqueur_confectionery"),
            ("Bombe de peinture", "aerosol_paint"),
            ("Rose soap", None),
            ("Olive oil (Öl)", None),
            ("Leather punch", None),
            ("Mes chaussettes", None),
        ):
            with self.subTest(name):
                found = self._create_product(name).age_suggested_class_id
                self.assertEqual(found.code or None, code)

    def test_one_click_gives_each_product_what_it_looks_like(self):
        gin = self._create_product("Gin")
        beer = self._create_product("Pale ale")
        soap = self._create_product("Soap")
        products = gin + beer + soap
        products.with_user(self.age_manager).action_age_take_suggestion()
        self.assertEqual(gin.age_class_id, self.spirits)
        self.assertEqual(beer.age_class_id, self.beer)
        self.assertFalse(soap.age_class_id)
        self.assertFalse(self._search_suspects(products))

    def test_one_click_says_that_a_product_is_not_restricted(self):
        glass = self._create_product("Wine glass")
        glass.with_user(self.age_manager).action_age_not_restricted()
        self.assertEqual(glass.age_class_id, self.free)
        self.assertFalse(self._search_suspects(glass))

    def test_suggestions_of_many_products_take_as_many_queries_as_of_one(self):
        one = self._create_product("Gin")
        many = one + self.env["product.template"].create(
            [{"name": f"Gin {i}", "categ_id": self.category.id} for i in range(50)]
        )
        counts = []
        for products in (one, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            products.mapped("age_suggested_class_id")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # === MANY PRODUCTS AT ONCE === #

    def _classify(self, products, user=None, **values):
        wizard = self.env["age.product.classify"].with_user(user or self.age_manager)
        wizard = wizard.with_context(
            active_model=products._name, active_ids=products.ids
        ).create(values)
        return wizard.action_apply()

    def test_class_and_strength_of_many_products_are_set_at_once(self):
        products = self._create_product("A") + self._create_product("B", age_abv=5)
        self._classify(
            products,
            class_id=self.spirits.id,
            sets_abv=True,
            age_abv=40,
            sets_distilled=True,
            age_distilled="distilled",
        )
        expected = {
            "age_class_id": self.spirits.id,
            "age_abv": 40,
            "age_distilled": "distilled",
        }
        self.assertRecordValues(products, [expected, expected])

    def test_what_is_not_to_be_set_stays(self):
        product = self._create_product(
            "A", age_own_class_id=self.wine.id, age_abv=12, age_distilled="fermented"
        )
        self._classify(product, class_mode="keep", sets_abv=True, age_abv=13)
        self.assertEqual(product.age_own_class_id, self.wine)
        self.assertEqual(product.age_abv, 13)
        self._classify(product, class_mode="category")
        self.assertFalse(product.age_own_class_id)
        self.assertRecordValues(
            product, [{"age_abv": 13, "age_distilled": "fermented"}]
        )

    def test_variants_in_a_list_stand_for_their_products(self):
        product = self._create_product("A")
        self._classify(product.product_variant_id, class_id=self.beer.id)
        self.assertEqual(product.age_class_id, self.beer)

    def test_nothing_to_set_is_said(self):
        product = self._create_product("A")
        for values in ({}, {"class_mode": "keep"}):
            with self.subTest(values), self.assertRaises(UserError):
                self._classify(product, **values)
        with self.assertRaises(UserError):
            self._classify(product.browse(), class_id=self.beer.id)

    # === RIGHTS === #

    def test_age_managers_and_product_managers_set_classes_and_others_do_not(self):
        product = self._create_product("Gin")
        for user in (self.age_manager, self.product_manager):
            product.age_own_class_id = False
            self._classify(product, user, class_id=self.beer.id)
            self.assertEqual(product.age_class_id, self.beer)
        product.age_own_class_id = False
        with self.assertRaises(AccessError):
            self._classify(product, self.age_user, class_id=self.beer.id)
        for action in ("action_age_take_suggestion", "action_age_not_restricted"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(product.with_user(self.age_user), action)()

    def test_age_managers_gain_no_other_right_on_products(self):
        product = self._create_product("Gin").with_user(self.age_manager)
        with self.assertRaises(AccessError):
            product.write({"name": "Whisky"})

    def test_classes_and_policies_are_the_managers(self):
        for model in ("age.product.class", "age.rule", "age.policy"):
            records = self.env[model].with_user(self.age_user)
            self.assertTrue(records.has_access("read"))
            for operation in ("create", "write", "unlink"):
                self.assertFalse(records.has_access(operation))
            records = records.with_user(self.age_manager)
            self.assertTrue(records.has_access("write"))
