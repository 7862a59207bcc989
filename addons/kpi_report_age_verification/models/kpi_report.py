from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Of ``age.session.report``, with the words for people in :meth:`_get_age_check_titles`.
CHECK_RATES = ("accepted_rate", "abandoned_rate", "refused_rate", "false_reject_rate")


class KpiReport(models.AbstractModel):
    _inherit = "kpi.report"

    @api.model
    def _get_sections(self, companies, date_from, date_to):
        """Override of `kpi_report`: incidents per restricted sale, and checks of ages."""
        months = self._get_months(date_from, date_to)
        # The figures of the incident rate and of the steps of policies are of UTC.
        start = datetime.combine(date_from, time.min)
        end = datetime.combine(date_to, time.min) + timedelta(days=1)
        utc = self.sudo().with_context(tz="UTC")
        incidents = utc._get_age_incident_figures(companies, months, start, end)
        checks = utc._get_age_check_figures(companies, months, start, end)
        figures = {
            company: [*incidents[company], *checks[company]] for company in companies
        }
        return [
            *super()._get_sections(companies, date_from, date_to),
            self._prepare_section(
                "age_verification", self.env._("Age Verification"), figures
            ),
        ]

    # === INCIDENTS === #

    @api.model
    def _get_age_incident_figures(self, companies, months, start, end):
        """Company -> sales judged, incidents by kind and the rate of ``age.incident.report``.

        That report knows whole months only; here the first and last may be cut off.
        """
        judged = self._count_age_judged(companies, start, end)
        happened = self._count_age_incidents(companies, start, end)
        kinds = (
            self.env["age.incident"]._fields["kind"]._description_selection(self.env)
        )
        figures = {}
        for company in companies:
            sales = {month: judged.get((company.id, month), 0) for month in months}
            by_kind = {
                kind: {
                    month: happened.get((company.id, month, kind), 0)
                    for month in months
                }
                for kind, _label in kinds
            }
            total = {
                month: sum(row[month] for row in by_kind.values()) for month in months
            }
            figures[company] = [
                self._prepare_count("sales_judged", self.env._("Sales judged"), sales),
                self._prepare_count("incidents", self.env._("Incidents"), total),
                *(
                    self._prepare_count(f"incidents_{kind}", label, by_kind[kind])
                    for kind, label in kinds
                ),
                self._prepare_age_incident_rate(total, sales),
            ]
        return figures

    @api.model
    def _prepare_age_incident_rate(self, total, sales):
        return self._prepare_figure(
            "incident_rate",
            self.env._("Incidents per 100 sales"),
            "percent",
            self._get_rate(sum(total.values()), sum(sales.values())),
            {month: self._get_rate(total[month], sales[month]) for month in sales},
        )

    @api.model
    def _count_age_judged(self, companies, start, end):
        """(Company id, first day of month) -> orders and invoices that were judged."""
        self.env["age.check"].flush_model()
        query = SQL(
            """
            SELECT company_id, date_trunc('month', date)::date,
                   count(DISTINCT (order_id, move_id))
              FROM age_check
             WHERE company_id = ANY(%s) AND date >= %s AND date < %s
          GROUP BY 1, 2
            """,
            companies.ids,
            start,
            end,
        )
        return {
            (company_id, month): count
            for company_id, month, count in self.env.execute_query(query)
        }

    @api.model
    def _count_age_incidents(self, companies, start, end):
        """(Company id, first day of month, kind) -> incidents."""
        groups = self.env["age.incident"]._read_group(
            Domain("company_ref", "in", companies.ids)
            & Domain("date", ">=", start)
            & Domain("date", "<", end),
            ["company_ref", "date:month", "kind"],
            ["__count"],
        )
        return {
            (company_id, month.date(), kind): count
            for company_id, month, kind, count in groups
        }

    # === CHECKS === #

    @api.model
    def _get_age_check_figures(self, companies, months, start, end):
        """Company -> checks that buyers opened, and the rates of ``age.session.report``."""
        domain = (
            Domain("company_id", "in", companies.ids)
            & Domain("opened_at", ">=", start)
            & Domain("opened_at", "<", end)
            & Domain("is_test", "=", False)
        )
        sums = ["__count", *(f"{name}:avg" for name in CHECK_RATES)]
        reports = self.env["age.session.report"]
        by_month = {
            (company, month.date()): values
            for company, month, *values in reports._read_group(
                domain, ["company_id", "opened_at:month"], sums
            )
        }
        in_all = {
            company: values
            for company, *values in reports._read_group(domain, ["company_id"], sums)
        }
        none = [0, *(None for _name in CHECK_RATES)]
        return {
            company: self._prepare_age_checks(
                in_all.get(company, none),
                {month: by_month.get((company, month), none) for month in months},
            )
            for company in companies
        }

    @api.model
    def _prepare_age_checks(self, in_all, by_month):
        titles = self._get_age_check_titles()
        return [
            self._prepare_figure(
                code,
                title,
                unit,
                in_all[position],
                {month: values[position] for month, values in by_month.items()},
            )
            for position, (code, title, unit) in enumerate(titles)
        ]

    @api.model
    def _get_age_check_titles(self):
        """Code, title and unit of the figures of checks, in their order."""
        fields = self.env["age.session.report"].fields_get(CHECK_RATES, ["string"])
        return [
            ("checks_opened", self.env._("Age checks opened"), "count"),
            *(
                (f"checks_{name}", fields[name]["string"], "percent")
                for name in CHECK_RATES
            ),
        ]
