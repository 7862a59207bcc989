import re
from datetime import timedelta
from unittest import SkipTest
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader

from ..models import dunning_portal_log
from .ledger_common import TODAY, LedgerCommon
from .portal_common import CustomerPageCase

LANGUAGES = ("de_DE", "fr_FR", "es_ES")
#: Views whose text customers read, by the start of their names.
CUSTOMER_VIEWS = (
    "letter_",
    "notice_",
    "portal_",
    "report_dunning_letter",
    "report_statement",
    "statement_items",
)
#: Words that are the same in both languages; "Rate" is German for an instalment.
SAME_WORDS = {
    "de_DE": {"Bank", "Rate"},
    "fr_FR": {"Date", "Document", "Principal", "Total"},
    "es_ES": {"Principal", "Total"},
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%")


class LanguageCase(HttpCase):
    """Finds English text of ours on a page in another language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["http_routing", "portal", "dunning_tiers"], list(LANGUAGES)
        )

    @classmethod
    def _get_customer_views(cls):
        names = cls.env["ir.model.data"].search(
            [("module", "=", "dunning_tiers"), ("model", "=", "ir.ui.view")]
        )
        names = names.filtered(lambda name: name.name.startswith(CUSTOMER_VIEWS))
        return cls.env["ir.ui.view"].browse(names.mapped("res_id"))

    @classmethod
    def _get_terms(cls, lang):
        """Terms of the customer's views in the language, without mere punctuation."""
        views = cls._get_customer_views().with_context(lang=lang)
        get_terms = views._fields["arch_db"].get_trans_terms
        terms = {term for view in views for term in get_terms(view.arch_db)}
        return {term for term in terms if any(map(str.isalpha, term))}

    @classmethod
    def _get_english_texts(cls, lang):
        """What stands alone on an English page, and would be English in ``lang``."""
        texts = set()
        for term in cls._get_terms("en_US") - SAME_WORDS[lang]:
            parts = html.fragment_fromstring(term, create_parent=True).itertext()
            texts |= {" ".join(part.split()) for part in parts}
        buckets = cls.env["dunning.ageing.report"]._fields["bucket"]
        english = cls.env(context={**cls.env.context, "lang": "en_US"})
        texts |= {label for _code, label in buckets._description_selection(english)}
        return {text for text in texts if any(map(str.isalpha, text))}

    @classmethod
    def _get_english_sentences(cls):
        """Parts that hold no value of all messages in the code, translated or not."""
        with file_open("dunning_tiers/i18n/dunning_tiers.pot", "rb") as file:
            rows = list(PoFileReader(file))
        sources = {row["src"] for row in rows if row["type"] == "code"}
        parts = {part for source in sources for part in PLACEHOLDER.split(source)}
        return {part.strip() for part in parts if len(part.strip()) > 10}

    def _assert_no_english(self, response, lang):
        page = html.fromstring(response.content)
        nodes = page.xpath("//text()[not(ancestor::script or ancestor::style)]")
        shown = [" ".join(node.split()) for node in nodes]
        self.assertFalse(set(shown) & self._get_english_texts(lang), response.url)
        text = " ".join(filter(None, shown))
        for sentence in self._get_english_sentences():
            self.assertNotIn(sentence, text, response.url)
        return text


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPageLanguage(CustomerPageCase, LanguageCase):
    """The customer page in the languages that we ship."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_debt(50, due=8)

    def _see(self, path="", status=200):
        return self._assert_no_english(self._get(path, status), self.notice.lang)

    def _fill_account(self):
        """An account with all that the page can show, and an answer of each kind."""
        self._enable_online_payment()
        self.notice.amount_fee = 12
        self.invoice.payment_reference = "RF18 5390"
        self._pay(self.second, date=0)
        self._create_payment(5, date=1)
        self._create_debt(30, due=-5)
        partial = self._create_debt(40, due=1)
        self._pay(partial, date=0, amount=15)
        later = self._create_debt(20, due=3)
        self._post("paid", date="2026-06-12")
        self._post("promise", invoice=partial, date="2026-06-20")
        self._post("dispute", invoice=later, part="amount", amount="7", reason="x")
        by_line = self._create_debt(60, due=4)
        values = {"part": "lines", "lines": by_line.invoice_line_ids.ids}
        self._post("dispute", invoice=by_line, reason="x", **values)
        whole = self._create_debt(70, due=4)
        self._post("dispute", invoice=whole, part="all", reason="x")

    def test_each_term_that_customers_read_is_translated(self):
        english = self._get_terms("en_US")
        self.assertGreater(len(english), 120)
        for lang in LANGUAGES:
            self.assertEqual(english & self._get_terms(lang), SAME_WORDS[lang], lang)

    def test_full_account_holds_no_english(self):
        words = {
            "de_DE": ("Unser Schreiben", "8 Tage überfällig", "Jetzt zu zahlen"),
            "fr_FR": ("Notre courrier", "8 jours de retard", "À régler maintenant"),
            "es_ES": ("Nuestro aviso", "8 días de retraso", "A pagar ahora"),
        }
        self._fill_account()
        for lang, expected in words.items():
            self.notice.lang = lang
            for said in ("paid", "dispute", "promise"):
                text = self._see(f"?said={said}")
            for word in expected:
                self.assertIn(word, text)
            for form in ("paid", "dispute", "promise"):
                self._see(f"/{form}?invoice={self.invoice.id}")
                self._see(f"/{form}?invoice={self.second.id}")
            self._see("/paid")

    def test_wrong_answers_are_explained_without_english(self):
        for lang in LANGUAGES:
            self.notice.lang = lang
            for form, values in (
                ("paid", {"date": "2027-01-01", "amount": "x"}),
                ("promise", {"date": "2027-01-01", "amount": "999"}),
                ("dispute", {"part": "amount", "amount": "999"}),
                ("dispute", {"part": "lines"}),
                ("dispute", {"part": "x", "reason": " "}),
            ):
                response = self._post(form, status=422, **values)
                self.assertTrue(self._errors(response))
                self._assert_no_english(response, lang)

    def test_limits_of_promises_are_explained_without_english(self):
        self._post("promise", date="2026-06-20")
        for lang in LANGUAGES:
            self.notice.lang = lang
            for most in (1, 0):
                self.policy.promise_max_count = most
                text = self._see(f"/promise?invoice={self.invoice.id}")
                self.assertIn(self.accountant.name, text)

    def test_settled_account_holds_no_english(self):
        self._create_payment(200, date=1)
        for lang, word in zip(
            LANGUAGES,
            ("Zu Ihren Gunsten", "En votre faveur", "A su favor"),
            strict=True,
        ):
            self.notice.lang = lang
            self.assertIn(word, self._see())
        self._pay(self.invoice, date=0)
        self._pay(self.second, date=0)
        for lang in LANGUAGES:
            self.notice.lang = lang
            self._see()

    def test_pages_instead_of_the_account_hold_no_english(self):
        foreign = self._create_debt(11, due=9, partner_id=self._create_customer("X"))
        for lang, word in zip(
            LANGUAGES, ("Fehler 404", "Erreur 404", "Error 404"), strict=True
        ):
            self.notice.lang = lang
            self.assertIn(word, self._get(f"/invoice/{foreign.id}", status=404).text)
            data = self._prepare_claim()
            with patch.dict(dunning_portal_log.LIMITS, {"submission": (0, 3600)}):
                response = self._send_form("paid", data, status=429)
            self._assert_no_english(response, lang)
            with freeze_time(TODAY + timedelta(days=self.policy.link_valid_days + 1)):
                self._see(status=410)

    def test_levels_and_charges_are_named_in_the_customer_s_language(self):
        names = {
            "en_US": ("Friendly reminder", "Reminder fee"),
            "de_DE": ("Freundliche Erinnerung", "Mahngebühr"),
            "fr_FR": ("Rappel amical", "Frais de rappel"),
            "es_ES": ("Recordatorio amistoso", "Gastos de reclamación"),
        }
        self.friendly.fee_amount = 3
        self.notice.state = "review"
        for lang, (level, fee) in names.items():
            self.notice.lang = lang
            self.notice._set_charges()
            self.assertEqual(self.notice.charge_ids.name, fee)
            self.assertEqual(self.friendly.with_context(lang=lang).name, level)

    def test_level_that_somebody_named_keeps_its_name(self):
        levels = [{"name": "A nudge", "days": 5}, {"name": "Final notice", "days": 9}]
        policy = self.env["dunning.policy"].create(
            {
                "name": "Own words",
                "company_id": self.company.id,
                "level_ids": [Command.create(level) for level in levels],
            }
        )
        final = policy.level_ids[1]
        final.with_context(lang="de_DE").name = "Wir nochmal"
        self.env["ir.module.module"]._load_module_terms(["dunning_tiers"], ["de_DE"])
        self.assertEqual(
            policy.level_ids.with_context(lang="de_DE").mapped("name"),
            ["A nudge", "Wir nochmal"],
        )
        self.assertEqual(final.with_context(lang="fr_FR").name, "Dernier rappel")

    def test_language_that_comes_later_names_the_default_levels(self):
        self.friendly.update_field_translations("name", {"de_DE": False})
        german = self.friendly.with_context(lang="de_DE")
        self.assertEqual(german.name, "Friendly reminder")
        self.env["ir.module.module"]._load_module_terms(["dunning_tiers"], ["de_DE"])
        self.assertEqual(german.name, "Freundliche Erinnerung")

    def test_policy_made_by_a_german_has_english_names_too(self):
        policy = (
            self.env["dunning.policy"]
            .with_context(lang="de_DE")
            .create({"name": "Zweite", "company_id": self.company.id})
        )
        levels = policy.level_ids
        self.assertEqual(levels[0].name, "Freundliche Erinnerung")
        self.assertEqual(
            levels.with_context(lang="en_US").mapped("name"),
            ["Friendly reminder", "Second reminder", "Final notice"]
            + ["Call the customer"],
        )


@tagged("post_install", "-at_install")
class TestStatementLanguage(LedgerCommon, LanguageCase):
    """The statement of account in the languages that we ship."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.env["ir.module.module"]._get("website").state == "installed":
            raise SkipTest("a website has languages of its own")
        cls.user = new_test_user(
            cls.env,
            "owner_of_walnut",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _see(self, lang, path=""):
        self.user.lang = lang
        self.authenticate("owner_of_walnut", "owner_of_walnut")
        # A browser remembers the language of the page before.
        self.opener.cookies.pop("frontend_lang", None)
        response = self.url_open(f"/my/statement{path}")
        self.assertEqual(response.status_code, 200)
        return self._assert_no_english(response, lang), response

    def test_statement_and_its_pdf_hold_no_english(self):
        words = {
            "de_DE": ("Kontoauszug vom", "91 Tage und mehr", "Kontoauszug"),
            "fr_FR": ("Relevé de compte du", "91 jours et plus", "Relev"),
            "es_ES": ("Estado de cuenta del", "91 días o más", "Estado"),
        }
        self._create_debt(111, 40)
        self._create_payment(33, 40)
        for lang, (heading, bucket, file) in words.items():
            for path in ("", "?report_type=pdf"):
                text, response = self._see(lang, path)
                self.assertIn(heading, text)
                self.assertIn(bucket, text)
            self.assertIn(file, response.headers["Content-Disposition"])

    def test_long_statement_holds_no_english(self):
        for _number in range(3):
            self._create_debt(10, 3)
        module = "odoo.addons.dunning_tiers.report.dunning_statement.DunningStatement"
        defaults = (2,)  # items that are listed
        with patch(f"{module}._get_statements.__defaults__", defaults):
            for lang in LANGUAGES:
                self._see(lang)

    def test_empty_statement_and_home_hold_no_english(self):
        for lang, word in zip(
            LANGUAGES,
            ("Es ist nichts offen", "rien à régler", "nada pendiente"),
            strict=True,
        ):
            self.assertIn(word, self._see(lang)[0])
            self.assertIn(word, self._see(lang, "?report_type=pdf")[0])
            self._assert_no_english(self.url_open("/my/home"), lang)

    def test_accountant_prints_in_the_customer_s_language(self):
        self._create_debt(111, 40)
        self.customer.lang = "de_DE"
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.accountant)
            .with_context(lang="en_US")
            ._render_qweb_html("dunning_tiers.report_statement", self.customer.ids)
        )
        text = html.fromstring(content).text_content()
        self.assertIn("91 Tage und mehr", text)
        self.assertNotIn("91 days and more", text)
