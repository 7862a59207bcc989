from datetime import timedelta

from odoo import api, models

from ..const import SETTLED_STATES
from .marketplace_settlement_stage import CONTENT_FIELDS

#: Two files that tell of one payout may date it some days apart.
SAME_PAYOUT_DAYS = 3
#: Settlements so far apart do not tell of the same money.
RIVAL_DAYS = 62
#: First key of the lock under which a company's settlements are posted.
POSTING_LOCK = 1936028721
#: References of lines that have no id of their own: a digest of what the row says.
CONTENT_KEY = r"^[0-9a-f]{20}([0-9a-f]{4})?([#:].*)?$"

#: A line of the same id, code, amount and day. A row without an id says as much only with
#: its order. Each shop numbers the rows of mapped files by itself.
SAME_LINES = """
    SELECT mine.settlement_id, MIN(theirs.settlement_id)
      FROM marketplace_settlement_line mine
      JOIN marketplace_settlement this ON this.id = mine.settlement_id
      JOIN marketplace_settlement_line theirs
        ON theirs.channel_id = ANY(%(channels)s)
       AND theirs.external_ref = mine.external_ref
       AND theirs.settlement_id != mine.settlement_id
       AND theirs.code IS NOT DISTINCT FROM mine.code
       AND theirs.amount = mine.amount
       AND theirs.posted_date IS NOT DISTINCT FROM mine.posted_date
      JOIN marketplace_settlement other ON other.id = theirs.settlement_id
     WHERE mine.settlement_id = ANY(%(mine)s)
       AND other.id = ANY(%(rivals)s)
       AND other.currency_name = this.currency_name
       AND (other.channel_id = this.channel_id
            OR SPLIT_PART(other.format, '.', 1) = SPLIT_PART(this.format, '.', 1)
               AND this.format NOT LIKE 'mapped%%')
       AND (mine.external_ref !~ %(content_key)s
            OR CONCAT(mine.order_ref, mine.refund_ref, mine.reference) != '')
     GROUP BY mine.settlement_id
"""

#: A payout or a transfer of the same amount at about the same time, in another format.
SAME_PAYOUTS = """
    WITH payout AS (
        SELECT id, channel_id, currency_name, format,
               ROUND(amount_payout::numeric, 4) AS amount,
               UNNEST(ARRAY[deposited_date, period_end]) AS moment
          FROM marketplace_settlement
         WHERE id = ANY(%(all)s) AND amount_payout != 0
         UNION
        SELECT s.id, s.channel_id, s.currency_name, s.format,
               ROUND(-line.amount::numeric, 4),
               COALESCE(line.posted_date, s.deposited_date, s.period_end)
          FROM marketplace_settlement_line line
          JOIN marketplace_settlement s ON s.id = line.settlement_id
         WHERE line.settlement_id = ANY(%(all)s) AND line.type = 'transfer'
    )
    SELECT mine.id, MIN(theirs.id)
      FROM payout mine
      JOIN payout theirs
        ON theirs.id != mine.id
       AND theirs.currency_name = mine.currency_name
       AND theirs.amount = mine.amount
       AND theirs.moment BETWEEN mine.moment - %(days)s AND mine.moment + %(days)s
       AND theirs.format IS DISTINCT FROM mine.format
       AND (theirs.channel_id = mine.channel_id
            OR SPLIT_PART(theirs.format, '.', 1) = SPLIT_PART(mine.format, '.', 1))
     WHERE mine.id = ANY(%(mine)s) AND theirs.id = ANY(%(rivals)s)
     GROUP BY mine.id
"""

