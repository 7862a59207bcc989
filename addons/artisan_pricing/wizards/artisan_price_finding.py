from odoo import api, fields, models

from ..decimals import to_decimal
from ..engine import cliffs


class ArtisanPriceFinding(models.TransientModel):
    _name = "artisan.price.finding"
    _description = "Oddity of a Pricelist"
    _order = "product_id, first_quantity, id"

    pricelist_id = fields.Many2one(
        "product.pricelist", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="pricelist_id.currency_id")
    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    item_id = fields.Many2one(
        "product.pricelist.item", string="Rule", ondelete="cascade"
    )
    code = fields.Selection(
        [
            (cliffs.CLIFF, "Buying more costs less"),
            (cliffs.DEARER, "A unit costs more than for a smaller quantity"),
        ],
        string="Finding",
        required=True,
    )
    first_quantity = fields.Float("From", digits="Product Unit")
    last_quantity = fields.Float(
        "To", digits="Product Unit", help="Zero: for any larger quantity."
    )
    unit_price = fields.Float(min_display_digits="Product Price")
    better_quantity = fields.Float("Cheaper Quantity", digits="Product Unit")
    better_total = fields.Monetary("Its Total")

    @api.model
    def _prepare_findings(self, pricelist, products, date):
        """Values of what is odd about the prices of products, on a pricelist at a time."""
        rules = pricelist._get_applicable_rules(products, date)
        step = to_decimal(pricelist.currency_id.rounding)
        without_cliffs = {rule.id for rule in rules if rule._has_no_cliffs()}
        return [
            self._prepare_finding(pricelist, product, finding)
            for product in products
            if (ladder := rules._get_ladder_of(product, pricelist.currency_id, date))
            for finding in cliffs.findings(ladder, ladder[0].value, step)
            if finding.code == cliffs.DEARER
            or (finding.code == cliffs.CLIFF and finding.key not in without_cliffs)
        ]

    @api.model
    def _prepare_finding(self, pricelist, product, finding):
        return {
            "pricelist_id": pricelist.id,
            "product_id": product.id,
            "item_id": finding.key,
            "code": finding.code,
            "first_quantity": finding.first,
            "last_quantity": finding.last or 0,
            "unit_price": finding.unit_price,
            "better_quantity": finding.better_quantity or 0,
            "better_total": finding.better_total or 0,
        }
