from odoo.tests import freeze_time, tagged

from .simulation_common import SimulationCommon


@freeze_time("2026-06-15 12:00:00")
@tagged("post_install", "-at_install")
class TestSimulationFigures(SimulationCommon):
    # Figures

    def test_debt_that_nobody_paid_gets_each_level_once(self):
        self._create_debt(100, due=60, date=90)
        self._record_on_date()
        replay = self._simulate()
        self.assertEqual(
            self._counts(replay), {7: (1, 0), 14: (1, 0), 30: (1, 0), 45: (1, 0)}
        )
        self.assertRecordValues(
            replay,
            [
                {
                    "state": "done",
                    "reminder_count": 3,
                    "escalation_count": 1,
                    "wrong_count": 0,
                    "amount_asked": 300,
                    "customer_count": 1,
                    "over_count": 0,
                    "first_date": self._day(53),
                    "last_date": self._day(15),
                }
            ],
        )

    def test_customers_with_more_reminders_than_the_limit_are_counted(self):
        self._create_debt(100, due=60, date=90)
        other = self._create_customer("Oak")
        self._create_debt(100, due=10, date=40, partner_id=other)
        self._record_on_date()
        self.assertEqual(self._simulate(max_reminders=2).over_count, 1)
        self.assertEqual(self._simulate(max_reminders=3).over_count, 0)
        self.assertEqual(self._simulate(max_reminders=0).over_count, 2)

    def test_reminder_after_the_money_moved_is_wrong_when_recorded_later(self):
        # The first level is reached 23 days ago, the second 16 days ago.
        late = self._create_debt(100, due=30, date=60)
        self._pay(late, date=24)
        oak = self._create_customer("Oak")
        in_time = self._create_debt(80, due=30, date=60, partner_id=oak)
        self._pay(in_time, date=24)
        self._record_on_date()
        self._record_payment(late, self._day(20))
        replay = self._simulate()
        self.assertEqual(self._counts(replay)[7], (1, 1))
        self.assertEqual(self._counts(replay)[14], (0, 0))
        self.assertEqual(replay.wrong_share, 100)
        self.assertEqual(replay.amount_wrong, 100)

    def test_credit_note_dated_before_makes_a_reminder_wrong(self):
        invoice = self._create_debt(100, due=30, date=60)
        self._match(invoice, self._create_credit_note(40, date=24))
        self._record_on_date()
        self._record_payment(invoice, self._day(20))
        replay = self._simulate(date_to=self._day(20))
        self.assertEqual(self._counts(replay)[7], (1, 1))
        self.assertEqual(replay.amount_wrong, 40)

    def test_recorded_payment_stops_reminders_before_it_is_matched(self):
        invoice = self._create_debt(100, due=30, date=60)
        self._pay(invoice, date=24)
        self._record_on_date()
        self._record_payment(invoice, self._day(23), matched=self._day(5))
        self.assertEqual(self._simulate().reminder_count, 0)
        self._record_payment(invoice, self._day(22), matched=self._day(5))
        self.assertEqual(self._counts(self._simulate())[7], (1, 1))

    def test_payment_that_is_matched_with_nothing_stops_reminders_from_its_day(self):
        self._create_debt(100, due=30, date=60)
        payment = self._create_payment(100, date=20)
        self._record_on_date()
        replay = self._simulate()
        self.assertEqual(self._counts(replay)[7], (1, 0))
        self.assertEqual(self._counts(replay)[14], (0, 0))
        self._set_recorded(payment.move_id.line_ids, self._day(15))
        self.assertEqual(self._counts(self._simulate())[14], (1, 1))

    def test_invoice_is_reminded_only_once_it_is_recorded(self):
        invoice = self._create_debt(100, due=30, date=60)
        self._record_on_date()
        self._set_recorded(invoice, self._day(10))
        self.assertEqual(self._simulate().first_date, self._day(10))

    def test_invoice_marked_no_follow_up_gets_nothing(self):
        self._create_debt(100, due=30, date=60).no_followup = True
        self._record_on_date()
        self.assertEqual(self._simulate().reminder_count, 0)

    def test_instalments_climb_one_by_one(self):
        terms = self.pay_terms_b  # 30 % now, the rest at the end of the next month
        self._create_debt(100, due=0, date=100, invoice_payment_term_id=terms)
        self._record_on_date()
        self.policy.level_ids.filtered(lambda level: level.days > 7).unlink()
        replay = self._simulate()
        self.assertEqual(replay.reminder_count, 2)
        self.assertEqual(replay.amount_asked, 100)

    def test_currencies_are_added_in_the_companys_only(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._create_debt(100, due=10, date=40)
        self._create_debt(100, due=10, date=40, currency_id=euro)
        self._record_on_date()
        replay = self._simulate()
        self.assertEqual(replay.currency_id, self.company.currency_id)
        self.assertEqual(replay.reminder_count, 2)
        self.assertEqual(replay.amount_asked, 150)
        self.assertEqual(sum(replay.line_ids.mapped("amount_asked")), 150)

    def test_exchange_difference_is_no_payment_and_leaves_nothing_open(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-05-25", 4.0)]
        )
        invoice = self._create_debt(100, due=30, date=60, currency_id=euro)
        self._pay(invoice, date=10, currency_id=euro.id)
        self.assertTrue(
            self._receivable(invoice).matched_credit_ids.exchange_move_id,
        )
        self._record_on_date()
        replay = self._simulate()
        self.assertEqual(self._counts(replay)[7], (1, 0))
        self.assertEqual(self._counts(replay)[14], (1, 0))
        self.assertEqual(self._counts(replay)[30], (0, 0))
        self.assertEqual(replay.amount_asked, 100)

    def test_comparison_group_of_the_policy_gets_nothing(self):
        self._create_debt(100, due=30, date=60)
        self._record_on_date()
        self.policy.holdout_percent = 100
        self.assertEqual(self._simulate().reminder_count, 0)

    def test_rows_by_month_add_up_to_those_of_the_period(self):
        self._create_debt(100, due=60, date=90)
        self._create_debt(50, due=20, date=50, partner_id=self.partner_b)
        self._record_on_date()
        replay = self._simulate()
        months = replay.month_line_ids
        self.assertEqual({m.day for m in months.mapped("month")}, {1})
        for line in replay.line_ids:
            same = months.filtered(lambda row, line=line: row.level_id == line.level_id)
            self.assertEqual(sum(same.mapped("notice_count")), line.notice_count)
            self.assertEqual(sum(same.mapped("amount_asked")), line.amount_asked)

    # Two policies

    def test_two_policies_stand_side_by_side(self):
        gentle = self._create_policy(
            name="Gentle", send_weekends=True, respect_holidays=False
        )
        gentle.level_ids.filtered(lambda level: level.days < 30).unlink()
        invoice = self._create_debt(100, due=40, date=70)
        self._pay(invoice, date=28)
        self._record_on_date()
        self._record_payment(invoice, self._day(20))
        replay = self._simulate(compare_policy_id=gentle.id)
        self.assertEqual(self._counts(replay)[7], (1, 0))
        self.assertEqual(self._counts(replay)[14], (1, 1))
        self.assertEqual(self._counts(replay, gentle), {30: (0, 0), 45: (0, 0)})
        self.assertRecordValues(
            replay,
            [
                {
                    "reminder_count": 2,
                    "wrong_count": 1,
                    "wrong_share": 50,
                    "compare_reminder_count": 0,
                    "compare_wrong_count": 0,
                    "compare_first_date": False,
                }
            ],
        )

    def test_replay_again_replaces_the_figures(self):
        self._create_debt(100, due=30, date=60)
        self._record_on_date()
        replay = self._simulate()
        lines = replay.line_ids | replay.month_line_ids
        replay.action_run()
        self.assertFalse(lines.exists())
        self.assertEqual(len(replay.line_ids), 4)
        self.assertEqual(self._counts(replay)[7], (1, 0))

    def test_change_clears_the_figures(self):
        self._create_debt(100, due=30, date=60)
        self._record_on_date()
        replay = self._simulate()
        replay.action_draft()
        self.assertFalse(replay.line_ids | replay.month_line_ids)
        self.assertRecordValues(
            replay, [{"state": "draft", "reminder_count": 0, "first_date": False}]
        )

    def test_policy_without_levels_sends_nothing(self):
        self._create_debt(100, due=30, date=60)
        self._record_on_date()
        self.policy.mode = "review"
        self.policy.level_ids.unlink()
        replay = self._simulate()
        self.assertFalse(replay.line_ids)
        self.assertEqual(replay.reminder_count, 0)

    # Imported ledgers

    def test_imported_ledger_is_noticed(self):
        invoice = self._create_debt(100, due=80, date=110)
        self._pay(invoice, date=60)
        self._record_on_date()
        self.assertFalse(self._simulate().has_late_records)
        self._record_payment(invoice, self._day(1))
        self._set_recorded(invoice, self._day(1))
        replay = self._simulate()
        self.assertEqual(replay.late_share, 100)
        self.assertTrue(replay.has_late_records)

    def test_fixed_delay_stands_for_what_an_imported_ledger_forgot(self):
        invoice = self._create_debt(100, due=80, date=110)
        self._pay(invoice, date=74)
        self._record_on_date()
        self._record_payment(invoice, self._day(1))
        self._set_recorded(invoice, self._day(1))
        # Paid 74 days ago; the first level is reached 73 days ago.
        for delay, expected in [(0, (0, 0)), (1, (0, 0)), (2, (1, 1))]:
            replay = self._simulate(known_by="delay", bank_delay_days=delay)
            self.assertEqual(self._counts(replay)[7], expected)
            self.assertFalse(replay.has_late_records)
