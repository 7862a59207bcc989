from odoo import fields, models


class MarketplaceClearingReportDrift(models.TransientModel):
    """A fee of a channel's last payout that takes another share of the sales than usual."""

    _name = "marketplace.clearing.report.drift"
    _description = "Marketplace Fee Drift"
    _order = "channel_id, id"
    _rec_name = "code"

    report_id = fields.Many2one(
        "marketplace.clearing.report", required=True, index=True, ondelete="cascade"
    )
    channel_id = fields.Many2one("marketplace.channel")
    settlement_id = fields.Many2one("marketplace.settlement")
    code = fields.Char(string="Fee")
    share = fields.Float(
        string="Share (%)", digits=(16, 2), help="Of this payout's sales."
    )
    usual = fields.Float(
        string="Usual (%)",
        digits=(16, 2),
        help="Median of the payouts before, twelve at most.",
    )
    drift = fields.Float(
        string="Drift (%)", digits=(16, 1), help="Of the usual share; plus is dearer."
    )
