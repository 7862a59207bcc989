import logging

from odoo import api, models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

#: So many orders are judged at once.
BATCH = 200


class AgeGate(models.AbstractModel):
    _inherit = "age.gate"

    @api.model
    def _cron_release(self):
        """Override: lines of mixed orders wait as well, though the order went ahead."""
        result = super()._cron_release()
        lines = self.env["sale.order.line"].search(
            [
                ("is_age_waiting", "=", True),
                ("state", "=", "sale"),
                ("order_id.age_held_since", "=", False),
            ],
            order="order_id, id",
        )
        cron = self.env["ir.cron"]
        orders = lines.order_id
        cron._commit_progress(remaining=len(orders))
        for ids in split_every(BATCH, orders.ids):
            self._launch_batch(orders.browse(ids))
            if not cron._commit_progress(len(ids)):
                break
        return result

    @api.model
    def _launch_batch(self, orders):
        """Launch those of the orders that need not wait any more, judged at once."""
        verdicts = orders._get_age_verdicts()
        with orders._age_remember(verdicts):
            for order in orders:
                if order._get_age_pickable(verdicts[order]):
                    self._launch_isolated(order)

    @api.model
    def _launch_isolated(self, order):
        """Launch one order; its errors are its own and stay on it."""
        try:
            with self.env.cr.savepoint():
                order._age_launch_waiting()
        except Exception as error:
            _logger.warning("age gate: %s is not picked: %s", order, error)
            self.env.invalidate_all(flush=False)
            order._message_log(
                body=self.env._("Not picked after the proof of age: %s", error)
            )

    @api.model
    def _prepare_incident(self, basket, kind, gate, line=None):
        """Override: say which delivery it was, the document is its order if it has one."""
        vals = super()._prepare_incident(basket, kind, gate, line)
        delivery = self.env["age.check"]._get_document(basket.record)
        if delivery:
            vals |= {"document": delivery, "note": delivery}
        return vals
