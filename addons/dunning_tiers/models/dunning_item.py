from odoo import api, fields, models

from .. import const
from ..debts import read_debts
from ..facts import Facts


class DunningItem(models.Model):
    """One open debt in one run: what was decided about it, and why.

    The level of an item counts for its move line while the item is ``open`` (in a notice
    that is not finished) or ``sent``. The database keeps a level from counting twice for
    a line and cycle, whatever two processes do at once.
    """

    _name = "dunning.item"
    _description = "Dunning Item"
    _order = "partner_id, date_maturity, id"
    _rec_name = "move_id"
    _check_company_auto = True

    run_id = fields.Many2one(
        "dunning.run", required=True, ondelete="cascade", index=True
    )
    notice_id = fields.Many2one("dunning.notice", ondelete="set null", index=True)
    company_id = fields.Many2one("res.company", required=True)
    date = fields.Date(required=True, help="Day of the run.")
    policy_id = fields.Many2one("dunning.policy", index="btree_not_null")
    level_id = fields.Many2one(
        "dunning.level",
        index="btree_not_null",
        help="The level that comes next for this debt.",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        "Journal item",
        ondelete="set null",
        index=True,
        help="Empty once other terms of payment have replaced it: what was sent stays.",
    )
    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", "Customer", index="btree_not_null")
    currency_id = fields.Many2one("res.currency", required=True)
    cycle = fields.Integer(required=True, default=0)
    date_maturity = fields.Date("Due date")
    days_overdue = fields.Integer(aggregator="max")
    amount_residual = fields.Monetary(
        "Open amount", help="At the time of the proposal."
    )
    amount_disputed = fields.Monetary("Disputed")
    amount_asked = fields.Monetary("Asked for")
    verdict = fields.Selection(const.VERDICTS, required=True)
    reason = fields.Selection(const.REASON_SELECTION, "Main reason")
    reasons = fields.Json(export_string_translation=False)
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    next_date = fields.Date("Next on", help="When the next level can be reached.")
    state = fields.Selection(
        [
            ("noted", "Not sent"),
            ("open", "In a notice"),
            ("sent", "Sent"),
            ("failed", "Did not arrive"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="noted",
    )

    _level_once = models.UniqueIndex(
        "(move_line_id, level_id, cycle) WHERE state IN ('open', 'sent')",
        "This level was used for the invoice already.",
    )
    # Each index costs when thousands of items are proposed; the open ones are few.
    _open_idx = models.Index("(company_id) WHERE state = 'open'")

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        gate = self.env["dunning.gate"]
        for item in self:
            item.reason_text = gate._describe(item.reasons)

    def _get_leading(self):
        """The item whose level and policy speak for all of them."""
        return max(self, key=lambda item: (item.level_id.days, -item.id))

    def _update_amounts(self, debt):
        """Take over the amounts of a debt as they are now."""
        self.ensure_one()
        amounts = {
            "amount_residual": debt.residual,
            "amount_disputed": debt.disputed,
            "amount_asked": debt.asked,
        }
        currency = self.currency_id
        if any(currency.compare_amounts(self[n], a) for n, a in amounts.items()):
            self.write(amounts)

    def _fail(self):
        """The notice did not arrive: its level does not count."""
        self.write({"state": "failed"})
        self.move_line_id._update_dunning_level()

    def _reopen(self):
        """Try failed items again, but those that another notice has taken up since."""
        taken = {
            (line, level, cycle)
            for line, level, cycle in self._read_group(
                [
                    ("move_line_id", "in", self.move_line_id.ids),
                    ("state", "in", const.COUNTED_STATES),
                ],
                ["move_line_id", "level_id", "cycle"],
            )
        }
        free = self.filtered(
            lambda item: (item.move_line_id, item.level_id, item.cycle) not in taken
        )
        free.write({"state": "open"})
        (self - free).write({"state": "dropped"})

    def _drop(self, reasons=None):
        """Take items out of their notice, with the reasons why when there are any."""
        for item in self:
            item.write(
                {
                    "state": "dropped",
                    **self.env["dunning.gate"]._prepare_verdict(
                        (reasons or {}).get(item)
                    ),
                }
            )

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_hold(self):
        """Open a new hold for the item's invoice."""
        self.ensure_one()
        return self.move_id.action_hold_dunning()

    def action_open_unmatched(self):
        """What waits to be matched: bank lines, or journal items of the customer."""
        self.ensure_one()
        if self.reason == "bank_line":
            return self._open_bank_lines()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("To match: %s", self.partner_id.display_name),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [
                ("partner_id", "child_of", self.partner_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company_id.id),
            ],
        }

    def _open_bank_lines(self):
        """Unmatched money in that may be for the item, with its journal entries."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.account_bank_statement_line_action"
        )
        return {
            **action,
            "display_name": self.env._("To match: %s", self.move_id.display_name),
            "domain": [("id", "in", self._get_bank_line_ids())],
        }

    def _get_bank_line_ids(self):
        """Unmatched bank lines that stop the item, as the gate finds them."""
        own = self.move_line_id.ids
        debts = read_debts(self.env, self.company_id, self.date, line_ids=own)
        debts = [debt for debt in debts if debt.line_id in own]
        return Facts(self.env, self.company_id, self.date, debts).get_bank_line_ids()
