from odoo import fields, models


class DunningForecastWizard(models.TransientModel):
    """Asks for a day and shows what a proposal of that day would do."""

    _name = "dunning.forecast.wizard"
    _description = "Dunning Forecast"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        required=True,
        default=lambda self: fields.Date.add(
            self.env.company._get_dunning_today(), days=7
        ),
        help="The ledger is taken as it is now: what is paid or sent until that day "
        "changes the result.",
    )
    policy_id = fields.Many2one(
        "dunning.policy", domain="[('company_id', '=', company_id)]"
    )
    line_ids = fields.One2many("dunning.forecast.line", "wizard_id")

    def action_forecast(self):
        """Show each debt of that day with its verdict. No dunning record is written."""
        self.ensure_one()
        self.company_id._check_dunning_access()
        debts = self.env["dunning.run"]._forecast(
            self.company_id, self.date, self.policy_id
        )
        self.line_ids.unlink()
        self.env["dunning.forecast.line"].create(
            [self._prepare_line(debt) for debt in debts]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_forecast_line_action"
        )
        return {
            **action,
            "name": self.env._("Forecast for %s", self._format_date()),
            "domain": [("wizard_id", "=", self.id)],
        }

    def _format_date(self):
        return self.env["ir.qweb.field.date"].value_to_html(self.date, {})

    def _prepare_line(self, debt):
        return {
            "wizard_id": self.id,
            **self.env["dunning.gate"]._prepare_judged(debt, self.date),
        }
