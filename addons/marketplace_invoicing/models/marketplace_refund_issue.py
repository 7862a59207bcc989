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

    def action_accept(self):
        """Override: a refund goes on with this finding on record."""
        result = super().action_accept()
        for issue in self.filtered("refund_id"):
            issue.refund_id.sudo()._message_log(
                body=self.env._("Accepted: %(message)s", message=issue.message)
            )
        self.refund_id._requeue()
        return result

    def action_recheck(self):
        result = super().action_recheck()
        self.refund_id._requeue()
        return result

    def action_open_refund(self):
        self.ensure_one()
        return self.order_id._open_document(self.refund_id)
