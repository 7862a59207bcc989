import logging

from odoo import api, models

from ..const import CONCURRENCY_ERRORS
from .marketplace_order_settlement import SETTLED_STATES

_logger = logging.getLogger(__name__)

#: Lines in the books whose order is known by now; its number counts, too.
LOOSE_LINES = """
    SELECT line.id
      FROM marketplace_settlement_line line
      JOIN marketplace_settlement settlement ON settlement.id = line.settlement_id
     WHERE line.order_id IS NULL
       AND line.order_ref != ''
       AND settlement.state = ANY(%(states)s)
       AND EXISTS (
           SELECT 1 FROM marketplace_order
            WHERE channel_id = line.channel_id
              AND external_ref = line.order_ref
            UNION ALL
           SELECT 1 FROM marketplace_order
            WHERE channel_id = line.channel_id AND name = line.order_ref
           HAVING COUNT(*) = 1)
"""
#: The same by the payment. All payments are read once: a look into their index for each of
#: 100,000 lines takes minutes, this takes a part of a second.
LOOSE_PAYMENTS = """
    SELECT line.id
      FROM marketplace_settlement_line line
      JOIN marketplace_settlement settlement ON settlement.id = line.settlement_id
      JOIN (SELECT channel_id, UNNEST(string_to_array(payment_refs, ' ')) AS ref
              FROM marketplace_order WHERE payment_refs IS NOT NULL) payment
        ON payment.channel_id = line.channel_id AND payment.ref = line.reference
     WHERE line.order_id IS NULL
       AND settlement.state = ANY(%(states)s)
     GROUP BY line.id
    HAVING COUNT(*) = 1
"""
#: Orders with open items of both signs on one account, of which one is new: what somebody
#: has taken apart since is left so.
HALF_MATCHED = """
    SELECT item.marketplace_order_id
      FROM account_move_line item
      JOIN marketplace_order ON marketplace_order.id = item.marketplace_order_id
      JOIN marketplace_channel channel ON channel.id = marketplace_order.channel_id
     WHERE item.marketplace_order_id IS NOT NULL
       AND item.account_id = channel.clearing_account_id
       AND item.parent_state = 'posted'
       AND item.reconciled IS NOT TRUE
       AND marketplace_order.is_clearing_undone IS NOT TRUE
     GROUP BY item.marketplace_order_id
    HAVING MIN(item.amount_residual) < 0 AND MAX(item.amount_residual) > 0
       AND MAX(item.create_date) > (NOW() AT TIME ZONE 'UTC') - INTERVAL '2 days'
"""


class MarketplaceSettlement(models.Model):
    """What two transactions made at the same moment, and neither could see."""

    _inherit = "marketplace.settlement"

    @api.model
    def _cron_process(self, *args, **kwargs):
        """Override of `marketplace.queue.mixin`: look again for who belongs together."""
        result = super()._cron_process(*args, **kwargs)
        try:
            self._match_again()
        except CONCURRENCY_ERRORS:
            # Another worker is at it; the next run finds what is left.
            self.env.cr.rollback()
            _logger.info("Matching again waits for the next run")
        return result

    @api.model
    def _match_again(self):
        """Match what is booked already: lines with orders, orders with payouts, the bank.

        An order or a bank transaction that came while its payout was being posted was in
        neither transaction's snapshot. Nothing to do is the usual case: four queries.
        """
        self = self.sudo()
        self.env.flush_all()
        lines = self.env["marketplace.settlement.line"]
        for query in (LOOSE_LINES, LOOSE_PAYMENTS):
            self.env.cr.execute(query, {"states": list(SETTLED_STATES)})
            lines |= lines.browse([row[0] for row in self.env.cr.fetchall()])
        lines._match_to_orders()
        self.env.flush_all()
        self.env.cr.execute(HALF_MATCHED)
        half_matched = self.env["marketplace.order"].browse(
            [row[0] for row in self.env.cr.fetchall()]
        )
        if orders := lines.order_id | half_matched:
            orders._reconcile_clearing()
        channels = self.env["marketplace.channel"].search(
            [("payout_journal_id", "!=", False)]
        )
        not_undone = [
            ("move_id.marketplace_settlement_id.is_deposit_undone", "=", False)
        ]
        if payouts := self._get_open_payouts(channels, not_undone):
            self._match_payouts(payouts)
