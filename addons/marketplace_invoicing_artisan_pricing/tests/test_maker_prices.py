from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon


@tagged("post_install", "-at_install")
class TestMakerPrices(MarketplaceCommon):
    """A bowl of a maker: 100.00, 80.00 each from two on. A spoon of nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("artisan_pricing.group_artisan_manager")
        cls.maker = cls.env["res.partner"].create({"name": "Turner", "is_maker": True})
        cls.bowl.write({"list_price": 100.0, "maker_id": cls.maker.id})
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Makers", "currency_id": cls.company.currency_id.id}
        )
        cls.model = cls._create_price_model()
        cls.channel.maker_pricelist_id = cls.pricelist

    @classmethod
    def _create_price_model(cls, **kwargs):
        model = cls.env["artisan.price.model"].create(
            {
                "name": "From two",
                "maker_id": cls.maker.id,
                "currency_id": cls.company.currency_id.id,
                "scope": "maker",
                "tier_ids": [
                    Command.create({"min_quantity": 2, "kind": "fixed", "value": 80})
                ],
                **kwargs,
            }
        )
        cls.env["product.pricelist.item"].create(
            {
                "pricelist_id": cls.pricelist.id,
                "compute_price": "tiers",
                "price_model_id": model.id,
            }
        )
        return model

    def _import_bowls(self, quantity, net, tax, **kwargs):
        return self._import_one(lines=(("BOWL", quantity, net, tax),), **kwargs)

    # === KEPT ===

    def test_price_of_the_marketplace_is_kept_and_the_difference_is_shown(self):
        order = self._import_bowls(2, "150.00", "22.50")
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.amount_untaxed, 150.0)
        self.assertRecordValues(
            order.line_ids,
            [
                {
                    "maker_id": self.maker.id,
                    "charged_untaxed": 150.0,
                    "maker_untaxed": 160.0,
                    "maker_price_difference": -10.0,
                    "maker_price_deviation": -0.0625,
                }
            ],
        )
        self.assertEqual(order.maker_price_difference, -10.0)
        self.assertEqual(order.sale_order_id.maker_price_difference, -10.0)
        line = order.sale_order_id.order_line
        self.assertEqual(line.maker_price_difference, -10.0)

    def test_new_prices_of_the_sales_order_leave_what_was_imported(self):
        order = self._import_bowls(2, "150.00", "22.50")
        sale = order.sale_order_id
        sale.order_line.product_uom_qty = 3
        self.assertEqual(sale.order_line.price_unit, 75.0)

    def test_lines_of_one_maker_count_together(self):
        lines = (("BOWL", 1, "80.00", "12.00"), ("BOWL", 1, "100.00", "15.00"))
        order = self._import_one(lines=lines)
        self.assertEqual(order.line_ids.mapped("maker_untaxed"), [80.0, 80.0])
        self.assertEqual(order.maker_price_difference, 20.0)

    def test_products_without_a_maker_are_not_compared(self):
        order = self._import_one(lines=(("SPOON", 1, "77.00", "11.55"),))
        self.assertFalse(order.line_ids.maker_id)
        self.assertEqual(order.maker_price_difference, 0.0)

    def test_channel_without_pricelist_compares_nothing(self):
        self.channel.maker_pricelist_id = False
        order = self._import_bowls(1, "60.00", "9.00")
        self.assertEqual(order.line_ids.maker_untaxed, 0.0)
        self.assertEqual(order.state, "invoiced")

    def test_prices_with_tax_are_compared_without_it(self):
        order = self._import_bowls(1, "100.00", "15.00", prices_include_tax=True)
        self.assertEqual(order.line_ids.charged_untaxed, 100.0)
        self.assertEqual(order.maker_price_difference, 0.0)

    def test_price_counts_that_was_in_force_when_the_buyer_ordered(self):
        self.model.date_end = datetime(2024, 3, 5, 10, 0, 0)
        orders = self._import(
            [
                self._woo_order(1, lines=(("BOWL", 2, "160.00", "24.00"),)),
                self._woo_order(
                    2,
                    lines=(("BOWL", 2, "160.00", "24.00"),),
                    date_created_gmt="2024-03-05T10:00:01",
                ),
            ]
        ).order_ids.sorted("external_ref")
        self.assertEqual(orders.mapped("maker_price_difference"), [0.0, -40.0])

    # === APPLIED ===

    def test_makers_prices_that_come_to_what_was_paid_are_invoiced(self):
        self.channel.maker_prices = "apply"
        order = self._import_bowls(2, "160.00", "24.00")
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.amount_untaxed, 160.0)

    def test_other_total_than_was_paid_goes_to_review_by_an_issue_of_its_own(self):
        self.channel.maker_prices = "apply"
        order = self._import_bowls(2, "150.00", "22.50")
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["maker_price"])
        self.assertIn("172.50", order.issue_ids.message)
        self.assertIn("184.00", order.issue_ids.message)
        cause = order.issue_ids.cause_id
        self.assertIn("Keep the marketplace's prices", cause.suggested_action)
        self.assertEqual(cause.action_fix()["res_model"], "marketplace.order")

    def test_difference_within_the_tolerance_goes_to_the_rounding_account(self):
        self.channel.write({"maker_prices": "apply", "rounding_tolerance": 0.05})
        order = self._import_bowls(2, "160.04", "24.00")
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.amount_total, 184.04)
        self.assertEqual(order.rounding_amount, 0.04)

    def test_reviewer_keeps_the_prices_of_the_marketplace(self):
        self.channel.maker_prices = "apply"
        order = self._import_bowls(2, "150.00", "22.50")
        order.action_keep_marketplace_prices()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.amount_total, 172.5)
        self.assertEqual(order.issue_ids.state, "resolved")
        with self.assertRaisesRegex(UserError, "in the books"):
            order.action_keep_marketplace_prices()

    def test_reviewer_accepts_the_prices_of_the_makers(self):
        self.channel.maker_prices = "apply"
        order = self._import_bowls(2, "150.00", "22.50")
        order.issue_ids.action_accept()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.amount_total, 184.0)

    def test_products_without_a_maker_keep_their_price(self):
        self.channel.maker_prices = "apply"
        order = self._import_one(lines=(("SPOON", 1, "77.00", "11.55"),))
        self.assertEqual(order.invoice_id.amount_untaxed, 77.0)

    def test_policy_without_a_pricelist_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "choose their pricelist"):
            self.channel.write({"maker_prices": "apply", "maker_pricelist_id": False})

    # === BATCHES ===

    def _import_many(self, numbers):
        return self._import(
            [
                self._woo_order(number, lines=(("BOWL", 2, "150.00", "22.50"),))
                for number in numbers
            ]
        ).order_ids.sorted("external_ref")

    def _break(self, order_ref):
        """Let the comparison of one order fail, as a bug or odd data would."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            CREATE FUNCTION refuse_line() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'not this one'; END$$;
            CREATE TRIGGER refuse_line BEFORE UPDATE OF maker_untaxed
                ON marketplace_order_line FOR EACH ROW
                WHEN (NEW.maker_untaxed = 240) EXECUTE FUNCTION refuse_line();
            """
        )
        return self._woo_order(order_ref, lines=(("BOWL", 3, "225.00", "33.75"),))

    def test_order_that_cannot_be_compared_does_not_stop_the_others(self):
        bad = self._break(2)
        good = [
            self._woo_order(number, lines=(("BOWL", 2, "150.00", "22.50"),))
            for number in (1, 3)
        ]
        with mute_logger(
            "odoo.sql_db",
            "odoo.addons.marketplace_invoicing.models.marketplace_queue_mixin",
        ):
            orders = self._import([good[0], bad, good[1]]).order_ids
        orders = orders.sorted("external_ref")
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 3)
        self.assertEqual(orders.mapped("maker_price_difference"), [-10.0, 0.0, -10.0])
        self.assertIn("not this one", orders[1].maker_price_error)

    def test_unknown_makers_prices_stop_only_orders_that_ask_for_them(self):
        self.channel.maker_prices = "apply"
        bad = self._break(2)
        with mute_logger(
            "odoo.sql_db",
            "odoo.addons.marketplace_invoicing.models.marketplace_queue_mixin",
        ):
            order = self._import([bad]).order_ids
        self.assertEqual(self._open_codes(order), ["maker_price"])
        self.assertIn("not this one", order.issue_ids.message)

    def test_comparing_more_orders_takes_no_more_queries(self):
        self.model.mode = "capped"
        few, many = self._import_many(range(1, 3)), self._import_many(range(10, 30))
        counts = []
        for orders in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            orders.sudo().browse(orders.ids)._compare_with_makers()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_order_that_is_read_again_is_compared_again(self):
        self.channel.maker_prices = "apply"
        order = self._import_bowls(2, "150.00", "22.50")
        self.model.tier_ids.value = 75
        order._requeue()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.maker_price_difference, 0.0)

    # === ACCESS ===

    def test_user_sees_differences_and_only_reviewers_decide(self):
        order = self._import_bowls(2, "150.00", "22.50")
        user = new_test_user(
            self.env, "seer", "marketplace_invoicing.group_marketplace_user"
        )
        action = self.env.ref(
            "marketplace_invoicing_artisan_pricing.marketplace_order_line_action"
        )
        self.assertIn("maker_price_difference", action.domain)
        line = order.line_ids.with_user(user)
        self.assertEqual(line.maker_price_difference, -10.0)
        self.assertEqual(line.maker_id.name, "Turner")
        with self.assertRaises(AccessError):
            order.with_user(user).action_keep_marketplace_prices()

    def test_differences_of_another_company_are_not_seen(self):
        line = self._import_bowls(2, "150.00", "22.50").line_ids
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "stranger",
            "marketplace_invoicing.group_marketplace_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(
            line.with_user(user).search([("maker_price_difference", "!=", 0)])
        )
