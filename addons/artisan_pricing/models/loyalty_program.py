from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import promotions


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"
    _check_company_auto = True

    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="A maker's own promotion: only this maker's products earn and get it, also "
        "with a discount on the order, and the maker pays for it. It applies before "
        "those of the platform.",
    )
    stack_group_id = fields.Many2one(
        "artisan.stack.group",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Promotions of one group do not go together on a product, unless both are "
        "stackable: those that take off most stay. A maker's promotion and one of the "
        "platform always go together.",
    )
    is_stackable = fields.Boolean(
        string="Stackable",
        help="Goes together with other stackable promotions of its group, and as a "
        "discount on the order with other stackable ones: percentages first.",
    )

    @api.onchange("maker_id")
    def _onchange_maker_id(self):
        """Rewards that are not saved yet follow, as saved ones do. The form does not know
        that they depend on the maker, as their view is not part of it."""
        self.reward_ids._compute_maker_percent()

    @api.constrains("maker_id", "program_type")
    def _check_maker(self):
        for program in self:
            if program.maker_id and program.is_payment_program:
                raise ValidationError(
                    self.env._(
                        "%s: gift cards and wallets hold money that was paid to the "
                        "platform, they cannot be a maker's.",
                        program.name,
                    )
                )
            if program.maker_id and not program.maker_id.is_maker:
                raise ValidationError(
                    self.env._(
                        "%(program)s: %(partner)s is no maker.",
                        program=program.name,
                        partner=program.maker_id.display_name,
                    )
                )

        self.reward_ids._check_reward_products()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_orders(self):
        rewards = self.with_context(active_test=False).reward_ids
        # Whoever deletes may not see all orders.
        line = self.env["sale.order.line"].sudo()
        line = line.search([("reward_id", "in", rewards.ids)], limit=1)
        if line:
            raise UserError(
                self.env._(
                    "%(program)s is used on order %(order)s. Leave it archived: open "
                    "orders keep their prices until their rewards are updated.",
                    program=line.reward_id.program_id.name,
                    order=line.order_id.name,
                )
            )

    def _get_stage(self):
        """When it applies: one of the engine's stages."""
        self.ensure_one()
        if self.is_payment_program:
            return promotions.WALLET
        return promotions.MAKER if self.maker_id else promotions.PLATFORM

    def _goes_with(self, other):
        """Whether discounts of both on the whole order stand together."""
        self.ensure_one()
        return self != other and self.is_stackable and other.is_stackable
