from odoo import api, fields, models


class MarketplaceSettlementQuestionMixin(models.AbstractModel):
    """Asks a person about one settlement."""

    _name = "marketplace.settlement.question.mixin"
    _description = "Question About a Settlement"

    settlement_id = fields.Many2one(
        "marketplace.settlement", required=True, readonly=True, ondelete="cascade"
    )

    @api.constrains("settlement_id")
    def _check_settlement(self):
        """Refuse a settlement that the user may not read: its name would be shown."""
        # Constraints run as the system.
        self.sudo(False).settlement_id.check_access("read")
