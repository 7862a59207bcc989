from odoo.tests import tagged

from .settlement_common import SettlementCommon
from .settlement_staging_common import SettlementStagingCommon


@tagged("post_install", "-at_install")
class TestSettlementTwoCurrencies(SettlementStagingCommon):
    """Head and lines of a payout name one currency, or nothing is booked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.review_mode = "automatic"
        cls._map_fee("charge/fee")
        cls._map_fee("adjustment/listing")
        for name in ("EUR", "CHF"):
            if name != cls.currency.name:
                cls.setup_other_currency(name, rates=[("2024-01-01", 0.5)])

    def _assert_refused(self, settlement):
        self.assertIn("settlement_currency", self._codes(settlement))
        self.assertRecordValues(settlement, [{"state": "exception"}])
        self.assertFalse(settlement.move_ids)
        # Whatever came first, the lines' currency is what their amounts are in.
        self.assertEqual(settlement.currency_id, self.currency)

    def test_head_in_another_currency_than_the_lines_books_nothing_in_any_order(self):
        head, page = ("_header", {"currency": "EUR"}), ("_page", {})
        for ref, order in (("A", (head, page)), ("B", (page, head))):
            for name, values in order:
                settlement = self._stage_one(getattr(self, name)(ref, **values))
            self._assert_refused(settlement)

    def test_corrected_head_takes_the_doubt_away(self):
        self._stage_one(self._header(currency="EUR"))
        settlement = self._stage_one(self._page())
        self._assert_refused(settlement)
        self._stage_one(self._header())
        self.assertFalse(self._codes(settlement))
        self.assertEqual(settlement.state, "posted")

    def test_pages_in_two_currencies_are_never_one_payout(self):
        self._stage_one(self._header())
        self._stage_one(self._page(lines=self._lines()[:2]))
        settlement = self._stage_one(
            self._page(lines=self._lines()[2:], currency="CHF")
        )
        self._assert_refused(settlement)

    def test_head_in_another_currency_after_posting_is_an_issue(self):
        settlement = self._stage_one(self._parsed())
        self.assertEqual(settlement.state, "posted")
        self._stage_one(self._header(currency="EUR"))
        self.assertEqual(self._codes(settlement), ["settlement_changed"])
        self.assertIn("EUR", settlement.issue_ids.message)
        self.assertEqual(settlement.currency_id, self.currency)


@tagged("post_install", "-at_install")
class TestSettlementConversion(SettlementCommon):
    """What a file says it converted is compared with the rate and with the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One franc is half a unit of ours: 115.00 of ours are 230.00 francs.
        cls.francs = cls.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])

    def _pay(self, amount, original, **kwargs):
        """Return a settlement in francs that pays order 1, ``original`` being of ours."""
        values = {
            "original_amount": original,
            "original_currency": self.company.currency_id.name,
        }
        settlement = self._create_settlement(
            "P1",
            [("sale", "1", amount, 10, values)],
            amount,
            state="draft",
            currency=self.francs,
        )
        settlement._process()
        return settlement

    def test_order_is_not_paid_by_a_hundredth_of_its_worth(self):
        order = self._import_one()
        settlement = self._pay(2.0, 115.0)
        self.assertEqual(self._open_codes(settlement), ["settlement_rate"])
        self.assertFalse(settlement.move_ids)
        self.assertEqual(order.state, "invoiced")
        self.assertIn("230.00", settlement.issue_ids.message)

    def test_usual_margin_of_a_conversion_is_believed(self):
        """240.00 instead of 230.00 is 4.3 per cent."""
        order = self._import_one()
        settlement = self._pay(240.0, 115.0)
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(order.state, "settled")

    def test_conversion_of_another_amount_than_the_order_is_open_by_is_an_issue(self):
        self._import_one()
        settlement = self._pay(460.0, 230.0)
        self.assertEqual(self._open_codes(settlement), ["settlement_rate"])
        self.assertIn("115.00", settlement.issue_ids.message)
        self.assertFalse(settlement.move_ids)

    def test_refund_of_the_same_payout_is_no_difference(self):
        """115.00 sold, 15.00 given back, the credit note is still to come."""
        self._import_one()
        name = self.company.currency_id.name
        settlement = self._create_settlement(
            "P1",
            [
                (
                    kind,
                    "1",
                    2 * amount,
                    10,
                    {"original_amount": amount, "original_currency": name},
                )
                for kind, amount in (("sale", 115.0), ("refund", -15.0))
            ],
            200.0,
            state="draft",
            currency=self.francs,
        )
        settlement._process()
        self.assertNotIn("settlement_rate", self._open_codes(settlement))

    def test_person_may_accept_a_conversion(self):
        self._import_one()
        settlement = self._pay(2.0, 115.0)
        settlement.issue_ids.action_accept()
        self.assertEqual(settlement.state, "posted")

    def test_queries_do_not_grow_with_lines(self):
        name = self.company.currency_id.name

        def check(ref, count):
            values = {"original_amount": 1.0, "original_currency": name}
            settlement = self._create_settlement(
                ref,
                [("sale", f"{ref}{n}", 2.0, 10, values) for n in range(count)],
                2.0 * count,
                state="draft",
                currency=self.francs,
            )
            found, queries = self._count_queries(settlement._check_originals)
            self.assertFalse(found)
            return queries

        check("W", 1)
        self.assertEqual(check("A", 2), check("B", 40))
