from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .settlement_common import SettlementCommon


class TestSettlementEntry(SettlementCommon):
    """What a payout books; each order is 115.00 and cleared as it was paid."""

    def test_payout_pays_orders_and_books_the_fee(self):
        orders = self._import_orders(1, 2)
        self.assertEqual(self._get_balance(self.clearing), 230.0)
        settlement = self._post(
            "P1",
            [
                ("sale", "1", 115.0),
                ("fee", "1", -12.0),
                ("sale", "2", 115.0),
                ("fee", "2", -8.0),
            ],
            payout=210.0,
        )
        self.assertEqual(settlement.state, "posted")
        move = settlement.move_ids
        self.assertRecordValues(
            move,
            [
                {
                    "state": "posted",
                    "journal_id": self.channel.clearing_journal_id.id,
                    "date": fields.Date.to_date("2024-03-10"),
                    "marketplace_settlement_month": fields.Date.to_date("2024-03-01"),
                }
            ],
        )
        self.assertEqual(
            self._get_items(settlement),
            [
                ("order", "1", -115.0),
                (self.fee_account.code, "Fee/Commission", 20.0),
                ("order", "2", -115.0),
                ("payout", "Payout P1", 210.0),
            ],
        )
        self.assertEqual(orders.mapped("state"), ["settled"] * 2)
        self.assertTrue(all(orders.mapped("settled_date")))
        self.assertFalse(orders._get_open_clearing_items())
        self.assertEqual(self._get_balance(self.clearing), 210.0)
        fee_lines = settlement.line_ids.filtered(lambda line: line.type == "fee")
        self.assertEqual(len(fee_lines.entry_line_id), 1)
        self.assertEqual(fee_lines.entry_line_id.account_id, self.fee_account)

    def test_tax_the_marketplace_keeps_is_no_part_of_what_the_order_is_paid(self):
        """The buyer paid 115.00, of which 15.00 the marketplace remits itself."""
        settlement = self._post(
            "P1",
            [("sale", "7", 115.0), ("tax_withheld", "7", -15.0)],
            payout=100.0,
        )
        self.assertEqual(
            self._get_items(settlement),
            [("order", "7", -100.0), ("payout", "Payout P1", 100.0)],
        )

    def test_two_months_are_two_entries_with_the_rest_carried_forward(self):
        orders = self._import_orders(1, 2)
        settlement = self._post(
            "P1",
            [
                ("sale", "1", 115.0, "2024-03-30"),
                ("sale", "2", 115.0, "2024-04-02"),
                ("fee", "", -30.0, "2024-04-03"),
            ],
            payout=200.0,
        )
        self.assertEqual(
            self._get_items(settlement),
            [
                ("order", "1", -115.0),
                ("carry", "Carried forward: P1", 115.0),
                ("order", "2", -115.0),
                (self.fee_account.code, "Fee/Commission", 30.0),
                ("payout", "Payout P1", 200.0),
                ("carry", "Carried forward: P1", -115.0),
            ],
        )
        self.assertEqual(
            settlement.move_ids.sorted("date").mapped("date"),
            [fields.Date.to_date(day) for day in ("2024-03-30", "2024-04-03")],
        )
        carried = settlement._get_clearing_items("carry")
        self.assertEqual(carried.mapped("reconciled"), [True, True])
        self.assertEqual(orders.mapped("state"), ["settled"] * 2)

    def test_month_is_that_of_the_channels_time_zone(self):
        """23:30 UTC on March 31 is April in Sydney."""
        self.channel.timezone = "Australia/Sydney"
        values = {"posted_date": "2024-03-31 23:30:00"}
        settlement = self._post("P1", [("sale", "9", 10.0, 31, values)], payout=10.0)
        self.assertEqual(settlement.move_ids.date, fields.Date.to_date("2024-04-01"))

    def test_reserves_wait_in_their_own_account(self):
        self._post("P1", [("sale", "9", 100.0), ("reserve", "", -40.0)], payout=60.0)
        self.assertEqual(self._get_balance(self.reserve_account), 40.0)
        self._post("P2", [("reserve", "", 40.0, 20)], payout=40.0)
        self.assertEqual(self._get_balance(self.reserve_account), 0.0)

    def test_account_balances_continue_from_one_statement_to_the_next(self):
        first = self._post(
            "M1", [("sale", "9", 100.0)], payout=70.0, closing_balance=30.0
        )
        second = self._post(
            "M2",
            [("sale", "8", 50.0, 20)],
            payout=80.0,
            opening_balance=30.0,
        )
        closing = first._get_clearing_items("closing")
        opening = second._get_clearing_items("opening")
        self.assertEqual((closing.balance, opening.balance), (30.0, -30.0))
        self.assertTrue(closing.reconciled and opening.reconciled)

    def test_lines_that_do_not_explain_the_payout_book_nothing(self):
        settlement = self._create_settlement(
            "P1", [("sale", "1", 115.0)], payout=114.99
        )
        with self.assertRaisesRegex(UserError, "do not explain"):
            settlement._post_entries()
        self.assertFalse(settlement.move_ids)

    def test_fee_without_account_books_nothing(self):
        values = {"code": "Fee/Unheard of"}
        settlement = self._create_settlement(
            "P1", [("fee", "", -3.0, 10, values)], payout=-3.0
        )
        with self.assertRaisesRegex(UserError, "Unheard of"):
            settlement._post_entries()
        self.assertFalse(settlement.move_ids)

    def test_mapping_decides_account_and_analytic(self):
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Web", "plan_id": plan.id}
        )
        self._map_fee("Fee/Ads", analytic_distribution={str(analytic.id): 100})
        settlement = self._post(
            "P1",
            [
                ("fee", "", -3.0),
                ("fee", "", -4.0, 10, {"code": "Fee/Ads"}),
                ("adjustment", "", 9.0, 10, {"code": "Fee/Commission"}),
            ],
            payout=2.0,
        )
        fees = settlement.move_ids.line_ids.filtered(
            lambda item: item.account_id == self.fee_account
        )
        self.assertRecordValues(
            fees.sorted("balance"),
            [
                {"balance": -6.0, "analytic_distribution": False},
                {"balance": 4.0, "analytic_distribution": {str(analytic.id): 100}},
            ],
        )
        self.assertEqual(analytic.balance, -4.0)

    # === TAXES ===

    def test_fee_contains_its_tax_also_where_core_would_add_it(self):
        """24.00 with 20 %: 20.00 and 4.00, as 24 / 1.2 = 20."""
        tax = self._create_purchase_tax(20.0)
        self._map_fee("Fee/Ads", tax_ids=[fields.Command.set(tax.ids)])
        settlement = self._post(
            "P1", [("fee", "", -24.0, 10, {"code": "Fee/Ads"})], payout=-24.0
        )
        move = settlement.move_ids
        self.assertEqual(move.line_ids.filtered("tax_ids").balance, 20.0)
        self.assertRecordValues(
            move.line_ids.filtered("tax_line_id"),
            [{"balance": 4.0, "tax_base_amount": 20.0, "display_type": "tax"}],
        )
        self.assertEqual(self._get_balance(self.clearing), -24.0)

    def test_cent_of_tax_that_does_not_divide_stays_in_the_base(self):
        """0.03 with 20 %: tax 0.005, rounded 0.01, base 0.02; never 0.04 together."""
        tax = self._create_purchase_tax(20.0)
        self._map_fee("Fee/Ads", tax_ids=[fields.Command.set(tax.ids)])
        settlement = self._post(
            "P1", [("fee", "", -0.03, 10, {"code": "Fee/Ads"})], payout=-0.03
        )
        debits = settlement.move_ids.line_ids.filtered("debit")
        self.assertAlmostEqual(sum(debits.mapped("debit")), 0.03)

    def test_reverse_charge_adds_and_takes_off_the_same(self):
        tax = self._create_purchase_tax(
            20.0,
            invoice_repartition_line_ids=self._repartition(100, -100),
            refund_repartition_line_ids=self._repartition(100, -100),
        )
        self._map_fee("Fee/Ads", tax_ids=[fields.Command.set(tax.ids)])
        settlement = self._post(
            "P1", [("fee", "", -24.0, 10, {"code": "Fee/Ads"})], payout=-24.0
        )
        move = settlement.move_ids
        self.assertEqual(move.line_ids.filtered("tax_ids").balance, 24.0)
        self.assertEqual(
            sorted(move.line_ids.filtered("tax_line_id").mapped("balance")), [-4.8, 4.8]
        )

    def test_taxes_are_what_core_computes_for_the_same_entry(self):
        """Core's own entry of the base alone gets the same tax items."""
        tags = self.env["account.account.tag"].create(
            [
                {"name": name, "applicability": "taxes", "country_id": self.country.id}
                for name in ("base", "tax")
            ]
        )
        tax = self._create_purchase_tax(
            20.0,
            invoice_repartition_line_ids=self._repartition(100, tags=tags),
            refund_repartition_line_ids=self._repartition(100),
        )
        self._map_fee("Fee/Ads", tax_ids=[fields.Command.set(tax.ids)])
        settlement = self._post(
            "P1", [("fee", "", -24.0, 10, {"code": "Fee/Ads"})], payout=-24.0
        )
        cores = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    fields.Command.create(
                        {
                            "account_id": self.fee_account.id,
                            "tax_ids": [fields.Command.set(tax.ids)],
                            "debit": 20.0,
                        }
                    ),
                    fields.Command.create(
                        {"account_id": self.clearing.id, "credit": 24.0}
                    ),
                ],
            }
        )
        for lines in (cores.line_ids, settlement.move_ids.line_ids):
            self.assertRecordValues(
                lines.sorted(lambda item: (not item.debit, item.balance)),
                [
                    {
                        "balance": 4.0,
                        "tax_line_id": tax.id,
                        "tax_tag_ids": tags[1].ids,
                        "account_id": self.fee_account.id,
                    },
                    {
                        "balance": 20.0,
                        "tax_line_id": False,
                        "tax_tag_ids": tags[0].ids,
                        "account_id": self.fee_account.id,
                    },
                    {
                        "balance": -24.0,
                        "tax_line_id": False,
                        "tax_tag_ids": [],
                        "account_id": self.clearing.id,
                    },
                ],
            )

    def _create_purchase_tax(self, amount, **kwargs):
        return self.env["account.tax"].create(
            {
                "name": f"Services {amount} %",
                "type_tax_use": "purchase",
                "amount": amount,
                "price_include_override": "tax_excluded",
                "company_id": self.company.id,
                **kwargs,
            }
        )

    def _repartition(self, *factors, tags=None):
        base = {"repartition_type": "base"}
        taxes = [
            {"repartition_type": "tax", "factor_percent": factor} for factor in factors
        ]
        if tags:
            base["tag_ids"] = [fields.Command.set(tags[0].ids)]
            taxes[0]["tag_ids"] = [fields.Command.set(tags[1].ids)]
        return [fields.Command.create(values) for values in (base, *taxes)]

    # === CURRENCIES ===

    def test_foreign_payout_takes_orders_as_they_stand_and_books_the_exchange(self):
        """115 CHF at 2 on the invoice's day (57.50), 100 + 15 at 4 as paid out: 28.75."""
        francs = self.setup_other_currency(
            "CHF", rates=[("2024-01-01", 2.0), ("2024-03-09", 4.0)]
        )
        order = self._import_one(currency="CHF")
        cleared = order._get_open_clearing_items()
        self.assertEqual(cleared.balance, 57.5)
        settlement = self._post(
            "P1",
            [("sale", "1", 115.0), ("fee", "1", -15.0)],
            payout=100.0,
            currency=francs,
        )
        self.assertEqual(order.state, "settled")
        move = settlement.move_ids
        loss = self.company.expense_currency_exchange_account_id
        self.assertRecordValues(
            move.line_ids.sorted("id"),
            [
                {"amount_currency": -115.0, "balance": -57.5},
                {"amount_currency": 15.0, "balance": 3.75},
                {"amount_currency": 100.0, "balance": 25.0},
                {"amount_currency": 28.75, "balance": 28.75},
            ],
        )
        self.assertEqual(move.line_ids.sorted("id")[-1].account_id, loss)
        # Core found nothing left to add.
        self.assertFalse(cleared.matched_credit_ids.exchange_move_id)

    def test_order_in_another_currency_is_paid_in_its_own(self):
        """115.00 of ours, converted by the channel to 240.00 CHF (rate 2, so 230.00)."""
        francs = self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        order = self._import_one()
        values = {
            "original_amount": 115.0,
            "original_currency": self.company.currency_id.name,
        }
        settlement = self._post(
            "P1", [("sale", "1", 240.0, 10, values)], payout=240.0, currency=francs
        )
        self.assertEqual(order.state, "settled")
        gain = self.company.income_currency_exchange_account_id
        self.assertRecordValues(
            settlement.move_ids.line_ids.sorted("id"),
            [
                {
                    "amount_currency": -115.0,
                    "balance": -115.0,
                    "currency_id": self.company.currency_id.id,
                },
                {
                    "amount_currency": 240.0,
                    "balance": 120.0,
                    "currency_id": francs.id,
                },
                {
                    "amount_currency": -5.0,
                    "balance": -5.0,
                    "currency_id": self.company.currency_id.id,
                },
            ],
        )
        self.assertEqual(settlement.move_ids.line_ids.sorted("id")[-1].account_id, gain)

    def test_without_the_original_a_near_amount_pays_the_order(self):
        francs = self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        orders = self._import_orders(1, 2)
        self._post(
            "P1",
            [("sale", "1", 232.0), ("sale", "2", 150.0)],
            payout=382.0,
            currency=francs,
        )
        self.assertEqual(orders.mapped("state"), ["settled", "invoiced"])

    def test_same_currency_never_has_an_exchange_difference(self):
        self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 114.0)], payout=114.0)
        accounts = (
            self.company.income_currency_exchange_account_id
            | self.company.expense_currency_exchange_account_id
        )
        self.assertFalse(settlement.move_ids.line_ids.account_id & accounts)

    def test_conversion_leaves_no_cent_over(self):
        """Three times 0.05 at 3 are 0.02 each; the payout of 0.15 takes 0.06, not 0.05."""
        francs = self.setup_other_currency("CHF", rates=[("2024-01-01", 3.0)])
        settlement = self._post(
            "P1",
            [("sale", ref, 0.05) for ref in ("7", "8", "9")],
            payout=0.15,
            currency=francs,
        )
        self.assertEqual(
            settlement.move_ids.line_ids.sorted("id").mapped("balance"),
            [-0.02, -0.02, -0.02, 0.06],
        )

    # === DATES ===

    def test_closed_month_is_booked_on_the_first_open_day(self):
        self.company.fiscalyear_lock_date = "2024-03-31"
        settlement = self._post(
            "P1",
            [("sale", "8", 10.0, 30), ("sale", "9", 5.0, "2024-04-02")],
            payout=15.0,
        )
        self.assertEqual(
            settlement.move_ids.sorted("marketplace_settlement_month").mapped("date"),
            [fields.Date.to_date(day) for day in ("2024-04-01", "2024-04-02")],
        )

    # === ONCE ===

    def test_second_call_books_nothing(self):
        settlement = self._post("P1", [("sale", "9", 10.0)], payout=10.0)
        settlement._post_entries()
        self.assertEqual(len(settlement.move_ids), 1)

    def test_second_entry_of_a_month_is_refused_by_the_database(self):
        settlement = self._post("P1", [("sale", "9", 10.0)], payout=10.0)
        with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                settlement.move_ids.copy(
                    {
                        "marketplace_settlement_id": settlement.id,
                        "marketplace_settlement_month": "2024-03-01",
                    }
                )
                self.env.flush_all()
        self.assertIn("marketplace_settlement", str(caught.exception))

    def test_nothing_to_pay_books_nothing(self):
        settlement = self._post("P0", [], payout=0.0)
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(settlement.move_ids)

    # === REVERSAL ===

    def test_reversal_takes_everything_back_and_can_be_posted_again(self):
        orders = self._import_orders(1)
        settlement = self._post(
            "P1",
            [("sale", "1", 115.0, 30), ("fee", "", -15.0, "2024-04-02")],
            payout=100.0,
        )
        bank_line = self._create_bank_line(100.0, "Payout P1")
        self.assertEqual(settlement.state, "banked")
        settlement.action_reverse()
        self.assertRecordValues(
            settlement,
            [{"state": "ready", "approval": "needed", "bank_line_id": False}],
        )
        self.assertEqual(set(settlement.move_ids.mapped("state")), {"cancel"})
        self.assertEqual(orders.state, "invoiced")
        self.assertFalse(bank_line.is_reconciled)
        self.assertEqual(self._get_balance(self.clearing), 115.0)
        self.assertEqual(self._get_balance(self.fee_account), 0.0)
        settlement._post_entries()
        self.assertEqual(settlement.state, "banked")
        self.assertEqual(orders.state, "settled")
        self.assertEqual(self._get_balance(self.clearing), 0.0)

    @freeze_time("2024-05-10")
    def test_reversal_of_a_closed_month_is_booked_on_the_first_open_day(self):
        orders = self._import_orders(1)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        self.company.fiscalyear_lock_date = "2024-03-31"
        settlement.action_reverse()
        entry = settlement.move_ids
        self.assertRecordValues(
            entry, [{"state": "posted", "marketplace_is_reversed": True}]
        )
        self.assertEqual(
            entry.reversal_move_ids.date, fields.Date.to_date("2024-04-01")
        )
        self.assertEqual(self._get_balance(self.clearing), 115.0)
        self.assertEqual(orders.state, "invoiced")
        settlement._post_entries()
        self.assertEqual(orders.state, "settled")
        self.assertEqual(len(settlement.move_ids), 2)

    def test_one_entry_alone_is_not_taken_back(self):
        settlement = self._post("P1", [("sale", "9", 10.0)], payout=10.0)
        for method in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.assertRaisesRegex(UserError, "Reverse the settlement"):
                getattr(settlement.move_ids, method)()

    # === PEOPLE ===

    def test_only_reviewers_reverse_and_nobody_ties_entries_by_hand(self):
        settlement = self._post("P1", [("sale", "9", 10.0)], payout=10.0)
        user = new_test_user(
            self.env,
            "settlement_user",
            groups="marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            settlement.with_user(user).action_reverse()
        with self.assertRaises(AccessError):
            settlement.move_ids.with_user(user).write(
                {"marketplace_settlement_id": settlement.id}
            )
        with self.assertRaises(AccessError):
            settlement.move_ids.line_ids[:1].with_user(user).write(
                {"marketplace_role": "payout"}
            )
        reviewer = new_test_user(
            self.env,
            "settlement_reviewer",
            groups="marketplace_invoicing.group_marketplace_reviewer",
            company_id=self.company.id,
        )
        settlement.with_user(reviewer).action_reverse()
        self.assertEqual(settlement.state, "ready")
