from odoo import fields, models


class AccountMove(models.Model):
    """Asking the buyers of invoices for proof of age."""

    _inherit = "account.move"

    is_age_disowned = fields.Boolean(
        "Buyer says they did not order",
        compute="_compute_is_age_disowned",
        compute_sudo=True,
    )

    def _compute_is_age_disowned(self):
        requests = self.env["age.request"]
        moves = requests._get_disowned(self)
        orders = requests._get_disowned(self.invoice_line_ids.sale_line_ids.order_id)
        for move in self:
            own = move.invoice_line_ids.sale_line_ids.order_id
            move.is_age_disowned = move._origin in moves or bool(own & orders)

    def _age_ask_buyer(self):
        """Override: write to the buyers, with a link to prove their age."""
        result = super()._age_ask_buyer()
        if self:
            self.env["age.request"]._get_for(self)._ask()
        return result

    def _age_ask_next_buyer(self, verdicts):
        """Override: write to who was not asked before."""
        result = super()._age_ask_next_buyer(verdicts)
        self.env["age.request"]._ask_next(self, verdicts)
        return result

    def _get_age_page_url(self):
        """Address of the page where the invoice's buyer proves their age."""
        self.ensure_one()
        return self.env["age.request"]._get_for(self)._get_page_url()

    def _get_age_page_path(self):
        """The same on this site, for links of pages."""
        self.ensure_one()
        return self.env["age.request"]._get_for(self)._get_page_path()

    def _get_age_back_url(self, state):
        """Where the buyer's page leads back to; a draft has no page of its own."""
        self.ensure_one()
        return self.get_portal_url() if self.state == "posted" else False

    def _age_hold_disowned(self):
        """Hold the invoice of somebody who says that they did not order."""
        self.age_held_since = fields.Datetime.now()

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

    def action_age_owned(self):
        """It was ordered after all, as a person has found out."""
        self.check_access("write")
        requests = self.env["age.request"].sudo().search([("move_id", "in", self.ids)])
        requests.disowned_on = False
        for move in self:
            move._message_log(body=self.env._("The buyer has ordered this after all."))
        self.env["age.gate"]._wake_up()
