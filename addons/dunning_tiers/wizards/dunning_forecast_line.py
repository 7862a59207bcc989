from odoo import fields, models

from .. import const


class DunningForecastLine(models.TransientModel):
    """One debt in a forecast."""

    _name = "dunning.forecast.line"
    _description = "Dunning Forecast Line"
    _order = "partner_id, date_maturity, id"

    wizard_id = fields.Many2one(
        "dunning.forecast.wizard", required=True, ondelete="cascade", index=True
    )
    policy_id = fields.Many2one("dunning.policy")
    level_id = fields.Many2one("dunning.level")
    move_id = fields.Many2one("account.move", "Invoice")
    partner_id = fields.Many2one("res.partner", "Customer")
    currency_id = fields.Many2one("res.currency")
    date_maturity = fields.Date("Due date")
    days_overdue = fields.Integer("Days late", aggregator="max")
    amount_residual = fields.Monetary("Open amount", aggregator=None)
    amount_asked = fields.Monetary("Asked for", aggregator=None)
    verdict = fields.Selection(const.VERDICTS)
    reason = fields.Selection(const.REASON_SELECTION, "Main reason")
    reasons = fields.Json(export_string_translation=False)
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    next_date = fields.Date("Next on")

    def _compute_reason_text(self):
        gate = self.env["dunning.gate"]
        for line in self:
            line.reason_text = gate._describe(line.reasons)

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()
