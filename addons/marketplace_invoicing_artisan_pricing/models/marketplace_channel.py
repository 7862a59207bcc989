from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MarketplaceChannel(models.Model):
    _inherit = "marketplace.channel"

    maker_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Makers' Pricelist",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="What the marketplace charges for makers' products is compared with these "
        "prices. Empty: nothing is compared.",
    )
    maker_prices = fields.Selection(
        [
            ("keep", "Keep the marketplace's prices"),
            ("apply", "Apply the makers' prices"),
        ],
        string="Prices of Makers' Products",
        default="keep",
        required=True,
        tracking=True,
        help="Keep: orders are invoiced as the marketplace charged them, and the "
        "difference is shown. Apply: makers' products are invoiced at the prices of the "
        "makers' pricelist; where that comes to another total than the buyer paid, beyond "
        "the channel's tolerance, the order goes to review.",
    )

    @api.constrains("maker_prices", "maker_pricelist_id")
    def _check_maker_pricelist(self):
        for channel in self:
            if channel.maker_prices == "apply" and not channel.maker_pricelist_id:
                raise ValidationError(
                    self.env._(
                        "%(channel)s: to apply the makers' prices, choose their pricelist.",
                        channel=channel.name,
                    )
                )
