from odoo import fields, http
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal


class DunningStatementPortal(CustomerPortal):
    """The statement of account of the customer who is logged in."""

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to count the open items of the customer."""
        values = super()._prepare_home_portal_values(counters)
        if "dunning_statement_count" in counters:
            # As superuser, because customers have no rights on journal items of payments;
            # only what belongs to their own company is looked at.
            values["dunning_statement_count"] = (
                request.env["dunning.statement"]
                .sudo()
                ._count_debts(request.env.user.partner_id, request.env.companies)
            )
        return values

    @http.route(
        "/my/statement", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_statement(self, report_type=None, **kwargs):
        """Show the open items of the customer who is logged in, as page or as PDF."""
        if report_type == "pdf":
            return self._print_statement()
        values = self._prepare_portal_layout_values()
        statements = (
            request.env["dunning.statement"]
            .sudo()
            ._get_statements(request.env.user.partner_id, request.env.companies)
        )
        values.update(
            page_name="dunning_statement",
            default_url="/my/statement",
            statements=statements,
            statement_date=fields.Date.context_today(request.env.user),
            linked_moves=self._get_linked_moves(statements),
        )
        return request.render("dunning_tiers.portal_my_statement", values)

    def _get_linked_moves(self, statements):
        """Entries that the customer may open: invoices and credit notes, not payments."""
        Move = request.env["account.move"]
        if not Move.has_access("read"):
            return Move
        ids = [row.move_id.id for data in statements for row in data["items"]]
        return Move.browse(ids)._filtered_access("read")

    def _print_statement(self):
        partner = request.env.user.partner_id.commercial_partner_id
        report = request.env["ir.actions.report"].sudo()
        content, extension = report._render_qweb_pdf(
            "dunning_tiers.dunning_statement_report", partner.ids
        )
        name = request.env._("Statement %s", fields.Date.context_today(partner))
        headers = [
            ("Content-Type", "application/pdf" if extension == "pdf" else "text/html"),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(f"{name}.{extension}")),
        ]
        return request.make_response(content, headers=headers)
