from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCase

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRequest(ProviderCommon, MailCase):
    """Whom we ask for proof of age, how often, and who hears when nothing happens."""

    def _ask(self, order):
        with self.mock_mail_gateway():
            order._age_hold("request")
            self._run_jobs("ask")
        return self._new_mails.filtered(
            lambda mail: mail.model == "age.request" and mail.recipient_ids
        )

    def _request(self, document):
        return self.env["age.request"]._get_for(document)

    def _follow_up(self):
        self._run_jobs("follow_up_request")

    # === MAIL === #

    def test_buyer_of_a_held_order_is_asked_by_mail(self):
        order = self._create_order(self.gin)
        mail = self._ask(order)
        self.assertEqual(mail.recipient_ids, self.buyer)
        self.assertIn(order.name, mail.subject)
        self.assertIn("Gin", mail.body_html)
        self.assertIn("Germany", mail.body_html)
        self.assertIn("aged 18 or over", mail.body_html)
        self.assertIn("https://law.example.com", mail.body_html)
        self.assertIn(order._get_age_page_url(), mail.body_html)
        self.assertEqual(mail.email_from, self.officer.email_formatted)

    def test_mail_names_only_what_waits(self):
        self._prove(16)
        mail = self._ask(self._create_order(self.gin, self.wine, self.cheese))
        self.assertIn("Gin", mail.body_html)
        self.assertNotIn("Riesling", mail.body_html)
        self.assertNotIn("Cheese", mail.body_html)

    def test_mail_is_in_the_buyers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.buyer.lang = "fr_FR"
        self.gin.with_context(lang="fr_FR").name = "Genièvre"
        self.assertIn("Genièvre", self._ask(self._create_order(self.gin)).body_html)

    def test_buyer_is_asked_once_a_day_about_a_document(self):
        order = self._create_order(self.gin)
        self.assertTrue(self._ask(order))
        self.assertFalse(self._ask(order))
        with freeze_time("2026-06-16 12:01:00"):
            self.assertTrue(self._ask(order))

    def test_new_buyer_of_an_order_is_asked_and_the_old_link_is_dead(self):
        order = self._create_order(self.gin)
        self._ask(order)
        token = order._get_age_page_path().rpartition("/")[2]
        order.partner_id = self._create_buyer("Bea")
        found, is_valid = self.env["age.request"]._find_by_token(token)
        self.assertEqual((found.order_id, is_valid), (order, False))
        self.assertEqual(self._ask(order).recipient_ids.name, "Bea")

    def test_underage_and_prohibited_buyers_get_no_mail_but_a_person_a_task(self):
        order = self._create_order(self.gin)
        self.rule_spirits.kind = "prohibited"
        self.assertFalse(self._ask(order))
        self.assertEqual(order.activity_ids.user_id, self.officer)

    def test_buyer_without_address_is_a_task_once(self):
        self.buyer.email = False
        order = self._create_order(self.gin)
        self.assertFalse(self._ask(order))
        self._ask(order)
        self.assertEqual(len(order.activity_ids), 1)
        self.assertIn("no e-mail address", order.activity_ids.summary)

    def test_held_invoice_asks_as_well(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "invoice_line_ids": [
                    fields.Command.create({"product_id": self.gin.id})
                ],
            }
        )
        with self.mock_mail_gateway():
            invoice.action_age_request()
            self._run_jobs("ask")
        self.assertIn(invoice._get_age_page_url(), self._new_mails.body_html)

    def test_broken_template_holds_the_order_and_is_a_task(self):
        template = self.env.ref("age_verification.mail_template_request")
        template.body_html = "<t t-out='object.nothing_like_this'/>"
        order = self._create_order(self.gin)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertFalse(self._ask(order))
        self.assertTrue(order.age_held_since)
        self.assertIn("cannot be written", order.activity_ids.summary)

    def test_no_date_is_asked_or_told(self):
        body = self._ask(self._create_order(self.gin)).body_html
        self.assertNotIn("2008", body)
        self.assertNotIn("<input", body)

    # === FOLLOW-UP === #

    def test_person_is_told_once_when_nothing_has_happened(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._follow_up()
        self.assertFalse(order.activity_ids)
        with freeze_time("2026-06-22 12:01:00"):
            self._follow_up()
            self._follow_up()
        self.assertIn("for 7 days", order.activity_ids.summary)
        self.assertEqual(order.activity_ids.user_id, self.officer)

    def test_line_of_a_mixed_order_that_waits_is_told_of(self):
        self.policy.mixed_baskets = "lines"
        order = self._create_order(self.gin, self.cheese)
        with self.mock_mail_gateway():
            order.action_confirm()
            self._run_jobs("ask")
        self.assertTrue(self._request(order).asked_on)
        with freeze_time("2026-06-22 12:01:00"):
            self._follow_up()
        self.assertIn("for 7 days", order.activity_ids.summary)

    def test_who_has_proved_is_not_told_of(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._prove(18)
        self._request(order).asked_on = fields.Datetime.now() - timedelta(days=9)
        self._follow_up()
        self.assertFalse(order.activity_ids)

    # === NOT ORDERED === #

    def test_order_that_the_buyer_disowns_waits_for_a_person_even_with_proof(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._request(order)._disown()
        self._prove(18)
        self._release()
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.is_age_disowned)
        self.assertIn("did not order", order.activity_ids.summary)
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_order_goes_on_when_a_person_has_cleared_it_up(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._request(order)._disown()
        self._prove(18)
        order.with_user(self.seller).action_age_owned()
        self._release()
        self.assertEqual(order.state, "sale")

    def test_quotation_that_was_disowned_is_not_confirmed_by_clearing_it_up(self):
        order = self._create_order(self.gin)
        self._request(order)._disown()
        self._prove(18)
        order.action_age_owned()
        self._release()
        self.assertRecordValues(
            order, [{"state": "draft", "age_held_since": False, "age_held_by": False}]
        )

    def test_invoice_of_a_disowned_order_is_not_posted(self):
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        invoice = order._create_invoices()
        self._request(order)._disown()
        with self.assertRaises(UserError):
            invoice.action_post()
        self.assertEqual(invoice.state, "draft")

    # === RIGHTS === #

    def test_salespeople_of_others_see_no_requests(self):
        self._request(self._create_order(self.gin))
        requests = self.env["age.request"].with_user(self.seller)
        self.assertTrue(requests.search_count([]))
        with self.assertRaises(AccessError):
            requests.search([], limit=1).write({"disowned_on": False})

    def test_salespeople_see_the_requests_of_their_own_documents(self):
        own = new_test_user(
            self.env,
            "seller_with_own_documents",
            "sales_team.group_sale_salesman,age_verification.group_age_user",
            company_id=self.company.id,
        )
        theirs = self._create_order(self.gin, user_id=self.officer.id)
        mine = self._create_order(self.gin, user_id=own.id)
        nobodys = self._create_order(self.gin, user_id=False)
        self._request(theirs | mine | nobodys)
        requests = self.env["age.request"].with_user(own)
        self.assertEqual(requests.search([]).order_id, mine | nobodys)
        seen = self.env["age.request"].with_user(self.officer).search([])
        self.assertEqual(seen.order_id, theirs | mine | nobodys)

    # === SCREENS === #

    def _see(self, document):
        return self._request(document).with_user(self.seller)

    def test_person_asks_again_before_the_day_is_over(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self.assertEqual(self._see(order).state, "asked")
        with self.mock_mail_gateway():
            self._see(order).action_ask_again()
            self.assertEqual(self._see(order).state, "due")
            self._run_jobs("ask")
        self.assertEqual(self._new_mails.recipient_ids, self.buyer)
        self.assertEqual(self._see(order).state, "asked")

    def test_who_has_proved_is_not_asked_again(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._prove(18)
        self.env.invalidate_all()
        self.assertEqual(self._see(order).state, "settled")
        with self.assertRaises(UserError):
            self._see(order).action_ask_again()

    def test_disowned_request_is_cleared_up_on_its_screen(self):
        order = self._create_order(self.gin)
        self._ask(order)
        self._request(order)._disown()
        self.assertEqual(self._see(order).state, "disowned")
        with self.assertRaises(UserError):
            self._see(order).action_ask_again()
        self._see(order).action_owned()
        self.assertEqual(self._see(order).state, "asked")

    def test_filters_find_who_waits_and_who_does_not_answer(self):
        order, other = self._create_order(self.gin), self._create_order(self.gin)
        self._ask(order)
        self._request(other)
        view = self.env.ref("age_verification.age_request_view_search").arch
        domains = {
            node.get("name"): literal_eval(node.get("domain"))
            for node in etree.fromstring(view).iter("filter")
            if node.get("domain")
        }
        requests = self.env["age.request"].with_user(self.seller)
        self.assertEqual(requests.search(domains["waiting"]).order_id, order)
        self.assertFalse(requests.search(domains["silent"]))
        with freeze_time("2026-06-23 12:00:00"):
            self.assertEqual(requests.search(domains["silent"]).order_id, order)
