from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRun(DunningCommon):
    def _item(self, run, move):
        return run.item_ids.filtered(lambda item: item.move_id == move)

    # === LADDER === #

    def test_invoice_climbs_one_level_at_a_time(self):
        invoice = self._create_debt(100, due=0)
        self.policy.customer_gap_days = 0
        expected = {
            "2026-06-21": "not_due",
            "2026-06-22": self.friendly,
            "2026-06-28": "not_due",
            "2026-06-29": self.firm,
            "2026-07-15": self.final,
            "2026-07-30": self.escalation,
            "2026-08-30": "escalated",
        }
        for day, outcome in expected.items():
            with freeze_time(f"{day} 12:00:00"):
                self.policy.send_weekends = True
                run = self._propose_and_send(fields.Date.to_date(day))
                item = self._item(run, invoice)
                if isinstance(outcome, str):
                    self.assertIn(outcome, self._codes(item), day)
                    self.assertFalse(run.notice_ids, day)
                else:
                    self.assertEqual(item.level_id, outcome, day)
                    self.assertEqual(run.notice_ids.state, "sent", day)

    def test_after_an_outage_old_debts_start_with_the_first_level(self):
        invoice = self._create_debt(100, due=200)
        run = self._propose()
        self.assertEqual(self._item(run, invoice).level_id, self.friendly)
        self.assertEqual(len(run.notice_ids), 1)

    def test_after_an_outage_a_customer_gets_one_notice_for_all(self):
        for due in (8, 20, 40, 80, 200):
            self._create_debt(100, due=due)
        run = self._propose()
        self.assertEqual(len(run.notice_ids), 1)
        self.assertEqual(run.notice_ids.amount_total, 500)
        self.assertEqual(len(self._send(run)), 1)

    def test_next_level_waits_for_its_gap_after_an_outage(self):
        invoice = self._create_debt(100, due=200)
        self._propose_and_send()
        self.assertEqual(invoice.dunning_level_id, self.friendly)
        with freeze_time("2026-06-19 12:00:00"):
            run = self._propose("2026-06-19")
            self.assertEqual(self._codes(self._item(run, invoice)), ["level_gap"])
            self.assertEqual(
                self._item(run, invoice).next_date, fields.Date.to_date("2026-06-22")
            )

    def test_due_today_is_not_overdue(self):
        invoice = self._create_debt(100, due=0)
        self.assertFalse(self._item(self._propose(), invoice))

    def test_courtesy_notice_goes_before_the_due_date_only(self):
        self.policy.level_ids = [
            fields.Command.create(
                {
                    "name": "Coming up",
                    "days": -3,
                    "tone": "courtesy",
                    "mail_template_id": self.template.id,
                    "attach_invoices": False,
                }
            )
        ]
        courtesy = self.policy.level_ids.filtered(lambda level: level.days == -3)
        soon = self._create_debt(100, due=-2)
        later = self._create_debt(100, due=-20)
        overdue = self._create_debt(100, due=5)
        run = self._propose()
        self.assertEqual(self._item(run, soon).level_id, courtesy)
        self.assertEqual(self._item(run, soon).verdict, "send")
        self.assertFalse(self._item(run, later))
        self.assertEqual(self._item(run, overdue).level_id, self.friendly)
        self.assertEqual(self._item(run, overdue).reason, "not_due")

    def test_instalments_are_reminded_one_by_one(self):
        term = self._create_halves_term(30)
        invoice = self._create_invoice_one_line(
            partner_id=self.customer,
            price_unit=100,
            tax_ids=[],
            invoice_date=self._day(20),
            invoice_payment_term_id=term.id,
            post=True,
        )
        run = self._propose()
        item = self._item(run, invoice)
        self.assertEqual(item.amount_asked, 50)
        self.assertEqual(item.days_overdue, 20)
        self.assertEqual(run.notice_ids.amount_total, 50)

    def test_partly_paid_invoice_is_asked_for_the_rest(self):
        invoice = self._create_debt(100, due=10)
        self._pay(invoice, date=2, amount=30)
        invoice.matched_payment_ids.action_validate()
        run = self._propose()
        self.assertEqual(run.notice_ids.amount_total, 70)

    # === CYCLES === #

    def test_returned_payment_starts_a_new_cycle(self):
        invoice = self._create_debt(100, due=8)
        self._propose_and_send()
        line = self._receivable(invoice)
        self.assertEqual(line.dunning_level_id, self.friendly)
        self._pay(invoice, date=0)
        self.assertTrue(line.reconciled)
        line.remove_move_reconcile()
        self.assertEqual(line.dunning_cycle, 1)
        self.assertFalse(line.dunning_level_id)
        self.assertFalse(invoice.dunning_level_id)

    def test_unmatching_a_part_keeps_the_cycle(self):
        invoice = self._create_debt(100, due=8)
        self._propose_and_send()
        self._pay(invoice, date=0, amount=40)
        line = self._receivable(invoice)
        line.remove_move_reconcile()
        self.assertEqual(line.dunning_cycle, 0)
        self.assertEqual(line.dunning_level_id, self.friendly)

    # === GROUPS === #

    def test_one_notice_per_customer_and_currency(self):
        euro = self.setup_other_currency("EUR")
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        contact = self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.customer.id, "type": "contact"}
        )
        self._create_debt(100, due=8)
        self._create_debt(50, due=9, partner_id=contact)
        self._create_debt(80, due=8, currency_id=euro)
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        self.assertEqual(
            run.notice_ids.sorted("amount_total").mapped(
                lambda n: (n.partner_id, n.currency_id.name, n.amount_total)
            ),
            [
                (other, "USD", 70),
                (self.customer, "EUR", 80),
                (self.customer, "USD", 150),
            ],
        )

    def test_notice_speaks_in_the_words_of_the_highest_level(self):
        first = self._create_debt(100, due=40)
        self._propose_and_send()
        second = self._create_debt(50, due=12)
        with freeze_time("2026-06-23 12:00:00"):
            run = self._propose("2026-06-23")
        self.assertEqual(run.notice_ids.level_id, self.firm)
        self.assertEqual(self._item(run, first).level_id, self.firm)
        self.assertEqual(self._item(run, second).level_id, self.friendly)

    def test_highest_level_only_leaves_the_others_for_later(self):
        first = self._create_debt(100, due=40)
        self._propose_and_send()
        second = self._create_debt(50, due=12)
        self.policy.grouping = "highest"
        with freeze_time("2026-06-23 12:00:00"):
            run = self._propose("2026-06-23")
        self.assertEqual(run.notice_ids.item_ids.move_id, first)
        self.assertEqual(self._item(run, second).reason, "lower_level")

    def test_one_reminder_does_not_silence_the_others_for_ever(self):
        self._create_debt(100, due=8)
        self._propose_and_send()
        later = self._create_debt(50, due=7)
        run = self._propose()
        self.assertIn("customer_gap", self._codes(self._item(run, later)))
        with freeze_time("2026-06-18 12:00:00"):
            run = self._propose("2026-06-18")
        self.assertEqual(run.notice_ids.item_ids.move_id, later)

    def test_invoice_policy_wins_over_customer_and_company(self):
        mine = self._create_policy(name="Mine")
        theirs = self._create_policy(name="Theirs")
        self.customer.dunning_policy_id = theirs
        a = self._create_debt(100, due=8)
        b = self._create_debt(100, due=8)
        b.dunning_policy_id = mine
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        c = self._create_debt(100, due=8, partner_id=other)
        run = self._propose()
        self.assertEqual(self._item(run, a).policy_id, theirs)
        self.assertEqual(self._item(run, b).policy_id, mine)
        self.assertEqual(self._item(run, c).policy_id, self.policy)

    # === AMOUNTS === #

    def test_minimum_of_the_currency_counts(self):
        self.policy.minimum_amount = 10
        low = self._create_debt(9.99, due=8)
        self._assert_reason(low, "below_minimum")
        self._create_debt(0.01, due=8)
        self.assertEqual(self._propose().notice_ids.amount_total, 10)

    def test_own_minimum_of_a_foreign_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.policy.minimum_amount = 1000
        self.policy.minimum_ids = [
            fields.Command.create({"currency_id": euro.id, "amount": 50})
        ]
        self._create_debt(50, due=8, currency_id=euro)
        self.assertEqual(self._propose().notice_ids.amount_total, 50)

    def test_small_credit_is_deducted_where_the_policy_nets(self):
        self.policy.unmatched_credit = "net"
        self._create_debt(100, due=8)
        credit = self._create_credit_note(30, date=2)
        notice = self._propose().notice_ids
        self.assertEqual(notice.credit_line_ids, self._receivable(credit))
        self.assertEqual(notice.amount_credits, 30)
        self.assertEqual(notice.amount_total, 70)

    def test_small_credit_waits_for_matching_by_default(self):
        invoice = self._create_debt(100, due=8)
        self._create_credit_note(30, date=2)
        self._assert_reason(invoice, "credit_note")

    def test_credit_in_another_currency_that_covers_all_stops(self):
        self.policy.unmatched_credit = "net"
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        invoice = self._create_debt(100, due=8)
        self._create_credit_note(200, date=2, currency_id=euro)
        self._assert_reason(invoice, "credit_note")

    def test_net_balance_below_minimum_stops(self):
        self.policy.unmatched_credit = "net"
        self.policy.minimum_amount = 10
        invoice = self._create_debt(100, due=8)
        self._create_credit_note(95, date=2)
        self._assert_reason(invoice, "below_minimum")

    def test_credit_of_another_customer_changes_nothing(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(100, due=8)
        self._create_credit_note(500, date=2, partner_id=other)
        self.assertEqual(self._propose().notice_ids.amount_total, 100)

    # === OTHER REASONS === #

    def test_unmatched_bank_line_of_the_customer_stops(self):
        invoice = self._create_debt(100, due=8)
        self._create_bank_line("thank you", 100, partner_id=self.customer.id)
        self._assert_reason(invoice, "bank_line")

    def test_unmatched_bank_line_that_names_the_invoice_stops(self):
        invoice = self._create_debt(100, due=8)
        other = self._create_debt(
            100, due=8, partner_id=self._create_customer("Oak", email="o@example.com")
        )
        self._create_bank_line(f"Payment {invoice.name.replace('/', ' ').lower()}", 100)
        run = self._propose()
        self.assertEqual(self._item(run, invoice).reason, "bank_line")
        self.assertEqual(self._item(run, other).verdict, "send")

    def test_unmatched_bank_line_that_names_a_notice_stops_its_customer(self):
        invoice = self._create_debt(100, due=20)
        run = self._propose_and_send()
        self._create_bank_line(f"SEPA {run.notice_ids.name} 100,00", 100)
        run = self._propose("2026-06-29")
        self.assertEqual(self._item(run, invoice).reason, "bank_line")

    def test_bank_line_dated_in_the_future_does_not_make_data_fresh(self):
        invoice = self._create_debt(100, due=8)
        self._create_bank_line("old", -5, date=self._day(8))
        self._create_bank_line("typing error", -5, date=self._day(-365))
        self._assert_reason(invoice, "stale_bank")

    def test_payment_in_process_without_entry_stops(self):
        invoice = self._create_debt(100, due=8)
        payment = self._create_payment(100, date=1)
        payment.move_id.button_draft()
        payment.move_id.unlink()
        payment.state = "in_process"
        self._assert_reason(invoice, "unmatched_credit")

    def test_payment_booked_in_the_parent_company_stops_its_branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.accountant.company_ids += branch
        policy = self._create_policy(company_id=branch.id, user_id=self.env.user.id)
        branch.dunning_policy_id = policy
        invoice = self._create_debt(100, due=8)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET company_id = %s WHERE id = %s",
            [branch.id, invoice.id],
        )
        self.env.cr.execute(
            "UPDATE account_move_line SET company_id = %s WHERE move_id = %s",
            [branch.id, invoice.id],
        )
        self.env.invalidate_all()
        self._create_payment(100, date=1)
        run = self._propose(company_id=branch.id, user_id=self.env.user.id)
        self.assertEqual(run.item_ids.move_id, invoice)
        self.assertEqual(run.item_ids.reason, "unmatched_credit")

    def test_bank_line_long_before_the_invoice_does_not_stop_it_for_ever(self):
        self._create_debt(100, due=8)
        self._create_bank_line(
            "long ago", 5, date=self._day(400), partner_id=self.customer.id
        )
        self._create_bank_line("fresh", -5)
        self.assertEqual(self._propose().notice_ids.amount_total, 100)

    def _create_transaction(self, invoice, code, days_ago=0, state="pending"):
        provider = self.env["payment.provider"].sudo().create({"name": code})
        methods = self.env["payment.method"].sudo().with_context(active_test=False)
        method = methods.search([("code", "=", "card")], limit=1)
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": f"{code} {days_ago}",
                    "amount": 100,
                    "currency_id": invoice.currency_id.id,
                    "partner_id": invoice.partner_id.id,
                    "invoice_ids": [fields.Command.link(invoice.id)],
                }
            )
        )
        self.env.flush_all()
        # The modules of real providers are not installed here; their codes are.
        self.env.cr.execute(
            "UPDATE payment_provider SET code = %s WHERE id = %s", [code, provider.id]
        )
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s, state = %s WHERE id = %s",
            [self._day(days_ago), state, transaction.id],
        )
        self.env.invalidate_all()

    def test_each_state_of_an_online_payment(self):
        outcomes = [
            ("stripe", 1, "pending", "payment_pending"),
            ("stripe", 1, "authorized", "payment_pending"),
            ("stripe", 1, "done", "payment_pending"),
            ("stripe", 30, "pending", "payment_stuck"),
            ("stripe", 1, "error", False),
            ("stripe", 1, "cancel", False),
            ("custom", 1, "pending", "payment_pending"),
            ("custom", 30, "pending", False),
        ]
        for code, days_ago, state, reason in outcomes:
            with self.subTest(code=code, days_ago=days_ago, state=state):
                with self.env.cr.savepoint() as savepoint:
                    invoice = self._create_debt(100, due=8)
                    self._create_transaction(invoice, code, days_ago, state)
                    self.assertEqual(self._propose().item_ids.reason, reason)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_new_online_payment_counts_beside_an_old_transfer(self):
        invoice = self._create_debt(100, due=8)
        self._create_transaction(invoice, "custom", days_ago=30)
        self._create_transaction(invoice, "stripe", days_ago=1)
        self.assertEqual(self._item(self._propose(), invoice).reason, "payment_pending")

    def test_invoice_that_core_shows_as_in_payment_stops(self):
        invoice = self._create_debt(100, due=8)
        self.env.flush_all()
        # What core computes with an accounting add-on.
        self.env.cr.execute(
            "UPDATE account_move SET payment_state = 'in_payment' WHERE id = %s",
            [invoice.id],
        )
        self.env.invalidate_all()
        self._assert_reason(invoice, "payment_linked")

    def test_last_level_without_escalation_ends_the_ladder(self):
        self.escalation.unlink()
        invoice = self._create_debt(100, due=60)
        line = self._receivable(invoice)
        line.write({"dunning_level_id": self.final.id, "dunning_date": self._day(20)})
        self._assert_reason(invoice, "ladder_done")

    def test_outgoing_bank_line_stops_nothing(self):
        invoice = self._create_debt(100, due=8)
        self._create_bank_line(invoice.name, -100, partner_id=self.customer.id)
        self.assertEqual(self._propose().notice_ids.amount_total, 100)

    def test_old_bank_data_stop_until_somebody_gives_a_reason(self):
        invoice = self._create_debt(100, due=8)
        self._create_bank_line("old", -5, date=self._day(8))
        run = self._propose()
        self.assertEqual(self._item(run, invoice).reason, "stale_bank")
        run.stale_reason = "Bank is on strike, looked at the account myself"
        run.action_propose()
        self.assertEqual(run.notice_ids.amount_total, 100)
        self.assertEqual(len(self._send(run)), 1)

    def test_recent_bank_data_pass(self):
        self._create_debt(100, due=8)
        self._create_bank_line("fresh", -5, date=self._day(7))
        self.assertEqual(len(self._propose().notice_ids), 1)

    def test_old_data_of_a_journal_nobody_watches_pass(self):
        self._create_debt(100, due=8)
        self._create_bank_line("old", -5, date=self._day(80))
        self.company_data["default_journal_bank"].dunning_watch = False
        self.assertEqual(len(self._propose().notice_ids), 1)

    def test_customer_without_address_is_shown_not_skipped(self):
        self.customer.email = False
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "no_address")

    def test_invoice_address_is_the_recipient(self):
        billing = self.env["res.partner"].create(
            {
                "name": "Accounts payable",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "payable@example.com",
            }
        )
        self._create_debt(100, due=8)
        self.assertEqual(self._propose().notice_ids.contact_id, billing)

    def test_letter_reaches_customers_without_email(self):
        self.customer.write({"email": False, "street": "Mill Lane 1", "city": "York"})
        self.friendly.print_letter = True
        self._create_debt(100, due=8)
        self.assertEqual(len(self._propose().notice_ids), 1)

    def test_entry_without_due_date_is_shown(self):
        invoice = self._create_debt(100, due=8)
        line = self._receivable(invoice)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        self._assert_reason(invoice, "no_due_date")

    def test_company_without_policy_shows_why(self):
        self.company.dunning_policy_id = False
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "no_policy")

    def test_archived_policy_reminds_nobody(self):
        self.policy.active = False
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "no_policy")

    def test_policy_without_levels_shows_why(self):
        empty = self.env["dunning.policy"].create(
            {"name": "Empty", "company_id": self.company.id, "level_ids": []}
        )
        self.company.dunning_policy_id = empty
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "no_levels")

    def test_day_to_come_can_only_be_forecast(self):
        with self.assertRaises(ValidationError):
            self.env["dunning.run"].create(
                {"company_id": self.company.id, "date": self._day(-1)}
            )

    def test_comparison_group_is_dunned_once_letters_would_have_ended(self):
        self.policy.holdout_percent = 100
        self._create_debt(100, due=45)
        self.assertEqual(self._propose().notice_ids.level_id, self.friendly)

    def test_comparison_group_gets_nothing(self):
        self.policy.holdout_percent = 100
        invoice = self._create_debt(100, due=8)
        self._assert_reason(invoice, "hold_out")

    def test_vendor_bills_and_drafts_are_not_looked_at(self):
        self._create_debt(100, due=8, move_type="in_invoice")
        draft = self._create_debt(100, due=8)
        draft.button_draft()
        self.assertFalse(self._propose().item_ids)

    def test_other_company_is_not_looked_at(self):
        run = self._propose()
        self.assertEqual(run.company_id, self.company)
        other = self.setup_other_company()["company"]
        self._create_debt(100, due=8)
        run = self.env["dunning.run"].create({"company_id": other.id, "date": TODAY})
        run.action_propose()
        self.assertFalse(run.item_ids)

    # === POLICIES === #

    def test_levels_on_the_same_day_are_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.firm.days = 7
            self.env.flush_all()

    def test_escalation_must_be_the_last_level(self):
        with self.assertRaises(ValidationError):
            self.escalation.days = 20

    def test_tone_cannot_soften(self):
        with self.assertRaises(ValidationError):
            self.final.tone = "friendly"

    def test_automatic_mode_needs_levels(self):
        with self.assertRaises(ValidationError):
            self.env["dunning.policy"].create(
                {
                    "name": "Empty",
                    "company_id": self.company.id,
                    "level_ids": [],
                    "mode": "automatic",
                }
            )

    # === REPEATING === #

    def test_proposing_again_replaces_what_nobody_approved(self):
        self.policy.mode = "review"
        self._create_debt(100, due=8)
        run = self._propose()
        first = run.notice_ids
        run.action_propose()
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(len(run.notice_ids.filtered(lambda n: n.state == "review")), 1)

    def test_proposal_of_today_replaces_the_unreviewed_one_of_yesterday(self):
        self.policy.mode = "review"
        self._create_debt(100, due=8)
        yesterday = self._propose(self._day(1))
        self.assertEqual(yesterday.notice_ids.state, "review")
        today = self._propose()
        self.assertEqual(yesterday.state, "cancelled")
        self.assertEqual(yesterday.notice_ids.state, "cancelled")
        self.assertEqual(today.notice_ids.state, "review")

    def test_approved_notice_is_not_proposed_twice(self):
        self.policy.mode = "review"
        invoice = self._create_debt(100, due=8)
        first = self._propose()
        first.action_approve_all()
        second = self._propose()
        self.assertEqual(first.notice_ids.state, "approved")
        self.assertEqual(self._item(second, invoice).reason, "open_notice")

    def test_approval_that_nobody_sends_is_proposed_anew(self):
        self.policy.mode = "review"
        self._create_debt(100, due=8)
        first = self._propose()
        first.action_approve_all()
        later = self._propose("2026-06-19")
        self.assertEqual(first.notice_ids.state, "cancelled")
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(later.notice_ids.state, "review")

    def test_spot_check_of_a_sent_run_is_proposed_anew_and_waits_again(self):
        self.policy.spot_check_percent = 100
        self._create_debt(100, due=8)
        first = self._propose()
        first._send()
        later = self._propose("2026-06-19")
        self.assertEqual(first.notice_ids.state, "cancelled")
        self.assertEqual(first.state, "done")
        self.assertTrue(later.notice_ids.spot_check)

    def test_daily_run_tells_the_responsible_person_what_waits(self):
        self.policy.mode = "review"
        self._create_debt(100, due=8)
        runs = self.env["dunning.run"].sudo()
        first = runs._run_daily(self.company)
        self.assertEqual(first.activity_ids.user_id, self.accountant)
        self.assertFalse(runs._run_daily(self.company), "once a day")
        with freeze_time("2026-06-16 12:00:00"):
            second = runs._run_daily(self.company)
        self.assertFalse(first.activity_ids)
        self.assertEqual(second.activity_ids.user_id, self.accountant)

    def test_daily_run_sends_in_automatic_mode(self):
        self._create_debt(100, due=8)
        run = self.env["dunning.run"].sudo()._run_daily(self.company)
        self.assertEqual(run.state, "sending")
        self.assertFalse(run.activity_ids)

    def test_database_refuses_a_level_twice(self):
        self._create_debt(100, due=8)
        item = self._propose().item_ids.sudo()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            item.copy({"state": "open"})

    def test_run_that_is_sending_cannot_be_proposed_again(self):
        self._create_debt(100, due=8)
        run = self._propose()
        run._send()
        with self.assertRaises(UserError):
            run.action_propose()

    def test_error_in_one_company_leaves_the_others_their_proposal(self):
        other = self.setup_other_company()["company"]
        (self.company | other).dunning_automatic = True
        runs = self.env.registry["dunning.run"]
        propose = runs._propose

        def break_first(run):
            if run.company_id == self.company:
                raise ValueError("trouble")
            return propose(run)

        cron = self.env.ref("dunning_tiers.ir_cron_propose_dunning_run")
        with (
            patch.object(runs, "_propose", break_first),
            mute_logger("odoo.addons.dunning_tiers.models.dunning_run"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        companies = self.env["dunning.run"].sudo().search([]).company_id
        self.assertIn(other, companies)
        self.assertNotIn(self.company, companies)

    def test_forecast_writes_nothing(self):
        invoice = self._create_debt(100, due=0)
        self.env.flush_all()
        before = self._count_rows()
        debts = self.env["dunning.run"]._forecast(
            self.company, fields.Date.to_date("2026-06-25")
        )
        self.env.flush_all()
        self.assertEqual(self._count_rows(), before)
        [debt] = debts
        self.assertEqual(debt.move_id, invoice.id)
        self.assertEqual(debt.level.key, self.friendly.id)
        self.assertTrue(debt.sendable)

    def _count_rows(self):
        return [
            self.env[model].search_count([])
            for model in ("dunning.run", "dunning.item", "dunning.notice")
        ]

    def test_spot_checks_and_approval_wait_in_automatic_mode(self):
        self._create_debt(100, due=8)
        self.policy.spot_check_percent = 100
        notice = self._propose().notice_ids
        self.assertEqual(notice.state, "review")
        self.assertTrue(notice.spot_check)
        self.policy.spot_check_percent = 0
        self.friendly.needs_approval = True
        notice = self._propose().notice_ids
        self.assertEqual(notice.state, "review")
        self.assertFalse(notice.spot_check)
