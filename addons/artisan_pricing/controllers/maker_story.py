from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..change_targets import Story
from ..content_html import MAX_CHARACTERS, ContentHtmlError
from ..models.artisan_change_request import OPEN
from ..models.res_partner_limits import NO
from ..story_markup import to_html, to_text
from .maker_portal import MakerPortal, maker_route


class MakerStory(MakerPortal):
    """A maker's own texts on invoices."""

    # === ROUTES === #

    @maker_route("/story", "/story/<int:content_id>")
    def maker_story(self, content_id=None, said=None, **kwargs):
        maker = self._get_maker()
        note = self._get_note(maker, content_id)
        return self._render_story(maker, note, said=said)

    @maker_route("/story", "/story/<int:content_id>", methods=["POST"])
    def maker_save_story(self, content_id=None, text="", action=None, **kwargs):
        """Keep the text as draft; ask for it, too, when the maker says so."""
        maker = self._get_maker()
        note = self._get_note(maker, content_id)
        text = self._read_text(text)
        changes = request.env["artisan.change.request"].sudo()
        saved = changes

        def save():
            nonlocal saved
            saved = changes._save_story(
                Story(note, maker),
                self._to_html(text),
                self._read_text(kwargs.get("reason")),
                self._read_day(kwargs.get("date_effective")),
            )
            if action == "send":
                saved._send_story()

        error = self._try(save)
        if error:
            return self._render_story(maker, note, error=error, typed={"text": text})
        path = f"/story/{note.id}" if content_id else "/story"
        return self._go_to(path, saved.state)

    # === HELPERS === #

    def _get_note(self, maker, content_id):
        """The text that an address names, in the reader's language; without a number the
        first, or none.

        :raise NotFound: not one of the maker's
        """
        if content_id is None:
            return maker._get_maker_notes(request.env.companies)[:1]
        domain = Domain("kind", "=", "note")
        return self._find("artisan.content", content_id, maker, domain)

    def _to_html(self, text):
        """
        :raise UserError: too long
        """
        try:
            return to_html(text)
        except ContentHtmlError as error:
            content = request.env["artisan.content"]
            raise UserError(content._get_refusal(error)) from error

    def _render_story(self, maker, note, said=None, error=None, typed=None):
        lang = request.env.lang
        domain = Domain("maker_id", "=", maker.id) & Domain("kind", "=", "story")
        if note:
            domain &= Domain("content_id", "=", note.id)
        changes = self._search("artisan.change.request", domain)
        if not note:
            changes = changes.filtered("is_first_story")
        waiting = changes.filtered(lambda change: change.state in OPEN)[:1]
        text = (waiting.new_text if waiting else note.text) or ""
        # What was not accepted is where the maker goes on from.
        last = changes[:1]
        last = last.filtered(lambda change: change.state in ("refused", "withdrawn"))
        values = {
            "note": note,
            "notes": maker._get_maker_notes(request.env.companies),
            "waiting": waiting,
            "versions": changes.filtered(lambda change: change.state == "applied"),
            "refused": last.filtered(lambda change: change.state == "refused"),
            "text": (typed or {}).get("text", to_text(last.new_text or text)),
            "blocks": self._get_story_blocks(maker, text),
            "limit": MAX_CHARACTERS,
            "has_languages": len(request.env["res.lang"].get_installed()) > 1,
            "language": request.env["res.lang"]._get_data(code=lang).name,
            "permission": maker._get_maker_permission("story"),
            "NO": NO,
            "error": error,
            "page_name": "maker_story",
        }
        return self._render("artisan_pricing.portal_maker_story", maker, values, said)
