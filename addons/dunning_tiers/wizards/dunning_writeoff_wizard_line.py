from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningWriteoffWizardLine(models.TransientModel):
    """One debt, and how much of it is written off."""

    _name = "dunning.writeoff.wizard.line"
    _description = "Debt to Write Off"

    wizard_id = fields.Many2one(
        "dunning.writeoff.wizard", required=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one("account.move.line", required=True)
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    date_maturity = fields.Date(related="move_line_id.date_maturity")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount_residual = fields.Monetary(
        "Open", related="move_line_id.amount_residual_currency"
    )
    amount = fields.Monetary("Write off")

    @api.constrains("amount")
    def _check_amount(self):
        for line in self:
            compare = line.currency_id.compare_amounts
            if (
                compare(line.amount, 0) < 0
                or compare(line.amount, line.amount_residual) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%s: not more can be written off than is open.",
                        line.move_id.name,
                    )
                )

    def _get_balance(self):
        """The amount in the company's currency, at the rate of the books."""
        self.ensure_one()
        debt = self.move_line_id
        if not debt.amount_residual_currency:
            return 0.0
        share = self.amount / debt.amount_residual_currency
        return debt.company_currency_id.round(debt.amount_residual * share)

    def _prepare_entry_line(self):
        debt = self.move_line_id
        return {
            "name": self.env._("Write-off: %s", debt.move_id.name),
            "account_id": debt.account_id.id,
            "partner_id": debt.partner_id.id,
            "currency_id": debt.currency_id.id,
            "amount_currency": -self.amount,
            "balance": -self._get_balance(),
        }
