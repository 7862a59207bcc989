from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DunningWriteoffWizard(models.TransientModel):
    """Proposes to write debts off: a draft entry that a person posts and matches."""

    _name = "dunning.writeoff.wizard"
    _description = "Propose a Write-Off"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", required=True)
    line_ids = fields.One2many(
        "dunning.writeoff.wizard.line",
        "wizard_id",
        "Debts",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    date = fields.Date(
        "Accounting date",
        required=True,
        default=lambda self: self.env.company._get_dunning_today(),
    )
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        check_company=True,
        domain=[("type", "=", "general")],
        compute="_compute_journal_id",
        store=True,
        readonly=False,
    )
    account_id = fields.Many2one(
        "account.account",
        "Write-off account",
        required=True,
        check_company=True,
        domain=[("account_type", "in", ("expense", "expense_other"))],
        help="Expense account for bad debts.",
    )
    reason = fields.Text(required=True)
    amount_total = fields.Monetary(
        "Total", compute="_compute_amount_total", currency_field="company_currency_id"
    )

    @api.depends("partner_id", "company_id")
    def _compute_line_ids(self):
        """The invoices that were chosen, or all that the customer owes."""
        chosen = self.env.context.get("dunning_move_ids")
        for wizard in self:
            lines = wizard._get_debts()
            if chosen:
                lines = lines.filtered(lambda line: line.move_id.id in chosen)
            wizard.line_ids = [
                Command.clear(),
                *(Command.create(wizard._prepare_line(line)) for line in lines),
            ]

    def _get_debts(self):
        if not self.partner_id:
            return self.env["account.move.line"]
        return self.env["account.move.line"].search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                ),
                ("company_id", "=", self.company_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
            ],
            order="date_maturity, id",
        )

    @api.model
    def _prepare_line(self, line):
        return {"move_line_id": line.id, "amount": line.amount_residual_currency}

    @api.depends("company_id")
    def _compute_journal_id(self):
        for wizard in self:
            wizard.journal_id = self.env["account.journal"].search(
                [
                    ("type", "=", "general"),
                    ("company_id", "=", wizard.company_id.id),
                ],
                limit=1,
            )

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for wizard in self:
            wizard.amount_total = sum(line._get_balance() for line in wizard.line_ids)

    def action_propose(self):
        """Make the draft entry. It is neither posted nor matched.

        :return: action that opens the entry
        """
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: not line.currency_id.is_zero(line.amount)
        )
        if not lines:
            raise UserError(self.env._("Choose what to write off."))
        entry = self.env["account.move"].create(self._prepare_entry(lines))
        self._log(entry, lines.move_id)
        return entry._get_records_action()

    def _prepare_entry(self, lines):
        """Each debt is credited in its own currency; the expense takes the sum."""
        total = self.company_currency_id.round(
            sum(line._get_balance() for line in lines)
        )
        reference = self.env._("Write-off: %s", self.partner_id.display_name)
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "date": self.date,
            "ref": reference,
            "narration": self.reason,
            "line_ids": [
                *(Command.create(line._prepare_entry_line()) for line in lines),
                Command.create(
                    {
                        "name": reference,
                        "account_id": self.account_id.id,
                        "partner_id": self.partner_id.commercial_partner_id.id,
                        "currency_id": self.company_currency_id.id,
                        "balance": total,
                    }
                ),
            ],
        }

    def _log(self, entry, moves):
        """Say on the customer and the invoices what is proposed, by whom and why."""
        body = Markup("<p>{}</p><p>{}</p>").format(
            self.env._(
                "%(user)s proposes to write off %(amount)s: %(entry)s (draft)",
                user=self.env.user.name,
                amount=self.company_currency_id.format(self.amount_total),
                entry=entry._get_html_link(),
            ),
            self.reason,
        )
        self.partner_id.commercial_partner_id._message_log(body=body)
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))
