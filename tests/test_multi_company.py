"""Two companies sell on the same platform: same order numbers, own books, no view of the other."""

from __future__ import annotations

import json

from flow_support import woo_order

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon

MODELS = [
    "marketplace.channel",
    "marketplace.import",
    "marketplace.issue",
    "marketplace.issue.cause",
    "marketplace.order",
    "marketplace.order.line",
    "marketplace.partner.mapping",
    "marketplace.product.mapping",
    "marketplace.tax.rule",
]


@tagged("post_install", "-at_install")
class TestMultiCompany(MarketplaceCommon):
    """``self.company`` keeps its books in dollars, ``self.other`` in euros."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2024-01-01", 0.5)])
        cls.other_data = cls.setup_other_company(
            name="Other company", currency_id=cls.euro.id
        )
        cls.other = cls.other_data["company"]
        cls.other.country_id = cls.country
        # Rates are each company's own: what one unit of its currency buys.
        cls.env["res.currency.rate"].create(
            {
                "name": "2024-01-01",
                "currency_id": cls.company.currency_id.id,
                "company_id": cls.other.id,
                "rate": 2.0,
            }
        )
        cls.bowl.taxes_id |= cls.other_data["default_tax_sale"]
        cls.other_channel = cls._create_channel(
            "Web shop", "woocommerce", company_id=cls.other.id
        )
        cls._map(cls.other_channel, cls.bowl)
        cls.channels = cls.channel | cls.other_channel
        cls.clerks = {
            company: new_test_user(
                cls.env,
                login=f"clerk_{company.id}",
                groups="marketplace_invoicing.group_marketplace_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for company in cls.company | cls.other
        }
        # Same file in both shops: the same order numbers, the same buyers' ids.
        orders = [
            woo_order(1),
            woo_order(2, lines=[("NONE", 1, "10.00", "1.50")]),
            woo_order(3, currency="EUR"),
        ]
        cls.imports = {
            channel.company_id: cls._import_as_clerk(channel, orders)
            for channel in cls.channels
        }

    @classmethod
    def _import_as_clerk(cls, channel, orders):
        clerk = cls.clerks[channel.company_id]
        record, is_new = (
            cls.env["marketplace.import"]
            .with_user(clerk)
            ._receive(
                channel.with_user(clerk), "orders.json", json.dumps(orders).encode()
            )
        )
        assert is_new
        record._run()
        return record.sudo()

    def _order(self, company, ref):
        return self.imports[company].order_ids.filtered(
            lambda order: order.external_ref == ref
        )

    def test_same_numbers_are_two_orders_and_no_duplicate(self):
        for company, record in self.imports.items():
            orders = record.order_ids.sorted("external_ref")
            self.assertEqual(orders.mapped("external_ref"), ["1", "2", "3"])
            self.assertEqual(orders.company_id, company)
            self.assertEqual(
                orders.mapped("state"), ["invoiced", "exception", "invoiced"]
            )
            self.assertEqual(self._open_codes(orders), ["unknown_sku"])

    def test_documents_lie_in_their_company_with_its_own_records(self):
        for company, record in self.imports.items():
            channel = record.channel_id
            invoiced = record.order_ids.filtered("invoice_id")
            moves = invoiced.invoice_id | invoiced.clearing_move_id
            self.assertEqual(moves.company_id, company)
            self.assertEqual(invoiced.sale_order_id.company_id, company)
            self.assertEqual(invoiced.invoice_id.journal_id, channel.journal_id)
            self.assertEqual(
                invoiced.clearing_move_id.journal_id, channel.clearing_journal_id
            )
            self.assertEqual(channel.journal_id.company_id, company)
            self.assertEqual(moves.line_ids.account_id.company_ids, company)
            self.assertEqual(moves.line_ids.tax_ids.company_id, company)
            self.assertEqual(invoiced.partner_id.company_id, company)
            self.assertEqual(record.order_ids.issue_ids.cause_id.company_id, company)

    def test_accounts_of_one_company_are_not_used_by_the_other(self):
        first, second = (
            record.order_ids.invoice_id.line_ids
            | record.order_ids.clearing_move_id.line_ids
            for record in self.imports.values()
        )
        self.assertFalse(first.account_id & second.account_id)
        self.assertNotEqual(
            self.channel.clearing_account_id, self.other_channel.clearing_account_id
        )
        self.assertNotEqual(
            self.channel.rounding_account_id, self.other_channel.rounding_account_id
        )

    def test_each_company_books_in_its_own_currency(self):
        """Two dollars to one euro: 115.00 dollars are 57.50 euros, and euros 230.00 dollars."""
        usd, euro = self.company.currency_id, self.euro
        expected = {
            (self.company, "1"): (usd, 115.0),
            (self.company, "3"): (euro, 230.0),
            (self.other, "1"): (usd, 57.5),
            (self.other, "3"): (euro, 115.0),
        }
        for (company, ref), (currency, booked) in expected.items():
            with self.subTest(company=company.name, ref=ref):
                invoice = self._order(company, ref).invoice_id
                self.assertRecordValues(
                    invoice,
                    [
                        {
                            "currency_id": currency.id,
                            "amount_total": 115.0,
                            "amount_total_signed": booked,
                            "payment_state": "paid",
                        }
                    ],
                )
                self.assertEqual(invoice.company_currency_id, company.currency_id)

    def test_clerk_sees_nothing_of_the_other_company(self):
        for channel in self.channels:
            self.env["marketplace.tax.rule"].create(
                {"channel_id": channel.id, "liability": "seller"}
            )
        for company, clerk in self.clerks.items():
            for model in MODELS:
                with self.subTest(company=company.name, model=model):
                    found = self.env[model].with_user(clerk).search([])
                    self.assertTrue(found)
                    self.assertEqual(found.sudo().company_id, company)

    def test_clerk_cannot_act_on_the_other_company(self):
        clerk = self.clerks[self.other]
        with self.assertRaises(AccessError):
            self._order(self.company, "2").with_user(clerk).action_process()
        with self.assertRaises(AccessError):
            self._map(self.channel, self.bowl, code="NONE").with_user(clerk).unlink()
        with self.assertRaises(AccessError):
            self.env["marketplace.import"].with_user(clerk)._receive(
                self.channel.with_user(clerk), "x.json", b"[]"
            )

    def test_mapping_of_one_company_frees_no_order_of_the_other(self):
        clerk = self.clerks[self.company]
        self.env["marketplace.product.mapping"].with_user(clerk).create(
            {"channel_id": self.channel.id, "code": "NONE", "product_id": self.bowl.id}
        )
        self.assertEqual(self._order(self.company, "2").state, "invoiced")
        self.assertEqual(self._order(self.other, "2").state, "exception")

    def test_scheduler_processes_both_companies_each_in_its_books(self):
        for channel in self.channels:
            record, _is_new = self.env["marketplace.import"]._receive(
                channel,
                "more.json",
                json.dumps([woo_order(50), woo_order(51)]).encode(),
            )
            record._run(process=False)
        with self.enter_registry_test_mode():
            self.env.ref(
                "marketplace_invoicing.ir_cron_process_marketplace_order"
            ).method_direct_trigger()
        orders = (
            self.env["marketplace.order"]
            .sudo()
            .search([("external_ref", "in", ("50", "51"))])
        )
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 4)
        for order in orders:
            self.assertEqual(order.invoice_id.company_id, order.channel_id.company_id)
            self.assertEqual(order.clearing_move_id.company_id, order.company_id)
        self.assertEqual(len(orders.clearing_move_id), 2)