#: More than half of the sales and refunds of the smaller one, told in other words: by their
#: orders; where one of the two names none, by their days, on the same platform only. Of one
#: format only rows without an id are compared, others have been by their ids.
SAME_SALES = """
    WITH sale AS (
        SELECT settlement_id, type, ROUND(amount::numeric, 4) AS amount,
               COALESCE(order_ref, '') AS order_ref, posted_date::date AS day,
               COUNT(*) AS n, BOOL_OR(external_ref ~ %(content_key)s) AS is_content
          FROM marketplace_settlement_line
         WHERE settlement_id = ANY(%(all)s) AND type IN ('sale', 'refund')
         GROUP BY 1, 2, 3, 4, 5
    ), head AS (
        SELECT s.id, s.channel_id, s.currency_name, s.format,
               SPLIT_PART(s.format, '.', 1) AS platform, SUM(n) AS size,
               BOOL_OR(order_ref != '') AS is_named, BOOL_OR(is_content) AS is_content
          FROM sale JOIN marketplace_settlement s ON s.id = settlement_id
         GROUP BY s.id
    ), pair AS (
        SELECT mine.id AS mine, theirs.id AS theirs,
               LEAST(mine.size, theirs.size) AS size,
               mine.is_named AND theirs.is_named AS is_named,
               (mine.format IS DISTINCT FROM theirs.format)::int AS slack
          FROM head mine
          JOIN head theirs
            ON theirs.id != mine.id
           AND theirs.currency_name = mine.currency_name
           AND (theirs.platform = mine.platform
                OR theirs.channel_id = mine.channel_id
                   AND theirs.is_named AND mine.is_named)
           AND (theirs.format IS DISTINCT FROM mine.format
                OR theirs.is_content AND mine.is_content)
         WHERE mine.id = ANY(%(mine)s) AND theirs.id = ANY(%(rivals)s)
    ), by_day AS (
        SELECT settlement_id, type, amount, day, SUM(n) AS n
          FROM sale WHERE day IS NOT NULL GROUP BY 1, 2, 3, 4
    ), found AS (
        SELECT pair.mine, pair.theirs, pair.size, LEAST(m.n, SUM(t.n)) AS n
          FROM pair
          JOIN sale m ON m.settlement_id = pair.mine
          JOIN sale t ON t.settlement_id = pair.theirs
           AND t.type = m.type AND t.amount = m.amount AND t.order_ref = m.order_ref
         WHERE pair.is_named AND m.order_ref != ''
           AND (ABS(t.day - m.day) <= 1) IS NOT FALSE
         GROUP BY pair.mine, pair.theirs, pair.size,
                  m.type, m.amount, m.order_ref, m.day, m.n
         UNION ALL
        SELECT pair.mine, pair.theirs, pair.size, LEAST(m.n, SUM(t.n))
          FROM pair
          JOIN by_day m ON m.settlement_id = pair.mine
          JOIN by_day t ON t.settlement_id = pair.theirs
           AND t.type = m.type AND t.amount = m.amount
         WHERE NOT pair.is_named AND ABS(t.day - m.day) <= pair.slack
         GROUP BY pair.mine, pair.theirs, pair.size, m.type, m.amount, m.day, m.n
    )
    SELECT mine, MIN(theirs)
      FROM (SELECT mine, theirs FROM found
             GROUP BY mine, theirs, size HAVING SUM(n) * 2 > size) same
     GROUP BY mine
"""

#: What could tell of the same money; where days are not stated, everything.
RIVALS = """
    SELECT id FROM marketplace_settlement
     WHERE company_id = %(company)s
       AND state != 'cancelled'
       AND status NOT IN ('failed', 'cancelled')
       AND is_open_account IS NOT TRUE
       AND (COALESCE(deposited_date, period_end, period_start)
            BETWEEN %(first)s AND %(last)s) IS NOT FALSE
"""
#: What others have posted and committed lately.
POSTED_LATELY = """
    SELECT id FROM marketplace_settlement
     WHERE company_id = ANY(%(companies)s)
       AND state = ANY(%(states)s)
       AND write_date > (NOW() AT TIME ZONE 'UTC') - INTERVAL '1 day'
"""
LINES = """
    SELECT external_ref, code, amount, posted_date
      FROM marketplace_settlement_line WHERE settlement_id = ANY(%(ids)s)
"""


