import base64
from urllib.parse import parse_qs, urlsplit

from odoo.tests import freeze_time, tagged
from odoo.tools import hash_sign

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeLinks(PortalCommon):
    def _get_token(self, notice=None):
        return (notice or self.notice)._get_portal_url().rpartition("/")[2]

    def _find(self, token):
        return self.env["dunning.notice"]._find_by_portal_token(token)

    # === CUSTOMER PAGE === #

    def test_link_leads_to_its_notice(self):
        url = self.notice._get_portal_url()
        self.assertTrue(url.startswith(self.notice.get_base_url() + "/dunning/"))
        self.assertEqual(self._find(self._get_token()), (self.notice, True))

    def test_link_is_the_same_all_day(self):
        self.assertEqual(self._get_token(), self._get_token())

    def test_link_works_on_its_last_day_and_not_after(self):
        self.policy.link_valid_days = 30
        token = self._get_token()
        with freeze_time("2026-07-15 23:00:00"):
            self.assertEqual(self._find(token), (self.notice, True))
        with freeze_time("2026-07-16 00:30:00"):
            self.assertEqual(self._find(token), (self.notice, False))

    def test_link_of_a_customer_who_became_another_is_not_valid(self):
        token = self._get_token()
        self.notice.partner_id = self._create_customer("Another")
        self.assertEqual(self._find(token), (self.notice, False))

    def test_token_that_was_not_signed_here_finds_nothing(self):
        token = self._get_token()
        other_scope = hash_sign(
            self.env(su=True), "other", [self.notice.id, self.customer.id, "2027-01-01"]
        )
        decoded = base64.urlsafe_b64decode(token + "===")
        forged = decoded.replace(b"2026-07-15", b"2036-07-15")
        garbage = (
            "",
            "a",
            "AQ",
            token[:-1],
            token[1:],
            token + "A",
            token + "=",
            token + "!!",
            token.swapcase(),
            token * 5,
            "ü" * 40,
            "\udcff" * 10,
            "\x00" + token,
            "../" + token,
            "-" * 100,
            base64.urlsafe_b64encode(b"\x01").decode(),
            base64.urlsafe_b64encode(b"\x01" + b"\xff" * 80).decode(),
            base64.urlsafe_b64encode(forged).decode().rstrip("="),
            other_scope,
        )
        for bad in garbage:
            with self.subTest(token=bad):
                notice, is_valid = self._find(bad)
                self.assertFalse(notice)
                self.assertFalse(is_valid)

    def test_link_of_a_deleted_notice_finds_nothing(self):
        token = self._get_token()
        self.notice.action_cancel()
        self.notice.unlink()
        notice, _is_valid = self._find(token)
        self.assertFalse(notice)

    # === PAYING === #

    def test_one_invoice_is_paid_on_core_s_page(self):
        self._enable_online_payment()
        url = self.notice._get_payment_url()
        self.assertEqual(url, self.invoice._get_portal_payment_link())
        query = parse_qs(urlsplit(url).query)
        self.assertEqual(query["amount"], ["100.0"])

    def test_all_links_of_a_text_need_one_wizard(self):
        self._enable_online_payment()
        wizards = self.env["payment.link.wizard"]
        before = wizards.search_count([])
        urls = {self.notice._get_payment_url() for _place in range(4)}
        self.assertEqual(len(urls), 1)
        self.assertEqual(wizards.search_count([]), before + 1)

    def test_several_invoices_are_paid_on_the_customer_s_page(self):
        self._enable_online_payment()
        self._create_debt(50, due=9)
        self.notice.action_cancel()
        notice = self._propose().notice_ids.sudo()
        self.assertEqual(len(notice.item_ids), 2)
        self.assertEqual(notice._get_payment_url(), notice._get_portal_url())

    def test_part_of_an_invoice_is_paid_on_the_customer_s_page(self):
        self._enable_online_payment()
        self.notice.item_ids.amount_asked = 60
        self.assertEqual(self.notice._get_payment_url(), self.notice._get_portal_url())

    def test_invoice_less_a_credit_is_paid_on_the_customer_s_page(self):
        self._enable_online_payment()
        self.notice.action_cancel()
        self.policy.unmatched_credit = "net"
        self._create_payment(40, 1)
        notice = self._propose().notice_ids.sudo()
        self.assertEqual(notice.amount_total, 60)
        self.assertEqual(notice._get_payment_url(), notice._get_portal_url())
        code = self.invoice._generate_portal_payment_qr()
        self.assertNotEqual(notice._get_payment_qr(), code)

    def test_without_online_payment_there_is_no_link_to_pay(self):
        self._enable_online_payment()
        self.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "False"
        )
        self.assertFalse(self.notice._get_payment_url())

    def test_without_a_published_provider_there_is_no_link_to_pay(self):
        self._enable_online_payment().is_published = False
        self.assertFalse(self.notice._get_payment_url())

    def test_paid_invoice_has_no_link_to_pay(self):
        self._enable_online_payment()
        self._pay(self.invoice, date=0)
        self.assertFalse(self.notice._get_payment_url())

    def test_qr_code_is_core_s_for_one_invoice_and_the_page_s_without_payment(self):
        page = self.notice._get_payment_qr()
        self.assertTrue(page.startswith("data:image/png;base64,"))
        self._enable_online_payment()
        code = self.notice._get_payment_qr()
        self.assertEqual(code, self.invoice._generate_portal_payment_qr())
        self.assertNotEqual(code, page)

    def test_accountant_gets_the_links_without_more_rights(self):
        self._enable_online_payment()
        notice = self.notice.with_user(self.accountant)
        self.assertEqual(notice._get_payment_url(), self.notice._get_payment_url())
        self.assertEqual(notice._get_portal_url(), self.notice._get_portal_url())
