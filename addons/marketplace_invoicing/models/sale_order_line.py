from odoo import fields, models


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "marketplace.batch.mixin"]

    marketplace_line_id = fields.Many2one(
        "marketplace.order.line",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    is_marketplace_rounding = fields.Boolean(copy=False)

    def _compute_tax_ids(self):
        """Override of `sale`: no own tax where the marketplace owes it."""
        result = super()._compute_tax_ids()
        for line in self:
            if line.marketplace_line_id.liability_applied == "marketplace":
                line.tax_ids = line.marketplace_line_id.channel_id.marketplace_tax_id
        return result

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale`: rounding differences go to the account named on the channel."""
        values = super()._prepare_invoice_line(**optional_values)
        account = self.order_id.marketplace_order_id.channel_id.rounding_account_id
        if self.is_marketplace_rounding and account:
            values["account_id"] = account.id
        return values
