import json

from odoo.fields import Command

from odoo.addons.marketplace_invoicing.channels.base import ParsedLine, ParsedTax

from .common import MarketplaceCommon


class TestTax(MarketplaceCommon):
    """Core computes the tax; what the marketplace collects is never ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_channel("Shopify shop", "shopify")
        cls._map(cls.shop, cls.bowl)
        cls._map(cls.shop, cls.spoon)

    @classmethod
    def _create_tax(cls, amount, included=False, **kwargs):
        return cls.env["account.tax"].create(
            {
                "name": f"{amount} % {'incl.' if included else 'excl.'}",
                "amount": amount,
                "price_include_override": "tax_included"
                if included
                else "tax_excluded",
                "company_id": cls.company.id,
                **kwargs,
            }
        )

    @classmethod
    def _shopify_order(
        cls, price, tax, liable=False, included=False, quantity=1, **kwargs
    ):
        """Return a Shopify REST order with one bowl in the documented shape.

        :param price: unit price; :param tax: tax of the line; both strings
        """
        net = float(price) * quantity
        total = net if included else net + float(tax)
        return {
            "id": 1001,
            "name": "#1001",
            "created_at": "2024-03-05T10:00:00Z",
            "processed_at": "2024-03-05T10:00:00Z",
            "updated_at": "2024-03-05T10:00:00Z",
            "currency": cls.company.currency_id.name,
            "financial_status": "paid",
            "payment_gateway_names": ["shopify_payments"],
            "taxes_included": included,
            "total_price": f"{total:.2f}",
            "total_tax": tax,
            "total_discounts": "0.00",
            "customer": {"id": 77, "first_name": "Ann", "last_name": "Buyer"},
            "shipping_address": {
                "name": "Ann Buyer",
                "address1": "1 Main Street",
                "city": "Portland",
                "zip": "97201",
                "province_code": "OR",
                "country_code": "US",
            },
            "line_items": [
                {
                    "id": 1,
                    "sku": "BOWL",
                    "title": "Walnut bowl",
                    "quantity": quantity,
                    "price": price,
                    "total_discount": "0.00",
                    "tax_lines": [
                        {
                            "title": "Tax",
                            "rate": 0.15,
                            "price": tax,
                            "channel_liable": liable,
                        }
                    ],
                }
            ],
            "shipping_lines": [],
            **kwargs,
        }

    def _import_shopify(self, *args, **kwargs):
        order = self._shopify_order(*args, **kwargs)
        return self._import({"orders": [order]}, self.shop).order_ids

    def test_marketplace_collected_tax_is_on_no_invoice_and_no_tax_account(self):
        order = self._import_shopify("100.00", "15.00", liable=True)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertRecordValues(
            order,
            [
                {
                    "marketplace_tax": 15.0,
                    "amount_total": 115.0,
                    "amount_to_invoice": 100.0,
                }
            ],
        )
        self.assertRecordValues(
            order.invoice_id, [{"amount_total": 100.0, "amount_tax": 0.0}]
        )
        self.assertFalse(order.invoice_id.line_ids.tax_line_id)
        self.assertIn("collected", order.invoice_id.narration)
        self.assertIn("channel_liable", order.line_ids.evidence)

    def test_marketplace_collected_sales_carry_the_channels_zero_tax(self):
        zero = self._create_tax(0.0)
        self.shop.marketplace_tax_id = zero
        order = self._import_shopify("100.00", "15.00", liable=True)
        self.assertEqual(order.invoice_id.invoice_line_ids.tax_ids, zero)

    def test_marketplace_collected_tax_inside_the_price_is_taken_out(self):
        order = self._import_shopify("115.00", "15.00", liable=True, included=True)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.invoice_id.amount_total, 100.0)

    def test_unknown_liability_is_an_issue_until_a_person_makes_a_rule(self):
        order = self._import_shopify("100.00", "15.00", liable=None)
        self.assertEqual(order.state, "exception")
        self.assertIn("tax_liability_unknown", self._open_codes(order))
        self.assertEqual(
            order.issue_ids.cause_id.filtered(
                lambda cause: cause.code == "tax_liability_unknown"
            ).key,
            "US",
        )
        self.env["marketplace.tax.rule"].create(
            {
                "channel_id": self.shop.id,
                "country_id": self.country.id,
                "liability": "marketplace",
            }
        )
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.invoice_id.amount_total, 100.0)

    def test_rule_of_another_country_decides_nothing(self):
        order = self._import_shopify("100.00", "15.00", liable=None)
        self.env["marketplace.tax.rule"].create(
            {
                "channel_id": self.shop.id,
                "country_id": self.env.ref("base.ca").id,
                "liability": "marketplace",
            }
        )
        self.assertEqual(order.state, "exception")

    def test_channel_gross_meets_every_tax_convention_to_the_cent(self):
        """Gross 3 x 19.99 with 19 %: tax 59.97 * 19 / 119 = 9.575 -> 9.58 (9.57 per unit sums)."""
        for included in (True, False):
            with self.subTest(odoo_tax_included=included):
                self.bowl.taxes_id = [Command.set(self._create_tax(19.0, included).ids)]
                order = self._import_shopify(
                    "19.99", "9.58", included=True, quantity=3, id=2000 + included
                )
                self.assertEqual(
                    order.state, "invoiced", order.issue_ids.mapped("message")
                )
                self.assertRecordValues(
                    order.invoice_id, [{"amount_total": 59.97, "amount_tax": 9.58}]
                )

    def test_channel_net_meets_an_included_tax_to_the_cent(self):
        self.bowl.taxes_id = [Command.set(self._create_tax(15.0, included=True).ids)]
        order = self._import_shopify("33.33", "15.00", quantity=3)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.invoice_id.amount_untaxed, 99.99)
        self.assertAlmostEqual(order.invoice_id.amount_total, 114.99)

    def test_destination_chooses_the_fiscal_position(self):
        export = self._create_tax(0.0)
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Export to Canada",
                "auto_apply": True,
                "country_id": self.env.ref("base.ca").id,
                "company_id": self.company.id,
            }
        )
        export.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax.ids)],
            }
        )
        address = {
            **self._shopify_order("1", "0")["shipping_address"],
            "country_code": "CA",
        }
        order = self._import_shopify("100.00", "0.00", shipping_address=address)
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_id.fiscal_position_id, position)
        self.assertEqual(order.invoice_id.invoice_line_ids.tax_ids, export)
        self.assertIn("Export to Canada", "".join(order.message_ids.mapped("body")))

    def test_refreshing_taxes_on_the_sale_order_keeps_the_marketplace_out(self):
        self.shop.invoice_trigger = "manual"
        order = self._import_shopify("100.00", "15.00", liable=True)
        sale = order.sale_order_id
        sale._recompute_taxes()
        self.assertFalse(sale.order_line.tax_ids)

    def test_liability_of_mixed_taxes_counts_only_the_marketplaces_part(self):
        taxes = (
            ParsedTax(
                name="State",
                amount=json.loads("7"),
                liability="marketplace",
                evidence="x",
            ),
            ParsedTax(
                name="City", amount=json.loads("2"), liability="seller", evidence="y"
            ),
        )
        line = ParsedLine(
            external_ref="1", amount=100, tax=9, taxes=taxes, liability="unknown"
        )
        self.assertEqual(line.marketplace_tax, 7)
