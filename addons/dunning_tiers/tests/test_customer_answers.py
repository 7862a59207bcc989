from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .ledger_common import TODAY
from .portal_common import CustomerPageCase

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestCustomerAnswers(CustomerPageCase):
    """What the customer says becomes a hold, a message and a task."""

    # === ALREADY PAID === #

    def test_paid_claim_holds_reminders_and_asks_to_match(self):
        response = self._post("paid", date="2026-06-12", reference="Transfer 4711")
        self.assertTrue(response.headers["Location"].endswith("?said=paid"))
        hold = self._get_holds()
        self.assertRecordValues(
            hold,
            [
                {
                    "kind": "paid_claim",
                    "origin": "customer",
                    "partner_id": self.customer.id,
                    "move_id": self.invoice.id,
                    "amount": 100,
                    "date_from": TODAY,
                    "date_end": self._day(-7),
                    "user_id": self.accountant.id,
                    "state": "active",
                }
            ],
        )
        for text in ("06/12/2026", "Transfer 4711", "100.00"):
            self.assertIn(text, hold.reason)
        activity = self.notice.activity_ids
        self.assertEqual(activity.user_id, self.accountant)
        self.assertEqual(activity.date_deadline, TODAY)
        self.assertIn("Transfer 4711", activity.note)
        self.assertIn("06/12/2026", activity.note)
        self.assertEqual(self.notice.state, "skipped")
        self._assert_reason(self.invoice, "paid_claim")

    def test_confirmation_is_shown_with_what_was_said(self):
        self._post("paid", date="2026-06-12")
        text = self._text(self._get("?said=paid"))
        self.assertIn("We look for your payment", text)
        self.assertIn("You told us that this is paid", text)
        self.assertIn("06/22/2026", text)

    def test_paid_claim_for_all_holds_the_whole_customer(self):
        other = self._create_debt(50, due=20)
        self._post(
            "paid", invoice=self.env["account.move"], date="2026-06-12", amount="150"
        )
        hold = self._get_holds()
        self.assertRecordValues(hold, [{"move_id": False, "amount": 150}])
        run = self._propose()
        reasons = run.item_ids.grouped("move_id")
        self.assertEqual(reasons[self.invoice].reason, "paid_claim")
        self.assertEqual(reasons[other].reason, "paid_claim")

    def test_reminders_go_on_after_a_paid_claim_ends(self):
        self._post("paid", date="2026-06-12")
        with freeze_time("2026-06-23 12:00:00"):
            run = self._propose("2026-06-23")
        self.assertEqual(run.notice_ids.item_ids.move_id, self.invoice)

    def test_message_is_in_the_chatter_in_the_name_of_the_customer(self):
        self._post("paid", date="2026-06-12", reference="Transfer 4711")
        message = self.notice.message_ids.filtered(lambda m: "4711" in (m.body or ""))
        self.assertEqual(message.author_id, self.notice.contact_id)
        self.assertEqual(message.notified_partner_ids, self.accountant.partner_id)
        self.assertTrue(message.subtype_id.internal)

    def test_same_form_twice_makes_one_hold(self):
        data = self._prepare_claim(reference="A")
        for _click in range(2):
            response = self._send_form("paid", data)
            self.assertTrue(response.headers["Location"].endswith("?said=paid"))
        self.assertEqual(len(self._get_holds()), 1)
        self.assertEqual(len(self.notice.activity_ids), 1)
        self.assertEqual(
            len(self.notice.message_ids.filtered(lambda m: "Paid" in (m.body or ""))), 1
        )

    def test_another_text_is_passed_on_without_a_second_hold(self):
        self._post("paid", date="2026-06-12", reference="A")
        self._post("paid", date="2026-06-13", reference="B")
        self.assertEqual(len(self._get_holds()), 1)
        self.assertEqual(len(self.notice.activity_ids), 2)

    def test_database_refuses_a_second_hold_of_two_workers(self):
        self._post("paid", date="2026-06-12")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._get_holds().sudo().copy({"origin": "customer"})

    def test_hold_that_ended_gives_way_to_a_new_one(self):
        self._post("paid", date="2026-06-12")
        with freeze_time("2026-06-24 12:00:00"):
            self._post("paid", date="2026-06-22")
        self.assertEqual(
            sorted(self._get_holds().mapped("state")), ["active", "expired"]
        )

    def test_wrong_days_and_amounts_of_a_payment_are_explained(self):
        for values, fields in (
            ({"date": ""}, {"date"}),
            ({"date": "2026-02-31"}, {"date"}),
            ({"date": "31.12.2025"}, {"date"}),
            ({"date": "9999-99-99"}, {"date"}),
            ({"date": "0001-01-01"}, {"date"}),
            ({"date": "2026-06-16"}, {"date"}),
            ({"date": "2025-06-13"}, {"date"}),
            ({"date": "2026-06-12", "amount": "NaN"}, {"amount"}),
            ({"date": "2026-06-12", "amount": "1e9"}, {"amount"}),
            ({"date": "2026-06-12", "amount": "-5"}, {"amount"}),
            ({"date": "2026-06-12", "amount": "0"}, {"amount"}),
            ({"date": "2026-06-12", "amount": "1" * 40}, {"amount"}),
            ({"date": "\x00", "amount": "\x00"}, {"date", "amount"}),
        ):
            with self.subTest(**values):
                self._forget_requests()
                response = self._post("paid", status=422, **values)
                self.assertEqual(set(self._errors(response)), fields)
        self.assertFalse(self._get_holds())

    def test_typed_values_stay_in_a_refused_form(self):
        response = self._post("paid", status=422, date="2030-01-01", reference="R 5")
        self.assertIn('value="R 5"', response.text)
        self.assertIn('value="2030-01-01"', response.text)
        self.assertIn('aria-invalid="true"', response.text)

    def test_paid_invoice_takes_no_answer(self):
        data = self._prepare_claim()
        self._pay(self.invoice, date=0)
        self.env.flush_all()
        response = self._send_form("paid", data, status=422)
        self.assertIn("is paid", self._errors(response)["invoice"])
        self.assertFalse(self._get_holds())

    # === DISPUTE === #

    def test_dispute_holds_the_whole_invoice(self):
        self._post("dispute", part="all", reason="Never delivered.")
        hold = self._get_holds()
        self.assertRecordValues(
            hold,
            [
                {
                    "kind": "dispute",
                    "reason": "Never delivered.",
                    "amount": 0,
                    "date_end": self._day(-30),
                    "user_id": self.accountant.id,
                }
            ],
        )
        self.assertIn("Never delivered.", self.notice.activity_ids.note)
        self._assert_reason(self.invoice, "dispute")

    def test_disputed_amount_leaves_the_rest_to_be_asked_for(self):
        self._post("dispute", part="amount", amount="30.00", reason="Too much.")
        self.assertEqual(self._get_holds().amount, 30)
        self.assertEqual(self.notice.item_ids.amount_asked, 70)
        self.assertIn("30.00", self._text(self._get()))

    def test_disputed_lines_are_held(self):
        line = self.invoice.invoice_line_ids
        self._post("dispute", part="lines", lines=[line.id], reason="Not ordered.")
        hold = self._get_holds()
        self.assertEqual(hold.line_ids, line)
        self._assert_reason(self.invoice, "dispute")

    def test_disputed_amount_above_the_open_amount_is_refused(self):
        self._pay(self.invoice, date=0, amount=40)
        for amount, status in (("60.01", 422), ("60", 303)):
            response = self._post(
                "dispute", part="amount", amount=amount, reason="No.", status=status
            )
        self.assertEqual(self._get_holds().amount, 60)
        self.assertTrue(response.headers["Location"].endswith("?said=dispute"))

    def test_dispute_without_what_it_needs_is_explained(self):
        line = self.invoice.invoice_line_ids
        other = self._create_debt(9, due=9).invoice_line_ids
        for values, fields in (
            ({"part": "all", "reason": "  \x00\n "}, {"reason"}),
            ({"part": "", "reason": "No."}, {"part"}),
            ({"part": "x'--", "reason": "No."}, {"part"}),
            ({"part": "amount", "amount": "", "reason": "No."}, {"amount"}),
            ({"part": "lines", "reason": "No."}, {"lines"}),
            ({"part": "lines", "lines": ["x"], "reason": "No."}, {"lines"}),
            ({"part": "lines", "lines": [10**20], "reason": "No."}, {"lines"}),
            ({"part": "lines", "lines": [other.id], "reason": "No."}, {"lines"}),
            (
                {"part": "lines", "lines": [line.id, other.id], "reason": "No."},
                {"lines"},
            ),
        ):
            with self.subTest(**values):
                self._forget_requests()
                response = self._post("dispute", status=422, **values)
                self.assertEqual(set(self._errors(response)), fields)
        self.assertFalse(self._get_holds())

    def test_script_in_a_reason_is_text_everywhere(self):
        self._post("dispute", part="all", reason=SCRIPT)
        self.assertEqual(self._get_holds().reason, SCRIPT)
        bodies = [
            self.notice.activity_ids.note,
            *self.notice.message_ids.mapped("body"),
        ]
        self.assertTrue(any("&lt;script&gt;" in body for body in bodies))
        for body in bodies:
            self.assertNotIn("<script", body)
            self.assertNotIn("<img", body)
        response = self._post("paid", status=422, date="x", reference='"><script>')
        self.assertNotIn('"><script>', response.text)
        self.assertNotIn("<img src=x", self._get("?said=<script>").text)

    def test_long_and_strange_texts_are_cut_and_kept_readable(self):
        text = "Größe 🏺 falsch\r\nsiehe Foto\x00\u202e" + "x" * 5000
        self._post("dispute", part="all", reason=text)
        reason = self._get_holds().reason
        self.assertTrue(reason.startswith("Größe 🏺 falsch\nsiehe Fotox"))
        self.assertEqual(len(reason), 2000)

    # === PROMISE === #

    def test_promise_holds_until_its_day(self):
        self._post("promise", date="2026-06-25", amount="100.00")
        self.assertRecordValues(
            self._get_holds(),
            [{"kind": "promise", "amount": 100, "date_end": self._day(-10)}],
        )
        self._assert_reason(self.invoice, "promise")

    def test_promise_outside_the_policy_is_refused(self):
        self.policy.promise_max_days = 14
        for day, status in (
            ("2026-06-30", 422),
            ("2026-06-14", 422),
            ("", 422),
            ("2026-06-31", 422),
            ("2026-06-29", 303),
        ):
            with self.subTest(day=day):
                response = self._post("promise", date=day, status=status)
                if status == 422:
                    self.assertIn("06/29/2026", self._errors(response)["date"])
        self.assertEqual(self._get_holds().date_end, self._day(-14))

    def test_promise_of_more_than_is_open_is_refused(self):
        response = self._post("promise", amount="100.01", status=422)
        self.assertIn("100.00", self._errors(response)["amount"])

    def test_promises_are_limited_for_each_invoice(self):
        self.policy.promise_max_count = 2
        self._post("promise", date="2026-06-16")
        with freeze_time("2026-06-18 12:00:00"):
            self._post("promise", date="2026-06-19")
        self.assertEqual(
            sorted(self._get_holds().mapped("state")), ["active", "broken"]
        )
        with freeze_time("2026-06-22 12:00:00"):
            page = self._get(f"/promise?invoice={self.invoice.id}")
            self.assertIn("2 times", self._text(page))
            self.assertNotIn("<form", page.text)
            data = self._prepare_claim(date="2026-06-23")
            response = self._send_form("promise", data, status=422)
            error = self._errors(response)["invoice"]
            self.assertIn(self.accountant.name, error)
            self.assertIn(self.invoice.name, error)
            other = self._create_debt(50, due=3)
            self._post("promise", invoice=other, date="2026-06-23")
        self.assertEqual(len(self._get_holds()), 3)

    def test_promise_for_all_counts_for_each_invoice(self):
        self.policy.promise_max_count = 1
        self._post("promise", invoice=self.env["account.move"], date="2026-06-16")
        page = self._get(f"/promise?invoice={self.invoice.id}")
        self.assertIn("more is not possible", self._text(page))
        later = self._create_debt(20, due=-5)
        self.assertIn("<form", self._get(f"/promise?invoice={later.id}").text)

    def test_policy_without_promises_does_not_offer_them(self):
        self.policy.promise_max_count = 0
        self.assertNotIn("I will pay on", self._get().text)
        page = self._get(f"/promise?invoice={self.invoice.id}")
        self.assertIn("Promises are not taken here", self._text(page))

    # === WHO MAY SEND WHAT === #

    def test_form_for_another_customer_s_invoice_is_refused(self):
        other = self._create_debt(11, due=9, partner_id=self._create_customer("Other"))
        company = self.setup_other_company()["company"]
        elsewhere = self._create_debt(13, due=9, company_id=company)
        data = self._prepare_claim(part="all", reason="No.")
        for invoice in (other.id, elsewhere.id, 10**12, "x", "-1", "1 OR 1=1"):
            for form in ("paid", "dispute", "promise"):
                with self.subTest(form=form, invoice=invoice):
                    self._forget_requests()
                    self._send_form(form, {**data, "invoice": invoice}, status=404)
        self.assertFalse(
            self.env["dunning.hold"].search(
                [("move_id", "in", (other | elsewhere).ids)]
            )
        )

    def test_fields_that_a_form_does_not_have_are_ignored(self):
        other = self._create_customer("Other")
        self._post(
            "paid",
            date="2026-06-12",
            partner_id=other.id,
            user_id=self.env.user.id,
            date_end="2099-01-01",
            kind="collection",
            company_id="1",
        )
        self.assertRecordValues(
            self._get_holds(),
            [
                {
                    "partner_id": self.customer.id,
                    "user_id": self.accountant.id,
                    "kind": "paid_claim",
                    "date_end": self._day(-7),
                }
            ],
        )

    def test_form_of_another_site_is_refused(self):
        data = {"invoice": self.invoice.id, "date": "2026-06-12", "amount": "100"}
        with mute_logger("odoo.http"):
            self._send_form("paid", data, status=400)
            self._send_form("paid", {**data, "csrf_token": "x" * 40}, status=400)
        self.assertFalse(self._get_holds())

    def test_address_line_makes_no_hold(self):
        query = f"?invoice={self.invoice.id}&date=2026-06-12&amount=100&reference=A"
        self._get("/paid" + query)
        self._get("/promise" + query)
        self.assertFalse(self._get_holds())

    def test_texts_for_the_company_are_in_its_person_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.notice.lang = "de_DE"
        self._post("paid", date="2026-06-12")
        self.assertIn("06/12/2026", self._get_holds().reason)
        self.assertIn("22.06.2026", self._get().text)

    def test_person_who_left_is_replaced_by_the_policy_s(self):
        owner = self.accountant.copy({"login": "successor_of_accountant"})
        self.policy.user_id = owner
        self.accountant.active = False
        self._post("paid", date="2026-06-12")
        self.assertEqual(self._get_holds().user_id, owner)

    def test_opening_balance_of_several_currencies_is_no_error(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        account = self.company_data["default_account_receivable"]
        equity = self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create(
            {
                "date": self._day(40),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "date_maturity": self._day(30),
                            "currency_id": currency.id,
                            "amount_currency": amount,
                            "debit": 20,
                        }
                    )
                    for currency, amount in ((self.company.currency_id, 20), (euro, 40))
                ]
                + [Command.create({"account_id": equity.id, "credit": 40})],
            }
        )
        entry.action_post()
        page = self._text(self._get())
        self.assertIn(entry.name, page)
        self._get(f"/invoice/{entry.id}", status=404)
        self._post("paid", invoice=entry, date="2026-06-12")
        self._post("promise", invoice=entry, date="2026-06-20")
        self._post("dispute", invoice=entry, part="all", reason="Old.")
        self.assertEqual(len(self._get_holds()), 3)
