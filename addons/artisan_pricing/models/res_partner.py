from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_maker = fields.Boolean(
        index="btree_not_null",
        help="Makes products that are sold here, with prices of their own.",
    )
    maker_product_ids = fields.One2many("product.template", "maker_id")
    maker_product_count = fields.Integer(compute="_compute_maker_product_count")
    price_model_ids = fields.One2many("artisan.price.model", "maker_id")
    maker_payout_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Payout Account",
        domain="[('partner_id', '=', id)]",
        copy=False,
        groups="artisan_pricing.group_artisan_user,account.group_account_invoice,"
        "account.group_account_readonly",
        help="Where the maker's share of what customers pay goes.",
    )
    is_payout_missing = fields.Boolean(
        compute="_compute_is_payout_missing",
        compute_sudo=True,
        search="_search_is_payout_missing",
        help="A maker who cannot be paid out: no payout account is known.",
    )

    @api.depends("maker_product_ids")
    def _compute_maker_product_count(self):
        counts = dict(
            self.env["product.template"]._read_group(
                [("maker_id", "in", self.ids)], ["maker_id"], ["__count"]
            )
        )
        for partner in self:
            partner.maker_product_count = counts.get(partner._origin, 0)

    @api.depends("is_maker", "maker_payout_bank_id")
    def _compute_is_payout_missing(self):
        for partner in self:
            partner.is_payout_missing = (
                partner.is_maker and not partner.maker_payout_bank_id
            )

    def _search_is_payout_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("is_maker", "=", True), ("maker_payout_bank_id", "=", False)]

    @api.constrains("is_maker", "maker_payout_bank_id")
    def _check_maker_payout_bank(self):
        for partner in self.sudo():
            account = partner.maker_payout_bank_id
            if account and account.partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "The payout account %(account)s belongs to %(owner)s, not to "
                        "%(maker)s.",
                        account=account.display_name,
                        owner=account.partner_id.display_name,
                        maker=partner.display_name,
                    )
                )

    @api.constrains("is_maker")
    def _check_maker_has_no_products(self):
        for partner in self:
            if not partner.is_maker and partner.maker_product_count:
                raise ValidationError(
                    self.env._(
                        "%(maker)s still has %(count)s products: give them to another "
                        "maker first.",
                        maker=partner.display_name,
                        count=partner.maker_product_count,
                    )
                )

    def action_open_maker_products(self):
        """The products of this maker; new ones are theirs."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.product_template_action"
        )
        return action | {
            "domain": [("maker_id", "=", self.id)],
            "context": {"default_maker_id": self.id},
        }
