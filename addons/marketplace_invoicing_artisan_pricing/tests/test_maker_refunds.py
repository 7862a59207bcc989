from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.marketplace_invoicing.tests.test_refund import RefundCommon


@tagged("post_install", "-at_install")
class TestMakerRefunds(RefundCommon):
    """A bowl of a maker who pays 10 % of each line, but at least 5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("artisan_pricing.group_artisan_manager")
        cls.maker = cls.env["res.partner"].create({"name": "Turner", "is_maker": True})
        cls.bowl.maker_id = cls.maker
        cls.company.artisan_commission_scheme_id = cls.env[
            "artisan.commission.scheme"
        ].create(
            {
                "name": "Scheme",
                "part_ids": [
                    Command.create(
                        {
                            "name": "Commission",
                            "code": "sales",
                            "value": 10,
                            "minimum": 5,
                            "unit": "line",
                        }
                    )
                ],
            }
        )

    def _get_owed(self, move):
        entries = self.env["artisan.payout.entry"].search([("move_id", "=", move.id)])
        return self.company.currency_id.round(sum(entries.mapped("amount")))

    def test_money_for_one_of_two_lines_is_taken_back_of_that_line(self):
        order = self._import_one(
            lines=[("BOWL", 1, "100.00", "15.00"), ("BOWL", 1, "20.00", "3.00")]
        )
        # 100 less 10, 20 less 5
        self.assertEqual(self._get_owed(order.invoice_id), 105)
        # Half of the second line: the maker gives back half of 20 less 5.
        self._refund(self._woo_refund(7, "11.50", lines=[(2, 0, "10.00", "1.50")]))
        note = self._get_refunds(order).credit_move_id
        self.assertEqual(note.amount_untaxed, 10)
        dear, cheap = order.invoice_id.invoice_line_ids.filtered("product_id")
        self.assertEqual(self._get_owed(note), -7.5)
        self.assertEqual(note.invoice_line_ids.refunded_line_id, cheap)
        # The rest comes back, too.
        self._refund(
            self._woo_refund(
                8,
                "126.50",
                lines=[(1, 1, "100.00", "15.00"), (2, 1, "10.00", "1.50")],
            ),
            name="rest.json",
        )
        rest = self._get_refunds(order)[1].credit_move_id
        self.assertEqual(rest.invoice_line_ids.refunded_line_id, dear | cheap)
        self.assertEqual(self._get_owed(rest), -97.5)
