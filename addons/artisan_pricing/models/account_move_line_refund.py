from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    refunded_line_id = fields.Many2one(
        "account.move.line",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The line of the invoice that a line of its credit note takes back.",
    )
    is_bundle_correction = fields.Boolean(
        readonly=True,
        help="No goods: what a part of a bundle that is kept costs on its own, beside its "
        "share of the bundle's price.",
    )

    def _copy_data_extend_business_fields(self, values):
        """Override of `account` to keep what the line of a credit note takes back."""
        res = super()._copy_data_extend_business_fields(values)
        values["refunded_line_id"] = self.id
        return res
