from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Domain
from odoo.http import content_disposition, request

from ..maker_sales import MakerSales, get_totals
from ..spreadsheet import to_file
from .maker_portal import MakerPortal, maker_route

#: Lines of a file; more are fetched period by period.
MAX_FILE_LINES = 10_000
#: Kinds of files, in the order of their buttons.
FILES = ("xlsx", "csv")
REPORT = "artisan_pricing.artisan_statement_report"


class MakerSalesPages(MakerPortal):
    """What was ordered of a maker, and what the maker was paid for it."""

    # === ROUTES === #

    @maker_route("/orders", "/orders/page/<int:page>")
    def maker_orders(self, page=1, filterby="all", **kwargs):
        maker = self._get_maker()
        periods, filterby, domain = self._get_period(maker, filterby)
        args = {"filterby": filterby}
        pager = self._get_pager("sale.order.line", domain, "/orders", page, args)
        lines = self._search(
            "sale.order.line", domain, pager["offset"], order="order_id, id"
        )
        rows = MakerSales(lines, maker).get_rows()
        values = {
            "rows": rows,
            "totals": get_totals(rows),
            "shows_customer": self._shows_customer(),
            "pager": pager,
            "searchbar_filters": periods,
            "filterby": filterby,
            "default_url": "/my/maker/orders",
            "downloads": [
                (kind.upper(), f"/my/maker/orders.{kind}?filterby={filterby}")
                for kind in FILES
                if rows
            ],
            "page_name": "maker_orders",
        }
        return self._render("artisan_pricing.portal_maker_orders", maker, values)

    @maker_route("/orders.<any(csv,xlsx):kind>")
    def maker_orders_file(self, kind, filterby="all", **kwargs):
        maker = self._get_maker()
        _periods, filterby, domain = self._get_period(maker, filterby)
        lines = (
            request.env["sale.order.line"]
            .sudo()
            .search(domain, order="order_id, id", limit=MAX_FILE_LINES)
        )
        rows = MakerSales(lines, maker).get_rows()
        return self._send_file(
            f"orders-{filterby}",
            kind,
            self._get_file_header(),
            map(self._to_file_row, rows),
        )

    @maker_route("/statements", "/statements/page/<int:page>")
    def maker_statements(self, page=1, **kwargs):
        maker = self._get_maker()
        domain = maker._get_maker_statement_domain(request.env.companies)
        pager = self._get_pager("artisan.statement", domain, "/statements", page)
        values = {
            "statements": self._search("artisan.statement", domain, pager["offset"]),
            "pager": pager,
            "page_name": "maker_statements",
        }
        return self._render("artisan_pricing.portal_maker_statements", maker, values)

    @maker_route("/statements/<int:statement_id>")
    def maker_statement(self, statement_id, report_type=None, **kwargs):
        maker = self._get_maker()
        domain = maker._get_maker_statement_domain(request.env.companies)
        statement = self._find("artisan.statement", statement_id, maker, domain)
        if report_type == "pdf":
            return self._show_report(statement, "pdf", REPORT, download=True)
        values = {
            "statement": statement,
            "documents": statement._get_documents(),
            "bill": statement.bill_id,
            "can_open_bill": statement.bill_id.state == "posted"
            and statement.bill_id.partner_id.commercial_partner_id == maker,
            "page_name": "maker_statement",
        }
        return self._render("artisan_pricing.portal_maker_statement", maker, values)

    @maker_route("/statements/<int:statement_id>.<any(csv,xlsx):kind>")
    def maker_statement_file(self, statement_id, kind, **kwargs):
        maker = self._get_maker()
        domain = maker._get_maker_statement_domain(request.env.companies)
        statement = self._find("artisan.statement", statement_id, maker, domain)
        name = statement.name.replace("/", "-")
        header, rows = statement._get_table()
        return self._send_file(f"statement-{name}", kind, header, rows)

    # === HELPERS === #

    def _send_file(self, name, kind, header, rows):
        content, content_type = to_file(kind, header, rows)
        headers = [
            ("Content-Type", content_type),
            ("Content-Disposition", content_disposition(f"{name}.{kind}")),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers=headers)

    def _get_period(self, maker, filterby):
        """Periods to choose from, the one chosen, and the domain of its lines."""
        periods = self._get_periods()
        filterby = filterby if filterby in periods else "all"
        domain = maker._get_maker_line_domain(request.env.companies)
        return periods, filterby, domain & Domain(periods[filterby]["domain"])

    def _get_periods(self):
        """By the order's day, counted in UTC."""
        today = fields.Date.context_today(request.env.user)
        month, year = today.replace(day=1), today.replace(month=1, day=1)
        before = month - relativedelta(months=1)
        last_year = year - relativedelta(years=1)
        day = "order_id.date_order"
        env = request.env
        return {
            "all": {"label": env._("All"), "domain": Domain.TRUE},
            "month": {"label": env._("This month"), "domain": Domain(day, ">=", month)},
            "last_month": {
                "label": env._("Last month"),
                "domain": Domain(day, ">=", before) & Domain(day, "<", month),
            },
            "year": {"label": env._("This year"), "domain": Domain(day, ">=", year)},
            "last_year": {
                "label": env._("Last year"),
                "domain": Domain(day, ">=", last_year) & Domain(day, "<", year),
            },
        }

    def _shows_customer(self):
        """Whether makers read who bought; as strict as the strictest company at hand."""
        return all(request.env.companies.sudo().mapped("maker_sees_customer"))

    def _get_file_header(self):
        env = request.env
        header = [
            env._("Order"),
            env._("Date"),
            env._("Product"),
            env._("Quantity"),
            env._("Unit"),
            env._("Currency"),
            env._("Price"),
            env._("Discounts borne"),
            env._("Before commission"),
            env._("Commission"),
            env._("Booked for you"),
        ]
        return header + [env._("Customer")] * self._shows_customer()

    def _to_file_row(self, row):
        cells = [
            row["order"],
            row["date"].date(),
            row["product"],
            row["quantity"],
            row["unit"],
            row["currency"].name,
            *(
                self._to_money(row[name], row["currency"])
                for name in ("price", "discount", "net", "commission", "booked")
            ),
        ]
        return cells + [row["customer"]] * self._shows_customer()

    def _to_money(self, amount, currency):
        """An amount (Decimal) with the currency's decimals; None stays empty."""
        step = Decimal(1).scaleb(-currency.decimal_places)
        return None if amount is None else amount.quantize(step)
