"""The batch books what core books order by order: the same sale orders go both ways."""

import os
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..channels.base import ParsedAddress, ParsedBuyer, ParsedLine, ParsedOrder
from ..const import PIPELINE
from .common import MarketplaceCommon

#: Orders of each of the two ways to round tax. Core's own way takes up to a second for each:
#: `EQUALITY_ORDERS=500 ./test ...` compares 500 in all, the build fewer.
ORDERS = int(os.environ.get("EQUALITY_ORDERS", 80)) // 2
MOVE_FIELDS = (
    "move_type state date invoice_date invoice_date_due partner_id commercial_partner_id "
    "partner_shipping_id journal_id currency_id invoice_currency_rate fiscal_position_id "
    "invoice_payment_term_id payment_reference ref invoice_origin narration "
    "amount_untaxed amount_tax amount_total amount_residual amount_total_signed "
    "amount_untaxed_signed amount_tax_signed amount_residual_signed amount_paid "
    "payment_state always_tax_exigible auto_post invoice_user_id team_id "
    "invoice_partner_display_name made_sequence_gap is_move_sent company_id "
    "marketplace_channel_id"
).split()
LINE_FIELDS = (
    "display_type name account_id partner_id currency_id currency_rate balance "
    "amount_currency debit credit amount_residual amount_residual_currency reconciled "
    "date invoice_date date_maturity discount_date discount_balance ref parent_state "
    "product_id product_uom_id quantity price_unit discount price_subtotal price_total "
    "tax_ids tax_tag_ids tax_line_id tax_repartition_line_id tax_group_id group_tax_id "
    "tax_base_amount is_refund is_downpayment analytic_distribution journal_id company_id "
    "is_storno sale_line_ids no_followup deductible_amount"
).split()
PAYMENT_FIELDS = (
    "account_id partner_id currency_id balance amount_currency date".split()
)
SALE_FIELDS = "invoice_status amount_to_invoice amount_invoiced".split()


class _Undo(Exception):
    """Ends a savepoint."""


