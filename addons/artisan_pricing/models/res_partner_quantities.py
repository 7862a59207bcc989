from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..decimals import to_decimal
from ..engine.money import PricingError
from ..engine.quantities import Minimums


class ResPartner(models.Model):
    _inherit = "res.partner"

    opening_minimum = fields.Float(
        "Opening Order",
        company_dependent=True,
        help="The least that the first order of a customer with this maker comes to: the "
        "maker's products before tax and promotions, in the currency of your company. Asked "
        "of customers whose pricelist has tiers of this maker, and not for parts of bundles.",
    )
    reorder_minimum = fields.Float(
        "Later Orders",
        company_dependent=True,
        help="The same for customers with a confirmed order of this maker's products. "
        "Not more than the first order.",
    )

    @api.constrains("opening_minimum", "reorder_minimum")
    def _check_order_minimums(self):
        for partner in self:
            try:
                partner._get_order_minimums()
            except PricingError as error:
                raise ValidationError(
                    self.env._(
                        "%(maker)s: the minimum of an order is not negative, and later "
                        "orders need not be larger than the first.",
                        maker=partner.display_name,
                    )
                ) from error

    def _get_order_minimums(self, convert=lambda amount: amount):
        """What a maker asks for of an order, in the currency of the current company.

        :param convert: from that currency to the one that is wanted (float to float)
        :return: the engine's Minimums
        :raise PricingError: negative, or more for later orders than for the first
        """
        self.ensure_one()
        return Minimums(
            to_decimal(convert(self.opening_minimum)),
            to_decimal(convert(self.reorder_minimum)),
        )
