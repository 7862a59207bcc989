from odoo import models
from odoo.tools import format_date, formatLang

from ..engine import tone
from ..engine.plain_text import plain_text


class DunningNotice(models.Model):
    """The tone contract at the moment of sending."""

    _inherit = "dunning.notice"

    def _lint_rendered(self, subject, body):
        """What the finished text breaks of the tone contract, as sentences.

        :param str subject: subject as it is sent
        :param str body: body as it is sent, HTML
        :return: sentences in the user's language; empty when the text may go
        """
        words = self.env["dunning.tone"]
        findings = self._lint_text(subject, body, self.level_id.mail_template_id)
        return [words._describe(finding) for finding in findings]

    def _lint_text(self, subject, body, template=None):
        """Findings of `engine.tone.lint` about a finished mail or letter."""
        self.ensure_one()
        text, links = plain_text(body)
        message = tone.Message(
            text=f"{subject or ''}\n{text}",
            links=links,
            copies=tuple(filter(None, self.contact_id.mapped("email_normalized"))),
        )
        return tone.lint(message, self._get_tone_setting(template), self._get_facts())

    def _get_tone_setting(self, template=None):
        lang = template._get_text_language(self.lang) if template else self.lang
        country = self.partner_id.country_id or self.company_id.country_id
        return tone.Setting(
            tone=self.level_id.tone,
            lang=lang or "en",
            level_index=self.level_id._get_tone_index(),
            is_consumer=self.env["dunning.interest.rule"]._is_consumer(self.partner_id),
            country=country.code or "",
            has_fee=not self.currency_id.is_zero(self.amount_fee),
            own_addresses=self._get_own_addresses(),
        )

    def _get_own_addresses(self):
        """Addresses of the customer's own people."""
        people = self.env["res.partner"].search(
            [("id", "child_of", self.partner_id.id)]
        )
        return frozenset(filter(None, people.mapped("email_normalized")))

    def _get_facts(self):
        """What the text must say, written in the customer's language."""
        notice = self.with_context(lang=self.lang)
        items = notice._get_shown_items()
        amounts = [*items.mapped("amount_asked"), notice.amount_total]
        dates = items.filtered("date_maturity").mapped("date_maturity")
        return tone.Facts(
            invoices=tuple(dict.fromkeys(items.move_id.mapped("name"))),
            amounts=tuple(
                formatLang(notice.env, amount, currency_obj=notice.currency_id)
                for amount in dict.fromkeys(amounts)
            ),
            due_dates=tuple(
                format_date(notice.env, day) for day in dict.fromkeys(dates)
            ),
            payee=notice._get_payee(),
            payment=tuple(
                filter(
                    None,
                    (
                        notice._get_bank_account().acc_number,
                        notice._get_payment_url(),
                    ),
                )
            ),
            dispute=tuple(
                filter(None, (notice._get_reply_email(), notice._get_portal_url()))
            ),
            names=notice._get_proper_names(),
        )

    def _get_proper_names(self):
        """Names and addresses, which may hold any word without saying it."""
        people = self.partner_id | self.contact_id | self.company_id.partner_id
        bank = self._get_bank_account()
        values = [
            self.name,
            self.user_id.name,
            self.company_id.name,
            self._get_payment_reference(),
            bank.bank_id.name,
            bank.bank_bic,
            *self.credit_line_ids.sudo().move_id.mapped("name"),
        ]
        for field in ("name", "street", "street2", "city", "phone"):
            values += people.mapped(field)
        return tuple(filter(None, values))
