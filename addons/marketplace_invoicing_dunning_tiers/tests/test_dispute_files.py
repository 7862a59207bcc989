from datetime import datetime, timedelta, timezone

from odoo.addons.marketplace_invoicing.tests.settlement_staging_common import (
    SettlementStagingCommon,
)

PAYPAL = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Item Title,"
    "Reference Txn ID,Invoice Number,Balance"
)


class TestDisputeFiles(SettlementStagingCommon):
    """A claim from the platform's file to the deadline of a person and a hold, and its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("dunning_tiers.group_dunning_manager")
        cls.channel.write({"review_mode": "automatic", "invoice_trigger": "order"})
        now = datetime.now(timezone.utc).replace(microsecond=0)
        cls.due = now + timedelta(days=90)

    def _get_hold(self, order):
        return self.env["dunning.hold"].search(
            [("marketplace_order_id", "=", order.id), ("kind", "=", "dispute")]
        )

    def _assert_claimed(self, order, day=None):
        """The responsible has until then, the invoice is on hold at least as long."""
        [activity] = order.activity_ids
        self.assertEqual(activity.date_deadline, day or self.due.date())
        self.assertEqual(activity.user_id, self.channel.user_id)
        [hold] = self._get_hold(order)
        self.assertEqual((hold.state, hold.move_id), ("active", order.invoice_id))
        self.assertGreaterEqual(hold.date_end, activity.date_deadline)

    def _assert_answered(self, order):
        self.assertFalse(order.activity_ids)
        self.assertEqual(self._get_hold(order).mapped("state"), ["active"])

    def _assert_won(self, order):
        self.assertFalse(order.activity_ids)
        self.assertEqual(self._get_hold(order).mapped("state"), ["released"])

    # === SHOPIFY ===

    def _create_shopify_order(self):
        shop = self._create_channel("Shop", "shopify", invoice_trigger="order")
        self._map(shop, self.bowl)
        order = {
            "id": 1001,
            "name": "#1001",
            "created_at": "2024-03-05T10:00:00Z",
            "processed_at": "2024-03-05T10:00:00Z",
            "updated_at": "2024-03-05T10:00:00Z",
            "currency": self.company.currency_id.name,
            "financial_status": "paid",
            "payment_gateway_names": ["shopify_payments"],
            "taxes_included": False,
            "total_price": "115.00",
            "total_tax": "15.00",
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
                    "quantity": 1,
                    "price": "100.00",
                    "total_discount": "0.00",
                    "tax_lines": [
                        {
                            "title": "Tax",
                            "price": "15.00",
                            "rate": 0.15,
                            "channel_liable": False,
                        }
                    ],
                }
            ],
            "shipping_lines": [],
            "refunds": [],
        }
        found = self._import([order], shop).order_ids
        self.assertEqual(found.state, "invoiced", found.issue_ids.mapped("message"))
        return found

    def _shopify_dispute(self, status):
        return {
            "disputes": [
                {
                    "id": 1052608616,
                    "order_id": 1001,
                    "type": "chargeback",
                    "amount": "115.00",
                    "currency": self.company.currency_id.name,
                    "reason": "fraudulent",
                    "network_reason_code": "4827",
                    "status": status,
                    "evidence_due_by": self.due.isoformat(),
                    "evidence_sent_on": None,
                    "finalized_on": None,
                    "initiated_at": "2024-03-13T20:00:00-04:00",
                }
            ]
        }

    def test_dispute_of_shopify_is_answered_and_won(self):
        order = self._create_shopify_order()
        for status, check in (
            ("needs_response", self._assert_claimed),
            ("under_review", self._assert_answered),
            ("won", self._assert_won),
        ):
            self._import(self._shopify_dispute(status), order.channel_id, status)
            check(order)
        self.assertFalse(order.refund_ids)

    def test_dispute_of_shopify_that_is_lost_tells_whom_to_credit(self):
        order = self._create_shopify_order()
        for status in ("needs_response", "lost", "lost"):
            self._import(self._shopify_dispute(status), order.channel_id, status)
        self._assert_answered(order)
        bodies = [body for body in order.message_ids.mapped("body") if "claim" in body]
        self.assertEqual(len([b for b in bodies if "the buyer has the money" in b]), 1)

    def test_dispute_of_graphql_is_the_same_claim(self):
        order = self._create_shopify_order()
        claim = {
            "id": "gid://shopify/ShopifyPaymentsDispute/1052608616",
            "amount": {
                "amount": "115.00",
                "currencyCode": self.company.currency_id.name,
            },
            "evidenceDueBy": self.due.isoformat(),
            "initiatedAt": "2024-03-14T00:00:00Z",
            "order": {"id": "gid://shopify/Order/1001"},
            "reasonDetails": {"reason": "FRAUDULENT", "networkReasonCode": "4827"},
            "status": "NEEDS_RESPONSE",
            "type": "CHARGEBACK",
        }
        document = {
            "data": {"shopifyPaymentsAccount": {"disputes": {"nodes": [claim]}}}
        }
        self._import(document, order.channel_id, "graphql.json")
        self._assert_claimed(order)
        self._import(self._shopify_dispute("won"), order.channel_id, "won.json")
        self._assert_won(order)

    # === STRIPE ===

    def _stripe(self, name, *records):
        self._import(
            {"object": "list", "has_more": False, "data": list(records)}, name=name
        )

    def _balance(self, number, category, amount, source, **kwargs):
        return {
            "id": f"txn_{number}",
            "object": "balance_transaction",
            "amount": amount,
            "currency": self.company.currency_id.name.lower(),
            "created": 1709900000 + number,
            "available_on": 1710000000,
            "fee": 0,
            "fee_details": [],
            "net": amount,
            "reporting_category": category,
            "source": source,
            "status": "available",
            "type": "charge" if category == "charge" else "adjustment",
            **kwargs,
        }

    def _stripe_dispute(self, status):
        return {
            "id": "dp_1",
            "object": "dispute",
            "amount": 11500,
            "balance_transactions": [],
            "charge": "ch_9",
            "created": 1709900000,
            "currency": self.company.currency_id.name.lower(),
            "evidence_details": {"due_by": int(self.due.timestamp())},
            "is_charge_refundable": False,
            "metadata": {},
            "payment_intent": "pi_9",
            "reason": "fraudulent",
            "status": status,
        }

    def test_dispute_of_stripe_finds_its_order_by_the_payment(self):
        order = self._import_one()
        charge = {
            "id": "ch_9",
            "object": "charge",
            "metadata": {"order_id": "1"},
            "payment_intent": "pi_9",
        }
        self._stripe("charge.json", self._balance(1, "charge", 11500, charge))
        self._stripe("open.json", self._stripe_dispute("needs_response"))
        self._assert_claimed(order)
        # The money is taken; the transaction names nothing but the dispute.
        self._stripe("taken.json", self._balance(2, "dispute", -11500, "dp_1"))
        self._assert_claimed(order)
        self._stripe("review.json", self._stripe_dispute("under_review"))
        self._assert_answered(order)
        self._stripe("back.json", self._balance(3, "dispute_reversal", 11500, "dp_1"))
        self._stripe("won.json", self._stripe_dispute("won"))
        self._assert_won(order)
        self.assertFalse(order.refund_ids)

    # === PAYPAL ===

    def _paypal(self, name, *rows):
        text = "\n".join([PAYPAL, *rows, ""])
        self._import(text.encode(), name=name)

    def test_claim_of_paypal_without_a_deadline_is_for_today(self):
        order = self._import_one()
        currency = self.company.currency_id.name
        taken = (
            f"09/16/2025,10:00:00,PDT,Ann Buyer,Chargeback,Completed,{currency},-115.00,"
            "0.00,-115.00,TX16,,TX9,1,0.00"
        )
        back = (
            f"10/02/2025,10:00:00,PDT,Ann Buyer,Chargeback Reversal,Completed,{currency},"
            "115.00,0.00,115.00,TX20,,TX9,1,115.00"
        )
        self._paypal("september.csv", taken)
        self._assert_claimed(order, datetime.now(timezone.utc).date())
        self._paypal("october.csv", back)
        self._assert_won(order)
