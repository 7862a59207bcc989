from odoo import fields, models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    """Entries that write off what payouts left open of an order."""

    _inherit = "account.move"

    marketplace_write_off_order_id = fields.Many2one(
        "marketplace.order",
        string="Written Off of Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    def _check_tie(self, vals):
        """Override of `marketplace.document.mixin`: nor does a person tie a write-off."""
        if vals.get("marketplace_write_off_order_id") and not self.env.su:
            raise AccessError(self.env._("An order makes its write-off itself."))
        return super()._check_tie(vals)

    def button_cancel(self):
        """Override of `account`: the difference is open again."""
        result = super().button_cancel()
        self._reopen_written_off()
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Override of `account`: the difference is open again."""
        moves = super()._reverse_moves(default_values_list, cancel)
        self._reopen_written_off()
        return moves

    def _reopen_written_off(self):
        orders = self.sudo().marketplace_write_off_order_id
        if orders:
            orders._update_settled()
            orders._check_tie_out()
