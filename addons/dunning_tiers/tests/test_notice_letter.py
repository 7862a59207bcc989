import io

from freezegun import freeze_time
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.pdf import PdfFileReader

from ..engine.plain_text import plain_text
from ..models.dunning_notice_letter import LETTER_REPORT
from .notice_common import NoticeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeLetter(NoticeCommon):
    """The printed letter: language, amount in words, interest, one PDF of several."""

    def _letter(self, notice):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            LETTER_REPORT, notice.ids
        )
        return " ".join(plain_text(html.decode())[0].split())

    def _pdf(self, notices):
        content, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(LETTER_REPORT, notices.ids)
        )
        self.assertEqual(kind, "pdf")
        return PdfReader(io.BytesIO(content))

    def test_letter_speaks_the_customers_language(self):
        notice = self._create_notice("final")
        expected = {
            "en_US": ("Final payment reminder", "Dear customer,", "Kind regards"),
            "de_DE": ("Letzte Mahnung", "Sehr geehrte Damen", "Freundliche Grüße"),
            "fr_FR": ("Dernier rappel", "Madame, Monsieur,", "Bien cordialement"),
            "es_ES": ("Último recordatorio", "Estimados señores:", "Un cordial saludo"),
        }
        for lang, words in expected.items():
            notice.lang = lang
            text = self._letter(notice)
            for word in words:
                self.assertIn(word, text, lang)

    def test_amount_in_words_follows_the_language(self):
        notice = self._create_notice()
        expected = {
            "en_US": "One Thousand, Two Hundred And Thirty-Four",
            "de_DE": "Eintausendzweihundertvierunddreißig",
            "fr_FR": "Mille Deux Cent Trente-Quatre",
            "es_ES": "Mil Doscientos Treinta Y Cuatro",
        }
        for lang, words in expected.items():
            notice.lang = lang
            self.assertIn(words, self._letter(notice), lang)

    def test_letter_names_every_fact(self):
        text = self._letter(self._create_notice())
        for fact in ("$ 1,234.50", "06/05/2026", "DE89 3704 0044 0532 0130 00"):
            self.assertIn(fact, text)
        self.assertIn(self.accountant.email, text)

    def test_letter_has_a_code_to_scan(self):
        notice = self._create_notice()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            LETTER_REPORT, notice.ids
        )
        self.assertIn("data:image/png;base64,", html.decode())

    def test_interest_is_shown_with_its_calculation(self):
        notice = self._create_notice("final")
        self.assertNotIn("Interest calculation", self._letter(notice))
        line = notice.item_ids.move_line_id
        notice.write(
            {
                "amount_interest": 3.97,
                "charge_ids": [
                    Command.create(
                        {
                            "company_id": self.company.id,
                            "currency_id": notice.currency_id.id,
                            "move_line_id": line.id,
                            "kind": "interest",
                            "name": "Interest",
                            "date_from": "2026-06-06",
                            "date_to": "2026-06-15",
                            "days": 10,
                            "principal": 1234.5,
                            "rate": 11.75,
                            "amount": 3.97,
                        }
                    )
                ],
            }
        )
        text = self._letter(notice)
        self.assertIn("Interest calculation", text)
        self.assertIn("06/06/2026 06/15/2026 10 $ 1,234.50 11.75 % $ 3.97", text)

    def test_several_letters_make_one_pdf_each_on_its_own_page(self):
        notices = self._create_notice() | self._create_notice("firm")
        pages = [page.extract_text() for page in self._pdf(notices).pages]
        self.assertEqual(len(pages), 2)
        for page, notice in zip(pages, notices, strict=True):
            self.assertIn(notice.name, page)

    def test_letter_is_kept_on_its_notice_and_replaced_when_made_again(self):
        notice = self._create_notice().with_context(force_report_rendering=True)
        self.assertEqual(notice._make_letter(), notice)
        first = notice.letter_id
        self.assertEqual(first.mimetype, "application/pdf")
        self.assertEqual(PdfFileReader(io.BytesIO(first.raw)).numPages, 1)
        self.assertEqual((first.res_model, first.res_id), (notice._name, notice.id))
        notice._make_letter()
        self.assertFalse(first.exists())

    def test_letter_without_a_way_to_pay_goes_back_to_review(self):
        notice = self._create_notice(state="approved")
        notice.item_ids.move_id.partner_bank_id = False
        self.bank_account.active = False
        self.env["payment.provider"].search([]).write({"state": "disabled"})
        self.assertFalse(notice._make_letter())
        self.assertRecordValues(notice, [{"state": "review", "reason": "tone"}])
        self.assertFalse(notice.letter_id)

    def test_customer_without_mail_gets_the_letter_alone(self):
        self.customer.write({"email": False, "street": "1 Road", "city": "Bath"})
        self.customer.country_id = self.env.ref("base.uk")
        self.friendly.print_letter = True
        self._create_debt(100, 8)
        run = self._propose().with_context(force_report_rendering=True)
        self.assertEqual(run.notice_ids.state, "approved")
        run.notice_ids.sudo()._deliver()
        self.assertEqual(run.notice_ids.state, "sent")
        self.assertTrue(run.notice_ids.letter_id)

    def test_escalation_has_no_letter(self):
        notice = self._create_notice(level_id=self.escalation.id)
        with self.assertRaises(UserError):
            notice.action_print_letters()

    def test_only_dunning_users_print(self):
        report = self.env.ref(LETTER_REPORT)
        clerk = new_test_user(self.env, "clerk", "base.group_user")
        action = {"report": [report.id]}
        bindings = self.env["ir.actions.actions"].with_user(clerk)
        shown = bindings.get_bindings("dunning.notice").get("report", ())
        self.assertNotIn(action["report"][0], [row["id"] for row in shown])
        bindings = self.env["ir.actions.actions"].with_user(self.accountant)
        shown = bindings.get_bindings("dunning.notice").get("report", ())
        self.assertIn(report.id, [row["id"] for row in shown])
