import json

from odoo import fields
from odoo.tests import freeze_time

from .common import MarketplaceCommon


class TestPipeline(MarketplaceCommon):
    def test_paid_order_becomes_a_posted_and_paid_invoice(self):
        order = self._import_one()
        self.assertEqual(order.issue_ids.mapped("message"), [])
        self.assertRecordValues(
            order,
            [
                {
                    "state": "invoiced",
                    "amount_to_invoice": 115.0,
                    "amount_computed": 115.0,
                }
            ],
        )
        self.assertRecordValues(
            order.invoice_id,
            [
                {
                    "state": "posted",
                    "payment_state": "paid",
                    "amount_total": 115.0,
                    "amount_tax": 15.0,
                    "invoice_date": fields.Date.to_date("2024-03-05"),
                    "ref": "1",
                }
            ],
        )
        self.assertEqual(order.sale_order_id.state, "sale")
        self.assertEqual(order.sale_order_id.invoice_status, "invoiced")

    def test_fractional_quantities_keep_the_total(self):
        order = self._import_one(lines=[("BOWL", 2.345, "100.00", "15.00")])
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.invoice_id.amount_total, 115.0)

    def test_same_buyer_and_address_make_one_contact(self):
        orders = self._import(
            [self._woo_order(1, customer_id=7), self._woo_order(2, customer_id=7)]
        ).order_ids
        self.assertEqual(len(orders.partner_id), 1)
        # The second parcel goes to another name ("Ann Buyer 2"): a delivery contact of it.
        self.assertEqual(len(orders.partner_shipping_id), 2)
        third = self._import(
            [
                self._woo_order(
                    3,
                    customer_id=7,
                    shipping={
                        **self._woo_order(2)["shipping"],
                    },
                )
            ]
        ).order_ids
        self.assertIn(third.partner_shipping_id, orders.partner_shipping_id)

    def test_same_name_alone_is_another_buyer(self):
        billing = {**self._woo_order(1)["billing"], "last_name": "Same"}
        orders = self._import(
            [
                self._woo_order(1, billing={**billing, "email": "one@example.com"}),
                self._woo_order(2, billing={**billing, "email": "two@example.com"}),
            ]
        ).order_ids
        self.assertEqual(set(orders.partner_id.mapped("name")), {"Ann Same"})
        self.assertEqual(len(orders.partner_id), 2)

    def test_guest_is_recognised_by_the_address_of_the_mail(self):
        orders = self._import(
            [
                self._woo_order(1, customer_id=0),
                self._woo_order(
                    2,
                    customer_id=0,
                    billing={
                        **self._woo_order(1)["billing"],
                        "email": "ANN1@example.com",
                    },
                ),
            ]
        ).order_ids
        self.assertEqual(len(orders.partner_id), 1)

    def test_withheld_buyer_is_the_anonymous_one_with_the_destinations_taxes(self):
        address = {"country": "US", "postcode": "97201", "city": "Portland"}
        order = self._import_one(customer_id=0, billing={}, shipping=address)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.partner_id, self.channel.anonymous_partner_id)
        self.assertEqual(order.invoice_id.partner_shipping_id.city, "Portland")

    def test_invoice_carries_channel_shipping_option_and_addresses(self):
        order = self._import_one(
            shipping_lines=[
                {
                    "id": 5,
                    "method_title": "Express",
                    "method_id": "flat_rate",
                    "total": "10.00",
                    "total_tax": "1.50",
                    "taxes": [],
                }
            ],
            shipping_total="10.00",
            total="126.50",
            total_tax="16.50",
        )
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        invoice = order.invoice_id
        self.assertEqual(order.shipping_option, "Express")
        self.assertEqual(invoice.marketplace_channel_id, self.channel)
        self.assertEqual(invoice.partner_shipping_id.city, "Portland")
        self.assertIn(
            self.channel.shipping_product_id, invoice.invoice_line_ids.product_id
        )

    def test_queue_is_worked_off_by_the_scheduler(self):
        record, _is_new = self.env["marketplace.import"]._receive(
            self.channel,
            "orders.json",
            json.dumps([self._woo_order(number) for number in range(1, 6)]).encode(),
        )
        with self.enter_registry_test_mode():
            self.env.ref(
                "marketplace_invoicing.ir_cron_run_marketplace_import"
            ).method_direct_trigger()
        self.assertEqual(record.state, "done")
        self.assertEqual(record.order_ids.mapped("state"), ["invoiced"] * 5)

    def test_trigger_shipped_dates_the_invoice_at_shipping(self):
        self.channel.write(
            {"invoice_trigger": "shipped", "invoice_date_policy": "shipped"}
        )
        order = self._import_one()
        self.assertEqual(order.state, "ordered")
        self._import(
            [
                self._woo_order(
                    1,
                    status="completed",
                    date_completed_gmt="2024-03-09T10:00:00",
                    date_modified_gmt="2024-03-09T10:00:00",
                )
            ]
        )
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(
            order.invoice_id.invoice_date, fields.Date.to_date("2024-03-09")
        )

    def test_day_of_the_invoice_is_the_channels_day(self):
        self.channel.timezone = "Asia/Tokyo"
        order = self._import_one(date_created_gmt="2024-03-05T20:00:00")
        self.assertEqual(
            order.invoice_id.invoice_date, fields.Date.to_date("2024-03-06")
        )

    def test_invoice_is_never_dated_in_the_future(self):
        with freeze_time("2024-03-01 12:00:00"):
            order = self._import_one(date_created_gmt="2031-01-01T00:00:00")
        self.assertEqual(
            order.invoice_id.invoice_date, fields.Date.to_date("2024-03-01")
        )
