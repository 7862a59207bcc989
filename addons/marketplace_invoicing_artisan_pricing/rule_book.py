"""The rules of pricelists for orders of many days, searched once for each period."""

from bisect import bisect_left, bisect_right

from odoo.addons.artisan_pricing.basket import RuleBook


class PeriodRuleBook(RuleBook):
    """Orders between two dates at which any rule begins or ends have the same rules."""

    def __init__(self, products):
        super().__init__(products)
        self._boundaries = {}  # pricelist -> when rules begin or end, in order

    def _get_period(self, pricelist, date):
        """Override: the boundaries around a date; a date that is one stands by itself."""
        if pricelist.id not in self._boundaries:
            self._boundaries[pricelist.id] = self._get_boundaries(pricelist)
        boundaries = self._boundaries[pricelist.id]
        return bisect_left(boundaries, date), bisect_right(boundaries, date)

    def _get_boundaries(self, pricelist):
        items = pricelist.sudo().item_ids
        records = (items, items.price_model_id)
        dates = {
            date
            for dated in records
            for name in ("date_start", "date_end")
            for date in dated.mapped(name)
        }
        return sorted(dates - {False})
