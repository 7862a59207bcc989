from datetime import datetime, timezone
from decimal import Decimal

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from ..channels.base import ParsedAddress, ParsedBuyer, ParsedLine, ParsedOrder
from .common import MarketplaceCommon


class TestChecks(MarketplaceCommon):
    """Each finding keeps its order out of the books, says why, and lets the others go on."""

    def _import_bad(self, **kwargs):
        """Import a bad order between two good ones and return the bad one."""
        good = [self._woo_order(1), self._woo_order(3)]
        orders = self._import(
            [good[0], self._woo_order(2, **kwargs), good[1]]
        ).order_ids
        bad = orders.filtered(lambda order: order.external_ref == "2")
        self.assertEqual(set((orders - bad).mapped("state")), {"invoiced"})
        return bad

    def _assert_in_review(self, order, *codes):
        self.assertEqual(self._open_codes(order), sorted(codes))
        self.assertEqual(order.state, "exception")
        self.assertFalse(order.sale_order_ids)
        self.assertFalse(order.invoice_ids)

    def test_unknown_sku_suggests_the_product_with_this_reference(self):
        knife = self._create_article("KNIFE", "Butter knife")
        order = self._import_bad(lines=[("KNIFE", 1, "10.00", "1.50")])
        self._assert_in_review(order, "unknown_sku")
        cause = order.issue_ids.cause_id
        self.assertRecordValues(
            cause,
            [{"key": "KNIFE", "open_count": 1, "suggested_product_id": knife.id}],
        )
        self.assertAlmostEqual(cause.open_amount, 11.5)

    def test_confirming_a_suggestion_invoices_exactly_its_orders(self):
        self._create_article("KNIFE", "Butter knife")
        waiting = self._import(
            [
                self._woo_order(1, lines=[("KNIFE", 1, "10.00", "1.50")]),
                self._woo_order(2, lines=[("OTHER", 1, "10.00", "1.50")]),
                self._woo_order(3, lines=[("KNIFE", 2, "20.00", "3.00")]),
            ]
        ).order_ids.sorted("external_ref")
        waiting.issue_ids.cause_id.action_confirm_suggestion()
        self.assertEqual(waiting.mapped("state"), ["invoiced", "exception", "invoiced"])
        self.assertEqual(self._open_codes(waiting), ["unknown_sku"])

    def test_unknown_sku_may_create_the_product(self):
        self.channel.unknown_sku_policy = "create"
        self.company.account_sale_tax_id = self.tax
        order = self._import_one(lines=[("NEW", 2, "20.00", "3.00")])
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.line_ids.product_id.default_code, "NEW")
        self.assertEqual(order.line_ids.product_id.list_price, 10.0)

    def test_unknown_sku_may_use_the_placeholder(self):
        self.channel.unknown_sku_policy = "placeholder"
        self.channel.placeholder_product_id = self.bowl
        order = self._import_one(lines=[("NEW", 1, "10.00", "1.50")])
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.invoice_id.invoice_line_ids.product_id, self.bowl)

    def test_tax_that_differs_from_core_goes_to_review(self):
        # 15 % of 100 is 15; the shop charged 16, so the total differs as well.
        order = self._import_bad(lines=[("BOWL", 1, "100.00", "16.00")])
        self._assert_in_review(order, "tax_difference", "total_difference")

    def test_tax_of_the_marketplace_says_nothing_of_lines_without_a_stated_tax(self):
        # 1150 with tax contains 150 of ours; the 4 on the second line are the marketplace's.
        self.channel.marketplace_tax_id = self.tax.copy({"name": "None", "amount": 0})
        lines = (
            ParsedLine(
                external_ref="1", sku="BOWL", amount=Decimal(1150), tax_included=True
            ),
            ParsedLine(
                external_ref="2",
                sku="SPOON",
                amount=Decimal(50),
                tax=Decimal(4),
                tax_included=False,
                liability="marketplace",
            ),
        )
        record = ParsedOrder(
            external_ref="MIXED",
            format="test",
            platform="woocommerce",
            where="1",
            raw="1",
            currency=self.company.currency_id.name,
            amount_total=Decimal(1204),
            payment_status="paid",
            paid_through_channel=True,
            created_at=datetime(2024, 3, 5, 10, tzinfo=timezone.utc),
            buyer=ParsedBuyer(external_ref="7", name="Ann Buyer"),
            shipping_address=ParsedAddress(street="1 Main Street", country="US"),
            lines=lines,
        )
        Order = self.env["marketplace.order"].sudo()
        order = Order._stage(self.channel, [record])["created"]
        order._process()
        self.assertEqual(order.issue_ids.mapped("message"), [])
        self.assertEqual(order.state, "invoiced")
        self.assertRecordValues(
            order.invoice_id, [{"amount_total": 1200.0, "amount_tax": 150.0}]
        )

    def test_difference_within_tolerance_is_booked_to_the_rounding_account(self):
        order = self._import_one(total="115.01")
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.rounding_amount, 0.01)
        self.assertAlmostEqual(order.invoice_id.amount_total, 115.01)
        rounding = order.invoice_id.invoice_line_ids.filtered(
            lambda line: line.account_id == self.channel.rounding_account_id
        )
        self.assertAlmostEqual(rounding.price_total, 0.01)
        self.assertEqual(rounding.tax_ids, self.tax)
        self.assertIn("Rounding difference", order.message_ids.mapped("body")[0])

    def test_rounding_line_whose_tax_would_overshoot_goes_without(self):
        """By hand, rounded globally: 72.40 x 8.625 % = 6.2445 -> 6.24, with 5.50 it is 84.14.

        One cent more, taxed, raises the tax to 6.2454 -> 6.25 and the total to 84.16 instead of
        84.15.
        """
        self.company.tax_calculation_rounding_method = "round_globally"
        tax = self.tax.copy({"name": "8.625 %", "amount": 8.625})
        (self.bowl | self.spoon).taxes_id = [Command.set(tax.ids)]
        self.channel.shipping_product_id.taxes_id = [Command.clear()]
        lines = [
            ("BOWL", 1, "22.00", "1.90"),
            ("SPOON", 1, "6.40", "0.55"),
            ("BOWL", 1, "28.00", "2.42"),
            ("SPOON", 1, "16.00", "1.38"),
        ]
        order = self._import_one(
            lines=lines,
            shipping_lines=[
                {
                    "id": 9,
                    "method_title": "Parcel",
                    "total": "5.50",
                    "total_tax": "0.00",
                    "taxes": [],
                }
            ],
            shipping_total="5.50",
            total="84.15",
            total_tax="6.25",
        )
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.rounding_amount, 0.01)
        self.assertFalse(order.is_rounding_taxed)
        self.assertAlmostEqual(order.invoice_id.amount_total, 84.15)

    def test_larger_difference_goes_to_review(self):
        self._assert_in_review(self._import_bad(total="115.05"), "total_difference")

    def test_accepted_difference_invoices_the_computed_total(self):
        order = self._import_bad(total="115.05")
        order.issue_ids.action_accept()
        self.assertEqual(order.state, "invoiced")
        self.assertAlmostEqual(order.invoice_id.amount_total, 115.0)
        self.assertEqual(order.issue_ids.state, "accepted")

    def test_currency_without_rate_goes_to_review(self):
        order = self._import_bad(currency="CHF")
        self._assert_in_review(order, "currency_without_rate")
        self.assertEqual(order.issue_ids.cause_id.key, "CHF")

    def test_unheard_of_currency_goes_to_review(self):
        self._assert_in_review(
            self._import_bad(currency="XQZ"), "currency_without_rate"
        )

    def test_missing_country_goes_to_review_until_a_person_sets_it(self):
        order = self._import_bad(shipping={}, billing={"email": "x@example.com"})
        self._assert_in_review(order, "missing_country")
        order.country_id = self.country
        order.action_process()
        self.assertEqual(order.state, "invoiced")

    def test_invalid_vat_number_goes_to_review(self):
        # DE136695976 is the number of python-stdnum's documentation; ...77 fails its check digit.
        order = self._import_bad(
            meta_data=[{"id": 1, "key": "_billing_vat_number", "value": "DE136695977"}]
        )
        self._assert_in_review(order, "invalid_vat")

    def test_valid_vat_number_makes_a_business_buyer(self):
        billing = {
            **self._woo_order(1)["billing"],
            "company": "Holz GmbH",
            "country": "DE",
        }
        order = self._import_one(
            billing=billing,
            meta_data=[{"id": 1, "key": "_billing_vat_number", "value": "DE136695976"}],
        )
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertRecordValues(
            order.partner_id,
            [{"name": "Holz GmbH", "vat": "DE136695976", "is_company": True}],
        )

    def test_order_keyed_in_by_hand_before_is_a_duplicate(self):
        self.env["sale.order"].create(
            {"partner_id": self.partner_a.id, "client_order_ref": "2"}
        )
        self._assert_in_review(self._import_bad(), "duplicate")

    def test_order_of_a_second_channel_of_the_platform_is_a_duplicate(self):
        twin = self._create_channel("Twin shop", "woocommerce")
        self._map(twin, self.bowl)
        first = self._import_one()
        second = self._import_one(twin)
        self.assertEqual(first.state, "invoiced")
        self._assert_in_review(second, "duplicate")

    def test_closed_period_goes_to_review_and_may_be_invoiced_today(self):
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        order = self._import_one()
        self._assert_in_review(order, "closed_period")
        with freeze_time("2024-05-02 12:00:00"):
            order.issue_ids.cause_id.action_fix()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(
            order.invoice_id.invoice_date, fields.Date.to_date("2024-05-02")
        )
        # The buyer paid on March 6th; that period is closed, so its first open day counts.
        self.assertEqual(order.clearing_move_id.date, fields.Date.to_date("2024-04-01"))

    def test_negative_total_goes_to_review(self):
        order = self._import_bad(
            total="-5.00",
            total_tax="0.00",
            cart_tax="0.00",
            line_items=[],
            fee_lines=[
                {
                    "id": 9,
                    "name": "Voucher",
                    "total": "-5.00",
                    "total_tax": "0.00",
                    "taxes": [],
                }
            ],
        )
        self.assertIn("negative_total", self._open_codes(order))
        self.assertFalse(order.invoice_ids)

    def test_cancelled_order_makes_no_document(self):
        order = self._import_one(status="cancelled", date_paid_gmt=None)
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.sale_order_ids)
        self.assertFalse(order.invoice_ids)

    def test_pending_order_waits(self):
        order = self._import_one(status="pending", date_paid_gmt=None)
        self.assertEqual((order.state, order.is_waiting), ("draft", True))
        self.assertFalse(order.issue_ids)

    def test_issue_that_is_gone_is_resolved_with_date(self):
        order = self._import_bad(lines=[("KNIFE", 1, "10.00", "1.50")])
        self._map(self.channel, self.bowl, "KNIFE")
        self.assertRecordValues(order.issue_ids, [{"state": "resolved"}])
        self.assertTrue(order.issue_ids.resolved_date)

    def test_acceptance_is_refused_where_the_order_could_not_exist(self):
        order = self._import_bad(lines=[("KNIFE", 1, "10.00", "1.50")])
        with self.assertRaisesRegex(Exception, "must be solved"):
            order.issue_ids.action_accept()
