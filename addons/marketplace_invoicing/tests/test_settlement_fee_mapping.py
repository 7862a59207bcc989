from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .settlement_staging_common import SettlementStagingCommon


@tagged("post_install", "-at_install")
class TestSettlementFeeMapping(SettlementStagingCommon):
    """A fee is asked for once, with an account suggested, and what waited goes on."""

    def _cause(self, code, channel=None):
        return self.env["marketplace.issue.cause"].search(
            [
                ("channel_id", "=", (channel or self.channel).id),
                ("code", "=", "unknown_fee"),
                ("key", "=", code),
            ]
        )

    def test_unknown_fee_is_one_card_per_code(self):
        other = [
            self._line(f"x{line.external_ref}", line.type, line.code, line.amount)
            for line in self._lines()
        ]
        self._stage(self._parsed("A"), self._parsed("B", other))["created"]._process()
        self.assertEqual(self._cause("charge/fee").open_count, 2)
        self.assertEqual(self._cause("adjustment/listing").open_count, 2)
        message = self._cause("charge/fee").issue_ids[0].message
        self.assertIn("-12.00", self._plain(message))

    def test_saving_a_mapping_takes_up_exactly_what_waits_for_it(self):
        one = self._stage_one(self._parsed("A"))
        two = self._stage_one(
            self._parsed("B", [self._line("b1", "fee", "other/fee", "-9.00")], "-9.00")
        )
        checked = self.env["marketplace.issue"].search([("settlement_id", "=", two.id)])
        self._map_fee("charge/fee")
        self.assertEqual(one.state, "exception", "the other fee is still unknown")
        self._map_fee("adjustment/listing")
        self.assertEqual(one.state, "ready")
        self.assertEqual(two.state, "exception")
        self.assertEqual(checked.state, "open")

    def test_sales_refunds_tax_and_transfers_need_no_mapping(self):
        lines = [
            self._line("1", "sale", "charge", "100.00"),
            self._line("2", "refund", "refund", "-10.00"),
            self._line("3", "tax_withheld", "tax", "-5.00"),
            self._line("4", "transfer", "payout", "-85.00"),
        ]
        settlement = self._stage_one(self._parsed("A", lines, "85.00"))
        self.assertEqual(settlement.state, "ready")

    def test_mapping_may_read_a_code_as_another_type(self):
        # An "adjustment" that is the payout itself: without it 144.70 are not explained.
        lines = [*self._lines()[:3], self._line("5", "adjustment", "sweep", "-160.00")]
        settlement = self._stage_one(self._parsed("A", lines, None))
        self.assertEqual(
            self._codes(settlement), ["settlement_without_total", "unknown_fee"]
        )
        mapping = self.env["marketplace.fee.mapping"].create(
            {"channel_id": self.channel.id, "code": "sweep", "type": "transfer"}
        )
        self.assertRecordValues(
            settlement, [{"state": "ready", "amount_payout": 160.0, "imbalance": 0.0}]
        )
        line = settlement.line_ids.filtered(lambda line: line.code == "sweep")
        self.assertRecordValues(
            line, [{"type": "transfer", "stated_type": "adjustment"}]
        )
        mapping.write({"type": False, "account_id": self.fees.id})
        self.assertEqual(line.type, "adjustment")
        self.assertEqual(self._codes(settlement), ["settlement_without_total"])

    # === SUGGESTIONS ===

    def test_account_of_the_same_code_in_another_channel_is_suggested(self):
        other = self._create_channel("Second shop", "woocommerce")
        account = self._create_account("Card costs", "621200", "expense")
        self._map_fee("charge/fee", account, other)
        self._stage_one(self._parsed())
        self.assertEqual(self._cause("charge/fee").suggested_account_id, account)

    def test_account_of_the_same_kind_of_fee_is_suggested(self):
        account = self._create_account("Portale", "621300", "expense")
        self._map_fee("ItemFees/Commission", account)
        self._stage_one(
            self._parsed(
                "A",
                [self._line("1", "fee", "ItemFees/RefundCommission", "-2.00")],
                "-2.00",
            )
        )
        self.assertEqual(
            self._cause("ItemFees/RefundCommission").suggested_account_id, account
        )

    def test_account_with_a_fitting_name_is_suggested(self):
        storage = self._create_account("Storage costs", "621400", "expense")
        self._stage_one(
            self._parsed(
                "A",
                [self._line("1", "fee", "other-transaction/Storage Fee", "-2.00")],
                "-2.00",
            )
        )
        cause = self._cause("other-transaction/Storage Fee")
        self.assertEqual(cause.suggested_account_id, storage)
        cause.action_confirm_suggestion()
        mapping = self.env["marketplace.fee.mapping"].search(
            [("code", "=", "other-transaction/Storage Fee")]
        )
        self.assertEqual(mapping.account_id, storage)
        self.assertFalse(cause.open_count)

    def test_account_of_another_company_is_never_suggested(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["account.account"].create(
            {
                "name": "Storage costs",
                "code": "621401",
                "account_type": "expense",
                "company_ids": [Command.set(company.ids)],
            }
        )
        names = self.env["marketplace.fee.mapping"]._get_account_names(self.channel)
        self.assertNotIn("Storage costs", names.values())

    def test_one_click_accepts_all_suggestions(self):
        other = self._create_channel("Second shop", "woocommerce")
        for code in ("charge/fee", "adjustment/listing"):
            self._map_fee(code, channel=other)
        settlement = self._stage_one(self._parsed())
        self.assertEqual(settlement.suggestion_count, 2)
        settlement.action_accept_suggestions()
        self.assertRecordValues(settlement, [{"state": "ready", "suggestion_count": 0}])
        self.assertIn(("To review", "Ready"), self._get_changes(settlement))

    def test_chatter_says_that_an_approved_payout_was_posted(self):
        self.channel.review_mode = "review"
        for code in ("charge/fee", "adjustment/listing"):
            self._map_fee(code)
        settlement = self._stage_one(self._parsed())
        settlement.action_process()
        self.assertEqual(settlement.state, "ready")
        settlement.action_approve()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(
            self._get_changes(settlement)[-2:],
            [("Ready", "Posted"), ("To approve", "Approved")],
        )

    def test_dialog_of_an_unknown_fee_shows_what_it_was_charged_for(self):
        settlement = self._stage_one(self._parsed())
        codes = settlement.issue_ids.cause_id.filtered(
            lambda c: c.code == "unknown_fee"
        )
        action = codes[0].action_fix()
        with Form.from_action(self.env, action) as form:
            shown = form.waiting_line_ids
            self.assertEqual(len(shown), 1)
        lines = settlement.line_ids.filtered(lambda line: line.code == codes[0].key)
        mapping = self.env["marketplace.fee.mapping"].search(
            [("code", "=", codes[0].key), ("channel_id", "=", self.channel.id)]
        )
        self.assertEqual(mapping.waiting_line_ids, lines)

    def _get_changes(self, settlement):
        """Return (from, to) of each change that the chatter tells of, oldest first."""
        values = settlement.message_ids.sudo().tracking_value_ids.sorted("id")
        return [(value.old_value_char, value.new_value_char) for value in values]

    def test_suggestion_completes_a_mapping_without_account(self):
        mapping = self.env["marketplace.fee.mapping"].create(
            {"channel_id": self.channel.id, "code": "charge/fee", "note": "card"}
        )
        self.env["marketplace.fee.mapping"]._set_accounts(
            self.channel, {"charge/fee": self.fees}
        )
        self.assertEqual(mapping.account_id, self.fees)

    # === RIGHTS ===

    def test_user_reads_settlements_and_decides_nothing(self):
        user = new_test_user(
            self.env,
            "settlement_user",
            "marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        settlement = self._stage_one(self._parsed()).with_user(user)
        self.assertEqual(settlement.line_ids[0].amount, 115.0)
        self.assertTrue(settlement.waterfall)
        for method in ("action_process", "action_approve", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(settlement, method)()
        with self.assertRaises(AccessError):
            self.env["marketplace.fee.mapping"].with_user(user).create(
                {"channel_id": self.channel.id, "code": "charge/fee"}
            )

    def test_reviewer_maps_and_drops_but_changes_no_fact(self):
        user = new_test_user(
            self.env,
            "settlement_reviewer",
            "marketplace_invoicing.group_marketplace_reviewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        settlement = self._stage_one(self._parsed()).with_user(user)
        self.env["marketplace.fee.mapping"].with_user(user).create(
            [
                {
                    "channel_id": self.channel.id,
                    "code": code,
                    "account_id": self.fees.id,
                }
                for code in ("charge/fee", "adjustment/listing")
            ]
        )
        self.assertEqual(settlement.state, "ready")
        with self.assertRaises(AccessError):
            settlement.amount_total = 1.0
        with self.assertRaises(AccessError):
            settlement.line_ids[0].amount = 1.0
        settlement.action_cancel()
        self.assertEqual(settlement.state, "cancelled")

    def test_settlements_of_another_company_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(
            self.env,
            "settlement_elsewhere",
            "marketplace_invoicing.group_marketplace_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        settlement = self._stage_one(self._parsed())
        mapping = self._map_fee("charge/fee")
        for record in (settlement, settlement.line_ids[:1], mapping):
            self.assertFalse(
                record.with_user(user).search([("id", "in", record.ids)]),
                record._name,
            )
            with self.assertRaises(AccessError):
                record.with_user(user).read(["display_name"])
