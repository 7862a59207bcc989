from datetime import datetime, timezone

from .test_refund_double import RefundDoubleCommon


class TestRefundNames(RefundDoubleCommon):
    """Two names of one kind are two refunds; a name of our own making may hide a known one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._import_one()

    def _pay_out(self, ref, day, amount="-10.00", **kwargs):
        """Stage a payout of its own with one refund on that day of March."""
        moment = datetime(2024, 3, day, 12, tzinfo=timezone.utc)
        line = self._back(f"t{ref}", amount, posted_at=moment, **kwargs)
        return self._settle(line, ref=ref)

    def _get_credited(self):
        return sum(self._get_notes(self.order).mapped("amount_total"))

    def test_refunds_that_payouts_tell_apart_are_each_credited(self):
        """4 refunds of 10.00 in the payouts of four days: 40.00."""
        names = ["re_AAA", "re_BBB", "re_CCC", "re_DDD"]
        for day, name in enumerate(names, start=8):
            self._pay_out(f"P{day}", day, refund_ref=name)
        self.assertEqual(self._get_states(self.order), dict.fromkeys(names, "credited"))
        self.assertEqual(self._get_credited(), 40.0)

    def test_refunds_of_two_days_without_ids_are_two(self):
        self._pay_out("P1", 10)
        self._pay_out("P2", 11)
        self.assertEqual(self._get_credited(), 20.0)

    def test_refunds_that_the_channel_tells_apart_are_two_at_the_same_moment(self):
        """Two files, each with a refund of 10.00 at noon of 8 March."""
        self._refund(self._woo_refund(7, "10.00"), name="7.json")
        self._refund(self._woo_refund(8, "10.00"), name="8.json")
        self.assertEqual(self._get_credited(), 20.0)

    def test_two_refunds_of_the_channel_are_the_two_of_the_payouts(self):
        self._refund(self._woo_refund(7, "10.00"), self._woo_refund(8, "10.00"))
        self._pay_out("P1", 8, refund_ref="re_AAA")
        self._pay_out("P2", 9, refund_ref="re_BBB")
        refunds = self._get_refunds(self.order)
        self.assertEqual(
            set(refunds.mapped("payout_ref")), {"re_AAA", "re_BBB"}, refunds
        )
        self.assertEqual(self._get_credited(), 20.0)
        # A third one of the payouts has no counterpart.
        self._pay_out("P3", 10, refund_ref="re_CCC")
        self.assertEqual(self._get_credited(), 30.0)

    def test_id_that_another_file_adds_is_of_the_known_refund(self):
        """Without an id first, with it in another file, and the next id is another one."""
        self._pay_out("P1", 10)
        self._pay_out("P2", 10, refund_ref="re_AAA")
        self._pay_out("P3", 10, refund_ref="re_AAA")
        self.assertEqual(self._get_credited(), 10.0)
        self._pay_out("P4", 10, refund_ref="re_BBB")
        self.assertEqual(self._get_credited(), 20.0)
