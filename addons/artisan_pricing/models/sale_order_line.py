from contextlib import nullcontext

from odoo import api, fields, models

from ..basket import Basket, RuleShelf, at_hand
from ..history import HistoryBook

#: What changes the prices of the lines beside one.
TIER_FIELDS = {
    "order_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    has_agreed_price = fields.Boolean(
        readonly=True,
        help="The price was given with the order. A maker's tiers leave it alone; the "
        "quantity counts.",
    )

    def _compute_pricelist_item_id(self):
        """Override of `sale` to look the rules up once for all lines of an order."""
        with self._baskets_at_hand():
            return super()._compute_pricelist_item_id()

    def _compute_price_unit(self):
        """Override of `sale` to price lines of one scope together."""
        lines = self.filtered(lambda line: not line.has_agreed_price)
        with lines._baskets_at_hand():
            return super(SaleOrderLine, lines)._compute_price_unit()

    def _compute_discount(self):
        """Override of `sale` to see lines of one scope together."""
        with self._baskets_at_hand():
            return super()._compute_discount()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale` to keep prices that are given, and to price what is there
        already together with what is new."""
        given = [
            "price_unit" in vals and "technical_price_unit" not in vals
            for vals in vals_list
        ]
        # What is created without a price was priced together, unless it is mixed.
        are_priced = not any("price_unit" in vals for vals in vals_list)
        # Rule and price are computed apart; what is searched for one serves the other.
        with at_hand(self.env, "artisan_rule_shelf", RuleShelf()):
            lines = super().create(vals_list)
        orders = lines.order_id
        with_given_price = lines.browse(
            line.id for line, is_given in zip(lines, given, strict=True) if is_given
        )
        orders._get_tiered_lines(with_given_price).sudo().has_agreed_price = True
        lines._get_orders_with_tiers()._reprice_siblings(
            {}, lines, lines if are_priced else None
        )
        return lines

    def write(self, vals):
        """Override of `sale` to price the lines beside one that changes."""
        if not TIER_FIELDS & set(vals) or self.env.context.get(
            "sale_write_from_compute"
        ):
            return super().write(vals)
        orders = self._get_orders_with_tiers()
        with at_hand(self.env, "artisan_rule_shelf", RuleShelf()):
            before = self._get_scopes(orders)
            res = super().write(vals)
            orders |= self._get_orders_with_tiers()
            orders._reprice_siblings(before, self)
        return res

    def unlink(self):
        """Override of `sale` to price the lines that remain."""
        orders = self._get_orders_with_tiers()
        before = self._get_scopes(orders)
        res = super().unlink()
        orders.exists()._reprice_siblings(before, self.browse())
        return res

    def _get_pricelist_kwargs(self):
        """Override of `sale` to hand on the lines that count together."""
        kwargs = super()._get_pricelist_kwargs()
        basket = self._get_baskets().get(self.order_id.id)
        return kwargs | {"basket": basket, "basket_line": self} if basket else kwargs

    def _get_baskets(self):
        """{id of an order: its basket} of what is being priced."""
        return (
            self.env.context.get("artisan_baskets")
            or self.env.cr.cache.get("artisan_baskets")
            or {}
        )

    def _baskets_at_hand(self):
        """A context manager: the baskets of the lines' orders, where tiers are used."""
        orders = self.order_id.filtered("pricelist_id.has_price_models")
        if not orders or self._get_baskets().keys() >= set(orders._ids):
            return nullcontext()
        book = HistoryBook(orders.order_line | self) if len(orders) > 1 else None
        baskets = {order.id: self._get_basket(order, book) for order in orders}
        return at_hand(self.env, "artisan_baskets", baskets)

    def _get_orders_with_tiers(self):
        """The orders in which other lines may cost something else by these: rewards, say,
        change no tier."""
        return self.filtered(
            lambda line: (
                line.order_id.pricelist_id.has_price_models and line._counts_for_tiers()
            )
        ).order_id

    def _get_scopes(self, orders):
        """{order: what its lines among these are priced together with}; see the basket."""
        found = {}
        for order in orders:
            basket = self.browse()._get_basket(order)
            scopes = (
                basket.get_scopes(line, order.pricelist_id)
                for line in self & order.order_line
            )
            found[order] = set().union(*scopes)
        return found

    def _get_basket(self, order, history_book=None):
        """The basket of an order, with these of its lines though not saved yet."""
        lines = self.filtered(lambda line: line.order_id == order)
        unsaved = lines.filtered(lambda line: not isinstance(line.id, int))
        lines |= order.order_line - unsaved._origin
        lines = lines.with_company(order.company_id)
        shelf = self.env.cr.cache.get("artisan_rule_shelf")
        book = shelf and shelf.get_book(order, lines)
        return Basket(lines, order.date_order, book, history_book)

    def _counts_for_tiers(self):
        """Whether it is a product that somebody chose: no reward, bundle, down payment."""
        self.ensure_one()
        return bool(
            self.product_id
            and not self.display_type
            and not self.is_downpayment
            and not self.is_reward_line
            and not self.combo_item_id
            and self.product_id.type != "combo"
            and not self._is_global_discount()
        )

    def _get_tier_quantity(self):
        """The quantity in the product's unit of measure, of either sign."""
        self.ensure_one()
        product_uom = self.product_id.uom_id
        if not self.product_uom_id or self.product_uom_id == product_uom:
            return self.product_uom_qty
        return self.product_uom_id._compute_quantity(
            self.product_uom_qty, product_uom, raise_if_failure=False
        )

    def _keeps_price(self):
        """Whether no rule changes its price any more: given, typed by hand or invoiced.

        The conditions of `sale`'s `_compute_price_unit`, and prices given at creation.
        """
        self.ensure_one()
        if self.qty_invoiced > 0:
            return True
        if self.env.context.get("force_price_recomputation"):
            return False
        currency = self.currency_id or self.env.company.currency_id
        # Read first: when it is still to be computed, that sets the other as well.
        price = self.price_unit
        return self.has_agreed_price or bool(
            currency.compare_amounts(self.technical_price_unit, price)
        )
