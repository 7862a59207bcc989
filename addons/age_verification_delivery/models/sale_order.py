from odoo import api, fields, models

from odoo.addons.age_verification.engine import judging


class SaleOrder(models.Model):
    _inherit = "sale.order"

    needs_age_delivery_check = fields.Boolean(
        "Age check at the door", compute="_compute_needs_age_delivery_check"
    )
    is_age_carrier_unfit = fields.Boolean(compute="_compute_is_age_carrier_unfit")

    @api.depends(
        "partner_id",
        "partner_shipping_id",
        "order_line.product_id",
        "order_line.product_uom_qty",
    )
    def _compute_needs_age_delivery_check(self):
        for order, verdict in self._get_age_verdicts().items():
            order.needs_age_delivery_check = any(
                order._needs_line_check(line) for line in verdict.lines
            )

    @api.model
    def _needs_line_check(self, line):
        """Whether the age has to be checked when a restricted line is handed over.

        :param line: :class:`facts.LineVerdict`; businesses with evidence are exempt
        """
        if line.judgement.verdict == judging.EXEMPT:
            return False
        law = line.resolution.rule
        rule = self.env["age.rule"].sudo().browse(law.key if law else ())
        return (
            rule.needs_delivery_check
            or line.product_class.needs_delivery_check
            or line.policy.needs_delivery_check
        )

    @api.depends("carrier_id", "needs_age_delivery_check")
    def _compute_is_age_carrier_unfit(self):
        for order in self:
            carrier = order.carrier_id.sudo()
            order.is_age_carrier_unfit = bool(carrier and not carrier._match_age(order))
