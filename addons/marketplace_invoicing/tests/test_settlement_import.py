import io
import json

from odoo.tests import new_test_user, tagged

from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError

from .settlement_staging_common import SettlementStagingCommon


def transaction(number, payout_id="77", amount="100.00", fee="3.20", **values):
    """Return a Shopify balance transaction in the documented shape; net 96.80."""
    return {
        "id": number,
        "type": "charge",
        "test": False,
        "payout_id": payout_id and int(payout_id),
        "payout_status": "paid",
        "currency": "USD",
        "amount": amount,
        "fee": fee,
        "net": f"{float(amount) - float(fee):.2f}",
        "source_id": 900 + number,
        "source_type": "charge",
        "source_order_id": 5000 + number,
        "source_order_transaction_id": 6001,
        "processed_at": "2025-03-01T10:00:00+01:00",
        **values,
    }


def payouts(amount="193.60", **values):
    return {
        "payouts": [
            {
                "id": 77,
                "status": "paid",
                "date": "2025-03-04",
                "currency": "USD",
                "amount": amount,
                "summary": {
                    "charges_fee_amount": "6.40",
                    "charges_gross_amount": "200.00",
                },
                **values,
            }
        ]
    }


@tagged("post_install", "-at_install")
class TestSettlementImport(SettlementStagingCommon):
    """Files of payouts go the way of order files: received, staged, processed, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_channel("Pottery", "shopify", review_mode="review")
        cls._map_fee("charge/fee", channel=cls.shop)
        cls.page = {"transactions": [transaction(1), transaction(2)]}

    def _get(self, ref="77"):
        return self.Settlement.search(
            [("channel_id", "=", self.shop.id), ("external_ref", "=", ref)]
        )

    def _preview(self, document, channel=None, name="file.json"):
        attachment = self.env["ir.attachment"].create(
            {"name": name, "raw": json.dumps(document).encode()}
        )
        wizard = self.env["marketplace.import.wizard"].create(
            {"attachment_ids": attachment.ids, "channel_id": channel and channel.id}
        )
        return wizard.line_ids

    def test_payout_of_two_files_is_ready_when_both_are_there(self):
        first = self._import(self.page, self.shop, "transactions.json")
        self.assertRecordValues(first, [{"state": "done", "created_count": 1}])
        self.assertEqual(self._get().state, "draft")
        second = self._import(payouts(), self.shop, "payouts.json")
        self.assertRecordValues(second, [{"updated_count": 1, "created_count": 0}])
        settlement = self._get()
        self.assertRecordValues(
            settlement,
            [{"state": "ready", "lines_amount": 193.60, "amount_payout": 193.60}],
        )
        self.assertEqual(settlement.import_ids, first | second)
        self.assertEqual(first.settlement_count, 1)

    def test_file_imported_twice_changes_nothing(self):
        self._import(payouts(), self.shop, "payouts.json")
        self._import(self.page, self.shop, "transactions.json")
        again = json.dumps(self.page, indent=1).encode()
        record = self._import(again, self.shop, "other name.json")
        self.assertRecordValues(
            record, [{"unchanged_count": 1, "created_count": 0, "updated_count": 0}]
        )
        self.assertEqual(len(self._get().line_ids), 4)

    def test_interrupted_import_goes_on_where_it_was(self):
        record, _is_new = self.env["marketplace.import"]._receive(
            self.shop, "transactions.json", json.dumps(self.page).encode()
        )
        # What a kill after the first commit leaves: lines staged, the import unfinished.
        record.sudo()._validate()
        record.sudo()._stage_records(commit=False)
        record.sudo().state = "processing"
        record._run()
        self.assertEqual(record.state, "done")
        self.assertEqual(len(self._get().line_ids), 4)

    def test_what_came_after_posting_is_read_once_the_entry_is_taken_back(self):
        self._import(payouts(), self.shop, "payouts.json")
        self._import(self.page, self.shop, "transactions.json")
        settlement = self._get()
        settlement._update_state(("ready",), "posted")
        page = {"transactions": [*self.page["transactions"], transaction(3)]}
        self._import(page, self.shop, "more.json")
        self._import(payouts("290.40"), self.shop, "more payouts.json")
        self.assertEqual(self._codes(settlement), ["settlement_changed"])
        self.assertEqual(settlement.lines_amount, 193.60)
        settlement._update_state(("posted",), "ready")
        settlement.action_process()
        # Three times 100.00 less 3.20.
        self.assertRecordValues(
            settlement,
            [{"state": "ready", "lines_amount": 290.40, "amount_payout": 290.40}],
        )
        self.assertFalse(self._codes(settlement))

    def test_lines_of_no_payout_wait_for_theirs(self):
        page = {"transactions": [transaction(1), transaction(2, None)]}
        self._import(page, self.shop, "transactions.json")
        waiting = self._get("open USD")
        self.assertEqual(waiting.lines_amount, 96.80)
        self._import(self.page, self.shop, "later.json")
        self.assertFalse(waiting.line_ids)
        self.assertEqual(len(self._get().line_ids), 4)

    def test_preview_counts_settlements_and_their_total(self):
        self._import(payouts(), self.shop, "payouts.json")
        line = self._preview(payouts("200.00"))
        self.assertRecordValues(
            line,
            [
                {
                    "channel_id": self.shop.id,
                    "order_count": 0,
                    "settlement_count": 1,
                    "known_count": 1,
                    "new_count": 0,
                    "amount_text": "200.00 USD",
                    "error": False,
                }
            ],
        )

    def test_preview_of_lines_writes_nothing(self):
        line = self._preview(self.page)
        self.assertRecordValues(
            line, [{"settlement_count": 1, "new_count": 1, "settlement_line_count": 4}]
        )
        self.assertFalse(self._get())

    def test_preview_counts_head_and_transfer_of_a_payout_once(self):
        rows = [
            self._stripe_row(51, 11500, 365),
            self._stripe_row(
                53, -11135, reporting_category="payout", type="payout", source="po_1"
            ),
        ]
        line = self._preview(self._stripe(*rows), self.channel)
        self.assertRecordValues(
            line, [{"settlement_count": 1, "amount_text": "111.35 USD"}]
        )

    # === GATEWAYS ===

    def _stripe_row(self, number, cents, fee=0, **values):
        """Return a Stripe balance transaction as the API documents it."""
        details = {
            "amount": fee,
            "application": None,
            "currency": "usd",
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
        return {
            "id": f"txn_{number}",
            "object": "balance_transaction",
            "amount": cents,
            "available_on": 1710100000,
            "created": 1710000000,
            "currency": "usd",
            "description": f"Order {number}",
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [details] if fee else [],
            "net": cents - fee,
            "reporting_category": "charge",
            "source": f"ch_{number}",
            "status": "available",
            "type": "charge",
            **values,
        }

    def _stripe(self, *rows):
        """Return a list of balance transactions; by default one of 10.00 less 0.59."""
        return {
            "object": "list",
            "data": list(rows) or [self._stripe_row(1, 1000, 59)],
            "has_more": False,
            "url": "/v1/balance_transactions",
        }

    def test_file_of_a_payment_provider_needs_a_person_to_name_the_channel(self):
        line = self._preview(self._stripe())
        self.assertTrue(line.error)
        line.channel_id = self.channel
        line._onchange_channel_id()
        self.assertRecordValues(line, [{"error": False, "settlement_count": 1}])

    def test_file_of_a_payment_provider_goes_into_a_channel_of_any_platform(self):
        for channel in (self.channel, self.shop):
            record = self._import(self._stripe(), channel, "stripe.json")
            self.assertEqual(record.state, "done", record.error)
            self.assertEqual(record.settlement_ids.lines_amount, 9.41)

    def test_file_of_another_marketplace_is_refused(self):
        record = self._import(payouts(), self.channel, "payouts.json")
        self.assertEqual(record.state, "rejected")
        self.assertIn("another platform", record.error)

    def test_user_without_rights_on_settlements_imports_them(self):
        user = new_test_user(
            self.env,
            "settlement_importer",
            "marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        Import = self.env["marketplace.import"].with_user(user)
        record, _is_new = Import._receive(
            self.shop, "payouts.json", json.dumps(payouts()).encode()
        )
        record._run()
        self.assertEqual(record.state, "done")
        self.assertEqual(record.user_id, user)

    def test_broken_file_is_rejected_and_leaves_nothing(self):
        with self.assertRaises(ChannelParseError):
            stream = io.BytesIO(b'{"payouts": [{"id": 77, ')
            _format, records = self.shop._read_stream(stream, "broken.json")
            list(records)
        record = self._import(b'{"payouts": [{"id": 77, ', self.shop, "broken.json")
        self.assertEqual(record.state, "rejected")
        self.assertFalse(self._get())

    # === FROM THE FILE TO THE BOOKS ===

    def test_payout_file_settles_its_orders_once_its_fee_has_an_account(self):
        self.channel.review_mode = "automatic"
        orders = self._import([self._woo_order(51), self._woo_order(52)]).order_ids
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        # 2 x 115.00 less 2 x 3.65 of fees: 222.70 go to the bank.
        record = self._import(
            self._stripe(
                self._stripe_row(51, 11500, 365),
                self._stripe_row(52, 11500, 365),
                self._stripe_row(
                    53,
                    -22270,
                    reporting_category="payout",
                    type="payout",
                    source="po_1",
                ),
            ),
            name="stripe.json",
        )
        settlement = record.settlement_ids
        self.assertRecordValues(
            settlement,
            [{"external_ref": "po_1", "state": "exception", "amount_payout": 222.70}],
        )
        self.assertEqual(self._codes(settlement), ["unknown_fee"])
        self._map_fee(settlement.issue_ids.cause_id.key)
        self.assertEqual(settlement.state, "posted", settlement.state_message)
        self.assertEqual(settlement.line_ids.order_id, orders)
        entry = settlement.move_ids
        fee = entry.line_ids.filtered(lambda item: item.account_id == self.fees)
        self.assertEqual(fee.balance, 7.30)
        clearing = entry.line_ids.filtered(
            lambda item: item.account_id == self.channel.clearing_account_id
        )
        self.assertEqual(sorted(clearing.mapped("balance")), [-115.0, -115.0, 222.7])
        self.assertEqual(set(orders.mapped("state")), {"settled"})
