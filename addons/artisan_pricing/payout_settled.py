"""What invoices of an order brought its makers until now: the next one settles what was rounded
or charged beside the order on the way.

An order line that is invoiced in parts brings what one invoice of all of them would, in
whatever order they are confirmed, reset, confirmed anew and credited: each brings its part,
and the cents by which the others miss theirs. A scheme or an order that was changed in between
is no cent, however little it was changed: then each brings its part of what is agreed on that
day.
"""

from collections import defaultdict

from odoo.fields import Domain

from .decimals import to_decimal
from .engine.money import ZERO
from .payout_refund import Origin

ONE = to_decimal(1)


class Settled:
    """The live entries of some orders, in Earnings.

    :param orders: ``sale.order`` whose invoices are booked
    :param kept: lines of invoices (``account.move.line``): parts of bundles that are kept
    """

    def __init__(self, orders, kept):
        self._orders = orders
        self._kept_lines = kept
        self._env = orders.env
        # order line -> [(Earning without what was charged beside it, scheme)]
        self._sums = {}
        self._beside = defaultdict(
            list
        )  # order, maker -> [(order line, Earning, scheme)]
        self._kept = None  # part of a bundle that is kept -> Earning of charges for it
        self._is_loaded = False

    def settle(self, sale_line, part, scheme, whole, after, step):
        """
        :param part: Earning of the part of an order line that is booked
        :param scheme: the engine's, of the part
        :param whole: Earning of all of the order line
        :param after: which part of it is sold then, less what came back (from 0 to 1)
        :return: Earning: the part, with the cents that were missing until now
        """
        self._load(step)
        known = self._sums.get(sale_line)
        if not known:
            return part
        booked = known[0][0]
        for other, _scheme in known[1:]:
            booked = booked.plus(other)
        wanted = whole.part(ZERO, after, ONE, step)
        return part.settled(
            wanted,
            booked,
            step * (len(known) + 1),
            same_scheme=all(other in (None, scheme) for _earning, other in known),
        )

    def add(self, sale_line, part, scheme):
        """Count what this run books of an order line."""
        self._sums.setdefault(sale_line, []).append((part, scheme))

    def get_beside(self, order, maker, step):
        """
        :return: [(order line, Earning, the engine's scheme or None)] of what invoices charged
            beside the order, less what came back
        """
        self._load(step)
        return self._beside[order, maker]

    def add_beside(self, order, sale_line, earning, scheme):
        self._beside[order, earning.line.maker].append((sale_line, earning, scheme))

    def get_kept(self, line):
        """What was charged for a part of a bundle that is kept, less what went back (Earning).

        :param line: of the invoice that sold the bundle
        """
        if self._kept is None:
            self._kept = self._load_kept()
        return self._kept[line]

    def add_kept(self, line, earning):
        self._kept[line] = self.get_kept(line).plus(earning)

    # Entries

    def _load(self, step):
        """Look up what is booked of the orders."""
        if self._is_loaded:
            return
        self._is_loaded = True
        Entry = self._env["artisan.payout.entry"]
        lines = self._orders.order_line.ids
        entries = Entry.search(
            Entry._live_domain()
            & (
                Domain("move_line_id.sale_line_ids", "in", lines)
                | Domain("origin_line_id.sale_line_ids", "in", lines)
            )
        )
        by_line = entries.grouped(
            lambda entry: entry.origin_line_id or entry.move_line_id
        )
        for line, each in by_line.items():
            refunds = each.filtered("origin_line_id")
            self._add_origin(Origin(line, each - refunds, refunds), refunds, step)

    def _add_origin(self, origin, refunds, step):
        """Count a line of an invoice; without entries of its own, as it is booked anew, what
        came back of it."""
        sale_line = origin.line.sale_line_ids[:1]
        sums = self._sums.setdefault(sale_line, [])
        scheme = (
            origin.scheme
        )  # none: booked before schemes were kept, or booked anew now
        sums.append((origin.earning, scheme))
        if refunds:
            sums.append((origin.returned, scheme))
        if origin.beside:
            left = origin.get_beside_left(step)
            sums.append((left.negated(), scheme))
            if any((left.line.net, *dict(left.commission).values())):
                self.add_beside(sale_line.order_id, sale_line, left, origin.scheme)

    def _load_kept(self):
        Entry = self._env["artisan.payout.entry"]
        entries = Entry.search(
            Entry._live_domain()
            & Domain("move_line_id.is_bundle_correction", "=", True)
            & Domain("move_line_id.refunded_line_id", "in", self._kept_lines.ids)
        ).grouped(lambda entry: entry.move_line_id.refunded_line_id)
        return {
            line: Origin(line, entries.get(line, Entry), Entry).earning
            for line in self._kept_lines
        }
