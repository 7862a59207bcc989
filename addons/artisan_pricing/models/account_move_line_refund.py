from odoo import api, fields, models


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

    def _get_taken_back(self):
        """The line that this one was made to take back; none, once somebody edited it to be
        about another product: that one is meant."""
        self.ensure_one()
        origin = self.refunded_line_id
        return origin if origin.product_id == self.product_id else origin.browse()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: what a line takes back is said with the line. By a default,
        whoever makes an invoice would change what its maker gets."""
        for vals in vals_list:
            vals.setdefault("refunded_line_id", False)
            vals.setdefault("is_bundle_correction", False)
        return super().create(vals_list)

    def _copy_data_extend_business_fields(self, values):
        """Override of `account` to keep what the line of a credit note takes back."""
        res = super()._copy_data_extend_business_fields(values)
        values["refunded_line_id"] = self.id
        return res
