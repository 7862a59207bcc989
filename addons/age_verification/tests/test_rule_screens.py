from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, freeze_time, new_test_user, tagged


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRuleScreens(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env["age.rule"].search([]).unlink()
        cls.env["age.rule"]._load_delivered()
        cls.env.company.partner_id.tz = "UTC"
        cls.env.company.age_policy_id = cls.env["age.policy"].create(
            {"name": "Careful", "fallback_age": 19}
        )
        cls.user = new_test_user(cls.env, "age_user", "age_verification.group_age_user")
        cls.manager = new_test_user(
            cls.env, "age_manager", "age_verification.group_age_manager"
        )

    def _look_up(self, code, country=None, **values):
        preview = Form(self.env["age.rule.preview"].with_user(self.user))
        preview.class_id = self.env.ref(f"age_verification.product_class_{code}")
        if country:
            preview.country_id = self.env.ref(f"base.{country}")
        for name, value in values.items():
            setattr(preview, name, value)
        return preview

    # === WHAT WOULD BE ASKED === #

    def test_users_look_up_what_would_be_asked(self):
        preview = self._look_up("alcohol_wine", "dk", age_abv=12)
        self.assertEqual(preview.answer, "At least 18: born on or before 06/15/2008.")
        self.assertFalse(preview.warnings)
        self.assertIn("ritzau", preview.source)
        preview.day = "2025-03-31"
        self.assertEqual(preview.answer, "At least 16: born on or before 03/31/2009.")

    def test_cohorts_and_prohibitions_are_said(self):
        preview = self._look_up("tobacco", "uk", day="2027-01-01")
        self.assertEqual(preview.answer, "Born on or before 12/31/2008, for ever.")
        preview = self._look_up("vape", "mv")
        self.assertEqual(preview.answer, "May not be sold there.")

    def test_doubts_are_said(self):
        for code, country, words in (
            ("knife", "it", "No rule is known"),
            ("tobacco", "au", "Nobody has looked the rule up"),
            ("alcohol_wine", "dk", "Strength or kind of drink is not known"),
            ("alcohol_any", "in", "The state is not known"),
            ("alcohol_wine", None, "The destination's country is not known"),
        ):
            with self.subTest(code=code, country=country):
                self.assertIn(words, self._look_up(code, country).warnings)
        self.assertIn("At least 19", self._look_up("knife", "it").answer)

    def test_another_country_clears_the_state(self):
        preview = self._look_up("alcohol_wine", "in")
        preview.state_id = self.env.ref("base.state_in_br")
        self.assertEqual(preview.answer, "May not be sold there.")
        preview.country_id = self.env.ref("base.de")
        self.assertFalse(preview.state_id)
        self.assertIn("At least 16", preview.answer)

    def test_every_rule_offers_to_look_up_itself(self):
        for rule in self.env["age.rule"].search([("kind", "!=", "unknown")]):
            context = rule.action_preview()["context"]
            preview = self.env["age.rule.preview"].with_context(**context).create({})
            if rule.country_id.code == "MV" and rule.class_id.code == "tobacco":
                # Two rules of one day: the stricter of both is asked.
                self.assertEqual(preview.rule_id.min_age, 21)
            elif preview.rule_id != rule:
                with self.subTest(rule.display_name):
                    self.assertFalse(rule.state_ids)
                    self.assertIn("is not known", preview.warnings)

    # === RULES === #

    def test_managers_write_rules_by_hand(self):
        Rule = self.env["age.rule"].with_user(self.manager)
        with Form(Rule) as form:
            form.class_id = self.env.ref("age_verification.product_class_knife")
            form.country_id = self.env.ref("base.ch")
            form.state_ids.add(self.env.ref("base.state_ch_ti"))
            form.min_age = 18
            form.source = "asked the canton"
        rule = form.record
        self.assertEqual(rule.part, "Tessin")
        self.assertEqual(rule.display_name, "Knives, Tessin: from 18")
        rule.state_ids = [Command.link(self.env.ref("base.state_ch_ti_it").id)]
        self.assertEqual(rule.part, "Ticino")

    def test_a_state_of_another_country_is_refused(self):
        rule = self.env["age.rule"].search([("country_id.code", "=", "DE")], limit=1)
        with self.assertRaises(ValidationError):
            rule.state_ids = self.env.ref("base.state_ch_be")

    def test_a_rule_for_several_states_holds_in_each(self):
        rule = self.env["age.rule"].search([("class_id.code", "=", "knife_domestic")])
        laws = rule._as_law()
        self.assertEqual(len(laws), len(rule.state_ids))
        self.assertEqual({law.key for law in laws}, {rule.id})
        self.assertEqual(rule.part, "Scotland")

    def test_filters_split_rules_by_their_dates(self):
        view = self.env["age.rule"].get_view(
            self.env.ref("age_verification.age_rule_view_search").id
        )
        self.assertIn("in_force", view["arch"])
        Rule = self.env["age.rule"]
        everything = Rule.search_count([])
        coming = Rule.search([("date_from", ">", "today")])
        ended = Rule.search([("date_to", "<", "today")])
        self.assertIn("IE", coming.mapped("country_id.code"))
        self.assertIn("DK", ended.mapped("country_id.code"))
        today = fields.Date.today()
        self.assertTrue(all(rule.date_from > today for rule in coming))
        self.assertTrue(all(rule.date_to < today for rule in ended))
        self.assertFalse(coming & ended)
        self.assertLess(len(coming | ended), everything)
