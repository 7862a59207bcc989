from dataclasses import replace
from datetime import datetime, timezone

from odoo.fields import Command

from .test_refund_double import RefundDoubleCommon

#: Two days after the refunds of `_back`.
LATER = datetime(2024, 3, 12, 12, tzinfo=timezone.utc)


class TestRefundSplit(RefundDoubleCommon):
    """One order's refunds in several payouts: each is credited once, none is lost.

    A refund has the channel's id, else its order and day: all that goes back for an order on
    one day is one refund, in however many payouts. A line that two files tell is one line, by
    its reference, code, amount and moment.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def _pay_out(self, *lines, ref, **kwargs):
        """Stage a payout of these lines and take it to its entry."""
        total = str(sum(line.amount for line in lines))
        settlement = self._stage_one(self._parsed(ref, lines, total, **kwargs))
        self.assertEqual(settlement.state, "posted", self._open_codes(settlement))
        return settlement

    def _sale(self):
        return self._line("s1", "sale", "charge", "115.00", "1")

    def _get_amounts(self):
        """Return the amounts of the order's credit notes, in the order they were made."""
        return self._get_notes(self.order).sorted("id").mapped("amount_total")

    # === WITHOUT AN ID ===

    def test_equal_amounts_on_two_days_are_two_credit_notes(self):
        self._pay_out(self._back("t1", "-23.00"), ref="P1")
        second = self._pay_out(self._back("t2", "-23.00", posted_at=LATER), ref="P2")
        self.assertEqual(self._get_amounts(), [23.0, 23.0])
        second.action_match()
        self.assertEqual(self._get_amounts(), [23.0, 23.0])
        self.assertEqual(
            self._get_states(self.order),
            {"1:2024-03-10": "credited", "1:2024-03-12": "credited"},
        )

    def test_equal_amounts_on_one_day_in_two_payouts_are_both_credited(self):
        self._pay_out(self._back("t1", "-23.00"), ref="P1")
        self._pay_out(self._back("t2", "-23.00"), ref="P2")
        self.assertEqual(self._get_amounts(), [23.0, 23.0])

    def test_no_more_is_credited_than_was_invoiced(self):
        """115.00 invoiced, 2 x 60.00 given back: the second one is for a person."""
        self._pay_out(self._back("t1", "-60.00"), ref="P1")
        self._pay_out(self._back("t2", "-60.00", posted_at=LATER), ref="P2")
        self.assertEqual(self._get_amounts(), [60.0])
        second = self._get_refunds(self.order).filtered(
            lambda refund: refund.state == "exception"
        )
        self.assertEqual(self._open_codes(second), ["over_refund"])

    def test_line_told_by_two_overlapping_files_is_one_refund(self):
        """The second file repeats the line among its own; a person accepts that."""
        self._pay_out(self._back("t1", "-23.00"), ref="P1")
        lines = (self._back("t1", "-23.00"), self._line("s1", "sale", "x", "5.00", "9"))
        second = self._stage_one(self._parsed("P2", lines, "-18.00"))
        self.assertEqual(self._open_codes(second), ["settlement_duplicate"])
        self.assertEqual(self._get_amounts(), [23.0])
        second.issue_ids.action_accept()
        second.action_process()
        self.assertEqual(second.state, "posted")
        self.assertEqual(self._get_amounts(), [23.0])

    def test_another_format_that_tells_of_the_day_adds_nothing(self):
        """Its lines have other references, so nobody knows whether they are others."""
        self._pay_out(self._back("t1", "-23.00"), ref="P1")
        second = self._create_like_posted("P2", "other.format", "x1", -23.0)
        second._match_orders()
        self.assertEqual(self._get_amounts(), [23.0])

    def _create_like_posted(self, ref, file_format, line_ref, amount):
        return self.Settlement.create(
            {
                "name": ref,
                "external_ref": ref,
                "channel_id": self.channel.id,
                "format": file_format,
                "parts": "header,lines",
                "state": "ready",
                "currency_id": self.currency.id,
                "line_ids": [
                    Command.create(
                        {
                            "external_ref": line_ref,
                            "type": "refund",
                            "stated_type": "refund",
                            "code": "refund",
                            "amount": amount,
                            "order_ref": "1",
                            "posted_date": "2024-03-10 12:00:00",
                        }
                    )
                ],
            }
        )

    # === WITH AN ID ===

    def _part(self, ref, amount, **kwargs):
        return self._back(ref, amount, refund_ref="R7", **kwargs)

    def test_parts_of_one_refund_in_two_payouts_add_up(self):
        """23.00 in the first payout, 5.00 in the next: 28.00 are credited."""
        self._pay_out(self._sale(), self._part("t1", "-23.00"), ref="P1")
        self._pay_out(self._part("t2", "-5.00", posted_at=LATER), ref="P2")
        self.assertEqual(self._get_amounts(), [23.0, 5.0])
        refunds = self._get_refunds(self.order)
        self.assertEqual(set(refunds.mapped("state")), {"credited"})
        self.assertFalse(self._open_codes(refunds))
        self.assertFalse(self._open_codes(self.order))

    def _pay_out_as(self, code, *lines, ref):
        """Stage a payout that a file of another format tells, and take it to its entry."""
        total = str(sum(line.amount for line in lines))
        parsed = replace(self._parsed(ref, lines, total), format=code)
        settlement = self._stage_one(parsed)
        self.assertEqual(settlement.state, "posted", self._open_codes(settlement))

    def test_parts_in_two_formats_of_one_source_add_up(self):
        """Payouts by their head first, or by their lines: 23.00 and 5.00 are 28.00."""
        self._pay_out_as(
            "test.payouts", self._sale(), self._part("t1", "-23.00"), ref="P1"
        )
        self._pay_out_as(
            "test.lines", self._part("t2", "-5.00", posted_at=LATER), ref="P2"
        )
        self.assertEqual(self._get_amounts(), [23.0, 5.0])
        refunds = self._get_refunds(self.order)
        self.assertEqual(set(refunds.mapped("state")), {"credited"})
        self.assertFalse(self._open_codes(refunds))
        self.assertFalse(self._open_codes(self.order))

    def test_line_that_two_formats_of_one_source_tell_is_one_refund(self):
        """The second tells it at another moment, and a further 5.00 beside it."""
        self._pay_out_as("test.payouts", self._part("t1", "-23.00"), ref="P1")
        lines = (
            self._part("t1", "-23.00", posted_at=LATER),
            self._part("t2", "-5.00", posted_at=LATER),
        )
        parsed = replace(self._parsed("P2", lines, "-28.00"), format="test.lines")
        self._stage_one(parsed)._match_orders()
        second = self.Settlement.search([("external_ref", "=", "P2")])
        second.issue_ids.action_accept()
        second.action_process()
        self.assertEqual(second.state, "posted", self._open_codes(second))
        self.assertEqual(self._get_amounts(), [23.0, 5.0])

    def test_less_in_another_source_credits_nothing_and_says_what_to_do(self):
        """13.00, then 10.00 by Amazon's other report: a part, or the same in other words."""
        self._pay_out_as(
            "amazon.settlement.v2", self._sale(), self._part("t1", "-13.00"), ref="P1"
        )
        self._pay_out_as(
            "amazon.finances.v0", self._part("x2", "-10.00", posted_at=LATER), ref="P2"
        )
        self.assertEqual(self._get_amounts(), [13.0])
        refund = self._get_refunds(self.order)
        self.assertEqual(self._open_codes(refund), ["refund_changed"])
        message = self._plain(refund.issue_ids.message)
        for word in ("10.00", "13.00", "credit the invoice by hand"):
            self.assertIn(word, message)
        self.assertEqual(self._open_codes(self.order), ["refund_missing"])

    def test_marketplace_s_tax_of_each_part_is_not_credited(self):
        """23.00 with 3.00 of it, then 11.50 with 1.50: 20.00 and 10.00 are ours."""

        def tax(ref, amount):
            code = "MarketplaceFacilitatorTax"
            return self._line(ref, "tax_withheld", code, amount, "1", refund_ref="R7")

        self._pay_out(
            self._sale(), self._part("t1", "-23.00"), tax("w1", "3.00"), ref="P1"
        )
        self._pay_out(self._part("t2", "-11.50"), tax("w2", "1.50"), ref="P2")
        self.assertEqual(self._get_amounts(), [20.0, 10.0])
        self.assertEqual(
            self._get_refunds(self.order).mapped("marketplace_tax"), [3.0, 1.5]
        )
        self.assertFalse(self._open_codes(self.order))

    def test_parts_that_wait_for_approval_are_one_credit_note(self):
        self.channel.review_mode = "review"
        for ref, part in (
            ("P1", self._part("t1", "-23.00")),
            ("P2", self._part("t2", "-5.00", posted_at=LATER)),
        ):
            settlement = self._stage_one(self._parsed(ref, (part,), str(part.amount)))
            settlement.action_approve()
        refund = self._get_refunds(self.order)
        self.assertRecordValues(
            refund, [{"external_ref": "R7", "amount": 28.0, "state": "ready"}]
        )
        refund.action_approve()
        self.assertEqual(self._get_amounts(), [28.0])

    def test_parts_that_are_posted_at_once_are_one_credit_note(self):
        parts = (
            self._part("t1", "-23.00"),
            self._part("t2", "-5.00", posted_at=LATER),
        )
        staged = self._stage(
            self._parsed("P1", parts[:1], "-23.00"),
            self._parsed("P2", parts[1:], "-5.00"),
        )["created"]
        staged._process()
        self.assertEqual(self._get_amounts(), [28.0])

    def test_refund_that_the_channel_tells_ties_out_with_its_parts(self):
        """28.00 by the channel, the payouts call it R7: it is the same money."""
        self._refund(self._woo_refund(7, "28.00"))
        self.assertEqual(self._get_amounts(), [28.0])
        self._pay_out(self._sale(), self._part("t1", "-23.00"), ref="P1")
        self._pay_out(self._part("t2", "-5.00", posted_at=LATER), ref="P2")
        self.assertEqual(self._get_amounts(), [28.0])
        refunds = self._get_refunds(self.order)
        self.assertFalse(self._open_codes(refunds))
        self.assertFalse(self._open_codes(self.order))
