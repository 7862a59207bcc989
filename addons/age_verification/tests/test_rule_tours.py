from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRuleTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "age_manager", "age_verification.group_age_manager"
        )

    def test_delivered_rules_are_compared_and_taken_in_the_browser(self):
        rules = self.env["age.rule"].with_context(tracking_disable=True)
        rules.search([]).unlink()
        rules._load_delivered()
        edited = rules.search(
            [("country_id.code", "=", "DE"), ("class_id.code", "=", "alcohol_wine")]
        )
        edited.min_age = 30
        self.start_tour(
            "/odoo/age-rule-import",
            "age_rules_are_compared_and_taken",
            login=self.manager.login,
        )
        self.assertEqual(edited.min_age, 16)

    def test_a_product_gets_the_class_it_looks_like_in_the_browser(self):
        product = self.env["product.template"].create({"name": "Tour gin"})
        self.start_tour(
            "/odoo/age-unclassified-products",
            "age_product_gets_a_class",
            login=self.manager.login,
        )
        self.assertEqual(product.age_class_id.code, "alcohol_spirits")
