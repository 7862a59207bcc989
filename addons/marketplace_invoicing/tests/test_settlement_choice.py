from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .settlement_common import SettlementCommon


class ChoiceCommon(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = cls._create_user("choice-reviewer", "reviewer")

    @classmethod
    def _create_user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=f"marketplace_invoicing.group_marketplace_{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _choose(self, lines, order, **values):
        """Choose the order as a reviewer does, in the dialogue."""
        action = lines.with_user(self.reviewer).action_choose_order()
        model = self.env[action["res_model"]].with_user(self.reviewer)
        with Form(model.with_context(**action["context"])) as form:
            form.order_id = order
        wizard = form.record
        wizard.write(values)
        wizard.action_apply()

    def _get_reasons(self, date="2024-03-31"):
        report = self.env["marketplace.clearing.report"].create(
            {"date": date, "company_id": self.company.id}
        )
        report._fill()
        self.assertEqual(report.amount_ledger, report.amount_explained)
        return [(line.reason, line.amount) for line in report.line_ids]


class TestSettlementChoice(ChoiceCommon):
    """A person says which order a payout's line is of, and the books follow."""

    def test_order_named_after_posting_is_paid_and_ties_out(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        self.assertIn(("no_order", -115.0), self._get_reasons())
        self._choose(settlement.line_ids, order)
        self.assertRecordValues(
            settlement.line_ids,
            [
                {
                    "order_ref": "ref-x",
                    "order_id": order.id,
                    "chosen_order_id": order.id,
                }
            ],
        )
        self.assertTrue(settlement._get_clearing_items("order").reconciled)
        self.assertEqual(order.state, "settled")
        self.assertEqual(order.tie_out[-1]["kind"], "tied")
        self.assertEqual(self._get_reasons(), [("no_bank", 115.0)])
        for record in (settlement, order):
            message = record.message_ids.sorted("id")[-1]
            self.assertIn("ref-x", message.body)
            self.assertEqual(message.author_id, self.reviewer.partner_id)

    def test_order_named_before_posting_is_paid_by_the_entry(self):
        [order] = self._import_orders(1)
        settlement = self._create_settlement(
            "P1", [("sale", "ref-x", 115.0)], payout=115.0
        )
        self._choose(settlement.line_ids, order)
        self.assertEqual(order.state, "invoiced")
        settlement._post_entries()
        self.assertEqual(order.state, "settled")

    def test_choice_in_a_closed_month_needs_no_entry(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        self._choose(settlement.line_ids, order)
        self.assertEqual(order.state, "settled")
        self.assertEqual(len(settlement.move_ids), 1)

    def test_choice_serves_all_lines_of_the_reference_also_later_ones(self):
        [order] = self._import_orders(1)
        lines = [("sale", "ref-x", 100.0), ("sale", "ref-x", 15.0, 11)]
        settlement = self._post("P1", lines, payout=115.0)
        self._choose(settlement.line_ids[0], order)
        self.assertEqual(order.state, "settled")
        self._post("P2", [("refund", "ref-x", -23.0, 20)], payout=-23.0)
        self.assertRecordValues(
            order.refund_ids, [{"amount": 23.0, "state": "credited", "order_ref": "1"}]
        )
        self.assertEqual(order.state, "settled")

    def test_refund_of_unknown_order_moves_with_the_choice(self):
        [order] = self._import_orders(1)
        lines = [("sale", "ref-x", 115.0), ("refund", "ref-x", -23.0, 12)]
        settlement = self._post("P1", lines, payout=92.0)
        self._choose(settlement.line_ids[:1], order)
        refunds = self.env["marketplace.refund"].search(
            [("channel_id", "=", self.channel.id)]
        )
        self.assertRecordValues(
            refunds, [{"order_id": order.id, "state": "credited", "amount": 23.0}]
        )
        self.assertEqual(order.state, "settled")

    def test_line_without_any_reference_takes_only_its_part_of_the_item(self):
        [order] = self._import_orders(1)
        lines = [("sale", "", 115.0), ("sale", "", 40.0)]
        settlement = self._post("P1", lines, payout=155.0)
        self.assertEqual(len(settlement._get_clearing_items("order")), 1)
        self._choose(settlement.line_ids[0], order)
        self.assertEqual(order.state, "settled")
        self.assertFalse(settlement.line_ids[1].order_id)
        self.assertEqual(self._get_reasons(), [("no_order", -40.0), ("no_bank", 155.0)])

    def test_wrong_choice_is_changed_and_taken_back(self):
        wrong, right = self._import_orders(1, 2)
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        self._choose(settlement.line_ids, wrong)
        self._choose(settlement.line_ids, right)
        self.assertEqual((wrong.state, right.state), ("invoiced", "settled"))
        self._choose(settlement.line_ids, right.browse())
        self.assertEqual((wrong.state, right.state), ("invoiced", "invoiced"))
        self.assertFalse(settlement.line_ids.order_id)
        self.assertIn(("no_order", -115.0), self._get_reasons())

    def test_clearing_control_leads_from_its_row_to_the_lines(self):
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        report = self.env["marketplace.clearing.report"].create(
            {"date": "2024-03-31", "company_id": self.company.id}
        )
        report._fill()
        row = report.line_ids.filtered(lambda line: line.reason == "no_order")
        action = row.action_choose_order()
        self.assertEqual(
            action["context"]["default_line_ids"],
            [Command.set(settlement.line_ids.ids)],
        )

    # === ANOTHER CHANNEL ===

    def test_order_of_another_channel_is_paid_on_its_clearing_account(self):
        other = self._create_channel("Second shop", "woocommerce")
        self._map(other, self.bowl)
        order = self._import_one(other, 7)
        settlement = self._post(
            "P1", [("sale", "7", 115.0), ("fee", "", -3.0)], payout=112.0
        )
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        self._choose(settlement.line_ids[0], order, is_any_channel=True)
        self.assertEqual(order.state, "settled")
        transfer = settlement.move_ids.sorted("id")[-1]
        self.assertRecordValues(
            transfer.line_ids.sorted("id"),
            [
                {
                    "account_id": self.clearing.id,
                    "balance": 115.0,
                    "reconciled": True,
                },
                {
                    "account_id": other.clearing_account_id.id,
                    "balance": -115.0,
                    "reconciled": True,
                },
            ],
        )
        self.assertEqual(str(transfer.date), "2024-04-01")
        self.assertEqual(self._get_balance(other.clearing_account_id), 0.0)
        self.assertEqual(self._get_balance(self.clearing), 112.0)

    def test_reversed_and_posted_again_it_is_booked_there_at_once(self):
        other = self._create_channel("Second shop", "woocommerce")
        self._map(other, self.bowl)
        order = self._import_one(other, 7)
        settlement = self._post("P1", [("sale", "7", 115.0)], payout=115.0)
        self._choose(settlement.line_ids, order, is_any_channel=True)
        settlement.action_reverse()
        self.assertEqual(order.state, "invoiced")
        settlement.action_approve()
        self.assertEqual(order.state, "settled")
        entries = settlement.move_ids.filtered(lambda move: move.state == "posted")
        self.assertEqual(len(entries), 1)
        self.assertEqual(self._get_balance(other.clearing_account_id), 0.0)
        self.assertEqual(self._get_balance(self.clearing), 115.0)

    def test_reversed_after_both_months_were_closed_the_order_stays_paid(self):
        other = self._create_channel("Second shop", "woocommerce")
        self._map(other, self.bowl)
        order = self._import_one(other, 7)
        settlement = self._post("P1", [("sale", "7", 115.0)], payout=115.0)
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        self._choose(settlement.line_ids, order, is_any_channel=True)
        self.company.sudo().fiscalyear_lock_date = "2024-04-30"
        settlement.action_reverse()
        self.assertEqual(order.state, "invoiced")
        settlement.action_approve()
        self.assertEqual(order.state, "settled")
        for date in ("2024-04-30", "2024-12-31"):
            self.assertEqual(self._get_balance(other.clearing_account_id, date), 0.0)
            self.assertEqual(self._get_balance(self.clearing, date), 115.0)
        self.assertEqual(self._get_reasons("2024-12-31"), [("no_bank", 115.0)])

    # === WHO MAY ===

    def test_channels_word_stays_and_companies_are_apart(self):
        orders = self._import_orders(1, 2)
        settlement = self._post("P1", [("sale", "1", 115.0)], payout=115.0)
        with self.assertRaisesRegex(UserError, "names the order"):
            self._choose(settlement.line_ids, orders[1])
        loose = self._post("P2", [("sale", "ref-x", 115.0)], payout=115.0)
        foreign = self._create_foreign_order()
        with self.assertRaisesRegex(UserError, "another company"):
            loose.line_ids._choose_order(foreign)

    def _create_foreign_order(self):
        company = self.setup_other_company()["company"]
        channel = (
            self.env["marketplace.channel"]
            .with_company(company)
            .create(
                {
                    "name": "Abroad",
                    "platform": "woocommerce",
                    "company_id": company.id,
                    "timezone": "UTC",
                }
            )
        )
        return (
            self.env["marketplace.order"]
            .sudo()
            .create(
                {
                    "name": "9",
                    "external_ref": "9",
                    "channel_id": channel.id,
                    "format": "woocommerce.orders.v3",
                    "payload": "{}",
                }
            )
        )

    def test_readers_choose_nothing_and_nobody_writes_the_field(self):
        [order] = self._import_orders(1)
        settlement = self._post("P1", [("sale", "ref-x", 115.0)], payout=115.0)
        reader = self._create_user("choice-reader", "user")
        with self.assertRaises(AccessError):
            settlement.line_ids.with_user(reader)._choose_order(order)
        with self.assertRaises(AccessError):
            self.env["marketplace.order.choice"].with_user(reader).create({})
        with self.assertRaises(AccessError):
            settlement.line_ids.with_user(self.reviewer).chosen_order_id = order


class TestProviderPayment(ChoiceCommon):
    """Payouts of payment providers name payments; orders know theirs."""

    REFERENCE = {"reference": "3MG74842LV9480613"}

    def test_order_is_found_by_the_transaction_it_names(self):
        order = self._import_one(transaction_id=self.REFERENCE["reference"])
        settlement = self._post(
            "P1", [("sale", "", 115.0, 10, self.REFERENCE)], payout=115.0
        )
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertEqual(order.state, "settled")

    def test_order_that_comes_later_is_found_too_and_its_refund_credited(self):
        lines = [
            ("sale", "", 115.0, 10, self.REFERENCE),
            ("refund", "", -23.0, 12, self.REFERENCE),
        ]
        self._post("P1", lines, payout=92.0)
        order = self._import_one(transaction_id=self.REFERENCE["reference"])
        self.assertEqual(order.refund_ids.mapped("state"), ["credited"])
        self.assertEqual(order.state, "settled")

    def test_intent_of_stripes_plugin_serves_as_well_as_the_charge(self):
        meta = [{"id": 1, "key": "_stripe_intent_id", "value": "pi_3Nxyz0001"}]
        order = self._import_one(transaction_id="ch_3Nxyz0001", meta_data=meta)
        for number, ref in enumerate(("pi_3Nxyz0001", "ch_3Nxyz0001")):
            line = ("fee", "", -1.0, 10, {"reference": ref})
            settlement = self._post(f"P{number}", [line], payout=-1.0)
            self.assertEqual(settlement.line_ids.order_id, order, ref)

    def test_payment_of_two_orders_and_short_references_find_nothing(self):
        self._import(
            [
                self._woo_order(1, transaction_id=self.REFERENCE["reference"]),
                self._woo_order(2, transaction_id=self.REFERENCE["reference"]),
                self._woo_order(3, transaction_id="77"),
            ]
        )
        lines = [
            ("sale", "", 115.0, 10, self.REFERENCE),
            ("sale", "", 115.0, 10, {"reference": "77"}),
        ]
        settlement = self._post("P1", lines, payout=230.0)
        self.assertFalse(settlement.line_ids.order_id)

    def test_prefix_before_the_number_is_read_as_the_channel_says(self):
        order = self._import_one()
        settlement = self._post("P1", [("sale", "WC-1", 115.0)], payout=115.0)
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertEqual(settlement.line_ids.order_ref, "WC-1")
        self.channel.payment_prefix = False
        other = self._post("P2", [("fee", "WC-1", -1.0)], payout=-1.0)
        self.assertFalse(other.line_ids.order_id)

    def test_prefixed_number_waits_for_its_order(self):
        lines = [("sale", "WC-1", 115.0), ("refund", "WC-1", -23.0, 12)]
        self._post("P1", lines, payout=92.0)
        order = self._import_one()
        self.assertEqual(order.refund_ids.mapped("state"), ["credited"])
        self.assertEqual(order.state, "settled")

    def test_queries_do_not_grow_with_orders(self):
        numbers = range(1, 21)
        self._import(
            [self._woo_order(n, transaction_id=f"ch_longer{n:04}") for n in numbers]
        )

        def prepare(ref, wanted):
            lines = [
                ("sale", "", 115.0, 10, {"reference": f"ch_longer{n:04}"})
                for n in wanted
            ]
            settlement = self._create_settlement(ref, lines, payout=115.0 * len(lines))
            self.env.flush_all()
            self.env.invalidate_all()
            return settlement.line_ids

        def count(lines):
            before = self.env.cr.sql_log_count
            lines._match_to_orders()
            self.env.flush_all()
            self.assertTrue(all(lines.mapped("order_id")))
            return self.env.cr.sql_log_count - before

        few, many = prepare("P1", range(1, 3)), prepare("P2", numbers)
        self.assertLessEqual(count(many), count(few) + 1)
