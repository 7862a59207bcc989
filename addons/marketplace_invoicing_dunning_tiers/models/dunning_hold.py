from odoo import fields, models


class DunningHold(models.Model):
    _inherit = "dunning.hold"

    marketplace_order_id = fields.Many2one(
        "marketplace.order",
        string="Channel Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The buyer disputes this order on the marketplace.",
    )
