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
