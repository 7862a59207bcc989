from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import kpi_outcomes, kpi_periods


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
    level_ids = fields.One2many("dunning.kpi.level", "kpi_id", readonly=True)

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
        rows = {"period_ids": [], "month_ids": [], "level_ids": []}
        for company, data in figures.items():
            rows["period_ids"].append((company, data["period"]))
            rows["month_ids"].extend((company, month) for month in data["months"])
            rows["level_ids"].extend((company, level) for level in data["levels"])
        return {
            name: [
                fields.Command.clear(),
                *(fields.Command.create(self._prepare_row(*row)) for row in values),
            ]
            for name, values in rows.items()
        }

    @api.model
    def _prepare_row(self, company, figures):
        # A column of the database cannot be without a value here: the views hide a figure
        # whose divisor, shown beside it, is zero.
        values = {
            name: value or False for name, value in figures.items() if name != "level"
        }
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
            ``date_to``, ``period`` (figures over all of it), ``months`` (a list of the
            ledger's figures by calendar month) and ``levels`` (a list of the days to pay
            after each level). Amounts, days and percentages are ``Decimal``, not rounded,
            or ``None`` where a figure has no meaning; counts are ``int``
        :raise UserError: the period ends before it starts, or starts after today
        """
        return self._get_company_figures(company, date_from, date_to)[company]

    @api.model
    def _get_company_figures(self, companies, date_from, date_to):
        """Return :meth:`_get_figures` of several companies, with no more queries."""
        months = self._split_period(date_from, date_to)
        start, end = months[0].start, months[-1].end
        ledgers = self.env["dunning.kpi.ledger"].sudo()._get_facts(companies, months)
        outcomes = self.env["dunning.kpi.outcomes"].sudo()
        outcomes = outcomes._get_facts(companies, start, end)
        levels = self._get_levels(outcomes.values())
        return {
            company: {
                "company": company.name,
                "currency": company.currency_id.name,
                "date_from": start,
                "date_to": end,
                "period": {
                    **kpi_periods.period_figures(ledgers[company], months),
                    **kpi_outcomes.rates(outcomes[company]),
                },
                "months": [
                    kpi_periods.period_figures(ledgers[company], [month])
                    for month in months
                ],
                "levels": self._get_level_figures(outcomes[company], levels),
            }
            for company in companies.sudo()
        }

    @api.model
    def _get_levels(self, outcomes):
        """Levels that were sent or left out, in the order of their policies."""
        ids = set().union(*({*facts.reminded, *facts.held_out} for facts in outcomes))
        levels = self.env["dunning.level"].sudo().with_context(active_test=False)
        return levels.search([("id", "in", list(ids))])

    @api.model
    def _get_level_figures(self, facts, levels):
        return [
            {
                "level_id": level.id,
                "level": level.display_name,
                **kpi_outcomes.level_figures(facts, level.id),
            }
            for level in levels
            if level.id in facts.reminded or level.id in facts.held_out
        ]

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
