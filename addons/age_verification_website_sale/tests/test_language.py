from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import PoFileReader

ADDON = "age_verification_website_sale"


@tagged("post_install", "-at_install")
class TestLanguage(TransactionCase):
    """What buyers read in the shop is translated: all but the names of models."""

    def _read(self, name):
        with file_open(f"{ADDON}/i18n/{name}", "rb") as file:
            rows = [row for row in PoFileReader(file) if row["type"] != "model"]
        return {row["src"]: row["value"] for row in rows}

    def test_each_term_is_translated(self):
        terms = set(self._read(f"{ADDON}.pot"))
        for lang in ("de", "fr", "es"):
            translated = {
                src for src, value in self._read(f"{lang}.po").items() if value
            }
            self.assertEqual(translated, terms, lang)

    def test_notice_of_a_cart_is_in_the_buyers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms([ADDON], ["de_DE"])
        order = self.env["sale.order"].with_context(lang="de_DE")
        self.assertEqual(
            order._get_age_cart_notice("prohibited", None, "Gin"),
            "Gin darf nicht an Ihre Adresse verkauft werden.",
        )
