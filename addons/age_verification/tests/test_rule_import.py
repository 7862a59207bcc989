import base64
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import (
    Form,
    HttpCase,
    TransactionCase,
    freeze_time,
    new_test_user,
    tagged,
)

from ..engine import rule_file

HEADER = (
    "country;state;product_class;rule_type;min_age;abv_gt;effective_from;effective_to;"
    "verified;source;note"
)
DK_WINE = "DK;;alcohol_wine;age;16;;;;secondary;newspaper;"
DK_WINE_18 = "DK;;alcohol_wine;age;18;;2025-04-01;;primary;authority;"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRuleImport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env["age.rule"].search([]).unlink()
        groups = {"manager": "manager", "officer": "officer", "user": "user"}
        for name, group in groups.items():
            user = new_test_user(
                cls.env, f"age_{name}", f"age_verification.group_age_{group}"
            )
            setattr(cls, name, user)
        cls.Rule = cls.env["age.rule"].with_user(cls.manager)

    def _compare(self, *lines, content=None, **values):
        content = content or "\n".join([HEADER, *lines]).encode()
        wizard = (
            self.env["age.rule.import"]
            .with_user(self.manager)
            .create({"file": base64.b64encode(content), "filename": "x.csv", **values})
        )
        wizard.action_compare()
        return wizard

    def _import(self, *lines, **values):
        wizard = self._compare(*lines, **values)
        wizard.action_take_all()
        wizard.action_apply()
        return self.Rule.with_context(active_test=False).search([], order="id")

    def _statuses(self, wizard):
        return [(line.number, line.status) for line in wizard.line_ids]

    def test_nothing_is_written_before_it_is_taken(self):
        wizard = self._compare(DK_WINE, "DK;;knife;age;18;;;;primary;act;")
        self.assertEqual(wizard.new_count, 2)
        self.assertFalse(self.Rule.search([]))
        self.assertRecordValues(
            wizard.new_line_ids[0],
            [
                {
                    "number": 2,
                    "is_taken": True,
                    "place": "Denmark",
                    "products": "Wine",
                    "asks": "from 16",
                    "source": "newspaper",
                }
            ],
        )

    def test_only_what_is_ticked_is_taken(self):
        wizard = self._compare(DK_WINE, "DK;;knife;age;18;;;;primary;act;")
        with Form(wizard) as form, form.new_line_ids.edit(0) as line:
            line.is_taken = False
        action = wizard.action_apply()
        rule = self.Rule.search([])
        self.assertEqual(rule.class_id.code, "knife")
        self.assertEqual(action["domain"], [("id", "in", rule.ids)])

    def test_nothing_ticked_is_said(self):
        wizard = self._compare(DK_WINE)
        wizard.action_take_none()
        with self.assertRaisesRegex(UserError, "Tick what to take"):
            wizard.action_apply()

    def test_second_import_of_the_same_file_changes_nothing(self):
        rules = self._import(DK_WINE, DK_WINE_18)
        self.assertEqual(len(rules), 2)
        wizard = self._compare(DK_WINE, DK_WINE_18)
        self.assertEqual(wizard.unchanged_count, 2)
        wizard.action_take_all()
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.assertEqual(self.Rule.search([]), rules)

    def test_changes_show_old_and_new_values(self):
        rule = self._import(DK_WINE)
        wizard = self._compare("DK;;alcohol_wine;age;17;;;;primary;newspaper;asked")
        line = wizard.changed_line_ids
        self.assertEqual(line.rule_id, rule)
        self.assertEqual(
            line.changes,
            "Minimum age: 16 → 17; Confidence: Secondary source → Law or authority read; "
            "Note: nothing → asked",
        )
        wizard.action_apply()
        self.assertRecordValues(
            rule, [{"min_age": 17, "confidence": "primary", "note": "asked"}]
        )

    def test_a_new_rule_shows_the_others_beside_which_it_would_stand(self):
        self._import(DK_WINE, "DK;;alcohol_wine;age;18;6;2025-04-01;;primary;act;")
        line = self._compare("DK;;alcohol_wine;age;20;22;;;primary;act;").new_line_ids
        self.assertEqual(line.products, "Wine, > 22 %")
        self.assertEqual(line.changes, "Beside > 6 %: from 18; from 16")
        other = self._compare("SE;;alcohol_wine;age;20;22;;;primary;act;")
        self.assertFalse(other.new_line_ids.changes)

    def test_a_new_law_ends_the_old_rule_the_day_before(self):
        self._import(DK_WINE)
        wizard = self._compare(DK_WINE_18)
        self.assertEqual(wizard.changed_line_ids.status, "successor")
        self.assertEqual(
            wizard.changed_line_ids.changes,
            "Minimum age: 16 → 18; the present rule ends on 03/31/2025",
        )
        wizard.action_apply()
        self.assertRecordValues(
            self.Rule.search([], order="min_age"),
            [
                {"min_age": 16, "date_from": False, "date_to": date(2025, 3, 31)},
                {"min_age": 18, "date_from": date(2025, 4, 1), "date_to": False},
            ],
        )

    def test_an_end_in_the_file_ends_the_rule(self):
        rule = self._import(DK_WINE)
        ended = "DK;;alcohol_wine;age;16;;;2025-03-31;secondary;newspaper;"
        wizard = self._compare(ended)
        self.assertEqual(wizard.ended_count, 1)
        wizard.action_apply()
        self.assertEqual(rule.date_to, date(2025, 3, 31))

    def test_rules_that_a_complete_file_lacks_end_only_when_ticked(self):
        self._import(DK_WINE, "DK;;knife;age;18;;;;primary;act;")
        self._import("SE;;knife;age;21;;;;primary;act;")
        wizard = self._compare(DK_WINE, is_complete=True)
        line = wizard.ended_line_ids
        self.assertEqual(line.products, "Knives")
        self.assertEqual(line.changes, "Not in the file: ends on 06/14/2026")
        self.assertFalse(line.is_taken)
        line.is_taken = True
        wizard.action_apply()
        ended = self.Rule.search([("date_to", "!=", False)])
        self.assertEqual(ended, line.rule_id)
        self.assertEqual(ended.date_to, date(2026, 6, 14))

    def test_unreadable_rows_say_why_and_stop_no_other(self):
        wizard = self._compare(
            DK_WINE,
            "XX;;knife;age;18;;;;primary;act;",
            "DK;Atlantis;knife;age;18;;;;primary;act;",
            "DK;;spoon;age;18;;;;primary;act;",
            "DK;;knife;age;old;;;;primary;act;",
            "DK;;knife;age;18;;;;primary;;",
            "DK;;alcohol_wine;age;18;;;;primary;act;",
        )
        self.assertEqual(wizard.new_count, 1)
        self.assertEqual(
            [(line.number, line.changes) for line in wizard.unreadable_line_ids],
            [
                (3, 'There is no country "XX".'),
                (4, 'The country has no state "Atlantis".'),
                (5, 'There is no product class "spoon".'),
                (6, 'min_age: "old" cannot be read.'),
                (7, "source is missing."),
                (8, "Row 2 of the file is about the same, from the same day."),
            ],
        )
        wizard.action_take_all()
        wizard.action_apply()
        self.assertEqual(len(self.Rule.search([])), 1)

    def test_states_are_found_by_name_code_and_region(self):
        rules = self._import(
            "CA;Quebec;knife;age;18;;;;primary;act;",
            "CA;on;knife;age;19;;;;primary;act;",
            "CA;AB|Manitoba;knife;age;20;;;;primary;act;",
            "GB;Northern Ireland;knife;age;18;;;;primary;act;",
        )
        codes = [set(rule.state_ids.mapped("code")) for rule in rules]
        counties = {"D5", "D7", "D9", "E3", "E5", "E7"}
        self.assertEqual(codes, [{"QC"}, {"ON"}, {"AB", "MB"}, counties])
        self.assertEqual(rules[3].place, "Northern Ireland")

    def test_files_that_are_no_table_are_refused_in_words(self):
        for content, words in (
            (b"hello", "must name the columns"),
            (b"country,product_class,distiled", '"distiled" is unknown'),
            (b"PK\x03\x04broken", "neither CSV nor XLSX"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self._compare(content=content)
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.env["age.rule.import"].create({}).action_compare()

    def test_rules_that_changed_after_the_comparison_are_compared_again(self):
        rule = self._import(DK_WINE)
        wizard = self._compare("DK;;alcohol_wine;age;17;;;;secondary;newspaper;")
        rule.min_age = 20
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            wizard.action_apply()
        self.assertEqual(rule.min_age, 20)
        wizard.action_compare()
        self.assertEqual(wizard.changed_line_ids.changes, "Minimum age: 20 → 17")
        wizard.action_apply()
        self.assertEqual(rule.min_age, 17)

    def test_delivered_rules_never_propose_to_undo_a_correction(self):
        self.Rule._load_delivered()
        rule = self.Rule.search([("country_id.code", "=", "DE")], limit=1)
        rule.min_age = 30
        wizard = self.env["age.rule.import"].create({"origin": "delivered"})
        wizard.action_compare()
        self.assertEqual(wizard.changed_line_ids.rule_id, rule)
        self.assertFalse(wizard.line_ids.filtered("is_taken"))

    def test_export_reads_back_as_unchanged(self):
        rules = self._import(
            DK_WINE, DK_WINE_18, "GB;Scotland;knife;age;16;;;;primary;a;"
        )
        for file_format in ("xlsx", "csv"):
            with self.subTest(file_format):
                export = (
                    self.env["age.rule.export"]
                    .with_user(self.user)
                    .create({"file_format": file_format})
                )
                action = export.action_export()
                self.assertIn(f"age_rules_2026-06-15.{file_format}", action["url"])
                content = base64.b64decode(export.file)
                self.assertEqual(len(rule_file.read(content)), len(rules))
                wizard = self._compare(content=content, is_complete=True)
                self.assertEqual(wizard.unchanged_count, len(wizard.line_ids))

    def test_rules_ticked_in_a_list_are_exported_alone(self):
        rules = self._import(DK_WINE, DK_WINE_18)
        export = self.env["age.rule.export"].with_context(
            active_model="age.rule", active_ids=rules[1].ids
        )
        export = export.create({"file_format": "csv"})
        export.action_export()
        (line,) = rule_file.read(base64.b64decode(export.file))
        self.assertEqual(line.row.min_age, 18)

    def test_only_managers_import(self):
        for user in (self.user, self.officer):
            wizards = self.env["age.rule.import"].with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                wizards.create({"origin": "delivered"})
            with self.assertRaises(AccessError):
                self.env["age.rule"].with_user(user)._load_delivered()


@tagged("post_install", "-at_install")
class TestRuleDownload(HttpCase):
    def test_the_browser_fetches_an_export_and_its_name(self):
        user = new_test_user(self.env, "age_user", "age_verification.group_age_user")
        self.authenticate("age_user", "age_user")
        for file_format in ("xlsx", "csv"):
            export = self.env["age.rule.export"].with_user(user)
            action = export.create({"file_format": file_format}).action_export()
            response = self.url_open(action["url"])
            self.assertEqual(response.status_code, 200)
            disposition = response.headers["Content-Disposition"]
            self.assertRegex(disposition, rf"attachment.*age_rules_.*\.{file_format}")
            rules = self.env["age.rule"].search_count([])
            self.assertEqual(len(rule_file.read(response.content)), rules)
