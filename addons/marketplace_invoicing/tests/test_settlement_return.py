from odoo.exceptions import UserError
from odoo.modules.module import load_script
from odoo.tests import tagged
from odoo.tools import file_path

from .settlement_common import SettlementCommon
from .test_settlement_import import transaction


@tagged("post_install", "-at_install")
class TestSettlementReturn(SettlementCommon):
    """A payout that did not arrive comes back in a later one; both are in the books.

    Payout 1 is 100.00 - 3.00 = 97.00 and fails. Payout 2 holds the 97.00 and 50.00 - 1.50:
    145.50.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_channel("Pottery", "shopify")
        cls.shop.write(
            {
                "review_mode": "automatic",
                "sample_percent": 0,
                "payout_journal_id": cls.bank_journal.id,
            }
        )
        if not cls.shop.clearing_account_id:
            cls.shop.action_set_up_accounts()
        cls._map_fee("charge/fee", channel_id=cls.shop.id)
        cls.clearing = cls.shop.clearing_account_id

    def _payout(self, number, amount, status="paid", day=6):
        head = {
            "id": number,
            "status": status,
            "date": f"2025-03-{day:02}",
            "currency": "USD",
            "amount": amount,
            "summary": {},
        }
        name = f"payout {number} {status}.json"
        self._import({"payouts": [head]}, self.shop, name)
        return self._get(number)

    def _transactions(self, payout_id, *rows):
        page = [transaction(n, payout_id, a, f, **v) for n, a, f, v in rows]
        self._import({"transactions": page}, self.shop, f"{payout_id}.json")

    def _get(self, number):
        return self.env["marketplace.settlement"].search(
            [("channel_id", "=", self.shop.id), ("external_ref", "=", str(number))]
        )

    def _first(self, status="paid"):
        self._transactions(1, (11, "100.00", "3.00", {}))
        return self._payout(1, "97.00", status)

    def _second(self, source_id=1, kind="payout_failure"):
        values = {"type": kind, "source_type": "payout", "source_id": source_id}
        values["source_order_id"] = None
        self._transactions(2, (21, "97.00", "0.00", values), (22, "50.00", "1.50", {}))
        return self._payout(2, "145.50", day=9)

    def _assert_both_closed(self, first, second):
        """Only the second payout waits for the bank; its deposit closes everything."""
        payouts = (first | second)._get_clearing_items("payout")
        left = payouts.filtered(lambda item: not item.reconciled)
        self.assertEqual(left.mapped("balance"), [145.5])
        self.assertFalse(self._open_codes(first) + self._open_codes(second))
        self.assertEqual(self._get_balance(self.fee_account), 4.5)
        # What the two orders, not imported, were paid: 150.00.
        self.assertEqual(self._get_balance(self.clearing), -4.5)
        self._create_bank_line(145.5, "SHOPIFY 2", date="2025-03-10")
        self.assertEqual(
            [first.state, second.state], ["returned", "banked"], "both are closed"
        )
        self.assertFalse(first.bank_line_id)
        self.assertEqual(self._get_balance(self.clearing), -150.0)

    def test_payout_that_fails_after_posting_is_taken_back_by_its_return(self):
        first = self._first()
        self.assertEqual(first.state, "posted")
        self._payout(1, "97.00", "failed")
        self.assertEqual(self._open_codes(first), ["settlement_failed"])
        self.assertEqual(first.state, "posted", "what was earned stays booked")
        self._assert_both_closed(first, self._second())

    def test_payout_that_fails_before_posting_is_booked_once_its_money_is_back(self):
        first = self._first("failed")
        self.assertEqual(first.state, "exception")
        self.assertFalse(first.move_ids)
        self._assert_both_closed(first, self._second())

    def test_cancelled_payout_is_booked_once_its_money_is_back(self):
        first = self._first("canceled")
        self.assertEqual(first.state, "cancelled")
        self._assert_both_closed(first, self._second(kind="payout_cancellation"))

    def test_return_may_come_before_the_payout_that_failed(self):
        second = self._second()
        self.assertEqual(second.state, "posted")
        self._assert_both_closed(self._first("failed"), second)

    def test_return_that_names_nothing_takes_back_the_only_payout_that_failed(self):
        first = self._first()
        self._payout(1, "97.00", "failed")
        self._assert_both_closed(first, self._second(source_id=None))

    def test_return_of_no_known_payout_stays_open(self):
        first = self._first()
        second = self._second(source_id=None)
        self.assertEqual(first.state, "posted", "it may well be in the bank")
        items = second._get_clearing_items("payout")
        self.assertEqual(sorted(items.mapped("balance")), [-97.0, 145.5])
        self.assertFalse(any(items.mapped("reconciled")))

    def test_money_the_bank_sent_back_is_matched_with_the_bank(self):
        first = self._first()
        self._create_bank_line(97.0, "SHOPIFY 1", date="2025-03-07")
        self.assertEqual(first.state, "banked")
        self._payout(1, "97.00", "failed")
        second = self._second()
        self.assertFalse(self._open_codes(first))
        self._create_bank_line(-97.0, "SHOPIFY return 2", date="2025-03-08")
        self._create_bank_line(145.5, "SHOPIFY 2", date="2025-03-10")
        self.assertEqual((first | second).mapped("state"), ["banked", "banked"])

    def test_payout_that_came_back_waits_again_when_its_return_is_reversed(self):
        first = self._first()
        self._payout(1, "97.00", "failed")
        second = self._second()
        self.assertEqual(first.state, "returned", "nobody waits for the bank")
        with self.assertRaisesRegex(UserError, "Reverse a posted settlement"):
            first.action_cancel()
        second.action_reverse()
        self.assertEqual(first.state, "posted")

    def test_payout_that_came_back_before_the_upgrade_says_so_after_it(self):
        first = self._first()
        self._payout(1, "97.00", "failed")
        second = self._second()
        self._create_bank_line(145.5, "SHOPIFY 2", date="2025-03-10")
        first.sudo().state = "banked"
        path = "marketplace_invoicing/migrations/19.0.1.2.0/post-migrate.py"
        self.env.flush_all()
        script = load_script(file_path(path), "post-migrate")
        script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual((first | second).mapped("state"), ["returned", "banked"])

    def test_reversal_and_second_posting_pair_them_again(self):
        first = self._first()
        self._payout(1, "97.00", "failed")
        second = self._second()
        self.assertEqual(first.state, "returned")
        first.action_reverse()
        self.assertEqual(first.state, "ready")
        self.assertFalse(all(second._get_clearing_items("payout").mapped("reconciled")))
        first.action_approve()
        self._assert_both_closed(first, second)
