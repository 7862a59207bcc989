from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    can_refund_goods = fields.Boolean(compute="_compute_can_refund_goods")

    def _compute_can_refund_goods(self):
        """Only where credit notes are taken back line by line: invoices of customers."""
        for move in self:
            move.can_refund_goods = (
                move.move_type == "out_invoice" and move.state == "posted"
            )

    def action_refund_goods(self):
        """Ask which goods of the invoice came back."""
        self.ensure_one()
        if not self.can_refund_goods:
            raise UserError(
                self.env._(
                    "Goods are refunded of a customer invoice that is posted; %s is not.",
                    self.display_name,
                )
            )
        wizard = self.env["artisan.refund"].create({"move_id": self.id})
        return wizard._get_action()
