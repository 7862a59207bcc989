from datetime import datetime
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import LockError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import DunningCommon

NOON = datetime(2026, 6, 15, 12, 0)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestSendFaults(DunningCommon):
    """What fails while sending concerns its notice only, and a person hears of it."""

    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)

    # === REFUSED === #

    def _refuse_with(self, run, reply, hours=0):
        """Send while the server answers so, some hours after noon of the first day."""
        with (
            freeze_time(fields.Datetime.add(NOON, hours=hours)),
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self._mail_server_refuses("walnut@example.com", reply=reply),
        ):
            self._trigger_send()

    def test_number_in_a_final_refusal_is_no_temporary_code(self):
        run = self._propose()
        run._send()
        self._refuse_with(run, "550 5.2.2 Mailbox disabled since 450 days")
        self.assertEqual(run.notice_ids.state, "failed")
        self.assertTrue(self.customer.activity_ids)

    def test_only_the_code_of_the_reply_says_whether_to_try_again(self):
        replies = {
            "451 4.7.1 Greylisted": True,
            "450-busy": True,
            "(451, b'4.3.0 try later')": True,
            "Mail Delivery Failed\nvia server 'smtp 421'.\n"
            "SMTPRecipientsRefused: {'a@example.com': (450, b'4.2.0 later')}": True,
            "(550, b'5.2.2 over quota, 452 4.2.2')": False,
            "554 5.7.1 blocked\n451 lines of text": False,
            "Invoice 450 - no such address": False,
            "": False,
        }
        found = {
            reply: self.env["dunning.notice"]._is_temporary(reply) for reply in replies
        }
        self.assertEqual(found, replies)

    def test_server_that_is_busy_for_ever_is_left_to_a_person(self):
        self.policy.write({"send_weekends": True, "send_from": 0, "send_to": 24})
        run = self._propose()
        run._send()
        notice = run.notice_ids
        hours = 0
        for attempt in range(1, 8):
            self._refuse_with(run, "452 4.2.2 Mailbox full", hours)
            self.assertRecordValues(
                notice, [{"state": "approved", "send_attempts": attempt}]
            )
            hours += 2**attempt / 8
        self.assertFalse(self.customer.activity_ids)
        self._refuse_with(run, "452 4.2.2 Mailbox full", hours)
        self.assertRecordValues(notice, [{"state": "failed", "send_attempts": 0}])
        self.assertEqual(self.customer.activity_ids.user_id, self.accountant)

    def test_long_outage_of_the_mail_server_is_told_to_the_owner_once(self):
        self.policy.write({"send_weekends": True, "send_from": 0, "send_to": 24})
        run = self._propose()
        run._send()
        for attempt in range(10):
            now = fields.Datetime.add(NOON, minutes=15 * attempt)
            with freeze_time(now), self._mail_server_down():
                self._trigger_send()
        notice = run.notice_ids
        self.assertRecordValues(
            notice, [{"state": "approved", "outage_attempts": 10, "send_attempts": 0}]
        )
        self.assertEqual(notice.activity_ids.user_id, self.accountant)
        with freeze_time(fields.Datetime.add(NOON, minutes=200)):
            self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(notice.state, "sent")

    # === ERRORS === #

    def test_error_that_comes_back_each_time_ends_in_review_with_a_task(self):
        run = self._propose()
        run._send()
        notice = run.notice_ids
        self.env.cr.execute(
            "UPDATE dunning_policy SET send_from = 20, send_to = 10 WHERE id = %s",
            [self._create_broken_policy(notice).id],
        )
        self.env.invalidate_all()
        hours = 0
        for attempt in range(8):
            self.assertEqual(notice.state, "approved")
            with (
                freeze_time(fields.Datetime.add(NOON, hours=hours)),
                mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_send"),
            ):
                self._trigger_send()
            hours += 2**attempt / 4
        self.assertRecordValues(
            notice, [{"state": "review", "reason": "send_error", "send_attempts": 0}]
        )
        self.assertEqual(notice.activity_ids.user_id, self.accountant)

    def test_mail_that_left_counts_although_its_task_cannot_be_made(self):
        def break_task(notice):
            raise KeyError(notice.name)

        run = self._propose()
        notices = self.env.registry["dunning.notice"]
        with (
            patch.object(notices, "_plan_level_activity", break_task),
            mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_follow_up"),
        ):
            self.assertEqual(len(self._send(run)), 1)
        notice = run.notice_ids
        self.assertRecordValues(notice, [{"state": "sent", "follow_up_due": False}])
        self.assertEqual(self.invoice.dunning_level_id, self.friendly)
        self.assertIn(notice.name, self._notes())
        self.assertEqual(notice.activity_ids.user_id, self.accountant)
        with freeze_time("2026-06-15 12:20:00"):
            self.assertEqual(self._send(run), [])

    def test_invoice_that_somebody_saves_makes_the_notice_wait(self):
        run = self._propose()
        moves = self.env.registry["account.move"]
        with patch.object(moves, "lock_for_update", side_effect=LockError("held")):
            self.assertEqual(self._send(run), [])
        notice = run.notice_ids
        self.assertEqual(notice.state, "approved")
        self.assertEqual(notice.send_after, fields.Datetime.add(NOON, minutes=1))
        with freeze_time("2026-06-15 12:01:00"):
            self.assertEqual(len(self._send(run)), 1)

    def test_follow_up_that_a_crash_prevented_is_made_up_for(self):
        run = self._propose()
        notices = self.env.registry["dunning.notice"]
        failing = patch.object(notices, "_follow_up_sent", side_effect=OperationalError)
        with (
            failing,
            mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_follow_up"),
        ):
            self._send(run)
        notice = run.notice_ids
        self.assertRecordValues(notice, [{"state": "sent", "follow_up_due": True}])
        self.assertNotIn(notice.name, self._notes())
        self.assertEqual(self._send(run), [])
        self.assertFalse(notice.follow_up_due)
        self.assertIn(notice.name, self._notes())

    def _notes(self):
        return "".join(str(body) for body in self.invoice.message_ids.mapped("body"))

    def test_mail_on_its_way_that_cannot_be_followed_stops_no_other(self):
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        self._create_debt(70, due=8, partner_id=other)
        run = self._propose()
        stuck = run.notice_ids.filtered(lambda n: n.partner_id == other)
        stuck.sudo().state = "sending"
        notices = self.env.registry["dunning.notice"]
        with (
            patch.object(notices, "_follow_delivery", side_effect=[KeyError, True]),
            mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_delivery"),
        ):
            self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(stuck.state, "sending")

    # === ATTACHMENTS === #

    def _attach_invoices(self):
        self.policy.level_ids.filtered(
            lambda level: level.kind == "notice"
        ).attach_invoices = True

    def _attach_pdf(self, move):
        """The PDF that is kept with an invoice once it was sent."""
        self.env["ir.attachment"].create(
            {
                "name": f"{move.name}.pdf",
                "raw": b"%PDF-1.4",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])

    def test_invoice_paid_after_it_was_attached_is_not_sent_along(self):
        self._attach_invoices()
        second = self._create_debt(50, due=9)
        self._attach_pdf(self.invoice)
        self._attach_pdf(second)
        run = self._propose()
        run._send()
        notice = run.notice_ids
        with freeze_time("2026-06-13 12:00:00"), self.mock_mail_gateway():
            self._trigger_send()  # a Saturday: it waits, with its attachments
        self.assertEqual(len(notice.attachment_ids), 2)
        by_hand = self.env["ir.attachment"].create({"name": "plan.txt", "raw": b"x"})
        notice.attachment_ids += by_hand
        self._pay(self.invoice, date=0)
        [mail] = self._send(run)
        self.assertEqual(len(mail["attachments"]), 2)
        self.assertEqual(
            set(notice.attachment_ids.mapped("name")),
            {f"{second.name}.pdf", "plan.txt"},
        )

    def test_invoice_that_cannot_be_printed_stops_no_other_notice(self):
        self._attach_invoices()
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        good = self._create_debt(70, due=8, partner_id=other)
        self._attach_pdf(good)
        view = self.env.ref("account.report_invoice_document")
        self.env["ir.ui.view"].create(
            {
                "name": "A mistake in somebody's layout",
                "type": "qweb",
                "inherit_id": view.id,
                "mode": "extension",
                "arch": f"""<xpath expr="//div[hasclass('page')]" position="before">
                    <t t-if="o.id == {self.invoice.id}"><t t-out="o.no_such_field"/></t>
                </xpath>""",
            }
        )
        run = self._propose()
        with mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_attachment"):
            self.assertEqual(len(self._send(run)), 2)
        self.assertEqual(set(run.notice_ids.mapped("state")), {"sent"})
        bare = run.notice_ids.filtered(lambda n: n.partner_id == self.customer)
        self.assertFalse(bare.attachment_ids)
        self.assertIn(self.invoice.name, "".join(bare.message_ids.mapped("body")))

    def test_attachments_that_fail_are_an_error_of_their_notice_only(self):
        self._attach_invoices()
        other = self._create_customer("Oak Ltd", email="oak@example.com")
        good = self._create_debt(70, due=8, partner_id=other)
        self._attach_pdf(good)
        self._attach_pdf(self.invoice)
        run = self._propose()
        notices = self.env.registry["dunning.notice"]
        original = notices._get_moves_to_attach

        def break_one(notice):
            if notice.partner_id == self.customer:
                raise KeyError("broken")
            return original(notice)

        with (
            patch.object(notices, "_get_moves_to_attach", break_one),
            mute_logger("odoo.addons.dunning_tiers.models.dunning_notice_attachment"),
        ):
            self.assertEqual(len(self._send(run)), 1)
        broken = run.notice_ids.filtered(lambda n: n.partner_id == self.customer)
        self.assertRecordValues(broken, [{"state": "approved", "send_attempts": 1}])
        self.assertIn("broken", broken.error_text)

    def _create_broken_policy(self, notice):
        self.env.cr.execute(
            "ALTER TABLE dunning_policy DROP CONSTRAINT dunning_policy_window"
        )
        policy = self._create_policy(name="Broken")
        notice.sudo().policy_id = policy
        return policy
