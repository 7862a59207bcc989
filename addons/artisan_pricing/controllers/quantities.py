from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class QuantitiesPortal(CustomerPortal):
    """A customer is told what to change before signing."""

    @route()
    def portal_quote_accept(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: the page may be older than the quantities."""
        token = access_token or request.httprequest.args.get("access_token")
        try:
            order = self._document_check_access("sale.order", order_id, token)
        except (AccessError, MissingError):
            order = request.env["sale.order"]  # core says so
        is_quotation = order.state in ("draft", "sent")
        if is_quotation and (refusal := order._get_quantity_refusal()):
            return {"error": refusal}
        return super().portal_quote_accept(
            order_id, access_token=access_token, **kwargs
        )
