from werkzeug.exceptions import abort

from odoo import http
from odoo.http import request

from ..engine.messages import is_name
from .language import speak

#: The address is the key to the page: it goes to no other site, cache or index. No other
#: site frames it, so that a click on a button is meant for us.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def age_route(path, methods):
    """Route of a page whose address is its key, the same in each language."""
    return http.route(
        f"/age/{path}",
        type="http",
        auth="public",
        methods=methods,
        website=True,
        multilang=False,
        sitemap=False,
    )


def find_by_token(model, token):
    """The record whose page has this address, or none.

    What cannot be a key is turned away here: a database takes no NUL, and Odoo's page of
    what is not found would look for it there.
    """
    if not is_name(token):
        abort(request.make_response("Not found", status=404))
    return request.env[model].sudo().search([("access_token", "=", token)], limit=1)


class AgeSessionPage(http.Controller):
    """Takes the buyer to the provider, and receives them afterwards."""

    @age_route("start/<string:token>", ["GET"])
    def age_start(self, token, **kwargs):
        """Nothing is opened yet: programs that scan mails follow every link."""
        session = self._find(token)
        return self._render(session) if session._is_link_live() else self._end()

    @age_route("start/<string:token>", ["POST"])
    def age_start_submit(self, token, **kwargs):
        session = self._find(token)
        if not session._is_link_live():
            return self._end()
        url = session._open()
        if not url:
            return self._render(session, is_down=True)
        return self._protect(request.redirect(url, local=False))

    @age_route("return/<string:token>", ["GET"])
    def age_return(self, token, **kwargs):
        session = self._find(token)
        session._poll_gently()
        if not session._is_link_live():
            return self._end()
        asked = session._get_request()
        if asked:
            return self._protect(request.redirect(asked._get_page_path()))
        return self._render(session, is_back=True)

    def _find(self, token):
        session = find_by_token("age.session", token)
        if not session:
            raise request.not_found()
        speak(session)
        return session

    def _render(self, session, **values):
        return self._protect(
            request.render(
                "age_verification.age_session_page",
                {"session": session, "page_name": "age_session", **values},
            )
        )

    def _end(self):
        """A page that says nothing about the check or what it was for."""
        return self._protect(
            request.render("age_verification.age_session_end", status=410)
        )

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response
