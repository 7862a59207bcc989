from odoo import api, fields, models

from ..engine import periods


class ArtisanStatementMaking(models.TransientModel):
    _name = "artisan.statement.making"
    _description = "Make Statements of a Period"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period = fields.Selection(
        [
            (periods.MONTH, "Month"),
            (periods.HALF_MONTH, "Half month"),
            (periods.WEEK, "Week"),
        ],
        default=lambda self: self.env.company.artisan_statement_period or periods.MONTH,
        required=True,
    )
    day = fields.Date(
        "Any Day Of It",
        required=True,
        compute="_compute_day",
        precompute=True,
        store=True,
        readonly=False,
        help="At first of the last period that is over.",
    )
    date_from = fields.Date("From", compute="_compute_dates")
    date_to = fields.Date("To", compute="_compute_dates")
    maker_ids = fields.Many2many(
        "res.partner", string="Makers", domain=[("is_maker", "=", True)]
    )

    @api.depends("period")
    def _compute_day(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            period = wizard.period or periods.MONTH
            wizard.day = periods.period_before(period, today)[1]

    @api.depends("period", "day")
    def _compute_dates(self):
        for wizard in self:
            if wizard.period and wizard.day:
                first, last = periods.period_of(wizard.period, wizard.day)
            else:
                first = last = False
            wizard.date_from, wizard.date_to = first, last

    def action_make(self):
        """Make the drafts and show all statements of the period."""
        self.ensure_one()
        made = self.env["artisan.statement"].with_company(self.company_id)
        made = made._make_statements(
            self.company_id, self.date_from, self.date_to, self.maker_ids
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_statement_action"
        )
        period = [("date_from", "<=", self.date_to), ("date_to", ">=", self.date_from)]
        action |= {
            "domain": [("company_id", "=", self.company_id.id), *period],
            "help": self.env._(
                '<p class="o_view_nocontent_smiling_face">Nothing to settle</p><p>No maker '
                "has anything on account in this period. Makers who are paid once customers "
                "have paid get a statement when invoices are paid.</p>"
            ),
            "target": "main",
        }
        later = self.env["artisan.statement"]._get_later(
            self.company_id, self.date_from, self.date_to, self.maker_ids
        )
        if later:
            return self._notify_later(later, action)
        return action if made else self._notify_nothing_new(action)

    def _notify_nothing_new(self, action):
        """Tell that no statement was made, then show those that there are."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Nothing new"),
                "message": self.env._(
                    "No statement was made: whoever has something on account has a "
                    "statement of this period already."
                ),
                "next": action,
            },
        }

    def _notify_later(self, later, action):
        """Tell why makers got no statement, then show the others."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("There are later statements"),
                "message": self.env._(
                    "What was booked earlier stands on the next statement, or on a later "
                    "draft once it is refreshed: %(statements)s.",
                    statements=", ".join(
                        f"{each.maker_id.display_name} ({each.display_name})"
                        for each in later
                    ),
                ),
                "next": action,
            },
        }
