from odoo import api, fields, models
from odoo.exceptions import UserError


class MarketplaceSettlementBalance(models.TransientModel):
    """The question whether the channel's account shows what a period left."""

    _name = "marketplace.settlement.balance"
    _description = "Balance at the End of a Period"
    _inherit = ["marketplace.settlement.question.mixin"]

    currency_id = fields.Many2one(related="settlement_id.currency_id")
    opening_balance = fields.Monetary(
        string="Balance Before",
        help="What the channel's account held at the beginning. Taken from the period before; "
        "of the first one, what the account showed then.",
    )
    lines_amount = fields.Monetary(string="Sum of the Lines", readonly=True)
    amount_payout = fields.Monetary(string="Paid Out", readonly=True)
    closing_balance = fields.Monetary(
        string="Balance at the End",
        compute="_compute_closing_balance",
        help="It opens the next period.",
    )

    @api.depends("opening_balance", "lines_amount", "amount_payout")
    def _compute_closing_balance(self):
        for wizard in self:
            wizard.closing_balance = (
                wizard.opening_balance + wizard.lines_amount - wizard.amount_payout
            )

    @api.model
    def default_get(self, fields):
        """Override: the figures as they are now."""
        values = super().default_get(fields)
        settlement = self.env["marketplace.settlement"].browse(
            values.get("settlement_id")
        )
        opening = settlement.opening_balance
        if settlement and not settlement.opening_stated:
            opening = settlement._get_previous_period().closing_balance or 0.0
        values.update(
            opening_balance=opening,
            lines_amount=settlement.lines_amount,
            amount_payout=settlement.amount_payout,
        )
        return values

    def action_confirm(self):
        """Take the balance over: it is what the channel's account shows.

        :raises UserError: the settlement has changed since the question was asked
        """
        self.ensure_one()
        settlement = self.settlement_id
        if settlement.currency_id.compare_amounts(
            settlement._get_rest(self.opening_balance), self.closing_balance
        ):
            raise UserError(
                self.env._("The settlement has changed meanwhile. Look at it again.")
            )
        settlement._confirm_balance(self.opening_balance)
        return {"type": "ir.actions.act_window_close"}
