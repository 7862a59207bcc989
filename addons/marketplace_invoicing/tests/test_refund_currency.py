from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .settlement_common import SettlementCommon


class TestRefundCurrency(SettlementCommon):
    """A payout in company currency gives back part of an order in another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 2 CHF are worth 1 of ours.
        cls.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        [cls.order] = cls._import_orders(1, currency="CHF")
        cls.sale = cls._post(
            "P1",
            [
                (
                    "sale",
                    "1",
                    57.5,
                    10,
                    {"original_amount": 115.0, "original_currency": "CHF"},
                )
            ],
            payout=57.5,
        )
        # 23.00 CHF at the rate; the channel took 11.40.
        cls.payout = cls._post("P2", [("refund", "1", -11.4, 12)], payout=-11.4)
        cls.refund = cls.order.refund_ids
        cls.reviewer = new_test_user(
            cls.env,
            "currency-reviewer",
            groups="marketplace_invoicing.group_marketplace_reviewer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def test_without_original_it_waits_for_a_person(self):
        self.assertEqual(self.order.state, "invoiced")
        self.assertEqual(self.refund.state, "exception")
        self.assertEqual(self._open_codes(self.refund), ["refund_currency"])

    def test_person_enters_the_original_and_the_clearing_account_ties_out(self):
        with Form(self.refund.with_user(self.reviewer)) as form:
            form.original_amount = 23.0
        self.assertRecordValues(
            self.refund,
            [
                {
                    "state": "credited",
                    "amount": 23.0,
                    "currency_name": "CHF",
                    "stated_amount": 11.4,
                    "stated_currency": self.company.currency_id.name,
                }
            ],
        )
        note = self.refund.credit_move_id
        self.assertEqual((note.amount_total, note.amount_residual), (23.0, 0.0))
        self.assertFalse(self.order._get_open_clearing_items())
        self.assertEqual(self.order.state, "settled")
        self.assertEqual(self.order.tie_out[-1]["kind"], "tied")
        self.assertFalse(self._open_codes(self.order))
        # What both payouts have to bring to the bank: 57.50 - 11.40.
        self.assertEqual(self._get_balance(self.clearing), 46.1)

    def test_payout_told_again_keeps_what_the_person_entered(self):
        self.channel.review_mode = "review"
        self.refund.with_user(self.reviewer).original_amount = 23.0
        self.payout._match_orders()
        self.assertRecordValues(
            self.refund, [{"state": "ready", "amount": 23.0, "currency_name": "CHF"}]
        )
        self.assertEqual(len(self.order.refund_ids), 1)

    def test_only_what_needs_it_takes_an_amount_and_only_a_positive_one(self):
        mine = self.refund.with_user(self.reviewer)
        with self.assertRaisesRegex(UserError, "more than zero"):
            mine.original_amount = 0.0
        mine.original_amount = 23.0
        with self.assertRaisesRegex(UserError, "credited"):
            mine.original_amount = 24.0
        reader = new_test_user(
            self.env,
            "currency-reader",
            groups="marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.refund.with_user(reader).original_amount = 25.0

    def test_sale_and_refund_in_one_payout_leave_nothing_open(self):
        original = {"original_amount": 115.0, "original_currency": "CHF"}
        [order] = self._import_orders(2, currency="CHF")
        lines = [("sale", "2", 57.5, 10, original), ("refund", "2", -11.5, 12)]
        self._post("P3", lines, payout=46.0)
        self.assertEqual(order.refund_ids.state, "exception")
        order.refund_ids.with_user(self.reviewer).original_amount = 23.0
        self.assertEqual(order.refund_ids.state, "credited")
        self.assertFalse(order._get_open_clearing_items())
        self.assertEqual(order.state, "settled")
        self.assertEqual(order.tie_out[-1]["kind"], "tied")
