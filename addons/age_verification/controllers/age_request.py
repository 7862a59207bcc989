from odoo import http
from odoo.http import request

from .age_session import HEADERS, age_route
from .language import speak


def request_route(path, methods):
    """Route of the buyer's page."""
    return age_route(f"<string:token>{path}", methods)


class AgeRequestPage(http.Controller):
    """The page on which a buyer proves their age, open with the link of the mail.

    Reading starts nothing: programs that scan mails follow every link.
    """

    # === ROUTES === #

    @request_route("", ["GET"])
    def age_request(self, token, **kwargs):
        record, refusal = self._open(token)
        if refusal:
            return refusal
        values = record._get_page_values()
        return self._render("age_verification.request_page", record, values, token)

    @request_route("/again", ["POST"])
    def age_request_again(self, token, **kwargs):
        """A new link, by mail, for one that has expired."""
        record, refusal = self._open(token)
        if not refusal:
            return self._protect(request.redirect(f"/age/{token}"))
        if refusal.status_code != 410:
            return refusal
        request.env["age.request"]._renew_link(token)
        return self._protect(request.render("age_verification.request_renewed"))

    @request_route("/state", ["GET"])
    def age_request_state(self, token, **kwargs):
        """What the waiting page asks for, so that it shows a result by itself."""
        record, refusal = self._open(token)
        if refusal:
            return refusal
        values = record._get_page_values()
        if values["state"] == "waiting":
            values["session"]._poll_gently()
            values = record._get_page_values()
        return self._protect(request.make_json_response({"state": values["state"]}))

    @request_route("/start", ["POST"])
    def age_request_start(self, token, step=None, **kwargs):
        record, refusal = self._open(token)
        if refusal:
            return refusal
        if self._count("start", f"request:{record.id}"):
            return self._too_many("start")
        session, url = record._start_check(_read_id(step))
        if url:
            return self._protect(request.redirect(url, local=False))
        is_down = session and session.provider_code != "person"
        values = {**record._get_page_values(), "is_down": is_down}
        status = 503 if is_down else 200
        page = "age_verification.request_page"
        return self._render(page, record, values, token, status=status)

    @request_route("/not-me", ["GET"])
    def age_request_not_me(self, token, **kwargs):
        record, refusal = self._open(token)
        if refusal:
            return refusal
        values = record._get_page_values()
        return self._render("age_verification.request_not_me", record, values, token)

    @request_route("/not-me", ["POST"])
    def age_request_disown(self, token, **kwargs):
        record, refusal = self._open(token)
        if refusal:
            return refusal
        record._disown()
        return self._protect(request.redirect(f"/age/{token}"))

    # === ACCESS === #

    def _open(self, token):
        """The token's request in the buyer's language, or a response instead of it.

        :return: (request in superuser mode, None) or (None, response)
        """
        log = request.env["age.portal.log"].sudo()
        key = log._get_address_key(request.httprequest.remote_addr)
        if log._is_limited("bad_token", key):
            return None, self._too_many("bad_token")
        record, is_valid = request.env["age.request"]._find_by_token(token)
        if not record:
            log.create({"key": key, "action": "bad_token"})
            return None, self._not_found()
        speak(record)
        record = record.with_env(request.env(su=True))
        if not is_valid:
            values = record._get_sender_values()
            page = "age_verification.request_expired"
            return None, self._render(page, record, values, token, status=410)
        return record, None

    def _count(self, action, key):
        """Count an action, and say whether it is one too many."""
        log = request.env["age.portal.log"].sudo()
        if log._is_limited(action, key):
            return True
        log.create({"key": key, "action": action})
        return False

    # === RESPONSES === #

    def _render(self, template, record, values, token=None, status=200):
        values = {
            "is_down": False,
            **values,
            "html_data": {"lang": request.env.lang.replace("_", "-")},
            "page_url": token and f"/age/{token}",
            "title": record.company_id.name,
        }
        return self._protect(request.render(template, values, status=status))

    def _not_found(self):
        """Core's page for any address that does not exist: it gives away nothing."""
        return self._protect(request.render("http_routing.404", status=404))

    def _too_many(self, action):
        seconds = request.env["age.portal.log"]._get_retry_seconds(action)
        response = request.render("age_verification.request_too_many", status=429)
        response.headers["Retry-After"] = str(seconds)
        return self._protect(response)

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response


def _read_id(text):
    """An id that a form has sent, or None."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
