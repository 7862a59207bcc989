"""What a credit note takes back of lines that were booked.

A credit note may name its invoice, or lead to the order that was invoiced. Its lines take back
the line that they were made of; others are matched with the invoice's by order line or product.
How much of a line comes back is measured
in units where the unit costs what it did, or else in the amount: ten euro off a piece of forty
take back a quarter of its figures.
"""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from odoo.fields import Domain

from .decimals import to_decimal
from .engine import statement as engine
from .engine.commission_json import from_json
from .engine.earning import Borne, Earning, SoldLine
from .engine.money import ZERO, PricingError, round_to

#: What sells goods to customers, or takes them back.
CUSTOMER_TYPES = ("out_invoice", "out_receipt", "out_refund")
#: Parts of a line that are smaller than this come from rounding.
TOLERANCE = Fraction(1, 1_000_000)
ONE = Fraction(1)


class Origin:
    """An invoice line that was booked.

    :ivar line: ``account.move.line``
    :ivar earning: what it brought
    :ivar labels: (kind, code) -> (name, rate) as they were then
    :ivar beside: of that, what the invoice charged beside its order (Earning); none: nothing
    :ivar scheme: the engine's scheme that commission was taken by; none: it is not known
    :ivar done: the part of it that came back until now, from 0 to 1 (Fraction)
    :ivar returned: what came back until now: Earning with negative figures
    """

    def __init__(self, line, entries, refunds):
        self.line = line
        self.maker = entries.maker_id
        self.done = min(refunds._get_part(), ONE)
        self._times = len(refunds.filtered(lambda each: each.kind == engine.REFUND))
        self.quantity = to_decimal(line.quantity)
        self.amount = to_decimal(line.price_subtotal)
        self.labels = {
            (entry.kind, entry.code or ""): (entry.name, entry.rate)
            for entry in entries
            if entry.kind in (engine.DISCOUNT, engine.COMMISSION)
        }
        self.earning = self._to_earning(entries)
        self.returned = self._to_earning(refunds)
        basis = next((entry.basis for entry in entries if entry.basis), {})
        self.beside = self._to_beside(basis.get("beside"))
        self.scheme = from_json(basis["scheme"]) if "scheme" in basis else None

    def _to_earning(self, entries):
        by_kind = entries.grouped("kind")
        gross = sum(
            to_decimal(entry.amount)
            for kind in (engine.SALE, engine.REFUND)
            for entry in by_kind.get(kind, ())
        )
        discounts = tuple(
            Borne(
                entry.code or "",
                -to_decimal(entry.amount),
                -to_decimal(entry.platform_amount),
            )
            for entry in by_kind.get(engine.DISCOUNT, ())
        )
        off = sum((each.by_maker + each.by_platform for each in discounts), ZERO)
        return Earning(
            SoldLine(
                str(self.line.id), str(self.maker.id), gross - off, discounts, False
            ),
            tuple(
                (entry.code or "", -to_decimal(entry.amount))
                for entry in by_kind.get(engine.COMMISSION, ())
            ),
        )

    def _to_beside(self, values):
        if not values:
            return None
        commission = values["commission"].items()
        return Earning(
            replace(self.earning.line, net=Decimal(values["amount"]), discounts=()),
            tuple((code, Decimal(amount)) for code, amount in commission),
        )

    def get_beside_left(self, step):
        """What the invoice charged beside its order, less what came back of it (Earning)."""
        nothing = Earning(replace(self.beside.line, net=ZERO))
        return self.beside.plus(self.beside.refund_up_to(self.done, nothing, step))

    def get_part(self, quantity, amount, step):
        """Which part of it a quantity at an amount is (Fraction)."""
        if not self.quantity:
            return ONE
        part = Fraction(quantity) / Fraction(self.quantity)
        whole, amount = Fraction(self.amount), Fraction(amount)
        if self.done + part > ONE - TOLERANCE:
            # The last one settles the cents by which those before it were rounded.
            step *= self._times + 1
        if not whole or abs(whole * part - amount) <= step:
            return part
        return amount / whole

    def take(self, after, step):
        """What comes back when ``after`` (Fraction) of it has come back (Earning)."""
        earning = self.earning.refund_up_to(after, self.returned, step)
        self.returned = self.returned.plus(earning)
        self.done = after
        self._times += 1
        return earning


