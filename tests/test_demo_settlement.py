"""The demo's payouts: two settlement files of Amazon, from the file to the bank."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

from odoo.addons.marketplace_invoicing.channels import intake

ADDON = Path(__file__).resolve().parents[1] / "addons" / "marketplace_invoicing"
DEMO = ADDON / "demo"
FIRST = "settlement_amazon_2026-08-26.txt"
SECOND = "settlement_amazon_2026-09-09.txt"
#: Orders of the first settlement, without the tax that Amazon remits itself.
PAID = {
    "114-7520414-1974382": 139.99,
    "113-2968781-1190460": 89.99,
    "114-5399961-8534709": 164.00,
    "112-9153614-8728562": 42.00,
    "114-1440383-1165597": 166.00,
    "112-7626164-7037261": 89.99,
    "112-1304691-6281457": 34.99,
}  # 726.96
#: Those of the second: 154.00 and 48.00.
WAITING = ["113-5278180-3739517", "114-7283799-4950909"]
REFUNDED = "113-2968781-1190460"
#: Sums of each file by type, by hand. Buyers' tax: 12.81 + 7.20 + 9.02 + 2.52 + 2.10 = 33.65,
#: and 13.67 + 4.97 = 18.64; 2.08 of it went back with the mug.
SUMS = {
    FIRST: {
        "sale": "760.61",  # 726.96 + 33.65
        "tax_withheld": "-31.57",  # -33.65 + 2.08
        "refund": "-28.08",  # -26.00 - 2.08
        # Commission 15 %: 21.00 + 13.50 + 24.60 + 6.30 + 24.90 + 13.50 + 5.25 = 109.05,
        # less 3.90, plus 0.78; fulfilment 20.04 + 25.70; advertising 35.00; a month 39.99.
        "fee": "-226.66",
        "reserve": "-150.00",
    },
    SECOND: {
        "sale": "220.64",  # 154.00 + 48.00 + 18.64
        "tax_withheld": "-18.64",
        # Commission 23.10 + 7.20; fulfilment 5.40 + 11.90; inbound transport 18.40.
        "fee": "-66.00",
        "reserve": "90.00",  # 150.00 - 60.00
    },
}
DEPOSITS = {FIRST: "324.30", SECOND: "226.00"}


@pytest.mark.parametrize("name", [FIRST, SECOND])
def test_lines_of_a_file_add_up_to_its_deposit(name):
    with (DEMO / name).open("rb") as stream:
        file_format, records = intake.read(stream, name)
        [settlement] = records
    sums = {}
    for line in settlement.lines:
        sums[line.type] = sums.get(line.type, Decimal(0)) + line.amount
    assert file_format.code == "amazon.settlement.v2"
    assert sums == {kind: Decimal(amount) for kind, amount in SUMS[name].items()}
    assert settlement.amount_total == sum(sums.values()) == Decimal(DEPOSITS[name])


@tagged("post_install", "-at_install")
class TestDemoSettlement(TransactionCase):
    """Loads the demo data and imports Amazon's files, in a transaction that is undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        company = cls.env.ref("base.main_company")
        if company.chart_template != "generic_coa":
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
        if not cls.env.ref(
            "marketplace_invoicing.channel_amazon", raise_if_not_found=False
        ):
            convert_file(
                cls.env,
                "marketplace_invoicing",
                "demo/marketplace_demo.xml",
                {},
                mode="init",
                noupdate=True,
            )
        cls.channel = cls.env.ref("marketplace_invoicing.channel_amazon")
        for name in ("orders_amazon.json", FIRST, SECOND):
            record, is_new = cls.env["marketplace.import"]._receive(
                cls.channel, name, (DEMO / name).read_bytes()
            )
            if is_new:
                record._run()
        cls.first = cls._get_settlement("19874310455")
        cls.second = cls._get_settlement("19901126738")
        cls.orders = cls.env["marketplace.order"].search(
            [("channel_id", "=", cls.channel.id), ("external_ref", "in", list(PAID))]
        )

    @classmethod
    def _get_settlement(cls, ref):
        return cls.env["marketplace.settlement"].search(
            [("channel_id", "=", cls.channel.id), ("external_ref", "=", ref)]
        )

    def _get_balance(self, settlement, name):
        account = self.env.ref(f"marketplace_invoicing.account_{name}")
        items = settlement.move_ids.line_ids
        return sum(
            items.filtered(lambda item: item.account_id == account).mapped("balance")
        )

    def _get_clearing_items(self):
        return self.env["account.move.line"].search(
            [
                ("account_id", "=", self.channel.clearing_account_id.id),
                ("parent_state", "=", "posted"),
            ]
        )

    def test_first_settlement_is_booked_and_in_the_bank(self):
        self.assertRecordValues(
            self.first, [{"state": "banked", "amount_payout": 324.30, "imbalance": 0.0}]
        )
        self.assertEqual(
            self.first.bank_line_id,
            self.env.ref("marketplace_invoicing.bank_line_amazon"),
        )

    def test_fees_and_reserve_are_on_their_accounts(self):
        expected = {
            "commission": 105.93,  # 109.05 - 3.90 + 0.78
            "fulfilment": 45.74,
            "advertising": 35.00,
            "subscription": 39.99,
            "reserve_amazon": 150.00,
        }
        for name, balance in expected.items():
            with self.subTest(account=name):
                self.assertAlmostEqual(self._get_balance(self.first, name), balance, 2)

    def test_each_order_of_the_first_settlement_is_settled(self):
        self.assertEqual(
            {
                order.external_ref: order.invoice_id.amount_total
                for order in self.orders
            },
            PAID,
        )
        self.assertEqual(set(self.orders.mapped("state")), {"settled"})

    def test_the_mug_that_broke_is_credited_without_amazons_tax(self):
        order = self.orders.filtered(lambda order: order.external_ref == REFUNDED)
        self.assertRecordValues(
            order.refund_ids, [{"state": "credited", "amount": 28.08}]
        )
        [line] = order.refund_ids.lines
        self.assertEqual((line["amount"], line["marketplace_tax"]), ("28.08", "2.08"))
        self.assertRecordValues(
            order.refund_ids.credit_move_id,
            [{"state": "posted", "amount_total": 26.00, "amount_tax": 0.0}],
        )

    def test_second_settlement_waits_for_one_fee(self):
        self.assertRecordValues(self.second, [{"state": "exception", "imbalance": 0.0}])
        self.assertFalse(self.second.move_ids)
        issue = self.second.issue_ids.filtered(lambda issue: issue.state == "open")
        self.assertRecordValues(issue, [{"code": "unknown_fee"}])
        self.assertEqual(
            issue.cause_id.key, "other-transaction/FBAInboundTransportationFee"
        )

    def test_one_click_on_the_suggestion_books_the_second_settlement(self):
        self.second.action_accept_suggestions()
        self.assertRecordValues(
            self.second, [{"state": "posted", "amount_payout": 226.00}]
        )
        fulfilment = 5.40 + 11.90 + 18.40
        self.assertAlmostEqual(
            self._get_balance(self.second, "fulfilment"), fulfilment, 2
        )
        # 150.00 held back by the first, released; 60.00 held back by the second.
        self.assertAlmostEqual(
            self._get_balance(self.second, "reserve_amazon"), -90.00, 2
        )

    def test_orders_of_the_waiting_settlement_stay_on_the_clearing_account(self):
        orders = self.env["marketplace.order"].search(
            [
                ("channel_id", "=", self.channel.id),
                ("external_ref", "in", WAITING),
            ]
        )
        held = self._get_clearing_items().filtered(
            lambda item: item.marketplace_order_id in orders
        )
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        self.assertEqual(sum(held.mapped("amount_residual")), 202.00)

    def test_clearing_account_is_explained_by_orders_in_no_payout(self):
        """Invoices less credits, of the paid orders that the first settlement leaves out."""
        items = self._get_clearing_items()
        open_items = items.filtered(lambda item: not item.reconciled)
        others = self.env["marketplace.order"].search(
            [("channel_id", "=", self.channel.id), ("id", "not in", self.orders.ids)]
        )
        explained = sum(others.invoice_id.mapped("amount_total_signed")) + sum(
            others.refund_ids.credit_move_id.mapped("amount_total_signed")
        )
        self.assertAlmostEqual(sum(items.mapped("balance")), explained, 2)
        self.assertAlmostEqual(sum(open_items.mapped("amount_residual")), explained, 2)
