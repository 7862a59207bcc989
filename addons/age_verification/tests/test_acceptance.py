from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
class TestAcceptance(AgeCommon):
    """Laws as they are shipped, at the orders and invoices of a shop.

    The numbers are those of the list of acceptance tests: 1 to 6 are here (6 also in the
    addon for deliveries), 7, 14 and 15 with the invoices, 13, 17 and 20 with the orders, 16
    with the payments, 18 with the overrides, 8 to 12 with the messages of providers and the
    sessions, 19 where the database is searched for birthdays.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["age.rule"].search([]).active = False
        rules = cls.env["age.rule"].with_context(active_test=False)
        cls.shipped = rules.search([("source", "!=", "https://law.example.com")])
        cls.shipped.active = True
        cls.tobacco = cls._create_goods(
            "Pipe tobacco", cls.env.ref("age_verification.product_class_tobacco")
        )
        cls.korea, cls.britain = cls.env.ref("base.kr"), cls.env.ref("base.uk")

    def _born(self, day, proved_on):
        """The buyer has proved, for good, to be born on or before a day."""
        proved_on = fields.Date.to_date(proved_on)
        return self._prove(
            proved_on=proved_on,
            bound_date=day,
            valid_until=False,
        )

    def _may_have(self, product, now, **kwargs):
        """Whether an order of the product is confirmed at a time, in UTC."""
        with freeze_time(now):
            order = self._create_order(product, **kwargs)
            try:
                with self.env.cr.savepoint():
                    order.action_confirm()
            except UserError:
                return False
            return order.state == "sale"

    def test_01_germany_sells_wine_and_no_spirits_at_17(self):
        self._born("2009-06-15", proved_on="2026-06-15")
        self.assertTrue(self._may_have(self.wine, "2026-06-15 12:00:00"))
        self.assertFalse(self._may_have(self.gin, "2026-06-15 12:00:00"))

    def test_02_denmark_sells_wine_at_16_until_its_law_changes(self):
        self.buyer.country_id = self.denmark
        self._born("2008-06-01", proved_on="2025-01-01")  # 16, then 17 years
        self.assertTrue(self._may_have(self.wine, "2025-03-31 12:00:00"))
        self.assertFalse(self._may_have(self.wine, "2025-04-01 12:00:00"))

    def test_02_order_from_before_the_new_law_is_invoiced_by_the_new_law(self):
        self.buyer.country_id = self.denmark
        self._born("2008-06-01", proved_on="2025-01-01")
        with freeze_time("2025-03-31 12:00:00"):
            order = self._create_order(self.wine)
            order.action_confirm()
            invoice = order._create_invoices()
        with freeze_time("2025-04-01 12:00:00"):
            invoice.invoice_date = "2025-04-01"
            self.assertFalse(invoice._post(soft=True))
            self.assertTrue(invoice.age_held_since)

    def test_03_korea_sells_from_1_january_of_the_year_one_turns_19(self):
        self.buyer.country_id = self.korea
        self._born("2008-12-31", proved_on="2026-12-31")
        self.assertFalse(self._may_have(self.wine, "2026-12-31 12:00:00"))
        self.assertTrue(self._may_have(self.wine, "2027-01-01 12:00:00"))

    def test_03_year_begins_where_the_company_is(self):
        self.buyer.country_id = self.korea
        self.company.partner_id.tz = "Asia/Seoul"
        self._born("2008-12-31", proved_on="2026-12-31")
        self.assertFalse(self._may_have(self.wine, "2026-12-31 14:59:00"))
        self.assertTrue(self._may_have(self.wine, "2026-12-31 15:00:00"))

    def test_04_britain_never_sells_tobacco_to_who_was_born_from_2009_on(self):
        self.buyer.country_id = self.britain
        younger = self._create_buyer("Younger", country_id=self.britain.id)
        self._born("2008-12-31", proved_on="2027-01-01")
        self._prove(
            buyer=younger,
            proved_on=fields.Date.to_date("2027-01-01"),
            bound_date="2009-01-01",
            valid_until=False,
        )
        for now in ("2027-01-02 12:00:00", "2060-01-01 12:00:00"):
            with self.subTest(now):
                self.assertTrue(self._may_have(self.tobacco, now))
                self.assertFalse(self._may_have(self.tobacco, now, buyer=younger))

    def test_05_born_on_29_february_is_of_age_on_1_march(self):
        self._born("2008-02-29", proved_on="2026-02-01")
        self.assertFalse(self._may_have(self.gin, "2026-02-28 12:00:00"))
        self.assertTrue(self._may_have(self.gin, "2026-03-01 12:00:00"))

    # === 6: THE DESTINATION CHANGES === #

    def _sell_wine_at_17(self):
        """A confirmed order to Germany, where 16 is enough; in Denmark 18 are asked."""
        self._born("2009-06-15", proved_on="2026-06-15")
        order = self._create_order(self.wine)
        order.action_confirm()
        return order

    def _create_depot(self):
        return self._create_buyer(
            "Depot",
            country_id=self.denmark.id,
            parent_id=self.buyer.id,
            type="delivery",
        )

    @freeze_time("2026-06-15 12:00:00")
    def test_06_new_delivery_address_holds_the_order(self):
        order = self._sell_wine_at_17()
        order.partner_shipping_id = self._create_depot()
        self.assertEqual(order.age_held_by, "change")
        self.assertIn("destination", self._incidents(order))

    @freeze_time("2026-06-15 12:00:00")
    def test_06_contact_that_moves_holds_order_and_invoice(self):
        order = self._sell_wine_at_17()
        invoice = order._create_invoices()
        self.buyer.country_id = self.denmark
        self.assertFalse(invoice._post(soft=True))
        order.invoice_ids.unlink()
        with self.enter_registry_test_mode():
            cron = self.env.ref("age_verification.ir_cron_judge_again")
            cron.method_direct_trigger()
        self.assertEqual(order.age_held_by, "change")

    @freeze_time("2026-06-15 12:00:00")
    def test_06_new_address_on_the_invoice_holds_it(self):
        invoice = self._sell_wine_at_17()._create_invoices()
        invoice.partner_shipping_id = self._create_depot()
        self.assertFalse(invoice._post(soft=True))
