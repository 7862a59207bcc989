from odoo import api, fields, models
from odoo.exceptions import AccessError


class MarketplaceDocumentMixin(models.AbstractModel):
    """Core documents that a channel order became."""

    _name = "marketplace.document.mixin"
    _description = "Made of a Marketplace Order"
    _inherit = ["marketplace.batch.mixin"]

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

    @api.model
    def default_get(self, fields):
        """Override: no context and no user's own default ties a document."""
        values = super().default_get(fields)
        return {name: values[name] for name in values if name not in self._get_ties()}

    @api.model
    def _get_ties(self):
        """Return the names of the fields that the pipeline alone sets."""
        return {"marketplace_order_id"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_tie(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_tie(vals)
        return super().write(vals)

    @api.model
    def _check_tie(self, vals):
        """Only the pipeline ties a document to a channel order.

        :raises AccessError: a person does
        """
        if self._changes(vals, {"marketplace_order_id"}) and not self.env.su:
            raise AccessError(self.env._("A channel order makes its documents itself."))

    def _changes(self, vals, names):
        """Tell whether values set one of these fields, or empty it where it is set."""
        return any(
            vals[name] or any(record[name] for record in self)
            for name in names & vals.keys()
        )

    def action_open_marketplace_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketplace.order",
            "view_mode": "form",
            "res_id": self.marketplace_order_id.id,
        }
