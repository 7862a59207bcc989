from odoo import api, fields, models

from ..groups import MONEY_GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"

    commission_scheme_id = fields.Many2one(
        "artisan.commission.scheme",
        company_dependent=True,
        domain="['|', ('company_id', '=', False), ('company_id', '=', current_company_id)]",
        help="What the platform keeps of this maker's sales; empty: the company's scheme.",
    )
    is_without_commission = fields.Boolean(
        compute="_compute_is_without_commission",
        help="Neither the maker nor the company has a commission scheme.",
    )
    maker_payout_minimum = fields.Float(
        "Payout Minimum",
        copy=False,  # whoever copies a contact may not read it
        groups=MONEY_GROUPS,
        help="A smaller balance is carried to the next statement. In the currency of the "
        "company.",
    )
    maker_payout_when = fields.Selection(
        [
            ("paid", "Once customers have paid"),
            ("invoiced", "Once customers are invoiced"),
        ],
        "Paid Out",
        default="paid",
        help="Which invoices stand on this maker's statements.",
    )
    maker_statement_ids = fields.One2many(
        "artisan.statement",
        "maker_id",
        groups=MONEY_GROUPS,
    )
    maker_statement_count = fields.Integer(
        compute="_compute_maker_statement_count",
        groups=MONEY_GROUPS,
    )

    _payout_minimum_not_negative = models.Constraint(
        "CHECK(maker_payout_minimum IS NULL OR maker_payout_minimum >= 0)",
        "A payout minimum is not negative.",
    )

    @api.depends("is_maker", "commission_scheme_id")
    @api.depends_context("company")
    def _compute_is_without_commission(self):
        for partner in self:
            partner.is_without_commission = (
                partner.is_maker
                and not partner._get_commission_scheme(self.env.company)
            )

    @api.depends("maker_statement_ids")
    def _compute_maker_statement_count(self):
        counts = dict(
            self.env["artisan.statement"]._read_group(
                [("maker_id", "in", self.ids)], ["maker_id"], ["__count"]
            )
        )
        for partner in self:
            partner.maker_statement_count = counts.get(partner._origin, 0)

    def _get_commission_scheme(self, company):
        """The scheme agreed with a maker, or else the company's; there may be none."""
        self.ensure_one()
        scheme = self.with_company(company).commission_scheme_id
        return scheme or company.artisan_commission_scheme_id

    def action_open_maker_statements(self):
        """The statements of this maker."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_statement_action"
        )
        return action | {"domain": [("maker_id", "=", self.id)]}
