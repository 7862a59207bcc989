from odoo import fields, models

from ..const import is_pipeline


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "marketplace.document.mixin"]

    marketplace_settlement_id = fields.Many2one(
        "marketplace.settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    marketplace_settlement_month = fields.Date(
        readonly=True,
        copy=False,
        help="First day of the month whose part of the settlement this entry books.",
    )

    _marketplace_order_uniq = models.UniqueIndex(
        "(marketplace_order_id) WHERE move_type = 'out_invoice' AND state != 'cancel' "
        "AND marketplace_order_id IS NOT NULL",
        "This channel order already has an invoice.",
    )

    def button_cancel(self):
        """Override of `account`: a channel order without its invoice goes to review."""
        result = super().button_cancel()
        orders = self.sudo().marketplace_order_id
        orders.filtered(lambda order: not order.invoice_id)._note_invoice_cancelled()
        return result

    def unlink(self):
        """Override of `account`: so does one whose draft somebody deleted."""
        orders = self.sudo().marketplace_order_id
        result = super().unlink()
        if not is_pipeline(self.env):
            orders.filtered(
                lambda order: not order.invoice_id
            )._note_invoice_cancelled()
        return result
