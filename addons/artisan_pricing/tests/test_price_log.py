"""The append-only log of prices, and who writes to it."""

from datetime import timedelta

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.artisan_pricing.models import artisan_price_log

from .common import ArtisanCommon


@tagged("post_install", "-at_install")
class TestPriceLog(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Log = cls.env["artisan.price.log"]
        Pricelist = cls.env["product.pricelist"].with_context(active_test=False)
        logged = Pricelist.search([("keeps_price_log", "=", True)])
        logged.keeps_price_log = False
        cls.env["artisan.price.log.task"].search([]).unlink()
        cls.pricelist.keeps_price_log = True
        cls._run_tasks()

    @classmethod
    def _run_tasks(cls):
        for task in cls.env["artisan.price.log.task"].search([]):
            while task.exists() and not task._log_next():
                pass

    def _commit(self):
        """What happens right before a transaction is committed."""
        self.env.cr.flush()

    def _prices(self, product=None, pricelist=None):
        entries = self._entries(product, pricelist)
        self.assertEqual(entries.mapped("number"), list(range(1, len(entries) + 1)))
        return entries.mapped("price")

    def _entries(self, product=None, pricelist=None):
        pricelist = self.pricelist if pricelist is None else pricelist
        self._commit()
        return self.Log.search(
            [
                ("product_id", "=", (product or self.candle).id),
                ("pricelist_id", "=", pricelist.id),
            ],
            order="number",
        )

    # What is logged

    def test_beginning_a_log_logs_what_products_cost(self):
        self.assertEqual(self._prices(), [40])

    def test_price_that_changes_before_the_job_ran_is_logged_as_it_was(self):
        late = self._create_pricelist(name="Late")
        rule = self.env["product.pricelist.item"].create(
            {
                "pricelist_id": late.id,
                "compute_price": "percentage",
                "percent_price": 10,
            }
        )
        with freeze_time("2030-01-01 08:00:00"):
            late.keeps_price_log = True
            self._commit()
        with freeze_time("2030-01-01 08:01:00"):
            rule.percent_price = 20
            self._commit()
        self.assertEqual(self._prices(pricelist=late), [36, 32])
        self._run_tasks()
        self.assertEqual(self._prices(pricelist=late), [36, 32])

    def test_price_that_changes_with_the_log_begun_is_logged_as_it_was(self):
        late = self._create_pricelist(name="Late")
        late.item_ids = [
            Command.create({"percent_price": 10, "compute_price": "percentage"})
        ]
        late.write(
            {
                "keeps_price_log": True,
                "item_ids": [Command.update(late.item_ids.id, {"percent_price": 20})],
            }
        )
        self._commit()
        self._run_tasks()
        self.assertEqual(self._prices(pricelist=late), [36, 32])

    def test_list_price_that_changes_before_the_job_ran_is_logged_as_it_was(self):
        self.env["res.company"].search([]).logs_list_prices = False
        self.env.company.logs_list_prices = True
        self.candle.list_price = 45
        none = self.env["product.pricelist"]
        self.assertEqual(self._prices(pricelist=none)[-2:], [40, 45])

    def test_change_of_the_list_price_is_logged_once(self):
        self.candle.list_price = 45
        self.candle.list_price = 44
        self.assertEqual(self._prices(), [40, 44])
        self.candle.list_price = 44
        self.assertEqual(self._prices(), [40, 44])

    def test_new_rule_and_its_end_are_logged(self):
        rule = self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "compute_price": "percentage",
                "percent_price": 10,
                "product_tmpl_id": self.candle.product_tmpl_id.id,
            }
        )
        self.assertEqual(self._prices(), [40, 36])
        rule.percent_price = 20
        self.assertEqual(self._prices(), [40, 36, 32])
        rule.unlink()
        self.assertEqual(self._prices(), [40, 36, 32, 40])

    def test_price_model_that_changes_is_logged(self):
        model = self._create_price_model((1, "percent", 10))
        self.assertEqual(self._prices(), [40, 36])
        model.tier_ids.value = 25
        self.assertEqual(self._prices(), [40, 36, 30])
        model.active = False
        self.assertEqual(self._prices(), [40, 36, 30, 40])

    def test_tier_for_a_quantity_is_no_price_of_one_unit(self):
        self._create_price_model((10, "percent", 10))
        self.assertEqual(self._prices(), [40])

    def test_what_cannot_be_bought_has_no_price(self):
        self.candle.sale_ok = False
        self.assertEqual(self._prices(), [40, 0])
        self.candle.sale_ok = True
        self.assertEqual(self._prices(), [40, 0, 40])
        self.candle.active = False
        self.assertEqual(self._prices(), [40, 0, 40, 0])

    def test_pricelist_below_another_is_logged_there_too(self):
        gold = self._create_pricelist(
            name="Gold",
            keeps_price_log=True,
            item_ids=[
                Command.create(
                    {
                        "compute_price": "percentage",
                        "base": "pricelist",
                        "base_pricelist_id": self.pricelist.id,
                        "percent_price": 5,
                    }
                )
            ],
        )
        self._run_tasks()
        self.assertEqual(self._prices(pricelist=gold), [38])
        self._create_price_model((1, "percent", 10))
        self.assertEqual(self._prices(pricelist=gold), [38, 34.2])
        self.assertEqual(self._prices(), [40, 36])

    def test_only_products_of_makers_are_logged(self):
        other = self._create_product(name="Other", list_price=5)
        other.list_price = 6
        self.assertEqual(self._prices(other), [])
        other.product_tmpl_id.maker_id = self.maker
        self.assertEqual(self._prices(other), [6])

    def test_pricelist_that_keeps_no_log_costs_nothing(self):
        retail = self._create_pricelist(name="Retail")
        self.candle.list_price = 50
        self.assertEqual(self._prices(pricelist=retail), [])
        self.pricelist.keeps_price_log = False
        self.env["product.pricelist.item"].create({"pricelist_id": self.pricelist.id})
        self.candle.list_price = 60
        self.assertFalse(self.env.cr.precommit.data.get(artisan_price_log.PENDING))

    def test_list_prices_are_logged_where_the_company_says_so(self):
        nobody = self.env["product.pricelist"]
        self.assertEqual(self._prices(pricelist=nobody), [])
        self.env.company.logs_list_prices = True
        self._run_tasks()
        self._create_price_model((1, "percent", 10))
        self.candle.list_price = 41
        self.assertEqual(self._prices(pricelist=nobody), [40, 41])

    # The job

    def test_dated_rule_is_logged_from_the_moment_it_begins_and_ends(self):
        now = fields.Datetime.now()
        self.env["artisan.price.log.task"]._log_dated_rules()
        begin, end = now + timedelta(days=1), now + timedelta(days=3)
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "compute_price": "percentage",
                "percent_price": 10,
                "product_tmpl_id": self.candle.product_tmpl_id.id,
                "date_start": begin,
                "date_end": end,
            }
        )
        self.assertEqual(self._prices(), [40])
        with freeze_time(now + timedelta(days=5)):
            for _twice in range(2):
                self.env["artisan.price.log.task"]._log_dated_rules()
        self.assertEqual(self._prices(), [40, 36, 40])
        entries = self._entries()
        self.assertEqual(
            entries[1:].mapped("moment"), [begin, end + timedelta(seconds=1)]
        )

    def test_job_goes_on_where_it_was(self):
        self.patch(artisan_price_log, "SYNC_LIMIT", 2)
        self.patch(
            __import__(
                "odoo.addons.artisan_pricing.models.artisan_price_log_task",
                fromlist=["SYNC_LIMIT"],
            ),
            "SYNC_LIMIT",
            2,
        )
        crafts = [self._create_craft(f"Craft {n}", 10) for n in range(5)]
        self._commit()
        task = self.env["artisan.price.log.task"].search([])
        self.assertEqual(len(task), 1)
        self.assertFalse(task._log_next())
        self.assertTrue(task.position)
        self._run_tasks()
        self.assertEqual([self._prices(craft) for craft in crafts], [[10]] * 5)
        self.assertFalse(self.env["artisan.price.log.task"].search([]))

    def test_cron_works_the_tasks_off(self):
        other = self._create_pricelist(name="Other", keeps_price_log=True)
        with self.enter_registry_test_mode():
            self.env.ref("artisan_pricing.ir_cron_log_prices").method_direct_trigger()
        self.assertEqual(self._prices(pricelist=other), [40])

    def test_logging_twice_adds_nothing(self):
        self._commit()
        now = fields.Datetime.now()
        self.assertEqual(self.Log._log(self.candle, self.pricelist.id, now), 0)

    def test_queries_do_not_grow_with_products(self):
        crafts = self.env["product.product"]
        for number in range(200):
            crafts |= self._create_craft(f"Craft {number}", 10)
        self._commit()
        counts = []
        for some in (crafts[:20], crafts):
            crafts.product_tmpl_id.list_price = 20 + len(some)
            self.env.cr.precommit.clear()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Log._log(some, self.pricelist.id, fields.Datetime.now())
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    # Nobody changes it

    def test_nobody_writes_creates_or_deletes(self):
        entry = self.Log.search([], limit=1).sudo()
        for change in (
            lambda: entry.write({"price": 1}),
            entry.unlink,
            lambda: self.Log.sudo().create({"product_id": self.candle.id}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_database_refuses_changes(self):
        entry = self.Log.search([], limit=1)
        for statement in (
            "UPDATE artisan_price_log SET price = 1 WHERE id = %s",
            "DELETE FROM artisan_price_log WHERE id = %s",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement, [entry.id])

    def test_product_that_was_never_sold_can_be_deleted_with_its_log(self):
        soap = self._create_craft("Soap", 8)
        self.assertEqual(self._prices(soap), [8])
        soap_id = soap.id
        soap.product_tmpl_id.unlink()
        self._commit()
        self.assertFalse(self.Log.search([("product_id", "=", soap_id)]))

    def test_entries_outlive_their_user(self):
        user = new_test_user(
            self.env, login="leaver", groups="artisan_pricing.group_artisan_manager"
        )
        user.group_ids += self.env.ref("product.group_product_manager")
        self._commit()
        self.candle.with_user(user).list_price = 39
        self._prices()
        entry = self._entries()[-1]
        self.assertEqual(entry.user_id, user)
        user.unlink()
        self.assertFalse(entry.user_id)
        self.assertEqual(entry.price, 39)

    def test_seller_without_our_groups_sees_no_log(self):
        seller = new_test_user(
            self.env, login="log_seller", groups="sales_team.group_sale_salesman"
        )
        with self.assertRaises(AccessError):
            self.Log.with_user(seller).search([])

    def test_log_of_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_pricelist(
            name="Foreign", keeps_price_log=True, company_id=other.id
        )
        self._run_tasks()
        self.assertEqual(self._prices(pricelist=foreign), [40])
        user = new_test_user(
            self.env, login="log_user", groups="artisan_pricing.group_artisan_user"
        )
        seen = self.Log.with_user(user).search([])
        self.assertIn(self.pricelist, seen.sudo().pricelist_id)
        self.assertNotIn(foreign, seen.sudo().pricelist_id)

    def test_screen_names_the_prior_price_of_today(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=40)):
            self.candle.list_price = 36
            self._prices()
            entry = self._entries()[-1]
            self.assertEqual((entry.price, entry.prior_price), (36, 40))
