from odoo.fields import Command

from .test_refund import RefundCommon


class TestBranch(RefundCommon):
    """A branch sells through a channel whose journals and accounts are its parent's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.env.user.company_ids = [Command.link(cls.branch.id)]
        parent = cls.channel
        cls.channel = cls._create_channel(
            "Shop of the branch",
            "woocommerce",
            company_id=cls.branch.id,
            journal_id=parent.journal_id.id,
            clearing_journal_id=parent.clearing_journal_id.id,
            clearing_account_id=parent.clearing_account_id.id,
        )
        cls._map(cls.channel, cls.bowl)

    def test_payments_and_refunds_are_booked_in_the_branch_whoever_imports(self):
        """Also for who has chosen both companies, of which core takes the journal's own."""
        both = (self.company | self.branch).ids
        for number, companies in enumerate((both, both[::-1], both[1:]), start=1):
            with self.subTest(companies=companies):
                channel = self.channel.with_context(allowed_company_ids=companies)
                order = self._import_one(channel, number)
                self._import(
                    [self._woo_refund(number, "15.00", order=number)],
                    channel,
                    name="refunds.json",
                )
                refund = self._get_refunds(order)
                self.assertEqual((order.state, refund.state), ("invoiced", "credited"))
                moves = (
                    order.invoice_id
                    | order.clearing_move_id
                    | refund.credit_move_id
                    | refund.clearing_move_id
                )
                self.assertEqual(len(moves), 4)
                self.assertEqual(moves.company_id, self.branch)
                self.assertEqual(moves.line_ids.company_id, self.branch)
                self.assertEqual(order.invoice_id.payment_state, "paid")
