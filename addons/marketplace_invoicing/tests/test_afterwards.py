from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import MarketplaceCommon

PAID_LATER = {"date_modified_gmt": "2024-03-07T10:00:00"}


class TestAfterwards(MarketplaceCommon):
    """What changes between check and invoice, and after the invoice."""

    def _live_sales(self, order):
        return order.sale_order_ids.filtered(lambda sale: sale.state != "cancel")

    def test_period_closed_while_the_order_waited_is_reviewed_and_then_invoiced(self):
        order = self._import_one(date_paid_gmt=None)
        self.assertEqual(order.state, "ordered")
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["closed_period"])
        self.company.sudo().fiscalyear_lock_date = False
        order.action_process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(len(self._live_sales(order)), 1)
        self.assertEqual(len(order.sale_order_ids), 2)

    def test_sale_order_invoiced_by_hand_is_taken_over(self):
        order = self._import_one(date_paid_gmt=None)
        by_hand = order.sale_order_id._create_invoices()
        by_hand.action_post()
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_ids, by_hand)
        self.assertEqual(by_hand.payment_state, "paid")

    def test_order_invoiced_before_it_was_paid_is_cleared_when_it_is(self):
        self.channel.invoice_trigger = "order"
        order = self._import_one(date_paid_gmt=None)
        self.assertEqual(order.invoice_id.payment_state, "not_paid")
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.invoice_id.payment_state, "paid")
        self.assertEqual(order.clearing_move_id.date, fields.Date.to_date("2024-03-06"))

    def test_payment_dated_in_the_future_is_cleared_today(self):
        with freeze_time("2024-03-10 12:00:00"):
            order = self._import_one(date_paid_gmt="2031-03-06T09:00:00")
        self.assertEqual(order.clearing_move_id.date, fields.Date.to_date("2024-03-10"))

    def test_other_destination_before_the_invoice_makes_another_sale_order(self):
        # Whatever positions the chart brings, both countries are taxed alike here.
        self.env["account.fiscal.position"].search([]).auto_apply = False
        order = self._import_one(date_paid_gmt=None)
        address = {**self._woo_order(1)["shipping"], "country": "CA", "state": "ON"}
        self._import([self._woo_order(1, shipping=address, **PAID_LATER)])
        self.assertEqual(order.invoice_id.partner_shipping_id.country_id.code, "CA")
        self.assertEqual(len(self._live_sales(order)), 1)

    def test_payment_that_failed_and_was_made_later_is_invoiced(self):
        order = self._import_one(status="failed", date_paid_gmt=None)
        self.assertEqual(order.state, "draft")
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.state, "invoiced")

    def test_order_that_the_channel_revives_is_invoiced(self):
        order = self._import_one(status="cancelled", date_paid_gmt=None)
        self.assertEqual(order.state, "cancelled")
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.state, "invoiced")

    def test_order_cancelled_by_hand_stays_so(self):
        order = self._import_one(lines=[("NONE", 1, "10.00", "1.50")])
        order.action_cancel()
        self._import([self._woo_order(1, **PAID_LATER)])
        self.assertEqual(order.state, "cancelled")

    def test_cancelled_invoice_is_made_anew_and_takes_up_its_payment(self):
        order = self._import_one()
        first, entry = order.invoice_id, order.clearing_move_id
        first.button_draft()
        first.button_cancel()
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["invoice_cancelled"])
        self.assertIn(entry.name, order.issue_ids.filtered("message")[:1].message)
        order.issue_ids.cause_id.filtered(
            lambda cause: cause.code == "invoice_cancelled"
        ).action_fix()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertNotEqual(order.invoice_id, first)
        self.assertEqual(order.invoice_id.payment_state, "paid")
        self.assertEqual(order.clearing_move_id, entry)

    def test_data_after_a_correction_goes_to_review(self):
        order = self._import_one(
            lines=[("BOWLL", 1, "100.00", "15.00")], date_paid_gmt=None
        )
        order.action_edit_payload()
        order.payload_edited = order.payload_edited.replace("BOWLL", "BOWL")
        order.action_replay()
        self.assertEqual(order.state, "ordered")
        self._import(
            [self._woo_order(1, lines=[("SPOON", 1, "100.00", "15.00")], **PAID_LATER)]
        )
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["correction_overtaken"])
        self.assertIn("BOWL", order.payload_edited)
        self.assertFalse(self._live_sales(order))

    def test_business_purchase_of_a_known_buyer_is_invoiced_to_the_company(self):
        private = self._import_one(number=1, customer_id=7)
        billing = {
            **self._woo_order(2)["billing"],
            "company": "Holz GmbH",
            "address_1": "Werkstrasse 2",
            "country": "DE",
        }
        business = self._import_one(
            number=2,
            customer_id=7,
            billing=billing,
            meta_data=[{"id": 1, "key": "_billing_vat_number", "value": "DE136695976"}],
        )
        invoice = business.invoice_id
        self.assertNotEqual(business.partner_id, private.partner_id)
        self.assertEqual(invoice.commercial_partner_id.vat, "DE136695976")
        self.assertEqual(invoice.partner_id.street, "Werkstrasse 2")
        self.assertFalse(private.partner_id.vat)

    def test_other_billing_address_makes_an_invoice_contact(self):
        first = self._import_one(number=1, customer_id=7)
        billing = {**self._woo_order(1)["billing"], "address_1": "2 Side Street"}
        second = self._import_one(number=2, customer_id=7, billing=billing)
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertEqual(second.invoice_id.partner_id.street, "2 Side Street")
        self.assertEqual(second.invoice_id.partner_id.type, "invoice")

    def test_fiscal_position_given_to_the_customer_wins(self):
        exempt = self.env["account.fiscal.position"].create(
            {"name": "Reseller exempt", "company_id": self.company.id}
        )
        first = self._import_one(number=1, customer_id=7)
        first.partner_id.property_account_position_id = exempt
        second = self._import_one(
            number=2, customer_id=7, lines=[("BOWL", 1, "100.00", "0.00")]
        )
        self.assertEqual(second.state, "invoiced", second.issue_ids.mapped("message"))
        self.assertEqual(second.invoice_id.fiscal_position_id, exempt)
        self.assertAlmostEqual(second.invoice_id.amount_total, 100.0)

    def test_invoice_address_does_not_choose_the_fiscal_position(self):
        canada = self.env["account.fiscal.position"].create(
            {
                "name": "Export to Canada",
                "auto_apply": True,
                "sequence": -1,
                "country_id": self.env.ref("base.ca").id,
                "company_id": self.company.id,
            }
        )
        billing = {**self._woo_order(1)["billing"], "country": "CA", "state": "ON"}
        order = self._import_one(billing=billing)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_id.partner_id.country_id.code, "CA")
        self.assertNotEqual(order.invoice_id.fiscal_position_id, canada)
        self.assertEqual(
            order.invoice_id.fiscal_position_id, order.sale_order_id.fiscal_position_id
        )

    def test_garbage_for_a_vat_number_is_no_business_and_no_exemption(self):
        for number, text in enumerate(("XX1", "na", "Q", "garbage123"), start=1):
            with self.subTest(vat=text):
                address = {**self._woo_order(1)["shipping"], "country": "FR"}
                order = self._import_one(
                    number=number,
                    shipping=address,
                    meta_data=[{"id": 1, "key": "_vat_number", "value": text}],
                )
                self.assertIn("invalid_vat", self._open_codes(order))
                self.assertEqual(order.state, "exception")

    def test_anonymous_policy_puts_all_orders_on_one_buyer(self):
        self.channel.buyer_policy = "anonymous"
        orders = self._import([self._woo_order(1), self._woo_order(2)]).order_ids
        self.assertEqual(orders.partner_id, self.channel.anonymous_partner_id)
        self.assertEqual(len(orders.invoice_id.partner_shipping_id), 2)

    def test_channel_without_journal_says_what_is_missing(self):
        self.channel.journal_id = False
        order = self._import_one()
        self.assertEqual(self._open_codes(order), ["configuration"])
        self.assertIn("Journal", order.issue_ids.message)

    def test_inactive_currency_is_activated_by_its_card(self):
        franc = self.env.ref("base.CHF")
        franc.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": franc.id, "name": "2024-01-01", "rate": 2.0}
        )
        franc.active = False
        order = self._import_one(currency="CHF")
        self.assertIn("not active", order.issue_ids.message)
        order.issue_ids.cause_id.action_fix()
        self.assertTrue(franc.active)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))

    def test_policy_create_takes_the_product_that_is_there(self):
        knife = self._create_article("KNIFE", "Butter knife")
        self.channel.unknown_sku_policy = "create"
        order = self._import_one(lines=[("KNIFE", 1, "10.00", "1.50")])
        self.assertEqual(order.line_ids.product_id, knife)

    def test_products_are_suggested_by_barcode_and_by_name(self):
        by_barcode = self._create_article("X1", "Jar", barcode="4006381333931")
        by_name = self._create_article("X2", "Article PLAIN")
        order = self._import_one(
            lines=[("4006381333931", 1, "5.00", "0.75"), ("PLAIN", 1, "5.00", "0.75")]
        )
        suggested = {
            cause.key: cause.suggested_product_id for cause in order.issue_ids.cause_id
        }
        self.assertEqual(suggested, {"4006381333931": by_barcode, "PLAIN": by_name})

    def test_changed_country_takes_back_what_the_approver_saw(self):
        export = self.env["account.fiscal.position"].create(
            {
                "name": "Export to Canada",
                "auto_apply": True,
                "country_id": self.env.ref("base.ca").id,
                "company_id": self.company.id,
            }
        )
        self.channel.review_mode = "review"
        order = self._import_one()
        order.sudo().country_id = self.env.ref("base.ca")
        order.action_approve()
        self.assertNotEqual(order.approval, "approved")
        self.assertEqual(order.fiscal_position_id, export)
        self.assertFalse(order.invoice_ids)

    def test_overlong_id_is_refused_and_its_neighbours_are_invoiced(self):
        sku = "".join(chr(33 + number % 90) for number in range(9000))
        record = self._import(
            [
                self._woo_order(1),
                self._woo_order(2, lines=[(sku, 1, "1.00", "0.15")]),
                self._woo_order(3),
            ]
        )
        self.assertEqual(record.order_ids.mapped("state"), ["invoiced"] * 2)
        self.assertIn("more than 250 characters", record.issue_ids.message)

    def test_down_payment_of_an_ordinary_order_is_deducted(self):
        self.company.sale_auto_invoice_trigger = "order"
        sale = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    Command.create({"product_id": self.bowl.id, "price_unit": 100.0})
                ],
            }
        )
        sale.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 30,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        wizard.create_invoices()
        sale.invoice_ids.action_post()
        with self.enter_registry_test_mode():
            self.env.ref(
                "marketplace_invoicing.ir_cron_invoice_sale_order"
            ).method_direct_trigger()
        self.assertAlmostEqual(sum(sale.invoice_ids.mapped("amount_total")), 115.0)
