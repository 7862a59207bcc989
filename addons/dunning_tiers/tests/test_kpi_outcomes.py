from datetime import date

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import DunningCommon
from .ledger_common import TODAY

SENT_AT = "2026-06-01 12:00:00"
SENT_ON = 14  # days before today


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestKpiOutcomes(DunningCommon):
    def _remind(self, *moves, at=SENT_AT):
        """Send the next level of what is open, at a time before today."""
        with freeze_time(at):
            run = self._propose_and_send(fields.Date.to_date(at[:10]))
        sent = run.notice_ids.filtered(lambda notice: notice.state == "sent")
        for move in moves:
            self.assertIn(move, sent.item_ids.move_id)
        return sent

    def _matched_at(self, moment):
        """Say when the last matching was made: the clock of the database is not frozen."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE account_partial_reconcile SET create_date = %s
                WHERE id = (SELECT MAX(id) FROM account_partial_reconcile)""",
            [moment],
        )
        self.env.invalidate_all()

    def _figures(self, start=date(2026, 6, 1), end=TODAY):
        return self.env["dunning.kpi"]._get_figures(self.company, start, end)

    def _reminders(self, **kwargs):
        period = self._figures(**kwargs)["period"]
        return period["reminders_sent"], period["reminders_wrong"]

    def test_payment_of_before_that_is_matched_later_makes_a_reminder_wrong(self):
        early = self._create_debt(100, due=SENT_ON + 8)
        same_day = self._create_debt(200, due=SENT_ON + 8)
        next_day = self._create_debt(300, due=SENT_ON + 8)
        open_still = self._create_debt(400, due=SENT_ON + 8)
        self._remind(early, same_day, next_day, open_still)
        for move, days in ((early, 16), (same_day, 14), (next_day, 13)):
            self._pay(move, days)
            self._matched_at("2026-06-03 09:00:00")
        self.assertEqual(self._reminders(), (4, 2))
        self.assertEqual(self._figures()["period"]["wrong_reminder_rate"], 50)

    def test_part_paid_and_matched_before_is_no_fault_of_the_reminder(self):
        invoice = self._create_debt(100, due=SENT_ON + 8)
        self._pay(invoice, SENT_ON + 2, amount=40)
        self._matched_at("2026-05-31 09:00:00")
        self._remind(invoice)
        self.assertEqual(self._reminders(), (1, 0))

    def test_credit_note_of_before_makes_a_reminder_wrong(self):
        before = self._create_debt(100, due=SENT_ON + 8)
        after = self._create_debt(200, due=SENT_ON + 8)
        self._remind(before, after)
        for move, days in ((before, SENT_ON + 1), (after, SENT_ON - 1)):
            self._match(move, self._create_credit_note(move.amount_total, days))
            self._matched_at("2026-06-10 09:00:00")
        self.assertEqual(self._reminders(), (2, 1))
        # Nobody was to pay these any more.
        self.assertFalse(self._figures()["levels"])

    def test_reminder_marked_by_a_person_is_wrong(self):
        notice = self._remind(self._create_debt(100, due=SENT_ON + 8))
        self.assertEqual(self._reminders(), (1, 0))
        notice.was_wrong = True
        self.assertEqual(self._reminders(), (1, 1))

    def test_notice_that_came_back_is_not_sent(self):
        notice = self._remind(self._create_debt(100, due=SENT_ON + 8))
        notice.sudo()._fail("550 unknown")
        self.assertEqual(self._reminders(), (0, 0))
        self.assertIsNone(self._figures()["period"]["wrong_reminder_rate"])

    def test_reminder_counts_on_its_day_in_the_zone_of_the_company(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"  # UTC+14
        self._remind(self._create_debt(100, due=SENT_ON + 8))
        sent_on = date(2026, 6, 2)
        self.assertEqual(self._reminders(start=sent_on, end=sent_on), (1, 0))
        self.assertEqual(self._reminders(end=date(2026, 6, 1)), (0, 0))

    def test_days_to_pay_are_counted_from_the_notice(self):
        fast, slow, never = (
            self._create_debt(amount, due=SENT_ON + 8) for amount in (100, 200, 300)
        )
        self._remind(fast, slow, never)
        self._pay(fast, SENT_ON - 2)
        self._pay(slow, SENT_ON - 8)
        [level] = self._figures()["levels"]
        self.assertEqual(level["level_id"], self.friendly.id)
        shown = ("count", "paid", "mean", "median", "held_out_count", "days_gained")
        self.assertEqual([level[name] for name in shown], [3, 2, 5, 8, 0, None])

    def test_each_level_counts_from_its_own_notice(self):
        invoice = self._create_debt(100, due=SENT_ON + 8)
        self._remind(invoice)
        self._remind(invoice, at="2026-06-09 12:00:00")
        self._pay(invoice, 2)  # 13 June
        levels = self._figures()["levels"]
        self.assertEqual(
            [(level["level_id"], level["median"]) for level in levels],
            [(self.friendly.id, 12), (self.firm.id, 4)],
        )

    def test_comparison_group_counts_from_the_day_a_level_would_be_reached(self):
        self.policy.holdout_percent = 100
        invoice = self._create_debt(100, due=SENT_ON + 8)
        late = self._create_debt(200, due=SENT_ON + 8)
        for day in ("2026-06-01", "2026-06-02"):
            self._propose(day)  # noted again every day, counted once
        self.policy.holdout_percent = 0
        self._pay(invoice, 10)  # 5 June: before level 2 would be reached
        self._pay(late, 1)  # 14 June
        friendly, firm = self._figures()["levels"]
        # Due on 24 May: first level 31 May, noted on 1 June; second level 7 June.
        self.assertEqual(friendly["level_id"], self.friendly.id)
        self.assertEqual(
            (friendly["held_out_count"], friendly["held_out_mean"]), (2, (4 + 13) / 2)
        )
        self.assertEqual(firm["level_id"], self.firm.id)
        self.assertEqual((firm["held_out_count"], firm["held_out_mean"]), (1, 7))
        self.assertEqual(firm["count"], 0)

    def test_comparison_group_is_not_forgotten_with_old_proposals(self):
        self.policy.holdout_percent = 100
        held_out = self._create_debt(100, due=SENT_ON + 8)
        credited = self._create_debt(50, due=SENT_ON + 8, partner_id=self.partner_a)
        self.partner_a.dunning_policy_id = self._create_policy(name="Without share")
        self.env["account.move"].browse(credited.id).no_followup = True
        run = self._propose("2026-06-01")
        self.assertEqual(
            run.item_ids.grouped("move_id").keys() & {held_out, credited},
            {held_out, credited},
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dunning_item SET create_date = '2026-01-01' WHERE run_id = %s",
            [run.id],
        )
        self.env.invalidate_all()
        self.env["dunning.run"].sudo()._gc_items()
        self.assertEqual(run.item_ids.move_id, held_out)

    def test_days_gained_compare_both_groups(self):
        other = self._create_customer("Left alone", email="alone@example.com")
        reminded = self._create_debt(100, due=SENT_ON + 8)
        alone = self._create_debt(100, due=SENT_ON + 8, partner_id=other)
        other.dunning_policy_id = self._create_policy(
            name="None at all", holdout_percent=100
        )
        self._remind(reminded)
        self._pay(reminded, 12)
        self._pay(alone, 4)
        levels = {level["level_id"]: level for level in self._figures()["levels"]}
        self.assertEqual(levels[self.friendly.id]["median"], 2)
        first = other.dunning_policy_id.level_ids[0]
        self.assertEqual(levels[first.id]["held_out_median"], 10)

    def test_promises_count_on_the_promised_day(self):
        days = {"kept": (3, 20, 60), "broken": (5,), "active": (-3,), "expired": (4,)}
        for state, promised in days.items():
            self.env["dunning.hold"].sudo().create(
                [
                    {
                        "company_id": self.company.id,
                        "partner_id": self.customer.id,
                        "kind": "promise" if state != "expired" else "other",
                        "reason": "On the phone",
                        "date_from": self._day(70),
                        "date_end": self._day(day),
                        "state": state,
                    }
                    for day in promised
                ]
            )
        period = self._figures(start=date(2026, 5, 1))["period"]
        self.assertEqual((period["promises_kept"], period["promises_broken"]), (2, 1))
        self.assertAlmostEqual(float(period["promise_kept_rate"]), 200 / 3)
        self.assertIsNone(self._figures(start=TODAY)["period"]["promise_kept_rate"])

    def test_screen_shows_rates_and_levels(self):
        invoice = self._create_debt(100, due=SENT_ON + 8)
        self._remind(invoice)
        self._pay(invoice, SENT_ON + 1)
        self._matched_at("2026-06-03 09:00:00")
        second = self._create_debt(100, due=SENT_ON + 8)
        self._remind(second, at="2026-06-05 12:00:00")
        self._pay(second, 2)
        Screen = self.env["dunning.kpi"].with_user(self.accountant)
        screen = Screen.browse(Screen.action_open()["res_id"])
        self.assertRecordValues(
            screen.period_ids,
            [
                {
                    "reminders_sent": 2,
                    "reminders_wrong": 1,
                    "wrong_reminder_rate": 50,
                    "promises_kept": 0,
                }
            ],
        )
        self.assertRecordValues(
            screen.level_ids,
            [
                {
                    "company_id": self.company.id,
                    "level_id": self.friendly.id,
                    "policy_id": self.policy.id,
                    "count": 1,
                    "paid": 1,
                    "median": 8,
                }
            ],
        )

    def test_queries_do_not_grow_with_reminders(self):
        def count_queries():
            self._figures()  # names of levels and users are in the cache then
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._figures()
            return self.env.cr.sql_log_count - before

        self._remind(self._create_debt(100, due=SENT_ON + 8))
        few = count_queries()
        moves = [self._create_debt(100 + n, due=SENT_ON + 8) for n in range(8)]
        self._remind(*moves, at="2026-06-05 12:00:00")
        self._pay(moves[0], 1)
        self.assertEqual(few, 7)
        self.assertEqual(count_queries(), few)
        self.assertEqual(self._reminders(), (9, 0))
