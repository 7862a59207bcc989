import base64

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, DunningCommon

#: A picture of one pixel.
LOGO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestSend(DunningCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)

    # === DELIVERY === #

    def test_notice_reaches_the_customer_from_the_owner(self):
        self.accountant.email = "anna@seller.example.com"
        run = self._propose()
        [mail] = self._send(run)
        self.assertIn("walnut@example.com", mail["email_to"][0])
        self.assertEqual(mail["subject"], f"Reminder {run.notice_ids.name}")
        self.assertIn(self.invoice.name, mail["body"])
        self.assertIn("anna@seller.example.com", mail["reply_to"])
        self.assertFalse(mail["email_cc"])
        self.assertRecordValues(
            run.notice_ids, [{"state": "sent", "approved_by_id": False}]
        )
        self.assertEqual(run.notice_ids.sent_at, fields.Datetime.now())
        self.assertEqual(run.state, "done")
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)
        self.assertEqual(self.invoice.dunning_date, TODAY)
        self.assertEqual(self.invoice.dunning_status, "reminded")

    def test_mail_is_headed_by_the_company_and_by_nothing_of_ours(self):
        run = self._propose()
        [mail] = self._send(run)
        self.assertIn('class="dunning_sender"', mail["body"])
        self.assertIn(self.company.name, mail["body"])
        self.assertIn(self.invoice.name, mail["body"])
        for unwanted in (
            run.notice_ids.name,
            "Dunning Notice",
            "Powered by",
            "odoo.com",
            "utm_",
            "/mail/view",
        ):
            self.assertNotIn(unwanted, mail["body"])

    def test_mail_names_no_level(self):
        self.policy.level_ids.name = "Internal name"
        late = self._create_debt(50, due=40)
        self._receivable(late).write(
            {"dunning_level_id": self.firm.id, "dunning_date": self._day(30)}
        )
        run = self._propose()
        self.assertGreater(len(run.notice_ids.item_ids.level_id), 1)
        [mail] = self._send(run)
        self.assertIn(late.name, mail["body"])
        self.assertNotIn("Internal name", mail["body"])

    def test_mail_shows_the_logo_of_the_company(self):
        self.company.logo = base64.b64encode(LOGO)
        [mail] = self._send(self._propose())
        self.assertIn(f"/logo.png?company={self.company.id}", mail["body"])
        self.assertNotIn("dunning_sender", mail["body"])

    def test_notice_keeps_when_and_on_what_bank_data_it_was_judged(self):
        self._create_bank_line("fresh", -5, date=self._day(3))
        notice = self._propose_and_send().notice_ids
        self.assertEqual(notice.checked_at, fields.Datetime.now())
        self.assertEqual(notice.bank_date, self._day(3))

    def test_notice_is_noted_on_the_invoice(self):
        run = self._propose_and_send()
        bodies = self.invoice.message_ids.mapped("body")
        self.assertTrue(any(run.notice_ids.name in body for body in bodies))

    def test_second_trigger_sends_nothing_more(self):
        run = self._propose()
        self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(len(self._send(run)), 0)

    def test_review_mode_sends_only_what_a_person_approved(self):
        self.policy.mode = "review"
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        self.assertEqual(set(run.notice_ids.mapped("state")), {"review"})
        approved = run.notice_ids.filtered(lambda n: n.partner_id == self.customer)
        approved.with_user(self.accountant).action_approve()
        [mail] = self._send(run)
        self.assertIn("walnut@example.com", mail["email_to"][0])
        self.assertEqual(approved.approved_by_id, self.accountant)
        self.assertEqual(run.state, "sending")
        self.assertEqual((run.notice_ids - approved).state, "review")

    def test_approved_notice_waits_until_the_run_is_sent(self):
        run = self._propose()
        with self.mock_mail_gateway():
            self._trigger_send()
        self.assertFalse(self._mails)
        self.assertEqual(run.notice_ids.state, "approved")

    def test_refused_recipient_does_not_stop_the_others(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        run._send()
        with (
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self._mail_server_refuses("walnut@example.com"),
        ):
            self._trigger_send()
        states = {n.partner_id: n.state for n in run.notice_ids}
        self.assertEqual(states, {self.customer: "failed", other: "sent"})
        activity = self.customer.activity_ids
        self.assertEqual(activity.user_id, self.accountant)
        self.assertIn("address", activity.summary)
        self.assertEqual(run.state, "done")

    def test_mail_server_down_loses_nothing_and_is_tried_again(self):
        run = self._propose()
        run._send()
        with self._mail_server_down():
            self._trigger_send()
        notice = run.notice_ids
        self.assertEqual(notice.state, "approved")
        self.assertIn("refused", notice.error_text)
        self.assertFalse(notice.mail_message_id)
        self.assertFalse(self.customer.activity_ids)
        with freeze_time("2026-06-15 12:20:00"):
            self.assertEqual(len(self._send(run)), 1)
            self.assertEqual(notice.state, "sent")
            self.assertFalse(notice.error_text)

    def test_server_that_does_not_answer_is_asked_once_for_all(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        run._send()
        with self._mail_server_down() as connect:
            self._trigger_send()
        self.assertEqual(connect.call_count, 1)
        self.assertEqual(set(run.notice_ids.mapped("state")), {"approved"})

    def test_busy_server_is_no_fault_of_the_address(self):
        run = self._propose()
        run._send()
        with (
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self._mail_server_refuses(
                "walnut@example.com", reply="451 4.7.1 Greylisted, try again"
            ),
        ):
            self._trigger_send()
        self.assertEqual(run.notice_ids.state, "approved")
        self.assertIn("Greylisted", run.notice_ids.error_text)
        self.assertFalse(self.customer.activity_ids)
        with freeze_time("2026-06-15 12:20:00"):
            self.assertEqual(len(self._send(run)), 1)

    def test_bounce_takes_the_level_back(self):
        run = self._propose_and_send()
        notice = run.notice_ids
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)
        notice.sudo()._message_receive_bounce("walnut@example.com", self.customer)
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self.invoice.dunning_level_id)
        self.assertTrue(self.customer.activity_ids)

    def test_bounce_mail_is_routed_to_its_notice(self):
        run = self._propose_and_send()
        notice = run.notice_ids
        message_id = notice.mail_message_id.message_id
        self.env["mail.thread"].message_process(
            None,
            f"""From: MAILER-DAEMON <MAILER-DAEMON@mx.example.com>
To: bounce@seller.example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <bounce-1@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

The address does not exist.

--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; walnut@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

From: anna@seller.example.com
To: walnut@example.com
Message-Id: {message_id}
Subject: Reminder

--b--
""",
        )
        self.assertEqual(notice.state, "failed")
        self.assertFalse(self.invoice.dunning_level_id)

    def test_send_again_after_a_failure_reaches_the_new_address(self):
        run = self._propose_and_send()
        notice = run.notice_ids
        notice.sudo()._message_receive_bounce("walnut@example.com", self.customer)
        self.customer.email = "new@example.com"
        notice.action_send_again()
        [mail] = self._send(run)
        self.assertIn("new@example.com", mail["email_to"][0])
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)

    # === CRASHES === #

    def test_interrupted_sending_is_left_to_a_person(self):
        run = self._propose()
        notice = run.notice_ids
        # What a process leaves behind that dies between the mail server and the commit.
        self.env["dunning.dispatch"].sudo().create({"notice_ref": notice.id})
        self.assertEqual(self._send(run), [])
        self.assertEqual(notice.state, "uncertain")
        self.assertEqual(notice.activity_ids.user_id, self.accountant)
        again = self._propose("2026-06-20")
        self.assertEqual(again.item_ids.reason, "open_notice")
        notice.action_mark_arrived()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)

    def test_uncertain_notice_can_be_sent_again(self):
        run = self._propose()
        notice = run.notice_ids
        self.env["dunning.dispatch"].sudo().create({"notice_ref": notice.id})
        self._send(run)
        notice.action_send_again()
        self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(notice.state, "sent")

    def test_unforeseen_error_stays_with_its_notice(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        broken = run.notice_ids.filtered(lambda n: n.partner_id == other)
        broken.contact_id.tz = False
        self.env.cr.execute(
            "UPDATE dunning_policy SET send_from = 20, send_to = 10 WHERE id = %s",
            [self._create_broken_policy(broken).id],
        )
        self.env.invalidate_all()
        run._send()
        with (
            mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_send"),
            self.mock_mail_gateway(),
        ):
            self._trigger_send()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(broken.state, "approved")
        self.assertTrue(broken.error_text)

    def _create_broken_policy(self, notice):
        self.env.cr.execute(
            "ALTER TABLE dunning_policy DROP CONSTRAINT dunning_policy_window"
        )
        policy = self._create_policy(name="Broken")
        notice.sudo().policy_id = policy
        return policy

    # === GATE === #

    def test_everything_that_happens_after_the_proposal_stops_the_mail(self):
        def credit():
            self._create_credit_note(100, date=0)

        def hold():
            self._hold(kind="other")

        def bank():
            self._create_bank_line("x", 100, partner_id=self.customer.id)

        def exclude():
            self.invoice.no_followup = True

        def address():
            self.customer.email = False

        def blacklist():
            self.env["mail.blacklist"].sudo()._add("walnut@example.com")

        changes = {
            "credit_note": credit,
            "hold": hold,
            "bank_line": bank,
            "no_followup": exclude,
            "no_address": address,
            "bounced": blacklist,
        }
        for reason, change in changes.items():
            with self.subTest(reason), self.env.cr.savepoint() as savepoint:
                run = self._propose()
                change()
                self.assertEqual(self._send(run), [])
                self.assertEqual(run.notice_ids.state, "skipped")
                self.assertEqual(run.notice_ids.reason, reason)
                self.assertEqual(run.state, "done")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_notice_shrinks_to_what_is_still_due(self):
        second = self._create_debt(50, due=9)
        run = self._propose()
        notice = run.notice_ids
        self.assertEqual(notice.amount_total, 150)
        self._pay(self.invoice, date=0)
        self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(notice.amount_total, 50)
        self.assertEqual(notice.item_ids.move_id, second)
        self.assertEqual(notice.dropped_item_ids.move_id, self.invoice)
        self.assertEqual(notice.dropped_item_ids.reason, "paid")

    def test_notice_speaks_in_the_words_of_what_is_left(self):
        self.final.fee_amount = 25
        old = self._create_debt(50, due=40)
        line = self._receivable(old)
        line.write({"dunning_level_id": self.firm.id, "dunning_date": self._day(20)})
        run = self._propose()
        notice = run.notice_ids
        self.assertEqual(notice.level_id, self.final)
        self._pay(old, date=0)
        self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(notice.level_id, self.friendly)
        self.assertEqual(notice.amount_fee, 0)
        self.assertEqual(notice.amount_total, 100)

    def test_other_words_need_another_approval(self):
        self.policy.mode = "review"
        old = self._create_debt(50, due=40)
        line = self._receivable(old)
        line.write({"dunning_level_id": self.firm.id, "dunning_date": self._day(20)})
        run = self._propose()
        run.notice_ids.action_approve()
        self._pay(old, date=0)
        self.assertEqual(self._send(run), [])
        self.assertEqual(run.notice_ids.state, "review")
        self.assertEqual(run.notice_ids.level_id, self.friendly)

    def test_days_count_from_the_day_of_sending(self):
        run = self._propose()
        with freeze_time("2026-06-29 12:00:00"):
            self.assertEqual(len(self._send(run)), 1)
            self.assertEqual(run.notice_ids.date, self._day(-14))
            self.assertEqual(self.invoice.dunning_date, self._day(-14))
            self.assertEqual(run.item_ids.days_overdue, 22)
        again = self._propose("2026-06-30")
        self.assertFalse(again.notice_ids)
        self.assertEqual(again.item_ids.reason, "level_gap")

    def test_policy_back_in_review_holds_what_nobody_looked_at(self):
        run = self._propose()
        self.policy.mode = "review"
        self.assertEqual(self._send(run), [])
        self.assertEqual(run.notice_ids.state, "review")

    def test_deleted_customer_address_does_not_stop_the_run(self):
        billing = self.env["res.partner"].create(
            {
                "name": "Accounts payable",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "payable@example.com",
            }
        )
        run = self._propose()
        self.assertEqual(run.notice_ids.contact_id, billing)
        billing.active = False
        [mail] = self._send(run)
        self.assertIn("walnut@example.com", mail["email_to"][0])

    # === TEMPLATES === #

    def test_template_with_a_missing_field_goes_back_to_review(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        self.env.cr.execute(
            """UPDATE mail_template
                  SET subject = '{"en_US": "Due {{ object.no_such_field }}"}'
                WHERE id = %s""",
            [self.template.id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertEqual(self._send(run), [])
        self.assertEqual(set(run.notice_ids.mapped("state")), {"review"})
        self.assertEqual(set(run.notice_ids.mapped("reason")), {"template_error"})
        # One task for all of them: the run's person hears of it.
        self.assertRecordValues(run.activity_ids, [{"user_id": self.accountant.id}])

    def test_level_without_template_is_no_candidate(self):
        self.env.cr.execute(
            "UPDATE dunning_level SET mail_template_id = NULL WHERE id = %s",
            [self.friendly.id],
        )
        self.env.invalidate_all()
        self._assert_reason(self.invoice, "no_template")

    # === WHEN === #

    def test_notice_waits_for_the_customers_business_hours(self):
        self.customer.write({"tz": "America/New_York", "country_id": self.us.id})
        run = self._propose()
        with freeze_time("2026-06-15 11:00:00"):
            self.assertEqual(self._send(run), [])
            self.assertEqual(
                run.notice_ids.send_after,
                fields.Datetime.to_datetime("2026-06-15 13:00"),
            )
        with freeze_time("2026-06-15 13:00:00"):
            self.assertEqual(len(self._send(run)), 1)

    @property
    def us(self):
        return self.env.ref("base.us")

    def test_nothing_goes_on_a_public_holiday(self):
        self.customer.write(
            {"tz": "Europe/Berlin", "country_id": self.env.ref("base.de").id}
        )
        with freeze_time("2026-10-02 20:00:00"):
            run = self._propose("2026-10-02")
            self.assertEqual(self._send(run), [])
        # Saturday 3 October is the day of German unity, Sunday follows.
        self.assertEqual(
            run.notice_ids.send_after, fields.Datetime.to_datetime("2026-10-05 07:00")
        )

    # === ESCALATION === #

    def _escalate(self):
        line = self._receivable(self.invoice)
        line.write({"dunning_level_id": self.final.id, "dunning_date": self._day(30)})
        with freeze_time("2026-08-03 12:00:00"):
            run = self._propose_and_send(fields.Date.to_date("2026-08-03"))
        return run.notice_ids

    def test_escalation_gives_a_person_a_deadline_and_mails_nobody(self):
        notice = self._escalate()
        self.assertEqual(notice.kind, "escalation")
        self.assertEqual(notice.state, "sent")
        self.assertFalse(self._mails)
        activity = notice.activity_ids
        self.assertEqual(activity.user_id, self.accountant)
        self.assertEqual(activity.date_deadline, fields.Date.to_date("2026-08-06"))
        self.assertEqual(self.invoice.dunning_status, "escalated")

    def test_closed_escalation_leaves_nothing_to_do_whatever_its_kind(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.escalation.activity_type_id = call
        notice = self._escalate()
        self.assertEqual(notice.activity_ids.activity_type_id, call)
        notice.with_user(self.accountant).action_close_escalation()
        self.assertFalse(notice.activity_ids)
        self.assertTrue(notice.escalation_closed)

    def test_letters_to_an_escalated_customer_stop_until_it_is_closed(self):
        notice = self._escalate()
        other = self._create_debt(70, due=8)
        with freeze_time("2026-08-10 12:00:00"):
            run = self._propose("2026-08-10")
            item = run.item_ids.filtered(lambda item: item.move_id == other)
            self.assertEqual(item.reason, "escalated")
            notice.action_close_escalation()
            run = self._propose("2026-08-10")
            self.assertEqual(run.notice_ids.item_ids.move_id, other)

    def test_escalation_ends_when_its_invoices_are_paid(self):
        self._escalate()
        other = self._create_debt(70, due=8)
        self._pay(self.invoice, date=0)
        with freeze_time("2026-08-10 12:00:00"):
            run = self._propose("2026-08-10")
        self.assertEqual(run.notice_ids.item_ids.move_id, other)

    # === RECORDS === #

    def test_sent_notice_cannot_be_deleted(self):
        run = self._propose_and_send()
        with self.assertRaises(UserError):
            run.notice_ids.unlink()

    def test_invoice_that_was_reminded_cannot_be_deleted(self):
        invoice = self.invoice
        run = self._propose_and_send()
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "was sent is kept"):
            invoice.with_context(force_delete=True).unlink()
        self.assertEqual(run.notice_ids.item_ids.move_id, invoice)

    def test_invoice_that_was_only_proposed_can_be_deleted(self):
        invoice = self.invoice
        self.policy.mode = "review"
        run = self._propose()
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.assertFalse(invoice.exists())
        run.notice_ids.action_check_again()
        self.assertEqual(run.notice_ids.state, "skipped")

    def test_notice_keeps_what_it_asked_for_when_terms_of_payment_change(self):
        invoice = self.invoice
        notice = self._propose_and_send().notice_ids
        invoice.button_draft()
        invoice.invoice_payment_term_id = self._create_halves_term(1)
        invoice.action_post()
        self.env.invalidate_all()
        self.assertRecordValues(
            notice.item_ids,
            [{"move_id": invoice.id, "amount_asked": 100, "state": "sent"}],
        )

    def test_cancelled_notice_frees_its_invoices(self):
        run = self._propose()
        run.notice_ids.action_cancel()
        self.assertEqual(run.notice_ids.state, "cancelled")
        again = self._propose()
        self.assertEqual(again.notice_ids.item_ids.move_id, self.invoice)

    def test_clock_set_back_sends_nothing_twice(self):
        self._propose_and_send()
        with freeze_time("2026-06-01 12:00:00"):
            run = self._propose("2026-06-01")
        self.assertFalse(run.notice_ids)

    def _hold(self, **kwargs):
        return self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "move_id": self.invoice.id,
                "reason": "Because",
                "date_end": "2026-07-31",
                "user_id": self.accountant.id,
                **kwargs,
            }
        )
