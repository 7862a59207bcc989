from odoo import api, models
from odoo.fields import Domain


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.model
    def _filter_convertible(self, currencies, company, date):
        """The currencies among ``currencies`` that have a rate on that day.

        Core's conversion takes 1.0, or a later rate, where there is none: fine on a
        screen, a wrong claim in a letter. The company's own currency needs no rate.
        """
        domain = Domain(
            [
                ("currency_id", "in", currencies.ids),
                ("name", "<=", date),
                ("company_id", "in", (False, company.root_id.id)),
            ]
        )
        groups = (
            self.env["res.currency.rate"].sudo()._read_group(domain, ["currency_id"])
        )
        known = self.browse(currency.id for (currency,) in groups)
        return known | (currencies & company.currency_id)

    def _convert_if_known(self, amount, to_currency, company, date):
        """``amount`` in the other currency at the rate of that day, rounded there.

        :return: None when one of the two currencies has no rate by then.
        """
        self.ensure_one()
        if self == to_currency:
            return to_currency.round(amount)
        pair = self | to_currency
        if self._filter_convertible(pair, company, date) != pair:
            return None
        return self._convert(amount, to_currency, company, date)
