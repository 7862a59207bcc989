import json
import logging

from odoo import http
from odoo.http import request

from ..engine.messages import MessageError, is_name

_logger = logging.getLogger(__name__)

#: Longest message in bytes; the longest real ones have a few thousand.
MAX_BODY = 64 * 1024


class AgeWebhook(http.Controller):
    """Takes in what providers send: signature, a row that it came, and nothing else.

    Strangers can reach it. Until the signature is right nothing is parsed, and what is
    written down is that somebody tried.
    """

    @http.route(
        [
            "/age/webhook/<string:code>/<int:provider_id>",
            "/age/webhook/<string:code>/<int:provider_id>/<string:name>",
        ],
        type="http",
        auth="public",
        methods=["POST", "PUT"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def age_webhook(self, code, provider_id, name=None, **kwargs):
        length = request.httprequest.content_length
        if length is None or length > MAX_BODY:
            return self._answer("too long", 413)
        body = request.httprequest.get_data()
        provider = self._find_provider(code, provider_id)
        if not provider:
            return self._answer("unknown", 404)
        if not provider._age_verify_signature(body, request.httprequest.headers):
            _logger.info("age provider %s: message with a wrong signature", provider.id)
            provider._note_forgery(request.httprequest.remote_addr)
            return self._answer("signature", 401)
        return self._receive(provider, body, name)

    def _find_provider(self, code, provider_id):
        """The provider that the address names, if it is in use.

        What cannot be a code does not reach the database, which takes no NUL.
        """
        providers = request.env["age.provider"].sudo()
        if not is_name(code):
            return providers
        found = providers.search([("id", "=", provider_id), ("code", "=", code)])
        return found.filtered(lambda provider: provider._is_in_use())

    def _receive(self, provider, body, name):
        try:
            payload = json.loads(body)
            if not isinstance(payload, dict):
                raise MessageError("no object")
            event = provider._age_read_event(payload)
        except (ValueError, RecursionError):
            return self._answer("unreadable", 400)
        session = event and request.env["age.session"]._find_for_event(
            provider, event.reference, name
        )
        if session:
            request.env["age.provider.event"].sudo()._receive(provider, session, event)
        return self._answer("ok", 200)

    def _answer(self, text, status):
        return request.make_response(
            text, [("Content-Type", "text/plain; charset=utf-8")], status=status
        )
