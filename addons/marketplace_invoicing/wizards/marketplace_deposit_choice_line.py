from odoo import fields, models


class MarketplaceDepositChoiceLine(models.TransientModel):
    """A bank transaction that may have brought a payout."""

    _name = "marketplace.deposit.choice.line"
    _description = "Bank Transaction That a Payout May Be"

    choice_id = fields.Many2one(
        "marketplace.deposit.choice", required=True, ondelete="cascade", index=True
    )
    payout_id = fields.Many2one("account.move.line", required=True, ondelete="cascade")
    bank_line_id = fields.Many2one(
        "account.bank.statement.line", required=True, ondelete="cascade"
    )
    date = fields.Date(related="bank_line_id.date")
    journal_name = fields.Char(related="bank_line_id.journal_id.name", string="Bank")
    payment_ref = fields.Char(related="bank_line_id.payment_ref", string="Text")
    partner_name = fields.Char(related="bank_line_id.partner_name", string="From")
    amount = fields.Monetary(related="bank_line_id.amount")
    currency_id = fields.Many2one(related="bank_line_id.currency_id")

    def action_choose(self):
        """Match the payout with this bank transaction."""
        self.ensure_one()
        line = self.sudo()
        self.choice_id.settlement_id._choose_deposit(line.payout_id, line.bank_line_id)
        return {"type": "ir.actions.act_window_close"}
