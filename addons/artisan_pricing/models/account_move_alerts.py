from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_alerts(self):
        """Override of `account`: the sections of a bill that pays a maker are no empty
        lines, to be removed with a click."""
        alerts = super()._get_alerts()
        # Who sees a bill need not be of the makers' groups.
        if "account_remove_empty_lines" in alerts and self.sudo().artisan_statement_ids:
            del alerts["account_remove_empty_lines"]
        return alerts
