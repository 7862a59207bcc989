from lxml import html

from odoo.tests import freeze_time, tagged

from .language_common import ADDON, LANGUAGES, PLACEHOLDER, SAME_WORDS, LanguageCase
from .portal_common import MakerPageCase
from .statement_common import StatementCommon
from .terms_common import TODAY, TermsCommon
from .test_quantities import QuantitiesCommon


@tagged("post_install", "-at_install")
class TestMakerLanguage(MakerPageCase, LanguageCase):
    """A maker's pages in the languages that we ship."""

    def _read_all(self, lang):
        """{name: text} of a maker's pages, none of them with English of ours."""
        self.ana.lang = lang
        page = f"/products/{self.template.id}"
        paths = ("", "/products", page, "/orders", "/statements", "/story", "/changes")
        texts = {path: self._see(f"/my/maker{path}", lang) for path in paths}
        return texts | {"home": self._see("/my", lang), "product": texts[page]}

    def test_each_term_that_is_read_is_translated(self):
        wanted = {
            row["src"] for row in self._read_po(f"{ADDON}.pot") if self._is_read(row)
        }
        wanted = {term for term in wanted if "fa-download" not in term}
        self.assertGreater(len(wanted), 200)
        for lang in LANGUAGES:
            rows = self._read_po(f"{lang[:2]}.po")
            known = {row["src"] for row in rows if row["value"]} | SAME_WORDS[lang]
            self.assertFalse(wanted - known, lang)

    def test_translations_keep_the_placeholders(self):
        for lang in LANGUAGES:
            rows = self._read_po(f"{lang[:2]}.po")
            for row in filter(lambda row: row["value"], rows):
                self.assertCountEqual(
                    PLACEHOLDER.findall(row["value"]),
                    PLACEHOLDER.findall(row["src"]),
                    row["value"],
                )

    def test_pages_that_are_empty_hold_no_english(self):
        self._clear_tiers()
        self.template.maker_id = False
        for lang in LANGUAGES:
            self.ana.lang = lang
            for path in ("", "/products", "/orders", "/statements", "/story"):
                self._see(f"/my/maker{path}", lang)

    def test_pages_hold_no_english(self):
        self._sell((self.candle, 2))
        self._create_note()
        self._create_note("<p>More</p>", categ_id=self.candle.categ_id.id)
        words = {
            "de_DE": {
                "": "Es ist nichts offen.",
                "/orders": "Beträge ohne Steuer.",
                "/story": "So lesen es Kunden",
                "product": "ab 10",
                "home": "Ihre Werkstatt",
            },
            "fr_FR": {
                "": "Il n'y a rien en cours.",
                "/orders": "hors taxes",
                "/story": "Le mot de l'atelier",
                "product": "dès 10",
                "home": "Votre atelier",
            },
            "es_ES": {
                "": "No hay nada abierto.",
                "/orders": "sin impuestos",
                "/story": "Unas palabras del taller",
                "product": "desde 10",
                "home": "Su taller",
            },
        }
        for lang, expected in words.items():
            texts = self._read_all(lang)
            for name, text in expected.items():
                self.assertIn(text, texts[name])

    def test_pages_with_open_changes_hold_no_english(self):
        self._create_note()
        self._propose("44.50")
        self._fill_in("/story", "/story", text="Kerzen", action="send")
        for lang, words in (
            ("de_DE", "Wartet auf Genehmigung"),
            ("fr_FR", "En attente d'approbation"),
            ("es_ES", "Pendiente de aprobación"),
        ):
            texts = self._read_all(lang)
            self.assertIn(words, texts[""])
            self.assertIn(words, texts["product"])

    def test_decision_is_told_in_the_language_of_the_maker(self):
        for lang, accepted, refused in (
            ("de_DE", "wurde angenommen.", "nicht angenommen: No"),
            ("fr_FR", "a été acceptée.", "pas été acceptée : No"),
            ("es_ES", "ha sido aceptado.", "no ha sido aceptado: No"),
        ):
            self.ana.lang = lang
            self._propose(str(self.template.list_price + 1))
            request = self._get_requests(state="asked").with_user(self.manager)
            request.action_accept()
            self.assertIn(accepted, request.message_ids[:1].body)
            self._propose(str(self.template.list_price + 1))
            request = self._get_requests(state="asked").with_user(self.manager)
            request._refuse("No")
            self.assertIn(refused, request.message_ids[:1].body)

    def test_change_that_fails_later_is_told_in_the_language_of_the_maker(self):
        self.ana.lang = "de_DE"
        self._propose("44.50")
        request = self._get_requests(kind="list_price")
        request.write({"state": "approved"})
        self.template.list_price = 30
        request._apply_or_refuse()
        self.assertIn("wurde inzwischen von jemand anderem geändert", request.refusal)
        self.assertIn("konnte nicht vorgenommen", request.message_ids[:1].body)

    def _propose(self, value, status=303):
        page = f"/products/{self.template.id}"
        return self._fill_in(page, f"{page}/price", status, value=value)

    def test_refusals_are_in_the_language_of_the_maker(self):
        for lang, words in (
            ("de_DE", "Bitte geben Sie eine Zahl wie 42,50 ein"),
            ("fr_FR", "Veuillez saisir un nombre tel que 42,50"),
            ("es_ES", "Introduzca un número como 42,50"),
        ):
            self.ana.lang = lang
            code = self.env["res.lang"]._get_data(code=lang).url_code
            path = f"/{code}/my/maker/products/{self.template.id}"
            self.env.flush_all()
            form = self.url_open(path)
            self.assertEqual(form.status_code, 200)
            token = html.fromstring(form.content).xpath("//input[@name='csrf_token']")
            response = self.url_open(
                f"{path}/price",
                data={
                    "csrf_token": token[0].get("value"),
                    "seen": "40.0",
                    "value": "1,234.00",
                },
            )
            self.assertEqual(response.status_code, 422)
            self.assertIn(words, self._assert_no_english(response.content, lang))
            self.env.invalidate_all()

    def test_titles_of_blocks_are_in_the_language_of_the_customer(self):
        titles = self.env["artisan.content"]._get_titles("de_DE")
        self.assertEqual(titles["note"], "Aus der Werkstatt")
        self.assertEqual(titles["care"], "Pflege")
        english = self.env["artisan.content"]._get_titles("en_US")
        for lang in LANGUAGES:
            titles = self.env["artisan.content"]._get_titles(lang)
            self.assertFalse(set(titles.values()) & set(english.values()), lang)


