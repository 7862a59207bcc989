from odoo.tests import tagged

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementDuplicate(SettlementCommon):
    """The same money told twice is not booked twice without a person's word."""

    @classmethod
    def _check(cls, ref, lines, payout=None, dated=True, **kwargs):
        """Return a settlement after its checks; line references begin with its own.

        :param lines: as :meth:`_create_settlement` takes them; a value `external_ref`
            names the line as the channel does
        """
        settlement = cls._create_settlement(ref, [], payout, state="draft", **kwargs)
        for number, line in enumerate(lines, start=1):
            values = cls._prepare_line(number, *line)
            if (values["external_ref"]) == str(number):
                values["external_ref"] = f"{ref}-{number}"
            if not dated:
                values["posted_date"] = False
            settlement.line_ids.create({**values, "settlement_id": settlement.id})
        settlement._process()
        return settlement

    def _id(self, ref, code=None):
        return {"external_ref": ref, **({"code": code} if code else {})}

    def assert_duplicate(self, settlement, other):
        self.assertEqual(settlement.state, "exception")
        self.assertEqual(self._open_codes(settlement), ["settlement_duplicate"])
        self.assertIn(other.name, settlement.issue_ids.message)

    # === LINES WITH AN ID ===

    def test_line_without_date_that_is_in_two_payouts_is_a_duplicate(self):
        """Mapped files without a date column: T1 is in both payouts."""
        first = self._check(
            "A-1",
            [
                ("sale", "", 100.0, 10, self._id("T1:sale")),
                ("fee", "", -10.0, 10, self._id("T2:fee")),
            ],
            90.0,
            dated=False,
        )
        second = self._check(
            "A-2",
            [
                ("sale", "", 100.0, 10, self._id("T1:sale")),
                ("fee", "", -5.0, 10, self._id("T3:fee")),
            ],
            95.0,
            dated=False,
        )
        self.assertEqual(first.state, "posted")
        self.assert_duplicate(second, first)

    def test_payout_in_two_channels_of_one_platform_is_a_duplicate(self):
        """One PayPal account for two shops: its file is imported in either channel."""
        other = self._create_channel("Second shop", "woocommerce")
        self._map_fee("Fee/Commission", channel_id=other.id)
        lines = [
            ("sale", "", 100.0, 10, self._id("txn_1")),
            ("fee", "", -3.0, 10, self._id("txn_1:fee")),
        ]
        first = self._check("PO-1", lines, 97.0)
        second = self._check("PO-1", lines, 97.0, channel=other)
        self.assertEqual(first.state, "posted")
        self.assert_duplicate(second, first)
        self.assertIn(self.channel.name, second.issue_ids.message)
        second.action_cancel()
        self.assertEqual(second.state, "cancelled")

    def test_other_companys_payout_is_none_of_ours(self):
        company = self.setup_other_company()["company"]
        other = self._create_channel("Other", "woocommerce", company_id=company.id)
        lines = [("sale", "", 100.0, 10, self._id("txn_1"))]
        self._check("PO-1", lines, 100.0, channel=other)
        mine = self._check("PO-1", lines, 100.0)
        self.assertEqual(mine.state, "posted", mine.issue_ids.mapped("message"))

    def test_ids_of_mapped_files_of_two_channels_may_be_the_same(self):
        """Own numbering of each shop; amounts, orders and days differ."""
        other = self._create_channel("Second shop", "woocommerce")
        self._check(
            "A-1",
            [("sale", "", 25.0, 10, self._id("1:sale"))],
            25.0,
            dated=False,
            format="mapped.fair",
        )
        second = self._check(
            "B-1",
            [("sale", "", 25.0, 10, self._id("1:sale"))],
            25.0,
            dated=False,
            format="mapped.fair",
            channel=other,
            deposited_date="2024-05-15 12:00:00",
        )
        self.assertEqual(second.state, "posted", second.issue_ids.mapped("message"))

    # === ANOTHER FORMAT ===

    def test_ledger_and_monthly_statement_of_the_same_payout_are_duplicates(self):
        """Neither states a total; the transfer of 93.50 is in both."""
        ledger = self._check(
            "77",
            [
                ("sale", "", 100.0, 5),
                ("fee", "", -6.5, 5),
                ("transfer", "", -93.5, 8),
            ],
            format="etsy.ledger",
        )
        self.assertEqual(ledger.state, "posted")
        statement = self._check(
            "statement 2024-03",
            [
                ("sale", "501", 100.0, 5),
                ("fee", "501", -6.5, 5),
                ("transfer", "", -93.5, 9),
                ("sale", "502", 40.0, 20),
                ("transfer", "", -40.0, 25),
            ],
            format="etsy.statement",
            deposited_date=False,
        )
        self.assert_duplicate(statement, ledger)

    def test_most_sales_in_another_format_are_a_duplicate_whatever_was_paid_out(self):
        """Two of three orders; the payouts differ by a fee that one does not tell."""
        first = self._check(
            "R-1",
            [("sale", ref, 50.0, 10) for ref in ("501", "502", "503")],
            150.0,
            format="shop.report",
            deposited_date="2024-03-12 12:00:00",
        )
        second = self._check(
            "S-1",
            [
                ("sale", "501", 50.0, 10),
                ("sale", "502", 50.0, 11),
                ("sale", "509", 50.0, 12),
                ("fee", "", -9.0, 12),
            ],
            141.0,
            format="shop.statement",
            deposited_date="2024-03-29 12:00:00",
        )
        self.assertEqual(first.state, "posted")
        self.assert_duplicate(second, first)

    def test_sales_without_orders_are_compared_by_their_days(self):
        ledger = [("sale", "", 50.0 + n, 5 + n) for n in range(3)]
        first = self._check("L-1", ledger, 153.0, format="etsy.ledger")
        same = [("sale", str(n), 50.0 + n, 5 + n) for n in range(3)]
        second = self._check(
            "S-1",
            [*same, ("fee", "", -3.0, 9)],
            150.0,
            format="etsy.statement",
            deposited_date="2024-03-29 12:00:00",
        )
        self.assert_duplicate(second, first)

    def test_rows_without_id_of_one_format_are_compared_by_content(self):
        key = "0123456789abcdef01234567"
        lines = [("sale", "501", 50.0, 10, self._id(key))]
        first = self._check("A-1", lines, 50.0, format="mapped.fair")
        second = self._check(
            "A-2",
            lines,
            50.0,
            format="mapped.fair",
            deposited_date="2024-03-29 12:00:00",
        )
        self.assert_duplicate(second, first)

    # === NO FALSE ALARM ===

    def test_fees_of_equal_amount_on_one_day_are_no_duplicate(self):
        """Listing fees of 0.20 in rows without id: the same content in two payouts."""
        key = "89abcdef0123456789abcdef"
        first = self._check(
            "A-1",
            [
                ("sale", "501", 50.0, 10, self._id("0" * 24)),
                *(("fee", "", -0.2, 10, self._id(f"{key}:{n}")) for n in range(3)),
            ],
            49.4,
            format="mapped.fair",
        )
        second = self._check(
            "A-2",
            [
                ("sale", "502", 70.0, 10, self._id("1" * 24)),
                *(("fee", "", -0.2, 10, self._id(f"{key}:{n}")) for n in range(3)),
            ],
            69.4,
            format="mapped.fair",
        )
        third = self._check(
            "S-3",
            [("sale", "503", 90.0, 10), ("fee", "", -0.2, 10)],
            89.8,
            format="shop.statement",
        )
        self.assertEqual(
            (first | second | third).mapped("state"),
            ["posted"] * 3,
            (second | third).issue_ids.mapped("message"),
        )

    def test_sales_of_one_price_on_one_day_are_no_duplicate(self):
        """Everything costs 25.00; the day's orders are in two payouts, none in both."""
        for ref, orders, deposited in (
            ("A-1", range(0, 9), "2024-03-12"),
            ("A-2", range(9, 15), "2024-03-20"),
        ):
            settlement = self._check(
                ref,
                [("sale", str(number), 25.0, 10) for number in orders],
                25.0 * len(orders),
                format=f"shop.{ref}",
                deposited_date=f"{deposited} 12:00:00",
            )
            self.assertEqual(
                settlement.state, "posted", settlement.issue_ids.mapped("message")
            )

    # === PEOPLE ===

    def test_dropping_one_of_two_lets_the_other_go_on(self):
        lines = [("fee", "", -10.0, 10, self._id("x1"))]
        pair = self.env["marketplace.settlement"].sudo()
        for ref in ("DA", "DB"):
            pair |= self._create_settlement(ref, lines, -10.0, state="draft")
        pair._process()
        self.assertEqual(pair.mapped("state"), ["exception", "exception"])
        pair[1].action_cancel()
        self.assertEqual(pair.mapped("state"), ["posted", "cancelled"])

    # === MANY ===

    def test_queries_do_not_grow_with_lines_and_settlements(self):
        counts = []
        for start, number in ((1, 2), (5, 12)):
            settlements = self.env["marketplace.settlement"].sudo()
            for ref in range(start, start + number):
                settlements |= self._create_settlement(
                    f"P{ref}",
                    [
                        ("sale", f"{ref}-{n}", 10.0 + n, 10, self._id(f"{ref}-{n}"))
                        for n in range(number)
                    ],
                    sum(10.0 + n for n in range(number)),
                    state="draft",
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(settlements._check_duplicate())
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
