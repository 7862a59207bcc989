import random
from datetime import date

from odoo import Command
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import html2plaintext

from .statement_common import AUGUST, StatementCommon


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
                ("Period from 08/01/2026 to 08/31/2026", 0),
                (f"{invoice.name} ({order.name})", 0),
                ("Sale", 100),
                ("Discount: Promotion", -5),
                ("Commission 15 %", -14.25),
                (other.name, 0),
                ("Sale", 100),
                ("Commission 15 %", -15),
                (refund.name, 0),
                ("Refund", -100),
                ("Commission 15 %", 15),
            ],
        )
        bill.action_post()
        self.assertIn(str(self.maker.id), bill.name)

    def test_sections_of_a_bill_are_not_offered_for_removal(self):
        self._sell()
        self._sell(50)
        statement = self._make()
        statement.action_confirm()
        statement.action_make_bills()
        bill = statement.bill_id
        self.assertEqual(len(bill.invoice_line_ids.filtered("display_type")), 7)
        self.assertNotIn("account_remove_empty_lines", bill.alerts or {})
        plain = bill.copy()
        self.assertIn("account_remove_empty_lines", plain.alerts)

    def test_statement_says_paid_only_when_the_bill_is(self):
        self._sell()
        statement = self._make()
        statement.action_confirm()
        self.assertIn("To be paid to account FR76", self._print(statement))
        statement.action_make_bills()
        statement.bill_id.action_post()
        self.assertNotIn("Paid to you", self._print(statement))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=statement.bill_id.ids
        ).create({})._create_payments()
        paper = self._print(statement)
        self.assertIn("Paid to you", paper)
        self.assertIn("Paid to account FR76", paper)
        self.assertNotIn("To be paid", paper)

    def _print(self, statement):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "artisan_pricing.artisan_statement_report", statement.ids
        )
        return " ".join(html2plaintext(content.decode()).split())

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

    def _bill(self):
        statement = self._make()
        statement.action_confirm()
        statement.action_make_bills()
        return statement

    def _get_difference(self):
        first, last = AUGUST
        wizard = self.env["artisan.reconciliation"].create(
            {"date_from": first, "date_to": last}
        )
        return wizard.difference

    def test_bill_of_another_amount_than_its_statement_is_refused(self):
        self._sell()
        bill = self._bill().bill_id
        line = bill.invoice_line_ids.filtered(lambda each: each.price_unit > 0)
        line.price_unit = 500
        with self.assertRaisesRegex(
            UserError, "Delete it and bill the statement again"
        ):
            bill.action_post()
        line.price_unit = 100
        bill.partner_id = self.other_maker
        with self.assertRaisesRegex(UserError, "Potter"):
            bill.action_post()
        bill.partner_id = self.maker
        bill.action_post()
        self.assertEqual(bill.state, "posted")

    def test_copy_of_a_bill_pays_no_statement_and_is_not_confirmed(self):
        self._sell()
        statement = self._bill()
        bill = statement.bill_id
        drafted = bill.copy()
        bill.action_post()
        for copy in (drafted, bill.copy(), drafted.copy()):
            self.assertFalse(copy.artisan_statement_ids)
            action = copy.action_open_artisan_statement()
            self.assertEqual(action["res_id"], statement.id)
            copy.invoice_date = "2026-09-05"
            with self.assertRaisesRegex(UserError, f"{statement.name} once more"):
                copy.action_post()
        self.assertEqual(statement.bill_id, bill)
        # Elsewhere it is a copy as well.
        drafted.journal_id = self.company_data["default_journal_purchase"]
        with self.assertRaisesRegex(UserError, "once more"):
            drafted.action_post()

    def test_bill_that_is_reversed_and_made_anew_is_made_from_the_statement(self):
        self._sell()
        statement = self._bill()
        bill = statement.bill_id
        bill.action_post()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        action = wizard.create({"journal_id": bill.journal_id.id}).modify_moves()
        anew = self.env["account.move"].browse(action["res_id"])
        anew.invoice_date = "2026-09-05"
        self.assertEqual(statement.state, "confirmed")
        with self.assertRaisesRegex(UserError, "once more"):
            anew.action_post()
        statement.action_make_bills()
        statement.bill_id.action_post()
        self.assertEqual(statement.state, "billed")

    def test_bill_by_hand_does_not_name_a_statement_of_its_vendor(self):
        self._sell()
        statement = self._bill()
        given_up = statement.bill_id
        forged = self._create_direct_bill(statement.name)
        with self.assertRaisesRegex(UserError, "once more"):
            forged.action_post()
        given_up.button_cancel()
        given_up.button_draft()
        with self.assertRaisesRegex(UserError, "once more"):
            given_up.action_post()
        for other in (
            self._create_direct_bill("WOOD 17"),
            self._create_direct_bill(statement.name, partner_id=self.partner.id),
        ):
            other.action_post()
            self.assertEqual(other.state, "posted")

    def _create_direct_bill(self, ref, **kwargs):
        return self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.maker.id,
                "journal_id": self.journal.id,
                "invoice_date": "2026-09-05",
                "ref": ref,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Payout",
                            "price_unit": 85,
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                        }
                    )
                ],
                **kwargs,
            }
        )

    def test_statement_is_billed_again_once_its_bill_is_credited_in_full(self):
        self._sell()
        statement = self._bill()
        bill = statement.bill_id
        bill.action_post()
        part = self._reverse(bill, post=False, date="2026-09-03")
        part.invoice_line_ids.filtered("price_unit").price_unit = 0
        part.invoice_line_ids.filtered("quantity")[:1].price_unit = 50
        part.action_post()
        self.assertRecordValues(statement, [{"state": "billed", "bill_id": bill.id}])
        part.button_draft()
        part.unlink()
        note = bill._reverse_moves([{"invoice_date": "2026-09-03"}], cancel=True)
        self.assertRecordValues(statement, [{"state": "confirmed", "bill_id": False}])
        self.assertEqual(self._get_difference(), 0)
        note.button_draft()
        self.assertRecordValues(statement, [{"state": "billed", "bill_id": bill.id}])
        note.action_post()
        statement.action_make_bills()
        self.assertEqual(statement.bill_id.amount_untaxed, 85)
        with self.assertRaisesRegex(UserError, "billed or open again"):
            note.button_draft()

    def test_bill_that_differs_from_its_statement_is_a_difference(self):
        self._sell()
        bill = self._bill().bill_id
        self.assertEqual(self._get_difference(), 0)
        bill.action_post()
        self.assertEqual(self._get_difference(), 0)
        note = self._reverse(bill, post=False, date="2026-09-03")
        note.invoice_line_ids.filtered(lambda each: each.price_unit < 0).unlink()
        note.invoice_line_ids.filtered("price_unit").price_unit = 10
        note.action_post()
        self.assertEqual(self._get_difference(), 10)
        # As posted before bills were compared.
        line = bill.invoice_line_ids.filtered(lambda each: each.price_unit > 0)
        bill.button_draft()
        line.price_unit = 500
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET state = 'posted' WHERE id = %s", [bill.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self._get_difference(), 10 - 400)

    @freeze_time("2026-10-22")
    def test_bill_is_in_the_books_of_the_period_that_it_names(self):
        self._sell()
        bill = self._bill().bill_id
        today = date(2026, 10, 22)
        self.assertEqual((bill.date, bill.invoice_date), (AUGUST[1], today))
        self.assertIn("08/31/2026", bill.invoice_line_ids[0].name)
        bill.action_post()
        self.assertEqual(bill.date, AUGUST[1])

    @freeze_time("2026-10-22")
    def test_bill_of_a_locked_period_is_in_the_books_of_the_next(self):
        self._sell()
        self.company.fiscalyear_lock_date = AUGUST[1]
        bill = self._bill().bill_id
        self.assertGreater(bill.date, AUGUST[1])
        bill.action_post()
        self.assertGreater(bill.date, AUGUST[1])

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

    def test_cents_of_taxes_included_in_many_prices_leave_the_payout(self):
        self.candle.supplier_taxes_id = self.tax_purchase_a.copy(
            {"name": "19 %", "amount": 19, "price_include_override": "tax_included"}
        )
        # Two of these bills are 1 and 2 cents off, line for line.
        chance = random.Random(5)  # noqa: S311
        for rounding in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = rounding
            for number in range(4):
                maker = self._create_maker(f"Maker {number} {rounding}")
                maker.maker_payout_when = "invoiced"
                self._create_account(maker, f"X{number}{rounding}")
                self.candle.maker_id = maker
                for _sale in range(6):
                    self._sell(round(chance.uniform(1, 99), 2))
                statement = self._make(maker=maker)
                statement.action_confirm()
                statement.action_make_bills()
                self.assertEqual(statement.bill_id.amount_untaxed, statement.payout)

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
