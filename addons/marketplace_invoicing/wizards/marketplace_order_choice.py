from odoo import api, fields, models


class MarketplaceOrderChoice(models.TransientModel):
    """Asks which order lines of a payout belong to."""

    _name = "marketplace.order.choice"
    _description = "Choose Order of Settlement Lines"

    line_ids = fields.Many2many(
        "marketplace.settlement.line", string="Lines", required=True, readonly=True
    )
    channel_ids = fields.Many2many("marketplace.channel", compute="_compute_lines")
    company_id = fields.Many2one("res.company", compute="_compute_lines")
    names = fields.Char(
        string="Called in the File",
        compute="_compute_lines",
        help="Every line of the channel that names its order like this gets it, in payouts "
        "that are posted and in those to come.",
    )
    is_any_channel = fields.Boolean(
        string="Orders of Other Channels",
        help="One account of a payment provider may serve several shops. What the payout "
        "paid goes to the clearing account of the order's channel.",
    )
    order_id = fields.Many2one(
        "marketplace.order",
        help="Its open payment is matched with these amounts as soon as they are in the "
        "books. Empty: nobody knows, what was chosen before is taken back.",
    )

    @api.depends("line_ids")
    def _compute_lines(self):
        for wizard in self:
            lines = wizard.line_ids
            wizard.channel_ids = lines.channel_id
            wizard.company_id = lines.company_id[:1]
            wizard.names = ", ".join(
                sorted({x.order_ref or x.reference or x.code or "" for x in lines})
            )

    def action_apply(self):
        """Give the lines their order."""
        self.ensure_one()
        self.line_ids._choose_order(self.order_id)
        return {"type": "ir.actions.act_window_close"}
