from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..decimals import to_decimal
from ..engine import promotions
from ..engine.funding import Funding


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    maker_percent = fields.Float(
        string="Borne by Maker (%)",
        digits=(6, 3),
        compute="_compute_maker_percent",
        store=True,
        readonly=False,
        aggregator=None,
        help="How much of the discount lowers what makers are paid: each maker for the "
        "own products. Orders keep the percentage with which they got the reward. "
        "Follows the program's maker when that is changed.",
    )
    platform_percent = fields.Float(
        string="Borne by Platform (%)",
        digits=(6, 3),
        compute="_compute_platform_percent",
        store=True,
        readonly=False,
        aggregator=None,
        help="The rest of the discount, and all of it on the platform's own products.",
    )

    _percent_range = models.Constraint(
        "CHECK (maker_percent BETWEEN 0 AND 100 AND platform_percent BETWEEN 0 AND 100)",
        "Maker and platform bear from 0 to 100 percent of a discount.",
    )
    _percent_sum = models.Constraint(
        "CHECK (maker_percent + platform_percent = 100)",
        "What maker and platform bear of a discount must sum to 100 percent.",
    )

    @api.depends("program_id.maker_id")
    def _compute_maker_percent(self):
        for reward in self:
            reward.maker_percent = 100 if reward.program_id.maker_id else 0

    @api.depends("maker_percent")
    def _compute_platform_percent(self):
        for reward in self:
            reward.platform_percent = 100 - reward.maker_percent

    @api.depends("program_id.maker_id")
    def _compute_is_global_discount(self):
        """Override of `loyalty`: a maker's promotion is no discount on the whole order."""
        res = super()._compute_is_global_discount()
        self.filtered("program_id.maker_id").is_global_discount = False
        return res

    @api.depends("program_id.maker_id")
    def _compute_description(self):
        """Override of `loyalty`: a maker's promotion is not on the customer's order."""
        res = super()._compute_description()
        for reward in self:
            maker = reward.program_id.maker_id
            if (
                maker
                and reward.reward_type == "discount"
                and reward.discount_applicability == "order"
            ):
                reward.description = self.env._(
                    "%(discount)s on products of %(maker)s",
                    discount=reward._describe_discount(),
                    maker=maker.name,
                )
        return res

    @api.depends("program_id.maker_id")
    def _compute_all_discount_product_ids(self):
        """Override of `loyalty` for what it depends on."""
        return super()._compute_all_discount_product_ids()

    @api.constrains("maker_percent", "program_id")
    def _check_payment_program(self):
        for reward in self:
            if reward.maker_percent and reward.program_id.is_payment_program:
                raise ValidationError(
                    self.env._(
                        "%s: gift cards and wallets are borne by the platform, which "
                        "holds the money.",
                        reward.program_id.name,
                    )
                )

    @api.constrains("reward_type", "discount", "discount_mode")
    def _check_discount_percent(self):
        for reward in self:
            if reward._get_kind() == promotions.PERCENT and reward.discount > 100:
                raise ValidationError(
                    self.env._(
                        "%(program)s: a discount of %(percent)s %% is more than the price.",
                        program=reward.program_id.name,
                        percent=reward.discount,
                    )
                )

    @api.constrains("program_id", "reward_type", "reward_product_id")
    def _check_reward_products(self):
        for reward in self:
            maker = reward.program_id.maker_id
            others = reward.reward_product_ids.filtered(
                lambda product, maker=maker: product.maker_id != maker
            )
            if maker and others:
                raise ValidationError(
                    self.env._(
                        "%(program)s: %(maker)s cannot give away what is made by others: "
                        "%(products)s.",
                        program=reward.program_id.name,
                        maker=maker.display_name,
                        products=", ".join(others.mapped("display_name")),
                    )
                )

    def _get_discount_product_domain(self):
        """Override of `loyalty`: a maker's promotion is on that maker's products."""
        domain = super()._get_discount_product_domain()
        maker = self.program_id.maker_id
        return domain & Domain("maker_id", "=", maker.id) if maker else domain

    def _describe_discount(self):
        """How much it takes off, as in core's descriptions."""
        self.ensure_one()
        if self.discount_mode == "percent":
            text = f"{self.discount:g}%"
        else:
            text = format_amount(self.env, self.discount, self.currency_id)
        if self.discount_mode == "per_point":
            text = self.env._("%s per point", text)
        if self.discount_max_amount:
            most = format_amount(self.env, self.discount_max_amount, self.currency_id)
            text = self.env._(
                "%(discount)s (at most %(most)s)", discount=text, most=most
            )
        return text

    def _get_kind(self):
        """How it takes something off: one of the engine's kinds."""
        self.ensure_one()
        if self.reward_type == "product":
            return promotions.FREE_PRODUCT
        if self.reward_type == "discount" and self.discount_mode == "percent":
            return promotions.PERCENT
        return promotions.FIXED

    def _get_rank(self):
        """Place in the fixed order, the same whatever the order of entry (sortable)."""
        self.ensure_one()
        stage = promotions.STAGES.index(self.program_id._get_stage())
        return stage, promotions.KINDS.index(self._get_kind()), self.id

    def _get_covered_lines(self, order):
        """The lines of an order from which it may take something off, whatever is left of
        them; reward lines among them are not meant."""
        self.ensure_one()
        lines = order.order_line
        if self.program_id.is_payment_program:
            return lines
        if self.reward_type != "discount":  # free shipping
            return lines.filtered(lambda line: line._is_delivery())
        if self.discount_applicability == "specific":
            return order._get_specific_discountable_lines(self)
        if self.discount_applicability == "cheapest":
            return order._cheapest_line(self) or lines.browse()
        lines = (lines - order._get_no_effect_on_threshold_lines()).filtered(
            lambda line: not line.reward_id
        )
        maker = self.program_id.maker_id
        if maker:
            lines = lines.filtered(lambda line: line.product_id.maker_id == maker)
        return lines

    @api.model
    def _to_funding(self, maker_percent):
        """The engine's funding for the percentage that makers bear."""
        percent = to_decimal(maker_percent)
        return Funding(percent, 100 - percent)
