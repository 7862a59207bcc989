from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..decimals import to_decimal
from ..engine import tiers


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    compute_price = fields.Selection(
        selection_add=[("tiers", "Tiers of a Maker")], ondelete={"tiers": "cascade"}
    )
    price_model_id = fields.Many2one(
        "artisan.price.model",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Whose tiers price the products of its maker that the rule applies to.",
    )

    @api.depends("price_model_id.name")
    def _compute_price_label(self):
        """Override of `product` to name the price model."""
        tiered = self.filtered(lambda item: item.compute_price == "tiers")
        for item in tiered:
            # Who reads a pricelist need not be of the makers' groups.
            item.price = item.sudo().price_model_id.display_name
        return super(ProductPricelistItem, self - tiered)._compute_price_label()

    @api.constrains("compute_price", "price_model_id", "min_quantity")
    def _check_price_model(self):
        for item in self.filtered(lambda item: item.compute_price == "tiers"):
            if not item.price_model_id:
                raise ValidationError(
                    self.env._("Please choose the price model whose tiers apply.")
                )
            if item.min_quantity:
                raise ValidationError(
                    self.env._(
                        "A rule with a price model has no minimum quantity: the tiers "
                        "of %(model)s say from which quantity on they count.",
                        model=item.price_model_id.display_name,
                    )
                )

    @api.constrains("compute_price", "price_model_id", "product_tmpl_id")
    def _check_maker(self):
        for item in self.filtered(lambda item: item.compute_price == "tiers"):
            product, maker = item.product_tmpl_id, item.price_model_id.maker_id
            if product and product.maker_id != maker:
                raise ValidationError(
                    self.env._(
                        "%(product)s is not made by %(maker)s, whose price model "
                        "%(model)s is.",
                        product=product.display_name,
                        maker=maker.display_name,
                        model=item.price_model_id.display_name,
                    )
                )

    @api.onchange("compute_price")
    def _onchange_compute_price(self):
        """Override of `product` to keep only what a rule with tiers uses."""
        res = super()._onchange_compute_price()
        if self.compute_price == "tiers":
            self.min_quantity = 0
        else:
            self.price_model_id = False
        return res

    def _is_in_force(self, date):
        """Whether its price model, if it has one, prices orders of that time."""
        self.ensure_one()
        if self.compute_price != "tiers":
            return True
        return self.sudo().price_model_id._is_in_force(date)

    def _is_applicable_for(self, product, qty_in_product_uom):
        """Override of `product`: a price model is for products of its maker."""
        is_applicable = super()._is_applicable_for(product, qty_in_product_uom)
        if not is_applicable or self.compute_price != "tiers":
            return is_applicable
        maker_id = self.sudo().price_model_id._get_facts().maker_id
        return product.sudo().maker_id.id == maker_id

    def _compute_price(self, product, quantity, uom, date, currency=None, **kwargs):
        """Override of `product` to price by tiers.

        In an order (``basket``, ``basket_line``) lines of the same scope count together;
        elsewhere, as in a shop or a printed pricelist, the quantity counts by itself.
        """
        price = super()._compute_price(
            product, quantity, uom, date, currency=currency, **kwargs
        )
        if not self or self.compute_price != "tiers":
            return price
        currency = currency or self.currency_id or self.env.company.currency_id
        basket = kwargs.get("basket")
        unit_price = basket and basket.get_unit_price(
            self, kwargs["basket_line"], currency
        )
        if unit_price is None:
            quantity = uom._compute_quantity(
                quantity, product.uom_id, raise_if_failure=False
            )
            list_price = uom._compute_price(price, product.uom_id)
            unit_price = self._get_tier_price(list_price, quantity, currency, date)
        return product.uom_id._compute_price(float(unit_price), uom)

    def _compute_base_prices(self, products, quantity, uom, date, currency, **kwargs):
        """`_compute_base_price` of each of several products, at once where it can be.

        :return: [float]
        """
        base = self.base or "list_price"
        if len(products) == 1 or base not in ("list_price", "standard_price"):
            return [
                self._compute_base_price(
                    product, quantity, uom, date, currency, **kwargs
                )
                for product in products
            ]
        prices = products._price_compute(base, uom=uom, date=date)
        is_cost = base == "standard_price"
        return [
            (product.cost_currency_id if is_cost else product.currency_id)._convert(
                prices[product.id], currency, self.env.company, date, round=False
            )
            for product in products
        ]

    def _get_tier_price(self, list_price, quantity, currency, date):
        """Price of one unit (Decimal), of a quantity that counts by itself.

        :param list_price: of one unit, float, in ``currency``
        :param quantity: float, in the product's unit of measure
        """
        ladder = self._to_ladder(currency, date)
        list_price = to_decimal(list_price)
        if not self._can_be_priced(ladder, list_price):
            return list_price
        step = to_decimal(currency.rounding)
        return tiers.price(ladder, list_price, to_decimal(quantity), step).unit_price

    def _to_ladder(self, currency, date):
        """The engine's ladder of tiers. Customers may not read price models."""
        return self.sudo().price_model_id._to_ladder(currency, date)

    @api.model
    def _can_be_priced(self, ladder, list_price):
        """Whether each tier leaves something of a list price; else the latter counts."""
        return list_price > 0 and all(
            tier.can_price(list_price) for tier in ladder.tiers
        )

    def _get_ladder_of(self, product, currency, date):
        """The prices of a product by quantity, as tiers of the engine.

        :param self: the rules of one pricelist, in core's order
        :return: a tier for each quantity from which on another rule or tier may count;
            none where something is free
        """
        rules = self.filtered(lambda r: r._is_applicable_for(product, float("inf")))
        models_used = rules.sudo().price_model_id
        starts = {0, *rules.mapped("min_quantity")}
        starts.update(models_used.tier_ids.mapped("min_quantity"))
        ladder = []
        for start in sorted(starts):
            quantity = start or 1
            rule = rules._get_first_for(product, quantity)
            price = rule._get_stated_price(product, quantity, currency, date)
            if price <= 0:
                return []
            ladder.append(
                tiers.Tier(
                    to_decimal(start), tiers.FIXED, to_decimal(price), key=rule.id
                )
            )
        return ladder

    def _get_stated_price(self, product, quantity, currency, date):
        """What one unit costs in the tier of a quantity, as it is stated.

        In graduated and capped mode customers pay something else on average: the tiers are
        looked at one by one.
        """
        of_unit = product, quantity, product.uom_id, date
        if not self._has_no_cliffs():
            return self._compute_price(*of_unit, currency=currency)
        list_price = to_decimal(self._compute_base_price(*of_unit, currency))
        ladder = replace(self._to_ladder(currency, date), mode=tiers.VOLUME)
        if not self._can_be_priced(ladder, list_price):
            return list_price
        step = to_decimal(currency.rounding)
        return tiers.price(ladder, list_price, to_decimal(quantity), step).unit_price

    def _has_no_cliffs(self):
        """Whether its price model sees to it that buying more never costs less."""
        price_model = self.sudo().price_model_id
        return self.compute_price == "tiers" and price_model.mode != tiers.VOLUME

    def _get_first_for(self, product, quantity):
        """The rule that core takes for a quantity."""
        for rule in self:
            if rule._is_applicable_for(product, quantity):
                return rule
        return self.browse()
