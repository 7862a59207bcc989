"""The prices of one unit of many products on a pricelist, looked up together."""

from .basket import RuleBook


class PriceSheet:
    """What one unit costs on a pricelist at a moment.

    It takes the place of a basket in core's pricelist methods: the rules are searched once
    for all products, and nothing counts together.

    :param products: ``product.product`` that are asked for
    :param moment: datetime; which rules and rates are in force
    """

    def __init__(self, products, moment):
        self._products = products
        self._moment = moment
        self._book = RuleBook(products)

    def get_prices(self, pricelist, currency):
        """:return: product -> price of one unit (float), in its own unit of measure."""
        return {
            product: pricelist._get_product_price(
                product,
                1.0,
                currency=currency,
                uom=product.uom_id,
                date=self._moment,
                basket=self,
                basket_line=None,
            )
            for product in self._products
        }

    # What core's methods and ours ask a basket for

    def get_rules(self, pricelist, products):
        return self._book.get_rules(pricelist, products, self._moment)

    def get_unit_price(self, _rule, _line, _currency):
        return None
