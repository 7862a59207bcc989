from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.onchange("order_line")
    def _onchange_order_line_tiers(self):
        """Show the prices of lines that count together before the order is saved."""
        self._reprice_siblings()

    def _recompute_prices(self):
        """Override of `sale`: who asks for new prices gives up those agreed."""
        self._get_update_prices_lines().sudo().has_agreed_price = False
        return super()._recompute_prices()

    def _get_tiered_lines(self, lines):
        """Those of these lines that a price model prices."""
        tiered = lines.browse()
        for order in self.filtered("pricelist_id.has_price_models") if lines else ():
            basket = lines._get_basket(order)
            for line, _rule in basket.get_tiered_lines(order.pricelist_id):
                tiered |= line
        return tiered & lines

    def _reprice_siblings(self, before=None, changed=None, priced=None):
        """Have lines priced again that count together with others.

        What was agreed, typed by hand or invoiced is left alone; see `_keeps_price`.

        :param before: {order: scopes that lines were in before they changed}; None: all
            lines that count with others are priced again
        :param changed: these lines
        :param priced: lines whose price is new already
        """
        OrderLine = self.env["sale.order.line"]
        priced = priced or OrderLine
        siblings = OrderLine
        for order in self.filtered(lambda order: order._can_reprice()):
            if order.order_line <= priced:
                continue  # all of it is new
            basket, pricelist = OrderLine._get_basket(order), order.pricelist_id
            touched = order.order_line
            if before is not None:
                touched &= changed
            scopes = (basket.get_scopes(line, pricelist) for line in touched)
            scopes = set().union((before or {}).get(order, ()), *scopes)
            siblings |= basket.get_siblings(scopes, pricelist)
        siblings = siblings.with_env(self.env) - priced
        self.env.add_to_compute(OrderLine._fields["price_unit"], siblings)
        siblings.modified(["price_unit"])

    def _can_reprice(self):
        self.ensure_one()
        return (
            self.pricelist_id.has_price_models
            and not self.locked
            and self.state != "cancel"
        )
