import logging

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

POST_LETTER = "dunning_tiers.mail_activity_type_post_letter"
LETTER_REPORT = "dunning_tiers.dunning_letter_report"
MIMETYPES = {"pdf": "application/pdf", "html": "text/html"}


class DunningNotice(models.Model):
    """The letter: kept as it was printed first, printed again with others in one PDF."""

    _inherit = "dunning.notice"

    letter_id = fields.Many2one(
        "ir.attachment",
        readonly=True,
        index="btree_not_null",
        help="The letter as it was made when the notice went out.",
    )

    letter_printed = fields.Boolean(
        readonly=True, help="Printed for the post: no longer in the list to print."
    )

    def _make_letter(self):
        """Make and keep the letter of each notice, in place of one made before.

        A letter that cannot be made, or whose text breaks the tone contract, sends its
        notice back to review; the others go on.

        :return: notices that have their letter
        """
        # Facts of a notice are written by its own steps, whoever starts them.
        self.sudo().letter_id.unlink()
        for notice in self:
            notice._make_one_letter()
        return self.filtered("letter_id")

    def _make_one_letter(self):
        self.ensure_one()
        notice = self.sudo()
        try:
            with self.env.cr.savepoint():
                sentences = notice._lint_letter()
                letter = None if sentences else notice._render_letter()
        except Exception as error:
            # Views and printer are people's work: their errors concern this notice only.
            _logger.info("dunning notice %s: letter fails: %s", self.name, error)
            notice._back_to_review("template_error", str(error))
            return
        if sentences:
            notice._back_to_review("tone", "; ".join(sentences))
        else:
            vals = self._prepare_letter(*letter)
            notice.letter_id = notice.env["ir.attachment"].create(vals)

    def _prepare_letter(self, content, kind):
        return {
            "name": f"{self.name.replace('/', '-')}.{kind}",
            "raw": content,
            "mimetype": MIMETYPES[kind],
            "res_model": self._name,
            "res_id": self.id,
        }

    def _lint_letter(self):
        """What the letter's text breaks of the tone contract, as sentences."""
        html, _kind = self._get_letter_report()._render_qweb_html(
            LETTER_REPORT, self.ids
        )
        words = self.env["dunning.tone"]
        findings = self._lint_text("", html.decode())
        return [words._describe(finding) for finding in findings]

    def _render_letter(self):
        """The letter and its kind: HTML where nothing makes PDF, as while tests run."""
        report = self._get_letter_report()
        if report.get_wkhtmltopdf_state() == "install":
            return report._render_qweb_html(LETTER_REPORT, self.ids)
        return report._render_qweb_pdf(LETTER_REPORT, self.ids)

    def _get_letter_report(self):
        # Invoices and bank accounts of the notice are shown, whoever prints.
        return self.env["ir.actions.report"].sudo()

    def _plan_letter(self):
        """Ask the owner to post a letter that no mail has gone with."""
        self.ensure_one()
        self.activity_schedule(
            POST_LETTER,
            date_deadline=self.company_id._get_dunning_today(),
            note=self.env._(
                "No mail was sent. The next level waits until this letter is printed."
            ),
            user_id=self._get_owner().id,
        )

    def action_print_letters(self):
        """All letters of the selected notices in one PDF, one after the other."""
        notices = self.filtered(lambda notice: notice.kind == "notice")
        if not notices:
            raise UserError(self.env._("Escalations have no letter."))
        if notices.has_access("write"):
            printed = notices.filtered("letter_id")
            printed.sudo().letter_printed = True
            printed.activity_feedback([POST_LETTER])
        return self.env.ref(LETTER_REPORT).report_action(notices)
