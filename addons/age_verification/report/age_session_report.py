from odoo import fields, models
from odoo.tools import SQL

from .. import const

#: A buyer who was refused and proves the same age within so many days was refused wrongly.
SECOND_LOOK_DAYS = 7


class AgeSessionReport(models.Model):
    """How well each step of a policy works: who is let through, refused wrongly, lost.

    Only checks that buyers have opened count: a mail that nobody read says nothing about
    a provider. Rates are of 100, so that averages of them are rates too.
    """

    _name = "age.session.report"
    _description = "Age Checks by Step"
    _auto = False
    _rec_name = "opened_at"
    _order = "opened_at desc, id desc"

    opened_at = fields.Datetime("Opened on", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    policy_id = fields.Many2one("age.policy", readonly=True)
    step_id = fields.Many2one("age.policy.step", readonly=True)
    provider_id = fields.Many2one("age.provider", readonly=True)
    asked_age = fields.Integer("Age asked", readonly=True, aggregator=None)
    attempt = fields.Integer(readonly=True, aggregator=None)
    method = fields.Selection(const.METHODS, readonly=True)
    reason = fields.Selection(const.REASONS, readonly=True)
    state = fields.Selection(const.SESSION_STATES, readonly=True)
    is_test = fields.Boolean("Test mode", readonly=True)
    accepted_rate = fields.Float("Accepted (%)", readonly=True, aggregator="avg")
    refused_rate = fields.Float("Refused (%)", readonly=True, aggregator="avg")
    false_reject_rate = fields.Float(
        "Refused wrongly (%)",
        readonly=True,
        aggregator="avg",
        help="Of the refused: those who proved the same age within a week, by a later step "
        "or because the provider changed its mind.",
    )
    abandoned_rate = fields.Float(
        "Given up (%)",
        readonly=True,
        aggregator="avg",
        help="Of the opened: those whom the buyer did not finish.",
    )
    minutes = fields.Float(
        "Minutes until decided",
        readonly=True,
        aggregator="avg",
        help="From the way to the provider to the decision.",
    )

    _depends = {
        "age.session": [
            "asked_age",
            "attempt",
            "closed_at",
            "company_id",
            "denied_at",
            "is_test",
            "method",
            "opened_at",
            "partner_id",
            "policy_id",
            "provider_id",
            "reason",
            "required_date",
            "state",
            "step_id",
        ],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, opened_at, company_id, policy_id, step_id, provider_id, asked_age,
                   attempt, method, reason, state, is_test,
                   CASE WHEN state = 'accepted' THEN 100.0 ELSE 0.0 END AS accepted_rate,
                   CASE WHEN is_refused THEN 100.0 ELSE 0.0 END AS refused_rate,
                   CASE WHEN NOT is_refused THEN NULL
                        WHEN state = 'accepted' OR is_proved_later THEN 100.0
                        ELSE 0.0
                    END AS false_reject_rate,
                   CASE WHEN state IN ('expired', 'cancelled') THEN 100.0 ELSE 0.0
                    END AS abandoned_rate,
                   CASE WHEN state IN ('accepted', 'denied', 'failed')
                        THEN EXTRACT(EPOCH FROM closed_at - opened_at) / 60.0
                    END AS minutes
              FROM (%s) AS seen
            """,
            self._select_seen(),
        )

    def _select_seen(self):
        """Checks that are over, with whether they were refused, and proved later on."""
        return SQL(
            """
            SELECT session.*,
                   session.denied_at IS NOT NULL OR session.state = 'failed'
                       AS is_refused,
                   EXISTS (
                       SELECT 1
                         FROM age_session AS later
                        WHERE later.partner_id = session.partner_id
                          AND later.company_id = session.company_id
                          AND later.id > session.id
                          AND later.state = 'accepted'
                          AND later.opened_at
                              <= session.closed_at + %(days)s * INTERVAL '1 day'
                          AND later.required_date
                              <= session.required_date + %(days)s
                   ) AS is_proved_later
              FROM age_session AS session
             WHERE session.opened_at IS NOT NULL
               AND session.state != 'pending'
            """,
            days=SECOND_LOOK_DAYS,
        )
