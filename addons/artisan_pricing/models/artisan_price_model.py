from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..decimals import to_decimal
from ..engine import tiers
from ..engine.money import PricingError
from ..refusal_words import say_refusal

#: Lines that count together for a tier.
LINE, TEMPLATE, CATEGORY, MAKER = "line", "template", "category", "maker"
#: How many of the cheapest products of a scope are looked at; a rule may leave some out.
CANDIDATES = 20
_CANDIDATES = """
SELECT product.id
  FROM product_product product
  JOIN product_template template ON template.id = product.product_tmpl_id
  LEFT JOIN product_category category ON category.id = template.categ_id
 WHERE product.active
   AND template.maker_id = %(maker)s
   AND template.uom_id = %(uom)s
   AND template.sale_ok
   AND template.list_price > 0
   AND (template.company_id IS NULL OR template.company_id = %(company)s)
   AND %(wanted)s
 ORDER BY template.list_price, product.id
 LIMIT %(limit)s
"""
#: A variant may be cheaper than its list price says.
_IS_BELOW = """(
    template.list_price < %s OR EXISTS (
        SELECT FROM product_variant_combination combination
          JOIN product_template_attribute_value value
            ON value.id = combination.product_template_attribute_value_id
         WHERE combination.product_product_id = product.id
           AND value.price_extra < 0
    )
)"""
#: What their query reads.
PRICED_BY = {
    "product.template": [
        "categ_id",
        "company_id",
        "list_price",
        "maker_id",
        "sale_ok",
        "uom_id",
    ],
    "product.product": ["active", "product_template_attribute_value_ids"],
    "product.template.attribute.value": ["price_extra"],
    "product.category": ["parent_path"],
}


class ArtisanPriceModel(models.Model):
    _name = "artisan.price.model"
    _description = "Price Model of a Maker"
    _inherit = ["mail.thread", "artisan.kept.mixin"]
    _order = "maker_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        required=True,
        index=True,
        check_company=True,
        tracking=True,
        help="It prices products of this maker only.",
    )
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of prices and amounts in the tiers.",
    )
    mode = fields.Selection(
        [
            (tiers.VOLUME, "Volume: the tier reached prices every unit"),
            (tiers.GRADUATED, "Graduated: each unit at the tier that it is in"),
            (tiers.CAPPED, "Capped: never more than a larger quantity costs"),
        ],
        default=tiers.VOLUME,
        required=True,
        tracking=True,
    )
    scope = fields.Selection(
        [
            (LINE, "Each order line by itself"),
            (TEMPLATE, "All variants of a product"),
            (CATEGORY, "All products of a category and below"),
            (MAKER, "All products of the maker"),
        ],
        default=TEMPLATE,
        required=True,
        tracking=True,
        help="Which lines of an order count together. Products in different units of "
        "measure never do. The category is that of the pricelist rule, or else the "
        "product's own.",
    )
    rounding = fields.Selection(
        [
            (tiers.LINE, "The amount of a line"),
            (tiers.UNIT, "The price of one unit"),
        ],
        default=tiers.LINE,
        required=True,
        tracking=True,
        help="What is rounded: 100 times 9.99 less 15 % is 849.15, or 849.00 when the "
        "price of one unit is rounded first.",
    )
    quantity_step = fields.Float(
        default=1,
        digits="Product Unit",
        required=True,
        help="The smallest quantity that can be bought. With 1, a graduated tier from "
        "10 on prices the tenth unit.",
    )
    date_start = fields.Datetime("From")
    date_end = fields.Datetime("Until")
    tier_ids = fields.One2many("artisan.price.tier", "price_model_id", copy=True)
    item_ids = fields.One2many(
        "product.pricelist.item", "price_model_id", string="Pricelist Rules"
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_start IS NULL OR date_end IS NULL OR date_start < date_end)",
        "A price model ends after it begins.",
    )

    @api.constrains("tier_ids", "mode", "rounding", "quantity_step")
    def _check_ladder(self):
        for model in self:
            try:
                model._make_ladder()
            except PricingError as error:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be priced with: %(error)s",
                        name=model.name,
                        error=say_refusal(self.env, error),
                    )
                ) from error

    def _to_ladder(self, currency=None, date=None):
        """The engine's ladder of tiers.

        :param currency: what its prices are converted to; none: the model's own
        :param date: of the rate
        :raise PricingError: tiers that make no price
        """
        ladder = self._get_own_ladder()
        if not currency or currency.id == self._get_facts().currency_id:
            return ladder
        company = self.company_id or self.env.company
        rate = self.currency_id._get_conversion_rate(
            self.currency_id, currency, company, date
        )
        return ladder.in_currency(to_decimal(rate))

    def _make_ladder(self):
        """The engine's ladder of tiers in the currency of the price model.

        :raise PricingError: tiers that make no price
        """
        self.ensure_one()
        return tiers.Ladder(
            self.tier_ids._to_tiers(),
            self.mode,
            self.rounding,
            to_decimal(self.quantity_step),
        )

    def _is_in_force(self, date):
        """Whether it prices orders of that time."""
        facts = self._get_facts()
        date = fields.Datetime.to_datetime(date)
        return (
            facts.active
            and (not facts.date_start or facts.date_start <= date)
            and (not facts.date_end or facts.date_end >= date)
        )

    def _get_scope_key(self, line, category):
        """What an order line has in common with those that it counts together with.

        :param category: of the pricelist rule; none: the product's own
        """
        facts = self._get_facts()
        if facts.scope == LINE:
            return line.id
        product = line.product_id
        if facts.scope == TEMPLATE:
            common = product.product_tmpl_id.id
        elif facts.scope == CATEGORY:
            common = (category or product.categ_id).id
        else:
            common = facts.maker_id
        return common, product.uom_id.id

    def _get_cheapest_candidates(self, line, category, below=None):
        """Products of the scope of an order line, cheapest first, up to a limit.

        One of them fills up what is missing to a larger quantity in capped mode.

        :param below: products with a list price from this on may be left out
        """
        scope = self._get_facts().scope
        product = line.product_id
        if scope == TEMPLATE:
            return product.product_tmpl_id.product_variant_ids
        if scope == CATEGORY:
            category = category or product.categ_id
        else:
            category = category.browse()
        for model, names in PRICED_BY.items():
            self.env[model].flush_model(names)
        query = self._get_candidates_query(line, category, below)
        return product.browse(row[0] for row in self.env.execute_query(query))

    def _get_candidates_query(self, line, category, below):
        """A plain query: it is one of the few that each order makes more of."""
        wanted = SQL("TRUE")
        if category:
            wanted = SQL("category.parent_path LIKE %s", f"{category.parent_path}%")
        if below is not None:
            wanted = SQL("%s AND %s", wanted, SQL(_IS_BELOW, float(below)))
        return SQL(
            _CANDIDATES,
            maker=self._get_facts().maker_id,
            uom=line.product_id.uom_id.id,
            company=line.company_id.id or None,
            wanted=wanted,
            limit=CANDIDATES,
        )
