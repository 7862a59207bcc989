from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .simulation_common import SimulationCommon

#: Mondays from 4 May to 15 June 2026 without Memorial Day, a day off in the US.
MONDAYS = [
    fields.Date.to_date(day)
    for day in (
        "2026-05-04",
        "2026-05-11",
        "2026-05-18",
        "2026-06-01",
        "2026-06-08",
        "2026-06-15",
    )
]


@freeze_time("2026-06-15 12:00:00")
@tagged("post_install", "-at_install")
class TestSimulationRuns(SimulationCommon):
    # Simulator and real runs

    def test_simulated_day_is_what_a_real_run_proposes(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self._create_debt(100, due=8)
        self._create_debt(60, due=50)
        self._create_debt(70, due=9, currency_id=euro)
        self._create_debt(100, due=6)
        names = ("Credited", "Covered", "Small", "Part paid", "Later", "Marked")
        credited, covered, small, part, later, marked = (
            self._create_customer(name, email=f"{name[0]}@example.com")
            for name in names
        )
        self._create_debt(100, due=20, partner_id=credited)
        self._create_payment(30, date=3, partner=credited)
        self._create_debt(100, due=20, partner_id=covered)
        self._create_credit_note(120, date=3, partner_id=covered)
        self._create_debt(9, due=20, partner_id=small)
        self._pay(self._create_debt(90, due=20, partner_id=part), date=2, amount=40)
        self._create_debt(90, due=-5, partner_id=later)
        self._create_debt(90, due=20, partner_id=marked).no_followup = True
        self._record_on_date()
        for change in (
            {},
            {"unmatched_credit": "net"},
            {"unmatched_credit": "net", "minimum_amount": 71},
            {"grouping": "highest"},
        ):
            with self.subTest(change=change):
                self.policy.write(change)
                run = self._propose()
                real = self._get_real_notices(run)
                self.assertTrue(real)
                self.assertEqual(self._get_replayed_notices(self._day(0)), real)
                run.action_cancel()

    def test_replayed_weeks_are_what_real_runs_sent(self):
        self.policy.write({"send_weekends": False, "respect_holidays": True})
        # Their business hours are open at the noon at which runs are made.
        oak = self._create_customer("Oak", email="oak@example.com", tz="UTC")
        elm = self._create_customer("Elm", email="elm@example.com", tz="UTC")
        self._create_debt(500, due=100)
        self._create_debt(80, due=30, date=60)
        paid = self._create_debt(120, due=45, date=75, partner_id=oak)
        self._create_debt(70, due=38, date=68, partner_id=oak)
        credited = self._create_debt(90, due=45, date=75, partner_id=elm)
        self._record_on_date()
        real = []
        for monday in MONDAYS:
            with freeze_time(f"{monday} 12:00:00"):
                real += self._get_real_notices(self._propose_and_send(monday))
                # What comes in after a run is recorded on the day after it.
                after = (self._day(0) - monday).days - 1
                if monday == MONDAYS[1]:
                    self._pay(paid, date=after)
                elif monday == MONDAYS[2]:
                    payment = self._create_payment(90, date=after, partner=elm)
                elif monday == MONDAYS[4]:
                    self._match(credited, payment.move_id)
        self._record_on_date()
        partials = self._receivable(credited).matched_credit_ids
        self._set_recorded(partials, MONDAYS[4] + timedelta(days=1))
        self.assertEqual({n[3].days for n in real}, {7, 14, 30, 45})
        self.assertEqual(
            self._get_replayed_notices(MONDAYS[0], run_weekday="0"),
            sorted(real, key=str),
        )

    def _get_real_notices(self, run):
        notices = run.notice_ids.filtered(lambda n: n.state in ("approved", "sent"))
        return sorted(
            (
                (
                    notice.date,
                    notice.partner_id,
                    notice.currency_id,
                    notice.level_id,
                    notice.item_ids.move_line_id.sorted("id"),
                    notice.amount_items,
                )
                for notice in notices
            ),
            key=str,
        )

    def _get_replayed_notices(self, start, **kwargs):
        replay = self.Simulation.create(
            {
                "policy_id": self.policy.id,
                "date_from": start,
                "date_to": self._day(0),
                **kwargs,
            }
        )
        notices = replay._replay(self.policy, replay._read_history(self.policy))
        env = self.env
        return sorted(
            (
                (
                    notice.day,
                    env["res.partner"].browse(notice.customer),
                    env["res.currency"].browse(notice.currency),
                    env["dunning.level"].browse(notice.level.key),
                    env["account.move.line"].browse(
                        sorted(key for key, _level in notice.items)
                    ),
                    float(notice.amount),
                )
                for notice in notices
            ),
            key=str,
        )

    # What it costs, and what it touches

    def test_number_of_queries_does_not_grow_with_the_ledger(self):
        def count():
            self.env.invalidate_all()
            replay = self.Simulation.create(
                {
                    "policy_id": self.policy.id,
                    "date_from": "2026-01-01",
                    "date_to": self._day(0),
                }
            )
            self.env.flush_all()
            before = self.cr.sql_log_count
            replay.action_run()
            self.env.flush_all()
            self.assertEqual(len(replay.line_ids), 4)
            return self.cr.sql_log_count - before, replay.reminder_count

        self._create_debt(100, due=60, date=90)
        self._record_on_date()
        count()
        few, one = count()
        for number in range(12):
            customer = self._create_customer(f"Customer {number}")
            invoice = self._create_debt(100, due=60, date=90, partner_id=customer)
            self._pay(invoice, date=10, amount=50)
            self._create_payment(5, date=10, partner=customer)
        self._record_on_date()
        many, thirteen = count()
        self.assertEqual((one, thirteen), (3, 39))
        self.assertEqual(many, few)
        self.assertLessEqual(many, 40)

    def test_replay_writes_its_own_rows_only(self):
        invoice = self._create_debt(100, due=30, date=60)
        self._pay(invoice, date=24)
        self._record_on_date()
        statements = []
        execute = Cursor.execute

        def record(cursor, query, *args, **kwargs):
            code = query.code if isinstance(query, SQL) else query
            statements.append(" ".join(str(code).split()))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", record):
            self._simulate()
            self.env.flush_all()
        written = [
            statement
            for statement in statements
            if statement.startswith(("INSERT", "UPDATE", "DELETE"))
        ]
        self.assertTrue(written)
        for statement in written:
            self.assertIn('"dunning_simulation', statement.split("(")[0])
        self.assertFalse(self.env["dunning.notice"].search([]))
        self.assertFalse(invoice.dunning_level_id)

    # Wrong questions, and who may ask

    def test_future_cannot_be_replayed(self):
        with self.assertRaisesRegex(UserError, "looks back"):
            self._simulate(date_to=self._day(-1))

    @mute_logger("odoo.sql_db")
    def test_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(CheckViolation):
            self._simulate(date_from=self._day(0), date_to=self._day(1))

    def test_user_fills_in_the_form_with_sensible_defaults(self):
        form = Form(self.Simulation)
        self.assertEqual(form.policy_id, self.policy)
        self.assertEqual(form.date_from, fields.Date.to_date("2025-12-01"))
        self.assertEqual(form.date_to, fields.Date.to_date("2026-05-31"))
        replay = form.save()
        replay.action_run()
        action = replay.action_open_months()
        self.assertEqual(action["res_model"], "dunning.simulation.line")
        self.assertEqual(replay.state, "done")

    def test_readers_may_look_and_others_may_not(self):
        replay = self._simulate()
        auditor = new_test_user(
            self.env,
            "auditor_of_dunning",
            "account.group_account_readonly",
            company_id=self.company.id,
        )
        self.assertEqual(replay.with_user(auditor).reminder_count, 0)
        with self.assertRaises(AccessError):
            replay.with_user(auditor).action_run()
        employee = new_test_user(
            self.env, "employee", "base.group_user", company_id=self.company.id
        )
        with self.assertRaises(AccessError):
            replay.with_user(employee).read(["reminder_count"])

    def test_replays_of_another_company_stay_there(self):
        other = self.setup_other_company()["company"]
        policy = self.env["dunning.policy"].create(
            {"name": "Other", "company_id": other.id, "user_id": self.env.uid}
        )
        replay = self.env["dunning.simulation"].create(
            {"company_id": other.id, "policy_id": policy.id, "date_to": self._day(0)}
        )
        self._create_debt(100, due=30, date=60)
        self._record_on_date()
        replay.action_run()
        self.assertEqual(replay.reminder_count, 0)
        self.assertEqual(len(replay.line_ids), 4)
        self.assertFalse(self.Simulation.search([("id", "=", replay.id)]))
        with self.assertRaises(AccessError):
            replay.with_user(self.accountant).action_run()
        with self.assertRaises(AccessError):
            replay.line_ids.with_user(self.accountant).read(["notice_count"])
        with self.assertRaises(UserError):
            self._simulate(policy_id=policy.id)
