from odoo import api, fields, models


class ArtisanPriceExplanation(models.TransientModel):
    """Why a line of an order costs what it costs, for a seller beside the customer."""

    _name = "artisan.price.explanation"
    _description = "Why This Price"

    line_id = fields.Many2one(
        "sale.order.line", required=True, readonly=True, ondelete="cascade"
    )
    is_checked = fields.Boolean(readonly=True)
    explanation = fields.Html(
        compute="_compute_explanation", sanitize=False, compute_sudo=False
    )

    @api.depends("line_id", "is_checked")
    @api.depends_context("lang", "uid")
    def _compute_explanation(self):
        for explanation in self:
            line = explanation.line_id
            # By number anybody could ask for any line.
            line.check_access("read")
            [(trace, names)] = line._get_price_traces().values()
            explanation.explanation = self.env["ir.qweb"]._render(
                "artisan_pricing.price_explanation",
                {
                    "line": line._explain_price(trace, names),
                    "check": explanation.is_checked and line._check_price_again(),
                    "shows_payers": True,
                },
            )

    def action_check_again(self):
        """Compute the price again, from the figures and by the rules of today."""
        self.is_checked = True
        return self._get_action()

    def action_print(self):
        """The explanation of the whole order, on paper."""
        return self.env.ref(
            "artisan_pricing.action_report_price_explanation"
        ).report_action(self.line_id.order_id)

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why this price?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
