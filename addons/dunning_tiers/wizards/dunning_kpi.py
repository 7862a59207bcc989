from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import kpi_periods


class DunningKpi(models.TransientModel):
    """Key figures of receivables of some companies over a period.

    Every company has rows of its own, in its own currency: nothing is added up across
    companies.
    """

    _name = "dunning.kpi"
    _description = "Receivables Key Figures"

    date_from = fields.Date(
        "From", required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=fields.Date.context_today,
        help="Days after today are left out: their books are not written yet.",
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    period_ids = fields.One2many("dunning.kpi.period", "kpi_id", readonly=True)
    month_ids = fields.One2many("dunning.kpi.month", "kpi_id", readonly=True)

    _date_to_after_from = models.Constraint(
        "CHECK(date_to >= date_from)", "The period ends before it starts."
    )

    @api.model
    def _default_date_from(self):
        """The last twelve months, this one included."""
        today = fields.Date.context_today(self)
        return today.replace(day=1) - relativedelta(months=11)

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for screen in self:
            screen.display_name = self.env._("Receivables Key Figures")

    # === ACTIONS === #

    @api.model
    def action_open(self):
        """Open the screen with the figures of the last twelve months."""
        screen = self.create({})
        screen.action_update()
        return screen._get_records_action(
            name=self.env._("Receivables Key Figures"), context={}
        )

    def action_update(self):
        """Compute the figures of the period and companies chosen, anew."""
        self.ensure_one()
        # Reading the companies leaves out those the user may not see.
        figures = self._get_company_figures(
            self.company_ids, self.date_from, self.date_to
        )
        self.sudo().write(self._prepare_rows(figures))

    def action_open_months(self):
        """Open the months as list, graph and pivot."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "dunning_tiers.dunning_kpi_month_action"
            ),
            "domain": [("kpi_id", "=", self.id)],
        }

    @api.model
    def _prepare_rows(self, figures):
        """Values that replace the rows of the screen by these figures, of each company."""
        Command = fields.Command
        return {
            "period_ids": [
                Command.clear(),
                *(
                    Command.create(self._prepare_row(company, data["period"]))
                    for company, data in figures.items()
                ),
            ],
            "month_ids": [
                Command.clear(),
                *(
                    Command.create(self._prepare_row(company, month))
                    for company, data in figures.items()
                    for month in data["months"]
                ),
            ],
        }

    @api.model
    def _prepare_row(self, company, figures):
        # A column of the database cannot be without a value here: the views hide a figure
        # whose divisor, shown beside it, is zero.
        values = {name: value or False for name, value in figures.items()}
        return {**values, "company_id": company.id}

    # === BUSINESS === #

    @api.model
    def _get_figures(self, company, date_from, date_to):
        """Return the key figures of a company as plain values.

        Access is not checked: the caller says for whom it asks. Definitions and their
        sources are in ``engine/kpi.py``.

        :param company: one ``res.company``
        :param date date_from: first day
        :param date date_to: last day; the user's today at the latest
        :return: ``company`` (name), ``currency`` (code of the amounts), ``date_from``,
            ``date_to``, ``period`` (figures over all of it) and ``months`` (a list of the
            same figures by calendar month). Amounts, days and percentages are ``Decimal``,
            not rounded, or ``None`` where a figure has no meaning; counts are ``int``
        :raise UserError: the period ends before it starts, or starts after today
        """
        return self._get_company_figures(company, date_from, date_to)[company]

    @api.model
    def _get_company_figures(self, companies, date_from, date_to):
        """Return :meth:`_get_figures` of several companies, with no more queries."""
        months = self._split_period(date_from, date_to)
        facts = self.env["dunning.kpi.ledger"].sudo()._get_facts(companies, months)
        return {
            company: {
                "company": company.name,
                "currency": company.currency_id.name,
                "date_from": months[0].start,
                "date_to": months[-1].end,
                "period": kpi_periods.period_figures(facts[company], months),
                "months": [
                    kpi_periods.period_figures(facts[company], [month])
                    for month in months
                ],
            }
            for company in companies.sudo()
        }

    @api.model
    def _split_period(self, date_from, date_to):
        last = min(date_to, fields.Date.context_today(self))
        months = kpi_periods.split_months(date_from, last)
        if not months:
            raise UserError(
                self.env._(
                    "There is no day between %(date_from)s and %(date_to)s.",
                    date_from=date_from,
                    date_to=last,
                )
            )
        return months
