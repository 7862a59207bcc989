"""Which lines of an order may be printed with a "was", and with which.

Only where the buyer's own pricelist keeps a log; a line names a prior price when it costs
what one unit costs there, and that was cut by a dated rule or in the last 30 days. What is
cheaper for its quantity, by agreement or by hand was not cut.
"""

from datetime import timedelta

from .basket import Basket
from .decimals import to_decimal
from .engine.money import HUNDRED
from .engine.prior_price import DAYS, reduction
from .price_sheet import PriceSheet
from .price_trace import get_levels

#: What the rounding of a printed percent may change of a price.
_PERCENT_ERROR = to_decimal(0.0001)


class PriorPrices:
    """The cuts of one order's lines.

    :param order: ``sale.order``, readable with its rules
    :param date: as of which its prices were made; none: the order's own
    """

    def __init__(self, order, date=None):
        self._order = order
        self._date = date or order.date_order
        self._pricelist = order.pricelist_id
        self._step = to_decimal(order.currency_id.rounding)

    def get_reductions(self):
        """:return: {line: :class:`.engine.prior_price.Reduction`} per unit of the line."""
        lines = self._order.order_line.filtered(self._is_candidate)
        if not self._keeps_log() or not lines:
            return {}
        products = lines.product_id
        log = self._order.env["artisan.price.log"]._get_entries(
            products, self._pricelist, self._date
        )
        lines = lines.filtered(lambda line: log.get(line.product_id.id))
        now = PriceSheet(lines.product_id, self._date).get_prices(
            self._pricelist.with_company(self._order.company_id),
            self._order.currency_id,
        )
        basket = Basket(lines, self._date)
        found = {}
        for line in lines:
            price = self._get_own_price(line)
            if not self._is_same(line, price, to_decimal(now[line.product_id])):
                continue
            entries = log[line.product_id.id]
            began = self._get_cut_began(entries, get_levels(line, basket))
            cut = began and self._get_reduction(line, entries, began, price)
            if cut:
                found[line] = cut
        return found

    # Helpers

    def _keeps_log(self):
        if self._pricelist:
            has_currency = self._pricelist.currency_id == self._order.currency_id
            return self._pricelist.keeps_price_log and has_currency
        return self._order.company_id.logs_list_prices

    def _is_candidate(self, line):
        return bool(
            line._counts_for_tiers()
            and line.product_id.maker_id
            and line.product_uom_id
            and line.product_uom_qty > 0
            and line.price_unit > 0
            and line.discount < 100
        )

    def _get_own_price(self, line):
        """What one unit in the product's own measure costs on the line."""
        uom = line.product_id.uom_id
        price = line.price_unit
        if line.product_uom_id != uom:
            price = line.product_uom_id._compute_price(price, uom)
        return to_decimal(price) * (HUNDRED - to_decimal(line.discount)) / HUNDRED

    def _is_same(self, line, price, of_one):
        """Whether the line costs what one unit does, but for the printed percent."""
        error = self._step / 2
        if line.discount:
            error += abs(to_decimal(line.price_unit)) * _PERCENT_ERROR
        return abs(price - of_one) <= error

    def _get_cut_began(self, entries, levels):
        """When the price was cut; None: it was not, or too long ago to speak of."""
        present = entries[-1]
        starts = [
            start
            for rule in levels
            for start in (rule.date_start, rule.price_model_id.date_start)
            if start and start <= self._date
        ]
        if starts:
            return max(present.moment, *starts)
        is_recent = self._date - present.moment <= timedelta(DAYS)
        return present.moment if is_recent and len(entries) > 1 else None

    def _get_reduction(self, line, entries, began, price):
        """The cut of one unit of the line; None: there is none to speak of."""
        prior = self._order.company_id._get_prior_price(entries, began)
        cut = reduction(prior, price)
        if not cut or not cut.percent:
            return None
        return cut
