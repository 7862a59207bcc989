from odoo import fields, models


class MarketplaceIssue(models.Model):
    """Findings on a refund."""

    _inherit = "marketplace.issue"

    refund_id = fields.Many2one(
        "marketplace.refund",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    _refund_cause_open_uniq = models.UniqueIndex(
        "(refund_id, cause_id) WHERE state = 'open' AND refund_id IS NOT NULL"
    )

    def action_open_refund(self):
        self.ensure_one()
        return self.order_id._open_document(self.refund_id)
