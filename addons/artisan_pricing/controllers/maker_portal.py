from psycopg2.errors import UniqueViolation

from odoo import fields, http
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.artisan_change_request import OPEN

#: Words after a form was sent; the page knows what to say for each.
SAID = ("asked", "applied", "approved", "draft", "withdrawn")
#: A page on which prices are changed is shown in no other site's frame.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'",
}


def maker_route(*paths, **kwargs):
    """Route of a page of makers: for who is logged in, and reads are reads."""
    return http.route(
        [f"/my/maker{path}" for path in paths],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        **{"methods": ["GET"], **kwargs},
    )


class MakerPortal(CustomerPortal):
    """The pages on which a maker sees and changes what is their own.

    Makers have no rights on products, price models and orders. Everything is read as
    superuser, but each page begins with :meth:`_get_maker` and finds records only with the
    domains of that maker (``models/res_partner_portal.py``): an address of anything else is
    one that does not exist.
    """

    # === ROUTES === #

    @maker_route("")
    def maker_overview(self, said=None, **kwargs):
        maker = self._get_maker()
        changes = self._search("artisan.change.request", self._get_open_changes(maker))
        values = {
            "counts": self._count_all(maker),
            "changes": changes,
            "blocks": self._get_story_blocks(
                maker, maker._get_maker_notes(request.env.companies)[:1].text
            ),
            "page_name": "maker",
        }
        return self._render("artisan_pricing.portal_maker", maker, values, said)

    @maker_route("/changes", "/changes/page/<int:page>")
    def maker_changes(self, page=1, said=None, **kwargs):
        maker = self._get_maker()
        domain = maker._get_maker_domain(request.env.companies)
        pager = self._get_pager("artisan.change.request", domain, "/changes", page)
        changes = self._search(
            "artisan.change.request", domain, pager["offset"], order="id desc"
        )
        values = {"changes": changes, "pager": pager, "page_name": "maker_changes"}
        return self._render("artisan_pricing.portal_maker_changes", maker, values, said)

    @maker_route("/changes/<int:change_id>/withdraw", methods=["POST"])
    def maker_withdraw(self, change_id, **kwargs):
        maker = self._get_maker()
        change = self._find("artisan.change.request", change_id, maker)
        error = self._try(change._withdraw)
        if error:
            values = {"error": error, "page_name": "maker_changes", "changes": change}
            return self._render("artisan_pricing.portal_maker_changes", maker, values)
        return self._go_to("/changes", "withdrawn")

    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` for a maker's card, which states its counts at once."""
        values = super()._prepare_home_portal_values(counters)
        maker = request.env["res.partner"]._get_current_maker()
        if maker and not counters:
            values["maker_counts"] = self._count_all(maker)
        return values

    def _count_all(self, maker):
        companies = request.env.companies
        changes = self._get_open_changes(maker)
        return {
            "products": self._count("product.template", self._get_products(maker)),
            "orders": self._count(
                "sale.order.line", maker._get_maker_line_domain(companies)
            ),
            "statements": self._count(
                "artisan.statement", maker._get_maker_statement_domain(companies)
            ),
            "changes": self._count("artisan.change.request", changes),
        }

    def _get_story_blocks(self, maker, text):
        """A maker's text as it stands on an invoice; none without text."""
        titles = request.env["artisan.content"]._get_titles(request.env.lang)
        block = {"title": titles["note"], "maker": maker.name, "applies_to": False}
        return [{**block, "text": text}] if text else []

    def _get_products(self, maker):
        return maker._get_maker_domain(request.env.companies)

    def _get_open_changes(self, maker):
        domain = maker._get_maker_domain(request.env.companies)
        return domain & Domain("state", "in", OPEN)

    # === ACCESS === #

    def _get_maker(self):
        """The maker whom the session's user acts for, as superuser.

        :raise NotFound: the user is none
        """
        maker = request.env["res.partner"]._get_current_maker()
        if not maker:
            raise request.not_found()
        return maker

    def _find(self, model, record_id, maker, domain=None):
        """A record of the maker, as superuser.

        :param domain: what else it must be
        :raise NotFound: there is none, or it is of somebody else
        """
        mine = maker._get_maker_domain(request.env.companies)
        domain = Domain("id", "=", record_id) & mine & Domain(domain or Domain.TRUE)
        record = request.env[model].sudo().search(domain)
        if not record:
            raise request.not_found()
        return record

    def _search(self, model, domain, offset=0, order=None):
        return (
            request.env[model]
            .sudo()
            .search(domain, offset=offset, limit=self._items_per_page, order=order)
        )

    def _count(self, model, domain):
        return request.env[model].sudo().search_count(domain)

    def _get_pager(self, model, domain, path, page, url_args=None):
        return portal_pager(
            url=f"/my/maker{path}",
            total=self._count(model, domain),
            page=page,
            step=self._items_per_page,
            url_args={name: value for name, value in (url_args or {}).items() if value},
        )

    # === FORMS === #

    def _try(self, change, *args, **kwargs):
        """Make a change, or leave everything as it is.

        :return: None, or the words for why it was not made
        """
        try:
            with request.env.cr.savepoint():
                change(*args, **kwargs)
        except (LockError, UniqueViolation):
            return request.env._(
                "Somebody is changing this at this moment. Please look at it again."
            )
        except UserError as error:
            return str(error)
        return None

    def _read_text(self, typed):
        """What a field of a form or address says; a file, say, says nothing."""
        return typed.replace("\x00", "") if isinstance(typed, str) else ""

    def _read_day(self, typed):
        """The day of a form's field, None if there is none.

        :raise UserError: no day
        """
        if not typed:
            return None
        try:
            return fields.Date.to_date(self._read_text(typed))
        except (TypeError, ValueError) as error:
            raise UserError(request.env._("Please choose a day.")) from error

    # === RESPONSES === #

    def _render(self, template, maker, values, said=None):
        values = {
            **self._prepare_portal_layout_values(),
            "maker": maker,
            "said": said if said in SAID else None,
            "error": None,
            "today": fields.Date.context_today(request.env.user),
            **values,
        }
        response = request.render(
            template, values, status=422 if values["error"] else 200
        )
        response.headers.update(HEADERS)
        return response

    def _go_to(self, path, said):
        return request.redirect(f"/my/maker{path}?said={said}", code=303)
