from freezegun import freeze_time
from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .notice_common import NoticeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestNoticeTone(NoticeCommon):
    """The tone contract when a template or level is saved, and when a notice goes."""

    def _codes(self, notice, subject=None, body=None):
        rendered = notice._render_mail()
        findings = notice._lint_text(subject or rendered[0], body or rendered[1])
        return {(finding.code, finding.rule) for finding in findings}

    # === AT SAVE === #

    def test_template_with_a_word_of_a_later_tone_is_refused(self):
        template = self.friendly.mail_template_id
        message = (
            "“lawyers”: lawyers may be named from the tone “Final” on, not before."
        )
        with self.assertRaisesRegex(ValidationError, message):
            template.body_html += Markup("<p>Our lawyers will write.</p>")
        self.final.mail_template_id.body_html += Markup(
            "<p>Our lawyers will write.</p>"
        )

    def test_subject_counts_as_well(self):
        with self.assertRaisesRegex(ValidationError, "last reminder"):
            self.friendly.mail_template_id.subject = "Last reminder {{ object.name }}"

    def test_translation_with_a_word_of_a_later_tone_is_refused(self):
        template = self.friendly.mail_template_id.with_context(lang="de_DE")
        with self.assertRaisesRegex(ValidationError, "inkassobüro"):
            template.body_html += Markup("<p>Es folgt ein Inkassobüro.</p>")
        source = self.friendly.mail_template_id
        body = template.body_html + Markup("<p>Es folgt ein Inkassobüro.</p>")
        with self.assertRaisesRegex(ValidationError, "inkassobüro"):
            source.update_field_translations("body_html", {"de_DE": body})

    def test_level_refuses_a_template_of_a_harsher_tone(self):
        harsh = self.final.mail_template_id
        with self.assertRaisesRegex(
            ValidationError, "Level “Friendly reminder” cannot"
        ):
            self.friendly.mail_template_id = harsh

    def test_level_refuses_a_softer_tone_than_its_template(self):
        with self.assertRaisesRegex(ValidationError, "a last chance"):
            self.final.tone = "firm"

    def test_threat_is_refused_at_every_tone(self):
        with self.assertRaisesRegex(ValidationError, "no place in a reminder"):
            self.final.mail_template_id.body_html += Markup(
                "<p>You will go to prison.</p>"
            )

    def test_promotion_in_text_or_link_is_refused(self):
        template = self.friendly.mail_template_id
        body = template.body_html
        with self.assertRaisesRegex(ValidationError, "must not hold promotion"):
            template.body_html = body + Markup("<p>Use our discount code.</p>")
        with self.assertRaisesRegex(ValidationError, "link to promotion"):
            template.body_html = body + Markup(
                "<a href='https://example.com/shop'>More</a>"
            )

    def test_template_without_invoices_or_contact_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "number of each invoice"):
            self.friendly.mail_template_id.body_html = "<p>Please pay.</p>"

    def test_copy_to_somebody_else_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "nobody but the customer"):
            self.friendly.mail_template_id.email_cc = "boss@example.com"

    def test_template_of_no_level_may_say_anything(self):
        template = self.friendly.mail_template_id.copy()
        template.body_html += Markup("<p>Our lawyers will sue you in court!!!</p>")
        self.assertIn("lawyers", template.body_html)

    def test_levels_of_other_companies_count(self):
        other = self._create_company(name="Other company")
        policy = self.env["dunning.policy"].create(
            {"name": "Other", "company_id": other.id, "user_id": self.accountant.id}
        )
        template = self.final.mail_template_id.copy()
        policy.level_ids[0].mail_template_id = self.friendly.mail_template_id.copy()
        shared = policy.level_ids[0].mail_template_id
        self.assertNotEqual(shared, template)
        manager = new_test_user(
            self.env,
            "manager_of_one_company",
            "dunning_tiers.group_dunning_manager,mail.group_mail_template_editor",
            company_id=self.company.id,
        )
        with self.assertRaisesRegex(ValidationError, "solicitors"):
            shared.with_user(manager).body_html += Markup(
                "<p>Our solicitors will write.</p>"
            )

    # === AT SEND === #

    def test_each_missing_fact_is_found(self):
        notice = self._create_notice()
        subject, body = notice._render_mail()
        invoice = notice.item_ids.move_id.name
        subject = subject.replace(invoice, "")
        for gone, rule in (
            (invoice, "invoices"),
            ("1,234.50", "amounts"),
            ("06/05/2026", "due_dates"),
        ):
            text = str(body).replace(gone, "")
            self.assertIn(("missing", rule), self._codes(notice, subject, text))

    def test_notice_without_account_and_online_payment_names_no_way_to_pay(self):
        notice = self._create_notice()
        self.assertEqual(self._codes(notice), set())
        notice.item_ids.move_id.partner_bank_id = False
        self.bank_account.active = False
        self.env["payment.provider"].search([]).write({"state": "disabled"})
        self.assertEqual(self._codes(notice), {("missing", "payment")})

    def test_empty_place_of_a_template_stops_the_notice(self):
        notice = self._create_notice()
        _subject, body = notice._render_mail()
        codes = self._codes(notice, body=f"{body}<p>Your contact: False</p>")
        self.assertEqual(codes, {("unresolved", "")})

    def test_customer_named_like_a_court_is_no_threat(self):
        self.customer.name = "Gerichtsvollzieher Court Lawyers Ltd"
        notice = self._create_notice()
        person = {"name": "Sue Jail", "parent_id": self.customer.id, "email": "s@a.com"}
        notice.contact_id = self.env["res.partner"].create(person)
        self.assertEqual(self._codes(notice), set())

    def test_recipient_of_another_customer_is_a_stranger(self):
        notice = self._create_notice()
        notice.contact_id = self._create_customer("Stranger", email="x@example.com")
        self.assertEqual(self._codes(notice), {("third_party", "")})

    def test_first_notice_to_a_german_consumer_asks_no_fee(self):
        self.customer.write(
            {"is_company": False, "country_id": self.env.ref("base.de").id}
        )
        notice = self._create_notice(amount_fee=3)
        self.assertEqual(self._codes(notice), {("first_fee", "")})
        self.customer.is_company = True
        self.assertEqual(self._codes(notice), set())
        self.customer.is_company = False
        later = self._create_notice("final", amount_fee=3)
        self.assertEqual(self._codes(later), set())

    def test_first_notice_after_the_due_date_has_index_zero(self):
        levels = self.policy.level_ids.sorted("days")
        indexes = [level._get_tone_index() for level in levels]
        self.assertEqual(indexes, [-1, 0, 1, 2, 3])

    def test_untranslated_text_is_checked_as_english(self):
        template = self.friendly.mail_template_id.copy({"name": "English only"})
        template.update_field_translations(
            "body_html", {"de_DE": template.with_context(lang="en_US").body_html}
        )
        self.assertEqual(template._get_text_language("de_DE"), "en_US")
        self.assertEqual(template._get_text_language("fr_FR"), "fr_FR")

    def test_run_puts_a_notice_with_broken_tone_back_to_review(self):
        self._create_debt(100, 8)
        run = self._propose()
        notice = run.notice_ids
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = jsonb_set(body_html, '{en_US}', %s)"
            " WHERE id = %s",
            ['"<p>We go to court.</p>"', notice.level_id.mail_template_id.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._send(run))
        self.assertRecordValues(notice, [{"state": "review", "reason": "tone"}])
        self.assertIn("court", notice.error_text)

    def test_ordinary_user_can_check_a_notice(self):
        notice = self._create_notice().with_user(self.accountant).sudo(False)
        subject, body = notice._render_mail()
        self.assertEqual(notice._lint_rendered(subject, body), [])
        self.assertEqual(notice._lint_letter(), [])

    def test_user_cannot_change_what_a_level_sends(self):
        with self.assertRaises(AccessError):
            self.friendly.with_user(self.accountant).tone = "final"

    def test_escalation_needs_no_text(self):
        self.escalation.mail_template_id = False
        self.assertEqual(self.escalation._lint_template(), [])
        self.policy.level_ids = [Command.update(self.escalation.id, {"days": 50})]
        self.assertEqual(self.escalation.days, 50)