@tagged("post_install", "-at_install")
class TestPipelineEqualsCore(MarketplaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = random.Random(19)
        cls.tax.invoice_repartition_line_ids.tag_ids = cls.env[
            "account.account.tag"
        ].create({"name": "Box 1", "applicability": "taxes"})
        cls.articles = cls._create_articles()
        for article in cls.articles:
            cls._map(cls.channel, article)
        cls.channel.write(
            {
                "invoice_trigger": "manual",
                "rounding_tolerance": 0.1,
                "tax_tolerance": 100.0,
                "marketplace_tax_id": cls._create_tax("Collected", 0.0).id,
            }
        )
        cls._set_up_currency()
        cls._set_up_position()
        cls.bank = cls.company_data["default_journal_bank"].copy()
        cls.bank.inbound_payment_method_line_ids.payment_account_id = (
            cls.channel.clearing_account_id
        )

    @classmethod
    def _create_tax(cls, name, amount, **kwargs):
        return cls.env["account.tax"].create(
            {"name": name, "amount": amount, "type_tax_use": "sale", **kwargs}
        )

    @classmethod
    def _create_articles(cls):
        included = cls._create_tax(
            "19 % in the price", 19.0, price_include_override="tax_included"
        )
        county = cls._create_tax("County 3.5 %", 3.5)
        exempt = cls._create_tax("Exempt", 0.0)
        group = cls._create_tax(
            "State and county",
            0.0,
            amount_type="group",
            children_tax_ids=[
                Command.set(
                    (
                        cls._create_tax("State 6.25 %", 6.25)
                        | cls._create_tax("County 1.1 %", 1.1)
                    ).ids
                )
            ],
        )
        none = cls.env["account.tax"]
        return cls.env["product.product"].concat(
            *(
                cls._create_article(
                    f"ART-{place}", name, taxes_id=[Command.set(taxes.ids)]
                )
                for place, (name, taxes) in enumerate(
                    (
                        ("Taxed", cls.tax),
                        ("Included", included),
                        ("Two taxes", cls.tax | county),
                        ("Exempt", exempt),
                        ("Untaxed", none),
                        ("Group", group),
                    )
                )
            )
        )

    @classmethod
    def _set_up_currency(cls):
        cls.foreign = cls.env.ref("base.EUR")
        if cls.foreign == cls.company.currency_id:
            cls.foreign = cls.env.ref("base.USD")
        cls.foreign.active = True
        cls.foreign.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": cls.foreign.id,
                    "company_id": cls.company.id,
                }
                for day, rate in (
                    ("2023-01-01", 0.9173),
                    ("2024-03-06", 0.9311),
                    ("2024-03-16", 1.0217),
                )
            ]
        )

    @classmethod
    def _set_up_position(cls):
        """Deliveries to Germany are exports: another tax and another income account."""
        cls.position = cls.env["account.fiscal.position"].create(
            {
                "name": "Export",
                "auto_apply": True,
                "country_id": cls.env.ref("base.de").id,
                "company_id": cls.company.id,
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": cls.company_data[
                                "default_account_revenue"
                            ].id,
                            "account_dest_id": cls.copy_account(
                                cls.company_data["default_account_revenue"]
                            ).id,
                        }
                    )
                ],
            }
        )
        cls._create_tax(
            "Export 7 %",
            7.0,
            fiscal_position_ids=[Command.set(cls.position.ids)],
            original_tax_ids=[Command.set(cls.tax.ids)],
        )

    # === ORDERS ===

    def _make_record(self, number):
        """Return one order as a parser gives it; what it is made of follows from the number."""
        is_net = number % 4 == 0
        lines = [
            self._make_line(number, place, is_net)
            for place in range(self.numbers.randint(1, 5))
        ]
        if number % 3 == 0:
            lines.append(self._make_line(number, 8, is_net, kind="shipping"))
        total = None if is_net else sum(line.amount for line in lines)
        if number % 4 == 3:
            lines.append(self._make_marketplace_line(number))
            total += Decimal("54.00")
        if number % 11 == 1 and total:
            total += Decimal("0.01")  # what a channel that rounds otherwise states
        ordered = datetime(2024, 3, 1, 12, tzinfo=timezone.utc) + timedelta(
            days=number % 25
        )
        return ParsedOrder(
            external_ref=f"R-{number:04}",
            format="test",
            platform="woocommerce",
            where=str(number),
            raw=str(number),
            currency=(
                self.foreign if number % 5 == 0 else self.company.currency_id
            ).name,
            amount_total=total,
            payment_status="paid",
            paid_through_channel=True,
            created_at=ordered,
            paid_at=ordered + timedelta(days=number % 4),
            buyer=ParsedBuyer(
                external_ref=f"B{number % 150}", name=f"Ann {number % 150}"
            ),
            shipping_address=ParsedAddress(
                name=f"Ann {number % 150}",
                street=f"{number % 170} Main Street",
                city="Town",
                country="DE" if number % 7 == 0 else "US",
            ),
            lines=tuple(lines),
        )

    def _make_line(self, number, place, is_net, kind="product"):
        discount = self.numbers.randint(0, 500) if place == 1 else 0
        return ParsedLine(
            external_ref=f"{number}-{place}",
            kind=kind,
            sku=""
            if kind == "shipping"
            else self.numbers.choice(self.articles).default_code,
            title="Parcel" if kind == "shipping" else "",
            quantity=Decimal(1 if kind == "shipping" else self.numbers.randint(1, 7)),
            amount=Decimal(self.numbers.randint(501, 30_000)) / 100,
            discount=Decimal(discount) / 100,
            tax_included=not is_net,
        )

    def _make_marketplace_line(self, number):
        return ParsedLine(
            external_ref=f"{number}-m",
            sku="ART-0",
            amount=Decimal("50.00"),
            tax=Decimal("4.00"),
            tax_included=False,
            liability="marketplace",
        )

    def _make_orders(self):
        Order = self.env["marketplace.order"].sudo()
        records = [self._make_record(number) for number in range(1, ORDERS + 1)]
        orders = Order._stage(self.channel, records)["created"]
        orders._process()
        self.assertEqual(set(orders.mapped("state")), {"ordered"})
        return orders

    # === THE TWO WAYS ===

    def _run_batch(self, orders):
        for step in ("_draft_invoices", "_post_invoices", "_clear_payments"):
            orders._run_isolated(step)
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})

    def _run_core(self, orders):
        """What a person does: invoice, post and register the payment of each order."""
        wizards = self.env["account.payment.register"].sudo()
        for number, order in enumerate(orders):
            if number % 20 == 5:
                self._refresh_statistics()
            invoice = order.sale_order_id._create_invoices()
            invoice.action_post()
            if order.currency_id.is_zero(invoice.amount_residual):
                continue
            wizards.with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create(
                {
                    "journal_id": self.bank.id,
                    "payment_date": order._get_clearing_date(),
                    "currency_id": order.currency_id.id,
                    "amount": invoice.amount_residual,
                }
            ).action_create_payments()

    def _refresh_statistics(self):
        """Have PostgreSQL know how much this transaction wrote.

        Core looks at all payments again for each of them. Where a table was empty when it was
        looked at last, that takes tens of seconds each time.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "ANALYZE account_move, account_move_line, account_partial_reconcile, "
            "account_payment"
        )

    def _look(self, orders, run):
        """Return what the books say after ``run``, and undo it."""
        found = {}
        try:
            with self.env.cr.savepoint():
                run(orders)
                self.env.flush_all()
                self.env.invalidate_all()
                found = {order.external_ref: self._describe(order) for order in orders}
                found["journals"] = self._describe_journals(orders)
                found["accounts"] = self._describe_accounts()
                raise _Undo
        except _Undo:
            self.env.invalidate_all()
        return found

    def _describe(self, order):
        invoice = order.invoice_id
        terms = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        matched = terms._all_reconciled_lines() - terms
        return {
            "invoice": self._values(invoice, MOVE_FIELDS),
            "lines": self._describe_lines(invoice.line_ids, LINE_FIELDS),
            "printed": invoice.invoice_line_ids.mapped("name"),
            # The other line of each payment: on the clearing account, or the difference.
            "paid by": self._describe_lines(matched, PAYMENT_FIELDS),
            "sale": self._values(order.sale_order_id, SALE_FIELDS),
            "sold": self._describe_lines(
                order.sale_order_id.order_line,
                ["name", "qty_invoiced", "qty_to_invoice", "invoice_status"],
            ),
        }

    def _describe_lines(self, lines, names):
        return sorted((self._values(line, names) for line in lines), key=repr)

    def _values(self, record, names):
        values = {}
        for name in names:
            value = record[name]
            if isinstance(value, float):
                value = round(value, 6) + 0.0
            elif hasattr(value, "ids"):
                value = tuple(sorted(value.ids))
            values[name] = value
        return values

    def _describe_journals(self, orders):
        """The numbers that are taken: without a gap, whoever has which."""
        return sorted(orders.invoice_id.mapped("name"))

    def _describe_accounts(self):
        """Balance of each account, currency and day: exchange differences as well."""
        groups = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")],
            ["account_id", "currency_id", "date:day"],
            ["balance:sum", "amount_currency:sum"],
        )
        return sorted(
            (account.code, currency.name, str(day), round(balance, 2), round(amount, 2))
            for account, currency, day, balance, amount in groups
            if round(balance, 2) or round(amount, 2)
        )

    def _assert_same(self, orders):
        batch = self._look(orders, self._run_batch)
        core = self._look(orders, self._run_core)
        self.assertEqual(len(batch), ORDERS + 2)
        for key, expected in core.items():
            self.assertEqual(self._get_differences(batch[key], expected), [], key)

    def _get_differences(self, found, expected, path=""):
        """Return where two descriptions differ: (place, found, expected)."""
        if type(found) is type(expected) is dict:
            pairs = [(key, found[key], expected[key]) for key in expected]
        elif type(found) is type(expected) is list and len(found) == len(expected):
            pairs = list(zip(range(len(found)), found, expected, strict=True))
        else:
            return [] if found == expected else [(path, found, expected)]
        return [
            difference
            for key, *values in pairs
            for difference in self._get_differences(*values, f"{path}/{key}")
        ]

    def test_entries_are_those_of_core_where_tax_is_rounded_on_each_line(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self._assert_same(self._make_orders())

    def test_entries_are_those_of_core_where_tax_is_rounded_globally(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        orders = self._make_orders()
        # The orders are of every sort that the pipeline knows.
        self.assertTrue(orders.filtered("fiscal_position_id"))
        self.assertTrue(orders.filtered("rounding_amount"))
        self.assertGreater(len(orders.currency_id), 1)
        self.assertTrue(
            orders.line_ids.filtered(
                lambda line: line.liability_applied == "marketplace"
            )
        )
        self._assert_same(orders)


@tagged("post_install", "-at_install")
class TestPipelineBatch(MarketplaceCommon):
    def test_notes_and_ranks_of_a_batch_are_written(self):
        orders = self._import([self._woo_order(n) for n in (1, 2, 3)]).order_ids
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        for order in orders:
            sale = order.sale_order_id
            origins = order.invoice_id.message_ids.mapped("body")
            self.assertTrue(any(sale.name in body for body in origins), origins)
            paid = sale.message_ids.mapped("body")
            name = order.invoice_id.name
            self.assertTrue(any(name in body for body in paid), paid)
            self.assertGreater(order.partner_id.customer_rank, 0)

    def test_invoice_that_core_must_complete_is_the_same_batch(self):
        """A distribution model takes the batch back to core's own way."""
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        account = self.env["account.analytic.account"].create(
            {"name": "Web", "plan_id": plan.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "product_id": self.bowl.id,
                "analytic_distribution": {str(account.id): 100},
            }
        )
        order = self._import_one(number=9)
        self.assertEqual(order.state, "invoiced")
        lines = order.invoice_id.line_ids
        goods = lines.filtered(lambda line: line.display_type == "product")
        self.assertEqual(goods.analytic_distribution, {str(account.id): 100})
        self.assertEqual(goods.analytic_line_ids.amount, 100.0)
        self.assertEqual(order.invoice_id.amount_total, 115.0)

    def test_payments_of_an_invoice_are_found_in_a_batch_as_core_finds_them(self):
        paid = self._import_one(number=10)
        self.channel.invoice_trigger = "order"
        open_one = self._import_one(number=11, date_paid_gmt=None)
        self.assertEqual(open_one.invoice_id.payment_state, "not_paid")
        payment = (
            self.env["account.payment.register"]
            .with_context(
                active_model="account.move", active_ids=open_one.invoice_id.ids
            )
            .create({"journal_id": self.company_data["default_journal_bank"].id})
            ._create_payments()
        )
        self.assertTrue(payment.move_id)
        for orders in (paid, open_one, paid | open_one):
            self.env.flush_all()
            self.env.invalidate_all()
            batch = orders.invoice_id.with_context(marketplace_batch=PIPELINE)
            found = batch.mapped("reconciled_payment_ids")
            self.env.invalidate_all()
            expected = orders.invoice_id.mapped("reconciled_payment_ids")
            self.assertEqual(found, expected)
            self.assertEqual(bool(expected), open_one in orders)
