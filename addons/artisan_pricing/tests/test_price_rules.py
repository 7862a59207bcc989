from contextlib import contextmanager

from psycopg2.errors import ForeignKeyViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS


@tagged("post_install", "-at_install")
class TestPriceRules(ArtisanCommon):
    @contextmanager
    def _refused(self, words):
        with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
            yield

    def test_price_model_out_of_its_dates_or_archived_leaves_the_list_price(self):
        model = self._create_price_model(*CANDLE_TIERS, date_start="2026-01-01")
        model.date_end = "2026-07-01"
        dates = "2025-12-31", "2026-01-02", "2026-07-02"
        totals = [
            self._create_order((self.candle, 10), date_order=date).amount_untaxed
            for date in dates
        ]
        self.assertEqual(totals, [400, 360, 400])
        model.active = False
        inside = self._create_order((self.candle, 10), date_order=dates[1])
        self.assertEqual(inside.amount_untaxed, 400)

    def test_tier_that_leaves_nothing_of_a_price_is_not_applied(self):
        self._create_price_model((10, "amount", 5), scope="maker")
        sticker = self._create_craft("Sticker", 5)
        order = self._create_order((self.candle, 9), (sticker, 1))
        self.assertEqual(order.amount_untaxed, 365)
        self.assertEqual(self._create_order((sticker, 10)).amount_untaxed, 50)
        gift = self._create_craft("Gift", 0)
        self.assertEqual(self._create_order((gift, 10)).amount_untaxed, 0)

    def test_pricelist_prices_a_quantity_outside_of_orders(self):
        self._create_price_model(*CANDLE_TIERS)
        for product in self.candle, self.candle.product_tmpl_id:
            price, rule = self.pricelist._get_product_price_rule(product, 25)
            self.assertEqual(price, 32)
            self.assertEqual(rule, self.pricelist.item_ids.id)
        dozen = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(
            self.pricelist._get_product_price(self.candle, 1, uom=dozen), 12 * 36
        )

    def test_fixed_price_is_in_the_currency_of_the_price_model(self):
        franc = self.env["res.currency"].with_context(active_test=False)
        franc = franc.search([("name", "=", "CHF")])
        franc.active = True
        franc.rate_ids.unlink()
        franc.rate_ids = [Command.create({"name": "2020-01-01", "rate": 2})]
        swiss = self._create_pricelist(name="Swiss", currency_id=franc.id)
        self._create_price_model(*CANDLE_TIERS, pricelist=swiss)
        order = self._create_order((self.candle, 50), pricelist_id=swiss.id)
        self.assertEqual(order.amount_untaxed, 2800)

    def test_who_is_of_no_makers_group_reads_a_pricelist_with_tiers(self):
        rule = self._create_price_model(*CANDLE_TIERS).item_ids
        named = {"price": {}, "price_model_id": {"fields": {"display_name": {}}}}
        for login, group in (
            ("seller", "sales_team.group_sale_salesman"),
            ("accountant", "account.group_account_invoice"),
        ):
            with self.subTest(login=login):
                user = new_test_user(
                    self.env, login, f"{group},product.group_product_pricelist"
                )
                self.env.invalidate_all()
                [found] = self.pricelist.with_user(user).web_read(
                    {"item_ids": {"fields": named}}
                )
                [item] = found["item_ids"]
                self.assertEqual(item["price"], "Wholesale")
                self.assertEqual(item["price_model_id"]["display_name"], "Wholesale")
                with Form(rule.with_user(user)) as form:
                    self.assertEqual(form.price_model_id.id, rule.price_model_id.id)

    def test_rule_added_on_a_price_model_asks_which_pricelist(self):
        model = self._create_price_model(*CANDLE_TIERS)
        retail = self._create_pricelist(name="Retail")
        with Form(model) as form, form.item_ids.new() as rule:
            self.assertFalse(rule.pricelist_id)
            self.assertTrue(rule._get_modifier("pricelist_id", "required"))
            self.assertFalse(rule._get_modifier("pricelist_id", "invisible"))
            self.assertEqual(rule.compute_price, "tiers")
            rule.pricelist_id = retail
        self.assertEqual(model.item_ids.pricelist_id, self.pricelist | retail)
        with Form(self.pricelist) as form, form.item_ids.new() as rule:
            self.assertTrue(rule._get_modifier("pricelist_id", "invisible"))

    def test_seller_sees_what_a_product_asks_for(self):
        seller = new_test_user(self.env, "seller", "sales_team.group_sale_salesman")
        self.candle.product_tmpl_id.write({"minimum_quantity": 4, "case_pack": 2})
        form = Form(self.candle.product_tmpl_id.with_user(seller))
        self.assertEqual(form.maker_id.id, self.maker.id)
        self.assertEqual((form.minimum_quantity, form.case_pack), (4, 2))

    def test_tiers_say_whether_they_are_percents_or_money(self):
        model = self._create_price_model(*CANDLE_TIERS)
        symbol = model.currency_id.symbol
        self.assertEqual(model.tier_ids.mapped("value_unit"), ["%", "%", symbol])

    def test_bad_tiers_are_refused_in_words(self):
        for tier, words in (
            ((-1, "percent", 10), "must not be negative"),
            ((10, "percent", 100), "must be under 100 %"),
            ((10, "fixed", 0), "must be above zero"),
            ((10, "amount", -5), "must not be negative"),
        ):
            with self.subTest(tier=tier):
                with self._refused(words):
                    self._create_price_model(tier)

    def test_tier_changed_to_nonsense_on_its_own_is_refused(self):
        model = self._create_price_model(*CANDLE_TIERS)
        with self._refused("under 100"):
            model.tier_ids[0].value = 120
        self.assertEqual(model.tier_ids.mapped("value"), [10, 20, 28])

    def test_rule_without_price_model_or_for_anothers_product_is_refused(self):
        rule = self._create_price_model(*CANDLE_TIERS).item_ids
        with self._refused("choose the price model"):
            rule.price_model_id = False
        with self._refused("no minimum quantity"):
            rule.min_quantity = 3
        with self._refused("is not made by"):
            rule.write(
                {
                    "applied_on": "1_product",
                    "product_tmpl_id": self.product.product_tmpl_id.id,
                }
            )

    def test_price_model_in_use_cannot_be_deleted(self):
        model = self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 10))
        with self.assertRaises(ForeignKeyViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                model.unlink()
        model.item_ids.unlink()
        model.unlink()
        self.assertEqual(order.amount_untaxed, 360)
