from odoo import api, fields, models

from ..decimals import to_decimal
from ..engine.bundles import Bundle, Part
from ..engine.money import HUNDRED, ZERO, round_to
from ..engine.tiers import ONE

#: Digits behind the point that the price of a part may need, so that its line makes its
#: share once a discount is taken off.
PRICE_DIGITS = range(2, 9)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    bundle_list_price = fields.Float(
        compute="_compute_bundle_list_price",
        store=True,
        precompute=True,
        min_display_digits="Product Price",
        help="What one unit of a bundle's part cost the customer on its own when the "
        "bundle was priced; refunds go by it.",
    )

    @api.depends("combo_item_id", "price_unit", "product_id", "product_uom_qty")
    def _compute_bundle_list_price(self):
        for line in self:
            if not line.combo_item_id or not line.product_id:
                line.bundle_list_price = 0
            elif not line.qty_invoiced:
                line.bundle_list_price = line._get_price_on_its_own()

    def _get_price_on_its_own(self):
        """What one unit costs the customer beside any bundle."""
        self.ensure_one()
        line = self.with_company(self.company_id)
        taxes = line.product_id.taxes_id._filter_taxes_by_company(line.company_id)
        return line.product_id._get_tax_included_unit_price_from_price(
            line._get_pricelist_price(),
            product_taxes=taxes,
            fiscal_position=line.order_id.fiscal_position_id,
        )

    def _get_combo_item_display_price(self):
        """Override of `sale`: the parts of makers' bundles add up to the price that the
        customer pays, by largest remainder, also where a discount is shown."""
        bundle_line = self._get_linked_line()
        price = to_decimal(bundle_line._get_display_price_ignore_combo())
        if price <= 0 or not bundle_line.product_template_id._is_maker_bundle():
            return super()._get_combo_item_display_price()
        combo = self.combo_item_id.combo_id
        shown = self._split_bundle(bundle_line, price)[combo.id]
        extra = to_decimal(
            self.combo_item_id.extra_price
            + self.product_id._get_no_variant_attributes_price_extra(
                self.product_no_variant_attribute_value_ids
            )
        )
        discount = to_decimal(bundle_line.discount)
        net_price = bundle_line._get_net_bundle_price(price, discount)
        if discount and net_price > 0:
            net = self._split_bundle(bundle_line, net_price)[combo.id]
            shown = self._get_price_before_discount(shown, net, extra, discount)
        return float(shown + extra)

    def _split_bundle(self, bundle_line, price):
        """The price of one bundle, in the order's currency, split over its choices.

        Core's weights: what the cheapest product of each choice costs. Without any, all
        weigh the same.

        :return: {id of a choice: Decimal}
        """
        step = to_decimal(self.currency_id.rounding)
        weights = self._get_bundle_weights(bundle_line)
        price = round_to(price, step)
        if not price:
            return dict.fromkeys(weights, ZERO)
        parts = tuple(Part(combo, weight) for combo, weight in weights.items())
        return Bundle(price, parts, step).split()

    def _get_bundle_weights(self, bundle_line):
        combos = bundle_line.product_template_id.sudo().combo_ids
        weights = {
            combo.id: to_decimal(
                combo.currency_id._convert(
                    combo.base_price,
                    self.currency_id,
                    self.company_id,
                    self.order_id.date_order,
                )
            )
            for combo in combos
        }
        return weights if any(weights.values()) else dict.fromkeys(weights, ONE)

    def _get_net_bundle_price(self, price, discount):
        """What one bundle costs after its discount; the percent is rounded, the price of
        the pricelist is not."""
        self.ensure_one()
        if not discount:
            return price
        net = to_decimal(self._get_pricelist_price())
        percent = (price - net) / price * HUNDRED
        if round(percent, 2) == round(discount, 2):
            return net
        return price * (HUNDRED - discount) / HUNDRED

    def _get_price_before_discount(self, shown, net, extra, discount):
        """A price of the part from which the discount leaves its share.

        :param shown: the part of the price before the discount, taken where it does
        :param net: the part of the price after the discount
        :param extra: that comes on top, before the discount
        :param discount: percent
        """
        rate = (HUNDRED - discount) / HUNDRED
        step = to_decimal(self.currency_id.rounding)
        count = abs(to_decimal(self.product_uom_qty)) or ONE
        target = count * net + round_to(count * extra * rate, step)
        # Where a document is rounded as a whole, what is behind the cents adds up.
        company = self.company_id or self.env.company
        is_global = company.tax_calculation_rounding_method == "round_globally"
        exact = net / rate
        for price in (shown, *(round(exact, digits) for digits in PRICE_DIGITS)):
            amount = count * (price + extra) * rate
            if is_global and abs(amount - target) <= step / HUNDRED:
                return price
            if not is_global and round_to(amount, step) == target:
                return price
        return exact
