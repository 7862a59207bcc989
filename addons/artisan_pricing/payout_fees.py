"""Fixed fees of an order: however it is invoiced, and whatever is added to it in between, they
are taken once."""

from collections import defaultdict
from dataclasses import replace

from odoo.fields import Domain

from .decimals import to_decimal
from .engine import statement as engine
from .engine.commission import FIXED, ORDER
from .engine.money import ZERO

ONE = to_decimal(1)


class OrderFees:
    """What was taken of the fees of some orders.

    :param orders: ``sale.order`` whose invoices are booked
    """

    def __init__(self, orders):
        self._orders = orders
        self._known = None

    def cap(self, order, earning, scheme, step):
        """What a line brings (Earning), its fees lessened to what the order still owes.

        :param scheme: the engine's
        """
        fees = {
            part.code: part.amount(ONE, step)
            for part in scheme.parts
            if part.kind == FIXED and part.unit == ORDER
        }
        if not fees:
            return earning
        commission = []
        taken = self._get_taken()
        for code, amount in earning.commission:
            if code in fees:
                key = order, earning.line.maker, code
                amount = min(amount, max(fees[code] - taken[key], ZERO))
                taken[key] += amount
            commission.append((code, amount))
        return replace(earning, commission=tuple(commission))

    def _get_taken(self):
        """(order, id of the maker, code) -> what is booked by now, less what went back."""
        if self._known is None:
            self._known = defaultdict(lambda: ZERO)
            Entry = self._orders.env["artisan.payout.entry"]
            orders = self._orders.ids
            entries = Entry.search(
                Entry._live_domain()
                & Domain("kind", "=", engine.COMMISSION)
                & (
                    Domain("move_line_id.sale_line_ids.order_id", "in", orders)
                    | Domain("origin_line_id.sale_line_ids.order_id", "in", orders)
                )
            )
            for entry in entries:
                line = entry.origin_line_id or entry.move_line_id
                key = (
                    line.sale_line_ids.order_id[:1],
                    str(entry.maker_id.id),
                    entry.code,
                )
                self._known[key] -= to_decimal(entry.amount)
        return self._known
