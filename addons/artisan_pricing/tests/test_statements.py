from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .statement_common import AUGUST, OCTOBER, SEPTEMBER, StatementCommon


@tagged("post_install", "-at_install")
class TestStatements(StatementCommon):
    # Making

    def test_each_maker_gets_a_statement_of_the_period(self):
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        invoice = self._invoice(order)
        refund = self._reverse(invoice, E=1)
        self._sell(date="2026-09-01")
        statements = self._make(maker=self.all_makers)
        self.assertRecordValues(
            statements,
            [
                {
                    "maker_id": self.maker.id,
                    "sale_total": 100,
                    "refund_total": 0,
                    "discount_total": -5,
                    "commission_total": -14.25,
                    "payout": 80.75,
                },
                {
                    "maker_id": self.other_maker.id,
                    "sale_total": 100,
                    "refund_total": -100,
                    "discount_total": 0,
                    "commission_total": 0,
                    "payout": 0,
                },
            ],
        )
        self.assertEqual(statements.entry_ids.move_id, invoice | refund)

    def test_making_twice_makes_nothing_new(self):
        self._sell()
        statement = self._make()
        self.assertEqual(len(statement), 1)
        self.assertFalse(self._make())
        self._sell()
        self.assertFalse(self._make())
        statement.action_refresh()
        self.assertEqual(statement.payout, 170)

    def test_invoice_booked_anew_waits_for_what_takes_back_the_first_booking(self):
        with freeze_time("2026-09-22"):
            invoice = self._sell()
            self._make().action_confirm()
            invoice.button_draft()
            invoice.invoice_line_ids.price_unit = 80
            invoice.action_post()
            early = self._make((date(2026, 9, 1), date(2026, 9, 15)))
            self.assertFalse(sum(early.mapped("payout")))
            late = self._make((date(2026, 9, 16), date(2026, 9, 30)))
        self.assertEqual(late.balance, -17)

    def test_maker_without_sales_gets_no_statement(self):
        self.assertFalse(self._make())

    def test_one_statement_for_each_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2)])
        self.maker.maker_payout_minimum = 10
        self._sell()
        self._sell(currency_id=euro.id)
        statements = self._make()
        self.assertEqual(len(statements), 2)
        euros = statements.filtered(lambda each: each.currency_id == euro)
        self.assertRecordValues(euros, [{"payout": 85, "payout_minimum": 20}])

    def test_maker_is_paid_once_customers_have_paid(self):
        self.maker.maker_payout_when = "paid"
        invoice = self._sell()
        unpaid = self._sell()
        refund = self._reverse(unpaid, Candle=0.5)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        statement = self._make()
        self.assertEqual(statement.entry_ids.move_id, invoice)
        self.assertFalse(self._get_entries(refund).statement_id)

    def _pay(self, invoice):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        return wizard.create({})._create_payments()

    def test_responsible_is_told_of_a_payment_that_bounces_after_the_payout(self):
        self.maker.maker_payout_when = "paid"
        invoice, other = self._sell(), self._sell()
        payment, _other_payment = self._pay(invoice), self._pay(other)
        august = self._make()
        august.action_confirm()
        self.env.cr.precommit.run()
        self.assertFalse(august.activity_ids)
        for _twice in range(2):
            payment.action_draft()
            payment.action_cancel()
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.assertEqual(len(august.activity_ids), 1)
            self.assertIn(invoice.name, august.activity_ids.summary)
            self.assertIn("85.00", august.activity_ids.note)
            payment = self._pay(invoice)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.assertFalse(august.activity_ids)
        self.assertIn("The customer has paid", august.message_ids[:1].body)

    def test_payment_of_one_invoice_closes_nothing_about_another(self):
        self.maker.maker_payout_when = "paid"
        invoice, other = self._sell(), self._sell()
        payments = self._pay(invoice), self._pay(other)
        august = self._make()
        august.action_confirm()
        for payment in payments:
            payment.action_draft()
            payment.action_cancel()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual(len(august.activity_ids), 2)
        self._pay(other)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertIn(invoice.name, august.activity_ids.summary)

    def test_payment_that_is_put_on_again_at_once_is_not_told(self):
        self.maker.maker_payout_when = "paid"
        invoice = self._sell()
        self._pay(invoice)
        august = self._make()
        august.action_confirm()
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines = receivable | receivable.matched_credit_ids.credit_move_id
        lines.remove_move_reconcile()
        self.env.flush_all()
        self.assertEqual(invoice.payment_state, "not_paid")
        lines.reconcile()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertFalse(august.activity_ids)

    def test_refund_after_the_payout_is_taken_off_the_next_one(self):
        self.maker.maker_payout_when = "paid"
        invoice = self._sell()
        self.maker.maker_payout_when = "invoiced"
        self._make().action_confirm()
        self.maker.maker_payout_when = "paid"
        self._reverse(invoice, date="2026-09-02", Candle=0.5)
        self.assertEqual(self._make(SEPTEMBER).balance, -42.5)

    def test_what_is_booked_late_stands_on_the_next_statement(self):
        self._sell()
        self._make().action_confirm()
        late = self._sell(date="2026-08-20")
        statement = self._make(SEPTEMBER)
        self.assertEqual(statement.entry_ids.move_id, late)

    def test_negative_balance_is_carried_until_sales_cover_it(self):
        invoice = self._sell()
        august = self._make()
        august.action_confirm()
        self._reverse(invoice, date="2026-09-05")
        september = self._make(SEPTEMBER)
        self.assertRecordValues(
            september, [{"balance": -85, "payout": 0, "carried_forward": -85}]
        )
        self.assertFalse(self._make(OCTOBER))
        self._sell(200, date="2026-10-02")
        october = self._make(OCTOBER)
        self.assertRecordValues(
            october,
            [{"carried_in": -85, "balance": 85, "payout": 85, "carried_forward": 0}],
        )

    def test_less_than_the_minimum_is_carried_and_paid_with_the_next(self):
        self.maker.maker_payout_minimum = 100
        self._sell()
        august = self._make()
        self.assertRecordValues(august, [{"payout": 0, "carried_forward": 85}])
        august.action_confirm()
        with self.assertRaisesRegex(UserError, "Nothing is paid out"):
            august.action_make_bills()
        self._sell(20, date="2026-09-02")
        september = self._make(SEPTEMBER)
        self.assertRecordValues(september, [{"carried_in": 85, "payout": 102}])
        september.action_confirm()
        september.action_make_bills()
        self.assertEqual(september.bill_id.amount_untaxed, 102)
        self.assertRecordValues(
            september.bill_id.invoice_line_ids.filtered("price_unit"),
            [
                {"name": "From earlier statements", "price_unit": 85},
                {"name": "Sale", "price_unit": 20},
                {"name": "Commission 15 %", "price_unit": -3},
            ],
        )

    def test_lower_minimum_pays_what_was_carried(self):
        self.maker.maker_payout_minimum = 100
        self._sell()
        self._make().action_confirm()
        self.maker.maker_payout_minimum = 0
        september = self._make(SEPTEMBER)
        self.assertEqual(september.payout, 85)
        september.action_confirm()
        september.action_make_bills()
        self.assertEqual(september.bill_id.amount_untaxed, 85)

    def test_balance_is_carried_once_when_periods_are_made_out_of_order(self):
        self.maker.maker_payout_minimum = 100
        self._sell(50, date="2026-08-10")
        august = self._make()
        august.action_confirm()
        self.maker.maker_payout_minimum = 0
        self._sell(date="2026-10-10")
        october = self._make(OCTOBER)
        october.action_confirm()
        self._sell(date="2026-09-10")
        wizard = self.env["artisan.statement.making"].create(
            {"period": "month", "day": "2026-09-10", "maker_ids": self.maker.ids}
        )
        action = wizard.action_make()
        self.assertIn(october.name, action["params"]["message"])
        statements = self.maker.maker_statement_ids
        self.assertEqual(statements, august | october)
        with self.assertRaisesRegex(ValidationError, "about a later period"):
            august.sudo().copy({"date_from": SEPTEMBER[0], "date_to": SEPTEMBER[1]})
        november = self._make((date(2026, 11, 1), date(2026, 11, 30)))
        statements |= november
        self.assertEqual(sum(statements.mapped("payout")), 42.5 + 85 + 85)

    def test_statement_that_cannot_be_made_does_not_stop_the_others(self):
        self._sell()
        self._create_direct_invoice((self.e, 1, 100))
        self.env.flush_all()
        # As left behind by a change of the currency's rounding.
        self.env.cr.execute(
            "UPDATE artisan_payout_entry SET amount = 0.001 WHERE maker_id = %s",
            [self.maker.id],
        )
        self.env.invalidate_all()
        statements = self._make(maker=self.all_makers)
        self.assertEqual(statements.maker_id, self.other_maker)
        self.assertIn("finer than the rounding", self.maker.activity_ids.note)

    def test_scheduler_makes_the_last_period_once(self):
        self.company.artisan_statement_period = "half_month"
        self._sell()
        cron = self.env.ref("artisan_pricing.ir_cron_make_artisan_statement")
        with freeze_time("2026-08-16"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        statement = self.env["artisan.statement"].search(
            [("maker_id", "=", self.maker.id)]
        )
        self.assertRecordValues(
            statement,
            [{"date_from": AUGUST[0], "date_to": date(2026, 8, 15), "payout": 85}],
        )

    def test_wizard_makes_the_statements_of_the_month_of_a_day(self):
        self._sell()
        form = Form(self.env["artisan.statement.making"])
        form.day = date(2026, 8, 17)
        self.assertEqual((form.date_from, form.date_to), AUGUST)
        action = form.save().action_make()
        found = self.env["artisan.statement"].search(action["domain"])
        self.assertEqual(found.maker_id, self.maker)
        again = form.record.action_make()
        self.assertEqual(again["params"]["title"], "Nothing new")
        self.assertEqual(again["params"]["next"]["domain"], action["domain"])

    def test_wizard_offers_the_last_period_that_is_over(self):
        with freeze_time("2026-09-17"):
            form = Form(self.env["artisan.statement.making"])
            form.period = "month"
            self.assertEqual((form.date_from, form.date_to), AUGUST)
            form.period = "half_month"
            self.assertEqual(str(form.date_to), "2026-09-15")
            form.period = "week"
            self.assertEqual(str(form.date_to), "2026-09-13")

    def test_wizard_made_without_a_day_is_about_the_last_period_that_is_over(self):
        with freeze_time("2026-09-17"):
            wizard = self.env["artisan.statement.making"].create({"period": "month"})
            self.assertEqual((wizard.date_from, wizard.date_to), AUGUST)

    def test_manager_makes_and_confirms_without_rights_on_invoices(self):
        user = new_test_user(
            self.env,
            "payer",
            "artisan_pricing.group_artisan_manager",
            company_id=self.company.id,
        )
        self._sell()
        Statement = self.env["artisan.statement"].with_user(user)
        statement = Statement._make_statements(self.company, *AUGUST)
        statement.action_confirm()
        self.assertEqual(statement.state, "confirmed")
        with self.assertRaisesRegex(UserError, "not changed by hand"):
            statement.payout_minimum = 1000

    def test_accountant_makes_statements_and_books_earlier_invoices(self):
        product = self.candle.product_tmpl_id
        product.maker_id = False
        invoice = self._sell()
        product.maker_id = self.maker
        self.maker.maker_payout_minimum = 100
        user = new_test_user(
            self.env,
            "maker_accountant",
            "account.group_account_invoice",
            company_id=self.company.id,
        )
        env = self.env(user=user)
        arch = env["artisan.statement"].get_view(view_type="list")["arch"]
        self.assertIn("Make Statements", arch)
        action = env["artisan.payout.book"].create({}).action_book()
        self.assertEqual(action["res_model"], "artisan.payout.entry")
        self.assertTrue(self._get_entries(invoice))
        for day in ("2026-08-10", "2026-09-10"):  # nothing new in September
            form = Form(env["artisan.statement.making"])
            form.day = day
            form.save().action_make()
        statement = env["artisan.statement"].search([("maker_id", "=", self.maker.id)])
        self.assertRecordValues(statement, [{"date_from": AUGUST[0], "balance": 85}])
        statement.action_confirm()

    # Confirmed statements

    def test_confirming_numbers_and_locks(self):
        self._sell()
        statement = self._make()
        self.assertFalse(statement.name)
        statement.action_confirm()
        self.assertRegex(statement.name, r"^PAY/2026/\d{5}$")
        with self.assertRaisesRegex(UserError, "is confirmed"):
            statement.entry_ids[0].sudo().amount = 1
        with self.assertRaisesRegex(UserError, "Only drafts"):
            statement.unlink()
        name = statement.name
        statement.action_draft()
        statement.action_confirm()
        self.assertEqual(statement.name, name)

    def test_statements_are_confirmed_one_after_the_other(self):
        self.maker.maker_payout_minimum = 500
        self._sell()
        august = self._make()
        self._sell(date="2026-09-02")
        september = self._make(SEPTEMBER)
        with self.assertRaisesRegex(UserError, "comes first"):
            september.action_confirm()
        (september | august).action_confirm()
        with self.assertRaisesRegex(UserError, "set it to draft first"):
            august.action_draft()
        (september | august).action_draft()
        self.env["artisan.payout.entry"].create(
            {
                "name": "Parcel lost",
                "maker_id": self.maker.id,
                "amount": -5,
                "date": AUGUST[1],
                "statement_id": august.id,
            }
        )
        self.assertEqual(september.carried_in, 80)
        (september | august).action_confirm()

    def test_number_of_a_statement_is_never_missing(self):
        self._sell()
        statement = self._make()
        statement.action_confirm()
        statement.action_draft()
        with self.assertRaisesRegex(UserError, "has a number"):
            statement.unlink()
        statement.action_confirm()

    def test_draft_that_is_deleted_frees_its_entries(self):
        self._sell()
        self._make().unlink()
        self.assertEqual(self._make().payout, 85)

    def test_invoice_reset_to_draft_leaves_a_draft_statement(self):
        invoice = self._sell()
        self._sell(20)
        statement = self._make()
        invoice.button_draft()
        self.assertEqual(statement.payout, 17)

    def test_invoice_reset_to_draft_is_taken_off_the_next_statement(self):
        invoice = self._sell()
        august = self._make()
        august.action_confirm()
        with freeze_time("2026-09-03"):
            invoice.button_draft()
            invoice.invoice_line_ids.price_unit = 200
            invoice.action_post()
        self.assertEqual(august.payout, 85)
        september = self._make(SEPTEMBER)
        self.assertEqual(september.balance, 85)
        self.assertEqual(len(september.entry_ids), 4)

    def test_invoice_on_a_statement_that_is_booked_anew_pays_what_the_maker_was_told(
        self,
    ):
        """A typing error is mended after the statement, and after the scheme was changed."""
        order = self._create_order((self.candle, 1), (self.d, 1))
        invoices = self._sell() | self._invoice(order)
        statement = self._make()
        statement.action_confirm()
        told = self._get_owed(*invoices)
        # 15 % of 100 and of 40, and of 100
        self.assertEqual(told, {self.candle: 119, self.d: 85})
        self.company.artisan_commission_scheme_id = self._create_scheme({"value": 20})
        for _time in range(2):
            invoices.button_draft()
            invoices.action_post()
            self.assertEqual(self._get_owed(*invoices), told)
        commission = self._get_entries(invoices).filtered("rate")
        self.assertEqual(set(commission.mapped("rate")), {"15 %"})
        self.assertEqual(statement.payout, 204)
        september = self._make(SEPTEMBER)
        self.assertFalse(september.filtered("payout"))
        # What is sold now pays today's.
        self.assertEqual(self._get_owed(self._sell()), {self.candle: 80})
        for invoice in invoices:
            self._reverse(invoice)
        october = self._make(OCTOBER)
        self.assertEqual(october.balance, 80 - 204)

    def test_adjustment_stands_on_the_statement_with_its_reason(self):
        self._sell()
        statement = self._make()
        context = statement.action_add_adjustment()["context"]
        with Form(self.env["artisan.payout.entry"].with_context(**context)) as form:
            form.name = "Parcel lost"
            form.amount = -5
        self.assertRecordValues(
            statement, [{"adjustment_total": -5, "payout": 80, "balance": 80}]
        )

    # Earlier invoices

    def test_invoices_from_before_the_maker_are_booked_by_hand(self):
        self.candle.maker_id = False
        moves = self._sell() | self._sell(date="2026-07-01")
        refund = self._reverse(moves[0])
        self.candle.maker_id = self.maker
        wizard = self.env["artisan.payout.book"].create({"date_from": "2026-08-01"})
        wizard.action_book()
        wizard.action_book()
        self.assertEqual(len(self._get_entries(moves)), 2)
        self.assertEqual(self._get_owed(moves[0], refund), {self.candle: 0})
