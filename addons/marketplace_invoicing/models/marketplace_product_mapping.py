from odoo import api, fields, models


class MarketplaceProductMapping(models.Model):
    """A code of the channel stands for a product, because a person said so."""

    _name = "marketplace.product.mapping"
    _description = "Marketplace Product Mapping"
    _inherit = ["marketplace.channel.mixin"]
    _order = "channel_id, code"
    _rec_name = "code"
    _check_company_auto = True

    code = fields.Char(
        string="SKU or Product Id",
        required=True,
        help="The SKU of the channel; where it gives none, its own product id or the title.",
    )
    title = fields.Char(help="How the channel names the product.")
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        check_company=True,
        domain="[('sale_ok', '=', True)]",
        help="Waiting orders with this code are processed again as soon as you save.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(channel_id, code)", "This code of the channel already has a product."
    )

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._requeue_orders()
        return mappings

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"product_id", "code", "channel_id"}:
            self._requeue_orders()
        return result

    def _requeue_orders(self):
        """Process again exactly the orders that waited for these codes.

        Orders that wait for approval are checked again: their product may be another now.
        """
        causes = self.env["marketplace.issue.cause"].search(
            [
                ("channel_id", "in", self.channel_id.ids),
                ("code", "=", "unknown_sku"),
                ("key", "in", self.mapped("code")),
            ]
        )
        wanted = {(mapping.channel_id, mapping.code) for mapping in self}
        causes.filtered(lambda c: (c.channel_id, c.key) in wanted)._requeue_orders()
        self.channel_id._recheck_ready_orders()

    @api.model
    def _get_index(self, channel, codes):
        """Return {code: product} for one channel, in one query.

        :param channel: `marketplace.channel` record
        :param codes: iterable of codes as the channel writes them
        """
        mappings = self.search(
            [("channel_id", "=", channel.id), ("code", "in", list(codes))]
        )
        return {mapping.code: mapping.product_id for mapping in mappings}

    @api.model
    def _suggest_products(self, channel, lines):
        """Propose a product per code: by SKU, then barcode, then exact name.

        :param lines: `marketplace.order.line` records without a product
        :return: {code: product}; a code with several candidates gets none
        """
        wanted = {
            "default_code": {line.sku for line in lines if line.sku},
            "barcode": {line.barcode or line.sku for line in lines} - {False, ""},
            "name": {line.title for line in lines if line.title},
        }
        found = {
            name: self._find_products(channel, name, values)
            for name, values in wanted.items()
        }
        suggestions = {}
        for line in lines:
            product = (
                found["default_code"].get(line.sku)
                or found["barcode"].get(line.barcode or line.sku)
                or found["name"].get(line.title)
            )
            if product:
                suggestions[line._get_code()] = product
        return suggestions

    @api.model
    def _find_products(self, channel, field_name, values):
        """Return {value: product} where exactly one product of the company has the value."""
        if not values:
            return {}
        Product = self.env["product.product"]
        products = Product.search(
            [
                *Product._check_company_domain(channel.company_id),
                (field_name, "in", list(values)),
                ("sale_ok", "=", True),
            ]
        )
        return {
            value: matches
            for value, matches in products.grouped(field_name).items()
            if len(matches) == 1
        }
