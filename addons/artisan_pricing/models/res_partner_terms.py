from odoo import api, fields, models

from ..registry_cache import forget, kept


class ResPartner(models.Model):
    _inherit = "res.partner"

    has_max_net_days = fields.Boolean(
        "Limit Days to Pay",
        help="Orders with this maker's products get no longer payment term than stated, "
        "whatever the customer has earned.",
    )
    maker_max_net_days = fields.Integer(
        "Longest Net Days",
        help="The most days to pay that this maker allows. 0: payment at once.",
    )
    keeps_own_terms = fields.Boolean(
        "Keep Own Payment Terms",
        help="The payment terms of this customer were agreed: grades do not change those "
        "of new orders.",
    )
    standing_ids = fields.One2many(
        "artisan.customer.standing",
        compute="_compute_standing_ids",
        groups="artisan_pricing.group_artisan_user,account.group_account_readonly",
        help="Grades that this customer has earned.",
    )
    standing_label = fields.Char(
        compute="_compute_standing_ids",
        groups="artisan_pricing.group_artisan_user,account.group_account_readonly",
    )

    _max_net_days_not_negative = models.Constraint(
        "CHECK(maker_max_net_days >= 0)",
        "The longest payment term of a maker must not be negative.",
    )

    def _compute_standing_ids(self):
        """Of the commercial partner, in the companies of the user."""
        commercial = self.commercial_partner_id
        standings = self.env["artisan.customer.standing"].search(
            [
                ("partner_id", "in", commercial.ids),
                ("company_id", "in", self.env.companies.ids),
                ("policy_id.active", "=", True),
            ]
        )
        by_partner = standings.grouped("partner_id")
        for partner in self:
            held = by_partner.get(partner.commercial_partner_id, standings.browse())
            partner.standing_ids = held
            partner.standing_label = ", ".join(
                dict.fromkeys(held.grade_id.mapped("name"))
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Override to have the payment term of a maker's bound at hand."""
        partners = super().create(vals_list)
        if bounded := partners.filtered("has_max_net_days"):
            forget(self.env)
            bounded._prepare_payment_terms()
        return partners

    def write(self, vals):
        """Override to have the payment term of a maker's bound at hand."""
        res = super().write(vals)
        if {"has_max_net_days", "maker_max_net_days"} & set(vals):
            forget(self.env)
            self.filtered("has_max_net_days")._prepare_payment_terms()
        return res

    def _prepare_payment_terms(self):
        Term = self.env["account.payment.term"]
        for partner in self:
            company = partner.company_id or self.env.company
            Term._get_net_days(partner.maker_max_net_days, company)

    @api.model
    @kept()
    def _get_max_net_days(self):
        """The longest payment terms of makers.

        :return: dict {id of a maker: days}; any term is right for others
        """
        makers = self.sudo().with_context(active_test=False)
        makers = makers.search_fetch(
            [("has_max_net_days", "=", True)], ["maker_max_net_days"]
        )
        return {maker.id: maker.maker_max_net_days for maker in makers}

    def action_open_standings(self):
        """The grades of this customer, with the reasons."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_customer_standing_action"
        )
        standings = self.standing_ids
        if len(standings) == 1:
            return action | {
                "res_id": standings.id,
                "view_mode": "form",
                "views": [(False, "form")],
            }
        return action | {"domain": [("id", "in", standings.ids)]}
