from odoo import models

#: Key of the ranks that wait in the transaction.
RANKS = "marketplace_invoicing.ranks"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """Override of `account`: count up once for a whole batch of channel orders."""
        if not self.env.context.get("marketplace_batch"):
            return super()._increase_rank(field, n)
        precommit = self.env.cr.precommit
        if RANKS not in precommit.data:
            precommit.add(self.env[self._name]._increase_waiting_ranks)
        ranks = precommit.data.setdefault(RANKS, {})
        for partner in self:
            ranks[field, partner.id] = ranks.get((field, partner.id), 0) + n
        return None

    def _increase_waiting_ranks(self):
        """Write the ranks that wait: new customers at once, the others as core does."""
        ranks = self.env.cr.precommit.data.pop(RANKS, {})
        groups = {}
        for (field, partner_id), count in ranks.items():
            groups.setdefault((field, count), []).append(partner_id)
        for (field, count), ids in groups.items():
            partners = self.sudo().browse(ids)
            new = partners.filtered(lambda partner, field=field: not partner[field])
            new.write({field: count})
            partners = (partners - new).with_context(marketplace_batch=False)
            partners._increase_rank(field, count)
