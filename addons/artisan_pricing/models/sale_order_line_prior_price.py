from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    prior_price = fields.Float(
        readonly=True,
        copy=False,
        min_display_digits="Product Price",
        aggregator=None,
        help="Lowest price of one unit in the 30 days before the price was cut, as it was "
        "printed when the order was confirmed.",
    )
    prior_price_percent = fields.Float(
        "Cut (%)", digits=(5, 2), readonly=True, copy=False, aggregator=None
    )

    def _get_pricelist_price_before_discount(self):
        """Override of `sale`: where prices are logged, a cut is announced by the lowest price
        of the 30 days before it and nothing else. Core's percent is that of the price just
        before, which may have been raised for it (ECJ C-330/23)."""
        if self._is_announced_by_log():
            return self._get_pricelist_price()
        return super()._get_pricelist_price_before_discount()

    def _is_announced_by_log(self):
        """Whether a rule for a time makes the price of a product whose prices are logged."""
        self.ensure_one()
        if not (
            self.order_id.pricelist_id.keeps_price_log
            and self.product_id.sudo().maker_id
        ):
            return False
        rule = self.pricelist_item_id
        while rule and not rule._is_dated():
            if rule.compute_price == "fixed" or rule.base != "pricelist":
                return False
            lower = rule.base_pricelist_id._get_product_rule(
                self.product_id, **self._get_pricelist_kwargs()
            )
            rule = rule.browse(lower)
        return bool(rule)

    def _prepare_prior_price_vals(self, cut):
        """:param cut: :class:`.engine.prior_price.Reduction`, of the product's own unit"""
        self.ensure_one()
        was = float(cut.was)
        if self.product_uom_id != self.product_id.uom_id:
            was = self.product_id.uom_id._compute_price(was, self.product_uom_id)
        return {"prior_price": was, "prior_price_percent": float(cut.percent)}

    def _format_prior_price(self, vals):
        """:param vals: ``prior_price`` of one unit of the line and ``prior_price_percent``"""
        formatted = self.env["ir.qweb.field.monetary"].value_to_html(
            vals["prior_price"], {"display_currency": self.currency_id}
        )
        return self.env._(
            "Lowest price of the 30 days before the cut: %(price)s (−%(percent)d %%)",
            price=formatted,
            percent=vals["prior_price_percent"],
        )
