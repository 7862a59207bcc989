from odoo import api, fields, models
from odoo.exceptions import AccessError

#: What an item of a clearing account stands for.
CLEARING_ROLES = [
    ("order", "Order"),
    ("payout", "Payout"),
    ("carry", "Carried forward"),
    ("opening", "Balance brought forward"),
    ("closing", "Balance carried forward"),
]
TIES = ("marketplace_order_id", "marketplace_role")


class AccountMoveLine(models.Model):
    """Items of a clearing account know what they stand for; names may be edited."""

    _inherit = "account.move.line"

    marketplace_order_id = fields.Many2one(
        "marketplace.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    marketplace_role = fields.Selection(CLEARING_ROLES, readonly=True, copy=False)

    @api.model
    def default_get(self, fields):
        """Override: no context and no user's own default says what an item stands for."""
        values = super().default_get(fields)
        return {name: values[name] for name in values if name not in TIES}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_marketplace_tie(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_marketplace_tie(vals)
        return super().write(vals)

    @api.model
    def _check_marketplace_tie(self, vals):
        """Only the pipeline says what an item stands for.

        :raises AccessError: a person does
        """
        if not self.env.su and any(
            vals[name] or any(item[name] for item in self)
            for name in TIES
            if name in vals
        ):
            raise AccessError(
                self.env._(
                    "Channel orders and settlements make their entries themselves."
                )
            )
