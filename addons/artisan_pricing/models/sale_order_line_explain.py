from odoo import fields, models

from ..engine.trace import PROMOTION, replay
from ..price_trace import OrderTraces
from ..price_words import PriceWords


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _explain_price(self, trace, names):
        """A trace in the words of the reader.

        :param trace: :class:`.engine.trace.Trace` of the line
        :param names: what its rules are called
        :return: dict of texts: ``product``, ``quantity``, ``rows``, ``total``, ``unit``, and
            of a bundle ``parts``, dicts of ``product``, ``quantity`` and ``total``
        """
        self.ensure_one()
        words = PriceWords(self.env, self.currency_id)
        unit, total, parts = trace.unit_price, trace.total, []
        if self.product_id.type == "combo":
            parts, total = self._explain_bundle(words)
        uom = self.product_uom_id.name or ""
        return {
            "product": self.product_id.display_name or self.name,
            "quantity": f"{words.number(trace.quantity)} {uom}".strip(),
            "rows": words.get_rows(trace, names),
            "total": words.amount(total),
            "unit": words.price(unit) if unit else "",
            "parts": parts,
        }

    def _explain_bundle(self, words):
        """The parts of a bundle with what the customer pays for each, and their sum."""
        lines = self.linked_line_ids.filtered("combo_item_id")
        traces = lines._get_price_traces()
        parts = [
            {
                "product": line.product_id.display_name,
                "quantity": words.number(trace.quantity),
                "total": words.amount(trace.total),
            }
            for line, (trace, _names) in traces.items()
        ]
        return parts, sum(trace.total for trace, _names in traces.values())

    def _check_price_again(self):
        """Whether a trace still makes the price, and what the rules of today would make.

        :return: dict of ``holds``, ``was_kept`` (is it that of the confirmation), ``price``
            of one unit before promotions as it is and ``today`` by the rules of today,
            texts, and ``is_same``
        """
        self.ensure_one()
        [(trace, _names)] = self._get_price_traces().values()
        kept = self.sudo()._read_price_trace()
        now = fields.Datetime.now()
        # Prices that are kept count for themselves; the question is what rules make.
        order = self.sudo().order_id.with_context(force_price_recomputation=True)
        today = OrderTraces(order, now)
        line = order.order_line.filtered(lambda line: line.id == self.id)
        price = today.get_rule_price(line)
        own = self.price_unit * (1 - (0 if self.reward_id else self.discount) / 100)
        words = PriceWords(self.env, self.currency_id)
        net = today.get_net(line)
        before = [step for step in trace.steps if step.code != PROMOTION]
        return {
            "holds": replay(trace).holds and trace.total == net and bool(before),
            "was_kept": bool(kept and kept[0].total == net),
            "price": words.amount(own),
            "today": words.amount(price) if price is not None else "",
            "is_same": price is not None
            and not self.currency_id.compare_amounts(own, float(price)),
        }
