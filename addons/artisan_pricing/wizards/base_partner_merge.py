from odoo import models
from odoo.exceptions import AccessError


class BasePartnerMerge(models.TransientModel):
    """Who acts for a maker does not change by merging contacts."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: a login that becomes a maker's acts for the maker.

        :raise AccessError: makers or contacts who act for one, by who does not manage them
        """
        partners = self.env["res.partner"]
        if not partners._may_agree_with_makers() and partners.sudo().search_count(
            [
                "|",
                "&",
                ("id", "in", partner_ids),
                ("is_maker", "=", True),
                ("maker_agent_ids", "in", partner_ids),
            ],
            limit=1,
        ):
            raise AccessError(
                self.env._(
                    "Only managers of makers' prices merge makers, or contacts who act for "
                    "them."
                )
            )
        return super()._merge(partner_ids, dst_partner, extra_checks)
