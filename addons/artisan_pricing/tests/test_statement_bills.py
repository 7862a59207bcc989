from odoo import Command
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import new_test_user, tagged

from .statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestStatementBills(StatementCommon):
    def test_bill_pays_out_the_statement_to_the_cent(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1))
        self._claim(order)
        invoice = self._invoice(order)
        other = self._sell()
        refund = self._reverse(other)
        statement = self._make()
        statement.action_confirm()
        action = statement.action_make_bills()
        bill = statement.bill_id
        self.assertEqual(action["res_id"], bill.id)
        self.assertRecordValues(
            bill,
            [
                {
                    "move_type": "in_invoice",
                    "state": "draft",
                    "journal_id": self.journal.id,
                    "partner_id": self.maker.id,
                    "partner_bank_id": self.account.id,
                    "amount_untaxed": 80.75,
                    "ref": statement.name,
                }
            ],
        )
        self.assertEqual(
            [(line.name, line.price_unit) for line in bill.invoice_line_ids],
            [
                (f"{invoice.name} ({order.name})", 0),
                ("Sale", 100),
                ("Discount: Promotion", -5),
                ("Commission: Commission 15 %", -14.25),
                (other.name, 0),
                ("Sale", 100),
                ("Commission: Commission 15 %", -15),
                (refund.name, 0),
                ("Refund", -100),
                ("Commission: Commission 15 %", 15),
            ],
        )
        bill.action_post()
        self.assertIn(str(self.maker.id), bill.name)

    def test_statement_is_billed_once_and_again_when_the_bill_is_given_up(self):
        self._sell()
        statement = self._make()
        statement.action_confirm()
        statement.action_make_bills()
        bill = statement.bill_id
        statement.action_make_bills()
        self.assertEqual(statement.bill_id, bill)
        with self.assertRaisesRegex(UserError, "cancel its bill"):
            statement.action_draft()
        bill.button_cancel()
        self.assertRecordValues(statement, [{"state": "confirmed", "bill_id": False}])
        statement.action_make_bills()
        statement.bill_id.unlink()
        self.assertRecordValues(statement, [{"state": "confirmed", "bill_id": False}])

    def test_tax_is_on_the_payout(self):
        tax = self.tax_purchase_a
        mapped = self.tax_purchase_b
        self.candle.supplier_taxes_id = tax
        position = self.env["account.fiscal.position"].create({"name": "Makers"})
        mapped.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(tax.id)],
            }
        )
        self.maker.property_account_position_id = position
        self._sell()
        statement = self._make()
        statement.action_confirm()
        statement.action_make_bills()
        lines = statement.bill_id.invoice_line_ids.filtered("price_unit")
        self.assertEqual(lines.tax_ids, mapped)
        self.assertEqual(statement.bill_id.amount_untaxed, 85)
        self.assertAlmostEqual(
            statement.bill_id.amount_tax, 85 * mapped.amount / 100, places=2
        )

    def test_tax_included_in_purchase_prices_leaves_the_payout(self):
        tax = self.tax_purchase_a.copy(
            {"name": "Included", "price_include_override": "tax_included"}
        )
        self.candle.supplier_taxes_id = tax
        self._sell()
        statement = self._make()
        statement.action_confirm()
        statement.action_make_bills()
        self.assertEqual(statement.bill_id.amount_untaxed, 85)

    def test_bill_without_payout_account_is_refused_and_leaves_others_alone(self):
        self._sell()
        self._create_direct_invoice((self.e, 1, 100))
        self.e.supplier_taxes_id = [Command.clear()]
        statements = self._make(maker=self.all_makers)
        statements.action_confirm()
        theirs = statements.filtered(lambda each: each.maker_id == self.other_maker)
        with self.assertRaisesRegex(UserError, "Potter has no payout account"):
            theirs.action_make_bills()
        action = statements.action_make_bills()
        self.assertIn("no payout account", action["params"]["message"])
        self.assertEqual(statements.filtered("bill_id"), statements - theirs)

    def test_company_without_self_billing_journal_is_told_what_to_do(self):
        self.company.artisan_payout_journal_id = False
        self.journal.is_self_billing = False
        self._sell()
        statement = self._make()
        statement.action_confirm()
        with self.assertRaisesRegex(RedirectWarning, "tick Self Billing"):
            statement.action_make_bills()

    def test_accountant_makes_the_bill(self):
        user = new_test_user(
            self.env,
            "biller",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        self._sell()
        statement = self._make()
        statement.action_confirm()
        statement.with_user(user).action_make_bills()
        self.assertEqual(statement.bill_id.amount_untaxed, 85)
