from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.payment.controllers.portal import PaymentPortal
from odoo.addons.sale.controllers.portal import CustomerPortal


class AgePaymentPortal(PaymentPortal):
    """The one place that all pages have in common on which an order is paid."""

    def _create_transaction(self, *args, custom_create_values=None, **kwargs):
        """Override of `payment`: nobody pays for what they may not have yet.

        Links to pay an order skip what its page asks before it offers a payment.
        """
        self._get_paid_orders(custom_create_values or {}, kwargs)._age_check_payable()
        return super()._create_transaction(
            *args, custom_create_values=custom_create_values, **kwargs
        )

    def _get_paid_orders(self, values, kwargs):
        """The orders that a payment is for, in superuser mode."""
        transactions = request.env["payment.transaction"].sudo()
        commands = values.get("sale_order_ids") or []
        ids = transactions._fields["sale_order_ids"].convert_to_cache(
            commands, transactions
        )
        order_id = kwargs.get("sale_order_id")
        orders = request.env["sale.order"].sudo()
        return orders.browse({*ids, *([order_id] if order_id else [])}).exists()


class AgeCustomerPortal(CustomerPortal):
    """A link to pay shows no payment that would be refused."""

    @route()
    def portal_order_page(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: without the amount of the link it is the order's page, with
        the link to the proof of age."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            order = request.env["sale.order"]  # core says so
        is_quotation = order.state in ("draft", "sent")
        if kwargs.get("payment_amount") and is_quotation and order._get_age_refusal():
            kwargs["payment_amount"] = None
        return super().portal_order_page(order_id, access_token=access_token, **kwargs)
