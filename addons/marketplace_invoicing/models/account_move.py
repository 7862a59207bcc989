from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    marketplace_order_id = fields.Many2one(
        "marketplace.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    marketplace_channel_id = fields.Many2one(
        related="marketplace_order_id.channel_id", store=True, index="btree_not_null"
    )

    _marketplace_order_uniq = models.UniqueIndex(
        "(marketplace_order_id) WHERE move_type = 'out_invoice' AND state != 'cancel' "
        "AND marketplace_order_id IS NOT NULL",
        "This channel order already has an invoice.",
    )

    def action_open_marketplace_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketplace.order",
            "view_mode": "form",
            "res_id": self.marketplace_order_id.id,
        }
