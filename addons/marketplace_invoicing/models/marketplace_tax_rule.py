from odoo import api, fields, models


class MarketplaceTaxRule(models.Model):
    """Who owes the tax where the channel does not say, decided by a person."""

    _name = "marketplace.tax.rule"
    _description = "Marketplace Tax Liability Rule"
    _inherit = ["marketplace.channel.mixin"]
    _order = "channel_id, country_id"
    _rec_name = "country_id"

    country_id = fields.Many2one(
        "res.country",
        string="Delivery Country",
        help="Empty: all destinations without a rule of their own.",
    )
    liability = fields.Selection(
        [("seller", "We owe the tax"), ("marketplace", "The marketplace owes the tax")],
        required=True,
        help="Used only for lines on which the channel states a tax but not who owes it. "
        "Marketplace-collected tax never appears on your invoice.",
    )

    _country_uniq = models.UniqueIndex(
        "(channel_id, COALESCE(country_id, 0))",
        "This destination already has a rule on this channel.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._requeue_orders()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._requeue_orders()
        return result

    def _requeue_orders(self):
        """Process again the orders that waited for these destinations.

        Orders that wait for approval are checked again: their tax may be another now.
        """
        causes = self.env["marketplace.issue.cause"].search(
            [
                ("channel_id", "in", self.channel_id.ids),
                ("code", "=", "tax_liability_unknown"),
            ]
        )
        wanted = {(rule.channel_id, rule.country_id.code or None) for rule in self}
        causes.filtered(
            lambda c: (c.channel_id, c.key) in wanted or (c.channel_id, None) in wanted
        )._requeue_orders()
        self.channel_id._recheck_ready_orders()

    @api.model
    def _get_index(self, channel):
        """Return {country: liability}; the key of the general rule is an empty country."""
        return {
            rule.country_id: rule.liability
            for rule in self.search([("channel_id", "=", channel.id)])
        }
