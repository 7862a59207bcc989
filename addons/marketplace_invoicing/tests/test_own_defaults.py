import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .settlement_common import SettlementCommon


class TestOwnDefaults(SettlementCommon):
    """Neither a user's own defaults nor a request's context say what a channel says.

    Everybody may have defaults of their own for any field, and send any context.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer, cls.seller, cls.biller = (
            new_test_user(
                cls.env,
                login=f"own_defaults_{name}",
                groups=groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, groups in (
                ("importer", "marketplace_invoicing.group_marketplace_user"),
                ("seller", "sales_team.group_sale_salesman"),
                ("biller", "account.group_account_invoice"),
            )
        )
        cls.partner_friend = cls.env["res.partner"].create({"name": "Friend"})

    def _set_default(self, user, model, name, value):
        defaults = self.env["ir.default"].with_user(user)
        defaults.set(model, name, value, user_id=user.id)

    def _import_as_user(self, orders):
        imports = self.env["marketplace.import"].with_user(self.importer)
        record, _is_new = imports._receive(
            self.channel, "orders.json", json.dumps(orders).encode()
        )
        record._run()
        return record.sudo().order_ids

    def _create_sale(self, **context):
        return (
            self.env["sale.order"]
            .with_user(self.seller)
            .with_context(**context)
            .create(
                {
                    "partner_id": self.partner_friend.id,
                    "order_line": [Command.create({"product_id": self.spoon.id})],
                }
            )
        )

    def _create_invoice(self, **context):
        return (
            self.env["account.move"]
            .with_user(self.biller)
            .with_context(**context)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner_friend.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Goods", "price_unit": 50.0})
                    ],
                }
            )
        )

    def test_seller_ties_no_sale_order_to_a_channel_order(self):
        self.channel.review_mode = "review"
        order = self._import([self._woo_order(7)]).order_ids
        sale = self._create_sale(default_marketplace_order_id=order.id)
        self.assertFalse(sale.sudo().marketplace_order_id)
        self._set_default(self.seller, "sale.order", "marketplace_order_id", order.id)
        self.assertFalse(self._create_sale().sudo().marketplace_order_id)
        order.action_approve()
        self.assertEqual(order.invoice_id.amount_total, 115.0)

    def test_biller_ties_no_invoice_and_no_item(self):
        [order] = self._import_orders(8)
        settlement = self._create_settlement("PX", [("sale", "8", 115.0)], 115.0)
        ties = {
            "account.move": {
                "marketplace_order_id": order.id,
                "marketplace_settlement_id": settlement.id,
                "marketplace_settlement_month": "2024-03-01",
            },
            "account.move.line": {
                "marketplace_order_id": order.id,
                "marketplace_role": "payout",
            },
        }
        context = {
            f"default_{name}": value
            for values in ties.values()
            for name, value in values.items()
        }
        for model, values in ties.items():
            for name, value in values.items():
                self._set_default(self.biller, model, name, value)
        for invoice in (self._create_invoice(**context), self._create_invoice()):
            for model, values in ties.items():
                records = invoice if model == "account.move" else invoice.line_ids
                for name in values:
                    with self.subTest(model=model, name=name):
                        self.assertFalse(any(records.sudo().mapped(name)))

    def test_biller_unties_nothing(self):
        self._import_orders(9)
        settlement = self._post("P9", [("sale", "9", 115.0)], 115.0)
        entry = settlement.move_ids.with_user(self.biller)
        with self.assertRaises(AccessError):
            entry.write({"marketplace_settlement_id": False})
        with self.assertRaises(AccessError):
            entry.line_ids.write({"marketplace_role": False})

    def test_importer_approves_nothing_by_a_default(self):
        self.channel.review_mode = "review"
        self._set_default(self.importer, "marketplace.order", "approval", "approved")
        self._set_default(self.importer, "marketplace.order", "state", "ready")
        order = self._import_as_user([self._woo_order(65)])
        self.assertRecordValues(order, [{"state": "ready", "approval": "needed"}])
        self.assertFalse(order.invoice_id)

    def test_importer_fills_no_gap_of_a_payout(self):
        self._set_default(
            self.importer, "marketplace.settlement", "closing_balance", -53.0
        )
        values = {
            "name": "P",
            "external_ref": "P1",
            "channel_id": self.channel.id,
        }
        settlement = self.env["marketplace.settlement"].with_user(self.importer).sudo()
        self.assertFalse(settlement.create(values).closing_balance)
        context = {"default_closing_balance": -53.0}
        values["external_ref"] = "P2"
        other = settlement.with_context(**context).create(values)
        self.assertFalse(other.closing_balance)

    def test_documents_are_the_same_whoever_imports(self):
        self._set_default(self.importer, "account.move", "narration", "My own words")
        self._set_default(self.importer, "sale.order", "note", "My own words")
        order = self._import_as_user([self._woo_order(66)])
        self.assertEqual(order.state, "invoiced")
        self.assertNotIn("My own words", str(order.invoice_id.narration))
        self.assertNotIn("My own words", str(order.sale_order_id.note))
        self.assertEqual(order.import_ids.user_id, self.importer)

    def test_clearing_control_shows_no_item_that_its_user_may_not_see(self):
        report = self.env["marketplace.clearing.report"].with_user(self.importer)
        report = report.create({})
        item = self.env["account.move.line"].search([], limit=1)
        with self.assertRaises(AccessError):
            report.line_ids.create(
                {"report_id": report.id, "move_line_id": item.id, "reason": "other"}
            )
        with self.assertRaises(AccessError):
            report.write(
                {
                    "line_ids": [
                        Command.create({"move_line_id": item.id, "reason": "other"})
                    ]
                }
            )
        report.action_refresh()
        self.assertEqual(report.amount_ledger, report.amount_explained)
