from odoo import api, fields, models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    _inherit = "account.move"

    marketplace_refund_id = fields.Many2one(
        "marketplace.refund",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # Two workers can never credit one refund twice.
    _marketplace_refund_uniq = models.UniqueIndex(
        "(marketplace_refund_id) WHERE move_type = 'out_refund' AND state != 'cancel' "
        "AND marketplace_refund_id IS NOT NULL",
        "This refund already has a credit note.",
    )

    @api.model
    def _check_tie(self, vals):
        """Override of `marketplace.document.mixin`: also the tie to a refund."""
        if vals.get("marketplace_refund_id") and not self.env.su:
            raise AccessError(self.env._("A refund makes its credit note itself."))
        return super()._check_tie(vals)

    def _post(self, soft=True):
        """Override of `account`: a credit note that was a draft again takes up its money."""
        posted = super()._post(soft)
        refunds = posted.sudo().marketplace_refund_id.filtered(
            lambda refund: (
                refund.state == "credited" and refund.credit_move_id in posted
            )
        )
        if refunds:
            refunds._clear()
        return posted

    def button_cancel(self):
        """Override of `account`: a refund without its credit note goes to review."""
        result = super().button_cancel()
        refunds = self.sudo().marketplace_refund_id
        refunds.filtered(
            lambda refund: refund.credit_move_id.state == "cancel"
        )._note_credit_cancelled()
        return result
