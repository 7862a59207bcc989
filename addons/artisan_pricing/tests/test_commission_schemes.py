from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestCommissionSchemes(PayoutCommon):
    def _sell(self, amount, *parts, **scheme):
        """What the candle maker gets of an invoice over this amount."""
        self.maker.commission_scheme_id = self._create_scheme(*parts, **scheme)
        invoice = self._create_direct_invoice((self.candle, 1, amount))
        return self._get_owed(invoice)[self.candle]

    def test_scheme_in_use_is_not_deleted(self):
        own = self._create_scheme({"value": 30})
        self.maker.commission_scheme_id = own
        manager = new_test_user(
            self.env, "scheme_manager", "artisan_pricing.group_artisan_manager"
        )
        with self.assertRaisesRegex(UserError, "Candle Maker"):
            own.with_user(manager).unlink()
        with self.assertRaisesRegex(UserError, self.company.name):
            self.scheme.with_user(manager).unlink()
        invoice = self._create_direct_invoice((self.candle, 1, 100))
        self.assertEqual(self._get_owed(invoice)[self.candle], 70)
        self.maker.commission_scheme_id = False
        own.with_user(manager).unlink()
        self.assertFalse(own.exists())

    def test_scheme_of_an_archived_maker_in_another_company_is_not_deleted(self):
        own = self._create_scheme({"value": 30})
        company = self.env["res.company"].create({"name": "Other Platform"})
        self.maker.with_company(company).commission_scheme_id = own
        self.maker.active = False
        with self.assertRaisesRegex(UserError, "Candle Maker"):
            own.unlink()

    def test_maker_without_any_scheme_is_warned_of(self):
        self.assertFalse(self.maker.is_without_commission)
        self.company.artisan_commission_scheme_id = False
        self.maker.invalidate_recordset(["is_without_commission"])
        self.assertTrue(self.maker.is_without_commission)
        self.assertFalse(self.partner.is_without_commission)
        self.maker.commission_scheme_id = self.scheme
        self.assertFalse(self.maker.is_without_commission)

    def test_w13_maker_pays_own_promotion_before_the_platform_pays_its_own(self):
        self._create_promotion(
            "Order", maker_percent=0, program={"trigger": "with_code"}, code="ORDER"
        )
        self._create_promotion(
            "D",
            code="D20",
            maker_percent=100,
            discount=20,
            discount_applicability="specific",
            discount_product_ids=self.d.ids,
            program={"maker_id": self.maker.id},
        )
        order = self._create_order((self.d, 1), (self.e, 1))
        for code in ("ORDER", "D20"):
            self._enter_code(order, code)
        self.assertEqual(order.amount_untaxed, 162)
        invoice = self._invoice(order)
        self.assertEqual(self._get_owed(invoice), {self.d: 68, self.e: 85})
        self.assertEqual(self._get_platform(invoice), 9)

    def test_w16_who_pays_a_discount_bears_it(self):
        for percent, payout, platform in (
            (100, 76.50, 13.50),
            (50, 80.75, 9.25),
            (0, 85.00, 5.00),
        ):
            with self.subTest(maker_percent=percent):
                self.env["loyalty.program"].search([]).active = False
                self._create_promotion(maker_percent=percent)
                order = self._create_order((self.d, 1))
                self._claim(order)
                invoice = self._invoice(order)
                self.assertEqual(self._get_owed(invoice), {self.d: payout})
                self.assertEqual(self._get_platform(invoice), platform)

    def test_w19_sections_leave_no_gap(self):
        sections = (0, 10), (1000, 8)
        for mode, commission in (("whole", 80.04), ("marginal", 100.04)):
            with self.subTest(mode=mode):
                payout = self._sell(1000.50, self._create_sections(mode, *sections))
                self.assertAlmostEqual(1000.50 - payout, commission)

    def test_parts_are_added_up_within_the_bounds_of_the_scheme(self):
        percent = {"value": 10}
        fixed = {"code": "fee", "name": "Fee", "kind": "fixed", "value": 2}
        self.assertEqual(self._sell(100, percent, fixed), 88)
        self.assertEqual(self._sell(100, percent, fixed, minimum=20), 80)
        self.assertEqual(self._sell(100, percent, fixed, maximum=5), 95)
        self.assertEqual(self._sell(100, percent | {"minimum": 30}), 70)
        self.assertEqual(self._sell(100, {"value": 0}), 100)

    def test_part_of_an_order_counts_once_for_the_lines_of_a_maker(self):
        fixed = {"kind": "fixed", "value": 3}
        for unit, owed in (("order", 77), ("line", 74)):
            with self.subTest(unit=unit):
                self.company.artisan_commission_scheme_id = self._create_scheme(
                    fixed | {"unit": unit}
                )
                order = self._create_order((self.candle, 1), (self.candle, 1))
                invoice = self._invoice(order)
                self.assertEqual(self._get_owed(invoice), {self.candle: owed})

    def test_amounts_of_a_scheme_follow_the_rate_of_the_invoice(self):
        fixed = {"kind": "fixed", "value": 3}
        self.company.artisan_commission_scheme_id = self._create_scheme(fixed)
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2)])
        invoice = self._create_direct_invoice(
            (self.candle, 1, 100), currency_id=euro.id
        )
        entries = self._get_entries(invoice)
        self.assertEqual(entries.currency_id, euro)
        self.assertEqual(sum(entries.mapped("amount")), 94)

    def test_scheme_without_meaning_is_refused_in_plain_words(self):
        for parts, bounds, message in (
            ([], {}, "has no parts"),
            ([{"value": 101}], {}, "A percentage is 100 at most, not 101"),
            ([{"value": -1}], {}, "The value must not be negative"),
            ([{"value": 5}, {"value": 6}], {}, "“sales” is used already"),
            ([{"value": 5, "code": "minimum"}], {}, "“minimum” is used already"),
            ([{"value": 5}], {"minimum": 9, "maximum": 8}, "9 is above the maximum 8"),
            ([{"value": 5, "minimum": 9, "maximum": 8}], {}, "is above the maximum"),
            (
                [{"kind": "sections"}],
                {},
                "A percent by sections needs a section at least",
            ),
            (
                [self._create_sections("whole", (10, 5))],
                {},
                "begins at 10: let it begin at 0",
            ),
        ):
            with (
                self.subTest(message=message),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._create_scheme(*parts, **bounds)

    def test_last_part_of_a_scheme_stays(self):
        scheme = self._create_scheme({"value": 15})
        with self.assertRaisesRegex(ValidationError, "has no parts"):
            scheme.part_ids = [Command.clear()]

    def test_section_that_opens_a_gap_later_is_refused(self):
        part = self._create_scheme(
            self._create_sections("whole", (0, 5), (10, 4))
        ).part_ids
        with self.assertRaisesRegex(ValidationError, "begins at 1: let it begin at 0"):
            part.section_ids[0].start = 1
