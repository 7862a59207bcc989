from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .terms_common import TODAY, TermsCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermsStanding(TermsCommon):
    def test_turnover_paid_in_time_earns_gold(self):
        self._buy(9000)
        standing = self._judge()
        self.assertRecordValues(
            standing,
            [
                {
                    "grade_id": self.gold.id,
                    "points": 90,
                    "turnover": 9000,
                    "days_late": 0,
                    "disputes": 0,
                    "net_days": 45,
                }
            ],
        )
        self.assertIn("90 of 100 points", standing.reason_text)

    def test_w20_invoice_over_15_days_late_turns_gold_into_silver_once(self):
        self._buy(9000)
        with freeze_time("2026-11-10"):
            self._create_late(1000)
            self.assertEqual(self._judge().grade_id, self.gold)
        with freeze_time("2026-11-21"):
            self.assertEqual(self._judge().grade_id, self.gold)
        standing = self._judge()
        self.assertEqual(standing.grade_id, self.silver)
        self.assertIn("was 16 days late: one grade down", standing.reason_text)
        with freeze_time("2026-11-23"):
            self.assertEqual(self._judge().grade_id, self.silver)
        # First Gold, then Silver: newest first.
        standing.invalidate_recordset()
        self.assertEqual(standing.change_ids.grade_id, self.silver | self.gold)
        self.assertEqual(standing.change_ids[0].grade_from_id, self.gold)

    def test_grade_is_won_back_after_half_a_year_without_lateness(self):
        self._buy(9000, issued="2026-11-01")
        self._give(self.silver).write({"since": "2026-05-26"})
        standing = self._judge()
        self.assertEqual(standing.grade_id, self.gold)
        self.assertIn("after 180 days", standing.reason_text)

    def test_customer_who_waits_is_told_until_when(self):
        self._buy(9000, issued="2026-11-01")
        self._give(self.silver).write({"since": "2026-06-01"})
        standing = self._judge()
        self.assertEqual(standing.grade_id, self.silver)
        self.assertEqual(str(standing.next_review), "2026-11-28")
        self.assertIn("11/28/2026", standing.reason_text)

    def test_next_review_is_when_an_open_invoice_gets_too_late(self):
        self._create_late(days=10)
        self.assertEqual(str(self._judge().next_review), "2026-11-28")

    def test_invoice_counts_as_paid_on_the_day_of_its_payment(self):
        paid_late = self._create_invoice(1000, "2026-06-01", "2026-07-01")
        self._pay(paid_late, "2026-07-11")
        self.assertEqual(self._judge().days_late, 10)
        half_paid = self._create_invoice(1000, "2026-06-01", "2026-11-20")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=half_paid.ids
        ).create({"payment_date": "2026-08-01", "amount": 500})._create_payments()
        # Ten days, and two of the one that is half open.
        self.assertEqual(self._judge().days_late, 6)

    def test_goods_returned_late_are_no_late_payment(self):
        invoice = self._create_invoice(1000, "2026-06-01", "2026-07-01")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-06-20", "amount": 900})._create_payments()
        self._credit(invoice, 100, "2026-08-15")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._judge().days_late, 0)
        returned = self._create_invoice(500, "2026-06-01", "2026-07-01")
        self._credit(returned, 500, "2026-09-01")
        standing = self._judge()
        self.assertEqual(standing.days_late, 0)
        self.assertNotIn("late: one grade down", standing.reason_text)

    def _credit(self, invoice, amount, day):
        refund = invoice._reverse_moves([{"invoice_date": day, "date": day}])
        refund.invoice_line_ids.price_unit = amount
        refund.action_post()

    def test_credit_note_is_taken_off_the_turnover(self):
        invoice = self._buy(9000)
        refund = invoice._reverse_moves([{"invoice_date": "2026-10-01"}])
        refund.invoice_line_ids.price_unit = 4000
        refund.action_post()
        self.assertRecordValues(
            self._judge(), [{"turnover": 5000, "grade_id": self.silver.id}]
        )

    def test_policy_of_a_maker_counts_what_is_theirs(self):
        of_bela = self._create_policy(maker_id=self.bela.id)
        self._buy(9000)
        self._buy(5000, product=self.bowl)
        self.assertEqual(self._judge(policy=of_bela).turnover, 5000)
        self.assertEqual(self._judge().turnover, 14000)

    def test_dispute_that_another_addon_knows_of_costs_points(self):
        invoice = self._buy(9000)
        found = {invoice.id: invoice.invoice_date}
        Policy = type(self.policy)
        self.patch(Policy, "_get_disputes", lambda self, move_ids: found)
        self.assertRecordValues(self._judge(), [{"disputes": 1, "points": 80}])

    def test_branch_of_a_customer_is_judged_with_its_company(self):
        branch = self._create_partner("Branch", parent_id=self.customer.id)
        self._buy(9000, customer=branch)
        self.policy._judge_safely(self.policy._get_due_customers())
        self.assertEqual(self._get_standing().grade_id, self.gold)
        self.assertEqual(branch.standing_label, "Gold")

    def test_night_judges_each_customer_once_a_day(self):
        self._buy(9000)
        other = self._create_partner("Other")
        self._buy(100, customer=other)
        cron = self.env.ref("artisan_pricing.ir_cron_judge_customers")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        standings = self._get_standing() | self._get_standing(other)
        self.assertEqual(standings.grade_id, self.gold | self.bronze)
        self.assertFalse(self.policy._get_due_customers())
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(len(standings.change_ids), 2)
        with freeze_time("2026-11-23"):
            self.assertEqual(self.policy._get_due_customers(), other | self.customer)

    def test_one_customer_who_cannot_be_judged_does_not_stop_the_others(self):
        others = self.env["res.partner"]
        for number in range(3):
            others |= self._create_partner(f"Other {number}")
            self._buy(9000, customer=others[-1])
        self._buy(9000)
        bad = self._give(self.bronze, others[1])
        bad.judged_on = "2026-12-01"
        with mute_logger("odoo.addons.artisan_pricing.models.artisan_terms_policy"):
            self.policy._judge_safely(others | self.customer)
        good = self._get_standing(others[0]) | self._get_standing(others[2])
        self.assertEqual((good | self._get_standing()).grade_id, self.gold)
        self.assertEqual(bad.grade_id, self.bronze)

    def test_number_of_queries_does_not_grow_with_customers(self):
        customers = self.env["res.partner"]
        for number in range(12):
            customers |= self._create_partner(f"Other {number}")
            self._buy(1000, customer=customers[-1])
        self.env.flush_all()

        def count(partners):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.policy._judge(partners)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(customers[:1])
        self.assertLessEqual(count(customers[2:12]), count(customers[1:2]) + 1)

    def test_grades_without_a_lowest_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "first grade must need no points"):
            self.policy.grade_ids = [Command.delete(self.bronze.id)]

    def test_grade_that_goes_by_itself_is_refused_if_the_others_need_it(self):
        with self.assertRaisesRegex(ValidationError, "first grade must need no points"):
            self.bronze.unlink()

    def test_turnover_of_nothing_is_refused(self):
        with self.assertRaisesRegex(
            ValidationError, "turnover for 100 points must be above zero"
        ):
            self.policy.full_turnover = 0

    def test_higher_grade_with_the_shorter_term_is_refused(self):
        with self.assertRaisesRegex(
            ValidationError,
            "Gold has 10 days to pay: it must not have fewer than Silver",
        ):
            self.gold.net_days = 10

    def test_grades_that_change_together_are_checked_together(self):
        points = {self.silver: 85, self.gold: 90}
        self.policy.grade_ids = [
            Command.update(grade.id, {"min_score": score})
            for grade, score in points.items()
        ]
        self.assertEqual(self.silver.min_score, 85)

    def test_second_policy_for_the_same_makers_is_refused(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self._create_policy()

    def test_grade_and_policy_with_customers_are_kept(self):
        self._buy(9000)
        self._judge()
        with self.assertRaisesRegex(UserError, "has the grade Gold"):
            self.gold.unlink()
        with self.assertRaisesRegex(UserError, "archive it instead"):
            self.policy.unlink()

    def test_seller_sees_grades_and_changes_none(self):
        seller = new_test_user(
            self.env,
            "seller_of_terms",
            "artisan_pricing.group_artisan_user",
            company_id=self.company.id,
        )
        self._buy(9000)
        standing = self._judge().with_user(seller)
        self.assertEqual(standing.grade_id.name, "Gold")
        standing.action_judge()
        self.assertEqual(self.customer.with_user(seller).standing_label, "Gold")
        for record in (standing, standing.policy_id, standing.change_ids):
            with self.assertRaises(AccessError):
                record.write({"company_id": self.company.id})
            with self.assertRaises(AccessError):
                record.unlink()
        with self.assertRaises(AccessError):
            standing.policy_id.action_judge()

    def test_grades_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger_to_terms",
            "artisan_pricing.group_artisan_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        standing = self._give(self.gold)
        self._judge()
        for record in (standing, standing.change_ids, self.policy, self.gold):
            found = record.with_user(stranger).search([("id", "in", record.ids)])
            self.assertFalse(found, record._name)
