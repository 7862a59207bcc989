import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import tone
from ..engine.plain_text import plain_text

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_VIEW_CALL = re.compile(r"t-call=[\"']([^\"']+)[\"']")
#: Kind of fact -> what a template may take it from. The items table has the invoices.
_SOURCES = {
    "invoices": ("dunning_tiers.notice_items_table", "item_ids", "_get_shown_items"),
    "payment": (
        "dunning_tiers.notice_payment",
        "_get_payment_url",
        "_get_bank_account",
        "_get_portal_url",
    ),
    "dispute": ("_get_portal_url", "_get_reply_email", "user_id.email"),
}


class MailTemplate(models.Model):
    _inherit = "mail.template"

    dunning_level_ids = fields.One2many(
        "dunning.level", "mail_template_id", export_string_translation=False
    )

    @api.constrains("subject", "body_html", "email_cc", "model_id")
    def _check_dunning_tone(self):
        """Texts of dunning levels keep the tone of each level, in every language."""
        # Levels of all companies count, also those that the user does not see.
        for level in self.sudo().dunning_level_ids:
            sentences = level._lint_template()
            if sentences:
                raise ValidationError(
                    self.env._(
                        "This template is used for reminders of the tone “%(tone)s”:\n"
                        "%(findings)s",
                        tone=self.env["dunning.tone"]._get_tone_label(level.tone),
                        findings="\n".join(sentences),
                    )
                )

    def _update_field_translations(
        self, field_name, translations, digest=None, source_lang=""
    ):
        """Override of `mail`: translations do not pass through `write`."""
        result = super()._update_field_translations(
            field_name, translations, digest=digest, source_lang=source_lang
        )
        if field_name in ("subject", "body_html"):
            self._check_dunning_tone()
        return result

    def _lint_dunning_tone(self, tone_class, level_index):
        """What the template's texts break of the tone contract, as sentences.

        :param str tone_class: one of `engine.tone.TONES`
        :param int level_index: 0 for the first notice after the due date
        """
        self.ensure_one()
        words = self.env["dunning.tone"]
        findings = self._lint_copies() + self._lint_sources()
        for lang in self._get_text_languages():
            setting = tone.Setting(tone_class, lang, level_index)
            findings += self.with_context(lang=lang)._lint_source(setting)
        return list(dict.fromkeys(words._describe(finding) for finding in findings))

    def _lint_source(self, setting):
        """Findings in the text of the context's language."""
        text, links = plain_text(self.body_html)
        subject = _PLACEHOLDER.sub("", self.subject or "")
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        names = tuple(companies.mapped("name"))
        return tone.lint_source(f"{subject}\n{text}", links, setting, names)

    def _lint_copies(self):
        """Addresses written into the template are no addresses of the customer."""
        copies = _PLACEHOLDER.sub("", self.email_cc or "").strip(" ,;")
        return [tone.Finding("third_party", (copies,))] if copies else []

    def _lint_sources(self):
        """Facts that the template takes from nowhere; another view may bring any."""
        missing = []
        for lang in self._get_text_languages():
            body = self.with_context(lang=lang).body_html or ""
            if all(call in _OWN_VIEWS for call in _VIEW_CALL.findall(body)):
                missing += [
                    tone.Finding("missing", (), kind)
                    for kind, sources in _SOURCES.items()
                    if not any(source in body for source in sources)
                ]
        return list(dict.fromkeys(missing))

    def _get_text_languages(self):
        """Languages in which the template has a text of its own, English among them."""
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        return list(dict.fromkeys(self._get_text_language(code) for code in codes))

    def _get_text_language(self, lang):
        """Language that the template's text for a language is written in."""
        if not lang:
            return "en_US"
        source = self.with_context(lang="en_US")
        return (
            lang
            if self.with_context(lang=lang).body_html != source.body_html
            else "en_US"
        )


_OWN_VIEWS = {"dunning_tiers.notice_items_table", "dunning_tiers.notice_payment"}
