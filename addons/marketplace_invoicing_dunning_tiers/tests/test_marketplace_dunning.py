from datetime import date, datetime, timedelta, timezone

from odoo import fields
from odoo.tests import tagged

from odoo.addons.marketplace_invoicing.tests.settlement_staging_common import (
    SettlementStagingCommon,
)


@tagged("post_install", "-at_install")
class TestMarketplaceDunning(SettlementStagingCommon):
    """Buyers who paid the marketplace, or argue with it, get no reminder of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("dunning_tiers.group_dunning_manager")
        cls.channel.write({"review_mode": "automatic", "invoice_trigger": "order"})
        cls.policy = cls.env["dunning.policy"].create(
            {
                "name": "Standard",
                "company_id": cls.company.id,
                "mode": "review",
                "bank_max_age_days": 0,
            }
        )
        cls.company.dunning_policy_id = cls.policy

    def _get_reasons(self, order):
        """Return why the order's invoice is not dunned today."""
        run = self.env["dunning.run"].create(
            {"company_id": self.company.id, "date": fields.Date.today()}
        )
        run.action_propose()
        item = run.item_ids.filtered(lambda item: item.move_id == order.invoice_id)
        self.assertTrue(item, "the invoice is overdue")
        return [reason["code"] for reason in item.reasons or []]

    def _dispute(self, **kwargs):
        line = self._line(
            "t1",
            "refund",
            "dispute",
            "-115.00",
            "1",
            is_dispute=True,
            refund_ref="D1",
            **kwargs,
        )
        parsed = self._parsed(lines=[line], total=None)
        settlement = self.Settlement._stage(self.channel, [parsed])["created"]
        settlement._match_orders()
        return settlement

    def test_money_the_channel_collected_is_not_dunned_before_it_is_cleared(self):
        self.channel.clearing_account_id = False
        order = self._import_one()
        self.assertEqual(order.invoice_id.payment_state, "not_paid")
        self.assertIn("payment_linked", self._get_reasons(order))

    def test_invoice_taken_apart_from_the_collected_money_is_not_dunned(self):
        order = self._import_one()
        order.invoice_id.line_ids.remove_move_reconcile()
        self.assertEqual(order.invoice_id.payment_state, "not_paid")
        self.assertIn("payment_linked", self._get_reasons(order))

    def test_buyer_who_owes_us_directly_is_dunned(self):
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self.assertEqual(order.invoice_id.payment_state, "not_paid")
        self.assertNotIn("payment_linked", self._get_reasons(order))

    def test_claim_holds_the_invoice_until_its_deadline(self):
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        late = datetime.now(timezone.utc) + timedelta(days=90)
        settlement = self._dispute(respond_by=late.replace(microsecond=0))
        settlement._match_orders()
        hold = self.env["dunning.hold"].search([("move_id", "=", order.invoice_id.id)])
        self.assertRecordValues(
            hold,
            [
                {
                    "kind": "dispute",
                    "state": "active",
                    "marketplace_order_id": order.id,
                    "date_end": late.date(),
                    "user_id": self.channel.user_id.id,
                }
            ],
        )
        self.assertIn("dispute", self._get_reasons(order))
        self.assertIn(late.date(), order.activity_ids.mapped("date_deadline"))

    def test_claim_without_a_deadline_rests_as_long_as_disputes_do(self):
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self._dispute()
        hold = self.env["dunning.hold"].search([("move_id", "=", order.invoice_id.id)])
        self.assertEqual(
            hold.date_end, date.today() + timedelta(days=self.policy.dispute_days)
        )

    def test_claim_of_an_unknown_order_waits_for_it(self):
        settlement = self._dispute()
        self.assertFalse(settlement.line_ids.is_dispute_noted)
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self.assertTrue(settlement.line_ids.is_dispute_noted)
        self.assertTrue(order.activity_ids)
        self.assertTrue(
            self.env["dunning.hold"].search([("marketplace_order_id", "=", order.id)])
        )

    def test_claim_before_the_invoice_holds_it_once_it_is_there(self):
        self.channel.review_mode = "review"
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self.assertFalse(order.invoice_id)
        self._dispute()
        holds = [("marketplace_order_id", "=", order.id)]
        self.assertTrue(order.activity_ids)
        self.assertFalse(self.env["dunning.hold"].search(holds))
        order.action_approve()
        self.assertEqual(order.invoice_id.state, "posted")
        self.assertEqual(
            self.env["dunning.hold"].search(holds).move_id, order.invoice_id
        )
        self.env["dunning.hold"].search(holds).action_release()
        order._match_settlement_lines()
        self.assertEqual(
            self.env["dunning.hold"].search(holds).mapped("state"), ["released"]
        )

    def test_claims_of_one_order_are_one_hold_until_the_last_is_won(self):
        """2 claims; the deadline of the end of the century rests 180 days at most."""
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        lines = [
            self._line(
                f"t{number}",
                "refund",
                "dispute",
                "-10.00",
                "1",
                is_dispute=True,
                refund_ref=f"D{number}",
                respond_by=datetime(2099, 1, 1, tzinfo=timezone.utc),
            )
            for number in (1, 2)
        ]
        parsed = self._parsed(lines=lines, total=None)
        settlement = self.Settlement._stage(self.channel, [parsed])["created"]
        settlement._match_orders()
        hold = self.env["dunning.hold"].search(
            [("marketplace_order_id", "=", order.id)]
        )
        self.assertRecordValues(
            hold, [{"date_end": date.today() + timedelta(days=180), "state": "active"}]
        )
        for line, state in zip(
            settlement.line_ids, ("active", "released"), strict=True
        ):
            line.dispute_status = "won"
            line._note_disputes()
            self.assertEqual(hold.state, state)
