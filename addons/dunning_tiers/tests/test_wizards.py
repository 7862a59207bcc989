from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import DunningCommon
from .ledger_common import TODAY


class WizardCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.mode = "review"
        cls.manager = new_test_user(
            cls.env,
            "manager_of_dunning",
            "dunning_tiers.group_dunning_manager",
            company_id=cls.company.id,
            email="manager@example.com",
            tz="UTC",
        )
        cls.invoice = cls._create_debt(100, due=8)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestForecastWizard(WizardCommon):
    def _forecast(self, date, **kwargs):
        wizard = (
            self.env["dunning.forecast.wizard"]
            .with_user(self.accountant)
            .create({"company_id": self.company.id, "date": date, **kwargs})
        )
        action = wizard.action_forecast()
        return self.env[action["res_model"]].search(action["domain"])

    def test_forecast_shows_what_a_later_day_brings(self):
        later = self._create_debt(50, due=-3)
        lines = self._forecast(TODAY)
        self.assertEqual(lines.move_id, self.invoice)
        lines = self._forecast(TODAY + timedelta(days=10))
        self.assertRecordValues(
            lines.sorted("amount_asked"),
            [
                {"move_id": later.id, "verdict": "send", "days_overdue": 7},
                {"move_id": self.invoice.id, "verdict": "send", "days_overdue": 18},
            ],
        )

    def test_forecast_says_why_not(self):
        self.invoice.no_followup = True
        line = self._forecast(TODAY)
        self.assertEqual(line.verdict, "stopped")
        self.assertEqual(line.reason_text, "Marked 'No follow-up' on the entry")

    def test_forecast_of_a_later_day_does_not_blame_the_bank_for_its_future(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY,
                "payment_ref": "Card takings",
                "amount": 12.0,
            }
        )
        line = self._forecast(TODAY + timedelta(days=20))
        self.assertEqual(line.verdict, "send")

    def test_forecast_writes_no_dunning_record(self):
        models = ("dunning.run", "dunning.item", "dunning.notice", "dunning.hold")
        before = [self.env[model].search_count([]) for model in models]
        self._forecast(TODAY + timedelta(days=30))
        after = [self.env[model].search_count([]) for model in models]
        self.assertEqual(before, after)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestStartWizard(WizardCommon):
    def _start(self, **kwargs):
        wizards = self.env["dunning.start.wizard"].with_user(self.manager)
        with Form(wizards.with_company(self.company)) as form:
            for name, value in kwargs.items():
                form[name] = value
        return form.record

    def test_start_from_nothing_makes_a_policy_in_review_and_a_first_proposal(self):
        self.company.dunning_policy_id = False
        wizard = self._start(first_days=5, minimum_amount=25)
        action = wizard.action_set_up_and_propose()
        policy = self.company.dunning_policy_id
        self.assertNotEqual(policy, self.policy)
        self.assertRecordValues(
            policy,
            [
                {
                    "mode": "review",
                    "user_id": self.manager.id,
                    "minimum_amount": 25.0,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(policy.level_ids.mapped("days"), [5, 14, 30, 45])
        self.assertTrue(self.company.dunning_automatic)
        run = self.env["dunning.run"].browse(action["res_id"])
        self.assertEqual(run.state, "review")
        self.assertEqual(run.item_ids.move_id, self.invoice)

    def test_start_without_values_takes_those_of_the_policy(self):
        wizard = self.env["dunning.start.wizard"].with_user(self.manager).create({})
        self.assertEqual(wizard.user_id, self.accountant)
        self.assertEqual(wizard.escalation_days, 45)

    def test_start_adapts_the_policy_that_is_there(self):
        wizard = self._start(user_id=self.accountant)
        self.assertEqual(wizard.second_days, 14)
        later = {
            "first_days": 14,
            "second_days": 30,
            "final_days": 45,
            "escalation_days": 60,
        }
        wizard.write(later)
        wizard.action_set_up()
        self.assertEqual(self.policy.level_ids.mapped("days"), [14, 30, 45, 60])
        self.assertEqual(self.policy.level_ids[0], self.friendly)
        self.assertEqual(self.policy.user_id, self.accountant)
        earlier = {"first_days": 3, "second_days": 14, "final_days": 20}
        wizard.write({**earlier, "escalation_days": 70})
        wizard.action_set_up()
        self.assertEqual(self.policy.level_ids.mapped("days"), [3, 14, 20, 70])

    def test_start_leaves_a_ladder_of_its_own_alone(self):
        self.firm.unlink()
        wizard = self._start(minimum_amount=40)
        self.assertTrue(wizard.has_own_ladder)
        wizard.action_set_up()
        self.assertEqual(self.policy.level_ids.mapped("days"), [7, 30, 45])
        self.assertEqual(self.policy.minimum_amount, 40)

    def test_start_refuses_steps_out_of_order(self):
        with self.assertRaisesRegex(ValidationError, "after the one before"):
            self._start(first_days=20)

    def test_start_watches_only_the_chosen_bank_journals(self):
        bank = self.company_data["default_journal_bank"]
        other = bank.copy({"code": "BNKX", "name": "Savings"})
        self.assertTrue(other.dunning_watch)
        wizard = self._start()
        self.assertIn(other, wizard.journal_ids)
        wizard.journal_ids = [Command.unlink(other.id)]
        wizard.action_set_up()
        self.assertTrue(bank.dunning_watch)
        self.assertFalse(other.dunning_watch)

    def test_start_counts_overdue_invoices_and_customers_without_email(self):
        silent = self._create_customer("No Address")
        self._create_debt(70, due=3, partner_id=silent)
        self._create_debt(40, due=0, partner_id=silent)
        wizard = self._start()
        self.assertRecordValues(
            wizard,
            [
                {
                    "overdue_count": 2,
                    "overdue_amount": 170.0,
                    "customer_count": 2,
                    "no_email_ids": silent.ids,
                    "has_owner_email": bool(self.policy.user_id.email),
                    "has_statements": False,
                }
            ],
        )

    def test_only_a_manager_may_start(self):
        with self.assertRaises(AccessError):
            self.env["dunning.start.wizard"].with_user(self.accountant).create({})


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestCollectionWizard(WizardCommon):
    def _hand_over(self):
        action = self.customer.with_user(self.manager).action_hand_to_collection()
        wizards = self.env["dunning.collection.wizard"].with_user(self.manager)
        with Form(wizards.with_context(**action["context"])) as form:
            form.reason = "Three calls, no answer"
        hold = form.record.action_hand_over()
        return self.env["dunning.hold"].browse(hold["res_id"])

    def test_collection_closes_open_notices_and_stops_proposals(self):
        notice = self._propose().notice_ids
        hold = self._hand_over()
        self.assertRecordValues(
            hold, [{"kind": "collection", "state": "active", "date_end": False}]
        )
        self.assertEqual((notice.state, notice.reason), ("skipped", "collection"))
        self._assert_reason(self.invoice, "collection")

    def test_collection_lists_what_to_hand_over_in_an_activity(self):
        run = self._propose()
        run.action_approve_all()
        self._send(run)
        hold = self._hand_over()
        activity = hold.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, TODAY + timedelta(days=7))
        for text in (self.invoice.name, run.notice_ids.name, "Three calls"):
            self.assertIn(text, activity.note)
        self.assertIn(f'data-oe-id="{hold.id}"', self.customer.message_ids[0].body)

    def test_collection_closes_the_escalation(self):
        self.policy.level_ids.filtered(lambda level: level.kind == "notice").unlink()
        self.escalation.days = 5
        run = self._propose()
        run.action_approve_all()
        self._send(run)
        self.assertEqual(run.notice_ids.state, "sent")
        self._hand_over()
        self.assertTrue(run.notice_ids.escalation_closed)
        self.assertFalse(run.notice_ids.activity_ids)

    def test_customer_who_owes_nothing_is_not_handed_over(self):
        self._pay(self.invoice, date=0)
        with self.assertRaisesRegex(UserError, "owes nothing"):
            self._hand_over()

    def test_only_a_manager_hands_over_to_collection_or_takes_back(self):
        with self.assertRaises(AccessError):
            self.env["dunning.collection.wizard"].with_user(self.accountant).create(
                {"partner_id": self.customer.id, "reason": "No answer"}
            )
        vals = {
            "partner_id": self.customer.id,
            "kind": "collection",
            "reason": "No answer",
        }
        holds = self.env["dunning.hold"].with_user(self.accountant)
        with self.assertRaises(AccessError):
            holds.create(vals)
        hold = self._hand_over()
        with self.assertRaises(AccessError):
            hold.with_user(self.accountant).action_release()
        self.assertEqual(hold.state, "active")


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestWriteoffWizard(WizardCommon):
    def _write_off(self, moves, **amounts):
        action = moves.with_user(self.manager).action_propose_dunning_writeoff()
        wizards = self.env["dunning.writeoff.wizard"].with_user(self.manager)
        with Form(wizards.with_context(**action["context"])) as form:
            form.reason = "Insolvent, no assets"
            form.account_id = self.company_data["default_account_expense"]
            for index, amount in amounts.items():
                with form.line_ids.edit(int(index.removeprefix("line"))) as line:
                    line.amount = amount
        entry = form.record.action_propose()
        return self.env["account.move"].browse(entry["res_id"])

    def test_write_off_is_a_draft_that_settles_nothing(self):
        entry = self._write_off(self.invoice)
        self.assertRecordValues(
            entry, [{"state": "draft", "move_type": "entry", "amount_total": 100.0}]
        )
        self.assertEqual(self.invoice.amount_residual, 100)
        debit = entry.line_ids.filtered("debit")
        self.assertEqual(debit.account_id, self.company_data["default_account_expense"])
        self.assertEqual(
            (entry.line_ids - debit).account_id,
            self._receivable(self.invoice).account_id,
        )

    def test_posted_and_matched_write_off_settles_the_invoice(self):
        entry = self._write_off(self.invoice)
        entry.action_post()
        self._match(entry, self.invoice)
        self.assertTrue(self.invoice.currency_id.is_zero(self.invoice.amount_residual))

    def test_part_in_foreign_currency_is_written_off_at_the_rate_of_the_books(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        foreign = self._create_debt(80, due=8, currency_id=euro)
        entry = self._write_off(foreign, line0=30)
        credit = entry.line_ids.filtered("credit")
        self.assertRecordValues(
            credit, [{"currency_id": euro.id, "amount_currency": -30, "balance": -15}]
        )
        self.assertEqual(sum(entry.line_ids.mapped("balance")), 0)

    def test_write_off_takes_only_the_chosen_invoices(self):
        other = self._create_debt(60, due=20)
        entry = self._write_off(self.invoice)
        self.assertEqual(entry.amount_total, 100)
        self.assertNotIn("write off", "".join(other.message_ids.mapped("body")))

    def test_write_off_is_logged_with_its_reason_on_customer_and_invoice(self):
        self._write_off(self.invoice)
        for record in (self.customer, self.invoice):
            self.assertIn("Insolvent, no assets", record.message_ids[0].body)

    def test_no_more_than_what_is_open_is_written_off(self):
        with self.assertRaisesRegex(ValidationError, self.invoice.name):
            self._write_off(self.invoice, line0=101)

    def test_invoices_of_two_customers_are_not_written_off_together(self):
        other = self._create_debt(
            60, due=20, partner_id=self._create_customer("Another")
        )
        with self.assertRaisesRegex(UserError, "one customer"):
            (self.invoice + other).action_propose_dunning_writeoff()

    def test_only_a_manager_proposes_a_write_off(self):
        with self.assertRaises(AccessError):
            self.env["dunning.writeoff.wizard"].with_user(self.accountant).create({})
