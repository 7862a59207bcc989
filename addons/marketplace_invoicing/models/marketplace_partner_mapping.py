from odoo import api, fields, models


class MarketplacePartnerMapping(models.Model):
    """A buyer id of the channel stands for a contact."""

    _name = "marketplace.partner.mapping"
    _description = "Marketplace Buyer"
    _inherit = ["marketplace.channel.mixin"]
    _order = "channel_id, external_ref"
    _rec_name = "external_ref"
    _check_company_auto = True

    external_ref = fields.Char(
        string="Buyer Id",
        required=True,
        help="The channel's own id of the buyer; for guests their e-mail address.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        check_company=True,
        help="Choose another contact here to join a buyer with a customer you already have: "
        "the next orders go there.",
    )

    _external_ref_uniq = models.Constraint(
        "UNIQUE(channel_id, external_ref)", "This buyer already has a contact."
    )

    @api.model
    def _get_index(self, channel, refs):
        """Return {buyer id: contact} for one channel, in one query."""
        mappings = self.search(
            [("channel_id", "=", channel.id), ("external_ref", "in", list(refs))]
        )
        return {mapping.external_ref: mapping.partner_id for mapping in mappings}
