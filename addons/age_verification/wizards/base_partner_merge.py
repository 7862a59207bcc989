from odoo import api, models

from ..engine import names


class BasePartnerMerge(models.TransientModel):
    """Contacts that are merged keep what was proved of whoever has the name that is left."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override: before evidence is moved, by SQL, drop that of somebody else."""
        others = src_partners.filtered(
            lambda partner: not names.is_same(partner.name, dst_partner.name)
        )
        others._drop_age_evidence(
            self.env._("The contact was merged with one of another name."),
            note_on=dst_partner,
        )
        return super()._update_foreign_keys(src_partners, dst_partner)
