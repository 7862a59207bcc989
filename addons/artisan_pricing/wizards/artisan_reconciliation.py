from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..engine import periods
from ..payout_reconciliation import PayoutReconciliation
from ..payout_refund import CUSTOMER_TYPES


class ArtisanReconciliation(models.TransientModel):
    _name = "artisan.reconciliation"
    _description = "Where Customers' Money Went"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of the invoices that are looked at.",
    )
    date_from = fields.Date(
        required=True,
        default=lambda self: self._get_default_period()[0],
    )
    date_to = fields.Date(
        required=True, default=lambda self: self._get_default_period()[1]
    )
    net = fields.Monetary("Customers", compute="_compute_figures")
    payouts = fields.Monetary(
        "Paid Out to Makers",
        compute="_compute_figures",
        help="By confirmed bills, less credit notes on them; by statements before that.",
    )
    carried = fields.Monetary(
        "More Owed to Makers",
        compute="_compute_figures",
        help="By how much more, or less, makers are owed than before the period.",
    )
    platform = fields.Monetary(compute="_compute_figures")
    commission = fields.Monetary(compute="_compute_figures")
    borne = fields.Monetary("Discounts Borne", compute="_compute_figures")
    own = fields.Monetary(
        "Own Goods",
        compute="_compute_figures",
        help="Deliveries and down payments, too.",
    )
    ahead = fields.Monetary(
        "Discounts Ahead",
        compute="_compute_figures",
        help="On own goods, or invoiced before the goods; and cents of invoices in parts.",
    )
    adjustments = fields.Monetary(compute="_compute_figures")
    corrections = fields.Monetary(
        compute="_compute_figures",
        help="Of invoices that were changed after they stood on a statement.",
    )
    difference = fields.Monetary(compute="_compute_figures")
    not_booked_count = fields.Integer(compute="_compute_not_booked_count")

    @api.model
    def _get_default_period(self):
        today = fields.Date.context_today(self)
        return periods.period_before(periods.MONTH, today)

    @api.depends("company_id", "currency_id", "date_from", "date_to")
    def _compute_figures(self):
        for wizard in self:
            figures, platform = wizard._get_figures()
            wizard.net, wizard.payouts = figures.net, figures.payouts
            wizard.carried, wizard.platform = figures.carried, figures.platform
            wizard.difference = figures.difference
            for name, amount in vars(platform).items():
                wizard[name] = amount

    def _get_figures(self):
        self.ensure_one()
        if not self.date_from or not self.date_to or self.date_to < self.date_from:
            raise UserError(self.env._("Choose a period that ends after it begins."))
        if not self.env["artisan.payout.entry"].has_access("read"):
            raise UserError(self.env._("You may not see what makers are owed."))
        self._check_company()
        # What is owed and what is in the books: whoever sees the one has no need of rights
        # on the other to see their sums.
        return PayoutReconciliation(
            self.company_id.sudo(), self.currency_id, self.date_from, self.date_to
        ).get_figures()

    @api.depends("company_id", "date_from", "date_to")
    def _compute_not_booked_count(self):
        for wizard in self:
            wizard._check_company()
            wizard.not_booked_count = (
                self.env["account.move"]
                .sudo()
                .search_count(wizard._not_booked_domain())
            )

    def _check_company(self):
        """:raise AccessError: the company is none of the user's"""
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose a company that you work in."))

    def _not_booked_domain(self):
        """Confirmed invoices with a maker's product that brought no maker anything."""
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "posted")
            & Domain("date", ">=", self.date_from)
            & Domain("date", "<=", self.date_to)
            & Domain("move_type", "in", CUSTOMER_TYPES)
            & Domain("artisan_entry_ids", "=", False)
            & self.env["account.move"]._sold_for_domain()
        )

    def action_open_not_booked(self):
        """The invoices that are behind a difference."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.account_move_not_booked_action"
        )
        return action | {"domain": list(self._not_booked_domain())}

    def action_open_entries(self):
        """What makers were booked in the period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_payout_entry_action"
        )
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            "context": {},
        }
