import re

from lxml import html

from odoo.tests import HttpCase
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader

ADDON = "artisan_pricing"
LANGUAGES = ("de_DE", "fr_FR", "es_ES")
#: Views whose text customers or makers read, by the start of their names.
READ_VIEWS = (
    "portal_",
    "price_explanation",
    "report_artisan_statement",
    "report_price_explanation",
    "sale_order_earned_terms",
    "sale_order_portal_template",
)
#: Code all of whose messages they read, by the start of its path in the addon.
READ_CODE = (
    "change_targets.py",
    "controllers/",
    "models/account_payment_term.py",
    "models/artisan_change_request_asking.py",
    "models/artisan_content.py",
    "models/sale_order_line_prior_price.py",
    "models/sale_order_quantities.py",
    "price_words.py",
    "terms_words.py",
)
#: Words that are the same in both languages.
SAME_WORDS = {
    "de_DE": {"CSV", "PDF"},
    "fr_FR": {"CSV", "Commission", "Date", "PDF", "Promotion"},
    "es_ES": {"CSV", "PDF"},
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|%%")
#: Parts of a page that are text.
TEXTS = ".//text()[not(ancestor::script or ancestor::style)]"


class LanguageCase(HttpCase):
    """Finds English text of this addon on paper and pages in another language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["http_routing", "portal", "sale", ADDON], list(LANGUAGES)
        )
        if "website" in cls.env:  # it has languages of its own
            installed = cls.env["res.lang"].search([])
            cls.env["website"].search([]).language_ids = installed

    def setUp(self):
        super().setUp()
        self._parts = {lang: self._get_parts(lang) for lang in LANGUAGES}
        self._sentences = self._get_sentences()

    # === ENGLISH === #

    @classmethod
    def _read_po(cls, name):
        """The rows of a file of terms, one for each place of each term."""
        with file_open(f"{ADDON}/i18n/{name}", "rb") as file:
            return [dict(row) for row in PoFileReader(file)]

    @classmethod
    def _is_read(cls, row):
        if row["type"] == "code":
            path = row["name"].removeprefix(f"addons/{ADDON}/")
            return path.startswith(READ_CODE)
        if row["type"] == "model_terms":
            view = row["imd_name"] or ""
            return view.startswith(READ_VIEWS) and "_view_form" not in view
        return False

    @classmethod
    def _get_parts(cls, lang):
        """What stands alone on an English page, and would be English in ``lang``."""
        terms = {
            row["src"]
            for row in cls._read_po(f"{ADDON}.pot")
            if cls._is_read(row) and row["type"] == "model_terms"
        }
        parts = {
            " ".join(part.split())
            for term in terms
            for part in html.fragment_fromstring(term, create_parent=True).itertext()
        }
        parts -= SAME_WORDS[lang]
        return {part for part in parts if any(map(str.isalpha, part))}

    @classmethod
    def _get_sentences(cls):
        """Parts that hold no value of all messages in the code, translated or not."""
        rows = cls._read_po(f"{ADDON}.pot")
        sources = {row["src"] for row in rows if row["type"] == "code"}
        parts = {part for source in sources for part in PLACEHOLDER.split(source)}
        return {part.strip() for part in parts if len(part.strip()) > 12}

    def _assert_no_english(self, content, lang):
        """The text of a page, in which no term of ours is English."""
        page = html.fromstring(content)
        # Around it a website has menus, whose names are its own.
        page = (page.xpath("//main") or [page])[0]
        shown = [" ".join(node.split()) for node in page.xpath(TEXTS)]
        self.assertFalse(set(shown) & self._parts[lang])
        text = " ".join(filter(None, shown))
        for sentence in self._sentences:
            self.assertNotIn(sentence, text)
        return text

    # === PAPER AND PAGES === #

    def _see(self, path, lang, status=200):
        self.env.flush_all()
        code = self.env["res.lang"]._get_data(code=lang).url_code
        response = self.url_open(f"/{code}{path}", allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text[:2000])
        return self._assert_no_english(response.content, lang)

    def _print(self, report, record, lang):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, record.ids
        )
        return self._assert_no_english(content, lang)
