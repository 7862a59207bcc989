"""Several lines of one product: a credit note takes back the line that it was made of."""

from odoo import Command
from odoo.tests import tagged

from ..goods_refund import GoodsRefund
from ..maker_sales import MakerSales
from .payout_common import PayoutCommon


@tagged("post_install", "-at_install")
class TestRefundedLines(PayoutCommon):
    """Candles at 100 and at 20, each line pays 10 % but at least 5: 10 and 5."""

    def setUp(self):
        super().setUp()
        self.company.artisan_commission_scheme_id = self._create_scheme(
            {"value": 10, "minimum": 5, "unit": "line"}
        )
        self.invoice = self._create_direct_invoice(
            (self.candle, 1, 100), (self.candle, 1, 20)
        )
        self.dear, self.cheap = self.invoice.invoice_line_ids.sorted("id")

    def _credit(self, line, price, post=True, keep=None):
        """A credit note of one line by core's own wizard, at another price."""
        core = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=line.move_id.ids
        )
        core = core.create({"journal_id": line.journal_id.id, "date": "2026-08-20"})
        credit = self.env["account.move"].browse(core.refund_moves()["res_id"])
        mine = credit.invoice_line_ids.filtered(
            lambda each: each.refunded_line_id == line
        )
        (credit.invoice_line_ids - mine).unlink()
        mine.write({"price_unit": price, **(keep or {})})
        if post:
            credit.action_post()
        return credit

    def test_part_of_the_price_of_the_second_line_is_taken_back_of_it(self):
        credit = self._credit(self.cheap, 10)
        self.assertEqual(self._get_entries(credit).origin_line_id, self.cheap)
        # Half of 20, and half of the 5 that it paid.
        self.assertEqual(self._get_owed(credit), {self.candle: -7.5})

    def test_what_is_more_than_the_line_was_sold_for_is_of_the_other(self):
        credit = self._credit(self.cheap, 70)
        entries = self._get_entries(credit).sorted("id")
        self.assertEqual(
            [(e.kind, e.origin_line_id, e.amount) for e in entries],
            [
                ("refund", self.cheap, -20),
                ("commission", self.cheap, 5),
                ("refund", self.dear, -50),
                ("commission", self.dear, 5),
            ],
        )

    def test_refunds_in_any_order_return_every_figure_to_zero(self):
        credits_ = [
            self._credit(self.cheap, 7),
            self._credit(self.dear, 30),
            self._credit(self.cheap, 13),
            self._credit(self.dear, 70),
        ]
        self.assertEqual(
            [self._get_owed(credit)[self.candle] for credit in credits_],
            [-5.25, -27, -9.75, -63],
        )
        self.assertEqual(self._get_owed(self.invoice, *credits_), {self.candle: 0})
        self.assertFalse(any(credit.artisan_booking_note for credit in credits_))

    def test_line_that_names_another_product_by_now_takes_that_back(self):
        invoice = self._create_direct_invoice((self.candle, 1, 100), (self.d, 1, 100))
        candle, d = invoice.invoice_line_ids.sorted("id")
        credit = self._credit(candle, 100, keep={"product_id": self.d.id})
        self.assertEqual(self._get_entries(credit).origin_line_id, d)
        goods = GoodsRefund(invoice)
        self.assertEqual((goods.get_left(candle), goods.get_left(d)), (1, 0))

    def test_maker_reads_of_the_order_what_credit_notes_without_it_took_back(self):
        """As a marketplace credits money without pieces."""
        order = self._create_order((self.candle, 1, {"price_unit": 100}))
        invoice = self._invoice(order)
        unlinked = {"sale_line_ids": [Command.clear()]}
        self._credit(invoice.invoice_line_ids, 10, keep=unlinked)
        [row] = MakerSales(order.order_line, self.maker).get_rows()
        # 90 % of 100 and of 10
        self.assertEqual((row["booked"], row["commission"]), (81, -9))

    def test_line_that_names_no_line_counts_for_one_with_something_left(self):
        """A credit note that somebody else's code made of an invoice."""
        credit = self._credit(self.cheap, 20, post=False)
        credit.invoice_line_ids = [
            Command.clear(),
            *(
                Command.create(
                    {"product_id": self.candle.id, "quantity": 1, "price_unit": price}
                )
                for price in (20, 100)
            ),
        ]
        self.assertFalse(credit.invoice_line_ids.refunded_line_id)
        goods = GoodsRefund(self.invoice)
        self.assertEqual([goods.get_left(line) for line in goods.goods], [0, 0])
