from odoo import models


class AccountMove(models.Model):
    """Asking the buyers of invoices for proof of age."""

    _inherit = "account.move"

    def _compute_is_age_disowned(self):
        """Override: what somebody did not order is not invoiced to them either."""
        result = super()._compute_is_age_disowned()
        orders = self.invoice_line_ids.sale_line_ids.order_id
        disowned = self.env["age.request"]._get_disowned(orders)
        for move in self - self.filtered("is_age_disowned"):
            own = move.invoice_line_ids.sale_line_ids.order_id
            move.is_age_disowned = bool(own & disowned)
        return result

    def _get_age_back_url(self, state):
        """Override: a draft has no page of its own."""
        return super()._get_age_back_url(state) if self.state == "posted" else False

    def _age_find_held(self):
        """Override: what somebody did not order is not invoiced."""
        held = super()._age_find_held()
        for move in self:
            if move._is_age_gated() and move.is_age_disowned:
                held[move] = self.env._(
                    "%(invoice)s is not posted.\n%(buyer)s says that this was not ordered "
                    "by them.",
                    invoice=move.display_name,
                    buyer=move.partner_id.display_name,
                )
        return held

    def _is_age_due(self, verdict):
        """Override: what somebody did not order waits for a person."""
        return not self.is_age_disowned and super()._is_age_due(verdict)
