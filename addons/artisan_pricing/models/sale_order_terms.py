import logging

from markupsafe import Markup

from odoo import api, fields, models

from ..engine.money import PricingError
from ..order_terms import TermsBook, get_today

_logger = logging.getLogger(__name__)

#: What may change the payment term of an order when it is written.
TERMS_FIELDS = {"order_line", "partner_id", "payment_term_id"}
#: In the context while an order is written: its lines do not settle the terms themselves.
PENDING = "artisan_terms_pending"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    terms_origin = fields.Selection(
        [("earned", "Earned"), ("given", "Chosen by hand")],
        copy=False,
        readonly=True,
        help="Where the payment term comes from. One that was chosen by hand, or that came "
        "with the order, is left alone.",
    )
    terms_explanation = fields.Html(
        compute="_compute_terms_explanation",
        help="Why the order has this payment term.",
    )

    @api.depends("partner_id", "payment_term_id", "order_line.product_id")
    @api.depends_context("lang")
    def _compute_terms_explanation(self):
        terms = self._get_terms()
        for order in self:
            said = order._explain_terms(terms.get(order))
            lines = [Markup("<li>%s</li>") % sentence for sentence in said]
            order.terms_explanation = lines and Markup("<ul>%s</ul>") % Markup().join(
                lines
            )

    def _explain_terms(self, terms=None, for_customer=False):
        """Why the order has its payment term: sentences in the language of the environment.

        None for an order whose term is not the one that the customer earns today: it was
        chosen by hand, or agreed at another time.
        """
        self.ensure_one()
        terms = terms or self._get_terms().get(self)
        if not terms or self.payment_term_id._origin != terms.payment_term:
            return []
        return terms.explain(self.env, for_customer)

    def _get_terms(self):
        """The terms that customers have earned, as of today.

        :return: dict {order: order_terms.OrderTerms}; no key for an order that no policy is
            about, or whose customer keeps own terms
        """
        found = {}
        Policy = self.env["artisan.terms.policy"]
        orders = self.filtered(lambda order: Policy._is_used_by(order.company_id))
        for company, same in orders.grouped("company_id").items():
            # Who sells, or signs on the portal, need not be allowed to read policies.
            customers = same.sudo().partner_id.commercial_partner_id
            book = TermsBook(self.env(su=True), company, customers)
            for order in same:
                customer = order.sudo().partner_id.commercial_partner_id
                if not customer or customer.keeps_own_terms:
                    continue
                makers = order._get_makers_for_terms()
                try:
                    terms = book.get(customer, makers, get_today(order))
                except PricingError:
                    # A policy that cannot be used stops no orders.
                    _logger.exception("No terms are earned by the order %s", order)
                    continue
                if terms:
                    found[order] = terms
        return found

    def _get_makers_for_terms(self):
        """The makers of what is sold, once each; an empty one for products of nobody."""
        self.ensure_one()
        lines = self.sudo().order_line.filtered(lambda line: line._counts_for_terms())
        makers = [line.product_id.maker_id for line in lines]
        return list(dict.fromkeys(makers)) or [self.env["res.partner"].sudo()]

    def _compute_payment_term_id(self):
        """Override of `sale`: the strictest maker's term, as the customer has earned it."""
        res = super()._compute_payment_term_id()
        if not self.env.context.get(PENDING):
            for order, terms in self._get_terms().items():
                order.payment_term_id = terms.payment_term.with_env(self.env)
        return res

    @api.onchange("order_line")
    def _onchange_order_line_earned_terms(self):
        """Show the term before the order is saved."""
        if self._has_automatic_term():
            for terms in self._get_terms().values():
                self.payment_term_id = terms.payment_term.with_env(self.env)
                self.terms_origin = "earned"

    @api.onchange("payment_term_id")
    def _onchange_payment_term_id_origin(self):
        """A term chosen by hand is left alone from then on."""
        for order, terms in self._get_terms().items():
            is_earned = order.payment_term_id._origin == terms.payment_term
            order.terms_origin = "earned" if is_earned else "given"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale` to settle the payment term once, when all lines are there."""
        if not self.env["artisan.terms.policy"]._get_policies_in_use():
            return super().create(vals_list)
        given = ["payment_term_id" in vals for vals in vals_list]
        pending = self.with_context(**{PENDING: True})
        orders = super(SaleOrder, pending).create(vals_list).with_env(self.env)
        is_given = dict(zip(orders, given, strict=True))
        # They are not written once more: nobody knows another term of them.
        settled = [self._fields[name] for name in ("payment_term_id", "terms_origin")]
        with self.env.protecting(settled, orders):
            orders._settle_terms(orders.filtered(is_given.get))
        orders.modified(["payment_term_id", "terms_origin"])
        return orders

    def copy_data(self, default=None):
        """Override of `sale`: what was earned once is earned anew by a copy."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            if order.terms_origin == "earned" and "payment_term_id" not in (
                default or {}
            ):
                vals.pop("payment_term_id", None)
        return vals_list

    def write(self, vals):
        """Override of `sale` to settle the payment term once, when all lines are there."""
        if (
            not TERMS_FIELDS & set(vals)
            or self.env.context.get(PENDING)
            or not self.env["artisan.terms.policy"]._is_used_by(self.company_id)
        ):
            return super().write(vals)
        res = super(SaleOrder, self.with_context(**{PENDING: True})).write(vals)
        if "payment_term_id" in vals:
            self._settle_terms(self)
        elif "partner_id" in vals:
            self._settle_terms(self.browse())
        else:
            self._update_earned_terms()
        return res

    def _settle_terms(self, given):
        """Give orders their earned payment terms.

        :param given: those whose term was stated: it stays
        """
        terms = self._get_terms()
        for order in self.with_context(**{PENDING: True}):
            term, origin = order.payment_term_id, False
            if order in terms:
                term, origin = terms[order].payment_term, "earned"
            elif order.terms_origin == "earned":
                # Whoever was strict is gone, and nobody else has a policy.
                term = order._get_own_payment_term()
            if order in given and order.payment_term_id != term:
                term, origin = order.payment_term_id, "given"
            if order.payment_term_id != term:
                order.payment_term_id = term.with_env(order.env)
            if order.terms_origin != origin:
                # No person writes it.
                order.sudo().terms_origin = origin

    def _update_earned_terms(self):
        """Follow the lines, where the term was not chosen by hand."""
        Policy = self.env["artisan.terms.policy"]
        if self.env.context.get(PENDING) or not Policy._is_used_by(self.company_id):
            return
        orders = self.exists().filtered(lambda order: order._has_automatic_term())
        orders._settle_terms(orders.browse())

    def _has_automatic_term(self):
        """Whether the lines still decide about the term: not once it is agreed."""
        self.ensure_one()
        if self.state not in ("draft", "sent") or self.terms_origin == "given":
            return False
        own = self._get_own_payment_term()
        return bool(self.terms_origin) or self.payment_term_id._origin == own

    def _get_own_payment_term(self):
        """The payment term that `sale` gives the customer's orders."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).property_payment_term_id
