from decimal import Decimal

from odoo import api, fields, models


class DunningReferenceRate(models.Model):
    """Rate of a central bank that governs late payment interest for a half-year.

    The laws fix the reference rate twice a year, so a rate holds for the half-year that
    begins on its date and for no other: when one is missing, interest is left out.
    """

    _name = "dunning.reference.rate"
    _description = "Dunning Reference Rate"
    _order = "date_from desc, reference"
    _rec_name = "reference"

    reference = fields.Selection(
        [
            ("ecb", "ECB main refinancing rate"),
            ("boe", "Bank of England Bank Rate"),
            ("bundesbank", "Bundesbank base rate (§ 247 BGB)"),
            ("oenb", "OeNB base rate (Austria)"),
        ],
        required=True,
        help="Whose rate it is. Interest rules name the reference they add their margin to.",
    )
    date_from = fields.Date(
        "Half-year from",
        required=True,
        help="1 January or 1 July: the half-year in which this rate counts. For Bank Rate "
        "it is the rate of the day before (31 December or 30 June), as UK law asks.",
    )
    rate = fields.Float(
        "Rate (%)",
        digits=(7, 4),
        required=True,
        aggregator=False,
        help="Percent a year, as published. Margins are added by the interest rules.",
    )
    source = fields.Char(
        required=True, help="Where the rate was read, so that it can be checked."
    )
    to_confirm = fields.Boolean(
        help="The rate was worked out and not read from its publisher. Check it, then "
        "untick; it is used either way."
    )
    note = fields.Text()

    _half_year_uniq = models.Constraint(
        "UNIQUE(reference, date_from)", "This half-year has a rate already."
    )
    _half_year_start = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date_from) = 1"
        " AND EXTRACT(MONTH FROM date_from) IN (1, 7))",
        "A half-year begins on 1 January or 1 July.",
    )

    @api.depends("reference", "date_from")
    def _compute_display_name(self):
        names = dict(self._fields["reference"]._description_selection(self.env))
        for rate in self:
            date_from = fields.Date.to_string(rate.date_from) or ""
            rate.display_name = f"{names.get(rate.reference, '')} {date_from}".strip()

    @api.model
    def _get_rates(self):
        """All rates, in one query: reference -> {first day of half-year: percent}.

        Public figures: read with no regard to the access of the current user.
        """
        rates = {}
        for rate in self.sudo().search_fetch([], ["reference", "date_from", "rate"]):
            value = Decimal(str(rate.rate))
            rates.setdefault(rate.reference, {})[rate.date_from] = value
        return rates
