import csv
import io
from collections import Counter
from datetime import date
from decimal import Decimal

from odoo.tests import Form, TransactionCase, tagged

from ..engine import bounds, law, rule_diff, rule_file
from ..engine.bounds import Requirement
from ..facts import AgeFacts

FALLBACK = Requirement(bounds.AGE, 18)
#: Days on which a rule may show beside another one of its day.
DAYS = (date(2026, 11, 22), date(2027, 6, 1), date(2030, 1, 1), date(2040, 1, 1))


@tagged("post_install", "-at_install")
class TestRuleData(TransactionCase):
    """The rules that come with the addon, as they are in the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["age.rule"].with_context(tracking_disable=True)
        cls.lines = cls.Rule._read_file(cls.Rule._get_delivered())
        # What people have changed in this database is put aside.
        cls.Rule.search([]).unlink()
        cls.Rule._load_delivered()
        cls.rules = cls.Rule.search([])
        cls.law = cls.rules._as_law()
        facts = AgeFacts(cls.env, [])
        cls.narrower = facts.narrower
        cls.classes = {pc.code: pc for pc in facts.classes}

    def _goods(self, code, abv=None, distilled=None):
        chain = tuple(self.classes[code]._get_chain().mapped("code"))
        abv = None if abv is None else Decimal(str(abv))
        return law.Goods(chain, frozenset(self.narrower[code]), abv, distilled)

    def _resolve(self, code, country, day, state=None, **kwargs):
        if state:
            states = self.env["res.country.state"].search(
                [("country_id.code", "=", country), ("name", "=", state)]
            )
            self.assertEqual(len(states), 1)
        here = [rule for rule in self.law if rule.country == country]
        goods = self._goods(code, **kwargs)
        day = date.fromisoformat(day)
        return law.resolve(here, goods, country, state and states.id, day, FALLBACK)

    def _asked(self, *args, **kwargs):
        return self._resolve(*args, **kwargs).requirement.age

    def test_every_row_of_the_file_is_a_rule(self):
        with io.StringIO(self.Rule._get_delivered().decode()) as stream:
            rows = list(csv.DictReader(stream))
        errors = [line for line in self.lines if line.error]
        self.assertFalse(errors)
        self.assertEqual(len(rows), len(self.rules) + len(errors))
        in_file = Counter(
            (r["country"], r["product_class"], r["verified"]) for r in rows
        )
        in_database = Counter(
            (r.country_id.code, r.class_id.code, r.confidence) for r in self.rules
        )
        self.assertEqual(in_file, in_database)
        self.assertTrue(all(self.rules.mapped("source")))

    def test_rows_without_a_source_or_in_conflict_are_doubtful(self):
        doubtful = self.rules.filtered("is_doubtful")
        levels = Counter(doubtful.mapped("confidence"))
        self.assertEqual(set(levels), {"conflict", "general"})
        self.assertEqual(levels["conflict"], 8)
        not_looked_up = self.rules.filtered(lambda r: r.source == "not looked up")
        self.assertFalse(not_looked_up - doubtful)

    def test_every_rule_decides_on_a_day_at_its_place(self):
        for rule in self.law:
            with self.subTest(self.Rule.browse(rule.key).display_name, key=rule.key):
                found = [self._resolve_own(rule, day) for day in self._days_of(rule)]
                if rule.requirement is None:
                    self.assertIn(law.NOT_VERIFIED, found[0].warnings)
                    self.assertEqual(found[0].requirement, FALLBACK)
                    continue
                keys = [resolution.rule and resolution.rule.key for resolution in found]
                self.assertIn(rule.key, keys)
                resolution = found[keys.index(rule.key)]
                doubtful = rule.confidence in law.DOUBTFUL
                self.assertEqual(bool(resolution.warnings), doubtful)

    def _days_of(self, rule):
        days = [day for day in (rule.date_from, rule.date_to, *DAYS) if day]
        return [day for day in days if rule.is_in_force(day)]

    def _resolve_own(self, rule, day):
        """What is asked for goods in the rule's own band."""
        abv = rule.abv_lte or (rule.abv_gt and rule.abv_gt + Decimal("0.1"))
        goods = self._goods(rule.product_class, abv or 12, rule.distilled)
        here = [other for other in self.law if other.country == rule.country]
        # Of a country as a whole: somewhere where no part has rules of its own.
        state = rule.state or -1
        return law.resolve(here, goods, rule.country, state, day, FALLBACK)

    def test_german_wine_is_from_16_and_spirits_from_18(self):
        for code, age in (("beer", 16), ("wine", 16), ("spirits", 18)):
            self.assertEqual(self._asked(f"alcohol_{code}", "DE", "2026-11-22"), age)
        bound = date(2009, 11, 22)  # proved to be 17 on that day
        required = self._resolve("alcohol_wine", "DE", "2026-11-22").bound
        self.assertTrue(bounds.is_met(bound, required))
        required = self._resolve("alcohol_spirits", "DE", "2026-11-22").bound
        self.assertFalse(bounds.is_met(bound, required))

    def test_danish_wine_moves_from_16_to_18_on_1_april_2025(self):
        self.assertEqual(self._asked("alcohol_wine", "DK", "2025-03-31", abv=12), 16)
        self.assertEqual(self._asked("alcohol_wine", "DK", "2025-04-01", abv=12), 18)
        self.assertEqual(self._asked("alcohol_wine", "DK", "2025-04-01", abv=6), 16)
        self.assertEqual(self._asked("alcohol_wine", "DK", "2025-03-31", abv=20), 18)

    def test_unknown_strength_is_answered_by_the_strictest_with_a_warning(self):
        resolution = self._resolve("alcohol_wine", "DK", "2026-11-22")
        self.assertEqual(resolution.requirement.age, 18)
        self.assertEqual(resolution.warnings, (law.UNKNOWN_STRENGTH,))

    def test_korea_counts_from_1_january_of_the_year_of_19(self):
        for day, bound in (
            ("2026-12-31", date(2007, 12, 31)),
            ("2027-01-01", date(2008, 12, 31)),
        ):
            self.assertEqual(self._resolve("alcohol_beer", "KR", day).bound, bound)

    def test_british_tobacco_is_for_those_born_before_2009_from_2027_on(self):
        self.assertEqual(self._asked("tobacco", "GB", "2026-12-31"), 18)
        for day in ("2027-01-01", "2040-01-01"):
            resolution = self._resolve("tobacco", "GB", day)
            self.assertEqual(resolution.bound, date(2008, 12, 31))

    def test_maldives_ask_for_21_and_for_the_cohort(self):
        day = self._resolve("tobacco", "MV", "2026-11-22")
        self.assertEqual(day.bound, date(2005, 11, 22))
        later = self._resolve("tobacco", "MV", "2030-01-01")
        self.assertEqual(later.bound, date(2006, 12, 31))

    def test_parts_of_countries_have_their_own_law(self):
        for place, code, age in (
            ("Fife", "knife_domestic", 16),
            ("Kent", "knife_domestic", 18),
            ("County Down", "christmas_cracker", 12),
            ("Tessin", "alcohol_wine", 18),
            ("Ticino", "alcohol_wine", 18),
            ("Bern", "alcohol_wine", 16),
        ):
            country = "CH" if code == "alcohol_wine" else "GB"
            with self.subTest(place):
                asked = self._asked(code, country, "2026-11-22", place, abv=12)
                self.assertEqual(asked, age)
        dry = self._resolve("alcohol_beer", "IN", "2026-11-22", "Bihar", abv=5)
        self.assertTrue(dry.is_prohibited)

    def test_strength_and_distilling_decide_in_belgium_finland_and_maharashtra(self):
        day = "2026-11-22"
        for code, country, abv, distilled, state, age in (
            ("alcohol_wine", "BE", 13, None, None, 16),
            ("alcohol_wine", "BE", 23, None, None, 18),
            ("alcohol_spirits", "BE", 5, True, None, 18),
            ("alcohol_spirits", "FI", 17, None, None, 18),
            ("alcohol_spirits", "FI", 40, None, None, 20),
            ("alcohol_wine", "NO", 21, None, None, 18),
            ("alcohol_wine", "NO", 22, None, None, 20),
            ("alcohol_wine", "CH", 15, None, "Bern", 16),
            ("alcohol_wine", "CH", 18, None, "Bern", 18),
            ("alcohol_beer", "IN", 5, None, "Maharashtra", 21),
            ("alcohol_beer", "IN", 6, None, "Maharashtra", 25),
            ("alcohol_wine", "IN", 12, None, "Maharashtra", 25),
        ):
            with self.subTest(code=code, country=country, abv=abv):
                found = self._asked(
                    code, country, day, state, abv=abv, distilled=distilled
                )
                self.assertEqual(found, age)

    def test_loading_again_adds_and_overwrites_nothing(self):
        edited, archived = self.rules[:2]
        edited.write({"min_age": 30, "note": "asked our lawyer"})
        archived.active = False
        self.Rule._load_delivered()
        everything = self.Rule.with_context(active_test=False).search([])
        self.assertEqual(everything, self.rules)
        self.assertEqual(edited.note, "asked our lawyer")
        self.assertFalse(archived.active)

    def test_exported_rules_compare_as_unchanged(self):
        for write in (rule_file.write_csv, rule_file.write_xlsx):
            lines = self.Rule._read_file(write(self.rules._as_rows()))
            self.assertFalse([line for line in lines if line.error])
            statuses = {d.status for d in self.Rule._compare(lines, is_complete=True)}
            self.assertEqual(statuses, {rule_diff.UNCHANGED})

    def test_rule_on_british_knives_tells_of_homes_and_of_own_specifications(self):
        rule = self.rules.filtered(
            lambda rule: (
                (rule.country_id.code, rule.class_id.code) == ("GB", "knife")
                and not rule.part
            )
        )
        with Form(self.env["age.rule.preview"]) as form:
            form.class_id = rule.class_id
            form.country_id = rule.country_id
            self.assertIn("delivery of bladed products to homes is limited", form.note)
            self.assertIn("buyer's own specification", form.note)
