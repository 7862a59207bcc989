import re
from unittest.mock import patch

from lxml import html

from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader

from odoo.addons.mail.tests.common import MailCase

from ..engine.messages import Result
from ..models import age_portal_log
from .provider_common import ProviderCommon

LANGUAGES = ("de_DE", "fr_FR", "es_ES")
#: Views whose text buyers read, by the start of their names.
BUYER_VIEWS = ("request_", "age_session_", "age_wallet_page", "sale_order_portal_")
#: What only testers read: the buttons of the simulated wallet.
SIMULATED = {
    "Answer unreadable",
    "Decline",
    "Over the age",
    "Proof of an unknown issuer",
    "Underage",
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%")
#: Parts of addresses and markup that are no text.
TEXTS = "//text()[not(ancestor::script or ancestor::style)]"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestBuyerLanguage(ProviderCommon, MailCase, HttpCase):
    """Mail and pages in the languages that we ship hold no English."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["base", "http_routing", "portal", "sale", "age_verification"],
            list(LANGUAGES),
        )
        cls.second = cls._create_provider("Zwei", simulator_format="veriff")
        cls._set_steps(
            {"provider_id": cls.provider.id, "buffer_years": 7},
            {"provider_id": cls.second.id},
        )
        for product in (cls.gin, cls.wine):
            for lang in LANGUAGES:
                product.with_context(lang=lang).name = "Eau-de-vie"

    def _create_request(self, lang, **kwargs):
        self.buyer.lang = lang
        order = self._create_order(self.gin, **kwargs)
        order._age_hold("request")
        return self.env["age.request"]._get_for(order)

    # === ENGLISH === #

    @classmethod
    def _get_terms(cls, lang):
        """Terms of the buyers' views in the language, without mere punctuation."""
        names = cls.env["ir.model.data"].search(
            [("module", "=", "age_verification"), ("model", "=", "ir.ui.view")]
        )
        names = names.filtered(lambda name: name.name.startswith(BUYER_VIEWS))
        names = names.filtered(lambda name: "_view_" not in name.name)
        views = cls.env["ir.ui.view"].browse(names.mapped("res_id"))
        views = views.with_context(lang=lang)
        get_terms = views._fields["arch_db"].get_trans_terms
        terms = {term for view in views for term in get_terms(view.arch_db)}
        return {term for term in terms if any(map(str.isalpha, term))}

    @classmethod
    def _get_english(cls):
        """Texts that stand alone on an English page."""
        parts = {
            " ".join(part.split())
            for term in cls._get_terms("en_US")
            for part in html.fragment_fromstring(term, create_parent=True).itertext()
        }
        return {part for part in parts if any(map(str.isalpha, part))}

    @classmethod
    def _get_english_sentences(cls):
        """Parts that hold no value of all messages in the code, translated or not."""
        with file_open("age_verification/i18n/age_verification.pot", "rb") as file:
            sources = {
                row["src"] for row in PoFileReader(file) if row["type"] == "code"
            }
        parts = {part for source in sources for part in PLACEHOLDER.split(source)}
        return {part.strip() for part in parts if len(part.strip()) > 10}

    def _assert_no_english(self, content):
        shown = [
            " ".join(node.split()) for node in html.fromstring(content).xpath(TEXTS)
        ]
        self.assertFalse(set(shown) & self._get_english())
        text = " ".join(filter(None, shown))
        for sentence in self._get_english_sentences():
            self.assertNotIn(sentence, text)
        return text

    def _see(self, path, status=200):
        self.env.flush_all()
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text)
        return self._assert_no_english(response.content)

    # === TESTS === #

    def test_each_term_that_buyers_read_is_translated(self):
        english = self._get_terms("en_US")
        self.assertGreater(len(english), 70)
        for lang in LANGUAGES:
            same = english & self._get_terms(lang)
            simulated = {term for term in same if term.startswith("Simulated wallet")}
            self.assertEqual(same - simulated, SIMULATED, lang)

    def test_mails_of_one_run_are_in_the_language_of_each_buyer(self):
        words = {
            "de_DE": ("Altersnachweis", "Deutschland: Verkauf von", "ab 18 Jahren"),
            "fr_FR": ("preuve d'âge", "Allemagne : vente de", "âgées de 18 ans"),
            "es_ES": ("prueba de edad", "Alemania: venta de", "de 18 años o más"),
        }
        orders = {}
        for lang in LANGUAGES:
            buyer = self._create_buyer(f"Buyer {lang}", lang=lang)
            orders[lang] = self._create_order(self.gin, buyer=buyer)
            orders[lang]._age_hold("request")
        with self.mock_mail_gateway():
            self._run_jobs("ask")
        for lang, (subject, law, age) in words.items():
            mail = self._new_mails.filtered(
                lambda mail, order=orders[lang]: order.partner_id in mail.recipient_ids
            )
            text = self._assert_no_english(mail.body_html)
            self.assertIn(subject, mail.subject)
            self.assertIn(law, text)
            self.assertIn(age, text)

    def test_pages_of_a_check_hold_no_english(self):
        words = {
            "de_DE": (
                "So weisen Sie es nach",
                "konnte Ihr Alter nicht",
                "nachgewiesen",
            ),
            "fr_FR": ("Comment le prouver", "n'a pas pu être prouvé", "est prouvé"),
            "es_ES": ("Cómo demostrarlo", "no se ha podido demostrar", "demostrada"),
        }
        for lang, (asked, failed, proved) in words.items():
            record = self._create_request(lang)
            path = record._get_page_path()
            self.assertIn(asked, self._see(path))
            self._see(f"{path}/not-me")
            session, _url = record._start_check()
            self._see(f"/age/start/{session.access_token}")
            self._see(path)
            for reason in ("unreadable", "near_age", "document_expired", "too_late"):
                session.sudo().state = "pending"
                session._apply(Result("failed", reason=reason))
                self.assertIn(failed, self._see(path))
            proof = self._prove(18)
            self.assertIn(proved, self._see(path))
            proof.sudo().revoked_on = "2026-06-14"

    def test_pages_that_ask_nothing_hold_no_english(self):
        for lang in LANGUAGES:
            record = self._create_request(lang)
            path = record._get_page_path()
            for kind in ("prohibited", "age"):
                self.rule_spirits.kind = kind
                self._see(path)
            person = self._create_provider(f"Zwei {lang}", code="person")
            self._set_steps({"provider_id": person.id})
            self._see(path)
            record._start_check()
            self._see(path)
            self._set_steps()
            self._see(path)
            record._disown()
            self._see(path)
            record.order_id.action_cancel()
            self._see(path)

    def test_pages_of_dead_links_hold_no_english(self):
        for lang in LANGUAGES:
            path = self._create_request(lang)._get_page_path()
            with freeze_time("2026-07-16 12:00:00"):
                self._see(path, status=410)
        with patch.dict(age_portal_log.LIMITS, {"bad_token": (0, 3600)}):
            response = self.url_open(path, cookies={"frontend_lang": "de_DE"})
        self.assertEqual(response.status_code, 429)

    def test_page_of_a_wallet_holds_no_english_but_for_testers(self):
        wallet = self._create_provider("Wallet", simulator_format="eu_wallet")
        self._set_steps({"provider_id": wallet.id})
        for lang in LANGUAGES:
            record = self._create_request(lang)
            session, _url = record._start_check()
            page = self.url_open(f"/age/wallet/{session.access_token}").content
            tree = html.fromstring(page)
            for form in tree.xpath("//form"):
                form.drop_tree()
            self.assertTrue(tree.xpath("//img[starts-with(@src, 'data:image/png')]"))
            self._assert_no_english(html.tostring(tree))
            session.action_cancel()

    def test_cohort_and_calendar_year_are_told_without_english(self):
        for lang in LANGUAGES:
            path = self._create_request(lang)._get_page_path()
            self.rule_spirits.kind = "calendar_year"
            self._see(path)
            self.rule_spirits.write({"kind": "cohort", "born_before": "2007-01-01"})
            self._see(path)
            self.rule_spirits.kind = "age"