@tagged("post_install", "-at_install")
class TestStatementLanguage(StatementCommon, LanguageCase):
    """What makers are sent about their money."""

    def test_paper_letter_and_bill_are_in_the_language_of_the_maker(self):
        words = {
            "de_DE": ("Abrechnung", "Provision", "Auszuzahlen", "aus."),
            "fr_FR": ("Relevé", "Commission", "À verser", "Nous vous versons"),
            "es_ES": ("Liquidación", "Comisión", "Por pagar", "Le pagamos"),
        }
        part = self.scheme.part_ids
        for lang, (title, kind, paid, pays) in words.items():
            part.with_context(lang=lang).name = f"Satz {lang}"
            commission = f"Satz {lang} 15 %"
            maker = self._create_maker(f"Maker {lang}", lang=lang)
            maker.maker_payout_when = "invoiced"
            self._create_account(maker, f"FR76{lang}")
            self.candle.maker_id = maker
            self._sell()
            statement = self._make(maker=maker)
            statement.action_confirm()
            text = self._print(
                "artisan_pricing.artisan_statement_report", statement, lang
            )
            for each in (title, commission, paid):
                self.assertIn(each, text)
            letter = self.env.ref("artisan_pricing.mail_template_artisan_statement")
            values = letter._generate_template(statement.ids, ("subject", "body_html"))
            mail = values[statement.id]
            self.assertIn(title.lower(), mail["subject"].lower())
            self.assertIn(pays, self._assert_no_english(mail["body_html"], lang))
            statement.action_make_bills()
            lines = statement.bill_id.invoice_line_ids
            self.assertIn(f"{kind}: {commission}", lines.mapped("name"))
            self.assertNotIn("Period from", lines[0].name)
            for english in ("your statement", "We pay you", "Do tell us"):
                self.assertNotIn(english, mail["body_html"])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestQuotationLanguage(TermsCommon, LanguageCase):
    """What customers read before and after they order."""

    def test_terms_are_in_the_language_of_the_customer(self):
        self.gold.net_days = 47  # no payment term of core
        self._give(self.gold)
        for lang, words in (
            (
                "de_DE",
                (
                    "Warum diese Zahlungsbedingung",
                    "Stufe Gold: 47 Tage",
                    "Zahlungsbedingungen: 47",
                ),
            ),
            (
                "fr_FR",
                (
                    "Pourquoi cette condition",
                    "Niveau Gold : 47 jours",
                    "Conditions de paiement : 47",
                ),
            ),
            (
                "es_ES",
                ("Por qué este plazo", "Nivel Gold: 47 días", "Términos de pago: 47"),
            ),
        ):
            self.customer.lang = lang
            order = self._create_order(self.candle, state="sent")
            paper = self._print("sale.action_report_saleorder", order, lang)
            page = self._see(order.get_portal_url(), lang)
            for text in words:
                self.assertIn(text, paper)
                self.assertIn(text, page)


@tagged("post_install", "-at_install")
class TestOrderLanguage(QuantitiesCommon, LanguageCase):
    def test_minimums_are_in_the_language_of_the_customer(self):
        self.template.minimum_quantity = 10
        order = self._create_order((self.candle, 4), state="sent")
        for lang, words in (
            ("de_DE", "Die Mindestmenge ist 10, bitte fügen Sie 6 hinzu."),
            ("fr_FR", "le minimum est de 10, veuillez ajouter 6."),
            ("es_ES", "el mínimo es 10; añada 6, por favor."),
        ):
            self.assertIn(words, self._see(order.get_portal_url(), lang))

    def test_price_explanation_is_in_the_language_of_the_customer(self):
        self._create_price_model((10, "percent", 10))
        for lang, words in (
            ("de_DE", ("So kommen die Preise von", "Preis für die Menge")),
            ("fr_FR", ("Comment les prix de", "Prix pour la quantité")),
            ("es_ES", ("Así se forman los precios", "Precio por la cantidad")),
        ):
            self.partner.lang = lang
            order = self._create_order((self.candle, 10))
            report = "artisan_pricing.report_price_explanation"
            text = self._print(report, order, lang)
            for part in words:
                self.assertIn(part, text)

    def test_lowest_price_is_in_the_language_of_the_customer(self):
        order = self._create_order((self.candle, 1))
        vals = {"prior_price": 40, "prior_price_percent": 10}
        for lang, words in (
            ("de_DE", "Niedrigster Preis der 30 Tage vor der Ermäßigung"),
            ("fr_FR", "Prix le plus bas des 30 jours précédant la réduction"),
            ("es_ES", "Precio más bajo de los 30 días anteriores a la rebaja"),
        ):
            line = order.order_line.with_context(lang=lang)
            text = line._format_prior_price(vals)
            self.assertIn(words, text)
            self.assertIn("−10 %", text)
