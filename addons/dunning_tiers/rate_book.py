"""Rates as they were on a day, read once: reference rates and known exchange rates."""

from functools import cached_property

from odoo.fields import Domain


class RateBook:
    """Rates for the charges of one company on one day.

    Core's currency conversion takes 1.0, or a later rate, where there is none: fine on a
    screen, a wrong claim in a letter. This one says that it does not know.
    """

    def __init__(self, company, date):
        self.env = company.env
        self.company = company
        self.date = date

    @cached_property
    def reference_rates(self):
        """Reference -> {first day of half-year: percent}."""
        return self.env["dunning.reference.rate"]._get_rates()

    @cached_property
    def _known_currency_ids(self):
        """Currencies with a rate by that day; the company's own needs none."""
        domain = Domain("name", "<=", self.date) & Domain(
            "company_id", "in", (False, self.company.root_id.id)
        )
        groups = (
            self.env["res.currency.rate"].sudo()._read_group(domain, ["currency_id"])
        )
        return {currency.id for (currency,) in groups} | {self.company.currency_id.id}

    def convert(self, amount, currency, other):
        """An amount in the other currency, rounded there; None when a rate is missing."""
        if currency == other:
            return other.round(amount)
        if not {currency.id, other.id} <= self._known_currency_ids:
            return None
        return currency._convert(amount, other, self.company, self.date)

    def no_rate(self, kind, currency, other):
        """The reason why a charge of this kind was left out."""
        return {
            "code": "no_currency_rate",
            "kind": kind,
            "currency": currency.name,
            "other": other.name,
        }
