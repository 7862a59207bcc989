from odoo import models

#: What decides on whose contact somebody is.
_PLACES = frozenset(("parent_id", "is_company"))


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """Override: who leaves a maker does not act for the maker again by coming back. The
        manager's word was for the time before, and anybody who edits contacts moves them."""
        # Archived ones as well. A maker who moves takes the own contacts along.
        all_partners = self.sudo().with_context(active_test=False)
        makers = all_partners.browse()
        if _PLACES & set(vals):
            makers = all_partners.commercial_partner_id.filtered("maker_agent_ids")
        res = super().write(vals)
        (makers - all_partners)._forget_agents_who_left()
        return res

    def _forget_agents_who_left(self):
        """Have managers name them again, should they come back."""
        for maker in self:
            left = maker.maker_agent_ids.filtered(
                lambda agent, maker=maker: agent.commercial_partner_id != maker
            )
            if left:
                maker.maker_agent_ids -= left
                maker._message_log(
                    body=self.env._(
                        "No contact of this maker any more, so they do not act for the "
                        "maker, nor will they when they come back: %s.",
                        ", ".join(left.mapped("name")),
                    )
                )
