from odoo import fields, models
from odoo.fields import Command


class MarketplaceDepositChoice(models.TransientModel):
    """Asks which bank transaction brought a payout."""

    _name = "marketplace.deposit.choice"
    _description = "Choose Bank Transaction of a Payout"
    _inherit = ["marketplace.settlement.question.mixin"]

    # With the rights of whoever reads: anybody may put another company's settlement here.
    currency_id = fields.Many2one(
        related="settlement_id.currency_id", related_sudo=False
    )
    amount_payout = fields.Monetary(
        related="settlement_id.amount_payout", related_sudo=False, string="Payout"
    )
    line_ids = fields.One2many(
        "marketplace.deposit.choice.line", "choice_id", readonly=True
    )

    def _fill(self):
        """List the open bank transactions of the payout's amount.

        Whoever reviews settlements need not see the rest of the bank statement.
        """
        self.ensure_one()
        wizard = self.sudo()
        wizard.line_ids = [
            Command.clear(),
            *(
                Command.create({"payout_id": payout.id, "bank_line_id": bank_line.id})
                for payout, bank_line in wizard.settlement_id._get_deposit_choices()
            ),
        ]
