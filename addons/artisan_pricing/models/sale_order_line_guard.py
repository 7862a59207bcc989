from odoo import api, models
from odoo.exceptions import AccessError

#: What follows from rules and promotions, and decides who is paid what: kept by the system.
_KEPT = frozenset(
    (
        "bundle_list_price",
        "has_agreed_price",
        "maker_percent",
        "price_trace",
        "price_trace_names",
        "prior_price",
        "prior_price_percent",
        "reward_scope",
        "sold_maker_id",
    )
)
#: Copies bring it along; whoever gives a price agrees it anyway.
_KEPT_FROM_START = _KEPT - {"has_agreed_price"}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`: what is kept of prices is not given by hand."""
        if not self.env.su:
            names = set().union(*vals_list) | self._get_default_names()
            self._check_kept(_KEPT_FROM_START & names)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `sale`: what is kept of prices is not changed by hand."""
        if not self.env.su:
            self._check_kept(_KEPT.intersection(vals))
        return super().write(vals)

    @api.model
    def _get_default_names(self):
        """Fields whose default whoever creates records has chosen: in the context, or as
        defaults of their own."""
        names = {
            name.removeprefix("default_")
            for name in self.env.context
            if name.startswith("default_")
        }
        return names.union(self.env["ir.default"]._get_model_defaults(self._name))

    @api.model
    def _check_kept(self, names):
        """
        :raise AccessError: fields that no person changes
        """
        if names:
            raise AccessError(
                self.env._(
                    "This is kept as it came about, and not changed by hand: %s.",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )
