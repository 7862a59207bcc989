from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..models import dunning_notice_text
from .ledger_common import TODAY
from .notice_common import LANGUAGES, TONES, NoticeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeText(NoticeCommon):
    """What the customer reads: default templates and the table of a notice."""

    # === DEFAULT TEMPLATES === #

    def test_default_templates_keep_their_tone_in_every_language(self):
        for tone in TONES:
            notice = self._create_notice(tone)
            for lang in LANGUAGES:
                with self.subTest(tone=tone, lang=lang):
                    notice.lang = lang
                    subject, body = notice._render_mail()
                    self.assertEqual(notice._lint_rendered(subject, body), [])
                    self.assertEqual(notice._lint_letter(), [])

    def test_default_templates_name_every_fact(self):
        facts = {
            "en_US": ("$ 1,234.50", "06/05/2026", "06/17/2026"),
            "de_DE": ("1.234,50 $", "05.06.2026", "17.06.2026"),
            "fr_FR": ("1 234,50 $", "05/06/2026", "17/06/2026"),
            "es_ES": ("1.234,50 $", "05/06/2026", "17/06/2026"),
        }
        self.company.currency_id.position = "after"
        facts["en_US"] = ("1,234.50 $", *facts["en_US"][1:])
        for tone in TONES:
            notice = self._create_notice(tone)
            for lang, (amount, due, due_soon) in facts.items():
                with self.subTest(tone=tone, lang=lang):
                    notice.lang = lang
                    text = self._text(notice)
                    for fact in (
                        notice.item_ids.move_id.name,
                        amount,
                        due_soon if tone == "courtesy" else due,
                        self.company.name,
                        "DE89 3704 0044 0532 0130 00",
                        self.accountant.email,
                    ):
                        self.assertIn(fact, text)

    def test_texts_are_translated_when_a_language_is_loaded(self):
        notice = self._create_notice("firm")
        words = {
            "en_US": ("Please pay", "Total to pay", "Kind regards"),
            "de_DE": ("Bitte überweisen", "Zu zahlen", "Freundliche Grüße"),
            "fr_FR": ("Nous vous remercions", "Total à régler", "Bien cordialement"),
            "es_ES": ("Le rogamos", "Total a pagar", "Un cordial saludo"),
        }
        for lang, expected in words.items():
            notice.lang = lang
            text = self._text(notice)
            for word in expected:
                self.assertIn(word, text)
            for other in set(words) - {lang}:
                self.assertNotIn(words[other][1], text)

    def test_translations_fill_the_same_places_as_the_source(self):
        for tone in TONES:
            template = self.env.ref(f"dunning_tiers.mail_template_{tone}")
            for field in ("subject", "body_html"):
                source = template.with_context(lang="en_US")[field]
                for lang in LANGUAGES[1:]:
                    text = template.with_context(lang=lang)[field]
                    self.assertNotEqual(text, source, (tone, lang))
                    for place in ("object.", "<t ", "</t>", "{{", "<p", "</p>"):
                        self.assertEqual(
                            text.count(place), source.count(place), (tone, lang, place)
                        )

    def test_mail_is_headed_by_the_company_in_every_language(self):
        notice = self._create_notice("courtesy", lang="de_DE")
        self.customer.lang = "de_DE"
        with self.mock_mail_gateway():
            mail = notice._post_mail("Betreff", "<p>Text</p>")
        self.assertIn(self.company.name, mail.body_html)
        self.assertNotIn("Dunning", mail.body_html)
        self.assertNotIn(notice.name, mail.body_html)

    # === TABLE === #

    def test_person_is_greeted_by_name_and_company_is_not(self):
        notice = self._create_notice()
        self.assertIn("Hello, Perhaps", self._text(notice))
        person = self.env["res.partner"].create(
            {
                "name": "Rosa Lamb",
                "parent_id": self.customer.id,
                "email": "r@example.com",
            }
        )
        notice.contact_id = person
        self.assertIn("Hello Rosa Lamb, Perhaps", self._text(notice))

    def test_charges_have_rows_only_when_they_are_not_zero(self):
        notice = self._create_notice("final")
        for word in ("Interest", "compensation", "fee"):
            self.assertNotIn(word, self._text(notice))
        notice.write(
            {"amount_interest": 7.12, "amount_compensation": 40, "amount_fee": 2}
        )
        text = self._text(notice)
        self.assertIn("Interest for late payment $ 7.12", text)
        self.assertIn("Fixed compensation for late payment $ 40.00", text)
        self.assertIn("Reminder fee $ 2.00", text)
        self.assertIn("Total to pay $ 1,283.62", text)

    def test_credits_are_shown_and_deducted(self):
        notice = self._create_notice()
        refund = self._create_debt(34.5, 1, move_type="out_refund")
        notice.credit_line_ids = refund.line_ids.filtered("date_maturity")
        notice.amount_credits = 34.5
        text = self._text(notice)
        self.assertIn(f"Less credit note {refund.name}, 06/14/2026 $ -34.50", text)
        self.assertIn("Total to pay $ 1,200.00", text)

    def test_instalments_are_told_apart(self):
        term = self._create_halves_term(5)
        move = self._create_invoice_one_line(
            price_unit=1000,
            tax_ids=[],
            partner_id=self.customer,
            invoice_date=TODAY - timedelta(days=20),
            invoice_payment_term_id=term,
            post=True,
        )
        text = self._text(self._create_notice(move=move))
        self.assertIn("Instalment 1/2", text)
        self.assertIn("Instalment 2/2", text)

    def test_invoice_new_in_a_later_reminder_is_marked_so(self):
        notice = self._create_notice("final")
        new = self._create_debt(70, 8)
        line = self._receivable(new)
        vals = self._prepare_item(notice.run_id, self.friendly, line)
        notice.sudo().item_ids = [Command.create(vals)]
        self.assertEqual(self._text(notice).count("first reminder"), 1)
        notice.lang = "de_DE"
        self.assertIn(f"{new.name} erste Erinnerung", self._text(notice))

    def test_first_reminder_marks_nothing_as_new(self):
        self.assertNotIn("first reminder", self._text(self._create_notice("friendly")))

    def test_long_table_ends_with_the_sum_of_the_others(self):
        self.patch(dunning_notice_text, "MAX_SHOWN_ITEMS", 2)
        notice = self._create_notice()
        level, run = notice.level_id, notice.run_id
        for _number in range(3):
            line = self._create_debt(100, 5).line_ids.filtered("date_maturity")
            notice.item_ids = [Command.create(self._prepare_item(run, level, line))]
        notice.amount_items = 1534.5
        text = self._text(notice)
        self.assertIn("2 more invoices $ 200.00", text)
        self.assertIn("Total to pay $ 1,534.50", text)
        subject, body = notice._render_mail()
        self.assertEqual(notice._lint_rendered(subject, body), [])

    def test_reference_names_few_invoices_and_else_the_notice(self):
        notice = self._create_notice()
        invoice = notice.item_ids.move_id
        self.assertEqual(notice._get_payment_reference(), invoice.payment_reference)
        for _number in range(3):
            line = self._create_debt(100, 5).line_ids.filtered("date_maturity")
            item = self._prepare_item(notice.run_id, notice.level_id, line)
            notice.item_ids = [Command.create(item)]
        self.assertEqual(notice._get_payment_reference(), notice.name)
        self.assertTrue(notice._get_short_reference().endswith(" +1"))