class Refunds:
    """Takes back what lines of credit notes are for, one after the other.

    :param lines: ``account.move.line`` of makers' products, on invoices or credit notes
    """

    def __init__(self, lines):
        self._env = lines.env
        self._origins = {}  # move -> [Origin]
        self._of_sale_line = defaultdict(list)
        self._taken = {}  # line, refunded line -> (part taken back, quantity sold)
        refunds = lines.filtered(lambda line: line.move_id.move_type == "out_refund")
        if refunds:
            self._load(refunds)

    def get_origin(self, line):
        """The :class:`Origin` of an invoice line that credit notes take back; or None."""
        origins = self._origins.get(line.move_id, ())
        return next((each for each in origins if each.line == line), None)

    def has_origin(self, line):
        """Whether something was booked of the order that a credit note leads to."""
        return bool(self._of_sale_line.get(line.sale_line_ids[:1]))

    def take_back(self, line):
        """
        :param line: of a credit note that names its invoice, or leads to an order
        :return: ([(refunded line, Earning with negative figures, labels)], what is more than
            was sold)
        :raise PricingError: an invoice that is not booked
        """
        origins = self._get_origins(line)
        step = to_decimal(line.currency_id.rounding)
        quantity, amount = to_decimal(line.quantity), to_decimal(line.price_subtotal)
        rest, back = ONE, []  # of the credit note's line
        for origin in origins:
            part = origin.get_part(quantity, amount, step) * rest
            if part <= 0 or origin.done >= ONE:
                continue
            after = origin.done + part
            if after > ONE - TOLERANCE:
                rest *= max(after - ONE, Fraction(0)) / part
                after = ONE
            else:
                rest = ZERO
            self._taken[line, origin.line] = after - origin.done, origin.quantity
            back.append((origin.line, origin.take(after, step), origin.labels))
            if rest <= TOLERANCE:
                return back, ZERO
        return back, round_to(Fraction(amount) * rest, step)

    def get_taken(self, line, origin):
        """Values of an entry: how much of a line is sold, or taken back of one."""
        if (line, origin) not in self._taken:
            return {"quantity": line.quantity}
        part, whole = self._taken[line, origin]
        return {"quantity": float(part * Fraction(whole)), "part": str(part)}

    def get_note(self, line, amount):
        """What a person should know about an amount beyond what was sold."""
        return self._env._(
            "%(product)s: %(amount)s more is credited than was sold. Makers are charged for "
            "what was sold, the rest is the platform's.",
            product=line.product_id.display_name,
            amount=line.currency_id.format(float(amount)),
        )

    def get_maker(self, line):
        """Whose product a line takes back."""
        move, sale_line = line.move_id.reversed_entry_id, line.sale_line_ids[:1]
        origins = self._origins.get(move) or self._of_sale_line.get(sale_line, ())
        makers = [
            each.maker for each in origins if each.line.product_id == line.product_id
        ]
        return makers[0] if makers else line.product_id.product_tmpl_id.maker_id

    # Helpers

    def _load(self, refunds):
        """Look up what was booked, and what of it came back before."""
        Entry = self._env["artisan.payout.entry"]
        sources = refunds.move_id.reversed_entry_id
        sale_lines = refunds.filtered(
            lambda line: not line.move_id.reversed_entry_id
        ).sale_line_ids
        booked = Domain("source_move_id", "in", sources.ids)
        if sale_lines:
            booked |= Domain("move_line_id.sale_line_ids", "in", sale_lines.ids)
        live = Entry._live_domain()
        entries = Entry.search(live & Entry._booked_domain() & booked)
        came_back = Domain("origin_line_id", "in", entries.move_line_id.ids)
        refunds = Entry.search(live & came_back).grouped("origin_line_id")
        for line, booked in entries.grouped("move_line_id").items():
            origin = Origin(line, booked, refunds.get(line, Entry))
            self._origins.setdefault(line.move_id, []).append(origin)
            for sale_line in line.sale_line_ids:
                self._of_sale_line[sale_line].append(origin)

    def _get_origins(self, line):
        """What a line may take back, the likeliest first."""
        move, taken_back = line.move_id, line._get_taken_back()
        if not move.reversed_entry_id:
            origins = self._of_sale_line[line.sale_line_ids[:1]]
            if not origins:
                self._refuse(move, line.sale_line_ids.order_id)
            return sorted(
                origins,
                key=lambda origin: (origin.line != taken_back, -origin.line.id),
            )
        if move.reversed_entry_id not in self._origins:
            self._refuse(move, move.reversed_entry_id)

        def rank(origin):
            same_line = line.sale_line_ids & origin.line.sale_line_ids
            is_same = (origin.line.quantity, origin.line.price_subtotal) == (
                line.quantity,
                line.price_subtotal,
            )
            return (
                origin.line != taken_back,
                not same_line,
                not is_same,
                origin.done,
                origin.line.id,
            )

        return sorted(
            (
                origin
                for origin in self._origins[move.reversed_entry_id]
                if origin.line.sale_line_ids & line.sale_line_ids
                or origin.line.product_id == line.product_id
            ),
            key=rank,
        )

    def _refuse(self, move, source):
        raise PricingError(
            move.name,
            ", ".join(source.mapped("name")),
            self._env._("no invoice that it takes back is booked: book it first"),
        )