class MarketplaceSettlement(models.Model):
    """The same money told twice: by another file, format or channel."""

    _inherit = "marketplace.settlement"

    def _check_duplicate(self):
        """Point at another settlement that tells of the same money; a person decides."""
        others = self._find_duplicates()
        return [
            settlement._finding(
                "settlement_duplicate",
                settlement._describe_duplicate(others[settlement]),
            )
            for settlement in self
            if settlement in others
        ]

    def _describe_duplicate(self, other):
        return self.env._(
            "%(name)s tells of the same money; drop one of the two",
            name=other.display_name,
        )

    def _find_duplicates(self):
        """Return {settlement: another one of the company that tells of the same money}.

        In three looks, the surest first: lines of the same id; a payout of the same amount
        and days in another format; most of the sales in other words.
        """
        found = {}
        for company, settlements in self.grouped("company_id").items():
            rivals = settlements._get_rivals(company)
            if not rivals:
                continue
            values = {
                "mine": settlements.ids,
                "rivals": rivals.ids,
                "all": (settlements | rivals).ids,
                "channels": (settlements | rivals).channel_id.ids,
                "days": timedelta(days=SAME_PAYOUT_DAYS),
                "content_key": CONTENT_KEY,
            }
            for query in (SAME_LINES, SAME_PAYOUTS, SAME_SALES):
                self.env.cr.execute(query, values)
                for mine, theirs in self.env.cr.fetchall():
                    found.setdefault(self.browse(mine), self.browse(theirs))
        return found

    def _get_rivals(self, company):
        """Return the payouts of the company that could tell of the same money."""
        first, last = self._get_rival_days()
        self.env.flush_all()
        self.env.cr.execute(
            RIVALS, {"company": company.id, "first": first, "last": last}
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    def _get_rival_days(self):
        """Return the first and the last moment to compare; None where one has no dates."""
        moments = [
            [m for m in (s.period_start, s.deposited_date, s.period_end) if m]
            for s in self
        ]
        if not all(moments):
            return None, None
        apart = timedelta(days=RIVAL_DAYS)
        return min(map(min, moments)) - apart, max(map(max, moments)) + apart

    # === AT THE SAME MOMENT ===

    def _hold_told_meanwhile(self):
        """Return those of ready settlements that may be posted, one transaction at a time.

        What another transaction posted since this one began is not in its snapshot: under
        the lock it is looked up in one of its own. What it has told already goes to review.
        """
        companies = sorted(self.company_id.ids)
        for company_id in companies:
            self.env.cr.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [POSTING_LOCK, company_id]
            )
        rows = self._read_posted_meanwhile(companies) if companies else []
        if not rows:
            return self
        key = self.env["marketplace.settlement.line"]._get_content_key
        told = {key(dict(zip(CONTENT_FIELDS, row, strict=True))) for row in rows}
        held = self.line_ids.filtered(lambda line: key(line) in told).settlement_id
        message = self.env._(
            "A settlement that was posted at the same moment tells of the same money; drop "
            "one of the two"
        )
        for settlement in held:
            settlement._add_issue("settlement_duplicate", message)
        held._update_state(("ready",), "exception")
        return self - held

    @api.model
    def _read_posted_meanwhile(self, company_ids):
        """Return the rows of :data:`LINES` of settlements that this transaction cannot see."""
        values = {"companies": company_ids, "states": list(SETTLED_STATES)}
        self.env.flush_all()
        self.env.cr.execute(POSTED_LATELY, values)
        known = {row[0] for row in self.env.cr.fetchall()}
        with self.env.registry.cursor() as cr:
            cr.execute(POSTED_LATELY, values)
            ids = [row[0] for row in cr.fetchall() if row[0] not in known]
            if not ids:
                return []
            cr.execute(LINES, {"ids": ids})
            return cr.fetchall()

    # === ACTIONS ===

    def action_cancel(self):
        """Override: what was held because of a dropped one is checked again."""
        others = self._get_held_as_duplicates()
        result = super().action_cancel()
        (others - self)._requeue()
        return result

    def _get_held_as_duplicates(self):
        """Return the settlements of the same companies that look like another one."""
        issues = self.env["marketplace.issue"].search(
            [
                ("code", "=", "settlement_duplicate"),
                ("state", "=", "open"),
                ("settlement_id.company_id", "in", self.company_id.ids),
            ]
        )
        return issues.settlement_id
