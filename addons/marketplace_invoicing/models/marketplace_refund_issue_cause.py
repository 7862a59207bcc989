from odoo import models

#: Causes that lie with refunds: their cards open the refunds.
REFUND_CODES = (
    "over_refund",
    "refund_double",
    "refund_without_order",
    "refund_currency",
    "refund_changed",
    "credit_note_cancelled",
)


class MarketplaceIssueCause(models.Model):
    _inherit = "marketplace.issue.cause"

    def _get_open_refunds(self):
        return self._get_open_issues().refund_id

    def action_fix(self):
        """Override: what a refund lacks is decided on the refund."""
        self.ensure_one()
        if self.code in REFUND_CODES:
            return self.action_open_refunds()
        return super().action_fix()

    def action_open_refunds(self):
        """Open the refunds of this card; a single one as a form."""
        self.ensure_one()
        refunds = self._get_open_refunds()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_refund_action"
        )
        action["domain"] = [("id", "in", refunds.ids)]
        action["context"] = {}
        action["display_name"] = self.display_name
        if len(refunds) == 1:
            action.update(res_id=refunds.id, view_mode="form", views=[(False, "form")])
        return action
