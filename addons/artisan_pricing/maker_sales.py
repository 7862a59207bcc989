"""What a maker's lines on orders bring, as the maker reads it in the portal."""

from collections import defaultdict
from decimal import Decimal

from odoo import fields
from odoo.fields import Domain

from .decimals import to_decimal
from .engine.money import ZERO
from .engine.statement import COMMISSION


class MakerSales:
    """Figures of a maker's lines, looked up once for all of them.

    :param lines: ``sale.order.line`` as superuser, of products of the maker
    :param maker: ``res.partner``; what was sold while a product was another's is left out
    """

    def __init__(self, lines, maker):
        self.env = lines.env
        self._lines = lines
        self._maker = maker
        self._sold = {
            line: sold
            for by_line in lines.order_id._get_sold_lines().values()
            for line, sold in by_line.items()
        }
        self._entries = self._get_entries()

    def get_rows(self):
        """What each line brings.

        Nothing in it says who bought, but for ``customer``: whoever shows that asks first
        whether the maker may see it.

        :return: [dict]: amounts (Decimal) without tax in ``currency``; ``booked`` and
            ``commission`` are None as long as nothing of the line is invoiced
        """
        return [self._get_row(line) for line in self._lines if self._is_theirs(line)]

    def _is_theirs(self, line):
        entries = self._entries.get(line, ())
        return line in self._sold and all(
            entry.maker_id == self._maker for entry in entries
        )

    def _get_row(self, line):
        sold = self._sold[line]
        booked = self._get_booked(line)
        return {
            "order": line.order_id.name,
            "date": fields.Datetime.context_timestamp(line, line.order_id.date_order),
            "product": line.product_id.display_name,
            "quantity": line.product_uom_qty,
            "unit": line.product_uom_id.name,
            "currency": line.currency_id,
            "price": sold.gross,
            "discount": sold.by_maker,
            "net": sold.gross - sold.by_maker,
            "commission": booked and booked[COMMISSION],
            "booked": booked and sum(booked.values(), ZERO),
            "customer": line.order_id.partner_id.commercial_partner_id.name,
        }

    def _get_entries(self):
        """{line: what was booked when it was invoiced or refunded}

        A refund is of the line whose figures it takes back, also where its credit note does
        not lead to the order.
        """
        ids = self._lines.ids
        entries = self.env["artisan.payout.entry"].search(
            Domain("move_line_id.sale_line_ids", "in", ids)
            | Domain("origin_line_id.sale_line_ids", "in", ids)
            | Domain("move_line_id.is_bundle_correction", "=", True)
            & Domain("move_line_id.refunded_line_id.sale_line_ids", "in", ids)
        )
        found = defaultdict(list)
        for entry in entries:
            line = entry.move_line_id
            if line.is_bundle_correction:
                line = line.refunded_line_id
            for sale_line in (entry.origin_line_id or line).sale_line_ids & self._lines:
                found[sale_line].append(entry)
        return found

    def _get_booked(self, line):
        """Sums by kind (Decimal), None while nothing is booked."""
        if line not in self._entries:
            return None
        kinds = defaultdict(Decimal)
        for entry in self._entries[line]:
            kinds[entry.kind] += to_decimal(entry.amount)
        return kinds


def get_totals(rows):
    """The sums of rows by currency.

    :return: {currency: {"price", "discount", "net", "booked"}}
    """
    totals = {}
    for row in rows:
        sums = totals.setdefault(
            row["currency"],
            dict.fromkeys(("price", "discount", "net", "booked"), ZERO),
        )
        for name in sums:
            sums[name] += row[name] or ZERO
    return totals
