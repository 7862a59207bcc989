from odoo import api, fields, models

from ..rewards import RewardShares


class ArtisanRewardShare(models.TransientModel):
    _name = "artisan.reward.share"
    _description = "What Maker and Platform Bear of a Reward"
    _order = "id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    name = fields.Char("Promotion")
    description = fields.Char("Reward")
    product_id = fields.Many2one("product.product", string="On", ondelete="cascade")
    maker_id = fields.Many2one("res.partner", ondelete="cascade")
    amount = fields.Monetary("Taken Off", help="Without tax.")
    by_maker = fields.Monetary()
    by_platform = fields.Monetary()

    @api.model
    def _prepare_shares(self, order):
        """Values of a row for each reward and line, in the order in which they apply."""
        # Who may read an order may know who bears its rewards.
        order.check_access("read")
        shares = RewardShares(order.sudo())
        rows = [
            self._prepare_share(reward_line, line.product_id, by_maker, by_platform)
            for reward_line, line, by_maker, by_platform in shares.get_shares()
        ]
        return rows + [
            self._prepare_share(line, line.product_id.browse(), 0, -rest)
            for line, rest in shares.get_rests().items()
        ]

    @api.model
    def _prepare_share(self, reward_line, product, by_maker, by_platform):
        reward = reward_line.reward_id
        return {
            "order_id": reward_line.order_id.id,
            "name": reward.program_id.name,
            "description": reward.description,
            "product_id": product.id,
            "maker_id": product.maker_id.id,
            "amount": by_maker + by_platform,
            "by_maker": by_maker,
            "by_platform": by_platform,
        }
