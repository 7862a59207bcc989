import json

from odoo import fields, models

from ..engine import trace_json
from ..engine.money import PricingError
from ..price_trace import OrderTraces


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    price_trace = fields.Text(
        readonly=True,
        copy=False,
        prefetch=False,
        groups="base.group_user",
        help="How the price came about, as it was when the order was confirmed: figures "
        "that make the price again, whatever has become of the rules.",
    )
    price_trace_names = fields.Text(
        readonly=True,
        copy=False,
        prefetch=False,
        groups="base.group_user",
        help="What the rules of the price were called then, and who paid for promotions.",
    )

    def action_explain_price(self):
        """Open "Why this price?" of a line."""
        self.ensure_one()
        self.check_access("read")
        explanation = self.env["artisan.price.explanation"].create({"line_id": self.id})
        return explanation._get_action()

    def _get_order_date(self):
        """Override of `sale` for prices of another moment than the order's."""
        moments = self.env.context.get("artisan_priced_at") or {}
        return moments.get(self.order_id.id) or super()._get_order_date()

    def _get_price_trace(self):
        """How the price of a line came about: :class:`.engine.trace.Trace`.

        That of the confirmation, as long as it ends in what the line costs; otherwise
        from the rules as they are.
        """
        self.ensure_one()
        return self._get_price_traces()[self][0]

    def _get_price_traces(self):
        """How prices came about, for any lines.

        :return: {line: (:class:`.engine.trace.Trace`, names)}; see
            :meth:`.price_trace.OrderTraces.get_names`
        """
        self.check_access("read")
        traces = {}
        for order, lines in self.sudo().grouped("order_id").items():
            fresh = OrderTraces(order._with_company_lang())
            for line in lines:
                kept = line._read_price_trace()
                if not kept or kept[0].total != fresh.get_net(line):
                    trace = fresh.get_trace(line)
                    kept = trace, fresh.get_names(line, trace)
                traces[line.with_env(self.env)] = kept
        return traces

    def _read_price_trace(self):
        """The trace of a confirmed line with its names; None: none that can be read."""
        self.ensure_one()
        if self.state != "sale" or not self.price_trace:
            return None
        try:
            trace = trace_json.from_json(self.price_trace)
            names = json.loads(self.price_trace_names or "[]")
        except (PricingError, ValueError):
            return None
        return trace, names
