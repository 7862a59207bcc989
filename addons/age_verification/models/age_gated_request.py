from odoo import fields, models


class AgeGated(models.AbstractModel):
    """Asking the buyers of orders and invoices for proof of age."""

    _inherit = "age.gated"

    is_age_disowned = fields.Boolean(
        "Buyer says they did not order",
        compute="_compute_is_age_disowned",
        compute_sudo=True,
    )

    def _compute_is_age_disowned(self):
        disowned = self.env["age.request"]._get_disowned(self)
        for document in self:
            document.is_age_disowned = document._origin in disowned

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
        """Address of the page where the document's buyer proves their age."""
        self.ensure_one()
        return self.env["age.request"]._get_for(self)._get_page_url()

    def _get_age_page_path(self):
        """The same on this site, for links of pages."""
        self.ensure_one()
        return self.env["age.request"]._get_for(self)._get_page_path()

    def _get_age_back_url(self, state):
        """Where the buyer's page leads back to, or False. Hook for shops.

        :param state: of the page, see ``age.request._get_page_values``
        """
        self.ensure_one()
        return self.get_portal_url()

    def _age_hold_disowned(self):
        """Hold the document of somebody who says that they did not order."""
        self.sudo().write(self._prepare_age_hold("disowned"))

    def action_age_owned(self):
        """It was ordered after all, as a person has found out."""
        self.check_access("write")
        self.env["age.request"].sudo()._search_for(self).disowned_on = False
        note = self.env._("The buyer has ordered this after all.")
        self._message_log_batch(bodies=dict.fromkeys(self.ids, note))
        self.env["age.gate"]._wake_up()
