from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..decimals import to_decimal
from ..engine.money import ZERO


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Override of `account` to keep invoices to the credit limit, too, when their term
        is not the one with which their order was confirmed."""
        self._check_terms_limit()
        return super()._post(soft)

    def write(self, vals):
        """Override of `account`: nor is an invoice made due later once it is confirmed."""
        if "invoice_date_due" not in vals:
            return super().write(vals)
        before = {
            move: move.invoice_date_due
            for move in self
            if move.state == "posted" and move.move_type == "out_invoice"
        }
        res = super().write(vals)
        self.browse(
            move.id
            for move, due in before.items()
            if due and move.invoice_date_due and move.invoice_date_due > due
        )._check_terms_limit()
        return res

    def _check_terms_limit(self):
        """
        :raise UserError: an invoice is due later than its orders say, and exceeds what the
            customer may owe, where the company stops such orders
        """
        stopping = self.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.company_id.terms_limit_policy == "stop"
            )
        )
        # Who posts invoices need not read orders.
        for move in stopping.sudo():
            orders = move.line_ids.sale_line_ids.order_id
            orders = orders.filtered(
                lambda order, move=move: (
                    order._is_stopped_by_limit() and move._is_due_after(order)
                )
            )
            for terms in orders._get_terms().values() if orders else ():
                move._check_within_limit(terms)

    def _is_due_after(self, order):
        """Whether the customer has longer to pay than by an order, counted from one day."""
        self.ensure_one()
        day = self.invoice_date or fields.Date.context_today(self)
        agreed = order.payment_term_id
        term = self.invoice_payment_term_id
        due = term._get_due_date(day) if term else self.invoice_date_due or day
        return due > (agreed._get_due_date(day) if agreed else day)

    def _check_within_limit(self, terms):
        """
        :param terms: order_terms.OrderTerms of an order that is invoiced
        :raise UserError: with this invoice the customer owes more than the limit
        """
        if terms.term.credit_limit is None:
            return
        currency = self.company_id.currency_id
        customer = self.with_company(self.company_id).commercial_partner_id
        is_open = self.state == "posted"
        unpaid = self.amount_residual_signed if is_open else self.amount_total_signed
        owed = to_decimal(currency.round(customer.credit - (unpaid if is_open else 0)))
        amount = to_decimal(currency.round(unpaid))
        over = terms.term.over_limit(owed, amount)
        if amount <= ZERO or over <= ZERO:
            return

        def money(value):
            return formatLang(self.env, float(value), currency_obj=currency)

        raise UserError(
            self.env._(
                "This invoice is due later than its order says, and exceeds the credit "
                "limit of %(customer)s by %(over)s: %(owed)s are open already, %(amount)s "
                "are of this invoice, the limit is %(limit)s. Take the order's payment "
                "terms, or have a manager of makers release the limit on the order.",
                customer=customer.display_name,
                over=money(over),
                owed=money(owed),
                amount=money(amount),
                limit=money(terms.term.credit_limit),
            )
        )
