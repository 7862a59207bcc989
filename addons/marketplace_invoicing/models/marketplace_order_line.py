from odoo import api, fields, models
from odoo.tools import float_round

from ..channels.base import ARTICLE_KINDS


class MarketplaceOrderLine(models.Model):
    """One line of a channel order as the channel stated it, and the product it stands for."""

    _name = "marketplace.order.line"
    _description = "Marketplace Order Line"
    _inherit = ["marketplace.fact.mixin"]
    _order = "order_id, sequence, id"
    _rec_name = "title"
    _check_company_auto = True

    order_id = fields.Many2one(
        "marketplace.order",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    channel_id = fields.Many2one(related="order_id.channel_id")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    sequence = fields.Integer(readonly=True)
    external_ref = fields.Char(string="Line Id", readonly=True)
    kind = fields.Selection(
        [
            ("product", "Product"),
            ("shipping", "Shipping"),
            ("fee", "Fee"),
            ("gift_wrap", "Gift wrap"),
            ("gift_card", "Gift card"),
            ("tip", "Tip"),
            ("discount", "Discount"),
        ],
        required=True,
        default="product",
        readonly=True,
    )
    sku = fields.Char(string="SKU", readonly=True)
    barcode = fields.Char(readonly=True)
    product_ref = fields.Char(
        string="Channel Product Id", readonly=True, help="ASIN, listing or variant id."
    )
    title = fields.Char(readonly=True)
    quantity = fields.Float(digits=(16, 6), readonly=True)
    amount = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="Whole line after discounts, in the order's currency, exactly as stated.",
    )
    discount = fields.Float(
        digits=(16, 6), readonly=True, help="Already taken off the amount."
    )
    tax = fields.Float(digits=(16, 6), readonly=True)
    tax_stated = fields.Boolean(
        readonly=True, help="Off: the channel does not say how much tax the line has."
    )
    tax_included = fields.Selection(
        [
            ("yes", "In the amount"),
            ("no", "On top"),
            ("unknown", "Channel setting decides"),
        ],
        required=True,
        default="unknown",
        readonly=True,
    )
    marketplace_tax = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="The part of the tax that the marketplace owes. Never on our invoice.",
    )
    liability = fields.Selection(
        [
            ("seller", "We owe the tax"),
            ("marketplace", "Marketplace owes the tax"),
            ("unknown", "Unknown"),
        ],
        string="Who Owes the Tax",
        required=True,
        default="unknown",
        readonly=True,
    )
    evidence = fields.Char(
        readonly=True,
        help="The field of the channel's data that says who owes the tax.",
    )
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", check_company=True
    )
    liability_applied = fields.Selection(
        [
            ("seller", "We owe the tax"),
            ("marketplace", "Marketplace owes the tax"),
            ("unknown", "Unknown"),
        ],
        readonly=True,
        help="After the tax rules of the channel.",
    )

    def _get_code(self):
        """Return what a product mapping knows this line by, 250 characters at most."""
        self.ensure_one()
        return (self.sku or self.product_ref or self.title or self.kind)[:250]

    def _get_product_by_kind(self):
        """Return the channel's product for lines that are no article of ours."""
        self.ensure_one()
        channel = self.order_id.channel_id
        if self.kind in ARTICLE_KINDS:
            return self.env["product.product"]
        if self.kind == "shipping":
            return channel.shipping_product_id
        return channel.charge_product_id

    def _get_stated_liability(self):
        """Return the channel's word; without any tax nobody has to be asked."""
        self.ensure_one()
        if self.liability == "unknown" and not self.tax:
            return "seller"
        return self.liability

    def _is_tax_included(self):
        """Tell whether ``amount`` contains ``tax``, by the file or the channel's setting."""
        self.ensure_one()
        if self.tax_included == "unknown":
            return self.order_id.channel_id.prices_include_tax
        return self.tax_included == "yes"

    def _is_invoiced(self):
        """Tell whether the line becomes a line of the sale order.

        Articles do even when they are free; free shipping and the like would only be noise.
        """
        self.ensure_one()
        return bool(self.amount or (self.kind in ARTICLE_KINDS and self.quantity))

    def _get_own_amount(self):
        """Return (amount, includes tax) of the line without any marketplace-collected tax.

        In the order's currency, for the whole line. A line whose tax the marketplace owes is
        net: nothing of its tax is ours.
        """
        self.ensure_one()
        included = self._is_tax_included()
        amount = self.amount - (self._get_marketplace_tax() if included else 0.0)
        return amount, included and self.liability_applied != "marketplace"

    def _get_marketplace_tax(self):
        """Return the tax the marketplace owes, after the tax rules of the channel."""
        self.ensure_one()
        if self.liability == "unknown" and self.liability_applied == "marketplace":
            return self.tax
        return self.marketplace_tax

    def _get_seller_tax(self):
        """Return the tax that the channel states and that is ours."""
        self.ensure_one()
        return self.tax - self._get_marketplace_tax()

    def _get_own_total(self):
        """Return what the buyer owes us for the line, as far as the file says."""
        self.ensure_one()
        amount, included = self._get_own_amount()
        return amount if included else amount + self._get_seller_tax()

    def _get_taxes(self):
        """Return the taxes core would put on the sale order line.

        Product taxes of the company, mapped by the order's fiscal position; for
        marketplace-collected lines the channel's own 0 % tax or none.
        """
        self.ensure_one()
        channel = self.order_id.channel_id
        if self.liability_applied == "marketplace":
            return channel.marketplace_tax_id
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        return self.order_id.fiscal_position_id.map_tax(taxes)

    def _get_price_unit(self, amount, included, quantity, taxes, product=None):
        """Return the unit price that makes core arrive at the channel's amount.

        :param float amount: whole line, in the order's currency
        :param bool included: whether ``amount`` contains the tax
        :param taxes: `account.tax` recordset of the line
        :return: unit price in the convention of the taxes (with those that are included in
            prices), unrounded: `sale.order.line.price_unit` keeps all digits in Odoo 19
        """
        if taxes:
            details = taxes._get_tax_details(
                amount,
                1.0,
                rounding_method="round_globally",
                product=product or self.product_id,
                special_mode="total_included" if included else "total_excluded",
            )
            amount = details["total_excluded"] + sum(
                data["tax_amount"]
                for data in details["taxes_data"]
                if data["tax"].price_include
            )
        return amount / (quantity or 1.0)

    def _prepare_sale_line(self):
        """Return the values of the sale order line, without the order."""
        self.ensure_one()
        amount, included = self._get_own_amount()
        quantity = self._get_sale_quantity()
        taxes = self._get_taxes()
        return {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_id.uom_id.id,
            "name": self._get_sale_line_name(),
            "product_uom_qty": quantity,
            "price_unit": self._get_price_unit(amount, included, quantity, taxes),
            # Differs from price_unit: core then leaves the price alone.
            "technical_price_unit": 0.0,
            "discount": 0.0,
            "tax_ids": [fields.Command.set(taxes.ids)],
            "marketplace_line_id": self.id,
        }

    def _prepare_product(self):
        """Return the values of a new product for this line; its price in company currency."""
        self.ensure_one()
        company = self.company_id
        taken = self.barcode and self.env["product.product"].search_count(
            [("barcode", "=", self.barcode)], limit=1
        )
        price = self.amount / (self.quantity or 1.0)
        if self.currency_id:
            date = self.order_id._get_invoice_date()
            price = self.currency_id._convert(price, company.currency_id, company, date)
        return {
            "name": self.title or self._get_code(),
            "default_code": self.sku,
            "barcode": False if taken else self.barcode,
            "company_id": company.id,
            "list_price": price,
        }

    def _get_sale_quantity(self):
        """Return the quantity as core will keep it, so that price times quantity is exact.

        A quantity that core's precision would round to nothing is sold as one piece.
        """
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return float_round(self.quantity, precision_digits=digits) or 1.0

    def _get_sale_line_name(self):
        self.ensure_one()
        name = self.product_id.display_name
        if self.title and self.title.lower() not in name.lower():
            name = self.title
        if self.discount:
            return self.env._(
                "%(name)s (discount of %(amount)s deducted)",
                name=name,
                amount=self.currency_id.format(self.discount),
            )
        return name

    @api.model
    def _prepare_from_parsed(self, sequence, line):
        """Return the values of a staged line.

        :param line: `channels.base.ParsedLine`
        """
        return {
            "sequence": sequence,
            "external_ref": line.external_ref,
            "kind": line.kind,
            "sku": line.sku.strip(),
            "barcode": line.barcode,
            "product_ref": line.product_ref,
            "title": line.title,
            "quantity": float(line.quantity),
            "amount": float(line.amount),
            "discount": float(line.discount),
            "tax": float(line.tax or 0),
            "tax_stated": line.tax is not None,
            "tax_included": {True: "yes", False: "no", None: "unknown"}[
                line.tax_included
            ],
            "marketplace_tax": float(line.marketplace_tax),
            "liability": line.liability,
            "evidence": line.evidence,
        }
