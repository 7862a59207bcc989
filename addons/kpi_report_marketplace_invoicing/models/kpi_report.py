from datetime import datetime, time, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

#: Codes with their units, in the order they are told.
FIGURES = {
    "orders_received": "count",
    "orders_invoiced": "count",
    "orders_untouched": "count",
    "untouched_rate": "percent",
    "orders_with_issue": "count",
    "error_rate": "percent",
    "minutes_to_invoice": "minutes",
}


class KpiReport(models.AbstractModel):
    _inherit = "kpi.report"

    @api.model
    def _get_sections(self, companies, date_from, date_to):
        """Override of `kpi_report`: what became of the orders received in the period."""
        months = self._get_months(date_from, date_to)
        facts = self._get_marketplace_facts(companies, date_from, date_to)
        none = self._prepare_marketplace_facts(0, 0, 0, 0, None)
        figures = {
            company: self._prepare_marketplace_figures(
                facts.get((company.id, None), none),
                {month: facts.get((company.id, month), none) for month in months},
            )
            for company in companies
        }
        return [
            *super()._get_sections(companies, date_from, date_to),
            self._prepare_section(
                "marketplace_invoicing", self.env._("Marketplace Orders"), figures
            ),
        ]

    @api.model
    def _prepare_marketplace_figures(self, in_all, by_month):
        """Figures of a company, of its facts in the period and in each month."""
        titles = self._get_marketplace_titles()
        return [
            self._prepare_figure(
                code,
                titles[code],
                unit,
                in_all[code],
                {month: facts[code] for month, facts in by_month.items()},
            )
            for code, unit in FIGURES.items()
        ]

    @api.model
    def _get_marketplace_titles(self):
        return {
            "orders_received": self.env._("Orders received"),
            "orders_invoiced": self.env._("Of these invoiced"),
            "orders_untouched": self.env._("Invoiced without a person"),
            "untouched_rate": self.env._("Invoiced without a person (%)"),
            "orders_with_issue": self.env._("Orders with an issue"),
            "error_rate": self.env._("Orders with an issue (%)"),
            "minutes_to_invoice": self.env._("Minutes until invoiced, median"),
        }

    @api.model
    def _get_marketplace_facts(self, companies, date_from, date_to):
        """(Company id, first day of month) -> facts; without a month those of the period.

        Days and months are those of UTC on which an order arrived first. Test orders are
        none. A person has touched an order who approved it, asked for its invoice,
        corrected it or set its date, and any that had an issue before it was invoiced.
        """
        self.env["marketplace.order"].flush_model()
        self.env["marketplace.issue"].flush_model()
        query = SQL(
            """
            WITH issue AS (
                SELECT order_id, min(create_date) AS first_date
                  FROM marketplace_issue
                 WHERE order_id IS NOT NULL AND company_id = ANY(%(companies)s)
              GROUP BY order_id
            ), received AS (
                SELECT o.company_id,
                       date_trunc('month', o.create_date)::date AS month,
                       o.invoiced_date IS NOT NULL AS is_invoiced,
                       o.approved_by_id IS NOT NULL
                           OR o.invoice_requested IS TRUE
                           OR o.payload_edited IS NOT NULL
                           OR o.invoice_date_forced IS NOT NULL
                           OR date_trunc('second', issue.first_date) <= o.invoiced_date
                              AS is_touched,
                       issue.order_id IS NOT NULL AS has_issue,
                       greatest(0, extract(epoch FROM o.invoiced_date - o.create_date))
                           / 60 AS minutes
                  FROM marketplace_order AS o
             LEFT JOIN issue ON issue.order_id = o.id
                 WHERE o.company_id = ANY(%(companies)s)
                   AND o.is_test IS NOT TRUE
                   AND o.create_date >= %(start)s AND o.create_date < %(end)s
            )
            SELECT company_id, month, count(*),
                   count(*) FILTER (WHERE is_invoiced),
                   count(*) FILTER (WHERE is_invoiced AND is_touched IS NOT TRUE),
                   count(*) FILTER (WHERE has_issue),
                   (percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes)
                       FILTER (WHERE is_invoiced))::text
              FROM received
          GROUP BY GROUPING SETS ((company_id, month), (company_id))
            """,
            companies=companies.ids,
            start=datetime.combine(date_from, time.min),
            end=datetime.combine(date_to, time.min) + timedelta(days=1),
        )
        return {
            (company_id, month): self._prepare_marketplace_facts(*facts)
            for company_id, month, *facts in self.env.execute_query(query)
        }

    @api.model
    def _prepare_marketplace_facts(self, received, invoiced, untouched, bad, minutes):
        return {
            "orders_received": received,
            "orders_invoiced": invoiced,
            "orders_untouched": untouched,
            "untouched_rate": self._get_rate(untouched, invoiced),
            "orders_with_issue": bad,
            "error_rate": self._get_rate(bad, received),
            "minutes_to_invoice": None if minutes is None else Decimal(minutes),
        }
