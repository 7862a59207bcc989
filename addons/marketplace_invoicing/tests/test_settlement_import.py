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

    # === GATEWAYS ===

    def _stripe(self):
        """Return a Stripe balance transaction as the API documents it: 10.00 less 0.59."""
        return {
            "object": "list",
            "data": [
                {
                    "id": "txn_1",
                    "object": "balance_transaction",
                    "amount": 1000,
                    "available_on": 1741000000,
                    "created": 1740900000,
                    "currency": "usd",
                    "description": "Order 5001",
                    "exchange_rate": None,
                    "fee": 59,
                    "fee_details": [
                        {
                            "amount": 59,
                            "application": None,
                            "currency": "usd",
                            "description": "Stripe processing fees",
                            "type": "stripe_fee",
                        }
                    ],
                    "net": 941,
                    "reporting_category": "charge",
                    "source": "ch_1",
                    "status": "available",
                    "type": "charge",
                }
            ],
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
