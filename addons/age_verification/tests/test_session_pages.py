import json

from odoo.tests import HttpCase, tagged

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestSessionPages(ProviderCommon, HttpCase):
    """The pages of a check, for whoever has its link, and of the simulator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.yoti_estimation = False

    def test_buyer_opens_the_check_with_a_button_not_with_the_link(self):
        session = self._start()
        page = self.url_open(session._get_start_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Start the check", page.text)
        self.assertFalse(session.opened_at, "programs that scan mails follow links")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")

    def _pages(self, session):
        """Where the links of a check end up: the buyer's page or one of the check."""
        return [
            self.url_open(f"/age/{path}/{session.access_token}")
            for path in ("start", "return")
        ]

    def _assert_says_nothing(self, session):
        for page in self._pages(session):
            self.assertEqual(page.status_code, 410)
            self.assertIn("no longer in use", page.text)
            self.assertNotIn(session.order_id.name, page.text)
            self.assertNotIn("access_token", page.url + page.text)

    def test_link_of_a_check_shows_no_portal_link_and_leads_back_to_the_buyer(self):
        order = self._create_order(self.gin)
        order.access_token = "the-order-s-own-key"
        session, check = self._open(order=order)
        for outcome in (None, "over"):
            if outcome:
                check.outcome = outcome
                session._poll()
            start, back = self._pages(session)
            self.assertEqual(start.status_code, 200)
            self.assertNotIn("the-order-s-own-key", start.text)
            path = self.env["age.request"]._get_for(order)._get_page_path()
            self.assertTrue(back.url.endswith(path))

    def test_link_of_a_check_leads_nowhere_some_hours_after_its_end(self):
        session, check = self._open(order=self._create_order(self.gin))
        self._decide(session, "over")
        session.closed_at = self._later(hours=-5)
        self._assert_says_nothing(session)

    def test_link_of_a_check_leads_nowhere_once_somebody_else_is_asked(self):
        order = self._create_order(self.gin)
        session, check = self._open(order=order)
        order.partner_id = self._create_buyer("Ben")
        self._assert_says_nothing(session)

    def test_invitation_that_has_ended_opens_nothing(self):
        session = self._start()
        session.expires_at = self._later(hours=-1)
        for page in self._pages(session):
            self.assertEqual(page.status_code, 410)

    def test_no_page_of_a_check_can_be_framed_by_another_site(self):
        session, check = self._open()
        wallet = self._create_provider("Wallet", simulator_format="eu_wallet")
        self._set_steps({"provider_id": wallet.id})
        shown, _check = self._open(buyer=self._create_buyer("Ben"))
        for page in (
            *self._pages(session),
            self.url_open(check._get_url()),
            self.url_open(shown.start_url),
        ):
            self.assertEqual(page.status_code, 200)
            self.assertEqual(page.headers["X-Frame-Options"], "DENY", page.url)

    def test_wrong_link_is_not_found(self):
        for path in ("start", "return", "simulator"):
            for token in ("wrong", "%00", "a%00b", "%FF", "x" * 2000):
                with self.subTest(path=path, token=token[:9]):
                    answer = self.url_open(f"/age/{path}/{token}")
                    self.assertEqual(answer.status_code, 404)

    def test_simulator_is_closed_when_not_in_test_mode(self):
        session, check = self._open()
        self.assertEqual(self.url_open(check._get_url()).status_code, 200)
        self.provider.state = "disabled"
        self.assertEqual(self.url_open(check._get_url()).status_code, 404)
        self.assertEqual(session.state, "pending")

    def test_return_of_the_buyer_asks_the_provider(self):
        session, check = self._open()
        check.outcome = "over"
        session.flush_recordset()
        self.env.cr.execute(
            "UPDATE age_session SET write_date = write_date - interval '1 minute' "
            "WHERE id = %s",
            [session.id],
        )
        page = self.url_open(session._get_return_url())
        self.assertIn("Your age is proved", page.text)
        self.assertEqual(session.state, "accepted")

    def test_buttons_of_the_simulator_give_a_message_that_the_webhook_takes(self):
        session, check = self._open()
        page = self.url_open(check._get_url())
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open(
            check._get_url(), data={"outcome": "over", "csrf_token": token}
        )
        message = json.loads(answer.text)
        taken = self.url_open(
            message["url"],
            data=message["body"],
            headers=message["headers"],
            method=message["method"],
        )
        self.assertEqual(taken.status_code, 200)
        self._run_jobs()
        self.assertEqual(session.state, "accepted")
