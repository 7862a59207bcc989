import json

from odoo import models

from ..basket import RuleBook
from ..engine.trace_json import to_json
from ..price_trace import OrderTraces


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_confirm(self):
        """Override of `sale` to know of which moment the prices are: confirming changes the
        date of the order, and not its prices."""
        moments = {order.id: order.date_order for order in self}
        return super(
            SaleOrder, self.with_context(artisan_confirmed_prices=moments)
        ).action_confirm()

    def _action_confirm(self):
        """Override of `sale` to keep how prices came about, before anybody is told."""
        moments = self.env.context.get("artisan_confirmed_prices") or {}
        self._store_price_traces(moments)
        return super()._action_confirm()

    def _store_price_traces(self, moments=None):
        """Keep how the prices of orders with makers' products came about.

        Others are explained from the rules as they are.

        :param moments: {id of an order: datetime} of which its prices are; without one
            it is the date of the order
        """
        # A customer who pays confirms too, and may see neither rules nor traces.
        orders = self.sudo().filtered("order_line.product_id.maker_id")
        rule_book = RuleBook(orders.order_line.product_id)
        for order in orders:
            order = order._with_company_lang()
            traces = OrderTraces(order, (moments or {}).get(order.id), rule_book)
            for line in order.order_line:
                trace = traces.get_trace(line)
                if trace.steps:
                    line.write(
                        {
                            "price_trace": to_json(trace),
                            "price_trace_names": json.dumps(
                                traces.get_names(line, trace)
                            ),
                        }
                    )

    def _with_company_lang(self):
        """The order in the language that its company keeps its records in."""
        self.ensure_one()
        lang = self.company_id.partner_id.lang
        return self.with_context(lang=lang) if lang else self

    def _get_price_explanation(self):
        """What the printed explanation says: a list of lines with their rows."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        traces = lines._get_price_traces()
        return [
            line._explain_price(*traces[line])
            for line in lines
            if traces[line][0].steps
        ]
