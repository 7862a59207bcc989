from odoo import api, fields, models
from odoo.tools import SQL

from .. import const


class AgeIncidentReport(models.Model):
    """Incidents per restricted sale that was judged, by month, company and kind.

    There is a row for each kind in each month in which anything happened, also where the
    kind did not occur: so sums over kinds know how many sales there were. A sale is an
    order or invoice with restricted products; one that is judged in two months counts in
    both. Months are those of UTC.
    """

    _name = "age.incident.report"
    _description = "Age Incident Rate"
    _auto = False
    _order = "month desc, kind"
    _rec_name = "kind"

    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True)
    kind = fields.Selection(const.INCIDENT_KINDS, readonly=True)
    incidents = fields.Integer(readonly=True)
    judged = fields.Integer("Sales judged", readonly=True)
    rate = fields.Float(
        "Incidents per 100 sales",
        digits=(16, 2),
        aggregator="avg",
        readonly=True,
        help="Of a group: all its incidents by all its sales.",
    )

    _depends = {
        "age.check": ["company_id", "date", "order_id", "move_id"],
        "age.incident": ["company_ref", "date", "kind"],
    }

    @property
    def _table_query(self):
        kinds = SQL(", ").join(
            SQL("(%s)", kind) for kind, _label in const.INCIDENT_KINDS
        )
        return SQL(
            """
            WITH judged AS (
                SELECT company_id, date_trunc('month', date)::date AS month,
                       count(DISTINCT (order_id, move_id)) AS judged
                  FROM age_check
              GROUP BY 1, 2
            ), happened AS (
                SELECT company_ref AS company_id,
                       date_trunc('month', date)::date AS month,
                       kind, count(*) AS incidents
                  FROM age_incident
              GROUP BY 1, 2, 3
            ), months AS (
                SELECT company_id, month FROM judged
                 UNION
                SELECT company_id, month FROM happened
            )
            SELECT row_number() OVER (ORDER BY month, company_id, kind) AS id,
                   company_id,
                   month,
                   kind,
                   COALESCE(incidents, 0) AS incidents,
                   COALESCE(judged, 0) AS judged,
                   COALESCE(100.0 * incidents / NULLIF(judged, 0), 0) AS rate
              FROM months
              JOIN res_company ON res_company.id = company_id
             CROSS JOIN (VALUES %s) AS kinds (kind)
              LEFT JOIN judged USING (company_id, month)
              LEFT JOIN happened USING (company_id, month, kind)
            """,
            kinds,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override: each kind repeats the sales of its month; they are counted once."""
        if aggregate_spec not in ("judged:sum", "rate:avg", "rate:sum"):
            return super()._read_group_select(aggregate_spec, query)
        table = self._table
        kinds = SQL(
            "NULLIF(COUNT(DISTINCT %s), 0)", self._field_to_sql(table, "kind", query)
        )
        judged = SQL("SUM(%s) / %s", self._field_to_sql(table, "judged", query), kinds)
        if aggregate_spec == "judged:sum":
            return SQL("(%s)::integer", judged)
        return SQL(
            "COALESCE(100.0 * SUM(%s) / NULLIF(%s, 0), 0)::float",
            self._field_to_sql(table, "incidents", query),
            judged,
        )
