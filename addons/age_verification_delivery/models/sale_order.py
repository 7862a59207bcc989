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
            order.needs_age_delivery_check = self._needs_check(verdict)

    @api.model
    def _needs_check(self, verdict):
        """Whether the age has to be checked when what was judged is handed over.

        :param verdict: :class:`facts.Verdict` on an order or a delivery
        """
        return any(map(self._needs_line_check, verdict.lines))

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

    # === GATE: CONFIRMATION === #

    def _confirmation_error_message(self):
        """Override: no order is confirmed with a carrier that may not carry it.

        What is paid is, as there must be no money without an order, and what a buyer signs
        or a job confirms: they cannot choose. Its delivery waits.
        """
        message = super()._confirmation_error_message()
        may_choose = not (self.env.su or self._is_age_paid())
        if message or not may_choose or not self.is_age_carrier_unfit:
            return message
        return self.env._(
            "%(order)s is not confirmed.\n%(why)s",
            order=self.name,
            why=self._describe_age_carrier(),
        )

    def _is_age_paid(self):
        """Whether money has come in online, or is reserved."""
        self.ensure_one()
        states = self.sudo().transaction_ids.mapped("state")
        return bool({"authorized", "done"} & set(states))

    def _describe_age_carrier(self):
        return self.env._(
            "The age has to be checked at the door, and %s does not do it or uses lockers. "
            "Choose another shipping method.",
            self.carrier_id.sudo().display_name,
        )

    def _action_confirm(self):
        """Override: what is confirmed though its carrier does not fit gives a task."""
        result = super()._action_confirm()
        for order in self.filtered("is_age_carrier_unfit"):
            order._age_give_task(
                self.env._("Choose a carrier that checks the age"),
                order._describe_age_carrier(),
            )
        return result
