from datetime import date
from decimal import Decimal

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.dunning_interest_rule import Debt
from ..rate_book import RateBook


@tagged("post_install", "-at_install")
class TestInterestRule(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["dunning.interest.rule"]
        cls.Rate = cls.env["dunning.reference.rate"]
        cls.eur = cls.env.ref("base.EUR")
        cls.gbp = cls.env.ref("base.GBP")
        cls.usd = cls.env.ref("base.USD")
        cls.company = cls.env["res.company"].create(
            {"name": "Seller", "currency_id": cls.eur.id}
        )
        cls.business = cls.env["res.partner"].create(
            {"name": "Shop", "is_company": True}
        )
        cls.consumer = cls.env["res.partner"].create({"name": "Jane"})
        cls.user = new_test_user(cls.env, "clerk", "dunning_tiers.group_dunning_user")
        cls.manager = new_test_user(
            cls.env, "chief", "dunning_tiers.group_dunning_manager"
        )

    def _rule(self, code):
        return self.env.ref(f"dunning_tiers.interest_rule_{code}")

    def _find(self, country, partner=None):
        self.company.account_fiscal_country_id = self.env.ref(f"base.{country}")
        return self.Rule._find_for(self.company, partner or self.business)

    # Missing rates

    def test_rate_of_the_next_half_year_is_missed_a_month_before_it_begins(self):
        rule = self._rule("de")
        for day, expected in [
            ("2026-11-29", False),
            ("2026-12-01", date(2027, 1, 1)),
            ("2027-03-01", date(2027, 1, 1)),
        ]:
            rule.invalidate_recordset()
            with self.subTest(day=day), freeze_time(day):
                self.assertEqual(rule.missing_half_year, expected)

    def test_agreed_rate_misses_no_reference_rate(self):
        rule = self._rule("de").copy({"mode": "contract", "contract_rate": 5})
        with freeze_time("2027-03-01"):
            self.assertFalse(rule.missing_half_year)

    # Shipped data

    def test_shipped_rates_cover_each_half_year_to_the_end_of_2026(self):
        rates = self.Rate._get_rates()
        self.assertEqual(set(rates), {"ecb", "boe", "bundesbank", "oenb"})
        for by_day in rates.values():
            self.assertEqual(len(by_day), 21)
            self.assertEqual(min(by_day), date(2016, 7, 1))
            self.assertEqual(max(by_day), date(2026, 7, 1))

    def test_shipped_rates_name_their_source_and_say_what_to_confirm(self):
        rates = self.Rate.search([])
        self.assertFalse(rates.filtered(lambda rate: not rate.source))
        derived = rates.filtered("to_confirm")
        self.assertTrue(derived)
        self.assertFalse(derived.filtered(lambda rate: not rate.note))
        self.assertEqual(
            self.env.ref("dunning_tiers.reference_rate_bundesbank_2026_07").rate, 1.52
        )

    def test_shipped_rules_give_the_published_figures(self):
        """Section by section the same figures as the tests of the engine."""
        for code, currency, principal, due, day, interest, compensation in [
            ("uk", self.gbp, 2400, "2026-08-15", "2026-10-08", "41.72", 70),
            ("uk", self.gbp, 1000, "2025-05-31", "2025-08-31", "32.14", 70),
            ("uk", self.gbp, 10000, "2025-06-30", "2025-07-30", "100.68", 100),
            ("ie", self.eur, 1000, "2026-07-10", "2026-08-04", "7.12", 40),
            ("ie", self.eur, 5000, "2026-05-31", "2026-08-31", "127.92", 70),
            ("eu", self.eur, 5000, "2026-05-31", "2026-08-31", "130.04", 40),
            ("eu", self.eur, 2000, "2024-12-15", "2025-08-10", "144.12", 40),
            ("de", self.eur, 10000, "2025-05-31", "2025-08-31", "267.08", 40),
        ]:
            with self.subTest(code=code, principal=principal, due=due):
                charges = self._rule(code)._get_debt_charges(
                    principal,
                    currency,
                    date.fromisoformat(due),
                    date.fromisoformat(day),
                    is_consumer=False,
                )
                self.assertEqual(charges.interest, Decimal(interest))
                self.assertEqual(charges.compensation, compensation)
                self.assertFalse(charges.reasons)

    def test_rules_of_france_and_austria_add_their_margins(self):
        debt = (36500, self.eur, date(2025, 7, 1), date(2025, 7, 11), False)
        # ECB 2.15 + 10 and OeNB 1.53 + 9.2: 10 days on 36,500 are 10 times the rate.
        self.assertEqual(
            self._rule("fr")._get_debt_charges(*debt).interest, Decimal("121.50")
        )
        self.assertEqual(
            self._rule("at")._get_debt_charges(*debt).interest, Decimal("107.30")
        )

    # Which rule

    def test_country_of_the_creditor_decides(self):
        self.business.country_id = self.env.ref("base.uk")
        for country, code in [("de", "de"), ("uk", "uk"), ("es", "eu")]:
            self.assertEqual(self._find(country), self._rule(code))
        self.assertFalse(self._find("us"))

    def test_rule_of_the_company_goes_before_shared_ones(self):
        own = self._rule("de").copy({"company_id": self.company.id, "sequence": 99})
        self.assertEqual(self._find("de"), own)
        other = self.env["res.company"].create({"name": "Other"})
        other.account_fiscal_country_id = self.env.ref("base.de")
        self.assertEqual(self.Rule._find_for(other, self.business), self._rule("de"))

    def test_rule_for_businesses_is_passed_over_for_consumers(self):
        self.assertFalse(self._find("uk", self.consumer))
        self.assertEqual(self._find("de", self.consumer), self._rule("de"))

    def test_customer_with_vat_number_or_company_box_is_a_business(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.business.id}
        )
        trader = self.env["res.partner"].create(
            {"name": "Trader", "vat": "BE0477472701"}
        )
        exempt = self.env["res.partner"].create({"name": "Exempt", "vat": "/"})
        for partner, expected in [
            (self.business, False),
            (contact, False),
            (trader, False),
            (self.consumer, True),
            (exempt, True),
        ]:
            self.assertEqual(self.Rule._is_consumer(partner), expected, partner.name)

    # What it gives

    def test_consumer_pays_base_plus_five_and_no_compensation_in_germany(self):
        charges = self._rule("de")._get_debt_charges(
            36500, self.eur, date(2025, 7, 1), date(2025, 7, 11), is_consumer=True
        )
        self.assertEqual(charges.interest, Decimal("62.70"))  # 1.27 + 5
        self.assertEqual(charges.compensation, 0)

    def test_consumer_pays_nothing_under_a_rule_for_businesses(self):
        for code in ("uk", "ie", "fr", "at", "eu"):
            charges = self._rule(code)._get_debt_charges(
                1000, self.eur, date(2025, 7, 1), date(2025, 8, 1), is_consumer=True
            )
            self.assertEqual((charges.interest, charges.compensation), (0, 0))

    def test_payments_lower_the_interest_and_the_band(self):
        charges = self._rule("ie")._get_debt_charges(
            1500,
            self.eur,
            date(2025, 7, 1),
            date(2025, 8, 1),
            is_consumer=False,
            payments=[(date(2025, 6, 20), 600), (date(2025, 7, 11), 500)],
        )
        periods = [(p.days, p.principal) for p in charges.schedule.periods]
        self.assertEqual(periods, [(10, Decimal("900.0")), (21, Decimal("400.0"))])
        self.assertEqual(charges.compensation, 40)  # 900 were late, not 1,500

    def test_debt_not_late_or_not_positive_costs_nothing(self):
        for principal, due in [(0, 1), (-5, 1), (100, 20), (100, 25)]:
            charges = self._rule("de")._get_debt_charges(
                principal, self.eur, date(2025, 7, due), date(2025, 7, 20), False
            )
            self.assertEqual((charges.interest, charges.compensation), (0, 0))

    def test_missing_reference_rate_leaves_interest_out_and_says_why(self):
        charges = self._rule("de")._get_debt_charges(
            100, self.eur, date(2026, 12, 1), date(2027, 1, 20), is_consumer=False
        )
        self.assertEqual(charges.interest, 0)
        self.assertEqual(charges.compensation, 40)
        self.assertEqual(
            charges.reasons,
            (
                {
                    "code": "no_reference_rate",
                    "reference": "bundesbank",
                    "half_year": "2027-01-01",
                },
            ),
        )

    def test_band_is_found_in_the_currency_of_the_law(self):
        self.usd.active = self.gbp.active = True
        self.env["res.currency.rate"].create(
            [
                {
                    "name": "2025-07-01",
                    "currency_id": currency.id,
                    "rate": rate,
                    "company_id": self.company.id,
                }
                for currency, rate in [(self.usd, 1.2), (self.gbp, 0.8)]
            ]
        )
        debts = [
            Debt(Decimal(amount), self.usd, date(2025, 7, 1)) for amount in (1499, 1500)
        ]
        day = date(2025, 8, 1)
        charges = self._rule("uk")._get_debts_charges(
            debts, day, RateBook(self.company, day)
        )
        # 1,500 USD are 1,000 GBP at these rates.
        self.assertEqual([one.compensation for one in charges], [40, 70])
        self.assertEqual(charges[0].compensation_currency, self.gbp)

    def test_missing_currency_rate_leaves_compensation_out_and_says_why(self):
        self.env["res.currency.rate"].search([]).unlink()
        charges = self._rule("uk")._get_debts_charges(
            [Debt(Decimal(1500), self.usd, date(2025, 7, 1))],
            date(2025, 8, 1),
            RateBook(self.company, date(2025, 8, 1)),
        )[0]
        self.assertEqual(charges.compensation, 0)
        self.assertEqual([r["code"] for r in charges.reasons], ["no_currency_rate"])
        self.assertGreater(charges.interest, 0)

    def test_rate_of_a_later_day_converts_nothing(self):
        self.env["res.currency.rate"].search([]).unlink()
        self.env["res.currency.rate"].create(
            {
                "name": "2025-07-02",
                "currency_id": self.usd.id,
                "rate": 1.25,
                "company_id": self.company.id,
            }
        )
        early = RateBook(self.company, date(2025, 7, 1))
        late = RateBook(self.company, date(2025, 7, 2))
        self.assertIsNone(early.convert(10, self.usd, self.eur))
        self.assertEqual(late.convert(10, self.usd, self.eur), 8)

    def test_many_debts_read_the_rates_once(self):
        rule = self._rule("de")
        debts = [Debt(Decimal(100), self.eur, date(2025, 7, 1))] * 200
        rule._get_debts_charges(debts[:1], date(2025, 8, 1))
        with self.assertQueryCount(1):
            charges = rule._get_debts_charges(debts, date(2025, 8, 1))
        self.assertEqual(len(charges), 200)
        self.assertEqual(rule._get_debts_charges([], date(2025, 8, 1)), [])

    def test_fee_of_the_first_level_is_free_for_consumers_in_germany(self):
        rule, day = self._rule("de"), date(2025, 8, 1)

        book = RateBook(self.company, day)

        def fee(is_consumer, first_level):
            return rule._get_allowed_fee(5.0, self.eur, is_consumer, first_level, book)

        self.assertEqual(fee(is_consumer=True, first_level=True), (0.0, ()))
        self.assertEqual(fee(is_consumer=True, first_level=False), (1.2, ()))
        self.assertEqual(fee(is_consumer=False, first_level=True), (5.0, ()))

    def test_contract_rate_is_used_instead_of_the_law(self):
        rule = self.Rule.create(
            {
                "name": "Framework contract",
                "mode": "contract",
                "contract_rate": 7.3,
                "compensation_currency_id": self.eur.id,
            }
        )
        charges = rule._get_debt_charges(
            1000, self.eur, date(2030, 7, 1), date(2030, 7, 11), is_consumer=False
        )
        self.assertEqual((charges.interest, charges.compensation), (2, 0))

    # What cannot be saved

    @mute_logger("odoo.sql_db")
    def test_half_year_has_one_rate_and_begins_in_january_or_july(self):
        values = {"reference": "ecb", "rate": 1.0, "source": "ECB"}
        for day, error in [
            ("2026-07-01", UniqueViolation),
            ("2027-02-01", CheckViolation),
            ("2027-01-02", CheckViolation),
        ]:
            with self.assertRaises(error), self.cr.savepoint():
                self.Rate.create({**values, "date_from": day})

    @mute_logger("odoo.sql_db")
    def test_rule_without_reference_or_agreed_rate_is_refused(self):
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            self.Rule.create({"name": "No reference", "mode": "floating"})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.Rule.create({"name": "No rate", "mode": "contract"})
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._rule("de").band_ids = [Command.create({"amount": 50})]

    # Who may

    def test_user_reads_and_manager_writes(self):
        rate = self.env.ref("dunning_tiers.reference_rate_ecb_2026_07")
        for record, values in [
            (rate, {"note": "Checked"}),
            (self._rule("de"), {"sequence": 3}),
            (self._rule("de").band_ids, {"amount": 41}),
        ]:
            with self.subTest(record=record):
                self.assertTrue(record.with_user(self.user).display_name)
                with self.assertRaises(AccessError):
                    record.with_user(self.user).write(values)
                record.with_user(self.manager).write(values)

    def test_user_without_dunning_rights_sees_no_rules(self):
        nobody = new_test_user(self.env, "visitor", "base.group_user")
        with self.assertRaises(AccessError):
            self.Rule.with_user(nobody).search([])

    def test_user_gets_charges_of_shared_rules_only_and_of_own_company(self):
        own = self._rule("de").copy({"company_id": self.company.id})
        clerk = self.Rule.with_user(self.user)
        self.assertNotIn(own, clerk.search([]))
        self.assertNotIn(
            own.band_ids, clerk.env["dunning.compensation.band"].search([])
        )
        charges = clerk.browse(self._rule("de").id)._get_debt_charges(
            10000, self.eur, date(2025, 5, 31), date(2025, 8, 31), is_consumer=False
        )
        self.assertEqual(charges.interest, Decimal("267.08"))
