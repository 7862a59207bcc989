from odoo import fields, models
from odoo.exceptions import UserError


class MarketplaceChannelMixin(models.AbstractModel):
    """Decisions that people make for one channel, and that stay with it."""

    _name = "marketplace.channel.mixin"
    _description = "Belongs to a Marketplace Channel"

    channel_id = fields.Many2one(
        "marketplace.channel", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, index=True
    )

    def write(self, vals):
        """Keep the channel: another one may be of a company that is not the user's.

        :raises UserError: the channel would change
        """
        channel_id = vals.get("channel_id")
        if channel_id and any(record.channel_id.id != channel_id for record in self):
            raise UserError(self.env._("This belongs to its channel; make a new one."))
        return super().write(vals)
