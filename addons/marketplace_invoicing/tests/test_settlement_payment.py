import json

from odoo.tests import new_test_user, tagged

from odoo.addons.marketplace_invoicing.channels.settlement import ParsedPayment

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementPayment(SettlementCommon):
    """Lines that name a payment alone find their order once the channel's payments are known."""

    def _stage(self, payment_ref="9001", order_ref="1", adjustments=()):
        payment = ParsedPayment(
            external_ref=payment_ref,
            order_ref=order_ref,
            adjustment_refs=adjustments,
            format="etsy.payments.v3",
            platform="etsy",
            where="results[0]",
        )
        Payment = self.env["marketplace.payment"].sudo()
        return Payment._stage(self.channel, [payment])

    def _pay(self, ref="P1", **values):
        """Return a payout of 115.00 whose line names a payment and no order."""
        values = {"ledger": "77", "payment_ref": "9001", **values}
        settlement = self._create_settlement(
            ref, [("sale", "", 115.0, 10, values)], 115.0, state="draft"
        )
        settlement._process()
        return settlement

    def test_payments_known_before_the_payout_settle_the_order(self):
        order = self._import_one()
        self._stage()
        settlement = self._pay()
        self.assertEqual(order.state, "settled")
        self.assertEqual(settlement.line_ids.order_id, order)
        self.assertFalse(self._open_codes(settlement))

    def test_payout_without_payments_is_booked_and_says_what_is_missing(self):
        order = self._import_one()
        settlement = self._pay()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(self._open_codes(settlement), ["settlement_payment"])
        self.assertIn("9001", settlement.issue_ids.message)

    def test_payments_that_come_afterwards_settle_the_order_then(self):
        order = self._import_one()
        settlement = self._pay()
        self._stage()
        self.assertEqual(order.state, "settled")
        self.assertFalse(self._open_codes(settlement))
        self.assertEqual(settlement.line_ids.entry_line_id.marketplace_order_id, order)

    def test_payments_that_came_at_the_same_time_are_found_by_looking_again(self):
        order = self._import_one()
        settlement = self._pay()
        # As another worker staged it meanwhile, without seeing the payout.
        self.env["marketplace.payment"].sudo().create(
            {
                "channel_id": self.channel.id,
                "kind": "payment",
                "external_ref": "9001",
                "order_ref": "1",
            }
        )
        settlement.action_match()
        self.assertEqual(order.state, "settled")
        self.assertFalse(self._open_codes(settlement))

    def test_order_that_comes_last_is_settled_too(self):
        self._stage()
        settlement = self._pay()
        self.assertFalse(self._open_codes(settlement), "its order is known by name")
        self.assertEqual(self._import_one().state, "settled")

    def test_refund_that_names_its_adjustment_finds_the_order(self):
        self._stage(adjustments=("7",))
        settlement = self._create_settlement(
            "P1",
            [("refund", "", -15.0, 10, {"ledger": "77", "refund_ref": "7"})],
            -15.0,
            state="draft",
        )
        settlement._process()
        self.assertEqual(settlement.line_ids.order_ref, "1")

    def test_number_of_anything_else_is_no_payment(self):
        """Listing 9001 is not payment 9001, nor is adjustment 9001."""
        order = self._import_one()
        self._stage()
        for ref, values in (
            ("P1", {"payment_ref": False, "reference": "9001"}),
            ("P2", {"payment_ref": False, "refund_ref": "9001"}),
        ):
            self.assertFalse(self._pay(ref, **values).line_ids.order_id)
        self.assertEqual(order.state, "invoiced")

    def test_same_payments_again_change_nothing(self):
        self.assertEqual(len(self._stage(adjustments=("7",))["created"]), 2)
        again = self._stage(adjustments=("7",))
        self.assertEqual(len(again["unchanged"]), 2)
        self.assertFalse(again["created"] | again["updated"])

    def test_payments_of_another_channel_link_nothing(self):
        order = self._import_one()
        self._stage()
        other = self._create_channel("Second shop", "woocommerce")
        other.action_set_up_accounts()
        values = {"ledger": "77", "payment_ref": "9001"}
        settlement = self._create_settlement(
            "P1", [("sale", "", 115.0, 10, values)], 115.0, "draft", channel=other
        )
        settlement._process()
        self.assertFalse(settlement.line_ids.order_ref)
        self.assertEqual(order.state, "invoiced")

    def test_file_of_payments_is_imported(self):
        shop = self._create_channel("Pottery", "etsy")
        page = {
            "count": 1,
            "results": [
                {
                    "payment_id": 9001,
                    "receipt_id": 501,
                    "amount_gross": {
                        "amount": 11500,
                        "divisor": 100,
                        "currency_code": "USD",
                    },
                    "payment_adjustments": [{"payment_adjustment_id": 7}],
                }
            ],
        }
        record, _is_new = self.env["marketplace.import"]._receive(
            shop, "payments.json", json.dumps(page).encode()
        )
        record._run()
        self.assertRecordValues(record, [{"state": "done", "created_count": 2}])
        payments = self.env["marketplace.payment"].search(
            [("channel_id", "=", shop.id)], order="kind"
        )
        self.assertRecordValues(
            payments,
            [
                {"kind": "adjustment", "external_ref": "7", "order_ref": "501"},
                {"kind": "payment", "external_ref": "9001", "order_ref": "501"},
            ],
        )

    def test_user_of_another_company_sees_no_payment(self):
        self._stage()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="marketplace_invoicing.group_marketplace_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["marketplace.payment"].with_user(stranger).search([]))
