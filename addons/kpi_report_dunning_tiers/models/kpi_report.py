from odoo import api, models

from odoo.addons.dunning_tiers.engine import kpi_outcomes, kpi_periods

#: Figures of ``dunning.kpi._get_figures`` with their units; their titles are its fields'.
LEDGER_FIGURES = {
    "sales": "amount",
    "receivable": "amount",
    "receivable_not_due": "amount",
    "receivable_over_90": "amount",
    "dso": "days",
    "dso_count_back": "days",
    "dso_best_possible": "days",
    "days_delinquent": "days",
    "weighted_delay": "days",
    "collection_effectiveness": "percent",
    "at_risk": "percent",
}
OUTCOME_FIGURES = {
    "reminders_sent": "count",
    "reminders_wrong": "count",
    "wrong_reminder_rate": "percent",
    "promises_kept": "count",
    "promises_broken": "count",
    "promise_kept_rate": "percent",
}


class KpiReport(models.AbstractModel):
    _inherit = "kpi.report"

    @api.model
    def _get_sections(self, companies, date_from, date_to):
        """Override of `kpi_report`: receivables, reminders and promises."""
        ledger = self.env["dunning.kpi"]._get_company_figures(
            companies, date_from, date_to
        )
        outcomes = self._get_dunning_outcomes(companies, date_from, date_to)
        figures = {}
        for company in companies:
            by_month = {
                month["date_from"].replace(day=1): month
                for month in ledger[company]["months"]
            }
            for first, rates in outcomes[company].items():
                by_month[first] |= rates
            figures[company] = self._prepare_dunning_figures(
                company, ledger[company]["period"], by_month
            )
        return [
            *super()._get_sections(companies, date_from, date_to),
            self._prepare_section("dunning_tiers", self.env._("Receivables"), figures),
        ]

    @api.model
    def _prepare_dunning_figures(self, company, period, by_month):
        units = LEDGER_FIGURES | OUTCOME_FIGURES
        titles = self.env["dunning.kpi.period"].fields_get(list(units), ["string"])
        return [
            self._prepare_figure(
                name,
                titles[name]["string"],
                company.currency_id if unit == "amount" else unit,
                period[name],
                {month: values[name] for month, values in by_month.items()},
            )
            for name, unit in units.items()
        ]

    @api.model
    def _get_dunning_outcomes(self, companies, date_from, date_to):
        """Company -> first day of month -> figures of reminders and promises.

        ``dunning.kpi`` counts them over its whole period only.
        """
        outcomes = self.env["dunning.kpi.outcomes"].sudo()
        by_month = {company: {} for company in companies}
        for month in kpi_periods.split_months(date_from, date_to):
            facts = outcomes._get_facts(companies, month.start, month.end)
            for company in companies:
                by_month[company][month.month] = kpi_outcomes.rates(facts[company])
        return by_month
