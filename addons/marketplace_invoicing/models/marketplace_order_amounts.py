from odoo import fields, models


class MarketplaceOrder(models.Model):
    """The amounts that core computes from an order, and the rounding that remains."""

    _inherit = "marketplace.order"

    def _compute_expected(self):
        """Let core compute what the invoice would total, and the rounding that remains."""
        for order in self:
            order.rounding_amount = 0.0
            is_computable = order._is_computable()
            totals = order._get_core_totals() if is_computable else (0.0, 0.0)
            order._set_computed(totals, order._get_amount_to_invoice())
            if is_computable:
                order._round_difference()

    def _set_computed(self, totals, amount_to_invoice):
        self.ensure_one()
        self.write(
            {
                "amount_computed": totals[0],
                "tax_computed": totals[1],
                "amount_to_invoice": amount_to_invoice,
            }
        )

    def _get_amount_to_invoice(self):
        """Return the channel's total without the tax that the marketplace owes.

        Where the file has no total, the sum of what it says of the lines.
        """
        self.ensure_one()
        if not self.total_stated:
            return sum(line._get_own_total() for line in self.line_ids)
        if not self.total_includes_marketplace_tax:
            return self.amount_total
        return self.amount_total - self._get_collected_tax()

    def _get_collected_tax(self):
        """Return the tax that the marketplace collected, after the tax rules."""
        self.ensure_one()
        on_lines = sum(line._get_marketplace_tax() for line in self.line_ids)
        return on_lines + self.order_marketplace_tax

    def _is_computable(self):
        """Tell whether core can compute the order: currency and all products are known."""
        self.ensure_one()
        return bool(self.currency_id) and all(
            line.product_id for line in self.line_ids if line._is_invoiced()
        )

    def _round_difference(self):
        """Plan a rounding line where the difference is within the channel's tolerance."""
        self.ensure_one()
        difference = self._get_total_difference()
        channel = self.channel_id
        if (
            self.currency_id.is_zero(difference)
            or not channel.rounding_account_id
            or self.currency_id.compare_amounts(
                abs(difference), channel.rounding_tolerance
            )
            > 0
        ):
            return
        self.rounding_amount = difference
        # Where the tax of the rounding line itself crosses half a cent, the line goes without.
        for taxed in (True, False):
            self.is_rounding_taxed = taxed
            self._set_computed(self._get_core_totals(), self.amount_to_invoice)
            if self.currency_id.is_zero(self._get_total_difference()):
                return

    def _get_total_difference(self):
        """Return channel minus computed, in the order's currency.

        0 where the file states neither a total nor a tax and says that its prices are net: the
        tax is then ours to add.
        """
        self.ensure_one()
        net_only = not any(
            line.tax_stated or line.tax_included != "no" for line in self.line_ids
        )
        if not self.total_stated and net_only:
            return 0.0
        return self.currency_id.round(self.amount_to_invoice - self.amount_computed)

    def _get_core_totals(self):
        """Return (total, tax) as `sale.order` will compute them for these lines."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_lines = [
            self._prepare_base_line(values) for values in self._prepare_sale_lines()
        ]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        totals = AccountTax._get_tax_totals_summary(
            base_lines, self.currency_id, self.company_id
        )
        return totals["total_amount_currency"], totals["tax_amount_currency"]

    def _prepare_base_line(self, sale_line):
        """Return core's tax base line for values of :meth:`_prepare_sale_lines`."""
        self.ensure_one()
        taxes = [command[2] for command in sale_line["tax_ids"]]
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            tax_ids=self.env["account.tax"].browse(taxes[0]),
            quantity=sale_line["product_uom_qty"],
            price_unit=sale_line["price_unit"],
            product_id=self.env["product.product"].browse(sale_line["product_id"]),
            currency_id=self.currency_id,
            rate=1.0,
        )

    def _prepare_sale_lines(self):
        """Return the values of all sale order lines, the rounding line last."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line._is_invoiced())
        values = [line._prepare_sale_line() for line in lines]
        if self.rounding_amount:
            values.append(self._prepare_rounding_line(lines))
        return values

    def _prepare_rounding_line(self, lines):
        """Return the rounding line, taxed like the order's largest line."""
        self.ensure_one()
        product = self.env.ref("marketplace_invoicing.product_rounding")
        largest = lines.sorted(lambda line: abs(line.amount))[-1:]
        taxes = self.env["account.tax"]
        if largest and self.is_rounding_taxed:
            taxes = largest._get_taxes()
        return {
            "sequence": 10000,
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": self.env._("Rounding difference"),
            "product_uom_qty": 1.0,
            "price_unit": largest._get_price_unit(
                self.rounding_amount, True, 1.0, taxes, product
            ),
            "technical_price_unit": 0.0,
            "discount": 0.0,
            "tax_ids": [fields.Command.set(taxes.ids)],
            "is_marketplace_rounding": True,
        }
