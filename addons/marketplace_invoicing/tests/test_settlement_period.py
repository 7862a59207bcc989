import csv
import io

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .settlement_common import SettlementCommon

COLUMNS = "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details\n"


def sale(day, order, amount):
    info = f"Order #{order}"
    return [day, "Sale", f"Payment for {info}", info, "USD", amount, "--", amount]


def deposit(day, amount):
    title = f"{amount} sent to your bank account"
    return [day, "Deposit", title, "", "USD", "--", "--", "--"]


FEE = ["March 5, 2024", "Fee", "Transaction fee: Bowl", "Order #900001", "USD", "--"]
#: 140.00 - 6.50 = 133.50, of which 93.50 were paid out: 40.00 stay on the account.
MARCH = (
    sale("March 28, 2024", 900003, "$40.00"),
    deposit("March 8, 2024", "$93.50"),
    [*FEE, "-$6.50", "-$6.50"],
    sale("March 5, 2024", 900001, "$100.00"),
)
#: 40.00 + 10.00 are paid out, nothing stays.
APRIL = (deposit("April 8, 2024", "$50.00"), sale("April 2, 2024", 900004, "$10.00"))


@tagged("post_install", "-at_install")
class TestSettlementPeriod(SettlementCommon):
    """Months of Etsy's statement: what is not paid out opens the next one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_channel("Pottery", "etsy")
        cls.shop.write({"review_mode": "automatic", "sample_percent": 0})
        if not cls.shop.clearing_account_id:
            cls.shop.action_set_up_accounts()
        cls.clearing = cls.shop.clearing_account_id
        cls._map_fee("Fee/Transaction fee", channel_id=cls.shop.id)

    def _statement(self, rows, month):
        out = io.StringIO()
        out.write(COLUMNS)
        csv.writer(out, lineterminator="\n").writerows(rows)
        content = b"\xef\xbb\xbf" + out.getvalue().encode()
        record, _is_new = self.env["marketplace.import"]._receive(
            self.shop, f"{month} {len(rows)}.csv", content
        )
        if record.state != "done":
            record._run()
        return self.env["marketplace.settlement"].search(
            [
                ("channel_id", "=", self.shop.id),
                ("external_ref", "=", f"statement {month}"),
            ]
        )

    def _ask(self, settlement, **values):
        context = settlement.action_open_balance()["context"]
        Wizard = self.env["marketplace.settlement.balance"].with_context(**context)
        return Wizard.create(values)

    def test_what_is_left_is_asked_for_and_never_booked_silently(self):
        march = self._statement(MARCH, "2024-03")
        self.assertRecordValues(march, [{"state": "exception", "imbalance": -40.0}])
        self.assertEqual(self._open_codes(march), ["settlement_balance"])
        self.assertFalse(march.move_ids)
        message = march.issue_ids.filtered(lambda i: i.state == "open").message
        self.assertIn("40.00", message)
        with self.assertRaises(UserError):
            march.issue_ids.action_accept()

    def test_confirmed_balance_closes_the_month_and_opens_the_next(self):
        march = self._statement(MARCH, "2024-03")
        wizard = self._ask(march)
        self.assertRecordValues(
            wizard,
            [
                {
                    "opening_balance": 0.0,
                    "lines_amount": 133.5,
                    "amount_payout": 93.5,
                    "closing_balance": 40.0,
                }
            ],
        )
        wizard.action_confirm()
        self.assertRecordValues(
            march,
            [
                {
                    "state": "posted",
                    "closing_balance": 40.0,
                    "closing_confirmed_id": self.env.uid,
                }
            ],
        )
        april = self._statement(APRIL, "2024-04")
        self.assertRecordValues(
            april,
            [{"state": "posted", "opening_balance": 40.0, "closing_balance": 0.0}],
        )
        ends = (march | april).move_ids.line_ids.filtered(
            lambda item: item.marketplace_role in ("opening", "closing")
        )
        self.assertEqual(sorted(ends.mapped("balance")), [-40.0, 40.0])
        self.assertTrue(all(ends.mapped("reconciled")))
        # 150.00 sold, 6.50 charged, 143.50 paid out.
        self.assertEqual(self._get_balance(self.clearing), -6.5)

    def test_month_waits_for_the_one_before(self):
        march = self._statement(MARCH, "2024-03")
        april = self._statement(APRIL, "2024-04")
        self.assertEqual(self._open_codes(april), ["settlement_balance"])
        self.assertIn(march.name, april.issue_ids.message)
        self._ask(march).action_confirm()
        self.assertRecordValues(april, [{"state": "posted", "opening_balance": 40.0}])

    def test_first_month_may_begin_with_a_balance(self):
        """50.00 paid out of 40.00 + 10.00: the 40.00 were there before."""
        april = self._statement(APRIL, "2024-04")
        self.assertEqual(self._open_codes(april), ["settlement_balance"])
        with Form(
            self.env["marketplace.settlement.balance"].with_context(
                **april.action_open_balance()["context"]
            )
        ) as form:
            self.assertEqual(form.closing_balance, -40.0)
            form.opening_balance = 40.0
            self.assertEqual(form.closing_balance, 0.0)
        form.record.action_confirm()
        self.assertRecordValues(
            april,
            [{"state": "posted", "opening_balance": 40.0, "closing_balance": 0.0}],
        )

    def test_month_before_that_comes_afterwards_is_a_gap(self):
        april = self._statement(
            (deposit("April 8, 2024", "$10.00"), APRIL[1]), "2024-04"
        )
        self.assertEqual(april.state, "posted")
        march = self._statement(MARCH, "2024-03")
        self._ask(march).action_confirm()
        self.assertEqual(march.state, "posted")
        self.assertEqual(self._open_codes(april), ["settlement_gap"])

    def test_month_that_changed_since_the_question_is_asked_again(self):
        march = self._statement(MARCH, "2024-03")
        wizard = self._ask(march)
        more = sale("March 30, 2024", 900005, "$7.00")
        self._statement((*MARCH, more), "2024-03")
        with self.assertRaises(UserError):
            wizard.action_confirm()
        self.assertEqual(march.state, "exception")

    def test_payout_with_a_stated_total_is_never_asked_about(self):
        settlement = self._create_settlement(
            "P1", [("sale", "1", 140.0)], payout=100.0, state="draft", is_period=True
        )
        settlement._process()
        self.assertEqual(self._open_codes(settlement), ["settlement_imbalance"])
        with self.assertRaises(UserError):
            self._create_settlement("P2", [], 1.0, state="draft")._confirm_balance(0.0)

    def test_only_reviewers_confirm(self):
        march = self._statement(MARCH, "2024-03")
        user = new_test_user(
            self.env, "clerk", groups="marketplace_invoicing.group_marketplace_user"
        )
        with self.assertRaises(AccessError):
            march.with_user(user)._confirm_balance(0.0)
        with self.assertRaises(AccessError):
            self._ask(march).with_user(user).action_confirm()
