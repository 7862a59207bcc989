from odoo import fields, models

from ..report.dunning_ageing_report import CONTEXT_DAY


class DunningAgeingDate(models.TransientModel):
    """Asks for the day at which the aged receivables are shown."""

    _name = "dunning.ageing.date"
    _description = "Aged Receivables at a Date"

    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Amounts that were open at the end of this day: later invoices are left out, "
        "and what was paid or matched later counts as open.",
    )

    def action_open_report(self):
        """Open the aged receivables as they were on the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_ageing_report_action"
        )
        return {
            **action,
            "name": self.env._("Aged Receivables at %s", self._format_date()),
            "context": {CONTEXT_DAY: fields.Date.to_string(self.date)},
        }

    def _format_date(self):
        return self.env["ir.qweb.field.date"].value_to_html(self.date, {})
