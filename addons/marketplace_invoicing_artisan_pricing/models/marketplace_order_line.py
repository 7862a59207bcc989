from odoo import fields, models

from odoo.addons.marketplace_invoicing.channels.base import ARTICLE_KINDS


class MarketplaceOrderLine(models.Model):
    _inherit = "marketplace.order.line"

    ordered_date = fields.Datetime(related="order_id.ordered_date")
    maker_id = fields.Many2one(
        "res.partner",
        readonly=True,
        index="btree_not_null",
        help="Of the product, when the order came in.",
    )
    maker_price_unit = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="What one costs by the makers' pricelist, as a sales order would state it.",
    )
    charged_untaxed = fields.Monetary(
        string="Charged",
        readonly=True,
        help="What the marketplace charged for the line, without tax.",
    )
    maker_untaxed = fields.Monetary(
        string="Maker's Price",
        readonly=True,
        help="What the line comes to by the makers' pricelist, without tax.",
    )
    maker_price_difference = fields.Monetary(
        string="Difference",
        readonly=True,
        help="What the marketplace charged more than the maker's price, without tax; "
        "negative: less.",
    )
    maker_price_deviation = fields.Float(
        string="Deviation",
        readonly=True,
        aggregator=None,
        help="The difference as a share of the maker's price.",
    )

    def _has_maker_price(self):
        """Whether a maker's price can be told: an article of a maker, no bundle."""
        self.ensure_one()
        product = self.product_id
        return bool(
            self.kind in ARTICLE_KINDS
            and self.quantity > 0
            and product.maker_id
            and product.type != "combo"
        )

    def _prepare_sale_line(self):
        """Override of `marketplace_invoicing`: the maker's price, where the channel says so."""
        values = super()._prepare_sale_line()
        if self.maker_price_unit and self.order_id._applies_maker_prices():
            values["price_unit"] = self.maker_price_unit
        return values

    def _prepare_new_sale_line(self):
        """Values of an unsaved order line that asks what the maker's price would be."""
        self.ensure_one()
        product = self.product_id
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "product_uom_qty": self._get_sale_quantity(),
            # No price typed by hand: tiers may set it.
            "price_unit": 0.0,
            "technical_price_unit": 0.0,
        }

    def _prepare_comparison(self, maker_price):
        """Values of the comparison with the maker's price.

        :param float maker_price: of one unit, in the order's currency and the convention
            of the product's own taxes
        """
        self.ensure_one()
        order, product = self.order_id, self.product_id
        quantity, taxes = self._get_sale_quantity(), self._get_taxes()
        maker_unit = product._get_tax_included_unit_price_from_price(
            maker_price,
            product_taxes=product.taxes_id._filter_taxes_by_company(order.company_id),
            fiscal_position=order.fiscal_position_id,
        )
        charged_unit = self._get_price_unit(*self._get_own_amount(), quantity, taxes)
        charged, maker = (
            taxes.compute_all(price, order.currency_id, quantity, product)[
                "total_excluded"
            ]
            for price in (charged_unit, maker_unit)
        )
        difference = order.currency_id.round(charged - maker)
        return {
            "maker_id": product.maker_id.id,
            "maker_price_unit": maker_unit,
            "charged_untaxed": charged,
            "maker_untaxed": maker,
            "maker_price_difference": difference,
            "maker_price_deviation": difference / maker if maker else 0.0,
        }

    def action_open_order(self):
        self.ensure_one()
        return self.order_id._open_document(self.order_id)
