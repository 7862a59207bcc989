from unittest.mock import patch

from lxml import html

from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.messages import Result
from ..exceptions import AgeProviderError
from ..models import age_portal_log
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPortalRequest(ProviderCommon, HttpCase):
    """The buyer's page, in a browser without a login and without scripts."""

    def setUp(self):
        super().setUp()
        self.order = self._create_order(self.gin)
        self.order._age_hold("request")
        self._run_jobs("ask")
        self.path = self.order._get_age_page_path()
        self.record = self.env["age.request"]._get_for(self.order)

    def _get(self, path="", status=200):
        self.env.flush_all()
        response = self.url_open(self.path + path, allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text)
        return html.fromstring(response.content)

    def _state(self):
        return self._get().xpath("//*[@id='age_state']/@data-state")[0]

    def _text(self, page):
        [content] = page.xpath("//*[@id='wrap']")
        return " ".join(content.text_content().split())

    def _submit(self, form, status=303):
        """Send a form as it is on the page."""
        response = self.url_open(
            form.get("action"), data=dict(form.form_values()), allow_redirects=False
        )
        self.assertEqual(response.status_code, status, response.text)
        self.env.invalidate_all()
        return response

    def _press(self, number=0, status=303):
        """Take one of the ways that the page offers, the first by default."""
        forms = self._get().xpath("//form[contains(@class, 'o_age_step')]")
        return self._submit(forms[number], status)

    def _session(self):
        sessions = self.env["age.session"].sudo()
        return sessions.search([("partner_id", "=", self.buyer.id)], limit=1)

    # === LINK === #

    def test_link_is_not_guessed(self):
        token = self.path.rpartition("/")[2]
        for wrong in (token[:-1], token + "a", "x" * 300, "nothing", "ä"):
            with self.subTest(token=wrong):
                response = self.url_open(f"/age/{wrong}", allow_redirects=False)
                self.assertEqual(response.status_code, 404)

    def test_link_of_another_scope_opens_nothing(self):
        self.path = "/age/" + self.order._portal_ensure_token()
        self._get(status=404)

    def test_expired_link_names_nobody_and_nothing(self):
        with freeze_time("2026-07-16 12:00:00"):
            text = self._text(self._get(status=410))
        self.assertIn("expired", text)
        self.assertNotIn(self.order.name, text)
        self.assertNotIn(self.buyer.name, text)

    def test_expired_link_is_renewed_by_mail_once_a_day(self):
        with freeze_time("2026-07-16 12:00:00"):
            [form] = self._get(status=410).xpath("//form")
            self._submit(form, status=200)
            self._run_jobs("ask")
            self._submit(form, status=200)
            self._run_jobs("ask")
        mails = self.env["mail.mail"].search([("model", "=", "age.request")])
        self.assertEqual(
            mails.filtered(lambda mail: mail.date.month == 7).recipient_ids, self.buyer
        )
        self.assertEqual(len(mails.filtered(lambda mail: mail.date.month == 7)), 1)

    def test_expired_link_of_a_former_buyer_is_not_renewed(self):
        with freeze_time("2026-07-16 12:00:00"):
            [form] = self._get(status=410).xpath("//form")
            self.order.partner_id = self._create_buyer("Bea")
            self._submit(form, status=200)
            self._run_jobs("ask")
        mails = self.env["mail.mail"].search([("model", "=", "age.request")])
        self.assertFalse(mails.filtered(lambda mail: mail.date.month == 7))

    def test_link_works_until_its_last_day(self):
        with freeze_time("2026-07-15 12:00:00"):
            self._get()

    def test_link_of_somebody_elses_order_is_dead(self):
        self.order.partner_id = self._create_buyer("Bea")
        text = self._text(self._get(status=410))
        self.assertNotIn(self.order.name, text)

    def test_link_shows_its_own_companys_order_to_everybody(self):
        other = self._create_order(self.gin, buyer=self._create_buyer("Cem"))
        page = self._get()
        self.assertIn(self.order.name, self._text(page))
        self.assertNotIn(other.name, self._text(page))
        user = new_test_user(self.env, "portal_of_bea", "base.group_portal")
        self.authenticate(user.login, user.login)
        self.assertIn(self.order.name, self._text(self._get()))

    def test_link_of_another_companys_order_has_that_companys_law_and_people(self):
        other = self.setup_other_company(name="Other Distillery")["company"]
        other.partner_id.tz = "UTC"
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.buyer.id,
                    "company_id": other.id,
                    "order_line": [(0, 0, {"product_id": self.gin.id, "tax_ids": []})],
                }
            )
        )
        self._prove(18)
        self.assertEqual(self._state(), "proved")
        self.path = order._get_age_page_path()
        # What was proved to one company is none of the other's business.
        self.assertEqual(self._state(), "contact")
        text = self._text(self._get())
        self.assertIn("Other Distillery", text)
        self.assertNotIn(self.officer.name, text)

    def test_address_goes_to_no_other_site_cache_or_index(self):
        headers = self.url_open(self.path).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertIn("noindex", headers["X-Robots-Tag"])

    def test_wrong_links_are_limited_for_their_address(self):
        with patch.dict(age_portal_log.LIMITS, {"bad_token": (2, 3600)}):
            statuses = [self.url_open("/age/nothing").status_code for _n in range(3)]
            self.assertEqual(statuses, [404, 404, 429])
            self._get(status=429)
        keys = self.env["age.portal.log"].search([]).mapped("key")
        self.assertFalse([key for key in keys if "127.0.0.1" in key])

    def test_starts_are_limited_for_an_order(self):
        with patch.dict(age_portal_log.LIMITS, {"start": (1, 3600)}):
            form = self._get().xpath("//form[contains(@class, 'o_age_step')]")[0]
            self._submit(form)
            self._submit(form, status=429)

    # === STATES === #

    def test_page_says_what_is_asked_why_and_what_is_kept(self):
        text = self._text(self._get())
        self.assertEqual(self._state(), "asked")
        self.assertIn(
            "Gin may be sold in Germany only to persons aged 18 or over", text
        )
        self.assertIn("do not keep your date of birth", text)
        self.assertIn(self.officer.name, text)
        self.assertNotIn("2008", text)

    def test_own_rule_is_not_called_the_law(self):
        self.rule_spirits.active = False
        self.assertIn("We sell Gin only to persons aged 18", self._text(self._get()))

    def test_page_has_no_field_to_type_in(self):
        types = set(self._get().xpath("//input/@type"))
        self.assertEqual(types, {"hidden"})

    def test_opening_the_page_starts_nothing(self):
        self._get()
        self.assertFalse(self._session())

    def test_start_leads_to_the_first_provider(self):
        response = self._press()
        session = self._session()
        self.assertEqual(session.provider_id, self.provider)
        self.assertEqual(session.order_id, self.order)
        self.assertIn("/age/simulator/", response.headers["Location"])

    def test_another_way_leads_to_the_next_provider(self):
        second = self._create_provider("Second", simulator_format="veriff")
        self._set_steps({"provider_id": self.provider.id}, {"provider_id": second.id})
        self._press(1)
        self.assertEqual(self._session().provider_id, second)

    def test_step_that_is_not_offered_is_not_taken(self):
        foreign = self._create_provider("Foreign", simulator_format="stripe")
        policy = self.policy.copy({"name": "Other", "company_id": self.company.id})
        policy.step_ids = [
            (5, 0, 0),
            (0, 0, {"provider_id": foreign.id, "sequence": 1}),
        ]
        form = self._get().xpath("//form[contains(@class, 'o_age_step')]")[0]
        form.fields["step"] = str(policy.step_ids.id)
        self._submit(form)
        self.assertEqual(self._session().provider_id, self.provider)

    def test_started_check_waits_and_can_be_gone_on_with(self):
        self._press()
        self.assertEqual(self._state(), "waiting")
        session = self._session()
        self._press_go_on()
        self.assertEqual(self._session(), session)

    def _press_go_on(self):
        [form] = self._get().xpath("//*[@id='age_state']//form")
        return self._submit(form)

    def test_waiting_page_learns_the_result(self):
        self._press()
        self._get_check(self._session()).outcome = "over"
        with freeze_time("2026-06-15 12:00:10"):
            answer = self.url_open(self.path + "/state")
        self.assertEqual(answer.json(), {"state": "proved"})

    def test_proved_age_leaves_nothing_to_do(self):
        self._prove(18)
        page = self._get()
        self.assertIn("your order goes on by itself", self._text(page))
        self.assertFalse(page.xpath("//form"))

    def test_failed_check_says_what_can_be_done(self):
        self._press()
        self._session()._apply(Result("failed", reason="unreadable"))
        page = self._get()
        self.assertEqual(self._state(), "failed")
        self.assertIn("could not be read", self._text(page))
        self.assertTrue(page.xpath("//form"))

    def test_underage_buyer_is_told_politely_and_offered_nothing(self):
        self._press()
        self._session()._apply(
            Result("denied", age=18, method="document", reason="underage")
        )
        page = self._get()
        self.assertEqual(self._state(), "underage")
        self.assertFalse(page.xpath("//form"))
        self.assertNotIn("18", self._text(page).replace(self.order.name, ""))

    def test_prohibited_sale_asks_nothing(self):
        self.rule_spirits.kind = "prohibited"
        self.assertEqual(self._state(), "prohibited")
        self.assertFalse(self._get().xpath("//form"))

    def test_missing_state_is_told_and_nothing_is_asked(self):
        self._create_rule(
            self.spirits_class,
            self.germany,
            18,
            kind="prohibited",
            state_ids=[(6, 0, self.env.ref("base.state_de_by").ids)],
        )
        page = self._get()
        self.assertEqual(self._state(), "incomplete")
        self.assertIn("complete address", self._text(page))
        self.assertFalse(page.xpath("//form"))

    def test_check_by_a_person_says_how_to_show_the_document(self):
        person = self._create_provider("Our people", code="person")
        self._set_steps({"provider_id": person.id})
        self._press(status=200)
        self.assertEqual(self._state(), "person")
        self.assertIn("not send copies", self._text(self._get()))
        self.assertTrue(self.order.activity_ids)

    def test_no_way_left_leads_to_a_person(self):
        self._set_steps()
        self.assertEqual(self._state(), "contact")
        self.assertIn(self.officer.name, self._text(self._get()))

    def test_cancelled_order_asks_nothing(self):
        self.order.action_cancel()
        self.assertEqual(self._state(), "closed")

    def test_provider_that_is_down_is_told_and_the_order_stays(self):
        # The provider's server: nothing of ours is replaced.
        with patch.object(
            type(self.env["age.simulation"]),
            "_serve",
            side_effect=AgeProviderError("down"),
        ):
            response = self._press(status=503)
        self.assertIn("cannot be started at the moment", response.text)
        self.assertEqual(self.order.state, "draft")

    def test_return_from_the_provider_leads_to_the_page(self):
        self._press()
        token = self._session().access_token
        response = self.url_open(f"/age/return/{token}", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(self.path))

    # === NOT ORDERED === #

    def test_who_did_not_order_says_so_in_two_steps(self):
        page = self._get("/not-me")
        self.assertFalse(self.record.disowned_on)
        [form] = page.xpath("//form")
        self._submit(form)
        self.assertEqual(self._state(), "disowned")
        self.assertTrue(self.order.is_age_disowned)
        self.assertIn("did not order", self.order.activity_ids.summary)

    def test_form_of_another_site_is_refused(self):
        self._get()
        with mute_logger("odoo.http"):
            response = self.url_open(self.path + "/not-me", data={"a": "b"})
        self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertFalse(self.order.is_age_disowned)

    # === CUSTOMER PORTAL === #

    def test_portal_shows_the_link_instead_of_sign_and_pay(self):
        self.order.write({"require_signature": True, "require_payment": True})
        self.order.action_quotation_sent()
        self.env.flush_all()
        url = self.order.get_portal_url()
        page = html.fromstring(self.url_open(url).content)
        self.assertEqual(page.xpath("//*[@id='age_box']//a/@href"), [self.path])
        self.assertFalse(page.xpath("//*[@data-bs-target='#modalaccept']"))
        self._prove(18)
        self.env.flush_all()
        self.order._age_unhold()
        self.env.flush_all()
        page = html.fromstring(self.url_open(url).content)
        self.assertFalse(page.xpath("//*[@id='age_box']"))
        self.assertTrue(page.xpath("//*[@data-bs-target='#modalaccept']"))
