from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..decimals import to_decimal
from ..engine.money import PricingError
from ..engine.quantities import Terms


class ProductTemplate(models.Model):
    _inherit = "product.template"

    minimum_quantity = fields.Float(
        "Minimum Order",
        digits="Product Unit",
        help="The least that an order has of this product, all its variants together, in "
        "the product's unit of measure. Zero asks for nothing. A price model may ask "
        "for more or less.",
    )
    case_pack = fields.Float(
        digits="Product Unit",
        help="It is sold in whole cases of so many: each order line is a multiple of it, "
        "in the product's unit of measure. Zero: any quantity.",
    )

    @api.constrains("minimum_quantity", "case_pack")
    def _check_quantity_terms(self):
        for template in self:
            try:
                template._get_quantity_terms()
            except PricingError as error:
                raise ValidationError(
                    self.env._(
                        "%(product)s: neither the minimum order nor the case pack can "
                        "be negative.",
                        product=template.display_name,
                    )
                ) from error

    def _get_quantity_terms(self, price_model=None):
        """What the maker asks for, in the product's unit of measure.

        :param price_model: whose own minimum and case go before the product's
        :return: the engine's Terms
        :raise PricingError: a quantity that is negative
        """
        self.ensure_one()
        minimum, case = self.minimum_quantity, self.case_pack
        if price_model:
            minimum = price_model.minimum_quantity or minimum
            case = price_model.case_pack or case
        return Terms(to_decimal(minimum), to_decimal(case) if case else None)
