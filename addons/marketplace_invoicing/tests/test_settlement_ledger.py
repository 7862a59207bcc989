from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .settlement_common import SettlementCommon

START = 1709600000
#: (number, type, cents): a payout of 93.50, and one of 66.55 = 50 - 3.25 + 20 - 0.20.
ENTRIES = (
    (1, "PAYMENT_GROSS", 10000),
    (2, "transaction", -650),
    (3, "DISBURSE2", -9350),
    (4, "PAYMENT_GROSS", 5000),
    (5, "transaction", -325),
    (6, "PAYMENT_GROSS", 2000),
    (7, "listing", -20),
    (8, "DISBURSE2", -6655),
)


@tagged("post_install", "-at_install")
class TestSettlementLedger(SettlementCommon):
    """Pages of Etsy's ledger may begin and end in the middle of a payout."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_channel("Pottery", "etsy")
        cls.shop.write({"review_mode": "automatic", "sample_percent": 0})
        if not cls.shop.clearing_account_id:
            cls.shop.action_set_up_accounts()
        cls.clearing = cls.shop.clearing_account_id
        for code in ("transaction", "listing"):
            cls._map_fee(code, channel_id=cls.shop.id)

    def _page(self, first, last, entries=ENTRIES, opening=0, name=""):
        """Import the entries with these numbers; ``opening`` in cents is before the first."""
        results, balance = [], opening
        for number, kind, amount in entries:
            balance += amount
            results.append(
                {
                    "entry_id": 9000 + number,
                    "ledger_id": 77,
                    "sequence_number": number,
                    "amount": amount,
                    "currency": "USD",
                    "description": kind,
                    "balance": balance,
                    "created_timestamp": START + 60 * number,
                    "ledger_type": kind,
                    "reference_type": "",
                    "reference_id": "0",
                }
            )
        page = [x for x in results if first <= x["entry_id"] - 9000 <= last]
        document = {"count": len(page), "results": page}
        self._import(document, self.shop, name or f"{first}-{last}.json")

    def _get(self, number):
        return self.env["marketplace.settlement"].search(
            [
                ("channel_id", "=", self.shop.id),
                ("external_ref", "=", str(9000 + number)),
            ]
        )

    def _waiting(self):
        return self.env["marketplace.settlement.line"]._search_waiting(self.shop)

    def _assert_whole(self):
        """Both payouts are booked with every entry once, and nothing is left over."""
        self.assertRecordValues(
            self._get(3) | self._get(8),
            [
                {"state": "posted", "opening_balance": 0.0, "line_count": 3},
                {"state": "posted", "opening_balance": 0.0, "line_count": 5},
            ],
        )
        self.assertFalse(self._waiting())
        # 6.50 + 3.25 + 0.20 of fees; 93.50 + 66.55 paid of 170.00 sold.
        self.assertEqual(self._get_balance(self.fee_account), 9.95)
        self.assertEqual(self._get_balance(self.clearing), -9.95)

    def test_entries_of_the_page_before_join_the_payout_that_holds_them(self):
        self._page(1, 5)
        self.assertEqual(self._get(3).state, "posted")
        self.assertEqual(len(self._waiting()), 2)
        self._page(6, 8)
        self._assert_whole()

    def test_pages_in_the_wrong_order_wait_for_each_other(self):
        self._page(6, 8)
        payout = self._get(8)
        self.assertRecordValues(
            payout, [{"state": "draft", "is_waiting": True, "start_status": "unknown"}]
        )
        self.assertFalse(payout.move_ids)
        self.assertTrue(payout.state_message)
        self._page(1, 5)
        self._assert_whole()

    def test_page_missing_in_between_is_waited_for(self):
        self._page(1, 4)
        self._page(7, 8)
        self.assertRecordValues(
            self._get(8), [{"state": "draft", "start_status": "gap"}]
        )
        self._page(5, 6)
        self._assert_whole()
        with self.assertRaises(UserError):
            self._get(8).action_begin_here()

    def test_whole_payout_missing_in_between_takes_nothing_of_it(self):
        """The sale that waited is of payout 8, not of 10 whose page came first."""
        entries = (*ENTRIES, (9, "PAYMENT_GROSS", 3000), (10, "DISBURSE2", -3000))
        self._page(1, 4, entries)
        # Before 10.00 were left: the balance does not lead to what came before.
        self._page(9, 10, entries)
        self.assertEqual(self._get(10).start_status, "gap")
        self.assertEqual(self._waiting().mapped("external_ref"), ["9004"])
        self._page(5, 8, entries)
        self._assert_whole_and(10)

    def _assert_whole_and(self, number):
        last = self._get(number)
        self.assertRecordValues(last, [{"state": "posted", "line_count": 2}])
        self.assertEqual(self._get(8).line_count, 5)
        self.assertFalse(self._waiting())

    def test_same_pages_again_and_other_cuts_change_nothing(self):
        self._page(1, 5)
        self._page(6, 8)
        for first, last in ((6, 8), (4, 8), (1, 8), (7, 8)):
            self._page(first, last, name=f"again {first}-{last}.json")
        self._assert_whole()
        self.assertFalse(self._open_codes(self._get(3) | self._get(8)))

    def test_pages_read_by_two_workers_at_once_find_each_other(self):
        self._page(1, 5)
        waiting = self._waiting()
        values = [
            {
                name: line[name]
                for name in (
                    *("external_ref", "type", "stated_type", "code", "amount"),
                    *("ledger", "position", "balance_after", "posted_date"),
                )
            }
            for line in waiting
        ]
        account = waiting.settlement_id
        waiting.sudo().unlink()
        self._page(6, 8)
        self.assertEqual(self._get(8).start_status, "gap")
        # What the other worker staged becomes visible only now.
        account.sudo().write({"line_ids": [Command.create(v) for v in values]})
        self.env["marketplace.settlement"].sudo()._resume_ledgers()
        self._get(8).sudo()._process()
        self._assert_whole()

    def test_person_says_that_the_books_begin_here(self):
        self._page(6, 8)
        payout = self._get(8)
        user = new_test_user(
            self.env, "clerk", groups="marketplace_invoicing.group_marketplace_user"
        )
        with self.assertRaises(AccessError):
            payout.with_user(user).action_begin_here()
        payout.action_begin_here()
        # 46.75 before + 20.00 - 0.20 = 66.55
        self.assertRecordValues(
            payout,
            [
                {
                    "state": "posted",
                    "opening_balance": 46.75,
                    "start_confirmed_id": self.env.uid,
                }
            ],
        )

    def test_empty_account_in_the_middle_of_a_ledger_is_no_beginning(self):
        """Before entry 4 the account holds 0.00, as after every payout: a person says so."""
        self._page(4, 8)
        payout = self._get(8)
        self.assertRecordValues(
            payout,
            [{"state": "draft", "start_status": "unknown", "opening_balance": 0.0}],
        )
        payout.action_begin_here()
        self.assertRecordValues(
            payout, [{"state": "posted", "start_status": "known", "line_count": 5}]
        )

    def test_entries_that_add_up_to_nothing_are_waited_for_all_the_same(self):
        """A sale and the fee that takes all of it lie before a page that begins at 0.00."""
        entries = (
            (11, "PAYMENT_GROSS", 650),
            (12, "transaction", -650),
            (13, "PAYMENT_GROSS", 5000),
            (14, "DISBURSE2", -5000),
        )
        self._page(13, 14, entries)
        self.assertEqual(self._get(14).start_status, "unknown")
        self._page(11, 12, entries)
        self._get(14).action_begin_here()
        self.assertRecordValues(self._get(14), [{"state": "posted", "line_count": 4}])

    def test_page_lost_for_good_is_done_without_until_it_comes(self):
        """After entry 4 the account holds 50.00, before 7 it holds 66.75."""
        self._page(1, 4)
        self._page(7, 8)
        payout = self._get(8)
        payout.action_begin_here()
        self.assertRecordValues(
            payout, [{"state": "posted", "opening_balance": 66.75, "line_count": 2}]
        )
        self.assertEqual(self._waiting().mapped("external_ref"), ["9004"])
        self.assertEqual(self._open_codes(payout), ["settlement_gap"], "on record")
        self._page(
            9, 10, (*ENTRIES, (9, "PAYMENT_GROSS", 1000), (10, "DISBURSE2", -1000))
        )
        left_out = payout.issue_ids.filtered(lambda i: i.code == "settlement_changed")
        self.assertRegex(left_out.message, r"in no journal entry \(1, .*50\.00\): 9004")
        self._page(5, 6)
        self.assertIn("settlement_changed", self._open_codes(payout))
        payout.action_reverse()
        payout.action_process()
        self._assert_whole()
        self.assertFalse(self._open_codes(payout))

    def test_beginning_of_the_books_says_nothing_of_a_page_found_missing_later(self):
        self._page(7, 8)
        payout = self._get(8)
        payout.sudo().write(
            {"start_confirmed_id": self.env.uid, "start_confirmed_as": "unknown"}
        )
        self._page(1, 4)
        self.assertRecordValues(
            payout, [{"state": "draft", "start_status": "gap", "is_waiting": True}]
        )

    def test_entries_that_come_after_the_books_began_are_told(self):
        self._page(6, 8)
        payout = self._get(8)
        payout.action_begin_here()
        self._page(1, 5)
        self.assertEqual(self._open_codes(payout), ["settlement_changed"])
        self.assertEqual(payout.state, "posted", "what is in the books stays")
        payout.action_reverse()
        payout.action_process()
        self._assert_whole()

    def test_rest_left_on_the_account_opens_the_next_payout(self):
        """60.00 of 93.50 are paid out; 33.50 open the next one on another page."""
        entries = (
            (1, "PAYMENT_GROSS", 10000),
            (2, "transaction", -650),
            (3, "DISBURSE2", -6000),
            (4, "PAYMENT_GROSS", 5000),
            (5, "DISBURSE2", -8350),
        )
        self._page(1, 3, entries)
        self._page(4, 5, entries)
        self.assertRecordValues(
            self._get(3) | self._get(5),
            [
                {"state": "posted", "opening_balance": 0.0, "closing_balance": 33.5},
                {"state": "posted", "opening_balance": 33.5, "closing_balance": 0.0},
            ],
        )

    def test_queries_do_not_grow_with_entries(self):
        def count(size, start):
            sales = [(start + n, "PAYMENT_GROSS", 100) for n in range(size)]
            entries = [*sales, (start + size, "DISBURSE2", -100 * size)]
            self._page(start, start + size - 2, entries)
            _result, queries = self._count_queries(
                self._page, start + size - 1, start + size, entries
            )
            self.assertEqual(self._get(start + size).state, "posted")
            return queries

        count(3, 1)
        few, many = count(4, 200), count(60, 300)
        self.assertLessEqual(many, few + 3)
