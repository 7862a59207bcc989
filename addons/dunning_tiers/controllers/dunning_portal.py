from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..engine.answer import read_id
from ..models.dunning_notice_answer import ANSWERS
from ..models.dunning_notice_page import PAGE_SIZE

#: The address is the key to the page: it goes to no other site, cache or index.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}


def dunning_route(path, methods):
    """Route of the customer page: public, and at the same address in each language."""
    return http.route(
        f"/dunning/<string:token>{path}",
        type="http",
        auth="public",
        methods=methods,
        website=True,
        multilang=False,
        sitemap=False,
    )


class DunningPortal(http.Controller):
    """The page on which a customer answers a notice, open with the notice's link.

    Reading changes nothing but the rate limit's counts: mail scanners open every link.
    """

    # === ROUTES === #

    @dunning_route("", methods=["GET"])
    def dunning_page(self, token, page=1, said=None, **kwargs):
        notice, refusal = self._open(token)
        if refusal:
            return refusal
        pager = portal_pager(
            url=f"/dunning/{token}",
            total=notice._count_page_debts(),
            page=read_id(page) or 1,
            step=PAGE_SIZE,
        )
        values = notice._get_page_values(offset=pager["offset"])
        values.update(pager=pager, said=said if said in ANSWERS else None)
        return self._render("dunning_tiers.portal_page", notice, values, token=token)

    @dunning_route("/invoice/<int:move_id>", methods=["GET"])
    def dunning_invoice(self, token, move_id, pay=None, **kwargs):
        """Core's page of an invoice, which needs no login with the invoice's own key."""
        notice, refusal = self._open(token)
        if refusal:
            return refusal
        move = notice._get_account_lines(read_id(move_id) or 0).move_id
        if not move or not notice._is_page_invoice(move):
            return self._not_found()
        options = {"anchor": "portal_pay", "query_string": "&payment=True"}
        url = move.get_portal_url(**(options if pay else {}))
        return self._protect(request.redirect(url))

    @dunning_route("/<any(paid,dispute,promise):form>", methods=["GET"])
    def dunning_form(self, token, form, invoice=None, **kwargs):
        notice, refusal = self._open(token)
        if refusal:
            return refusal
        lines, is_foreign = self._get_lines(notice, invoice)
        if is_foreign or (form == "dispute" and not lines):
            return self._not_found()
        return self._render_form(notice, token, form, lines)

    @dunning_route("/<any(paid,dispute,promise):form>", methods=["POST"])
    def dunning_submit(self, token, form, invoice=None, **kwargs):
        notice, refusal = self._open(token)
        if refusal:
            return refusal
        if self._count("submission", f"notice:{notice.id}"):
            return self._too_many("submission")
        lines, is_foreign = self._get_lines(notice, invoice)
        if is_foreign:
            return self._not_found()
        typed = {**kwargs, "lines": request.httprequest.form.getlist("lines")}
        errors = notice._take_answer(form, lines, typed)
        if errors:
            return self._render_form(notice, token, form, lines, typed, errors)
        return self._protect(request.redirect(f"/dunning/{token}?said={form}"))

    # === ACCESS === #

    def _open(self, token):
        """The token's notice in the customer's language, or a response instead of it.

        :return: (notice in superuser mode, None) or (None, response)
        """
        log = request.env["dunning.portal.log"].sudo()
        key = log._get_address_key(request.httprequest.remote_addr)
        if log._is_limited("bad_token", key):
            return None, self._too_many("bad_token")
        notice, is_valid = request.env["dunning.notice"]._find_by_portal_token(token)
        if not notice:
            log.create({"key": key, "action": "bad_token"})
            return None, self._not_found()
        self._speak(notice.lang)
        notice = notice.with_env(request.env(su=True))
        if not is_valid:
            values = notice._get_sender_values()
            page = "dunning_tiers.portal_expired"
            return None, self._render(page, notice, values, status=410)
        return notice, None

    def _speak(self, code):
        """Answer in the customer's language, whatever the browser's cookie says."""
        lang = request.env["res.lang"]._get_data(code=code or "")
        if lang:
            request.lang = lang
            request.update_context(lang=lang.code)

    def _get_lines(self, notice, invoice):
        """The customer's lines of the invoice that a form names.

        :return: (lines, whether the form names what is not this customer's)
        """
        if not invoice:
            return request.env["account.move.line"].sudo().browse(), False
        lines = notice._get_account_lines(read_id(invoice) or 0)
        return lines, not lines

    def _count(self, action, key):
        """Count an action, and say whether it is one too many."""
        log = request.env["dunning.portal.log"].sudo()
        if log._is_limited(action, key):
            return True
        log.create({"key": key, "action": action})
        return False

    # === RESPONSES === #

    def _render_form(self, notice, token, form, lines, typed=None, errors=None):
        values = notice._get_form_values(form, lines)
        values.update(typed=typed or values["defaults"], errors=errors or {})
        return self._render(
            f"dunning_tiers.portal_{form}",
            notice,
            values,
            token=token,
            status=422 if errors else 200,
        )

    def _render(self, template, notice, values, token=None, status=200):
        values = {
            **values,
            "html_data": {"lang": request.env.lang.replace("_", "-")},
            "page_url": token and f"/dunning/{token}",
            "title": notice.company_id.name,
        }
        return self._protect(request.render(template, values, status=status))

    def _not_found(self):
        """Core's page for any address that does not exist: it gives away nothing."""
        return self._protect(request.render("http_routing.404", status=404))

    def _too_many(self, action):
        seconds = request.env["dunning.portal.log"]._get_retry_seconds(action)
        response = request.render("dunning_tiers.portal_too_many", status=429)
        response.headers["Retry-After"] = str(seconds)
        return self._protect(response)

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response
