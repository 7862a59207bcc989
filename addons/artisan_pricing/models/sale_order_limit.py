from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..decimals import to_decimal
from ..engine.money import ZERO


class SaleOrder(models.Model):
    _inherit = "sale.order"

    terms_warning = fields.Text(
        compute="_compute_terms_warning",
        help="The order exceeds the credit limit that the customer has earned.",
    )
    is_limit_released = fields.Boolean(
        "Credit Limit Released",
        copy=False,
        readonly=True,
        tracking=True,
        groups="artisan_pricing.group_artisan_manager",
        help="The order may be confirmed over the credit limit.",
    )

    @api.depends("partner_id", "state", "amount_total", "payment_term_id", "order_line")
    @api.depends_context("lang")
    def _compute_terms_warning(self):
        open_orders = self.filtered(lambda order: order.state in ("draft", "sent"))
        excesses = open_orders._get_limit_excesses()
        for order in self:
            order.terms_warning = excesses.get(order, False)

    def _get_limit_excesses(self):
        """Which orders exceed the customer's credit limit.

        Open invoices less what was paid on account, and what of the order is not paid yet;
        in the company's currency.

        :return: dict {order: sentence that says by how much}
        """
        found = {}
        for order, terms in self._get_terms().items():
            if terms.term.credit_limit is None or not order._asks_for_credit():
                continue
            currency = order.company_id.currency_id
            owed = to_decimal(currency.round(order._get_owed_amount()))
            amount = to_decimal(currency.round(order._get_unpaid_amount()))
            over = terms.term.over_limit(owed, amount)
            if amount > ZERO and over > ZERO:
                found[order] = order._say_limit_excess(terms, owed, amount, over)
        return found

    def _asks_for_credit(self):
        """Not where a term without days was stated: paid at once, or by a marketplace."""
        self.ensure_one()
        term = self.payment_term_id
        return self.terms_origin != "given" or bool(term and term._get_longest_days())

    def _get_owed_amount(self):
        """What the customer owes the company by posted entries, in its currency."""
        self.ensure_one()
        order = self.sudo().with_company(self.company_id)
        return order.partner_id.commercial_partner_id.credit

    def _get_unpaid_amount(self):
        """What of the order is not paid online, in the company's currency."""
        self.ensure_one()
        amount = max(self.amount_total - self.amount_paid, 0)
        return amount / (self.currency_rate or 1)

    def _say_limit_excess(self, terms, owed, amount, over):
        def money(value):
            return formatLang(self.env, float(value), currency_obj=terms.currency)

        return self.env._(
            "This order exceeds the credit limit of %(customer)s by %(over)s: %(owed)s are "
            "open already, %(amount)s are of this order, the limit is %(limit)s.",
            customer=self.partner_id.commercial_partner_id.display_name,
            over=money(over),
            owed=money(owed),
            amount=money(amount),
            limit=money(terms.term.credit_limit),
        )

    def _confirmation_error_message(self):
        """Override of `sale`: over the credit limit nothing is confirmed, if the company
        says so. What a customer has paid for already is not stopped."""
        error = super()._confirmation_error_message()
        if error or not self._is_stopped_by_limit():
            return error
        return self._get_limit_excesses().get(self, error)

    def _is_stopped_by_limit(self):
        self.ensure_one()
        return (
            self.company_id.terms_limit_policy == "stop"
            and not self.sudo().is_limit_released
            and self.amount_paid <= 0
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`: an order is released by who may, and not by a default of the
        user who creates it."""
        orders = super().create(vals_list)
        manager = "artisan_pricing.group_artisan_manager"
        if any(orders.sudo().mapped("is_limit_released")) and not (
            self.env.user.has_group(manager)
        ):
            raise AccessError(
                self.env._("Only managers of makers' prices release credit limits.")
            )
        return orders

    def write(self, vals):
        """Override of `sale`: who confirms for payment at once does not get days after it."""
        if "payment_term_id" not in vals:
            return super().write(vals)
        days = {
            order: order._get_term_days()
            for order in self
            if order.state == "sale" and order._is_stopped_by_limit()
        }
        res = super().write(vals)
        longer = self.browse(
            order.id
            for order, before in days.items()
            if order._get_term_days() > before and order.invoice_status != "invoiced"
        )
        for excess in longer._get_limit_excesses().values() if longer else ():
            raise UserError(excess)
        return res

    def _get_term_days(self):
        self.ensure_one()
        term = self.payment_term_id
        return term._get_longest_days() if term else 0

    def action_release_limit(self):
        """Let these orders be confirmed over the credit limit."""
        self.is_limit_released = True
