import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.artisan_pricing.basket import Basket
from odoo.addons.marketplace_invoicing.models.marketplace_order import OPEN_STATES

from ..rule_book import PeriodRuleBook

_logger = logging.getLogger(__name__)

#: A line that is not compared (any more).
NO_COMPARISON = {
    "maker_id": False,
    "maker_price_unit": 0.0,
    "charged_untaxed": 0.0,
    "maker_untaxed": 0.0,
    "maker_price_difference": 0.0,
    "maker_price_deviation": 0.0,
}


class MarketplaceOrder(models.Model):
    """What the marketplace charged, beside what the makers' prices come to."""

    _inherit = "marketplace.order"

    maker_price_difference = fields.Monetary(
        string="Difference to Makers' Prices",
        readonly=True,
        help="What the marketplace charged more than the makers' prices, without tax; "
        "negative: less.",
    )
    maker_prices = fields.Selection(related="channel_id.maker_prices")
    maker_price_error = fields.Char(
        readonly=True, help="Why the makers' prices cannot be told."
    )
    keeps_marketplace_prices = fields.Boolean(
        readonly=True,
        copy=False,
        tracking=True,
        help="A person decided that this order keeps what the marketplace charged.",
    )

    # === COMPARING ===

    def _compute_expected(self):
        """Override of `marketplace_invoicing`: the makers' prices come first, as the
        totals may depend on them."""
        for channel, orders in self.grouped("channel_id").items():
            orders._clear_maker_prices()
            if channel.maker_pricelist_id:
                orders.filtered(
                    lambda order: order.currency_id and order._has_rate()
                )._compare_isolated()
        return super()._compute_expected()

    def _clear_maker_prices(self):
        """Forget an earlier comparison: products or prices may be others now."""
        compared = self.line_ids.filtered("maker_id")
        if compared:
            compared.write(NO_COMPARISON)
        known = self.filtered(
            lambda order: order.maker_price_difference or order.maker_price_error
        )
        if known:
            known.write({"maker_price_difference": 0.0, "maker_price_error": False})

    def _compare_isolated(self):
        """Compare all orders at once; where that fails, ever smaller halves."""
        if not self:
            return
        error = self._try_in_savepoint(self._compare_with_makers)
        if not error:
            return
        if len(self) == 1:
            # The comparison is for information: nothing else waits for it.
            _logger.info("%s is not compared: %s", self, error)
            self.maker_price_error = error[:200]
            return
        middle = len(self) // 2
        self[:middle]._compare_isolated()
        self[middle:]._compare_isolated()

    def _compare_with_makers(self):
        """Keep on each line what it would cost by the makers' pricelist of the channel."""
        lines = self.line_ids.filtered(lambda line: line._has_maker_price())
        book = PeriodRuleBook(lines.product_id)
        customers = self._get_known_customers()
        for order in lines.order_id:
            own = order.line_ids & lines
            prices = order._get_maker_prices(own, customers[order], book)
            for line, price in zip(own, prices, strict=True):
                line.write(line._prepare_comparison(price))
            order.maker_price_difference = sum(own.mapped("maker_price_difference"))

    def _get_maker_prices(self, lines, customer, book):
        """What one unit costs on each line by the makers' pricelist.

        As an order that somebody keys in: lines of one scope count together.

        :param lines: of this order, each with a product of a maker
        :param book: the pricelists' rules, shared with the other orders
        :return: [float], in the order's currency and the convention of the product's taxes
        """
        self.ensure_one()
        sale = self.env["sale.order"].new(
            {
                "company_id": self.company_id.id,
                "partner_id": customer.id,
                "pricelist_id": self.channel_id.maker_pricelist_id.id,
                "currency_id": self.currency_id.id,
                "date_order": self.ordered_date or fields.Datetime.now(),
                "order_line": [
                    fields.Command.create(line._prepare_new_sale_line())
                    for line in lines
                ],
            }
        )
        basket = Basket(sale.order_line, sale.date_order, book)
        in_basket = sale.order_line.with_context(artisan_baskets={sale.id: basket})
        return [line._get_pricelist_price() for line in in_basket]

    def _applies_maker_prices(self):
        """Whether makers' products are invoiced at the makers' prices."""
        self.ensure_one()
        return (
            self.channel_id.maker_prices == "apply"
            and not self.keeps_marketplace_prices
        )

    # === CHECKS ===

    @api.model
    def _get_issue_checks(self):
        """Override: makers' prices that come to another total than was paid."""
        return [*super()._get_issue_checks(), "_check_maker_prices"]

    def _check_maker_prices(self):
        findings = []
        for order in self.filtered(lambda order: order._applies_maker_prices()):
            message = order._get_maker_price_message()
            if message:
                findings.append(order._finding("maker_price", message))
        return findings

    def _get_maker_price_message(self):
        """What speaks against the makers' prices on this order, or nothing."""
        self.ensure_one()
        if self.maker_price_error:
            return self.env._(
                "The makers' prices cannot be told: %(error)s",
                error=self.maker_price_error,
            )
        difference = self._is_priced_by_makers() and self._get_paid_difference()
        if not difference:
            return ""
        return self.env._(
            "The buyer paid %(paid)s, by the makers' prices it is %(computed)s",
            paid=self.currency_id.format(self.amount_to_invoice),
            computed=self.currency_id.format(self.amount_computed),
        )

    def _get_paid_difference(self):
        """What the buyer paid more than the invoice comes to, beyond the tolerance.

        Where the file states prices without tax and no total, that of the lines counts.
        """
        self.ensure_one()
        if not self._is_comparable():
            return 0.0
        difference = self._get_total_difference()
        if difference or self.rounding_amount or self.total_stated:
            return difference
        tolerance = self.channel_id.rounding_tolerance
        difference = self.maker_price_difference
        is_more = self.currency_id.compare_amounts(abs(difference), tolerance) > 0
        return difference if is_more else 0.0

    def _is_priced_by_makers(self):
        """Whether the makers' prices change what the order comes to."""
        self.ensure_one()
        return bool(self._applies_maker_prices() and self.maker_price_difference)

    def _without_maker_prices(self):
        return self.filtered(lambda order: not order._is_priced_by_makers())

    def _check_total_difference(self):
        """Override: what the makers' prices change is an issue of its own."""
        orders = self._without_maker_prices()
        return super(MarketplaceOrder, orders)._check_total_difference()

    def _check_tax_difference(self):
        """Override: other prices have other taxes, which says nothing about the rates."""
        orders = self._without_maker_prices()
        return super(MarketplaceOrder, orders)._check_tax_difference()

    # === ACTIONS ===

    def action_keep_marketplace_prices(self):
        """Invoice the orders as the marketplace charged them, whatever the channel says.

        :raises UserError: an order is in the books
        """
        self.check_access("write")
        if self.filtered(lambda order: order.state not in OPEN_STATES):
            raise UserError(self.env._("This order is already in the books."))
        self.sudo().keeps_marketplace_prices = True
        self._requeue()
