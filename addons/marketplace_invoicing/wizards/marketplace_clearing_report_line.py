from odoo import fields, models

from .marketplace_clearing_report import REASONS


class MarketplaceClearingReportLine(models.TransientModel):
    """An open item of a clearing account, and why it is open."""

    _name = "marketplace.clearing.report.line"
    _description = "Marketplace Clearing Control Line"
    _order = "sequence, days desc, id"
    _rec_name = "name"

    report_id = fields.Many2one(
        "marketplace.clearing.report", required=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", required=True, ondelete="cascade"
    )
    name = fields.Char(related="move_line_id.name")
    date = fields.Date(related="move_line_id.date")
    move_id = fields.Many2one(related="move_line_id.move_id", string="Entry")
    partner_id = fields.Many2one(related="move_line_id.partner_id")
    account_id = fields.Many2one("account.account")
    channel_id = fields.Many2one("marketplace.channel")
    order_id = fields.Many2one("marketplace.order")
    settlement_id = fields.Many2one("marketplace.settlement")
    reason = fields.Selection(REASONS, required=True)
    sequence = fields.Integer(
        help="Place of the reason among all: late ones come first."
    )
    days = fields.Integer(
        aggregator="max", help="Since the item was booked, at the day of the report."
    )
    currency_id = fields.Many2one(related="report_id.currency_id")
    amount = fields.Monetary(
        aggregator="sum", help="Open at the day of the report, in company currency."
    )

    def action_open_entry(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_choose_order(self):
        """Ask which order the payout's lines behind this item belong to."""
        lines = self.env["marketplace.settlement.line"].search(
            [("entry_line_id", "in", self.move_line_id.ids)]
        )
        return lines.action_choose_order()
