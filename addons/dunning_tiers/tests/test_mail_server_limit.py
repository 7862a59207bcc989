from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from .notice_common import NoticeCommon

NOW = datetime(2026, 6, 15, 12, 0)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMailServerLimit(NoticeCommon):
    """Not more notices an hour than a mail server or company allows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False
        cls.server = cls.env["ir.mail_server"].create(
            {"name": "Slow", "smtp_host": "mail.invalid", "dunning_hourly_limit": 2}
        )
        cls.env["res.partner.bank"].flush_model()

    def _create_sent(self, minutes, server=None):
        notice = self._create_notice(
            state="sent", sent_at=NOW - timedelta(minutes=minutes)
        )
        notice.mail_server_id = server
        return notice

    def test_no_limit_leaves_the_number_open(self):
        self.server.dunning_hourly_limit = 0
        self.assertIsNone(self.server._get_dunning_capacity(self.company))
        self.assertEqual(self.server._get_dunning_free_at(self.company), NOW)

    def test_only_notices_of_the_last_hour_count(self):
        self._create_sent(61, self.server)
        self._create_sent(10, self.server)
        self._create_sent(5)
        self.assertEqual(self.server._get_dunning_capacity(self.company), 1)

    def test_full_server_is_free_when_the_oldest_notice_is_an_hour_old(self):
        self._create_sent(70, self.server)
        self._create_sent(40, self.server)
        self._create_sent(10, self.server)
        self.assertEqual(self.server._get_dunning_capacity(self.company), 0)
        free_at = self.server._get_dunning_free_at(self.company)
        self.assertEqual(free_at, NOW + timedelta(minutes=20))

    def test_company_limit_holds_where_the_server_has_none(self):
        self.server.dunning_hourly_limit = 0
        self.company.dunning_hourly_limit = 1
        self._create_sent(10, self.server)
        self.assertEqual(self.server._get_dunning_capacity(self.company), 0)
        other = self._create_company(name="Other company")
        other.dunning_hourly_limit = 1
        self.assertEqual(self.server._get_dunning_capacity(other), 1)

    def test_server_limit_counts_all_companies(self):
        self._create_sent(10, self.server)
        other = self._create_company(name="Other company")
        self.assertEqual(self.server._get_dunning_capacity(other), 1)

    def test_full_server_makes_notices_wait_and_none_is_lost(self):
        customers = [
            self._create_customer(
                f"C{number}", email=f"c{number}@example.com", tz="UTC"
            )
            for number in range(3)
        ]
        for customer in customers:
            self._create_debt(100, 8, partner_id=customer)
        run = self._propose()
        self.assertEqual(len(self._send(run)), 2)
        waiting = run.notice_ids.filtered(lambda notice: notice.state == "approved")
        self.assertEqual(len(waiting), 1)
        self.assertEqual(waiting.send_after, NOW + timedelta(hours=1))
        self.assertEqual((run.notice_ids - waiting).sudo().mail_server_id, self.server)
        with freeze_time(NOW + timedelta(hours=1)):
            self.assertEqual(len(self._send(run)), 1)
        self.assertEqual(set(run.notice_ids.mapped("state")), {"sent"})

    def test_letters_do_not_wait_for_a_mail_server(self):
        self._create_sent(10, self.server)
        self._create_sent(5, self.server)
        notice = self._create_notice()
        self.assertTrue(notice._get_server_opening(NOW))
        notice.contact_id.email = False
        self.assertIsNone(notice._get_server_opening(NOW))

    def test_negative_limit_is_refused(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.server.dunning_hourly_limit = -1
            self.server.flush_recordset()
